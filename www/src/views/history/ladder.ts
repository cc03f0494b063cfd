import { html, nothing, type TemplateResult } from 'lit';
import type { Strings } from '../../i18n/index.js';
import type { HistoryReport, Level } from '../../model.js';

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
  shown: Level | null,
  t: Strings,
  { onLevel, onOperation }: LadderEvents,
): TemplateResult {
  const words = t.history;
  return html`
    <ol class="ladder" aria-label=${words.ladder}>
      ${report.levels.map(
        ({ level, verdict, operations, witness, prefix, words: why }) => html`
          <li class="rung ${verdict}" data-level=${level}>
            <span class="verdict" aria-hidden="true">${MARKS[verdict]}</span>
            <div>
              <b>${words.level[level]}</b> <span class="verdict-word">${words.verdict[verdict]}</span>
              <span class="quiet">· ${words.promise[level]}</span>
              ${why ? html`<p class="why">${why}</p>` : nothing}
              <div class="buttons">
                ${operations
                  .slice(0, MAX_NAMED)
                  .map(
                    (id) =>
                      html`<button type="button" class="small" data-show=${id} @click=${() => onOperation(id)}>${words.operation(id)}</button>`,
                  )}
                ${
                  witness.length + prefix.length > 0
                    ? html`<button type="button" class="small" data-order=${level} aria-pressed=${level === shown} @click=${() => onLevel(level)}>${words.showOrder}</button>`
                    : nothing
                }
              </div>
            </div>
          </li>`,
      )}
    </ol>
  `;
}
