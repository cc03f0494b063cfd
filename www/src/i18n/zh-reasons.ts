import type { Phrase } from './phrases.js';

/** Why something was refused, ignored or lost, in Chinese; each is the end of a sentence. */

export const DENIALS: readonly Phrase[] = [
  [/^the term is over, mine is (\d+)$/, (term) => `该任期已结束，我的任期是 ${term}`],
  [/^already voted for S(\d+) in this term$/, (id) => `这一任期已投给 S${id}`],
  [/^my last log term (\d+) > (\d+)$/, (mine, theirs) => `我日志最后的任期 ${mine} > ${theirs}`],
  [
    /^same last log term (\d+), but my log is longer: (\d+) > (\d+)$/,
    (term, mine, theirs) => `日志最后的任期同为 ${term}，但我的日志更长：${mine} > ${theirs}`,
  ],
  [/^a leader is alive; its lease lasts (\d+) more ticks$/, (ticks) => `领导者还在；它的租约还有 ${ticks} 个滴答`],
];

export const FOLLOWER: readonly Phrase[] = [
  [/^S(\d+) knows this higher term$/, (id) => `S${id} 知道这个更高的任期`],
  [/^it heard the leader$/, () => '它听到了领导者'],
  [/^as leader it heard no quorum for an election timeout$/, () => '作为领导者，它有一个选举超时没听到多数派了'],
  [/^a quorum refused its vote$/, () => '多数派拒绝投票给它'],
  [/^it has committed a configuration without its own vote$/, () => '它提交了一个自己没有投票权的配置'],
];

export const IGNORED: readonly Phrase[] = [
  [/^it is addressed to another server$/, () => '它是发给别的服务器的'],
  [/^its term is over$/, () => '它的任期已结束'],
  [/^nobody is waiting for it any more$/, () => '已经没人在等它'],
  [/^it is older than what is already known$/, () => '它比已知的更旧'],
  [/^its sender is not a member$/, () => '发送者不是成员'],
  [/^this server is no voter$/, () => '这台服务器没有投票权'],
  [/^only a leader can answer it$/, () => '只有领导者能答复它'],
  [/^no correct server can say this$/, () => '正确的服务器不会这么说'],
];

export const LOSSES: readonly Phrase[] = [
  [/^the network lost it$/, () => '网络把它丢了'],
  [/^the link is cut$/, () => '链路已切断'],
  [/^the receiver is crashed$/, () => '接收者已崩溃'],
  [/^it was dropped by hand$/, () => '它被手动丢弃'],
  [/^too many messages are in flight$/, () => '传输中的消息太多'],
];

export const REFUSALS: readonly Phrase[] = [
  [/^no running server leads; try again after an election$/, () => '没有运行中的领导者；请在选举之后再试'],
  [
    /^this server is not the leader; ask the leader it names, or try another server$/,
    () => '这台服务器不是领导者；请询问它指出的领导者，或换一台服务器',
  ],
  [
    /^S(\d+) has caught up to (\d+) of (\d+); add it as a learner and wait until it has caught up$/,
    (id, have, all) => `S${id} 才追到 ${have}，而日志到 ${all}；请先把它加为学习者，等它追上`,
  ],
  [
    /^it no longer leads, so nobody knows whether its state is up to date$/,
    () => '它不再是领导者，没人知道它的状态是否最新',
  ],
  [/^it is crashed$/, () => '它已崩溃'],
  [
    /^leadership is being handed to S(\d+); try again when that has succeeded or failed$/,
    (id) => `领导权正在移交给 S${id}；请等成功或失败后再试`,
  ],
  [
    /^leadership is being handed to S(\d+); wait until that has succeeded or failed$/,
    (id) => `领导权正在移交给 S${id}；请等它成功或失败`,
  ],
  [
    /^(\d+) bytes wait to be committed, the limit is (\d+); try again when some are$/,
    (bytes, limit) => `有 ${bytes} 字节等待提交，上限是 ${limit}；请等一部分提交后再试`,
  ],
  [
    /^the command has (\d+) bytes, but at most (\d+) are allowed$/,
    (bytes, limit) => `命令有 ${bytes} 字节，最多允许 ${limit}`,
  ],
  [/^S(\d+) leads already$/, (id) => `S${id} 已是领导者`],
  [/^S(\d+) is no voter; make it one first$/, (id) => `S${id} 不是投票成员；请先让它成为投票成员`],
  [
    /^this server knows no leader; try again after an election, or ask another server$/,
    () => '这台服务器不知道谁是领导者；请在选举之后再试，或询问另一台服务器',
  ],
  [
    /^no entry of term (\d+) is in the log, so the leader does not know what is committed; propose one first$/,
    (term) => `日志中没有任期 ${term} 的条目，领导者无从知道哪些已提交；请先提议一个`,
  ],
  [
    /^(\d+) reads wait already; try again when some are answered$/,
    (limit) => `已有 ${limit} 个读操作在等待；请等一部分得到答复后再试`,
  ],
  [
    /^the configuration at index (\d+) is not settled; wait until the cluster has committed and left it$/,
    (index) => `索引 ${index} 处的配置尚未落定；请等集群提交并离开它`,
  ],
  [
    /^the leader has committed nothing in term (\d+) yet; wait until it has$/,
    (term) => `领导者在任期 ${term} 还没有提交任何条目；请等它提交`,
  ],
  [/^this would change nothing$/, () => '这不会改变任何东西'],
  [/^S(\d+) is not a member that can be changed this way$/, (id) => `S${id} 不是可以这样变更的成员`],
  [/^no voter would be left$/, () => '那样就没有投票成员了'],
];
