// Goal: the events of the current branch come bit by bit, none twice, none missing, and going back forgets nothing.

import { expect, test } from 'vitest';
import { Cluster } from '../../engine.js';
import { Trail } from './trail.js';

function position(cluster: Cluster) {
  const { events: count, servers } = cluster.frame().header;
  return { count, servers, branch: cluster.branches().find(({ current }) => current) };
}

function followAll(trail: Trail, cluster: Cluster): number {
  for (let turns = 1; ; turns++) if (!trail.follow(cluster, position(cluster))) return turns;
}

test('a long run is taken in by chunks, in order', async () => {
  const cluster = await Cluster.create({ servers: 3, seed: 1 });
  cluster.advance(6_000);
  const trail = new Trail();
  expect(followAll(trail, cluster)).toBeGreaterThan(2);
  expect(trail.history.events.map(({ id }) => id)).toEqual([...Array(cluster.frame().header.events).keys()]);
  cluster.advance(200);
  followAll(trail, cluster);
  expect(trail.history.events).toHaveLength(cluster.frame().header.events);
});

test('who goes back still sees what came of it; who acts there starts from what both branches share', async () => {
  const cluster = await Cluster.create({ servers: 3, seed: 1 });
  cluster.advance(1_000);
  const trail = new Trail();
  followAll(trail, cluster);
  const all = trail.history.events.length;
  cluster.seek(10);
  followAll(trail, cluster);
  expect(trail.history.events).toHaveLength(all);
  cluster.crash(1);
  followAll(trail, cluster);
  expect(trail.history.events).toEqual(cluster.events({ limit: 100_000 }));
  expect(trail.history.events.length).toBeLessThan(all);
  cluster.switchBranch(0);
  followAll(trail, cluster);
  expect(trail.history.events).toEqual(cluster.events({ limit: 100_000 }));
});

test('another cluster is another trail', async () => {
  const trail = new Trail();
  for (const seed of [1, 2]) {
    const cluster = await Cluster.create({ servers: 3, seed });
    cluster.advance(500);
    followAll(trail, cluster);
    expect(trail.history.events).toEqual(cluster.events({ limit: 100_000 }));
  }
});

test('a run that is too long for a picture keeps its latest part', () => {
  const trail = new Trail();
  const source = {
    events: ({ since, limit }: { since: number; limit: number }) =>
      Array.from({ length: limit }, (_, i) => ({
        ...{
          id: since + i,
          step: since + i,
          timeMs: since + i,
          server: 1,
          kind: 'applied' as const,
          data: { index: 1 },
          cause: since + i - 1,
          message: null,
        },
        ...{ term: null, index: null, text: '', section: null, level: 'detail' as const },
      })),
  };
  const follow = (count: number) => {
    while (trail.follow(source, { count, servers: 3, branch: undefined }));
  };
  follow(50_000);
  expect(trail.history.firstId).toBeGreaterThan(0);
  expect(trail.history.events.at(-1)?.id).toBe(49_999);
  follow(51_000);
  expect(trail.history.events.at(-1)?.id).toBe(50_999);
  expect(trail.history.events.length).toBeLessThanOrEqual(20_000 + 400);
  follow(100);
  expect(trail.history.firstId).toBe(0);
});
