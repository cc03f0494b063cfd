// Who elected and who committed is found in the events of a real run, at any moment of it.

import { afterEach, expect, test } from 'vitest';
import { Cluster, type ClusterConfig, ROLE } from '../engine.js';
import { sharedBy } from '../views/ring/facts.js';
import { QuorumFinder } from './quorum-finder.js';

let cluster: Cluster;
afterEach(() => cluster.dispose());

async function begin(config: Partial<ClusterConfig> = {}): Promise<void> {
  cluster = await Cluster.create({ servers: 5, seed: 11, ...config });
  cluster.runUntil({ type: 'leader' });
}

const find = (finder = new QuorumFinder()) => finder.find(cluster, cluster.frame(), cluster.markers());
const leader = () => cluster.frame().servers.find(({ role, status }) => role === ROLE.leader && status === 0)?.id ?? 0;

test('at the moment of an election the quorum is the votes that were counted', async () => {
  await begin();
  const { election, commit } = find();
  expect(commit).toBeNull();
  expect(election).toMatchObject({ leader: leader(), term: cluster.frame().servers[leader() - 1]?.term });
  expect(election?.servers).toHaveLength(3);
  for (const id of election?.servers ?? []) expect(cluster.inspect(id).votedFor).toBe(leader());
});

test('a commit is held by exactly a majority when it is decided, and later acknowledgements change nothing', async () => {
  await begin();
  const id = leader();
  cluster.runUntil({ type: 'committed', server: id, index: 1 });
  const { commit } = find();
  expect(commit).toMatchObject({ leader: id, index: 1 });
  expect(commit?.servers).toHaveLength(3);
  const known = cluster.inspect(id).progress.filter(({ matchIndex }) => matchIndex >= 1);
  expect(commit?.servers).toEqual([id, ...known.map(({ server }) => server)].sort((a, b) => a - b));
  cluster.advance(60);
  expect(find().commit).toEqual(commit);
});

test('the next leader shares a server with the last commit; that moment is found again after going back', async () => {
  await begin();
  cluster.runUntil({ type: 'committed', server: leader(), index: 1 });
  const finder = new QuorumFinder();
  const before = find(finder);
  const { step } = cluster.frame().header;
  cluster.crash(leader());
  cluster.runUntil({ type: 'leader' });
  const after = find(finder);
  expect(after.election?.leader).not.toBe(before.election?.leader);
  expect(sharedBy(after).length).toBeGreaterThan(0);
  cluster.seek(step);
  expect(find(finder)).toEqual(before);
  cluster.seek(0);
  expect(find(finder)).toEqual({ election: null, commit: null });
});

test('a leader whose own disk is slow does not count itself', async () => {
  await begin({ disk: { latencyMs: 40, maxLatencyMs: 40 }, servers: 3 });
  const id = leader();
  // Its own disk is slower than those of the others from now on.
  cluster.act({ type: 'setDiskLatency', server: id, ms: 400 });
  for (const other of [1, 2, 3]) if (other !== id) cluster.act({ type: 'setDiskLatency', server: other, ms: 0 });
  const { index } = cluster.propose(id, 'x');
  cluster.runUntil({ type: 'committed', server: id, index: index ?? 2 });
  const { commit } = find();
  expect(commit?.index).toBe(index);
  expect(commit?.servers).toEqual([1, 2, 3].filter((other) => other !== id));
});
