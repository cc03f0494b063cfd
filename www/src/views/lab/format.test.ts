// Numbers and sentences of the laboratories.

import { expect, test } from 'vitest';
import { contradiction, invariantNamed, memory, pace, wholeNumber } from './format.js';

test.each([
  [0, '0 B'],
  [999, '999 B'],
  [1_000, '1.0 kB'],
  [19_360, '19 kB'],
  [999_600, '1.0 MB'],
  [64_000_000, '64 MB'],
  [3_200_000_000, '3.2 GB'],
])('%i bytes are %s', (bytes, text) => expect(memory(bytes)).toBe(text));

test.each([
  [0.42, '0.4'],
  [35.4, '35'],
  [987.6, '988'],
  [48_765, '49,000'],
])('%d a second is written %s', (rate, text) => expect(pace(rate)).toBe(text));

test('only whole numbers from 0 on are numbers of a form', () => {
  expect(['0', ' 12 ', '007'].map(wholeNumber)).toEqual([0, 12, 7]);
  for (const text of ['', ' ', '-1', '1.5', '1e3', 'ten', '0x10', '99999999999999999999']) {
    expect(wholeNumber(text), text).toBeNull();
  }
});

test('a sentence of the checker is taken apart, any other stays whole', () => {
  const sentence = 'Commit What Is Durable (I8) does not hold: S2 committed entry 1; only 1 hold it on disk: S2';
  expect(invariantNamed(sentence)).toBe('Commit What Is Durable');
  expect(contradiction(sentence)).toBe('S2 committed entry 1; only 1 hold it on disk: S2');
  expect(invariantNamed('no write succeeds within ten election timeouts')).toBeNull();
  expect(contradiction('no write succeeds')).toBe('no write succeeds');
});
