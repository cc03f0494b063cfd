/** The built-in experiments, grouped as a reader goes through them. */

export interface Part {
  title: string;
  /** The names of the scenarios. */
  ids: readonly string[];
}

export const PARTS: readonly Part[] = [
  {
    title: 'Why a log, why replicas',
    ids: ['one-log-one-order', 'replay-after-crash', 'runaway-leader', 'replicas-are-not-throughput'],
  },
  {
    title: 'What must be on disk',
    ids: ['forget-the-vote', 'forget-the-term', 'ack-before-fsync', 'persist-when-talking', 'fsync-ceiling'],
  },
  {
    title: 'Majorities and partitions',
    ids: [
      'split-brain',
      'no-majority-no-progress',
      'two-f-plus-one',
      'quorum-overlap',
      'single-point-of-failure',
      'partition-heals',
    ],
  },
  {
    title: 'Leader election',
    ids: [
      'first-election',
      'three-outcomes',
      'split-vote',
      'redraw-every-time',
      'higher-term-wins',
      'old-terms-are-ignored',
      'rejoining-disrupts',
      'isolated-leader',
      'timeout-bounds',
      'one-way-link',
      'leaderless-costs-more',
    ],
  },
  {
    title: 'Log replication',
    ids: [
      'normal-operation',
      'slow-follower',
      'consistency-check',
      'fast-backup',
      'figure-7',
      'only-truncate-on-conflict',
      'leader-append-only',
    ],
  },
  {
    title: 'Safety',
    ids: [
      'election-restriction',
      'figure-8',
      'figure-8-e',
      'indirect-commit',
      'stored-is-not-committed',
      'commit-then-crash',
      'dirty-minority-leader',
      'network-blip',
      'why-no-op',
      'leader-completeness-proof',
      'log-matching-proof',
    ],
  },
  {
    title: 'Clients, reads and consistency',
    ids: [
      'success-failure-unknown',
      'not-the-leader',
      'executed-twice',
      'stale-read',
      'read-index',
      'lease-and-clock',
      'read-before-no-op',
      'follower-reads',
      'zookeeper-sessions',
      'consistency-ladder',
      'linearizable-or-not',
    ],
  },
  {
    title: 'Snapshots',
    ids: [
      'snapshot-is-the-table',
      'compaction',
      'install-snapshot',
      'copy-on-write',
      'stale-snapshot',
      'snapshot-carries-config',
      'snapshot-carries-sessions',
    ],
  },
  {
    title: 'Membership change',
    ids: [
      'two-majorities',
      'joint-consensus',
      'one-at-a-time',
      'one-at-a-time-bug',
      'catch-up-first',
      'leader-removes-itself',
      'removed-server-disrupts',
      'learners',
      'transfer-leadership',
    ],
  },
  {
    title: 'Other designs, for contrast',
    ids: ['byzantine'],
  },
];

const TITLES = import.meta.glob<{ en: string }>(['../../scenarios/*.json', '!../../scenarios/expected-hashes.json'], {
  eager: true,
  import: 'title',
});

/** The title of every built-in scenario, by its name. */
export const titles: ReadonlyMap<string, string> = new Map(
  Object.entries(TITLES).map(([path, { en }]) => [path.replace(/^.*\/|\.json$/g, ''), en]),
);
