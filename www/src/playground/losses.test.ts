// Lost messages are seen where they ended, for a while of the time of the run.

import { afterEach, beforeEach, expect, test } from 'vitest';
import { Cluster, ROLE } from '../engine.js';
import { LOSS_SHOWN_MS } from '../views/ring/facts.js';
import { Losses } from './losses.js';

let cluster: Cluster;
let losses: Losses;
beforeEach(async () => {
  cluster = await Cluster.create({ servers: 3, seed: 7 });
  losses = new Losses();
  cluster.runUntil({ type: 'leader' });
  look();
});
afterEach(() => cluster.dispose());

const look = () => losses.recent(cluster, cluster.frame());

test('a message dropped by hand ends where it was', () => {
  const message = cluster.messages().find(({ kind }) => kind === 'AppendEntries');
  if (!message?.arrivesMs) throw new Error('a new leader sends its no-op');
  const half = (message.arrivesMs - message.sentMs) / 2;
  cluster.advance(half);
  look();
  cluster.drop(message.id);
  const [loss] = look();
  expect(loss).toMatchObject({ message: message.id, from: message.from, to: message.to, why: 'dropped', entries: 1 });
  expect(loss?.progress).toBeCloseTo(half / (message.arrivesMs - message.sentMs), 2);
});

test('what a cut link or a crashed server loses ends at the receiver, and fades with simulated time', () => {
  const id = cluster.frame().servers.find(({ role }) => role === ROLE.leader)?.id ?? 0;
  const [a = 0, b = 0] = [1, 2, 3].filter((other) => other !== id);
  cluster.cut(id, a, { oneWay: true });
  cluster.crash(b);
  cluster.advance(25);
  const found = look();
  const ends = new Set(found.map(({ to, why, progress }) => `S${to} ${why} ${progress}`));
  expect([...ends].sort()).toEqual([`S${a} cut 1`, `S${b} crashed 1`].sort());
  const { step } = cluster.frame().header;
  cluster.advance(LOSS_SHOWN_MS + 1);
  expect(look().some(({ message }) => found[0]?.message === message)).toBe(false);
  cluster.seek(step);
  expect(look().map(({ message }) => message)).toEqual(found.map(({ message }) => message));
});
