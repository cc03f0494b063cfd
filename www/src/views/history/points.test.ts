// Where a judge's order is drawn: every point within its operation, and the points in that order.

import { expect, test } from 'vitest';
import type { HistoryReport, OperationView } from '../../model.js';
import { firstError, points, pointsOf } from './points.js';

function operation(
  id: number,
  calledMs: number,
  returnedMs: number | null,
  outcome: OperationView['outcome'],
): OperationView {
  const rest = {
    client: 'a',
    key: 'x',
    kind: 'put',
    mode: null,
    value: '1',
    expected: null,
    matched: null,
    server: 1,
  } as const;
  return { id, calledMs, returnedMs, outcome, ...rest };
}

const OVERLAPPING = [
  operation(0, 0, 100, 'ok'),
  operation(1, 10, 50, 'ok'),
  operation(2, 20, 120, 'unknown'),
  operation(3, 60, null, null),
];

test.each([[[0, 1, 2, 3]], [[1, 0, 2, 3]], [[1, 2, 0, 3]]])(
  'points of the order %j keep it and lie within their operations',
  (order) => {
    const found = points(OVERLAPPING, order, null);
    const times = order.map((id) => found.get(id)?.timeMs ?? Number.NaN);
    expect(times).toEqual([...times].sort((a, b) => a - b));
    for (const [i, id] of order.entries()) {
      const { calledMs, returnedMs, outcome } = OVERLAPPING[id] as OperationView;
      expect(times[i]).toBeGreaterThanOrEqual(calledMs);
      if (outcome === 'ok') expect(times[i]).toBeLessThanOrEqual(returnedMs ?? 0);
    }
    expect(order.map((id) => found.get(id)?.number)).toEqual([1, 2, 3, 4]);
  },
);

function report(level: Partial<HistoryReport['levels'][number]>): HistoryReport {
  const rung = {
    level: 'linearizable',
    verdict: 'holds',
    operations: [],
    prefix: [],
    words: '',
    witness: [],
    ...level,
  } as const;
  return { name: 'run', operations: 4, clients: ['a'], levels: [rung as HistoryReport['levels'][number]] };
}

test('of a broken promise the longest legal order is shown, of a kept one the order of every key', () => {
  const broken = report({ verdict: 'violated', prefix: [1], operations: [0] }).levels[0];
  const kept = report({
    witness: [
      { key: 'x', operations: [0, 1] },
      { key: 'y', operations: [2] },
    ],
  }).levels[0];
  if (!broken || !kept) throw new Error('there is no level');
  expect([...pointsOf(OVERLAPPING, broken).keys()]).toEqual([1]);
  expect([...pointsOf(OVERLAPPING, kept).values()].map(({ number, key }) => [number, key])).toEqual([
    [1, 'x'],
    [2, 'x'],
    [1, 'y'],
  ]);
});

test('the first error is what contradicts a promise, else what nobody knows, else what failed', () => {
  const failed = operation(4, 130, 140, 'fail');
  expect(firstError([...OVERLAPPING, failed], report({ verdict: 'violated', operations: [1, 0], prefix: [1] }))).toBe(
    0,
  );
  expect(firstError([...OVERLAPPING, failed], report({ verdict: 'violated', operations: [1, 0] }))).toBe(1);
  expect(firstError([failed, ...OVERLAPPING], report({}))).toBe(2);
  expect(firstError([OVERLAPPING[0] as OperationView, failed], null)).toBe(4);
  expect(firstError([OVERLAPPING[0] as OperationView], null)).toBe(null);
});
