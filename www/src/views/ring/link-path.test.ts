// Links are drawn so that one sees what is wrong with them.

import { expect, test } from 'vitest';
import { alongLink, linkPath, wordsBeside } from './link-path.js';

const A = { x: 0, y: 0 };
const B = { x: 200, y: 0 };

test('a slow link is a wave with the same ends, and a short one stays straight', () => {
  expect(linkPath(A, B, 0, false)).toBe('M0.0 0.0L200.0 0.0');
  const wave = linkPath(A, B, 0, true);
  expect(wave.startsWith('M0.0 0.0')).toBe(true);
  expect(wave.endsWith('L200.0 0.0')).toBe(true);
  const crests = [...wave.matchAll(/Q[-\d.]+ ([-\d.]+)/g)].map(([, y]) => Number(y));
  expect(crests.length).toBeGreaterThan(10);
  // As often on one side as on the other.
  expect(crests.reduce((sum, y) => sum + y, 0)).toBe(0);
  expect(linkPath(A, { x: 40, y: 0 }, 0, true)).not.toContain('Q');
});

test('two directions lie on two sides', () => {
  const there = alongLink(A, B, 5, 0.5);
  const back = alongLink(B, A, 5, 0.5);
  expect(there).toEqual({ x: 100, y: 5 });
  expect(back.y).toBe(-5);
});

test('words grow away from a steep line and stand over a flat one', () => {
  expect(wordsBeside(A, B, 8, 0.5).anchor).toBe('middle');
  expect(wordsBeside(A, { x: 0, y: 200 }, 8, 0.5)).toMatchObject({ anchor: 'end', x: -8 });
  expect(wordsBeside({ x: 0, y: 200 }, A, 8, 0.5)).toMatchObject({ anchor: 'start', x: 8 });
});
