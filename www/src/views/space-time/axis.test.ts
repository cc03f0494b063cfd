// Goal: every event has a place of its own, time only runs to the right, and a fold hides nothing but quiet.

import { beforeAll, expect, test } from 'vitest';
import { Cluster } from '../../engine.js';
import type { History } from './history.js';
import { axisOf, busyRun, historyOf } from './testing.js';

let busy: History;
let calm: History;
beforeAll(async () => {
  busy = historyOf(await busyRun());
  const cluster = await Cluster.create({ servers: 3, seed: 3 });
  cluster.advance(3_000);
  calm = historyOf(cluster);
});

test('later events lie further right, folded or not', () => {
  for (const history of [busy, calm]) {
    for (const folding of [true, false]) {
      const { eventU } = axisOf(history, { folding });
      for (let at = 1; at < eventU.length; at++) expect(eventU[at]).toBeGreaterThan(eventU[at - 1] as number);
    }
  }
});

test('a place and its moment agree', () => {
  for (const folding of [true, false]) {
    const axis = axisOf(busy, { folding });
    for (let u = 0; u < axis.endU; u += 3.7) expect(axis.toU(axis.toTime(u))).toBeGreaterThanOrEqual(u - 1e-6);
    for (const { timeMs } of busy.steps) expect(axis.toTime(axis.toU(timeMs))).toBeCloseTo(timeMs, 6);
  }
});

test('without folds and crowds a unit is a millisecond', () => {
  const axis = axisOf(calm, { folding: false });
  expect(axis.endU).toBeGreaterThanOrEqual(calm.events.at(-1)?.timeMs as number);
  expect(axis.toU(100) - axis.toU(50)).toBe(50);
});

test('closed folds hide quiet events only, and make the run shorter', () => {
  const axis = axisOf(calm);
  expect(axis.folds.length).toBeGreaterThan(0);
  expect(axis.endU).toBeLessThan(axisOf(calm, { folding: false }).endU / 2);
  let hidden = 0;
  for (const [i, step] of calm.steps.entries()) {
    if (!axis.hides(step.first)) continue;
    expect(calm.steps[i]?.quiet).toBe(true);
    hidden++;
  }
  expect(hidden).toBeGreaterThan(10);
});

test('an opened fold takes its time again, and keeps its name when the run goes on', () => {
  const key = axisOf(calm).folds.at(-1)?.key as number;
  const [closed, open] = [axisOf(calm), axisOf(calm, { open: new Set([key]) })];
  const fold = open.folds.find((its) => its.key === key);
  expect(fold?.open).toBe(true);
  expect((fold?.toU as number) - (fold?.fromU as number)).toBeGreaterThanOrEqual(
    (fold?.toMs as number) - (fold?.fromMs as number) - 1e-6,
  );
  expect(open.endU).toBeGreaterThan(closed.endU);
  const later = axisOf(calm, { endMs: 9_000 });
  expect(later.folds.at(-1)?.key).toBe(key);
  expect(later.folds.at(-1)?.toMs).toBeGreaterThan(fold?.toMs as number);
});

test('the present is after its own step and before the next', () => {
  const axis = axisOf(busy);
  for (const [i, { step, timeMs, first }] of busy.steps.entries()) {
    const u = axis.presentU(step, timeMs);
    expect(u).toBeGreaterThanOrEqual(axis.eventU[first] as number);
    const next = busy.steps[i + 1];
    if (next) expect(u).toBeLessThan(axis.eventU[next.first] as number);
  }
});

test('what lies between two places is found', () => {
  const axis = axisOf(busy);
  const [first, last] = axis.range(50, 120);
  for (const [at, u] of axis.eventU.entries()) expect(at >= first && at < last).toBe(u >= 50 && u <= 120);
});
