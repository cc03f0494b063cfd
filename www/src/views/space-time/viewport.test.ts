// Goal: zooming keeps the place under the pointer, and some of the run is always in sight.

import { expect, test } from 'vitest';
import { commandFor } from './keys.js';
import { fitted as fittedText, widthOf } from './letters.js';
import { fitted, following, panned, ranged, revealing, zoomed } from './viewport.js';

test('zooming keeps its anchor where it is on the screen', () => {
  const view = { fromU: 100, span: 400 };
  for (const factor of [0.5, 1.25]) {
    const next = zoomed(view, factor, 300, 5_000);
    expect((300 - next.fromU) / next.span).toBeCloseTo((300 - view.fromU) / view.span);
  }
});

test('zooming and panning end somewhere', () => {
  let view = { fromU: 0, span: 400 };
  for (let i = 0; i < 60; i++) view = zoomed(view, 0.5, 10, 5_000);
  expect(view.span).toBeGreaterThan(1);
  for (let i = 0; i < 60; i++) view = zoomed(view, 2, 10, 5_000);
  expect(view.span).toBeLessThanOrEqual(5_500);
  expect(panned(view, 1e9, 5_000).fromU).toBeLessThan(5_000);
  expect(panned(view, -1e9, 5_000).fromU).toBeGreaterThan(-view.span);
});

test('a brush may be drawn either way', () => {
  expect(ranged(300, 100, 5_000)).toEqual({ fromU: 100, span: 200 });
  expect(ranged(100, 300, 5_000)).toEqual({ fromU: 100, span: 200 });
});

test('the whole run is the whole run', () => {
  const { fromU, span } = fitted(1_000);
  expect(fromU).toBeLessThan(0);
  expect(fromU + span).toBeGreaterThan(1_000);
});

test('a text takes the room that there is', () => {
  expect(fittedText('S1 S2', 10, 100)).toBe('S1 S2');
  expect(fittedText('a-very-long-name', 10, 40)).toMatch(/^a-v.*…$/);
  expect(widthOf(fittedText('客户端客户端客户端', 10, 40), 10)).toBeLessThanOrEqual(40);
  expect(fittedText('long', 10, 8)).toBe('');
});

test('following moves only when the present leaves the picture', () => {
  const view = { fromU: 100, span: 100 };
  expect(following(view, 150)).toEqual(view);
  const later = following(view, 400);
  expect(later.fromU + later.span).toBeGreaterThan(400);
  expect(following(view, 20).fromU).toBeLessThan(20);
  expect(revealing(view, 150)).toEqual(view);
  expect(revealing(view, 10).fromU).toBeLessThan(10);
});

test('keys that are the playground’s are left to it', () => {
  const key = (name: string, more = {}) =>
    commandFor({ key: name, shiftKey: false, altKey: false, ctrlKey: false, metaKey: false, ...more } as KeyboardEvent);
  for (const name of [' ', 'k', 'c', 't', 'h', 'w', 'f', 'p', '1', '9', '?', 'Tab']) expect(key(name)).toBeNull();
  expect(key('+', { ctrlKey: true })).toBeNull();
  expect(key('ArrowUp')).toEqual({ name: 'walk', direction: 'back' });
  expect(key('ArrowLeft', { shiftKey: true })).toMatchObject({ name: 'pan' });
});
