import { html, nothing, type TemplateResult } from 'lit';
import type { Strings } from '../../i18n/index.js';
import { happeningOf, type OperationView } from '../../model.js';
import type { WorldMark } from './axis.js';
import { outcomeOf, wordsOf } from './bars.js';
import { type Lane, openAt } from './lanes.js';
import type { Point } from './points.js';

/** What is told below the chart. */
export interface Told {
  /** The operation that was pointed at or chosen. */
  op: OperationView | undefined;
  /** Where it took effect, if a judge has said so. */
  point: Point | undefined;
  isUnplaced: boolean;
  /** The moment under the pointer. */
  cursorMs: number | null;
  lanes: readonly Lane[];
  marks: readonly WorldMark[];
}

/** An operation in words, and the cluster at the moment that is pointed at. */
export function details(told: Told, t: Strings, seekTime: (timeMs: number) => void): TemplateResult {
  const words = t.history;
  const { op, point, isUnplaced, cursorMs } = told;
  if (!op)
    return html`<div class="op-details quiet">${cursorMs === null ? words.hint : moment(cursorMs, told, t)}</div>`;
  const outcome = outcomeOf(op);
  const { calledMs, returnedMs } = op;
  const facts = [
    words.called(calledMs),
    returnedMs === null ? '' : outcome === 'unknown' ? words.gaveUp(returnedMs) : words.returned(returnedMs),
    returnedMs === null ? '' : words.took(returnedMs - calledMs),
    op.server === null ? '' : words.server(op.server),
    isUnplaced ? words.unplaced : '',
    point ? words.point(point.number, point.key, point.timeMs) : '',
  ];
  return html`
    <div class="op-details" data-details=${op.id}>
      <p><b>${op.client}</b> <code>${wordsOf(op, t)}</code> <span class="outcome ${outcome}">${words.outcome[outcome]}</span></p>
      <p class="quiet">${facts.filter((fact) => fact !== '').join(' · ')}</p>
      <p class="quiet">${moment(cursorMs ?? calledMs, told, t)}</p>
      <div class="buttons">
        <button type="button" class="small" data-do="to-call" @click=${() => seekTime(calledMs)}>${words.goToCall}</button>
        ${returnedMs === null ? nothing : html`<button type="button" class="small" data-do="to-return" @click=${() => seekTime(returnedMs)}>${words.goToReturn}</button>`}
      </div>
    </div>`;
}

/** What the cluster was like at a moment, as far as its marks tell. */
function moment(timeMs: number, { lanes, marks }: Told, t: Strings): string {
  const words = t.history;
  const before = marks.filter((mark) => mark.timeMs <= timeMs);
  const leader = before.findLast(({ kind }) => kind === 'leader');
  const fault = before.findLast(({ kind }) => kind === 'fault' || kind === 'action');
  const parts = [
    leader && leader.server !== null ? words.leader(leader.server, leader.term) : words.noLeader,
    words.open(openAt(lanes, timeMs)),
    fault ? words.lastFault(t.happened(happeningOf(fault)), fault.timeMs) : '',
  ];
  return `${words.moment(timeMs)}: ${parts.filter((part) => part !== '').join(' · ')}`;
}
