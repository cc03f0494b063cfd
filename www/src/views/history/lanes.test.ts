// Where operations are drawn: in rows without overlaps, and only those in view.

import { expect, test } from 'vitest';
import type { OperationView } from '../../model.js';
import { type Bar, type Clump, draw, lay, neighbour, openAt } from './lanes.js';

const NONE: ReadonlySet<number> = new Set();

function operation(
  id: number,
  client: string,
  calledMs: number,
  returnedMs: number | null,
  outcome: OperationView['outcome'] = 'ok',
): OperationView {
  const rest = {
    key: 'x',
    kind: 'put',
    mode: null,
    value: String(id),
    expected: null,
    matched: null,
    server: 1,
  } as const;
  return { id, client, calledMs, returnedMs, outcome: returnedMs === null ? null : outcome, ...rest };
}

test('operations of a client that overlap stand in rows of their own, and free rows are used again', () => {
  const [lane] = lay([
    operation(0, 'a', 0, 10),
    operation(1, 'a', 5, 20),
    operation(2, 'a', 10, 12),
    operation(3, 'a', 11, 30),
  ]);
  expect(lane?.rows.map((row) => row.map(({ op }) => op.id))).toEqual([[0, 2], [1], [3]]);
});

test('lanes are in the order of names, numbers by their size', () => {
  const lanes = lay([operation(0, 'load-10', 0, 1), operation(1, 'load-9', 0, 1), operation(2, 'alice', 0, 1)]);
  expect(lanes.map(({ client }) => client)).toEqual(['alice', 'load-9', 'load-10']);
  expect(lanes.map(({ all }) => all[0]?.lane)).toEqual([0, 1, 2]);
});

test('of ten thousand operations only those in view are drawn', () => {
  const many = Array.from({ length: 10_000 }, (_, i) => operation(i, 'a', i * 10, i * 10 + 8));
  const [row] = lay(many)[0]?.rows ?? [];
  const drawn = draw(row ?? [], { fromMs: 50_000, toMs: 50_100 }, 500, NONE) as Bar[];
  expect(drawn.map(({ placed }) => placed.op.id)).toEqual([
    5000, 5001, 5002, 5003, 5004, 5005, 5006, 5007, 5008, 5009, 5010,
  ]);
  expect(drawn[0]).toMatchObject({ x: 0, width: 40 });
});

test('the whole of a long history is drawn as few clumps, which count every operation and what went wrong', () => {
  const many = Array.from({ length: 10_000 }, (_, i) =>
    operation(i, 'a', i * 10, i * 10 + 8, i === 77 ? 'fail' : 'ok'),
  );
  const [row] = lay(many)[0]?.rows ?? [];
  const drawn = draw(row ?? [], { fromMs: 0, toMs: 100_000 }, 500, NONE);
  expect(drawn.length).toBeLessThan(100);
  const clumps = drawn.filter((item): item is Clump => item.kind === 'clump');
  expect(clumps.reduce((sum, { count }) => sum + count, 0) + drawn.length - clumps.length).toBe(10_000);
  expect(clumps.reduce((sum, { troubled }) => sum + troubled, 0)).toBe(1);
});

test('the chosen operation is never part of a clump', () => {
  const many = Array.from({ length: 1_000 }, (_, i) => operation(i, 'a', i * 10, i * 10 + 8));
  const [row] = lay(many)[0]?.rows ?? [];
  const drawn = draw(row ?? [], { fromMs: 0, toMs: 10_000 }, 100, new Set([500]));
  expect(drawn.filter((item) => item.kind === 'bar' && item.placed.op.id === 500)).toHaveLength(1);
});

test('an unknown outcome is open-ended: its tail goes on to the next operation of the row, or to the edge', () => {
  const [lane] = lay([
    operation(0, 'a', 0, 10, 'unknown'),
    operation(1, 'a', 60, 70),
    operation(2, 'a', 80, 90, 'unknown'),
  ]);
  const drawn = draw(lane?.rows[0] ?? [], { fromMs: 0, toMs: 100 }, 1_000, NONE) as Bar[];
  expect(drawn.map(({ tail }) => tail)).toEqual([600, null, 1_000]);
  // It is in view even when the client gave up before the window begins.
  const later = draw(lane?.rows[0] ?? [], { fromMs: 20, toMs: 50 }, 1_000, NONE) as Bar[];
  expect(later.map(({ placed, tail }) => [placed.op.id, tail])).toEqual([[0, 1_000]]);
});

test('under way are operations that were called and have not returned', () => {
  const lanes = lay([operation(0, 'a', 0, 10), operation(1, 'b', 5, null)]);
  expect([0, 7, 50].map((time) => openAt(lanes, time))).toEqual([1, 2, 1]);
});

test('the keys move along a lane, and to what is nearest in time in the next one', () => {
  const lanes = lay([
    operation(0, 'a', 0, 5),
    operation(1, 'a', 50, 60),
    operation(2, 'b', 10, 20),
    operation(3, 'b', 48, 49),
  ]);
  const second = lanes[0]?.all[1];
  if (!second) throw new Error('there is no second operation');
  const to = (key: string) => neighbour(lanes, second, key)?.op.id;
  expect([to('ArrowLeft'), to('ArrowRight'), to('ArrowDown'), to('ArrowUp'), to('Home')]).toEqual([
    0,
    undefined,
    3,
    undefined,
    0,
  ]);
});
