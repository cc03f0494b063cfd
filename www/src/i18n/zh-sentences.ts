import { first, type Phrase, part, UNKNOWN } from './phrases.js';
import { actionInChinese, asked } from './zh-actions.js';
import { DENIALS, FOLLOWER, IGNORED, LOSSES, REFUSALS } from './zh-reasons.js';

/**
 * The sentences of the engine in Chinese.
 *
 * The engine gives kinds and numbers of an event as data, but its reasons only as an English sentence. So a sentence is
 * recognised here, by the kind of its event; one that is not recognised is shown as it is. A test reads every event of
 * every scenario, and compares the numbers.
 */

/** What happened, or `null` if only the English sentence exists. */
export function eventInChinese({ kind, text }: { kind: string; text: string }): string | null {
  if (kind === 'acted') return actionInChinese(text);
  return first(EVENTS[kind] ?? [], text);
}

/** The line of a message, such as `AppendEntries S1→S2 term 1 with 1 entry after 0`. */
export function messageInChinese(text: string): string | null {
  const [, route, term, tail = ''] = /^(\w+ S\d+→S\d+) term (\d+)(.*)$/.exec(text) ?? [];
  if (route === undefined) return null;
  const more = tail === '' ? '' : first(TAILS, tail.trim());
  return more === null ? null : `${route} 任期 ${term}${more === '' ? '' : `，${more}`}`;
}

/** Why something waits at a server. */
export function blockedInChinese(text: string): string | null {
  return first(BLOCKED, text);
}

const message = (text: string): string => messageInChinese(text) ?? UNKNOWN;
const vote = (kind: string): string => (kind === 'pre-vote' ? '预投票' : '选票');

const TAILS: readonly Phrase[] = [
  [/^heartbeat after (\d+)$/, (index) => `心跳，接在 ${index} 之后`],
  [/^with (\d+) entr(?:y|ies) after (\d+)$/, (count, index) => `带 ${count} 个条目，接在 ${index} 之后`],
  [/^accepted up to (\d+)$/, (index) => `接受到 ${index}`],
  [/^refused$/, () => '拒绝'],
  [/^last index (\d+)$/, (index) => `最后索引 ${index}`],
  [/^up to (\d+)$/, (index) => `到 ${index}`],
  [/^installed up to (\d+)$/, (index) => `已安装到 ${index}`],
  [/^received a piece$/, () => '收到一块'],
  [/^read index (\d+)$/, (index) => `读索引 ${index}`],
  [/^granted$/, () => '同意'],
  [/^denied$/, () => '拒绝'],
];

/** What waits, as the engine says it of a server and in events. */
const WAITING: readonly Phrase[] = [
  [
    /^S(\d+) lets a read wait: it has committed nothing in its term (\d+) and so cannot know what is$/,
    (id, term) => `S${id} 让读操作等待：它在任期 ${term} 还没有提交任何条目，无从知道哪些已提交`,
  ],
  [
    /^S(\d+) lets a read wait: (\d+) of the (\d+) voters needed have confirmed that it still leads$/,
    (id, have, need) => `S${id} 让读操作等待：已有 ${have} 个投票成员确认它仍在领导，需要 ${need} 个`,
  ],
  [
    /^S(\d+) lets a read wait for an answer from leader S(\d+)$/,
    (id, leader) => `S${id} 让读操作等待领导者 S${leader} 的答复`,
  ],
  [
    /^S(\d+) lets a read wait: entry (\d+) must be applied, (\d+) is$/,
    (id, index, applied) => `S${id} 让读操作等待：必须应用到条目 ${index}，目前应用到 ${applied}`,
  ],
];

const COMMIT: readonly Phrase[] = [
  [
    /^S(\d+) may not commit entry (\d+) yet: (\d+) of the (\d+) voters needed hold it(?:; not known to hold it: (.+))?$/,
    (id, index, have, need, missing) =>
      `S${id} 还不能提交条目 ${index}：已有 ${have} 个投票成员持有它，需要 ${need} 个${missing ? `；尚不知是否持有的：${missing.replaceAll(', ', '、')}` : ''}`,
  ],
  [
    /^S(\d+) may not commit entry (\d+) by counting: it is of older term (\d+)$/,
    (id, index, term) => `S${id} 不能靠计数提交条目 ${index}：它属于更早的任期 ${term}`,
  ],
];

