import { html, nothing, render, svg, type TemplateResult } from 'lit';
import type { BranchView, Marker } from '../../model.js';
import { icon } from '../icons.js';
import { View } from '../view.js';
import { SLIDER_MAX, sliderAt, speedAt } from './speed.js';
import { termSpans } from './terms.js';

export interface TransportState {
  playing: boolean;
  speed: number;
  hurrying: boolean;
  timeMs: number;
  endTimeMs: number;
  step: number;
  headStep: number;
  markers: readonly Marker[];
  branches: readonly BranchView[];
  /** Only play, step and the scrubber. */
  compact: boolean;
}

/** The painted track is drawn in these units, whatever its size on the screen. */
const TRACK = 1_000;
/** Markers drawn on the track; commits and plain actions are the first to go. */
const MAX_MARKERS = 160;

/** Play, step, speed, and the scrubber, on which terms are painted and elections, faults and violations marked. */
export class TransportView extends View {
  update(state: TransportState): void {
    const { t } = this;
    const { playing, step, headStep } = state;
    const playLabel = playing ? t.pause : t.play;
    const branch = state.branches.find(({ current }) => current);
    render(
      html`
        ${this.#scrubber(state)}
        <div class="bar">
          <div class="group" role="group" aria-label=${t.transportLabel}>
            <button type="button" class="icon-button" data-do="start" title=${t.toStart} aria-label=${t.toStart} ?disabled=${step === 0} @click=${() => this.emit('seekStep', 0)}>${icon('start')}</button>
            <button type="button" class="icon-button" data-do="back" title=${t.stepBack} aria-label=${t.stepBack} ?disabled=${step === 0} @click=${() => this.emit('step', -1)}>${icon('back')}</button>
            <button type="button" class="icon-button primary" data-do="play" title=${playLabel} aria-label=${playLabel} @click=${() => this.emit('togglePlay')}>${icon(playing ? 'pause' : 'play')}</button>
            <button type="button" class="icon-button" data-do="step" title=${t.stepForward} aria-label=${t.stepForward} @click=${() => this.emit('step', 1)}>${icon('forward')}</button>
            <button type="button" class="icon-button" data-do="end" title=${t.toEnd} aria-label=${t.toEnd} ?disabled=${step === headStep} @click=${() => this.emit('seekStep', headStep)}>${icon('end')}</button>
          </div>
          <output class="clock"><b>${t.ms(state.timeMs)}</b> <span class="quiet">${t.stepOf(step, headStep)}</span></output>
          <label class="speed">
            <span class="quiet">${t.speed}</span>
            <input type="range" min="0" max=${SLIDER_MAX} step="1" .value=${String(sliderAt(state.speed))} aria-label=${t.speed}
              aria-valuetext=${t.speedValue(state.speed)} @input=${(event: Event) => this.emit('speed', speedAt(value(event)))} />
            <span class="speed-value">${t.speedValue(state.speed)}${state.hurrying ? html`<span class="hurry" title=${t.hurryHint}> » ${t.hurry}</span>` : nothing}</span>
          </label>
          ${state.compact ? nothing : this.#branches(state.branches, branch)}
        </div>
      `,
      this.root,
    );
  }

  #scrubber({ timeMs, endTimeMs, markers }: TransportState): TemplateResult {
    const { t } = this;
    const end = Math.max(endTimeMs, timeMs, 1);
    const x = (time: number) => (Math.min(time, end) / end) * TRACK;
    const shown = markers.filter(({ kind }) => kind !== 'commit' && kind !== 'action').slice(-MAX_MARKERS);
    return html`
      <div class="scrubber">
        <svg class="track" viewBox="0 0 ${TRACK} 30" preserveAspectRatio="none" aria-hidden="true">
          ${termSpans(markers, end).map(
            ({ term, fromMs, toMs }) =>
              svg`<rect class="span term-${term % 8}" x=${x(fromMs)} y="12" width=${Math.max(0, x(toMs) - x(fromMs))} height="10"></rect>`,
          )}
          <rect class="played" x="0" y="22" width=${x(timeMs)} height="3"></rect>
          ${shown.map(({ kind, timeMs: at }) => svg`<line class="mark ${kind}" x1=${x(at)} x2=${x(at)} y1=${kind === 'violation' ? 2 : 6} y2="25"></line>`)}
        </svg>
        <input type="range" class="seek" min="0" max=${end} step="any" .value=${String(timeMs)} aria-label=${t.scrubber}
          aria-valuetext=${t.ms(timeMs)} @input=${(event: Event) => this.emit('seekTime', value(event))} />
        ${this.#termLabels(markers, end)}
      </div>
    `;
  }

  /** Numbers of the terms, as text beside their tint; in SVG so that no inline style is needed. */
  #termLabels(markers: readonly Marker[], end: number): TemplateResult {
    const spans = termSpans(markers, end).filter(({ fromMs, toMs }) => toMs - fromMs > end * 0.05);
    return html`
      <svg class="term-labels" aria-hidden="true">
        ${spans.map(({ term, fromMs }) => svg`<text x="${(fromMs / end) * 100}%" dx="4" y="10">${this.t.termShort(term)}</text>`)}
      </svg>
    `;
  }

  #branches(branches: readonly BranchView[], current: BranchView | undefined): TemplateResult {
    const { t } = this;
    return html`
      <div class="group branches">
        <button type="button" class="icon-text" data-do="fork" title=${t.forkHint} @click=${() => this.emit('fork')}>${icon('fork')} ${t.fork}</button>
        ${
          branches.length > 1
            ? html`<label class="branch"><span class="visually-hidden">${t.branch}</span>
                <select data-do="branch" .value=${String(current?.id ?? 0)} @change=${(event: Event) => this.emit('branch', value(event))}>
                  ${branches.map((branch) => html`<option value=${branch.id} ?selected=${branch.current}>${t.branchName(branch)}</option>`)}
                </select></label>`
            : nothing
        }
      </div>
    `;
  }
}

function value(event: Event): number {
  return Number((event.target as HTMLInputElement | HTMLSelectElement).value);
}
