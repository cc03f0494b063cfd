// Many servers are named in few letters.

import { expect, test } from 'vitest';
import { ranges, span } from './ranges.js';

test('a few servers are named one by one, many in ranges', () => {
  expect(ranges([])).toBe('');
  expect(ranges([1, 2, 3, 5])).toBe('S1 S2 S3 S5');
  expect(ranges([1, 2, 3, 4, 8, 9, 12])).toBe('S1–S4 S8 S9 S12');
});

test('a span of one number is that number', () => {
  expect([span([5, 5]), span([5, 7])]).toEqual(['5', '5–7']);
});
