import { html, nothing, render, type TemplateResult } from 'lit';
import type { Action, EventView, Frame, Marker, Selection } from '../../model.js';
import { adopt } from '../sheet.js';
import { View, type ViewHost } from '../view.js';
import css from './explain.css?inline';
import { type Finding, findings, remedies, type Scene, since, stops } from './stalls.js';

/** Longer chains begin here, until the reader asks for all of it. */
const MAX_CAUSES = 12;

export interface ExplainState {
  scene: Scene;
  markers: readonly Marker[];
  /** Chain of causes of what is being explained, first cause first. */
  chain: readonly EventView[] | null;
  /** What was asked about, if it was no event. */
  subject: Selection | null;
}

/** Why something is as it is: the chain of its causes; and why nothing happens, if so. */
export class ExplainView extends View {
  /** The chain that is shown from its first cause on. */
  #whole: number | null = null;
  #state: ExplainState | undefined;

  constructor(host: ViewHost) {
    super(host);
    adopt(this.root, css);
  }

  update(state: ExplainState): void {
    this.#state = state;
    const { scene, chain, subject } = state;
    render(
      html`
        ${chain ? this.#chain(chain, scene.frame) : nothing}
        ${!chain && subject?.kind === 'server' ? html`<p class="quiet">${this.t.sinceStart(subject.id)}</p>` : nothing}
        ${this.#stalls(state)}
        ${chain ? nothing : html`<p class="quiet">${this.t.whyHow}</p>`}
      `,
      this.root,
    );
  }

  // ---------------------------------------------------------------- causes

  #chain(chain: readonly EventView[], frame: Frame): TemplateResult {
    const { t } = this;
    const id = chain.at(-1)?.id ?? null;
    const whole = this.#whole === id || chain.length <= MAX_CAUSES + 1;
    const shown = whole ? chain : chain.slice(-MAX_CAUSES);
    const now = chain.findLastIndex(({ step }) => step <= frame.header.step);
    return html`
      <section class="chain" aria-label=${t.whyTitle}>
        <header><h3>${t.whyTitle}</h3><button type="button" class="small" @click=${() => this.emit('explain', null)}>${t.close}</button></header>
        ${
          whole
            ? nothing
            : html`<button type="button" class="small" data-do="earlier" @click=${() => this.#showWhole(id)}>${t.earlierCauses(chain.length - shown.length)}</button>`
        }
        <ol start=${chain.length - shown.length + 1}>
          ${shown.map((event) => this.#cause(event, event === chain[now], event.id === id))}
        </ol>
        <p class="quiet">${t.whyHint}</p>
      </section>
    `;
  }

  #cause(event: EventView, here: boolean, last: boolean): TemplateResult {
    const { t } = this;
    return html`<li class="event cause ${event.level} ${last ? 'asked' : ''}">
      <button type="button" class="plain" data-event=${event.id} aria-current=${here ? 'step' : nothing} @click=${() => this.emit('seekStep', event.step)}>
        <span class="when">${t.ms(event.timeMs)}</span>
        <span class="what">${t.happened(event)}</span>
        ${event.section ? html`<span class="section">${t.section(event.section)}</span>` : nothing}
        ${here ? html`<span class="here">${t.youAreHere}</span>` : nothing}
      </button>
    </li>`;
  }

  #showWhole(id: number | null): void {
    this.#whole = id;
    if (this.#state) this.update(this.#state);
    // The button is gone; the first of the causes that it has brought takes the focus.
    this.root.querySelector<HTMLElement>('.cause button')?.focus();
  }

  // ---------------------------------------------------------------- stalls

  #stalls({ scene, markers }: ExplainState): TemplateResult {
    const { t } = this;
    const found = findings(scene);
    const stuck = found.some(stops);
    return html`
      <section class="stalls" aria-label=${t.stallTitle}>
        <h3>${t.stallTitle}</h3>
        ${stuck ? nothing : html`<p class="quiet">${t.nothingStuck}</p>`}
        <ul class="rows">
          ${found.map((finding) => this.#finding(finding, scene, markers))}
        </ul>
      </section>
    `;
  }

  #finding(finding: Finding, { frame }: Scene, markers: readonly Marker[]): TemplateResult {
    const { t } = this;
    const step = since(finding, markers, frame.header.step);
    const grave = stops(finding);
    const sentence = html`<span class="sign" aria-hidden="true">${grave ? '■' : '›'}</span>
      <span class="visually-hidden">${grave ? t.stopsAll : ''}</span>
      <span>${t.finding(finding)}</span>`;
    return html`<li class="row finding ${grave ? 'grave' : ''}" data-finding=${finding.kind}>
      ${
        step === null
          ? html`<p>${sentence}</p>`
          : html`<button type="button" class="plain" title=${t.sinceStep(step)} @click=${() => this.emit('seekStep', step)}>${sentence} <span class="quiet since">${t.sinceStep(step)}</span></button>`
      }
      <span class="buttons">
        ${remedies(finding, frame).map((action) => html`<button type="button" class="small" data-act=${action.type} @click=${() => this.emit('act', action)}>${this.#remedy(action)}</button>`)}
      </span>
    </li>`;
  }

  #remedy(action: Action): string {
    const { t } = this;
    switch (action.type) {
      case 'restart':
        return `${t.restart} S${action.server}`;
      case 'resume':
        return `${t.resume} S${action.server}`;
      case 'deliver':
        return t.deliver;
      default:
        return t.heal;
    }
  }
}
