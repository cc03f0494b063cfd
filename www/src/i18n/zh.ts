import type {
  Appearance,
  BranchView,
  Fact,
  FrameMessage,
  FrameServer,
  Happening,
  MessageKind,
  MessageView,
  RuleName,
  RuleView,
  ServerView,
  Words,
} from '../model.js';
import type { Finding } from '../views/explain/stalls.js';
import type { Mark } from '../views/transport/marks.js';
import type { Strings } from './index.js';
import { branches } from './zh-branches.js';
import { breakpoints } from './zh-breakpoints.js';
import { client } from './zh-client.js';
import { cluster } from './zh-cluster.js';
import { chineseBlock, chineseEvent, chineseMessage } from './zh-events.js';
import { chineseFact, INVARIANTS } from './zh-facts.js';
import { findingInChinese } from './zh-findings.js';
import { history } from './zh-history.js';
import { chaos, explorer, lab } from './zh-lab.js';
import { logs } from './zh-logs.js';
import { metrics } from './zh-metrics.js';
import { share } from './zh-share.js';
import { tour } from './zh-tour.js';

/** 简体中文。协议本身的名称（RequestVote、nextIndex ……）沿用论文原文。 */
export const zh: Strings = {
  /** 场景文字的中文版本；没有时用英文。 */
  words: (text: Words): string => text.zh ?? text.en,

  // ------------------------------------------------------------ servers
  role: {
    follower: '跟随者',
    preCandidate: '预候选者',
    candidate: '候选者',
    leader: '领导者',
    crashed: '已崩溃',
    paused: '已冻结',
  } as Record<Appearance, string>,
  roleLetter: { follower: 'F', preCandidate: 'P', candidate: 'C', leader: 'L', crashed: '✕', paused: '‖' } as Record<
    Appearance,
    string
  >,
  term: '任期',
  termShort: (term: number): string => `T${term}`,
  votedFor: (id: number): string => `投给 S${id}`,
  votes: (granted: number, voters: number): string => `${voters} 票中得 ${granted} 票`,
  serverLabel: (server: FrameServer, look: Appearance): string =>
    `S${server.id}，${zh.role[look]}，任期 ${server.term}，日志到 ${server.lastIndex}，已提交到 ${server.commitIndex}`,
  serverTitle: (id: number, look: Appearance): string => `服务器 ${id} · ${zh.role[look]}`,
  ringLabel:
    '集群。用上下方向键在服务器、消息和链路之间移动；圈住一些服务器或在它们之间划线可将其切开；从一台服务器拖到另一台可改变两者的链路。',

  // ------------------------------------------------------------ messages and links
  messageLabel: (message: FrameMessage, kind: string): string =>
    `${kind}，从服务器 ${message.from} 到 ${message.to}，任期 ${message.term}${message.success < 0 ? '' : message.success === 1 ? '，同意' : '，拒绝'}${message.entries > 0 ? `，${message.entries} 个条目` : ''}`,
  messageName: (message: { kind: MessageKind; from: number; to: number; id: number }): string =>
    `S${message.from} 到 S${message.to} 的 ${message.kind}（消息 ${message.id}）`,
  linkTitle: (a: number, b: number): string => `链路 S${a} – S${b}`,
  messagesLabel: '传输中的消息',
  noMessages: '没有传输中的消息。',
  messageGone: '这条消息已经送达或丢失。',
  more: (count: number): string => `还有 ${count} 条`,
  held: '扣留中',
  arrives: (timeMs: number): string => `${zh.ms(timeMs)} 到达`,
  deliver: '送达',
  drop: '丢弃',
  duplicate: '复制',
  delay: (ms: number): string => `+${ms} 毫秒`,
  hold: '扣留',
  release: '放行',
  cut: '切断',
  mend: '修复',
  cutOneWay: (a: number, b: number): string => `仅切断 S${a} → S${b}`,
  mendOneWay: (a: number, b: number): string => `修复 S${a} → S${b}`,
  legendLabel: '消息的形状',
  legend: {
    requestVote: 'RequestVote',
    preVote: 'PreVote',
    appendEntries: 'AppendEntries',
    heartbeat: '心跳',
    yes: '回复：同意',
    no: '回复：拒绝',
    installSnapshot: 'InstallSnapshot',
    timeoutNow: 'TimeoutNow',
    readIndex: 'ReadIndex',
  },

  // ------------------------------------------------------------ inspector
  nothingSelected: '请选择一台服务器、一条消息或一条链路。',
  crash: '崩溃',
  restart: '重启',
  pauseServer: '冻结',
  resume: '解冻',
  timeout: '触发超时',
  heartbeat: '立即发心跳',
  propose: '在此提议',
  proposal: (index: number): string => `p=${index}`,
  none: '无',
  onDisk: (value: string | number): string => `（磁盘上：${value}）`,
  lastEntry: (index: number, term: number): string => (index === 0 ? '空' : `索引 ${index}，任期 ${term}`),
  leaderKnown: '所知的领导者',
  voters: '投票成员',
  configuration: ({ voters, votersOutgoing, learners }: ServerView['configuration']): string =>
    [
      servers(voters),
      votersOutgoing.length > 0 ? `以及 ${servers(votersOutgoing)} 的多数派（联合共识）` : '',
      learners.length > 0 ? `学习者 ${servers(learners)}` : '',
    ]
      .filter((part) => part !== '')
      .join(' · ') || '不属于任何集群',
  snapshot: '快照',
  snapshotFact: ({ lastIncludedIndex, lastIncludedTerm, bytes }: NonNullable<ServerView['snapshot']>): string =>
    `到索引 ${lastIncludedIndex}，任期 ${lastIncludedTerm}，${bytes} 字节`,
  takingSnapshot: '正在生成快照',
  upTo: (index: number): string => `到索引 ${index}`,
  lease: '租约',
  leaseHeld: '有效：读操作无需一轮心跳',
  progressWord: ({ state, snapshot, catchUp }: ServerView['progress'][number]): string =>
    [
      snapshot ? `${state} ${snapshot.sent} / ${snapshot.total} 字节` : state,
      catchUp ? `学习者，${catchUp.rounds} 轮${catchUp.caughtUp ? '，已追上' : ''}` : '',
    ]
      .filter((part) => part !== '')
      .join(' · '),
  progressCaption: '这位领导者对其他服务器的了解',
  peer: '对方',
  progressState: '状态',
  stateMachine: '状态机',
  empty: '空',
  sentAt: '发送于',
  arrivesAt: '到达于',
  whySent: '为什么发送它？',

  // ------------------------------------------------------------ events
  eventsLabel: '事件，最新的在前',
  noEvents: '还没有发生任何事。',
  showDetails: '显示所有细节',
  whyTitle: '为什么会这样？',
  whyHint: '最初的原因在最前。选择一行即可跳到那一刻。',
  why: '为什么？',
  happened: (event: Happening): string => chineseEvent(event),
  messageLine: ({ data }: MessageView): string => chineseMessage(data),
  hindrances: ({ id, commitBlock, transferBlock, readBlock }: ServerView): string[] => [
    ...(commitBlock ? [chineseBlock.commit(id, commitBlock)] : []),
    ...(transferBlock ? [chineseBlock.transfer(id, transferBlock)] : []),
    ...(readBlock ? [chineseBlock.read(id, readBlock)] : []),
  ],
  fact: (fact: Fact): string => chineseFact(fact),
  close: '关闭',

  // ------------------------------------------------------------ space-time diagram
  diagram: {
    label:
      '时空图。左右键在同一泳道的事件间移动，上键到起因，下键沿消息前行，Page Up 和 Page Down 换泳道，回车键跳到该时刻。',
    hint: '选中一个事件：在它之前发生的和由它引起的都会亮起。拖动平移，Ctrl 加滚轮缩放，Shift 加拖动选取一段。',
    worldLane: '操作',
    otherClients: '其他',
    tick: (timeMs: number): string => `${timeMs.toLocaleString('zh', { maximumFractionDigits: 1 })} 毫秒`,
    foldShort: (ms: number): string =>
      `静默 ${ms < 1_000 ? `${Math.round(ms)} 毫秒` : `${(ms / 1_000).toFixed(1)} 秒`}`,
    zoomIn: '放大',
    zoomOut: '缩小',
    fit: '全程',
    fitHint: '显示整个运行',
    wide: '加宽',
    wideHint: '让时空图占满宽度',
    follow: '跟随',
    fold: '折叠静默时段',
    exportHint: (format: string): string => `把所示部分存为 ${format}`,
    range: (fromMs: number, toMs: number): string => `${zh.ms(fromMs)}至 ${zh.ms(toMs)}`,
    cones: (past: Cone, future: Cone): string =>
      `在它之前：${past.lanes} 条泳道上的 ${past.events} 个事件（蓝色实线）。在它之后：${future.lanes} 条泳道上的 ${future.events} 个事件（紫色虚线）。`,
    ways: { back: '起因', along: '引出', before: '本道前一个', after: '本道后一个' },
    go: '跳到这一时刻',
  },

  // ------------------------------------------------------------ why
  whyHow: '选择一台服务器、一条消息或一个事件，再按“为什么？”，即可一路追溯到起点。',
  earlierCauses: (count: number): string => `更早的 ${count} 个原因`,
  youAreHere: '此刻',
  sinceStart: (id: number): string => `S${id} 从一开始就是跟随者：它还没有遇到任何事。`,
  stallTitle: '为什么没有动静？',
  nothingStuck: '没有任何阻塞。',
  stopsAll: '这使一切停滞：',
  sinceStep: (step: number): string => `自第 ${step} 步起`,
  finding: (found: Finding): string => findingInChinese(found),

  // ------------------------------------------------------------ transport
  transportLabel: '播放',
  play: '播放',
  pause: '暂停',
  toStart: '回到开头',
  toEnd: '到已运行部分的末尾',
  stepBack: '后退一步',
  stepForward: '前进一步',
  stepOf: (step: number, head: number): string => `第 ${step} 步，共 ${head} 步`,
  scrubber: '运行中的时刻',
  speed: '速度',
  speedValue: (speed: number): string => {
    if (speed === Number.POSITIVE_INFINITY) return '全速';
    if (speed < 0.95) return `实时的 1/${Math.round(1 / speed)}`;
    return speed < 1.05 ? '实时' : `实时的 ${Math.round(speed)} 倍`;
  },
  hurry: '平静，加速',
  hurryHint: '没有传输中的消息：这一段以六倍速度播放',
  ms: (timeMs: number): string =>
    `${timeMs.toLocaleString('zh-CN', { minimumFractionDigits: 1, maximumFractionDigits: 1 })} 毫秒`,
  fork: '分叉',
  markName: ({ kind, term, server }: Mark): string =>
    `${MARKS[kind]}${kind === 'election' || kind === 'leader' ? `，任期 ${term}` : ''}${server === null ? '' : `，S${server}`}`,
  noMark: (direction: number): string => (direction > 0 ? '之后没有标记。' : '之前没有标记。'),
  forkHint: '从这一刻开一条新分支；旧分支保留',
  branch: '分支',
  branchName: (branch: BranchView): string => `${branch.name}（${branch.headStep} 步）`,

  // ------------------------------------------------------------ faults and clients
  faultsLabel: '故障',
  partition: '分区',
  heal: '恢复',
  partitionTitle: '把集群切开',
  partitionHint:
    '用数字键或在这里选出一侧，然后按 Enter。也可以在环上划一条线，或圈住一些服务器。M 选中有焦点的服务器。',
  cutApart: '切开',
  cancel: '取消',
  client: '客户端',
  writeLabel: '以客户端身份提问',
  key: '键',
  value: '值',

  cluster,
  form: client,
  history,
  logs,
  metrics,
  tour,
  lab,
  chaos,
  explorer,
  branches,
  breakpoints,
  share,

  // ------------------------------------------------------------ rules, violations, expectations
  rulesIntro: 'Raft 的每一道保障都可以关掉。独立的检查器会指出什么因此被破坏。',
  modified: (count: number): string => `改动过的 Raft：关闭了 ${count} 条规则`,
  modifiedHint: (rules: string[]): string => `这不是论文中的 Raft。已关闭：${rules.join('；')}`,
  tryRule: (name: string, on: boolean): string => `${name}：${on ? '开' : '关'}`,
  ruleName: (rule: RuleName): string => RULES[rule]?.[0] ?? rule,
  ruleProtects: ({ name, protects }: RuleView): string => RULES[name]?.[1] ?? protects,
  section: (text: string): string => text.replace('dissertation', '博士论文'),
  invariantName: (id: string, name: string): string => INVARIANTS[id] ?? name,
  violationLabel: '一条安全性质被破坏',
  violated: (name: string): string => `违反了${name}`,
  goThere: (timeMs: number): string => `跳到 ${zh.ms(timeMs)}`,
  alsoViolated: '同时被破坏：',
  claims: (held: number, all: number): string => `${all} 条断言中有 ${held} 条成立`,
  expectation: { pending: '尚无定论', held: '成立', failed: '不成立' },

  // ------------------------------------------------------------ the whole
  panels: {
    inspect: '检视',
    messages: '消息',
    events: '事件',
    why: '为什么',
    diagram: '时空图',
    rules: '规则',
    history: '客户端',
    metrics: '度量',
    chaos: '混沌',
    explorer: '探索',
    branches: '分支',
    breakpoints: '断点',
    share: '分享',
  },
  panelsLabel: '详情',
  reset: '重新开始',
  copyLink: '复制指向这次运行的链接',
  linkCopied: '链接已复制。',
  copied: '已复制',
  help: '键盘快捷键',
  loading: '正在启动集群……',
  longRun: (steps: number, full: boolean): string =>
    `已记录 ${steps.toLocaleString('zh-CN')} 步。${full ? '一个页面最多只能保存这么多：请重新开始，或回到过去再操作。' : '按播放键继续。'}`,
  ended: '实验结束。按播放键看接下来会发生什么。',
  forked: (branch: string): string => `你改变了过去：现在是 ${branch}。`,
  panicTitle: '这是 raft-playground 的一个缺陷',
  panicText:
    '这个集群的引擎在工作中途停止了。它显示的内容已不可信，因此不再显示。请附上下面的文字报告这个问题；用它可以重现同一次运行。',
  freshInstance: '启动一个全新的集群',
  reportLabel: '供报告使用的种子和操作',
  copyReport: '复制报告',
  loadTitle: '无法启动这个集群',
  loadText: '引擎或场景无法加载。',
  tryAgain: '重试',
  keysTitle: '键盘',
  keysHint: '焦点在演示区内时，快捷键才起作用。',
  keys: [
    ['Space K', '播放、暂停'],
    ['← →', '后退一步、前进一步'],
    ['Shift ← →', '十步'],
    ['Home End', '到开头、到末尾'],
    [', .', '到上一个、下一个标记：选举、故障、违例'],
    ['N', '运行到下一个断点'],
    ['1–9', '选择一台服务器'],
    ['↑ ↓', '在环中：下一台服务器、消息或链路'],
    ['C', '让所选服务器崩溃或重启'],
    ['T', '让它的选举定时器到期'],
    ['P', '分区：选出一侧，按 Enter 切开'],
    ['M', '把有焦点或选中的服务器标入分区的一侧'],
    ['L', '选中服务器的链路：切断、单向、变慢、丢包'],
    ['Q', '显示或隐藏最近一次选举与提交的多数派'],
    ['H', '恢复所有链路'],
    ['+ − 0', '在客户端的操作之间：放大、缩小、整个运行'],
    ['W', '发送客户端表单里的内容'],
    ['Y', '为什么会这样，为什么没有动静'],
    ['F', '分叉：在此开一条新分支'],
    ['← → ↑ ↓', '在时空图中：沿泳道、到起因、沿消息'],
    ['+ − 0 [ ]', '在时空图中：缩放、全程、选段的起点和终点'],
    ['O Enter', '在时空图中：展开静默时段、跳到该时刻'],
    ['F2 Delete', '在分支中：改名、删除；Ctrl+Z 撤销'],
    ['← → ↑ ↓ Page Home End', '在日志中：逐个条目、逐屏移动，到首个、到最后一个'],
    ['?', '本说明'],
  ] as [string, string][],

  // ------------------------------------------------------------ spoken announcements
  saysLeader: (id: number, term: number): string => `服务器 ${id} 成为任期 ${term} 的领导者。`,
  saysNoLeader: '没有领导者。',
  saysViolation: (name: string): string => `违反了${name}。`,
  saysState: (playing: boolean): string => (playing ? '正在播放。' : '已暂停。'),
};

