// A stroke across the ring parts the servers as a reader means it.

import { expect, test } from 'vitest';
import { type Point, partedBy, ringGeometry, serverAt, spanOf, stretchOf } from './geometry.js';

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

test('servers stand apart, with their timers, up to 25 of them on a narrow page', () => {
  for (const [width, height] of [
    [310, 380],
    [583, 470],
  ] as const) {
    for (let servers = 2; servers <= 25; servers++) {
      const { places, radius, timer } = ringGeometry(servers, width, height);
      for (const [i, a] of places.entries()) {
        for (const b of places.slice(i + 1)) {
          expect([servers, Math.hypot(a.x - b.x, a.y - b.y) > 2 * (radius + timer)]).toEqual([servers, true]);
        }
      }
    }
  }
});

test('neighbours are equally far from each other along the ring', () => {
  const { places } = ringGeometry(25, 583, 470);
  const gaps = places.map((place, i) => {
    const next = places[(i + 1) % 25] as Point;
    return Math.hypot(place.x - next.x, place.y - next.y);
  });
  expect(Math.max(...gaps) / Math.min(...gaps)).toBeLessThan(1.02);
});

test('a quorum spans a polygon that holds no other server', () => {
  const geometry = ringGeometry(9, 583, 410);
  expect(spanOf(geometry, [1])).toBe('');
  expect(spanOf(geometry, [1, 4])).toMatch(/^M[\d.]+ [\d.]+L[\d.]+ [\d.]+$/);
  const span = spanOf(geometry, [1, 3, 6]);
  const corners = [...span.matchAll(/([\d.]+) ([\d.]+)/g)].map(([, x, y]) => ({ x: Number(x), y: Number(y) }));
  expect(span.endsWith('Z')).toBe(true);
  // Around the same corners as a stroke, nobody else is inside; on the corners themselves it may be either.
  const inside = partedBy([...corners, corners[0] as Point], geometry.places) ?? [];
  expect(inside.filter((id) => ![1, 3, 6].includes(id))).toEqual([]);
});

test('stretches of the ribbon meet half-way, and end soon where nobody goes on', () => {
  const geometry = ringGeometry(5, 583, 410);
  const ends = (id: number, after: boolean) =>
    [...stretchOf(geometry, id, 0, { before: true, after }).matchAll(/(-?[\d.]+) (-?[\d.]+)(?=A|$)/g)].map(
      ([at]) => at,
    );
  expect(ends(1, true)[1]).toBe(ends(2, true)[0]);
  expect(ends(5, true)[1]).toBe(ends(1, true)[0]);
  expect(ends(1, false)[1]).not.toBe(ends(2, true)[0]);
});

test('a point near a server is at it', () => {
  const geometry = ringGeometry(5, 600, 450);
  const { x, y } = geometry.places[2] as Point;
  expect(serverAt(geometry, { x: x + 10, y: y - 10 })).toBe(3);
  expect(serverAt(geometry, geometry.ellipse.centre)).toBeNull();
});
