import { expect, test } from 'vitest';
import { box, path, text } from './marks.js';
import { toSvg } from './write.js';

const sheet = { width: 100, height: 50, background: 'white' };

test('what somebody has written stays text in a figure', () => {
  const payload = '"><script>alert(1)</script>&\u0000';
  const svg = toSvg({ ...sheet, marks: [text(payload, 1, 2, { fill: 'black', font: payload })] }, payload);
  expect(svg).not.toContain('<script');
  expect(svg).not.toContain('\u0000');
  expect(svg.match(/</g)).toHaveLength(7);
});

test('marks that are cut off at the same place share what cuts them off', () => {
  const clip = [1, 2, 3, 4] as const;
  const marks = [
    path('M0 0h1', { clip }),
    path('M0 0h2', { clip }),
    path('M0 0h3', { clip: [0, 0, 1, 1] }),
    path('M0 0h4', {}),
  ];
  const svg = toSvg({ ...sheet, marks }, 'title');
  expect(svg.match(/<clipPath/g)).toHaveLength(2);
  expect(svg.match(/clip-path="url\(#clip-0\)"/g)).toHaveLength(2);
});

test('a box closes where it began, with corners no rounder than it is wide', () => {
  expect(box(1, 2, 10, 4)).toBe('M1 2h10v4h-10Z');
  expect(box(0, 0, 10, 4, 99)).toContain('a2 2');
  expect(box(0, 0, Number.NaN, 4)).not.toContain('NaN');
});
