// The feed of markers: never other than the cluster's, and nothing is fetched twice.

import { readFileSync } from 'node:fs';
import { beforeAll, expect, test, vi } from 'vitest';
import { Cluster } from '../engine.js';
import { MarkerFeed } from './marker-feed.js';

let wasm: WebAssembly.Module;
beforeAll(async () => {
  wasm = await WebAssembly.compile(readFileSync(new URL('../generated/raft_wasm_bg.wasm', import.meta.url)));
});

const loaded = () =>
  Cluster.create({ servers: 3, seed: 1, load: { clients: 10, thinkMs: 1, operations: { put: 1 } } }, { wasm });
const all = (cluster: Cluster) => cluster.markers();

test('a run that grows is fetched once', async () => {
  const cluster = await loaded();
  const feed = new MarkerFeed();
  const fetch = vi.spyOn(cluster, 'markers');
  let fetched = 0;
  for (let i = 0; i < 20; i++) {
    cluster.advance(200);
    if (i === 5) cluster.crash(1);
    if (i === 9) cluster.restart(1);
    expect(feed.read(cluster)).toBe(feed.read(cluster));
  }
  for (const { value } of fetch.mock.results) fetched += (value as unknown[]).length;
  expect(fetch).toHaveBeenCalledTimes(20);
  expect(feed.read(cluster)).toEqual(all(cluster));
  expect(fetched).toBe(all(cluster).length);
});

test('a branch has its own, and going back forgets nothing', async () => {
  const cluster = await loaded();
  const feed = new MarkerFeed();
  cluster.advance(1_000);
  cluster.crash(2);
  cluster.advance(500);
  const whole = feed.read(cluster);
  cluster.seekTime(400);
  expect(feed.read(cluster)).toBe(whole);
  cluster.pause(3);
  expect(feed.read(cluster)).toEqual(all(cluster));
  expect(feed.read(cluster).length).toBeLessThan(whole.length + 1);
});
