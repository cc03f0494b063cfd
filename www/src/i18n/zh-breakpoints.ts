import type { Condition } from '../model.js';
import type { Bound, BreakWhen, EventGroup, EventKindName, Hit } from '../views/breakpoints/when.js';
import type { breakpoints as words } from './en-breakpoints.js';

const KINDS: Record<EventKindName, string> = {
  becomeLeader: '成为领导者',
  becomeCandidate: '成为候选者',
  becomePreCandidate: '成为预候选者',
  becomeFollower: '成为跟随者',
  electionTimeout: '选举定时器到期',
  electionTimeoutDrawn: '抽取选举超时',
  voteGranted: '投出一票',
  voteDenied: '拒绝投票',
  voteCounted: '计入一票',
  transferStarted: '开始移交领导权',
  transferRequested: '请求移交领导权',
  transferAborted: '放弃移交领导权',
  commitAdvanced: 'commitIndex 前进',
  commitBlocked: '提交受阻',
  entriesAppended: '追加条目',
  entriesTruncated: '截断条目',
  appendAccepted: '接受 AppendEntries',
  appendRejected: '拒绝 AppendEntries',
  nextIndexMovedBack: 'nextIndex 后退',
  progressChanged: '跟随者的进度状态变化',
  applied: '应用条目',
  sent: '发出消息',
  delivered: '消息送达',
  lost: '消息丢失',
  duplicated: '消息被复制',
  messageIgnored: '忽略消息',
  crashed: '服务器崩溃',
  restarted: '服务器重启',
  torn: '发现写了一半的内容',
  forgotten: '磁盘丢掉写入',
  linkBroke: '不稳定的链路断开',
  linkRecovered: '不稳定的链路恢复',
  acted: '读者或脚本操作',
  writeStarted: '开始写磁盘',
  writeDurable: '写入落盘',
  called: '客户端发起操作',
  asked: '请求到达服务器',
  redirected: '客户端转向另一台服务器',
  resent: '客户端重发请求',
  returned: '客户端得到答复',
  readWaiting: '读操作等待',
  readsConfirmed: '读操作得到确认',
  refused: '请求被拒绝',
  configurationChanged: '配置变更',
  caughtUp: '学习者追上',
  snapshotBegun: '开始做快照',
  snapshotReceived: '收到一块快照',
  snapshotInstalled: '安装快照',
  restored: '状态机接管快照',
  logCompacted: '压缩日志',
  violated: '安全性质被破坏',
  expected: '断言有了结论',
};

export const breakpoints: typeof words = {
  group: {
    elections: '选举',
    replication: '复制',
    messages: '消息',
    faults: '故障与操作',
    disk: '磁盘',
    clients: '客户端',
    membership: '成员与快照',
    judgement: '裁决',
  } as Record<EventGroup, string>,
  kind: (kind: string): string => (Object.hasOwn(KINDS, kind) ? KINDS[kind as EventKindName] : `未知事件 ${kind}`),
  formLabel: '新断点',
  event: '暂停于',
  anyEvent: '任意事件',
  server: '服务器',
  anyServer: '任意',
  term: '任期',
  index: '索引',
  equal: '等于',
  atLeast: '不小于',
  message: '消息',
  anyMessage: '任意',
  invariant: '不变式',
  anyInvariant: '任意',
  only: '仅当',
  always: '总是',
  states: {
    leads: '某台服务器在领导',
    noLeader: '没有领导者',
    twoLeaders: '有两位领导者',
    down: '某台服务器已崩溃',
    behind: '某台服务器缺条目',
    committed: '多数派已提交',
  },
  stateServer: '哪台服务器',
  stateIndex: '到索引',
  skip: '先放过的次数',
  more: '更多条件',
  moreHint: '填写的条件必须同时成立。',
  add: '添加',
  needsOne: '请至少指定一个暂停条件。',
  listLabel: '断点',
  none: '还没有断点。播放时，命中断点的那一步之后立即停下。',
  number: (id: number): string => `断点 ${id}`,
  hits: (count: number): string => `命中 ${count} 次`,
  here: '停在这里',
  runTo: '运行到',
  runToHint: (id: number): string => `运行到断点 ${id} 的下一次命中`,
  runToNext: '运行到下一个',
  runToNextHint: '以最快速度运行到任一启用断点的下一次命中（N）',
  remove: (id: number): string => `删除断点 ${id}`,
  clearHits: '重新计数',
  why: '为什么？',
  noneEnabled: '没有启用的断点。',
  stopped: ({ ids, step }: Hit): string => `停在断点 ${ids.join('、')}，第 ${step} 步。`,
  when: ({ kind, server, term, index, message, invariant, while: state, skip }: BreakWhen): string =>
    [
      kind === undefined ? '' : breakpoints.kind(kind),
      message ?? '',
      server === undefined ? '' : `S${server}`,
      term === undefined ? '' : `任期 ${bound(term)}`,
      index === undefined ? '' : `索引 ${bound(index)}`,
      invariant ?? '',
      state === undefined ? '' : `当 ${stateInChinese(state)}`,
      skip ? `先放过 ${skip} 次` : '',
    ]
      .filter((part) => part !== '')
      .join(' · '),
};

function bound(value: Bound): string {
  return typeof value === 'number' ? String(value) : `≥ ${value.atLeast}`;
}

const ROLES = { follower: '跟随者', preCandidate: '预候选者', candidate: '候选者', leader: '领导者' };
const STATUSES = { up: '运行中', crashed: '已崩溃', paused: '已冻结' };

function stateInChinese(state: Condition): string {
  switch (state.type) {
    case 'role':
      return `S${state.server} 是${ROLES[state.role]}`;
    case 'roles':
      return '有两位领导者';
    case 'not':
      return state.condition.type === 'leader' ? '没有领导者' : JSON.stringify(state);
    case 'status':
      return `S${state.server} ${STATUSES[state.status]}`;
    case 'behind':
      return `S${state.server} 缺条目`;
    case 'committed':
      return `多数派已提交到 ${state.index}`;
    default:
      return JSON.stringify(state);
  }
}
