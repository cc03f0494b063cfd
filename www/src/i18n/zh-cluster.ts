import type { cluster as english } from './en-cluster.js';
import { ranges, span } from './ranges.js';

/** 集群图上的文字。 */
export const cluster: typeof english = {
  lost: { chance: '丢失', cut: '断开', crashed: '宕机', dropped: '丢弃', full: '已满' },
  linkQuality: ({ latencyMs, lossPermille }) =>
    [
      ...(latencyMs ? [`${span(latencyMs)} ms`] : []),
      ...(lossPermille === null ? [] : [`丢包 ${lossPermille / 10}%`]),
    ].join(' · '),
  linkLabel: (a, b, there, back) => {
    const [one, other] = [way(there), way(back)];
    return one === other
      ? `链路 S${a} – S${b}，${one}`
      : `链路 S${a} – S${b}；S${a} 到 S${b}：${one}；S${b} 到 S${a}：${other}`;
  },
  memberShort: {
    old: '仅 C_old',
    new: '仅 C_new',
    both: 'C_old 与 C_new',
    learner: '学习者',
    outsider: '非成员',
  },
  serverNotes: ({ elected, commits, member, picked }) => [
    ...(picked ? ['已选入分区的一侧'] : []),
    ...(member ? [MEMBERS[member]] : []),
    ...(elected ? ['属于最近一次选举的多数派'] : []),
    ...(commits ? ['属于最近一次提交的多数派'] : []),
  ],

  quorums: '多数派',
  quorumsHint: '显示谁选出了最近的领导者，以及谁持有最近提交的条目',
  electedBy: ({ leader, term, servers }) => `${names(servers)} 选举 S${leader} 为任期 ${term} 的领导者`,
  committedBy: ({ leader, index, servers }) => `S${leader} 提交条目 ${index} 时，${names(servers)} 持有它`,
  shared: (ids) => (ids.length === 0 ? '没有服务器同属两者' : `${names(ids)} 同属两者`),
  nothingDecided: '尚未选出领导者。',
  joint: (inner, outer) => `联合配置：C_old（内环，${names(inner)}）与 C_new（外环，${names(outer)}）须各有多数派同意`,
  learners: (ids) => `${names(ids)} 仅学习`,

  linkForm: '链路',
  linkFrom: '从',
  linkTo: '到',
  direction: '方向',
  bothWays: '双向',
  oneWay: (a, b) => `仅 S${a} → S${b}`,
  latency: '延迟（ms）',
  shortest: '最短延迟（ms）',
  longest: '最长延迟（ms）',
  loss: '丢包率（%）',
  apply: '设置',
  asUsual: '恢复默认',
};

const MEMBERS = {
  old: '只在旧配置中投票',
  new: '只在新配置中投票',
  both: '在两个配置中都投票',
  learner: '没有投票权的学习者',
  outsider: '不是集群成员',
};

function names(ids: readonly number[]): string {
  return ids.length === 0 ? '无' : ranges(ids);
}

function way(state: Parameters<(typeof english)['linkLabel']>[2]): string {
  const words = [
    ...(state.cut ? ['断开'] : []),
    ...(state.held ? ['扣留消息'] : []),
    ...(state.flapping ? ['时通时断'] : []),
    cluster.linkQuality(state),
  ].filter((word) => word !== '');
  return words.length === 0 ? '完好' : words.join('，');
}
