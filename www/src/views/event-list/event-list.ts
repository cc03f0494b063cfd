import { html, nothing, render, type TemplateResult } from 'lit';
import { repeat } from 'lit/directives/repeat.js';
import type { EventView } from '../../model.js';
import { View, type ViewHost } from '../view.js';

/** Rows drawn at once; the run keeps all of them. */
const MAX_ROWS = 80;

export interface EventListState {
  /** The latest events, oldest first. */
  events: readonly EventView[];
  /** Chain of causes of the event that is being explained, first cause first. */
  chain: readonly EventView[] | null;
  step: number;
}

/** What happened and why, newest first; a click on an event shows the chain of its causes. */
export class EventListView extends View {
  #details = false;
  #state: EventListState = { events: [], chain: null, step: 0 };

  constructor(host: ViewHost) {
    super(host);
    this.root.addEventListener('change', (event) => {
      if (!(event.target instanceof HTMLInputElement) || event.target.name !== 'details') return;
      this.#details = event.target.checked;
      this.update(this.#state);
    });
  }

  update(state: EventListState): void {
    this.#state = state;
    const { t } = this;
    const shown = state.events
      .filter(({ level }) => this.#details || level !== 'detail')
      .slice(-MAX_ROWS)
      .reverse();
    render(
      html`
        ${state.chain ? this.#chain(state.chain) : nothing}
        <label class="check"><input type="checkbox" name="details" .checked=${this.#details} /> ${t.showDetails}</label>
        ${shown.length === 0 ? html`<p class="quiet">${t.noEvents}</p>` : nothing}
        <ol class="rows events" reversed aria-label=${t.eventsLabel}>
          ${repeat(
            shown,
            ({ id }) => id,
            (event) =>
              html`<li class="row event ${event.level}">${this.#event(event, () => this.emit('explain', event.id))}</li>`,
          )}
        </ol>
      `,
      this.root,
    );
  }

  #chain(chain: readonly EventView[]): TemplateResult {
    const { t } = this;
    return html`
      <section class="chain" aria-label=${t.whyTitle}>
        <header><h3>${t.whyTitle}</h3><button type="button" class="small" @click=${() => this.emit('explain', null)}>${t.close}</button></header>
        <ol>
          ${chain.map(
            (event) => html`<li class="event ${event.level}">
              ${this.#event(event, () => this.emit('seekStep', event.step))}
            </li>`,
          )}
        </ol>
        <p class="quiet">${t.whyHint}</p>
      </section>
    `;
  }

  #event(event: EventView, onClick: () => void): TemplateResult {
    return html`
      <button type="button" class="plain" data-event=${event.id} @click=${onClick}>
        <span class="when">${this.t.ms(event.timeMs)}</span>
        ${event.server === null || event.text.startsWith(`S${event.server} `) ? nothing : html`<span class="at">S${event.server}</span>`}
        <span class="what">${event.text}</span>
        ${event.section ? html`<span class="section">${this.t.section(event.section)}</span>` : nothing}
      </button>
    `;
  }
}
