// How links carry messages at a moment follows from what was done to them before it.

import { afterEach, expect, test } from 'vitest';
import { Cluster } from '../engine.js';
import { qualityOf, usualQuality } from '../views/ring/facts.js';
import { LinkHistory } from './link-history.js';

let cluster: Cluster;
afterEach(() => cluster.dispose());

const USUAL = usualQuality(undefined);
const history = new LinkHistory();
const now = () => history.at(cluster.frame().header.step, 3, cluster.markers(), USUAL);

test('both ways, one way, everywhere, back to the usual, and back in time', async () => {
  cluster = await Cluster.create({ servers: 3, seed: 1 });
  expect(now().special.size).toBe(0);
  cluster.act({ type: 'setLatency', a: 1, b: 2, minMs: 40, maxMs: 60.5 });
  cluster.act({ type: 'setLoss', a: 2, b: 3, permille: 300, oneWay: true });
  const { step } = cluster.frame().header;
  const links = now();
  expect(qualityOf(links, 1, 2)).toEqual({ latencyMs: [40, 60.5], lossPermille: 0 });
  expect(qualityOf(links, 2, 1)).toEqual(qualityOf(links, 1, 2));
  expect(qualityOf(links, 2, 3)).toEqual({ latencyMs: [10, 20], lossPermille: 300 });
  expect(qualityOf(links, 3, 2)).toEqual(USUAL);
  cluster.act({ type: 'setLoss', permille: 50 });
  expect(now().special.size).toBe(6);
  cluster.seek(step);
  expect(now()).toEqual(links);
  cluster.act({ type: 'setLatency', a: 1, b: 2, minMs: 10, maxMs: 20 });
  expect([...now().special.keys()]).toHaveLength(1);
});

test('what a person writes in words changes no link', async () => {
  cluster = await Cluster.create({ servers: 3, seed: 1 });
  cluster.client('a').put('lose 300 ‰ of the messages everywhere', 'x');
  expect(now().special.size).toBe(0);
});
