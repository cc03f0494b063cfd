import type { Refusal, Refusals } from '../engine/happenings.js';

/** Why something that was asked for is not done, in Chinese. */
export function chineseRefusal(reason: Refusal): string {
  return (REFUSED[reason.type] as (numbers: unknown) => string)(reason);
}

export const REFUSED: { [K in keyof Refusals]: (numbers: Refusals[K]) => string } = {
  noLeader: () => '没有运行中的领导者；请在选举之后再试',
  crashed: () => '它已崩溃',
  paused: () => '它已冻结',
  takingSnapshot: () => '它正忙于生成快照',
  leadershipLost: () => '它不再是领导者，没人知道它的状态是否最新',
  leaderChanged: () => '它就此询问的领导者已不在位',
  notLeader: () => '这台服务器不是领导者；请询问它指出的领导者，或换一台服务器',
  commandTooLarge: ({ bytes, limit }) => `命令有 ${bytes} 字节，最多允许 ${limit}`,
  transferInProgress: ({ target }) => `领导权正在移交给 S${target}；请等成功或失败后再试`,
  transferUnderway: ({ target }) => `领导权正在移交给 S${target}；请等它成功或失败`,
  busy: ({ bytes, limit }) => `有 ${bytes} 字节等待提交，上限是 ${limit}；请等一部分提交后再试`,
  alreadyLeader: ({ target }) => `S${target} 已是领导者`,
  targetNotAVoter: ({ target }) => `S${target} 不是投票成员；请先让它成为投票成员`,
  knowsNoLeader: () => '这台服务器不知道谁是领导者；请在选举之后再试，或询问另一台服务器',
  nothingOwn: ({ term }) => `日志中没有任期 ${term} 的条目，领导者无从知道哪些已提交；请先提议一个`,
  readsBusy: ({ limit }) => `已有 ${limit} 个读操作在等待；请等一部分得到答复后再试`,
  changePending: ({ index }) => `索引 ${index} 处的配置尚未落定；请等集群提交并离开它`,
  nothingCommitted: ({ term }) => `领导者在任期 ${term} 还没有提交任何条目；请等它提交`,
  notCaughtUp: ({ node, matchIndex, lastIndex }) =>
    `S${node} 才追到 ${matchIndex}，而日志到 ${lastIndex}；请先把它加为学习者，等它追上`,
  nothingToChange: () => '这不会改变任何东西',
  notAMember: ({ node }) => `S${node} 不是可以这样变更的成员`,
  noVoters: () => '那样就没有投票成员了',
  tooManyMembers: ({ members }) => `${members} 个成员太多，最多允许 64 个`,
  notApplied: ({ index, lastApplied }) => `条目 ${index} 尚未应用，目前应用到 ${lastApplied}`,
  alreadyCompacted: ({ index }) => `日志到 ${index} 为止已经压缩`,
  noConfiguration: ({ index }) => `条目 ${index} 处尚不知道任何配置；请等添加这台服务器的条目`,
  snapshotTooLarge: ({ bytes, limit }) => `快照有 ${bytes} 字节，最多允许 ${limit}`,
};
