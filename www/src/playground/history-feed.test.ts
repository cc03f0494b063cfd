// The feed of the panel of clients: in parts, and never older than the cluster.

import { readFileSync } from 'node:fs';
import { beforeAll, expect, test } from 'vitest';
import { Cluster } from '../engine.js';
import { HistoryFeed } from './history-feed.js';

let wasm: WebAssembly.Module;
beforeAll(async () => {
  wasm = await WebAssembly.compile(readFileSync(new URL('../generated/raft_wasm_bg.wasm', import.meta.url)));
});

const LOAD = { clients: 10, thinkMs: 1, operations: { get: 1, put: 1 } };
const all = (cluster: Cluster) => cluster.history({ limit: 100_000 });

function readAll(feed: HistoryFeed, cluster: Cluster) {
  for (let parts = 0; parts < 2_000; parts++) {
    const read = feed.read(cluster);
    if (read.complete) return read;
  }
  throw new Error('the history never became complete');
}

test('a long history arrives in parts and then is the whole', async () => {
  const cluster = await Cluster.create({ servers: 3, seed: 1, load: LOAD }, { wasm });
  cluster.advance(8_000);
  expect(all(cluster).length).toBeGreaterThan(1_600);
  const feed = new HistoryFeed();
  expect(feed.read(cluster).complete).toBe(false);
  expect(readAll(feed, cluster).operations).toEqual(all(cluster));
});

test('answers that come late are seen, also those of operations long ago', async () => {
  const cluster = await Cluster.create({ servers: 3, seed: 1, load: LOAD, clients: { timeoutMs: 100_000 } }, { wasm });
  cluster.advance(2_000);
  const leader = cluster.frame().servers.find(({ role }) => role === 3)?.id ?? 1;
  const others = [1, 2, 3].filter((id) => id !== leader);
  cluster.partition([[leader], others]);
  cluster.client('old').put('x', '1', { server: leader });
  const feed = new HistoryFeed();
  for (let i = 0; i < 40; i++) {
    cluster.advance(250);
    if (i === 30) cluster.heal();
    readAll(feed, cluster);
  }
  expect(readAll(feed, cluster).operations).toEqual(all(cluster));
});

test('going back keeps what comes later; acting there shows the history of the new branch', async () => {
  const cluster = await Cluster.create({ servers: 3, seed: 1, load: LOAD }, { wasm });
  cluster.advance(2_000);
  const whole = all(cluster);
  const feed = new HistoryFeed();
  cluster.seekTime(1_000);
  const { step } = cluster.frame().header;
  expect(readAll(feed, cluster).operations).toEqual(whole);
  expect(cluster.frame().header.step).toBe(step);
  cluster.crash(1);
  cluster.advance(100);
  const branch = readAll(feed, cluster).operations;
  expect(branch).toEqual(all(cluster));
  expect(branch.length).toBeLessThan(whole.length);
});

test('requests that were sent again are ticks of their client', async () => {
  const cluster = await Cluster.create(
    { servers: 3, seed: 3, clients: { timeoutMs: 100, retries: 5, backoffMs: 20 } },
    { wasm },
  );
  cluster.runUntil({ type: 'leader' });
  cluster.client('a b').put('x', '1', { server: cluster.frame().servers.find(({ role }) => role !== 3)?.id ?? 1 });
  cluster.crash(cluster.frame().servers.find(({ role }) => role === 3)?.id ?? 1);
  cluster.advance(3_000);
  const { ticks } = readAll(new HistoryFeed(), cluster);
  const kinds = cluster.events({ limit: 100_000 }).filter(({ kind }) => kind === 'resent' || kind === 'redirected');
  expect(kinds.length).toBeGreaterThan(0);
  expect(ticks.get('a b')?.map(({ timeMs }) => timeMs)).toEqual(kinds.map(({ timeMs }) => timeMs));
});
