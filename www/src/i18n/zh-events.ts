import type {
  AskedData,
  CommitBlock,
  CommitReason,
  EventData,
  EventKind,
  FollowerReason,
  Happening,
  IgnoreReason,
  LossReason,
  MessageData,
  ReadBlock,
  TransferBlock,
  VoteDenial,
} from '../engine/happenings.js';
import type { Say, Sentences } from './en-events.js';
import { chineseAction, compareAndSet } from './zh-actions.js';
import { chineseFact, INVARIANTS } from './zh-facts.js';
import { chineseRefusal } from './zh-refusals.js';

/** What happened, in Chinese. */
export function chineseEvent({ kind, data, server }: Happening): string {
  const say = SENTENCES[kind] as Say<EventKind>;
  return say(data, server === null ? '世界' : `S${server}`, server);
}

/** A message in one line. */
export function chineseMessage(message: MessageData): string {
  const { kind, from, to, term } = message;
  const more = tail(message);
  return `${kind} S${from}→S${to} 任期 ${term}${more === '' ? '' : `，${more}`}`;
}

/** What waits at a server, in Chinese. */
export const chineseBlock = {
  commit: (server: number, block: CommitBlock): string => {
    const missing = block.missing.map((id) => `S${id}`).join('、');
    return `${blocked(`S${server}`, block)}${missing === '' ? '' : `；尚不知是否持有的：${missing}`}`;
  },
  read: (server: number, block: ReadBlock): string => waiting(`S${server}`, block),
  transfer: (server: number, block: TransferBlock): string =>
    block.type === 'logBehind'
      ? `S${server} 等 S${block.target} 的日志完整后就移交领导权：已知它持有到 ${block.matchIndex} 的条目，日志到 ${block.lastIndex}；还剩 ${block.ticks} 个滴答`
      : `S${server} 已请 S${block.target} 竞选，正等着它；还剩 ${block.ticks} 个滴答`,
};

const vote = (preVote: boolean): string => (preVote ? '预投票' : '选票');

