import { html, render } from 'lit';
import { View, type ViewHost } from '../view.js';

export interface ClientState {
  /** A scenario or a reader may have several; writes by hand come from this one. */
  client: string;
}

/** A write as a client makes it: the cluster finds the leader. */
export class ClientView extends View {
  #written = 0;

  constructor(host: ViewHost) {
    super(host);
    this.root.addEventListener('submit', (event) => {
      event.preventDefault();
      this.write();
    });
  }

  update({ client }: ClientState): void {
    const { t, id } = this;
    this.root.dataset.client = client;
    render(
      html`
        <form class="write" aria-label=${t.writeLabel}>
          <span class="about"><b>${t.client}</b></span>
          <label><span class="visually-hidden">${t.key}</span><input id="${id}-key" name="key" value="x" maxlength="24" autocomplete="off" spellcheck="false" required /></label>
          <span aria-hidden="true">=</span>
          <label><span class="visually-hidden">${t.value}</span><input id="${id}-value" name="value" value="1" maxlength="24" autocomplete="off" spellcheck="false" /></label>
          <button type="submit" data-act="write">${t.write} <kbd>W</kbd></button>
        </form>
      `,
      this.root,
    );
  }

  /** Writes what the form says, then counts its value up so that the next write is a new one. */
  write(): void {
    const field = (name: string) => this.root.querySelector<HTMLInputElement>(`input[name="${name}"]`);
    const key = field('key')?.value.trim() || 'x';
    const input = field('value');
    const value = input?.value ?? String(this.#written + 1);
    this.#written++;
    this.emit('act', { type: 'clientWrite', client: this.root.dataset.client ?? 'reader', key, value });
    const next = Number(value);
    if (input && value.trim() !== '' && Number.isSafeInteger(next)) input.value = String(next + 1);
  }
}
