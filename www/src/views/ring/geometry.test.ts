// A stroke across the ring parts the servers as a reader means it.

import { expect, test } from 'vitest';
import { type Point, partedBy, ringGeometry } from './geometry.js';

const { places } = ringGeometry(5, 600, 450);
const at = (id: number): Point => places[id - 1] ?? { x: Number.NaN, y: Number.NaN };
const line = (from: Point, to: Point): Point[] =>
  Array.from({ length: 20 }, (_, i) => ({
    x: from.x + ((to.x - from.x) * i) / 19,
    y: from.y + ((to.y - from.y) * i) / 19,
  }));

test('a line across parts those on one side from those on the other', () => {
  const y = (at(2).y + at(3).y) / 2;
  const group = partedBy(line({ x: 0, y }, { x: 600, y }), places);
  expect([group, [1, 2, 3, 4, 5].filter((id) => !group?.includes(id))]).toContainEqual([3, 4]);
});

test('a loop around a server parts that one', () => {
  const { x, y } = at(2);
  const loop = Array.from({ length: 24 }, (_, i) => ({
    x: x + 60 * Math.cos((i / 23) * 6.2),
    y: y + 60 * Math.sin((i / 23) * 6.2),
  }));
  expect(partedBy(loop, places)).toEqual([2]);
});

test('a stroke that parts nothing, or is hardly one, is none', () => {
  expect(partedBy(line({ x: 0, y: 0 }, { x: 600, y: 0 }), places)).toBeNull();
  expect(partedBy(line({ x: 300, y: 200 }, { x: 310, y: 205 }), places)).toBeNull();
  expect(partedBy([{ x: 1, y: 1 }], places)).toBeNull();
});

test('every size stays inside the drawing', () => {
  for (let servers = 1; servers <= 25; servers++) {
    const { places: all, radius } = ringGeometry(servers, 340, 290);
    expect(all).toHaveLength(servers);
    for (const { x, y } of all) {
      expect(x - radius).toBeGreaterThanOrEqual(0);
      expect(x + radius).toBeLessThanOrEqual(340);
      expect(y - radius).toBeGreaterThanOrEqual(0);
      expect(y + radius).toBeLessThanOrEqual(290);
    }
  }
});
