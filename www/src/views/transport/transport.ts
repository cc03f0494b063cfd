import { html, nothing, render, svg, type TemplateResult } from 'lit';
import type { BranchView, Marker } from '../../model.js';
import { icon } from '../icons.js';
import { View } from '../view.js';
import { type MarkKind, markNear, markPlaces } from './marks.js';
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
/** The track leaves room for half of the handle on both sides. */
const TRACK_INSET = 8;
/** How near to a mark the pointer must be to mean it, as a part of the track. */
const NEAR = 0.006;
/** From where to where each kind of mark reaches, and its form. */
const MARKS: readonly [MarkKind, (x: number) => string][] = [
  ['commit', (x) => `M${x} 25v4`],
  ['fault', (x) => `M${x} 6v19`],
  ['election', (x) => `M${x} 9v13`],
  ['leader', (x) => `M${x} 5v17`],
  ['violation', (x) => `M${x} 1v24`],
];

/** Play, step, speed, and the scrubber, on which terms are painted and elections, commits, faults and violations marked. */
export class TransportView extends View {
  #state: TransportState | null = null;
  /** Which part of the track the pointer is at. */
  #pointed: number | null = null;
  #places: { key: string; of: readonly Marker[]; places: ReturnType<typeof markPlaces> } | null = null;

  update(state: TransportState): void {
    this.#state = state;
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
    const places = this.#markPlaces(markers, end);
    return html`
      <div class="scrubber">
        <svg class="track" viewBox="0 0 ${TRACK} 30" preserveAspectRatio="none" aria-hidden="true">
          ${termSpans(markers, end).map(
            ({ term, fromMs, toMs }) =>
              svg`<rect class="span term-${term % 8}" x=${x(fromMs)} y="12" width=${Math.max(0, x(toMs) - x(fromMs))} height="10"></rect>`,
          )}
          <rect class="played" x="0" y="22" width=${x(timeMs)} height="3"></rect>
          ${MARKS.map(([kind, draw]) => (places[kind].length > 0 ? svg`<path class="mark ${kind}" d=${places[kind].map(draw).join('')}></path>` : nothing))}
        </svg>
        <input type="range" class="seek" min="0" max=${end} step="any" .value=${String(timeMs)} aria-label=${t.scrubber}
          aria-valuetext=${t.ms(timeMs)} @input=${(event: Event) => this.emit('seekTime', value(event))}
          @pointermove=${(event: PointerEvent) => this.#point(event)} @pointerleave=${() => this.#point(null)} />
        ${this.#termLabels(markers, end)}
        ${this.#hint(markers, end)}
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

  /** What is marked where the pointer is. */
  #hint(markers: readonly Marker[], end: number): TemplateResult | typeof nothing {
    const mark = this.#pointed === null ? null : markNear(markers, this.#pointed * end, NEAR * end);
    if (!mark) return nothing;
    const at = mark.timeMs / end;
    const anchor = at < 0.25 ? 'start' : at > 0.75 ? 'end' : 'middle';
    return html`
      <svg class="mark-hint" aria-hidden="true">
        <text x="${at * 100}%" y="10" text-anchor=${anchor}>${this.t.markName(mark)} · ${this.t.ms(mark.timeMs)}</text>
      </svg>
    `;
  }

  #point(event: PointerEvent | null): void {
    const box = (event?.target as Element | undefined)?.getBoundingClientRect();
    this.#pointed = event && box ? (event.clientX - box.left - TRACK_INSET) / (box.width - 2 * TRACK_INSET) : null;
    if (this.#state) this.update(this.#state);
  }

  #markPlaces(markers: readonly Marker[], end: number): ReturnType<typeof markPlaces> {
    const key = String(end);
    if (this.#places?.of !== markers || this.#places.key !== key)
      this.#places = { key, of: markers, places: markPlaces(markers, end) };
    return this.#places.places;
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
