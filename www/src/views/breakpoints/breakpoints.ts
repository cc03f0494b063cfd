import { html, nothing, render, type TemplateResult } from 'lit';
import { repeat } from 'lit/directives/repeat.js';
import { adopt } from '../sheet.js';
import { View, type ViewHost } from '../view.js';
import css from './breakpoints.css?inline';
import { form, formFocus, readForm } from './form.js';
import type { Hit, ListedBreakpoint } from './when.js';

export interface BreakpointsState {
  breakpoints: readonly ListedBreakpoint[];
  latest: Hit | null;
  servers: number;
}

/** Where a playing run is to stop: a form, and the list of what there is. */
export class BreakpointsView extends View {
  #state: BreakpointsState | null = null;
  #empty = false;

  constructor(host: ViewHost) {
    super(host);
    adopt(this.root, css);
  }

  update(state: BreakpointsState): void {
    this.#state = state;
    const { breakpoints } = state;
    const words = this.t.breakpoints;
    render(
      html`
        <form class="breakpoint-form" aria-label=${words.formLabel} @submit=${(event: SubmitEvent) => this.#add(event)} @change=${() => this.#changed()}>
          ${form(state.servers, this.t, formFocus(this.root))}
          ${this.#empty ? html`<p class="problem" role="alert">${words.needsOne}</p>` : nothing}
        </form>
        <div class="breakpoint-bar">
          <button type="button" class="small" data-do="run-to-next" title=${words.runToNextHint} ?disabled=${!breakpoints.some(({ enabled }) => enabled)}
            @click=${() => this.emit('runToNext', null)}>${words.runToNext} <kbd>N</kbd></button>
          <button type="button" class="small" data-do="clear-hits" ?disabled=${!breakpoints.some(({ hits }) => hits > 0)} @click=${() => this.emit('breakpoint', { do: 'clearHits' })}>${words.clearHits}</button>
        </div>
        ${breakpoints.length === 0 ? html`<p class="quiet">${words.none}</p>` : nothing}
        <ul class="rows" aria-label=${words.listLabel}>
          ${repeat(
            breakpoints,
            ({ id }) => id,
            (breakpoint) => this.#row(breakpoint),
          )}
        </ul>
      `,
      this.root,
    );
  }

  #row({ id, when, enabled, hits, here }: ListedBreakpoint): TemplateResult {
    const words = this.t.breakpoints;
    const event = here ? this.#state?.latest?.event : null;
    return html`
      <li class="row breakpoint ${here ? 'chosen here' : ''} ${enabled ? '' : 'off'}" data-breakpoint=${id} aria-current=${here ? 'true' : nothing}>
        <label class="check">
          <input type="checkbox" .checked=${enabled} aria-label="${words.number(id)}: ${words.when(when)}"
            @change=${(changed: Event) => this.emit('breakpoint', { do: 'enable', id, on: (changed.target as HTMLInputElement).checked })} />
          <span class="number" aria-hidden="true">${id}</span>
          <span class="what">${words.when(when)}</span>
        </label>
        <span class="hits ${hits > 0 ? 'some' : ''}">${words.hits(hits)}</span>
        <span class="buttons">
          <button type="button" class="small" data-do="run-to" title=${words.runToHint(id)} aria-label=${words.runToHint(id)} @click=${() => this.emit('runToNext', id)}>${words.runTo}</button>
          <button type="button" class="small" data-do="remove" title=${words.remove(id)} aria-label=${words.remove(id)} @click=${() => this.#remove(id)}>✕</button>
        </span>
        ${
          here
            ? html`<p class="stopped">● ${words.here}${event ? html`: ${this.t.happened(event)} <button type="button" class="small" data-do="why" @click=${() => this.emit('explain', event.id)}>${words.why}</button>` : nothing}</p>`
            : nothing
        }
      </li>
    `;
  }

  #add(event: SubmitEvent): void {
    event.preventDefault();
    const when = readForm(event.target as HTMLFormElement);
    this.#empty = Object.keys(when).every((key) => key === 'skip');
    if (this.#empty) this.#redraw();
    else this.emit('breakpoint', { do: 'add', when });
  }

  /** Which fields there are depends on what others say. */
  #changed(): void {
    this.#empty = false;
    this.#redraw();
  }

  #redraw(): void {
    if (this.#state) this.update(this.#state);
  }

  /** The focus goes on to the next line, or back to the form. */
  #remove(id: number): void {
    const rows = [...this.root.querySelectorAll<HTMLElement>('[data-breakpoint]')];
    const at = rows.findIndex((row) => row.dataset.breakpoint === String(id));
    const neighbour = rows[at + 1] ?? rows[at - 1];
    this.emit('breakpoint', { do: 'remove', id });
    const next = neighbour?.querySelector<HTMLElement>('[data-do="remove"]');
    (next ?? this.root.querySelector<HTMLElement>('[name="kind"]'))?.focus();
  }
}