const BLOCKED: readonly Phrase[] = [
  ...COMMIT,
  ...WAITING,
  [
    /^S(\d+) hands over to S(\d+) once its log is complete: it is known to hold (\d+) of (\d+); (\d+) ticks are left$/,
    (id, target, have, all, left) =>
      `S${id} 等 S${target} 的日志完整后就移交领导权：已知 S${target} 持有到 ${have} 的条目，日志到 ${all}；还剩 ${left} 个滴答`,
  ],
  [
    /^S(\d+) has asked S(\d+) to campaign and waits for it; (\d+) ticks are left$/,
    (id, target, left) => `S${id} 已请 S${target} 竞选，正等着它；还剩 ${left} 个滴答`,
  ],
];

const OUTCOMES: readonly Phrase[] = [
  [/^is told that the key is not set$/, () => '得知该键未设置'],
  [/^gets no answer to its read$/, () => '的读操作没有得到答复'],
  [/^is told that the key has another value, and that nothing was changed$/, () => '得知该键是别的值，什么都没有改变'],
  [/^is told that the write was carried out$/, () => '得知写入已执行'],
  [/^is told that the write was refused$/, () => '得知写入被拒绝'],
  [
    /^gets no answer: the write may or may not have been carried out$/,
    () => '没有得到答复：写入可能已执行，也可能没有',
  ],
];