export const SENTENCES: Sentences = {
  electionTimeout: (_, who) => `${who} 等得够久了：它的选举定时器到期`,
  electionTimeoutDrawn: ({ ticks }, who) => `${who} 将等待 ${ticks} 个滴答`,
  becomeFollower: ({ term, leader, reason }, who) =>
    `${who} 在任期 ${term} 是跟随者${leader === null ? '' : `，领导者是 S${leader}`}：${follows(reason)}`,
  becomePreCandidate: ({ term }, who) => `${who} 询问谁会在任期 ${term} 投票给它`,
  becomeCandidate: ({ term }, who) => `${who} 成为任期 ${term} 的候选者，并投票给自己`,
  becomeLeader: ({ term }, who) => `${who} 得到多数派的选票：它领导任期 ${term}`,
  voteGranted: ({ candidate, term, preVote }, who) => `${who} 给 S${candidate} 投出${vote(preVote)}（任期 ${term}）`,
  voteDenied: ({ candidate, term, preVote, reason }, who) =>
    `${who} 拒绝给 S${candidate} ${vote(preVote)}（任期 ${term}）：${denies(reason)}`,
  voteCounted: ({ voter, granted, preVote }, who) =>
    granted ? `${who} 计入${vote(preVote)}，来自 S${voter}` : `${who} 得知 S${voter} 拒绝给它${vote(preVote)}`,
  entriesAppended: ({ first, last, term }, who) =>
    first === last
      ? `${who} 追加条目 ${first}，任期 ${term}`
      : `${who} 追加条目 ${first} 到 ${last}，最后一个属于任期 ${term}`,
  entriesTruncated: ({ first, last, committed }, who) =>
    `${who} 删除与领导者冲突的条目 ${first} 到 ${last}${committed ? '，尽管它们已提交' : ''}`,
  appendAccepted: ({ leader, matchIndex }, who) => `${who} 的日志与领导者 S${leader} 的相同，直到 ${matchIndex}`,
  appendRejected: ({ prevLogIndex, prevLogTerm, conflictIndex, conflictTerm }, who) =>
    `${who} 拒绝这些条目：它们之前须有条目 ${prevLogIndex}，任期 ${prevLogTerm}，${
      conflictTerm === null
        ? `而它的日志到 ${Math.max(0, conflictIndex - 1)} 为止`
        : `而它在那里的条目属于任期 ${conflictTerm}，该任期始于 ${conflictIndex}`
    }`,
  nextIndexMovedBack: ({ follower, nextIndex }, who) =>
    `${who} 在 S${follower} 的日志中回退：nextIndex 为 ${nextIndex}`,
  progressChanged: ({ follower, state }, who) =>
    ({
      probe: `${who} 向 S${follower} 逐条发送消息`,
      replicate: `${who} 不等应答就继续向 S${follower} 发送`,
      snapshot: `${who} 把快照发给 S${follower}：S${follower} 需要的内容已不在日志中`,
    })[state],
  commitAdvanced: ({ from, to }, who) => `${who} 提交到 ${to}（此前：${from}）`,
  commitBlocked: ({ reason }, who) => blocked(who, reason),
  logCompacted: ({ index }, who) => `${who} 用快照取代到 ${index} 为止的日志`,
  snapshotReceived: ({ index, bytes }, who) => `${who} 已收到 ${bytes} 字节，属于到 ${index} 为止的快照`,
  snapshotInstalled: ({ index, keptSuffix }, who) =>
    `${who} 安装领导者的快照，到 ${index} 为止，${keptSuffix ? '并保留日志中其后的条目' : '自己的日志一个条目也不剩'}`,
  configurationChanged: ({ index, joint }, who) =>
    `${who} 从现在起采用 ${index} 处的${joint ? '联合' : ''}配置，无论是否已提交`,
  caughtUp: ({ learner, rounds }, who) => `${who} 发现 S${learner} 已追上，用了 ${rounds} 轮`,
  transferStarted: ({ target }, who) => `${who} 准备把领导权移交给 S${target}，其间不接受命令`,
  transferRequested: ({ target }, who) => `${who} 请日志已完整的 S${target} 立即竞选`,
  transferAborted: ({ target }, who) => `${who} 放弃移交给 S${target}，重新接受命令`,
  readWaiting: ({ reason }, who) => waiting(who, reason),
  readsConfirmed: ({ readIndex, reads }, who) => `${who} 可以答复 ${reads} 个读操作，只等条目 ${readIndex} 应用`,
  messageIgnored: ({ from, kind, reason }, who) => `${who} 忽略 ${kind}（来自 S${from}）：${IGNORED[reason]}`,
  sent: (message, who) => `${who} 发送 ${chineseMessage(message)}`,
  delivered: (message, who) => `${who} 收到 ${chineseMessage(message)}`,
  duplicated: (message) => `另一份副本正在途中：${chineseMessage(message)}`,
  lost: (message) => `${chineseMessage(message)} 没有送达：${LOST[message.reason]}`,
  writeStarted: ({ write }, who) => `${who} 开始写磁盘（第 ${write} 次写）`,
  writeDurable: ({ write }, who) => `第 ${write} 次写及之前的内容都已在 ${who} 的磁盘上`,
  applied: ({ index }, who) => `${who} 应用到条目 ${index}`,
  acted: (action) => chineseAction(action),
  crashed: ({ writes }, who) => `${who} 宕机${writes === 0 ? '' : `；${writes} 次未完成的写丢失`}`,
  restarted: (_, who) => `${who} 从磁盘启动`,
  called: (op) => (op.client === null ? '' : `客户端 ${op.client} ${asks(op)}`),
  asked: (op, who) => (op.client === null ? '' : `${who} 收到请求：客户端 ${op.client} ${asks(op)}`),
  resent: (op) => (op.client === null ? '' : `客户端 ${op.client} 再问一次：${asks(op)}`),
  redirected: ({ client, to }) => (client === null ? '' : `客户端 ${client} 转向 S${to}`),
  returned: (data) => (data.client === null ? '' : answered(data)),
  expected: ({ held }) => (held ? '符合预期' : '不符合预期'),
  violated: (data) =>
    data.invariant === null
      ? '一条不变式被破坏'
      : `${INVARIANTS[data.invariant] ?? data.name}（${data.invariant}）不成立：${data.facts.map(chineseFact).join('；')}`,
  refused: ({ reason }, who, server) =>
    server === null ? `没有服务器接受：${chineseRefusal(reason)}` : `${who} 拒绝：${chineseRefusal(reason)}`,
  snapshotBegun: ({ index }, who) => `${who} 开始为到 ${index} 为止的状态生成快照`,
  restored: ({ index }, who) => `${who} 采用快照中到 ${index} 为止的状态`,
  torn: ({ index }, who) => `${who} 的最后一次写不完整：磁盘上的条目到 ${index} 为止`,
  forgotten: ({ writes }, who) => `${who} 的磁盘说了谎：它丢失了 ${writes} 次声称已落盘的写`,
  linkBroke: ({ to }, who) => `从 ${who} 到 S${to} 的链路断开`,
  linkRecovered: ({ to }, who) => `从 ${who} 到 S${to} 的链路恢复`,
};

