import { html, nothing, render, type TemplateResult } from 'lit';
import { repeat } from 'lit/directives/repeat.js';
import type { EventView } from '../../model.js';
import { View, type ViewHost } from '../view.js';

/** Rows drawn at once; the run keeps all of them. */
const MAX_ROWS = 80;

export interface EventListState {
  /** The latest events, oldest first. */
  events: readonly EventView[];
}

/** What happened and why, newest first; a click on an event asks why. */
export class EventListView extends View {
  #details = false;
  #state: EventListState = { events: [] };

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

  #event(event: EventView, onClick: () => void): TemplateResult {
    const said = this.t.happened(event);
    return html`
      <button type="button" class="plain" data-event=${event.id} @click=${onClick}>
        <span class="when">${this.t.ms(event.timeMs)}</span>
        ${event.server === null || said.startsWith(`S${event.server} `) ? nothing : html`<span class="at">S${event.server}</span>`}
        <span class="what">${said}</span>
        ${event.section ? html`<span class="section">${this.t.section(event.section)}</span>` : nothing}
      </button>
    `;
  }
}
