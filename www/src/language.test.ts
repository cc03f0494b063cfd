// Which language the site speaks first.

import { expect, test } from 'vitest';
import { choose } from '../app/language.js';

test.each([
  [null, ['zh-CN', 'en'], 'zh'],
  [null, ['zh-Hant-TW'], 'zh'],
  [null, ['de', 'en-GB', 'zh'], 'en'],
  [null, ['de', 'zh', 'en'], 'zh'],
  [null, ['de'], 'en'],
  [null, [], 'en'],
  ['en', ['zh'], 'en'],
  ['zh', ['en'], 'zh'],
  ['klingon', ['zh'], 'zh'],
] as const)('stored %s, browser %s: %s', (stored, preferred, expected) => {
  expect(choose(stored, preferred)).toBe(expected);
});