function servers(ids: readonly number[]): string {
  return ids.map((id) => `S${id}`).join(' ');
}

/** 每条规则的名称，以及它保护什么。 */
const RULES: Record<RuleName, [name: string, protects: string]> = {
  persistVote: ['投票先落盘再发出', '服务器在每个任期至多投一票，重启前后也不例外。'],
  persistTerm: ['任期先落盘再使用', '任期号绝不使用两次。'],
  persistLog: ['条目先落盘再确认', '已确认的条目在断电后仍然存在。'],
  majority: ['由多数派决定', '任意两个法定人数集合都有共同的服务器。'],
  randomisedTimeout: ['选举超时是随机的', '服务器很少在同一时刻成为候选者。'],
  redrawTimeout: ['每次重新抽取超时', '两个候选者平票时，下一次抽取会打破僵局。'],
  stepDownOnHigherTerm: ['遇到更高任期就成为跟随者', '被取代的领导者不再以领导者自居。'],
  preVote: ['预投票', '赢不了选举的服务器不会打扰领导者。'],
  checkQuorum: ['失去多数派的领导者退位', '联系不到多数派的领导者会在一个选举超时内退位。'],
  voteStickiness: ['能听到领导者时不投票', '跟随者仍能听到的领导者不会被罢免。'],
  consistencyCheck: ['AppendEntries 的一致性检查', '两份日志若有一个条目一致，则之前的条目全部一致。'],
  fastBackup: ['快速回退 nextIndex', '修复分歧的日志只需每个任期探测一次，而不是每个条目一次。'],
  truncateOnConflict: ['只在冲突时截断', '迟到的消息不会删除已经确认的条目。'],
  electionRestriction: ['选举限制', '领导者拥有所有已提交的条目。'],
  commitCurrentTermOnly: ['只为当前任期计数副本', '无论接下来由谁领导，已提交的都不会消失。'],
  noOp: ['新领导者提交一个空操作', '新领导者无需等待客户端，就能提交继承来的条目。'],
  flowControl: ['流量控制', '慢的跟随者不会让队列无限增长。'],
  readIndex: ['领导者答复读之前先确认自己仍在领导', '读能看到在它开始之前已确认的每一次写。'],
  retainSuffix: ['保留快照之后的条目', '迟到的快照不会删除已经确认的条目。'],
  jointConsensus: ['联合共识', '任何时刻都不会有两个不相交的多数派各自作出决定。'],
  noOpBeforeConfig: ['领导者变更成员之前先提交一个条目', '同一时间只有一次配置变更在进行。'],
  catchUpBeforeVote: ['新服务器先追上再投票', '新服务器在追赶期间不会削弱集群。'],
  honestNodes: ['没有服务器投两次票', '没有服务器在一个任期内投票给两个候选者。'],
  copyOnWrite: ['服务器生成快照时继续工作', '正在生成快照的服务器继续答复请求。'],
  groupCommit: ['等待中的写入共用一次落盘', '慢磁盘不会让每个条目都等待之前的所有条目。'],
  clientSessions: ['重复的命令只执行一次', '客户端重发的命令只执行一次。'],
  sessionGuarantee: ['客户端读到的内容从不倒退', '无论询问哪台服务器，客户端读到的内容都不会倒退。'],
};

const MARKS: Record<Mark['kind'], string> = {
  election: '选举',
  leader: '新领导者',
  fault: '故障',
  violation: '违例',
};

interface Cone {
  events: number;
  lanes: number;
}
