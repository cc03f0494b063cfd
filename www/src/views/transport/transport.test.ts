// The speed slider and the painted terms.

import { expect, test } from 'vitest';
import type { Marker } from '../../model.js';
import { SLIDER_MAX, sliderAt, speedAt } from './speed.js';
import { termSpans } from './terms.js';

test('the slider goes from 1/100 of real time to as fast as it goes', () => {
  expect(speedAt(0)).toBeCloseTo(0.01);
  expect(speedAt(SLIDER_MAX - 1)).toBeCloseTo(100);
  expect(speedAt(SLIDER_MAX)).toBe(Number.POSITIVE_INFINITY);
  for (let notch = 0; notch <= SLIDER_MAX; notch++) expect(sliderAt(speedAt(notch))).toBe(notch);
});

test('each term is painted from where it was begun to where the next one was', () => {
  const marker = (timeMs: number, term: number): Marker => ({
    id: 0,
    step: 0,
    event: 'becomeCandidate',
    data: { term },
    timeMs,
    kind: 'election',
    term,
    server: 1,
    text: '',
  });
  expect(termSpans([marker(100, 1), marker(120, 1), marker(300, 3), marker(310, 2)], 500)).toEqual([
    { term: 0, fromMs: 0, toMs: 100 },
    { term: 1, fromMs: 100, toMs: 300 },
    { term: 3, fromMs: 300, toMs: 500 },
  ]);
});
