import { html, nothing, type TemplateResult } from 'lit';
import type { Strings } from '../../i18n/index.js';
import type { HistoryReport, Level, OperationView } from '../../model.js';
import { unplaced } from './points.js';
import { brief } from './words.js';

const MARKS = { holds: '✓', violated: '✕', exhausted: '?' } as const;
/** Operations named on a rung; the words name the others. */
const MAX_NAMED = 4;

export interface LadderEvents {
  /** Shows the order, or the longest legal one, of a level. */
  onLevel: (level: Level) => void;
  onOperation: (id: number) => void;
}

/** The same history at every level, from strong to weak: what each promises, and whether it was kept. */
export function ladder(
  report: HistoryReport,
  history: readonly OperationView[],
  shown: Level | null,
  t: Strings,
  { onLevel, onOperation }: LadderEvents,
): TemplateResult {
  const words = t.history;
  const called = (id: number) => {
    const op = history[id];
    return op ? `${op.client}: ${brief(op)}` : words.operation(id);
  };
  return html`
    <ol class="ladder" aria-label=${words.ladder}>
      ${report.levels.map((rung) => {
        const { level, verdict, operations, witness, prefix, words: why } = rung;
        const lost = new Set(unplaced(rung));
        return html`
          <li class="rung ${verdict}" data-level=${level}>
            <span class="verdict" aria-hidden="true">${MARKS[verdict]}</span>
            <div>
              <b>${words.level[level]}</b> <span class="verdict-word">${words.verdict[verdict]}</span>
              <span class="quiet">· ${words.promise[level]}</span>
              ${why ? html`<p class="why">${words.why(verdict, named(why, report.clients))}</p>` : nothing}
              <div class="buttons">
                ${operations
                  .slice(0, MAX_NAMED)
                  .map(
                    (id) =>
                      html`<button type="button" class="small" data-show=${id} title=${lost.has(id) ? words.unplaced : words.operation(id)} @click=${() => onOperation(id)}>${lost.has(id) ? '✕ ' : ''}${called(id)}</button>`,
                  )}
                ${
                  witness.length + prefix.length > 0
                    ? html`<button type="button" class="small" data-order=${level} aria-pressed=${level === shown} @click=${() => onLevel(level)}>${words.showOrder}</button>`
                    : nothing
                }
              </div>
            </div>
          </li>`;
      })}
    </ol>
  `;
}

/** The judges number the clients; a reader knows them by name. */
function named(why: string, clients: readonly string[]): string {
  return why.replace(/\(client (\d+) /g, (all, number) => {
    const name = clients[Number(number)];
    return name === undefined ? all : `(${name} `;
  });
}
