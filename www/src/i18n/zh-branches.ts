import type { branches as words } from './en-branches.js';

/** 引擎起的名字是 main 和 branch 1；读者起的名字原样显示。 */
function title(name: string): string {
  if (name === 'main') return '主线';
  const number = /^branch (\d+)$/.exec(name)?.[1];
  return number === undefined ? name : `分支 ${number}`;
}

export const branches: typeof words = {
  title,
  treeLabel: '这次运行的分支。上下键移动，左键到它离开的分支，Enter 显示，F2 改名，Delete 删除。',
  shown: '正在显示',
  steps: (from: number, to: number): string => `第 ${from}–${to} 步`,
  stepsHint: (from: number, to: number): string => `在第 ${from} 步分出，一直到第 ${to} 步`,
  only: '只有一个分支。回到过去做点别的，或按“分叉”（F）：会打开第二个分支，第一个保留。',
  rename: '改名',
  renameHint: '给正在显示的分支改名（F2）',
  nameOf: (name: string): string => `${name} 的名字`,
  remove: '删除',
  removeHint: '删除正在显示的分支和从它分出的分支（Delete）；可以撤销',
  keepFirst: '第一个分支不能删除',
  removed: (name: string, others: number): string =>
    others === 0 ? `已删除 ${name}。` : `已删除 ${name} 和从它分出的 ${others} 个分支。`,
  undo: '撤销',
  undoHint: '撤销最近一次删除（Ctrl+Z）',
  compareWith: '对比',
  compareNone: '不对比',
  sameSteps: (steps: number, at: string): string => `前 ${steps} 步两者相同，直到 ${at}。`,
  sameSoFar: (steps: number, at: string): string => `没有差别：前 ${steps} 步两者相同，直到 ${at}，其中一个到此为止。`,
  eventsLabel: (a: string, b: string): string => `${a} 与 ${b} 的事件，从第一处差别开始`,
  firstDifference: '第一处差别',
  alike: { same: '两边相同', moved: '时间不同', differs: '不同' },
  nothingHere: '无',
  goThere: (name: string, step: number): string => `跳到 ${name} 的第 ${step} 步`,
  serversAt: '服务器',
  atDifference: '第一处差别之后',
  atEnds: '各自的末尾',
  serversLabel: (a: string, b: string): string => `${a} 与 ${b} 的服务器`,
  serverFacts: (term: number, last: number, lastTerm: number, commit: number): string =>
    `任期 ${term} · 日志 ${last === 0 ? '空' : `${last}（T${lastTerm}）`} · 提交 ${commit}`,
};
