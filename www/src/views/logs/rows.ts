import type { Appearance, LogEntryView, LogWindow } from '../../model.js';

/** What each cell of the logs says, found from windows that begin at the same index. */

/** Indexes that mean something to a server, or to the leader about it. */
export type Mark = 'commit' | 'applied' | 'durable' | 'match' | 'next';

export const LETTER: Record<Mark, string> = { commit: 'C', applied: 'A', durable: 'D', match: 'M', next: 'N' };

export interface LogRow {
  id: number;
  look: Appearance;
  commitIndex: number;
  lastApplied: number;
  durableIndex: number;
  lastIndex: number;
  /** What the leader knows about it; `null` if there is no leader, or it is itself. */
  progress: { matchIndex: number; nextIndex: number } | null;
  /** Its first entry that is not in the leader's log. */
  firstConflict: number | null;
  log: LogWindow;
}

export interface LogState {
  rows: readonly LogRow[];
  /** The leader of the highest term; the logs are compared with its own. */
  leader: LogRow | null;
  /** The server that the reader has picked out. */
  chosen: number | null;
}

interface Place {
  /** The indexes that it covers in the window. */
  first: number;
  last: number;
  marks: readonly Mark[];
}

export interface EntryCell extends Place {
  kind: 'entry';
  entry: LogEntryView;
  committed: boolean;
  applied: boolean;
  durable: boolean;
  /** `differs`: the leader has another term here; `extra`: the leader's log ends before. */
  conflict: { kind: 'differs'; leaderTerm: number } | { kind: 'extra'; leaderLast: number } | null;
}

/** Entries that only the snapshot has. */
export interface SnapshotCell extends Place {
  kind: 'snapshot';
  lastIncludedIndex: number;
  lastIncludedTerm: number;
}

export interface EmptyCell extends Place {
  kind: 'empty';
}

export type Cell = EntryCell | SnapshotCell | EmptyCell;

/** The cells of one server, in order; the part of the snapshot that is seen is one of them. */
export function cellsOf(row: LogRow, leader: LogRow | null, window: { first: number; count: number }): Cell[] {
  const cells: Cell[] = [];
  const end = window.first + window.count;
  const { lastIncludedIndex, lastIncludedTerm } = row.log;
  let index = window.first;
  if (index <= lastIncludedIndex) {
    const last = Math.min(lastIncludedIndex, end - 1);
    const marks = marksOf(row, index, last);
    cells.push({ kind: 'snapshot', first: index, last, marks, lastIncludedIndex, lastIncludedTerm });
    index = last + 1;
  }
  for (; index < end; index++) cells.push(cellAt(row, leader, index));
  return cells;
}

function cellAt(row: LogRow, leader: LogRow | null, index: number): Cell {
  const place = { first: index, last: index, marks: marksOf(row, index, index) };
  const entry = entryAt(row.log, index);
  if (!entry) return { kind: 'empty', ...place };
  return {
    kind: 'entry',
    ...place,
    entry,
    committed: index <= row.commitIndex,
    applied: index <= row.lastApplied,
    durable: index <= row.durableIndex,
    conflict: leader && leader.id !== row.id ? conflictOf(entry, leader) : null,
  };
}

function conflictOf(entry: LogEntryView, { log }: LogRow): EntryCell['conflict'] {
  if (entry.index > log.lastIndex) return { kind: 'extra', leaderLast: log.lastIndex };
  const leaderTerm = entry.index === log.lastIncludedIndex ? log.lastIncludedTerm : entryAt(log, entry.index)?.term;
  // What the leader has compacted cannot be compared.
  return leaderTerm === undefined || leaderTerm === entry.term ? null : { kind: 'differs', leaderTerm };
}

/** A window has all entries from its first to its last. */
function entryAt(log: LogWindow, index: number): LogEntryView | undefined {
  return log.entries[index - log.firstIndex];
}

function marksOf(row: LogRow, first: number, last: number): Mark[] {
  const { commitIndex, lastApplied, durableIndex, progress } = row;
  const at: [Mark, number | undefined][] = [
    ['commit', commitIndex],
    ['applied', lastApplied],
    ['durable', durableIndex],
    ['match', progress?.matchIndex],
    ['next', progress?.nextIndex],
  ];
  return at.flatMap(([mark, index]) => (index !== undefined && index >= first && index <= last ? [mark] : []));
}