const EVENTS: Record<string, readonly Phrase[]> = {
  electionTimeout: [
    [/^S(\d+) has waited long enough: its election timer ran out$/, (id) => `S${id} 等得够久了：它的选举定时器到期`],
  ],
  electionTimeoutDrawn: [[/^S(\d+) will wait (\d+) ticks$/, (id, ticks) => `S${id} 将等待 ${ticks} 个滴答`]],
  becomeFollower: [
    [
      /^S(\d+) is a follower in term (\d+)(?: of leader S(\d+))?: (.*)$/,
      (id, term, leader, why) =>
        `S${id} 在任期 ${term} 是跟随者${leader ? `，领导者是 S${leader}` : ''}：${part(FOLLOWER, why ?? '')}`,
    ],
  ],
  becomePreCandidate: [
    [/^S(\d+) asks who would vote for it in term (\d+)$/, (id, term) => `S${id} 询问谁会在任期 ${term} 投票给它`],
  ],
  becomeCandidate: [
    [
      /^S(\d+) is a candidate in term (\d+) and votes for itself$/,
      (id, term) => `S${id} 成为任期 ${term} 的候选者，并投票给自己`,
    ],
  ],
  becomeLeader: [
    [
      /^S(\d+) has a quorum of votes: it leads term (\d+)$/,
      (id, term) => `S${id} 得到多数派的选票：它领导任期 ${term}`,
    ],
  ],
  voteGranted: [
    [
      /^S(\d+) gives S(\d+) its (pre-vote|vote) for term (\d+)$/,
      (id, candidate, kind, term) => `S${id} 给 S${candidate} 投出${vote(kind ?? '')}（任期 ${term}）`,
    ],
  ],
  voteDenied: [
    [
      /^S(\d+) refuses S(\d+) its (pre-vote|vote) for term (\d+): (.*)$/,
      (id, candidate, kind, term, why) =>
        `S${id} 拒绝给 S${candidate} ${vote(kind ?? '')}（任期 ${term}）：${part(DENIALS, why ?? '')}`,
    ],
  ],
  voteCounted: [
    [
      /^S(\d+) counts the (pre-vote|vote) of S(\d+)$/,
      (id, kind, voter) => `S${id} 计入${vote(kind ?? '')}，来自 S${voter}`,
    ],
    [
      /^S(\d+) learns that S(\d+) refuses its (pre-vote|vote)$/,
      (id, voter, kind) => `S${id} 得知 S${voter} 拒绝给它${vote(kind ?? '')}`,
    ],
  ],
  entriesAppended: [
    [/^S(\d+) appends entry (\d+) of term (\d+)$/, (id, index, term) => `S${id} 追加条目 ${index}，任期 ${term}`],
    [
      /^S(\d+) appends entries (\d+) to (\d+), the last of term (\d+)$/,
      (id, from, to, term) => `S${id} 追加条目 ${from} 到 ${to}，最后一个属于任期 ${term}`,
    ],
  ],
  entriesTruncated: [
    [
      /^S(\d+) removes its entries (\d+) to (\d+), which conflict with the leader's( although they were committed)?$/,
      (id, from, to, committed) =>
        `S${id} 删除与领导者冲突的条目 ${from} 到 ${to}${committed ? '，尽管它们已提交' : ''}`,
    ],
  ],
  appendAccepted: [
    [
      /^S(\d+) has the same log as leader S(\d+) up to (\d+)$/,
      (id, leader, index) => `S${id} 的日志与领导者 S${leader} 的相同，直到 ${index}`,
    ],
  ],
  appendRejected: [
    [
      /^S(\d+) refuses the entries: it needs entry (\d+) of term (\d+) before them, but has one of term (\d+), which starts at (\d+)$/,
      (id, index, term, mine, start) =>
        `S${id} 拒绝这些条目：它们之前须有条目 ${index}，任期 ${term}，而它在那里的条目属于任期 ${mine}，该任期始于 ${start}`,
    ],
    [
      /^S(\d+) refuses the entries: it needs entry (\d+) of term (\d+) before them, but its log ends at (\d+)$/,
      (id, index, term, end) =>
        `S${id} 拒绝这些条目：它们之前须有条目 ${index}，任期 ${term}，而它的日志到 ${end} 为止`,
    ],
  ],
  nextIndexMovedBack: [
    [
      /^S(\d+) goes back in the log of S(\d+): next index (\d+)$/,
      (id, follower, index) => `S${id} 在 S${follower} 的日志中回退：nextIndex 为 ${index}`,
    ],
  ],
  progressChanged: [
    [/^S(\d+) sends to S(\d+) one message at a time$/, (id, peer) => `S${id} 向 S${peer} 逐条发送消息`],
    [/^S(\d+) sends to S(\d+) without waiting$/, (id, peer) => `S${id} 不等应答就继续向 S${peer} 发送`],
    [
      /^S(\d+) sends its snapshot to S(\d+): what S\d+ needs is no longer in the log$/,
      (id, peer) => `S${id} 把快照发给 S${peer}：S${peer} 需要的内容已不在日志中`,
    ],
  ],
  commitAdvanced: [
    [/^S(\d+) commits up to (\d+) \(before: (\d+)\)$/, (id, to, from) => `S${id} 提交到 ${to}（此前：${from}）`],
  ],
  commitBlocked: COMMIT,
  logCompacted: [
    [/^S(\d+) replaces its log up to (\d+) by a snapshot$/, (id, index) => `S${id} 用快照取代到 ${index} 为止的日志`],
  ],
  snapshotReceived: [
    [
      /^S(\d+) has received (\d+) bytes of the snapshot up to (\d+)$/,
      (id, bytes, index) => `S${id} 已收到 ${bytes} 字节，属于到 ${index} 为止的快照`,
    ],
  ],
  snapshotInstalled: [
    [
      /^S(\d+) installs the leader's snapshot up to (\d+), and (keeps what follows in its log|nothing of its log is left)$/,
      (id, index, rest) =>
        `S${id} 安装领导者的快照，到 ${index} 为止，${rest?.startsWith('keeps') ? '并保留日志中其后的条目' : '自己的日志一个条目也不剩'}`,
    ],
  ],
  configurationChanged: [
    [
      /^S(\d+) goes by the (joint )?configuration at (\d+) from now on, committed or not$/,
      (id, joint, index) => `S${id} 从现在起采用 ${index} 处的${joint ? '联合' : ''}配置，无论是否已提交`,
    ],
  ],
  caughtUp: [
    [
      /^S(\d+) finds that S(\d+) has caught up, in (\d+) rounds?$/,
      (id, learner, rounds) => `S${id} 发现 S${learner} 已追上，用了 ${rounds} 轮`,
    ],
  ],
  transferStarted: [
    [
      /^S(\d+) prepares to hand over to S(\d+) and takes no commands meanwhile$/,
      (id, target) => `S${id} 准备把领导权移交给 S${target}，其间不接受命令`,
    ],
  ],
  transferRequested: [
    [
      /^S(\d+) asks S(\d+), whose log is complete, to campaign at once$/,
      (id, target) => `S${id} 请日志已完整的 S${target} 立即竞选`,
    ],
  ],
  transferAborted: [
    [
      /^S(\d+) gives up handing over to S(\d+) and takes commands again$/,
      (id, target) => `S${id} 放弃移交给 S${target}，重新接受命令`,
    ],
  ],
  readWaiting: WAITING,
  readsConfirmed: [
    [
      /^S(\d+) may serve (\d+) reads? once entry (\d+) is applied$/,
      (id, reads, index) => `S${id} 可以答复 ${reads} 个读操作，只等条目 ${index} 应用`,
    ],
  ],
  messageIgnored: [
    [
      /^S(\d+) ignores (\w+) from S(\d+): (.*)$/,
      (id, kind, from, why) => `S${id} 忽略 ${kind}（来自 S${from}）：${part(IGNORED, why ?? '')}`,
    ],
  ],
  sent: [[/^S(\d+) sends (.*)$/, (id, what) => `S${id} 发送 ${message(what ?? '')}`]],
  delivered: [[/^S(\d+) receives (.*)$/, (id, what) => `S${id} 收到 ${message(what ?? '')}`]],
  duplicated: [[/^a second copy is on its way: (.*)$/, (what) => `另一份副本正在途中：${message(what ?? '')}`]],
  lost: [
    [/^(.*) does not arrive: (.*)$/, (what, why) => `${message(what ?? '')} 没有送达：${part(LOSSES, why ?? '')}`],
  ],
  writeStarted: [
    [/^S(\d+) starts to write to disk \(write (\d+)\)$/, (id, write) => `S${id} 开始写磁盘（第 ${write} 次写）`],
  ],
  writeDurable: [
    [
      /^everything up to write (\d+) is on the disk of S(\d+)$/,
      (write, id) => `第 ${write} 次写及之前的内容都已在 S${id} 的磁盘上`,
    ],
  ],
  applied: [[/^S(\d+) applies entries up to (\d+)$/, (id, index) => `S${id} 应用到条目 ${index}`]],
  crashed: [
    [
      /^S(\d+) is down(?:; (\d+) unfinished writes are lost)?$/,
      (id, lost) => `S${id} 宕机${lost ? `；${lost} 次未完成的写丢失` : ''}`,
    ],
  ],
  restarted: [[/^S(\d+) starts from its disk$/, (id) => `S${id} 从磁盘启动`]],
  called: [[/^client (\S+) (.*)$/s, (client, what) => `客户端 ${client} ${asked(what ?? '')}`]],
  asked: [
    [
      /^S(\d+) hears that client (\S+) (.*)$/s,
      (id, client, what) => `S${id} 收到请求：客户端 ${client} ${asked(what ?? '')}`,
    ],
  ],
  redirected: [[/^client (\S+) turns to S(\d+)$/, (client, id) => `客户端 ${client} 转向 S${id}`]],
  resent: [
    [/^client (\S+) asks once more: it (.*)$/s, (client, what) => `客户端 ${client} 再问一次：${asked(what ?? '')}`],
  ],
  returned: [
    [/^client (\S+) has caught up with the leader$/, (client) => `客户端 ${client} 已与领导者对齐`],
    [/^client (\S+) is not told how far the leader is$/, (client) => `客户端 ${client} 未得知领导者进行到哪里`],
    [/^client (\S+) reads (\S+) = (.*)$/s, (client, key, value) => `客户端 ${client} 读到 ${key} = ${value}`],
    [
      /^client (\S+) \(([^)]*)\) (.*)$/s,
      (client, key, how) => `客户端 ${client}（${key}）${part(OUTCOMES, how ?? '')}`,
    ],
  ],
  refused: [
    [/^nobody takes it: (.*)$/s, (why) => `没有服务器接受：${part(REFUSALS, why ?? '')}`],
    [/^S(\d+) refuses: (.*)$/s, (id, why) => `S${id} 拒绝：${part(REFUSALS, why ?? '')}`],
  ],
  snapshotBegun: [
    [
      /^S(\d+) begins a snapshot of its state up to (\d+)$/,
      (id, index) => `S${id} 开始为到 ${index} 为止的状态生成快照`,
    ],
  ],
  restored: [
    [
      /^S(\d+) takes over the state of the snapshot up to (\d+)$/,
      (id, index) => `S${id} 采用快照中到 ${index} 为止的状态`,
    ],
  ],
  expected: [
    [/^as expected$/, () => '符合预期'],
    [/^not as expected$/, () => '不符合预期'],
  ],
  torn: [
    [
      /^the last write of S(\d+) is torn: its disk holds entries up to (\d+)$/,
      (id, index) => `S${id} 的最后一次写不完整：磁盘上的条目到 ${index} 为止`,
    ],
  ],
  forgotten: [
    [
      /^the disk of S(\d+) has lied: it has lost (\d+) writes that it had called durable$/,
      (id, writes) => `S${id} 的磁盘说了谎：它丢失了 ${writes} 次声称已落盘的写`,
    ],
  ],
  linkBroke: [[/^the link from S(\d+) to S(\d+) breaks$/, (from, to) => `从 S${from} 到 S${to} 的链路断开`]],
  linkRecovered: [[/^the link from S(\d+) to S(\d+) works again$/, (from, to) => `从 S${from} 到 S${to} 的链路恢复`]],
};
