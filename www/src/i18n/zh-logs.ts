import type { Cell, Mark } from '../views/logs/rows.js';
import type { Strings } from './index.js';

/** 日志。 */
export const logs: Strings['logs'] = {
  title: '日志',
  label: '所有服务器的日志，按索引对齐',
  noop: '空操作',
  snapshot: '快照',
  conflict: { differs: '冲突', extra: '多余' },
  conflictFrom: (index: number): string => `从索引 ${index} 起与领导者的日志不同`,
  mark: {
    commit: 'commitIndex：已知提交到此',
    applied: 'lastApplied：已应用到此',
    durable: '磁盘上的最后一条（已 fsync）',
    match: '领导者记录的 matchIndex',
    next: '领导者记录的 nextIndex',
  },
  legend: '实线：此处已提交 · 虚线：尚不知已提交 · 点线：尚未落盘 ·',
  legendConflict: '斜纹：不在领导者的日志中',
  hint: '指向一个条目，或用方向键逐个查看。',
  place: (server: number, first: number, last: number): string =>
    `S${server}，索引 ${first === last ? first : `${first} 至 ${last}`}：`,
  cell: (cell: Cell, leader: number): string => {
    const marks = cell.marks.map((mark) => MARKS[mark](leader));
    return `${[...facts(cell, leader), ...marks].join('，')}`;
  },
  whyNot: '为什么还没有提交？',
  jumps: '跳到日志的某一处',
  index: '索引',
  go: '跳转',
  toCommit: '提交处',
  toEnd: '末尾',
  toConflict: (servers: number): string => (servers === 0 ? '没有冲突' : '首个冲突'),
  noIndex: (first: number, last: number): string => `日志的索引从 ${first} 到 ${last}。`,
};

function facts(cell: Cell, leader: number): string[] {
  switch (cell.kind) {
    case 'empty':
      return ['没有条目'];
    case 'snapshot':
      return [`已压缩进快照，直到索引 ${cell.lastIncludedIndex}，任期 ${cell.lastIncludedTerm}`];
    case 'entry': {
      const { entry, committed, applied, durable, conflict } = cell;
      return [
        `任期 ${entry.term}`,
        entry.kind === 'noop' ? logs.noop : entry.text,
        committed ? '已提交' : '尚不知已提交',
        applied ? '已应用' : '未应用',
        durable ? '已落盘' : '尚未落盘',
        ...(conflict?.kind === 'differs' ? [`冲突：领导者 S${leader} 此处的任期是 ${conflict.leaderTerm}`] : []),
        ...(conflict?.kind === 'extra' ? [`多余：领导者 S${leader} 的日志到 ${conflict.leaderLast} 为止`] : []),
      ];
    }
  }
}

const MARKS: Record<Mark, (leader: number) => string> = {
  commit: () => '它的 commitIndex',
  applied: () => '它的 lastApplied',
  durable: () => '它磁盘上的最后一条',
  match: (leader) => `领导者 S${leader} 记录的 matchIndex`,
  next: (leader) => `领导者 S${leader} 记录的 nextIndex`,
};
