import { html, nothing, render, type TemplateResult } from 'lit';
import {
  type Action,
  appearance,
  type Frame,
  type FrameServer,
  type MessageView,
  type Selection,
  type ServerView,
} from '../../model.js';
import { messageActions } from '../message-list/message-list.js';
import { View } from '../view.js';

export interface InspectorState {
  frame: Frame;
  selection: Selection | null;
  server: ServerView | null;
  message: MessageView | null;
}

/** Everything about what is selected: a server, a message or a link, and what can be done to it. */
export class InspectorView extends View {
  update({ frame, selection, server, message }: InspectorState): void {
    const { t } = this;
    let content: TemplateResult;
    if (selection?.kind === 'server' && server) {
      content = this.#server(server, frame.servers[server.id - 1] as FrameServer);
    } else if (selection?.kind === 'message') {
      content = message ? this.#message(message) : html`<p class="quiet">${t.messageGone}</p>`;
    } else if (selection?.kind === 'link') {
      content = this.#link(frame, selection.a, selection.b);
    } else {
      content = html`<p class="quiet">${t.nothingSelected}</p>`;
    }
    render(content, this.root);
  }

  #server(server: ServerView, raw: FrameServer): TemplateResult {
    const { t } = this;
    const look = appearance(raw);
    const act = (action: Action) => () => this.emit('act', action);
    const up = server.status === 'up';
    const id = server.id;
    return html`
      <h3><span class="dot ${look}" aria-hidden="true">${t.roleLetter[look]}</span> ${t.serverTitle(id, look)}</h3>
      <div class="buttons">
        ${
          server.status === 'crashed'
            ? html`<button type="button" data-act="restart" @click=${act({ type: 'restart', server: id })}>${t.restart}</button>`
            : html`<button type="button" data-act="crash" @click=${act({ type: 'crash', server: id })}>${t.crash}</button>`
        }
        ${server.status === 'paused' ? html`<button type="button" data-act="resume" @click=${act({ type: 'resume', server: id })}>${t.resume}</button>` : nothing}
        ${up ? html`<button type="button" data-act="pause" @click=${act({ type: 'pause', server: id })}>${t.pauseServer}</button>` : nothing}
        ${up && server.role !== 'leader' ? html`<button type="button" data-act="timeout" @click=${act({ type: 'timeout', server: id })}>${t.timeout}</button>` : nothing}
        <button type="button" data-do="askWhy" @click=${() => this.emit('why', { kind: 'server', id })}>${t.why}</button>
        ${up && server.role === 'leader' ? html`<button type="button" data-act="heartbeat" @click=${act({ type: 'heartbeat', server: id })}>${t.heartbeat}</button>` : nothing}
        ${up && server.role === 'leader' ? html`<button type="button" data-act="propose" @click=${act({ type: 'propose', server: id, command: t.proposal(raw.lastIndex + 1) })}>${t.propose}</button>` : nothing}
      </div>
      <dl class="facts">
        ${fact('currentTerm', server.currentTerm, onDisk(t.onDisk, server.currentTerm, server.durable.currentTerm))}
        ${fact('votedFor', name(server.votedFor, t.none), onDisk(t.onDisk, name(server.votedFor, t.none), name(server.durable.votedFor, t.none)))}
        ${fact('log', t.lastEntry(raw.lastIndex, raw.lastTerm), onDisk(t.onDisk, raw.lastIndex, server.durable.lastIndex))}
        ${fact('commitIndex', server.commitIndex)} ${fact('lastApplied', server.lastApplied)} ${fact(t.leaderKnown, name(server.leader, t.none))}
        ${fact(t.voters, t.configuration(server.configuration))}
        ${server.snapshot ? fact(t.snapshot, t.snapshotFact(server.snapshot)) : nothing}
        ${server.snapshotBegun === null ? nothing : fact(t.takingSnapshot, t.upTo(server.snapshotBegun))}
        ${server.lease === null ? nothing : fact(t.lease, server.lease ? t.leaseHeld : t.none)}
      </dl>
      ${t.hindrances(server).map((note) => html`<p class="note">${note}</p>`)}
      ${server.progress.length > 0 ? this.#progress(server) : nothing} ${this.#machine(server)}
    `;
  }

  #progress(server: ServerView): TemplateResult {
    const { t } = this;
    return html`
      <table class="plain-table">
        <caption>${t.progressCaption}</caption>
        <thead><tr><th scope="col">${t.peer}</th><th scope="col">nextIndex</th><th scope="col">matchIndex</th><th scope="col">${t.progressState}</th></tr></thead>
        <tbody>
          ${server.progress.map((p) => html`<tr><th scope="row">S${p.server}</th><td>${p.nextIndex}</td><td>${p.matchIndex}</td><td>${t.progressWord(p)}</td></tr>`)}
        </tbody>
      </table>
    `;
  }

  #machine(server: ServerView): TemplateResult {
    const { t } = this;
    const entries = Object.entries(server.state);
    return html`
      <p class="machine"><span class="quiet">${t.stateMachine}</span>
        ${entries.length === 0 ? html`<span class="quiet">${t.empty}</span>` : entries.map(([key, value]) => html`<code>${key} = ${value}</code> `)}
      </p>
    `;
  }

  #message(message: MessageView): TemplateResult {
    const { t } = this;
    return html`
      <h3>${message.kind} S${message.from} → S${message.to}</h3>
      ${messageActions(t, message, (action) => this.emit('act', action))}
      <p>${t.messageLine(message)}</p>
      <dl class="facts">
        ${fact(t.term, message.term)} ${fact(t.sentAt, t.ms(message.sentMs))}
        ${fact(t.arrivesAt, message.arrivesMs === null ? t.held : t.ms(message.arrivesMs))}
      </dl>
      <button type="button" class="small" @click=${() => this.emit('explain', message.sentEvent)}>${t.whySent}</button>
    `;
  }

  #link(frame: Frame, a: number, b: number): TemplateResult {
    const { t } = this;
    const way = (from: number, to: number) => {
      const cut = frame.cut(from, to);
      return html`<button type="button" aria-pressed=${cut} @click=${() => this.emit('act', { type: cut ? 'mend' : 'cut', a: from, b: to, oneWay: true })}>
        ${cut ? t.mendOneWay(from, to) : t.cutOneWay(from, to)}
      </button>`;
    };
    const both = frame.cut(a, b) && frame.cut(b, a);
    return html`
      <h3>${t.linkTitle(a, b)}</h3>
      <div class="buttons">
        <button type="button" data-act=${both ? 'mend' : 'cut'} @click=${() => this.emit('act', { type: both ? 'mend' : 'cut', a, b })}>${both ? t.mend : t.cut}</button>
        ${way(a, b)} ${way(b, a)}
      </div>
    `;
  }
}

function fact(term: string, value: string | number, extra: string = ''): TemplateResult {
  return html`<div><dt>${term}</dt><dd>${value}${extra ? html` <span class="quiet">${extra}</span>` : nothing}</dd></div>`;
}

/** Says what is on disk only where it differs from memory. */
function onDisk(label: (value: string | number) => string, memory: string | number, disk: string | number): string {
  return memory === disk ? '' : label(disk);
}

function name(server: number | null, none: string): string {
  return server === null ? none : `S${server}`;
}
