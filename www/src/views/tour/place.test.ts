// Goal: the card of the tour never covers what it points at, and stays on the page.

import { expect, test } from 'vitest';
import { type Box, GAP, MARGIN, place } from './place.js';

const seen: Box = { x: 0, y: 100, width: 360, height: 640 };
const card = { width: 320, height: 180 };
const thing = (x: number, y: number): Box => ({ x, y, width: 40, height: 40 });

test('below where there is room, above where there is none', () => {
  expect(place(thing(160, 200), card, seen)).toMatchObject({ side: 'below', y: 240 + GAP });
  expect(place(thing(160, 690), card, seen)).toMatchObject({ side: 'above', y: 690 - 180 - GAP });
});

test('where there is room on neither side, on the one with more', () => {
  const low = { ...seen, height: 200 };
  expect(place(thing(160, 110), card, low).side).toBe('below');
  expect(place(thing(160, 250), card, low).side).toBe('above');
});

test('it stays within the page, and its tip still points at the thing', () => {
  for (const x of [0, 100, 320]) {
    const { x: left, tip } = place(thing(x, 200), card, seen);
    expect(left).toBeGreaterThanOrEqual(MARGIN);
    expect(left + card.width).toBeLessThanOrEqual(360 - MARGIN);
    expect(Math.abs(left + tip - (x + 20))).toBeLessThanOrEqual(MARGIN + 2 * GAP - 20);
  }
});
