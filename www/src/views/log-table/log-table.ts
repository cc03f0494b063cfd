import { html, nothing, render, type TemplateResult } from 'lit';
import {
  appearance,
  type Frame,
  type FrameServer,
  type LogEntryView,
  type LogWindow,
  type Selection,
  termTint,
} from '../../model.js';
import { View } from '../view.js';

export interface LogTableState {
  frame: Frame;
  /** One window per server, all beginning at the same index. */
  logs: readonly LogWindow[];
  selection: Selection | null;
}

/** The logs of all servers, one row each, aligned by index; with what the leader knows about each of them. */
export class LogTableView extends View {
  #lastIndex = 0;

  update({ frame, logs, selection }: LogTableState): void {
    const first = Math.min(...logs.map(({ firstIndex }) => firstIndex));
    const last = Math.max(1, ...logs.map(({ lastIndex }) => lastIndex));
    const indexes = Array.from({ length: last - first + 2 }, (_, i) => first + i);
    const leader = leaderOf(frame);
    render(
      html`
        <div class="scroller" tabindex="0" role="region" aria-label=${this.t.logsLabel}>
          <table>
            <caption class="visually-hidden">${this.t.logsLabel}</caption>
            <thead>
              <tr>
                <th scope="col" class="who">${this.t.log}</th>
                ${indexes.map((index) => html`<th scope="col" class="index">${index}</th>`)}
              </tr>
            </thead>
            <tbody>
              ${frame.servers.map((server, i) => this.#row(frame, server, logs[i], indexes, leader, selection))}
            </tbody>
          </table>
        </div>
      `,
      this.root,
    );
    if (last !== this.#lastIndex) {
      this.#lastIndex = last;
      const scroller = this.root.querySelector('.scroller');
      if (scroller) scroller.scrollLeft = scroller.scrollWidth;
    }
  }

  #row(
    frame: Frame,
    server: FrameServer,
    log: LogWindow | undefined,
    indexes: number[],
    leader: FrameServer | undefined,
    selection: Selection | null,
  ): TemplateResult {
    const { t } = this;
    const look = appearance(server);
    const progress = leader && leader.id !== server.id ? frame.progress(leader.id, server.id) : undefined;
    const chosen = selection?.kind === 'server' && selection.id === server.id;
    const entryAt = new Map(log?.entries.map((entry) => [entry.index, entry]));
    return html`
      <tr class=${chosen ? 'chosen' : nothing}>
        <th scope="row" class="who">
          <button type="button" class="who-button ${look}" tabindex="-1" @click=${() => this.emit('select', { kind: 'server', id: server.id })}>
            <span class="dot ${look}" aria-hidden="true">${t.roleLetter[look]}</span> S${server.id}
          </button>
          <span class="numbers">
            <span title=${t.commitHint}>${t.commitShort(server.commitIndex)}</span>
            ${progress && progress.state > 0 ? html`<span title=${t.progressHint}>${t.progressShort(progress.matchIndex, progress.nextIndex)}</span>` : nothing}
          </span>
        </th>
        ${indexes.map((index) => this.#cell(server, entryAt.get(index), index, log, progress))}
      </tr>
    `;
  }

  #cell(
    server: FrameServer,
    entry: LogEntryView | undefined,
    index: number,
    log: LogWindow | undefined,
    progress: { matchIndex: number; nextIndex: number; state: number } | undefined,
  ): TemplateResult {
    const { t } = this;
    const leading = progress && progress.state > 0;
    const marks = `${leading && progress.matchIndex === index ? ' match' : ''}${leading && progress.nextIndex === index ? ' next' : ''}`;
    if (!entry) {
      const compacted = log && index <= log.lastIncludedIndex;
      return html`<td class="empty${marks}">${compacted ? html`<span class="compacted" title=${t.compacted}>·</span>` : nothing}</td>`;
    }
    const committed = index <= server.commitIndex;
    const applied = index <= server.lastApplied;
    const durable = index <= server.durableIndex;
    const state = `${committed ? 'committed' : 'pending'}${applied ? ' applied' : ''}${durable ? '' : ' volatile'}`;
    return html`
      <td class="${marks}">
        <span class="entry ${termTint(entry.term)} ${state}" title=${t.entryTitle(entry, { committed, applied, durable })}>
          <span class="entry-term">${entry.term}</span>
          <span class="entry-text">${entry.kind === 'noop' ? t.noop : entry.text}</span>
          <span class="visually-hidden">${t.entryState({ committed, applied, durable })}</span>
        </span>
      </td>
    `;
  }
}

function leaderOf(frame: Frame): FrameServer | undefined {
  return frame.servers.filter(({ role, status }) => role === 3 && status === 0).sort((a, b) => b.term - a.term)[0];
}
