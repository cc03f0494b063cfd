// The window of time that is shown: it stays within the run, and moves no further than it must.

import { expect, test } from 'vitest';
import { everything, follow, pan, reveal, zoom } from './window.js';

const END = 10_000;

test('zooming keeps the moment under the pointer where it is', () => {
  const span = zoom({ fromMs: 1_000, toMs: 2_000 }, 0.5, 1_250, END);
  expect(span).toEqual({ fromMs: 1_125, toMs: 1_625 });
  expect((1_250 - span.fromMs) / (span.toMs - span.fromMs)).toBe(0.25);
});

test('no window leaves the run, and none is longer than it', () => {
  expect(zoom({ fromMs: 0, toMs: 9_000 }, 100, 5_000, END)).toEqual(everything(END));
  expect(pan({ fromMs: 100, toMs: 200 }, -500, END)).toEqual({ fromMs: 0, toMs: 100 });
  expect(pan({ fromMs: 100, toMs: 200 }, 1e9, END).toMs).toBe(everything(END).toMs);
});

test('what is in view does not move, and what is not comes into view whole', () => {
  const span = { fromMs: 1_000, toMs: 2_000 };
  expect(reveal(span, 1_100, 1_200, END)).toBe(span);
  const later = reveal(span, 5_000, 5_100, END);
  expect(later.fromMs).toBeLessThanOrEqual(5_000);
  expect(later.toMs).toBeGreaterThanOrEqual(5_100);
  expect(later.toMs - later.fromMs).toBe(1_000);
  const long = reveal(span, 3_000, 6_000, END);
  expect([long.fromMs <= 3_000, long.toMs >= 6_000]).toEqual([true, true]);
});

test('while it follows, the present moment stands near the right end', () => {
  const { fromMs, toMs } = follow(5_000, 1_000, END);
  expect(toMs - fromMs).toBe(1_000);
  expect(toMs - 5_000).toBeCloseTo(60);
});
