// The list of experiments that the site offers.

import { expect, test } from 'vitest';
import { PARTS, titles } from '../app/experiments.js';
import { scenarioNames } from './playground/scenarios.js';

test('every built-in scenario has its place in one part, and a title', () => {
  const listed = PARTS.flatMap(({ ids }) => ids);
  expect([...listed].sort()).toEqual(scenarioNames());
  for (const id of listed) expect(titles.get(id), id).toBeTruthy();
});
