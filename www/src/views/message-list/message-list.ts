import { html, nothing, render, type TemplateResult } from 'lit';
import { repeat } from 'lit/directives/repeat.js';
import type { Strings } from '../../i18n/index.js';
import type { Action, MessageView, Selection } from '../../model.js';
import { View } from '../view.js';

/** Longer lists show their oldest messages. */
const MAX_ROWS = 60;
const DELAY_MS = 50;

export interface MessageListState {
  messages: readonly MessageView[];
  selection: Selection | null;
}

/** All messages in flight, each under the reader's hand. */
export class MessageListView extends View {
  update({ messages, selection }: MessageListState): void {
    const { t } = this;
    render(
      html`
        ${messages.length === 0 ? html`<p class="quiet">${t.noMessages}</p>` : nothing}
        <ul class="rows" aria-label=${t.messagesLabel}>
          ${repeat(
            messages.slice(0, MAX_ROWS),
            ({ id }) => id,
            (message) => this.#row(message, selection?.kind === 'message' && selection.id === message.id),
          )}
        </ul>
        ${messages.length > MAX_ROWS ? html`<p class="quiet">${t.more(messages.length - MAX_ROWS)}</p>` : nothing}
      `,
      this.root,
    );
  }

  #row(message: MessageView, selected: boolean): TemplateResult {
    const { t } = this;
    return html`
      <li class="row message-row ${selected ? 'chosen' : ''}" data-id=${message.id}>
        <button type="button" class="plain route" aria-pressed=${selected} @click=${() => this.emit('select', { kind: 'message', id: message.id })}>
          <span class="kind-dot ${message.kind}" aria-hidden="true"></span>
          <b>S${message.from} → S${message.to}</b>
          <span class="summary">${t.messageLine(message)}</span>
          <span class="quiet when">${message.held || message.arrivesMs === null ? t.held : t.arrives(message.arrivesMs)}</span>
        </button>
        ${messageActions(this.t, message, (action) => this.emit('act', action))}
      </li>
    `;
  }
}

/** The buttons for one message, shared with the inspector. */
export function messageActions(t: Strings, message: MessageView, act: (action: Action) => void): TemplateResult {
  const id = message.id;
  const button = (label: string, name: string, run: () => void) =>
    html`<button type="button" class="small" data-act=${name} aria-label="${label}: ${t.messageName(message)}" @click=${run}>${label}</button>`;
  return html`
    <span class="buttons">
      ${button(t.deliver, 'deliver', () => act({ type: 'deliver', message: id }))}
      ${button(t.drop, 'drop', () => act({ type: 'drop', message: id }))}
      ${button(t.duplicate, 'duplicate', () => act({ type: 'duplicate', message: id }))}
      ${button(t.delay(DELAY_MS), 'delay', () => act({ type: 'delay', message: id, ms: DELAY_MS }))}
      ${
        message.held
          ? button(t.release, 'release', () => act({ type: 'release', message: id }))
          : button(t.hold, 'hold', () => act({ type: 'hold', message: id }))
      }
    </span>
  `;
}
