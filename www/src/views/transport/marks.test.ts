// What the scrubber marks, and what there is to jump to.

import { expect, test } from 'vitest';
import type { Action, Marker } from '../../model.js';
import { markNear, markPlaces, nextMark } from './marks.js';

const marker = (step: number, kind: Marker['kind'], action?: Action): Marker => {
  const event = action ? { event: 'acted', data: action } : { event: 'restarted', data: {} };
  return { id: step, step, timeMs: step * 10, kind, term: 1, server: 1, text: '', ...event } as Marker;
};
const run = [
  marker(1, 'election'),
  marker(2, 'leader'),
  marker(3, 'commit'),
  marker(4, 'action', { type: 'partition', groups: [[1, 2], [3]] }),
  marker(5, 'action', { type: 'clientWrite', client: 'a', key: 'x', value: '1' }),
  marker(6, 'fault'),
  marker(7, 'violation'),
];

test('each kind has its places; cut links are faults, and other actions are not marked', () => {
  expect(markPlaces(run, 100)).toEqual({
    election: [100],
    leader: [200],
    commit: [300],
    fault: [400, 600],
    violation: [700],
  });
});

test('of many at one place only one is drawn, however long the run is', () => {
  const many = Array.from({ length: 20_000 }, (_, i) => marker(i, 'commit'));
  const { commit } = markPlaces(many, 200_000);
  expect(commit.length).toBeLessThanOrEqual(501);
  expect(Math.max(...commit)).toBe(1_000);
});

test('a reader goes from mark to mark, past commits', () => {
  expect([nextMark(run, 2, 1)?.step, nextMark(run, 4, 1)?.step, nextMark(run, 7, 1)]).toEqual([4, 6, null]);
  expect([nextMark(run, 6, -1)?.step, nextMark(run, 4, -1)?.step, nextMark(run, 1, -1)]).toEqual([4, 2, null]);
  expect(nextMark(run, 2, 1)?.kind).toBe('fault');
});

test('the pointer means the nearest mark that is near enough', () => {
  expect(markNear(run, 22, 5)?.kind).toBe('leader');
  expect(markNear(run, 50, 5)).toBeNull();
  expect(markNear(run, 30, 5)).toBeNull();
});
