// The chart of states at each depth, and the list of what can be looked for.

import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { bars, HEIGHT, labelEvery, peak } from './depths.js';
import { SEARCHED } from './invariants.js';

test('bars stand side by side within the width, as high as there are states', () => {
  for (const width of [280, 900]) {
    const all = bars([1, 10, 100, 50, 0], width);
    expect(all.map(({ depth }) => depth)).toEqual([0, 1, 2, 3, 4]);
    for (const [i, { x, y, width: wide, height }] of all.entries()) {
      expect(x + wide).toBeLessThanOrEqual(width);
      expect(y + height).toBeLessThan(HEIGHT);
      if (i > 0) expect(x).toBeGreaterThanOrEqual((all[i - 1]?.x ?? 0) + (all[i - 1]?.width ?? 0));
    }
    expect(all[3]?.height).toBeCloseTo((all[2]?.height ?? 0) / 2);
    expect(all[4]?.height).toBe(0);
  }
});

test('few states among very many can still be seen, and hundreds of depths fit', () => {
  expect(bars([1, 1_000_000], 300)[0]?.height).toBeGreaterThanOrEqual(1);
  const many = bars(Array(400).fill(3), 300);
  expect(many.at(-1)?.x).toBeLessThan(300);
  expect(bars([], 300)).toEqual([]);
});

test('numbers below the bars never touch one another', () => {
  expect(labelEvery(5, 900)).toBe(1);
  expect(labelEvery(40, 300)).toBe(5);
  expect(labelEvery(400, 300)).toBe(50);
});

test('the peak is the first of the highest', () => {
  expect(peak([1, 7, 3, 7])).toEqual({ depth: 1, count: 7 });
  expect(peak([])).toEqual({ depth: 0, count: 0 });
});

test('a search can look for every invariant of the checker that is judged there, by its name', () => {
  const source = readFileSync(new URL('../../../../raft-sim/src/checker/invariants.rs', import.meta.url), 'utf8');
  const all = [...source.matchAll(/= "(I\d+)", "([^"]+)"/g)].map(([, id, name]) => [id, name]);
  expect(SEARCHED).toEqual(all.filter(([id]) => id !== 'I28' && id !== 'I36'));
});
