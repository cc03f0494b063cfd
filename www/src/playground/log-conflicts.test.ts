import { expect, test } from 'vitest';
import { type Comparable, firstConflict } from './log-conflicts.js';

function log(terms: number[], first = 1): Comparable & { asked: number } {
  const own = {
    asked: 0,
    first,
    last: first + terms.length - 1,
    termAt: (index: number) => {
      own.asked += 1;
      return terms[index - first];
    },
  };
  return own;
}

test('the first entry that is not in the leader’s log is found wherever it is', () => {
  const leader = log(Array.from({ length: 40 }, (_, i) => 1 + Math.floor(i / 10)));
  for (let at = 1; at <= 40; at++) {
    const follower = log(Array.from({ length: 40 }, (_, i) => (i + 1 < at ? 1 + Math.floor(i / 10) : 9)));
    expect(firstConflict(leader, follower, 0, true)).toBe(at);
    expect(firstConflict(leader, follower, 0, false)).toBe(at);
  }
});

test('a shorter log that agrees has none, a longer one begins to differ behind the leader’s end', () => {
  const leader = log([1, 1, 2]);
  expect(firstConflict(leader, log([1, 1]), 0, true)).toBeNull();
  expect(firstConflict(leader, log([]), 0, true)).toBeNull();
  expect(firstConflict(leader, log([1, 1, 2, 2, 2]), 0, true)).toBe(4);
  expect(firstConflict(leader, log([1, 1, 2, 2, 2]), 3, true)).toBe(4);
});

test('what either has compacted is not compared', () => {
  expect(firstConflict(log([3, 3], 5), log([9, 9, 9, 9, 3, 3]), 0, true)).toBeNull();
  expect(firstConflict(log([3, 3], 5), log([4, 4], 7), 0, true)).toBe(7);
});

test('of 100,000 entries few are asked for', () => {
  const leader = log(Array.from({ length: 100_000 }, () => 2));
  const follower = log(Array.from({ length: 100_000 }, (_, i) => (i < 54_321 ? 2 : 1)));
  expect(firstConflict(leader, follower, 0, true)).toBe(54_322);
  expect(follower.asked).toBeLessThan(20);
});

test('without the property that logs match, an early difference is found though the ends agree', () => {
  expect(firstConflict(log([1, 2, 3]), log([1, 9, 3]), 3, false)).toBe(2);
});
