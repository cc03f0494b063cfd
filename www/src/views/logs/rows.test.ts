import { expect, test } from 'vitest';
import type { LogEntryView } from '../../model.js';
import { cellsOf, type LogRow } from './rows.js';

/** A server whose log has these terms, behind a snapshot. */
function row(
  id: number,
  terms: number[],
  more: Partial<LogRow> & { snapshot?: [index: number, term: number] } = {},
): LogRow {
  const [lastIncludedIndex, lastIncludedTerm] = more.snapshot ?? [0, 0];
  const firstIndex = lastIncludedIndex + 1;
  const entries = terms.map(
    (term, i): LogEntryView => ({ index: firstIndex + i, term, kind: 'command', text: `x=${i}` }),
  );
  const lastIndex = lastIncludedIndex + terms.length;
  return {
    id,
    look: 'follower',
    commitIndex: 0,
    lastApplied: 0,
    durableIndex: lastIndex,
    lastIndex,
    progress: null,
    firstConflict: null,
    log: { server: id, lastIncludedIndex, lastIncludedTerm, firstIndex, lastIndex, entries },
    ...more,
  };
}

const conflicts = (one: LogRow, leader: LogRow, count = 8) =>
  cellsOf(one, leader, { first: 1, count }).map((cell) =>
    cell.kind === 'entry' ? (cell.conflict?.kind ?? '=') : cell.kind,
  );

test('an entry of another term than the leader’s is in conflict, one behind its end is extra', () => {
  const leader = row(1, [1, 1, 3]);
  expect(conflicts(row(2, [1, 2, 2, 2]), leader, 5)).toEqual(['=', 'differs', 'differs', 'extra', 'empty']);
  expect(conflicts(leader, leader, 3)).toEqual(['=', '=', '=']);
  expect(cellsOf(row(2, [2]), null, { first: 1, count: 1 })[0]).toMatchObject({ conflict: null });
});

test('what the leader has compacted cannot be compared, but for the last of it', () => {
  const leader = row(1, [4], { snapshot: [3, 2] });
  expect(conflicts(row(2, [9, 9, 9, 4]), leader, 4)).toEqual(['=', '=', 'differs', '=']);
});

test('the part of a snapshot that is seen is one cell', () => {
  const server = row(1, [5, 5], { snapshot: [6, 4] });
  const cells = cellsOf(server, null, { first: 4, count: 6 });
  expect(cells.map(({ kind, first, last }) => [kind, first, last])).toEqual([
    ['snapshot', 4, 6],
    ['entry', 7, 7],
    ['entry', 8, 8],
    ['empty', 9, 9],
  ]);
  expect(cellsOf(server, null, { first: 1, count: 3 })).toMatchObject([{ kind: 'snapshot', first: 1, last: 3 }]);
});

test('marks stand at their indexes, also behind the end and within a snapshot', () => {
  const server = row(2, [1, 1], {
    snapshot: [3, 1],
    commitIndex: 4,
    lastApplied: 3,
    durableIndex: 5,
    progress: { matchIndex: 5, nextIndex: 6 },
  });
  expect(cellsOf(server, null, { first: 1, count: 6 }).map(({ marks }) => marks)).toEqual([
    ['applied'],
    ['commit'],
    ['durable', 'match'],
    ['next'],
  ]);
});

test('an entry says whether it is committed, applied and on disk', () => {
  const server = row(2, [1, 1, 1], { commitIndex: 2, lastApplied: 1, durableIndex: 2 });
  expect(
    cellsOf(server, null, { first: 1, count: 3 }).map(
      (cell) => cell.kind === 'entry' && [cell.committed, cell.applied, cell.durable],
    ),
  ).toEqual([
    [true, true, true],
    [true, false, true],
    [false, false, false],
  ]);
});
