import type { Cell, Mark } from '../views/logs/rows.js';

/** The words of the logs. */
export const logs = {
  title: 'Logs',
  label: 'Logs of all servers, aligned by index',
  noop: 'no-op',
  snapshot: 'snapshot',
  conflict: { differs: 'conflict', extra: 'extra' },
  conflictFrom: (index: number): string => `differs from the leader’s log from index ${index} on`,
  mark: {
    commit: 'commitIndex',
    applied: 'lastApplied',
    durable: 'last on disk (fsynced)',
    match: 'matchIndex at the leader',
    next: 'nextIndex at the leader',
  } as Record<Mark, string>,
  legend: 'Solid: committed here · dashed: not known committed · dotted: not yet on disk ·',
  legendConflict: 'hatched: not in the leader’s log',
  hint: 'Point at an entry, or go through them with the arrow keys.',
  place: (server: number, first: number, last: number): string =>
    `S${server}, ${first === last ? `index ${first}` : `indexes ${first} to ${last}`}:`,
  /** Everything about a cell that stands at a known place. */
  cell: (cell: Cell, leader: number): string => {
    const marks = cell.marks.map((mark) => MARKS[mark](leader));
    return [...facts(cell, leader), ...marks].join(', ');
  },
  whyNot: 'Why is it not committed?',
  jumps: 'Go to a part of the logs',
  index: 'Index',
  go: 'Go',
  toCommit: 'Commit',
  toEnd: 'End',
  toConflict: (servers: number): string => (servers === 0 ? 'No conflict' : 'First conflict'),
  noIndex: (first: number, last: number): string => `The logs go from index ${first} to ${last}.`,
};

function facts(cell: Cell, leader: number): string[] {
  switch (cell.kind) {
    case 'empty':
      return ['no entry'];
    case 'snapshot':
      return [`in the snapshot up to index ${cell.lastIncludedIndex}, term ${cell.lastIncludedTerm}`];
    case 'entry': {
      const { entry, committed, applied, durable, conflict } = cell;
      return [
        `term ${entry.term}`,
        entry.kind === 'noop' ? logs.noop : entry.text,
        committed ? 'committed' : 'not known committed',
        applied ? 'applied' : 'not applied',
        durable ? 'on disk' : 'not yet on disk',
        ...(conflict?.kind === 'differs' ? [`conflict: leader S${leader} has term ${conflict.leaderTerm} here`] : []),
        ...(conflict?.kind === 'extra' ? [`extra: the log of leader S${leader} ends at ${conflict.leaderLast}`] : []),
      ];
    }
  }
}

const MARKS: Record<Mark, (leader: number) => string> = {
  commit: () => 'its commitIndex',
  applied: () => 'its lastApplied',
  durable: () => 'last on its disk',
  match: (leader) => `its matchIndex at leader S${leader}`,
  next: (leader) => `its nextIndex at leader S${leader}`,
};
