import { describe, expect, test } from 'vitest';
import {
  type Axis,
  capacity,
  centred,
  clampFirst,
  extentOf,
  firstAt,
  lastFirst,
  lengthOf,
  MAX_TRAVEL_PX,
  reveal,
  scrollAt,
  travelOf,
} from './axis.js';

const CELL = 47;
const long: Axis = { first: 1, last: 100_000, visible: 9 };

describe('what there is to see', () => {
  test('goes from the first index to one behind the longest log', () => {
    const servers = [
      { lastIndex: 7, lastIncludedIndex: 0 },
      { lastIndex: 12, lastIncludedIndex: 5 },
    ];
    expect(extentOf(servers)).toEqual({ first: 1, last: 13 });
  });

  test('begins where all servers have nothing but a snapshot', () => {
    const servers = [
      { lastIndex: 70, lastIncludedIndex: 40 },
      { lastIndex: 90, lastIncludedIndex: 60 },
    ];
    expect(extentOf(servers)).toEqual({ first: 40, last: 91 });
  });

  test('of empty logs is one empty index, and of no servers, too', () => {
    expect(extentOf([{ lastIndex: 0, lastIncludedIndex: 0 }])).toEqual({ first: 1, last: 1 });
    expect(extentOf([])).toEqual({ first: 1, last: 1 });
  });
});

describe('the window', () => {
  test('holds the cells that fit entirely, at least one', () => {
    expect(capacity(150 + 5 * CELL, 150, CELL)).toBe(5);
    expect(capacity(150 + 5 * CELL - 1, 150, CELL)).toBe(4);
    expect(capacity(20, 150, CELL)).toBe(1);
  });

  test('does not leave the axis, and stays at its start if everything fits', () => {
    expect(clampFirst(long, -5)).toBe(1);
    expect(clampFirst(long, 1_000_000)).toBe(99_992);
    const short: Axis = { first: 40, last: 43, visible: 9 };
    expect(lengthOf(short)).toBe(9);
    expect(lastFirst(short)).toBe(40);
    expect(clampFirst(short, 43)).toBe(40);
  });

  test('moves no further than it takes to show an index', () => {
    expect(reveal(long, 500, 503)).toBe(500);
    expect(reveal(long, 500, 499)).toBe(499);
    expect(reveal(long, 500, 509)).toBe(501);
    expect(reveal(long, 500, 100_000)).toBe(99_992);
  });

  test('can have an index in its middle', () => {
    expect(centred(long, 500)).toBe(496);
    expect(centred(long, 2)).toBe(1);
    expect(centred(long, 99_999)).toBe(99_992);
  });
});

describe('the scrollbar', () => {
  test('reaches every index of 100,000, and comes back to each', () => {
    expect(travelOf(long, CELL)).toBe(99_991 * CELL);
    for (let first = 1; first <= 99_992; first += 7)
      expect(firstAt(long, scrollAt(long, first, CELL), CELL)).toBe(first);
    expect(firstAt(long, 0, CELL)).toBe(1);
    expect(firstAt(long, travelOf(long, CELL), CELL)).toBe(99_992);
  });

  test('stays within what browsers can lay out, and still reaches every index of a million', () => {
    const huge: Axis = { first: 1, last: 1_000_000, visible: 9 };
    expect(travelOf(huge, CELL)).toBe(MAX_TRAVEL_PX);
    for (let first = 1; first <= 999_992; first += 997)
      expect(firstAt(huge, scrollAt(huge, first, CELL), CELL)).toBe(first);
  });

  test('may bounce beyond both ends', () => {
    expect(firstAt(long, -80, CELL)).toBe(1);
    expect(firstAt(long, 1e9, CELL)).toBe(99_992);
  });

  test('does not move if everything fits', () => {
    const short: Axis = { first: 1, last: 4, visible: 9 };
    expect(travelOf(short, CELL)).toBe(0);
    expect(scrollAt(short, 1, CELL)).toBe(0);
    expect(firstAt(short, 30, CELL)).toBe(1);
  });
});
