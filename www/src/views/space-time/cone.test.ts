// Goal: past and future are Lamport's. Method: a real run with losses and copies, against the closure of the relation by brute force.

import { beforeAll, expect, test } from 'vitest';
import { Cluster } from '../../engine.js';
import { arrowLight, cone, countLight, LIGHT } from './cone.js';
import { type History, WORLD } from './history.js';
import { axisOf, busyRun, historyOf } from './testing.js';
import { walk } from './walk.js';

let history: History;
let before: Set<number>[];
beforeAll(async () => {
  history = historyOf(await busyRun());
  before = [];
  const last = new Map<number, number>();
  for (const [at, { cause }] of history.events.entries()) {
    const its = new Set<number>();
    const lane = history.lane[at] as number;
    for (const from of [lane === WORLD ? undefined : last.get(lane), cause ?? undefined]) {
      if (from === undefined) continue;
      its.add(from);
      for (const earlier of before[from] ?? []) its.add(earlier);
    }
    last.set(lane, at);
    before.push(its);
  }
});

test('exactly what happened before is past, exactly what follows is future', () => {
  for (let chosen = 0; chosen < history.events.length; chosen += 41) {
    const light = cone(history, chosen);
    for (const at of history.events.keys()) {
      const expected =
        at === chosen
          ? LIGHT.self
          : before[chosen]?.has(at)
            ? LIGHT.past
            : before[at]?.has(chosen)
              ? LIGHT.future
              : LIGHT.none;
      if (light[at] !== expected) throw new Error(`event ${at} from ${chosen}: ${light[at]} instead of ${expected}`);
    }
  }
});

test('some events are neither, which is what concurrent means', () => {
  const sizes = history.events.map((_, at) => countLight(history, cone(history, at), LIGHT.none).events);
  expect(Math.max(...sizes)).toBeGreaterThan(5);
});

test('a lit arrow has both ends in the light', () => {
  const chosen = Math.floor(history.events.length / 2);
  const light = cone(history, chosen);
  const seen = new Set<number>();
  for (const arrow of history.arrows) {
    const its = arrowLight(arrow, light);
    seen.add(its);
    if (its === LIGHT.past)
      expect([light[arrow.from], light[arrow.to]].every((value) => value === LIGHT.past || value === LIGHT.self)).toBe(
        true,
      );
    if (its === LIGHT.future && arrow.to >= 0)
      expect([light[arrow.from], light[arrow.to]].every((value) => (value as number) >= LIGHT.future)).toBe(true);
  }
  expect(seen).toEqual(new Set([LIGHT.none, LIGHT.past, LIGHT.future]));
});

test('an event that is not there has no cone', () => {
  expect(cone(history, -1).every((value) => value === LIGHT.none)).toBe(true);
  expect(cone(history, history.events.length).every((value) => value === LIGHT.none)).toBe(true);
});

test('left and right undo each other, a message leads there and back', () => {
  const axis = axisOf(history, { folding: false });
  for (const at of history.events.keys()) {
    const next = walk(history, axis, at, 'after');
    if (next >= 0) expect(walk(history, axis, next, 'before')).toBe(at);
  }
  for (const { from, to, fate } of history.arrows) {
    if (fate !== 'arrived') continue;
    expect(walk(history, axis, to, 'back')).toBe(from);
  }
  const arrived = history.arrows.filter(
    ({ fate, from }) => fate === 'arrived' && history.events[from]?.kind === 'sent',
  );
  const there = arrived.filter(({ from, to }) => walk(history, axis, from, 'along') === to);
  // A second copy leads there from the same sending.
  expect(there.length).toBeGreaterThan(arrived.length * 0.85);
});

test('keys reach every lane and both ends of it', () => {
  const axis = axisOf(history);
  let at = walk(history, axis, history.lane.indexOf(1), 'first');
  const lanes = new Set<number>();
  while (at >= 0) {
    lanes.add(history.lane[at] as number);
    at = walk(history, axis, at, 'down');
  }
  expect(lanes.size).toBe(history.lanes.length - 1);
  const last = walk(history, axis, history.lane.indexOf(2), 'last');
  expect(walk(history, axis, last, 'after')).toBe(-1);
  expect(walk(history, axis, walk(history, axis, last, 'first'), 'before')).toBe(-1);
});

test('a walk along a lane passes over a closed fold', async () => {
  const cluster = await Cluster.create({ servers: 3, seed: 3 });
  cluster.advance(2_000);
  const history = historyOf(cluster);
  const axis = axisOf(history);
  const hidden = [...history.events.keys()].filter((at) => axis.hides(at));
  expect(hidden.length).toBeGreaterThan(0);
  for (const at of history.events.keys()) {
    for (const way of ['before', 'after'] as const) {
      const next = walk(history, axis, at, way);
      if (next >= 0) expect(axis.hides(next)).toBe(false);
    }
  }
});
