import type { Commit, Election } from '../views/ring/facts.js';
import type { WayState } from '../views/ring/link-mark.js';
import type { Membership } from '../views/ring/server-mark.js';
import { ranges, span } from './ranges.js';

/** What the picture of the cluster says, in English. */
export const cluster = {
  lost: { chance: 'lost', cut: 'cut', crashed: 'down', dropped: 'dropped', full: 'full' },
  linkQuality: ({ latencyMs, lossPermille }: Pick<WayState, 'latencyMs' | 'lossPermille'>): string =>
    [
      ...(latencyMs ? [`${span(latencyMs)} ms`] : []),
      ...(lossPermille === null ? [] : [`${lossPermille / 10} % lost`]),
    ].join(' · '),
  linkLabel: (a: number, b: number, there: WayState, back: WayState): string => {
    const [one, other] = [way(there), way(back)];
    return one === other
      ? `Link S${a} – S${b}, ${one}`
      : `Link S${a} – S${b}; from S${a} to S${b}: ${one}; from S${b} to S${a}: ${other}`;
  },
  memberShort: {
    old: 'C_old only',
    new: 'C_new only',
    both: 'C_old, C_new',
    learner: 'learner',
    outsider: 'no member',
  } as Record<Membership, string>,
  serverNotes: (notes: {
    elected: boolean;
    commits: boolean;
    member: Membership | null;
    picked: boolean;
  }): string[] => [
    ...(notes.picked ? ['picked for one side of a partition'] : []),
    ...(notes.member ? [MEMBERS[notes.member]] : []),
    ...(notes.elected ? ['in the quorum of the last election'] : []),
    ...(notes.commits ? ['in the quorum of the last commit'] : []),
  ],

  quorums: 'Quorums',
  quorumsHint: 'Show who elected the last leader and who held the last committed entry',
  electedBy: ({ leader, term, servers }: Election): string => `${names(servers)} elected S${leader} for term ${term}`,
  committedBy: ({ leader, index, servers }: Commit): string =>
    `${names(servers)} held entry ${index} when S${leader} committed it`,
  shared: (ids: readonly number[]): string => (ids.length === 0 ? 'no server is in both' : `${names(ids)} in both`),
  nothingDecided: 'Nobody has been elected yet.',
  joint: (inner: readonly number[], outer: readonly number[]): string =>
    `Joint configuration: a majority of C_old (inner ring, ${names(inner)}) and one of C_new (outer ring, ${names(outer)}) must agree`,
  learners: (ids: readonly number[]): string => `${names(ids)} only ${ids.length === 1 ? 'learns' : 'learn'}`,

  linkForm: 'Link',
  linkFrom: 'From',
  linkTo: 'to',
  direction: 'Direction',
  bothWays: 'both ways',
  oneWay: (a: number, b: number): string => `S${a} → S${b} only`,
  latency: 'Latency, ms',
  shortest: 'Shortest latency in ms',
  longest: 'Longest latency in ms',
  loss: 'Loss, %',
  apply: 'Set',
  asUsual: 'As usual',
};

const MEMBERS: Record<Membership, string> = {
  old: 'votes in the old configuration only',
  new: 'votes in the new configuration only',
  both: 'votes in both configurations',
  learner: 'learner without a vote',
  outsider: 'no member of the cluster',
};

function names(ids: readonly number[]): string {
  return ids.length === 0 ? 'nobody' : ranges(ids);
}

function way(state: WayState): string {
  const words = [
    ...(state.cut ? ['cut'] : []),
    ...(state.held ? ['keeps its messages'] : []),
    ...(state.flapping ? ['flapping'] : []),
    cluster.linkQuality(state),
  ].filter((word) => word !== '');
  return words.length === 0 ? 'whole' : words.join(', ');
}
