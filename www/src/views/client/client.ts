import { html, nothing, render, type TemplateResult } from 'lit';
import type { Action, Frame, OperationView } from '../../model.js';
import { View, type ViewHost } from '../view.js';

const OPERATIONS = ['put', 'get', 'append', 'cas', 'delete', 'sync', 'retry'] as const;
type Operation = (typeof OPERATIONS)[number];
const MODES = ['linearizable', 'lease', 'follower', 'session', 'local'] as const;
type Mode = (typeof MODES)[number];

/** Who asks unless another name is chosen, and names that are offered beside those of the scenario. */
const READER = 'reader';
const OFFERED = [READER, 'alice', 'bob', 'carol'];
const UNSET = '∅';

export interface ClientState {
  frame: Frame;
  /** Clients that the experiment names. */
  known: readonly string[];
  /** What was asked last by hand, with its answer if there is one; null after going back to before. */
  last: OperationView | null;
}

/** Everything a client can ask for, under any name. Unless a server is named, the cluster finds the leader. */
export class ClientView extends View {
  /** The operation that was asked for last. */
  sent: { client: string; operation: number } | null = null;
  #operation: Operation = 'put';
  #mode: Mode = 'linearizable';
  #client = READER;
  #server = 0;
  #state: ClientState | null = null;

  constructor(host: ViewHost) {
    super(host);
    this.root.addEventListener('submit', (event) => {
      event.preventDefault();
      this.write();
    });
  }

  update(state: ClientState): void {
    this.#state = state;
    const { t, id } = this;
    const words = t.form;
    const operation = this.#operation;
    const names = [...new Set([...OFFERED, ...state.known])];
    render(
      html`
        <form class="write" aria-label=${t.writeLabel}>
          <label title=${words.nameHint}><span class="visually-hidden">${words.name}</span>
            <input class="client-name" name="client" list="${id}-names" .value=${this.#client} maxlength="24" autocomplete="off" spellcheck="false" required @change=${this.#onName} /></label>
          <datalist id="${id}-names">${names.map((name) => html`<option value=${name}></option>`)}</datalist>
          ${this.#select('operation', words.operation, OPERATIONS, operation, words.operations)}
          ${operation === 'get' ? this.#select('mode', words.mode, MODES, this.#mode, words.modes, words.modeHint[this.#mode]) : nothing}
          ${operation === 'sync' || operation === 'retry' ? nothing : this.#field('key', t.key, 'x', true)}
          ${operation === 'cas' ? html`<span aria-hidden="true">:</span>${this.#field('expected', words.expected, '', false)}<span aria-hidden="true">⇒</span>` : nothing}
          ${operation === 'put' || operation === 'append' ? html`<span aria-hidden="true">${operation === 'put' ? '=' : '+='}</span>` : nothing}
          ${operation === 'put' || operation === 'append' || operation === 'cas' ? this.#field('value', t.value, '1', false) : nothing}
          <label title=${words.server}><span class="visually-hidden">${words.server}</span>
            <select name="server" @change=${this.#onServer}>
              <option value="0" ?selected=${this.#server === 0}>${words.anyServer}</option>
              ${state.frame.servers.map((server) => html`<option value=${server.id} ?selected=${server.id === this.#server}>S${server.id}</option>`)}
            </select></label>
          <button type="submit" data-act="write">${words.send} <kbd>W</kbd></button>
        </form>
        <output class="answer">${state.last ? this.#answer(state.last) : nothing}</output>
      `,
      this.root,
    );
  }

  #select<T extends string>(
    name: string,
    label: string,
    values: readonly T[],
    chosen: T,
    words: Record<T, string>,
    hint = label,
  ): TemplateResult {
    return html`<label title=${hint}><span class="visually-hidden">${label}</span>
      <select name=${name} @change=${this.#onChoice}>${values.map((value) => html`<option value=${value} ?selected=${value === chosen}>${words[value]}</option>`)}</select></label>`;
  }

  #field(name: string, label: string, value: string, required: boolean): TemplateResult {
    return html`<label title=${label}><span class="visually-hidden">${label}</span>
      <input id="${this.id}-${name}" name=${name} value=${value} maxlength="24" autocomplete="off" spellcheck="false" ?required=${required} /></label>`;
  }

  #answer(op: OperationView): TemplateResult {
    const words = this.t.form;
    const outcome = op.outcome ?? 'pending';
    const read = op.kind === 'get' && op.outcome === 'ok' ? `${op.key} = ${op.value ?? UNSET}` : words.answer[outcome];
    const swapped = op.kind === 'cas' && op.matched !== null ? (op.matched ? ' ✓' : ' ✗') : '';
    return html`<span class="quiet">${op.client} · ${words.operations[op.kind]} ${op.key}:</span> <b class=${outcome}>${read}${swapped}</b>`;
  }

  readonly #onChoice = (event: Event): void => {
    const { name, value } = event.target as HTMLSelectElement;
    if (name === 'operation') this.#operation = value as Operation;
    else this.#mode = value as Mode;
    this.#again();
  };

  readonly #onName = (event: Event): void => {
    this.#client = (event.target as HTMLInputElement).value.trim() || READER;
    this.#again();
  };

  readonly #onServer = (event: Event): void => {
    this.#server = Number((event.target as HTMLSelectElement).value);
  };

  #again(): void {
    if (this.#state) this.update(this.#state);
  }

  /** Sends what the form says, then counts a value up so that the next write is a new one. */
  write(): void {
    this.emit('act', this.#action());
    const input = this.root.querySelector<HTMLInputElement>('input[name="value"]');
    const next = Number(input?.value);
    if (input && input.value.trim() !== '' && Number.isSafeInteger(next)) input.value = String(next + 1);
  }

  /** The playground has done what somebody asked for; an operation of a client is one whose answer is waited for. */
  asked(action: Action, operation: number | null): void {
    if ('client' in action && operation !== null) this.sent = { client: action.client, operation };
  }

  #action(): Action {
    const text = (name: string) =>
      this.root.querySelector<HTMLInputElement>(`input[name="${name}"]`)?.value.trim() ?? '';
    const client = text('client') || READER;
    const key = text('key') || 'x';
    const value = text('value');
    const at = this.#server > 0 ? { server: this.#server } : {};
    switch (this.#operation) {
      case 'put':
        return { type: 'clientWrite', client, key, value, ...at };
      case 'append':
        return { type: 'clientAppend', client, key, value, ...at };
      case 'cas':
        return {
          type: 'clientCas',
          client,
          key,
          value,
          ...(text('expected') === '' ? {} : { expected: text('expected') }),
          ...at,
        };
      case 'delete':
        return { type: 'clientDelete', client, key, ...at };
      case 'sync':
        return { type: 'clientSync', client, ...at };
      case 'retry':
        return { type: 'clientRetry', client, ...at };
      case 'get':
        return this.#read(client, key, at);
    }
  }

  /** A read at a follower is a linearizable one that a follower is asked for. */
  #read(client: string, key: string, at: { server?: number }): Action {
    if (this.#mode !== 'follower') {
      return { type: 'clientRead', client, key, mode: this.#mode === 'linearizable' ? 'readIndex' : this.#mode, ...at };
    }
    const follower = this.#state?.frame.servers.find(({ role, status }) => role === 0 && status === 0);
    return { type: 'clientRead', client, key, mode: 'readIndex', ...(follower ? { server: follower.id } : {}), ...at };
  }
}