function tail({ kind, index, entries, success }: MessageData): string {
  switch (kind) {
    case 'AppendEntries':
      return entries === 0 ? `心跳，接在 ${index} 之后` : `带 ${entries} 个条目，接在 ${index} 之后`;
    case 'AppendEntriesReply':
      return success ? `接受到 ${index}` : '拒绝';
    case 'RequestVote':
    case 'PreVote':
      return `最后索引 ${index}`;
    case 'InstallSnapshot':
      return `到 ${index}`;
    case 'InstallSnapshotReply':
      return success === null ? '收到一块' : success ? `已安装到 ${index}` : '拒绝';
    case 'ReadIndexReply':
      return `读索引 ${index}`;
    case 'TimeoutNow':
    case 'ReadIndex':
      return '';
    case 'RequestVoteReply':
    case 'PreVoteReply':
      return success ? '同意' : '拒绝';
  }
}

function follows(reason: FollowerReason): string {
  switch (reason.type) {
    case 'higherTerm':
      return `S${reason.from} 知道这个更高的任期`;
    case 'leaderHeard':
      return '它听到了领导者';
    case 'noQuorum':
      return '作为领导者，它有一个选举超时没听到多数派了';
    case 'votesDenied':
      return '多数派拒绝投票给它';
    case 'notAVoter':
      return '它提交了一个自己没有投票权的配置';
  }
}

function denies(reason: VoteDenial): string {
  switch (reason.type) {
    case 'staleTerm':
      return `该任期已结束，我的任期是 ${reason.currentTerm}`;
    case 'alreadyVoted':
      return `这一任期已投给 S${reason.votedFor}`;
    case 'logBehind':
      return reason.myTerm === reason.theirTerm
        ? `日志最后的任期同为 ${reason.myTerm}，但我的日志更长：${reason.myIndex} > ${reason.theirIndex}`
        : `我日志最后的任期 ${reason.myTerm} > ${reason.theirTerm}`;
    case 'leaderAlive':
      return `领导者还在；它的租约还有 ${reason.ticks} 个滴答`;
  }
}

function blocked(who: string, reason: CommitReason): string {
  return reason.type === 'noQuorum'
    ? `${who} 还不能提交条目 ${reason.index}：已有 ${reason.have} 个投票成员持有它，需要 ${reason.need} 个`
    : `${who} 不能靠计数提交条目 ${reason.index}：它属于更早的任期 ${reason.entryTerm}`;
}

function waiting(who: string, block: ReadBlock): string {
  switch (block.type) {
    case 'nothingCommitted':
      return `${who} 让读操作等待：它在任期 ${block.term} 还没有提交任何条目，无从知道哪些已提交`;
    case 'noQuorum':
      return `${who} 让读操作等待：已有 ${block.have} 个投票成员确认它仍在领导，需要 ${block.need} 个`;
    case 'noAnswer':
      return `${who} 让读操作等待领导者 S${block.leader} 的答复`;
    case 'notApplied':
      return `${who} 让读操作等待：必须应用到条目 ${block.readIndex}，目前应用到 ${block.lastApplied}`;
  }
}

/** What a client asks for, as the end of a sentence that begins with its name. */
function asks({ key, ask, value, expected }: Exclude<AskedData, { client: null }>): string {
  switch (ask) {
    case 'get':
      return `读 ${key}`;
    case 'put':
      return `写入 ${key} = ${value}`;
    case 'append':
      return `把 ${value} 追加到 ${key}`;
    case 'cas':
      return compareAndSet(key, expected, value);
    case 'delete':
      return `删除 ${key}`;
    case 'sync':
      return '与领导者对齐';
  }
}

function answered(data: Exclude<EventData['returned'], { client: null }>): string {
  const { client, key, ask, outcome, result, matched } = data;
  if (ask === 'sync')
    return outcome === 'ok' ? `客户端 ${client} 已与领导者对齐` : `客户端 ${client} 未得知领导者进行到哪里`;
  if (ask === 'get' && outcome === 'ok' && result !== null) return `客户端 ${client} 读到 ${key} = ${result}`;
  const how =
    ask === 'get'
      ? outcome === 'ok'
        ? '得知该键未设置'
        : '的读操作没有得到答复'
      : ask === 'cas' && matched === false && outcome === 'ok'
        ? '得知该键是别的值，什么都没有改变'
        : { ok: '得知写入已执行', fail: '得知写入被拒绝', unknown: '没有得到答复：写入可能已执行，也可能没有' }[
            outcome
          ];
  return `客户端 ${client}（${key}）${how}`;
}

const IGNORED: Record<IgnoreReason, string> = {
  notForMe: '它是发给别的服务器的',
  staleTerm: '它的任期已结束',
  notAsked: '已经没人在等它',
  outdated: '它比已知的更旧',
  notAMember: '发送者不是成员',
  notAVoter: '这台服务器没有投票权',
  notLeader: '只有领导者能答复它',
  impossible: '正确的服务器不会这么说',
};

const LOST: Record<LossReason, string> = {
  chance: '网络把它丢了',
  cut: '链路已切断',
  crashed: '接收者已崩溃',
  dropped: '它被手动丢弃',
  full: '传输中的消息太多',
};
