import { html, nothing, type TemplateResult } from 'lit';
import type { Strings } from '../../i18n/index.js';
import { termTint } from '../../model.js';
import { type Axis, lengthOf } from './axis.js';
import { type Cell, LETTER, type LogRow, type LogState, type Mark } from './rows.js';

/** A cell, by its server and one of its indexes. */
export interface Place {
  server: number;
  index: number;
}

export interface Grid {
  t: Strings;
  state: LogState;
  /** The cells of each row of `state`. */
  cells: readonly (readonly Cell[])[];
  axis: Axis;
  first: number;
  /** Servers side by side instead of one below the other. */
  upright: boolean;
  /** The one cell that Tab reaches. */
  stop: Place;
  /** The index that the reader looks at. */
  current: number | null;
}

/** The part of the logs that is seen, as a table that knows how large the whole is. */
export function gridOf(grid: Grid): TemplateResult {
  const { t, state, axis, upright } = grid;
  const [servers, indexes] = [state.rows.length + 1, lengthOf(axis) + 1];
  return html`
    <table role="grid" aria-label=${t.logs.label} aria-rowcount=${upright ? indexes : servers} aria-colcount=${upright ? servers : indexes}>
      ${upright ? uprightRows(grid) : levelRows(grid)}
    </table>
  `;
}

/** A row for each server. */
function levelRows(grid: Grid): TemplateResult {
  const { t, state, cells, first, axis } = grid;
  const indexes = Array.from({ length: axis.visible }, (_, i) => first + i);
  return html`
    <thead>
      <tr aria-rowindex="1">
        <th scope="col" class="who corner-cell" aria-colindex="1">${t.logs.title}</th>
        ${indexes.map((index) => indexHead(grid, index, 'col'))}
      </tr>
    </thead>
    <tbody>
      ${state.rows.map(
        (row, i) => html`
          <tr aria-rowindex=${i + 2} class=${rowClass(row, state)}>
            ${serverHead(grid, row, 'row', 1)}
            ${cells[i]?.map((cell) => cellOf(grid, row, cell))}
          </tr>
        `,
      )}
    </tbody>
  `;
}

/** A column for each server. */
function uprightRows(grid: Grid): TemplateResult {
  const { t, state, cells, first, axis } = grid;
  const indexes = Array.from({ length: axis.visible }, (_, i) => first + i);
  return html`
    <thead>
      <tr aria-rowindex="1">
        <th scope="col" class="index corner-cell" aria-colindex="1">${t.logs.index}</th>
        ${state.rows.map((row, i) => serverHead(grid, row, 'col', i + 2))}
      </tr>
    </thead>
    <tbody>
      ${indexes.map(
        (index) => html`
          <tr aria-rowindex=${index - axis.first + 2}>
            ${indexHead(grid, index, 'row')}
            ${state.rows.map((row, i) => {
              // A cell that began above reaches down here by itself.
              const cell = cells[i]?.find((one) => one.first === index);
              return cell ? cellOf(grid, row, cell) : nothing;
            })}
          </tr>
        `,
      )}
    </tbody>
  `;
}

function indexHead({ axis, current }: Grid, index: number, scope: 'row' | 'col'): TemplateResult {
  const column = scope === 'row' ? 1 : index - axis.first + 2;
  return html`<th scope=${scope} class="index${index === current ? ' current' : ''}" aria-colindex=${column}>${index}</th>`;
}

function serverHead({ t, state }: Grid, row: LogRow, scope: 'row' | 'col', column: number): TemplateResult {
  const { id, look, progress, firstConflict } = row;
  const facts: [Mark, number][] = [
    ['commit', row.commitIndex],
    ['applied', row.lastApplied],
    ['durable', row.durableIndex],
    ...(progress
      ? ([
          ['match', progress.matchIndex],
          ['next', progress.nextIndex],
        ] as [Mark, number][])
      : []),
  ];
  return html`
    <th scope=${scope} class="who ${rowClass(row, state)}" aria-colindex=${column}>
      <div class="who-box">
        <button type="button" class="who-button ${look}" tabindex="-1" data-who=${id}>
          <span class="dot ${look}" aria-hidden="true">${t.roleLetter[look]}</span> S${id}
        </button>
        <div class="numbers">
          ${facts.map(
            ([mark, index]) =>
              html`<span title=${t.logs.mark[mark]}><b class="log-mark ${mark}">${LETTER[mark]}</b>${index}</span>`,
          )}
          ${firstConflict === null ? nothing : html`<span class="differs" title=${t.logs.conflictFrom(firstConflict)}>≠${firstConflict}</span>`}
        </div>
      </div>
    </th>
  `;
}

function rowClass(row: LogRow, state: LogState): string {
  return `${row.id === state.chosen ? 'chosen' : ''}${row.id === state.leader?.id ? ' leads' : ''}`;
}

function cellOf(grid: Grid, row: LogRow, cell: Cell): TemplateResult {
  const { t, state, axis, upright, stop } = grid;
  const span = cell.last - cell.first + 1;
  const isStop = stop.server === row.id && cell.first <= stop.index && stop.index <= cell.last;
  const column = upright ? state.rows.indexOf(row) + 2 : cell.first - axis.first + 2;
  return html`
    <td
      class="log-cell"
      tabindex=${isStop ? 0 : -1}
      colspan=${upright || span === 1 ? nothing : span}
      rowspan=${upright && span > 1 ? span : nothing}
      aria-colindex=${column}
      data-at="${row.id}:${cell.first}:${cell.last}"
    ><span class="visually-hidden">${t.logs.cell(cell, state.leader?.id ?? 0)}</span>${inside(t, cell)}<span class="marks" aria-hidden="true">${cell.marks.map((mark) => html`<b class="log-mark ${mark}">${LETTER[mark]}</b>`)}</span></td>
  `;
}

function inside(t: Strings, cell: Cell): TemplateResult {
  if (cell.kind === 'empty') return html`<span class="entry blank" aria-hidden="true"></span>`;
  if (cell.kind === 'snapshot') {
    const { lastIncludedIndex, lastIncludedTerm } = cell;
    const word = cell.last > cell.first ? `${t.logs.snapshot} ` : '';
    return html`
      <span class="entry compacted ${termTint(lastIncludedTerm)}" aria-hidden="true">
        <span class="entry-term">${lastIncludedTerm}</span><span class="entry-text">${word}≤ ${lastIncludedIndex}</span>
      </span>
    `;
  }
  const { entry, committed, applied, durable, conflict } = cell;
  const look = `${committed ? 'committed' : 'pending'}${applied ? ' applied' : ''}${durable ? '' : ' volatile'}${conflict ? ' conflict' : ''}`;
  const text = entry.kind === 'noop' ? t.logs.noop : entry.text;
  return html`
    <span class="entry ${termTint(entry.term)} ${look}" aria-hidden="true">
      <span class="entry-term">${entry.term}${conflict ? html`<span class="conflict-word"> ${text}</span>` : nothing}</span>
      <span class="entry-text">${conflict ? t.logs.conflict[conflict.kind] : text}</span>
    </span>
  `;
}

/** The cell that an event came from. */
export function indexOfCell(target: EventTarget | null): (Place & { last: number }) | null {
  const cell = target instanceof Element ? target.closest<HTMLElement>('[data-at]') : null;
  const [server = 0, index = 0, last = 0] = (cell?.dataset.at ?? '').split(':').map(Number);
  return cell ? { server, index, last } : null;
}
