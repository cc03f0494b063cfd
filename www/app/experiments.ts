import type { Language } from '../src/i18n/index.js';

/** The built-in experiments, grouped as a reader goes through them. */

/** A text in the languages of the site. */
export type Titles = Record<Language, string>;

export interface Part {
  title: Titles;
  /** The names of the scenarios. */
  ids: readonly string[];
}

export const PARTS: readonly Part[] = [
  {
    title: { en: 'Why a log, why replicas', zh: '为什么要有日志和副本' },
    ids: ['one-log-one-order', 'replay-after-crash', 'runaway-leader', 'replicas-are-not-throughput'],
  },
  {
    title: { en: 'What must be on disk', zh: '什么必须落盘' },
    ids: ['forget-the-vote', 'forget-the-term', 'ack-before-fsync', 'persist-when-talking', 'fsync-ceiling'],
  },
  {
    title: { en: 'Majorities and partitions', zh: '多数派与分区' },
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
    title: { en: 'Leader election', zh: '领导者选举' },
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
    title: { en: 'Log replication', zh: '日志复制' },
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
    title: { en: 'Safety', zh: '安全性' },
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
    title: { en: 'Clients, reads and consistency', zh: '客户端、读与一致性' },
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
    title: { en: 'Snapshots', zh: '快照' },
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
    title: { en: 'Membership change', zh: '成员变更' },
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
    title: { en: 'Other designs, for contrast', zh: '其他设计，作为对照' },
    ids: ['byzantine'],
  },
];

const TITLES = import.meta.glob<Titles>(['../../scenarios/*.json', '!../../scenarios/expected-hashes.json'], {
  eager: true,
  import: 'title',
});

/** The title of every built-in scenario, by its name. */
export const titles: ReadonlyMap<string, Titles> = new Map(
  Object.entries(TITLES).map(([path, title]) => [path.replace(/^.*\/|\.json$/g, ''), title]),
);
