// The tree of branches line by line, and events laid beside each other.

import { expect, test } from 'vitest';
import type { BranchView, EventView } from '../../model.js';
import { align } from './align.js';
import { rowAfter, treeRows } from './tree.js';

const branch = (id: number, parent: number | null): BranchView => ({
  id,
  parent,
  forkStep: id,
  headStep: 10,
  endTimeMs: 1,
  current: id === 0,
  name: `b${id}`,
});
const event = (text: string, timeMs = 1): EventView =>
  ({ id: 0, step: 0, timeMs, server: 1, kind: 'restarted', data: {}, text }) as unknown as EventView;
const said = (rows: ReturnType<typeof align>) =>
  rows.map(({ a, b, kind, first }) => `${a?.text ?? '-'}${b?.text ?? '-'} ${kind}${first ? ' first' : ''}`);

test('each branch comes after the one that it left, a level deeper', () => {
  const rows = treeRows([branch(0, null), branch(1, 0), branch(2, 0), branch(3, 1), branch(4, 3)]);
  expect(
    rows.map(({ branch: { id }, level, place, count, parentRow }) => [id, level, place, count, parentRow]),
  ).toEqual([
    [0, 1, 1, 1, null],
    [1, 2, 1, 2, 0],
    [3, 3, 1, 1, 1],
    [4, 4, 1, 1, 2],
    [2, 2, 2, 2, 0],
  ]);
});

test('keys move in the tree, and stay at its ends', () => {
  const rows = treeRows([branch(0, null), branch(1, 0), branch(2, 0), branch(3, 1)]);
  const go = (at: number, key: string) => rowAfter(rows, at, key);
  expect([go(0, 'ArrowDown'), go(3, 'ArrowDown'), go(0, 'ArrowUp'), go(3, 'ArrowUp')]).toEqual([1, 3, 0, 2]);
  expect([go(2, 'ArrowLeft'), go(0, 'ArrowLeft'), go(1, 'ArrowRight'), go(3, 'ArrowRight')]).toEqual([1, 0, 2, 3]);
  expect([go(2, 'Home'), go(1, 'End'), go(1, 'x')]).toEqual([0, 3, null]);
});

test('what both have stands side by side, and the first difference is marked', () => {
  const a = ['s', 't', 'x', 'c', 'd'].map((text) => event(text));
  const b = ['s', 't', 'c', 'y', 'd'].map((text) => event(text));
  expect(said(align(a, b))).toEqual(['ss same', 'tt same', 'x- differs first', 'cc same', '-y differs', 'dd same']);
});

test('the same at another time is no match of equals, and may be the first difference', () => {
  expect(said(align([event('s'), event('t', 2)], [event('s'), event('t', 3)]))).toEqual(['ss same', 'tt moved first']);
});

test('what stands in place of something else stands beside it; one side may be empty', () => {
  expect(said(align([event('x')], [event('y'), event('z')]))).toEqual(['xy differs first', '-z differs']);
  expect(said(align([], [event('y')]))).toEqual(['-y differs first']);
  expect(align([], [])).toEqual([]);
});
