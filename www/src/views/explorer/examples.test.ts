// Every example of a search finds what it says, after the steps of docs/explorer.md; with all rules nothing is found.

import { afterAll, expect, test } from 'vitest';
import { configOf } from '../../playground/explorer-lab.js';
import { Workshop } from '../../workshop.js';
import { EXAMPLES, exampleOf } from './examples.js';

const workshop = new Workshop();
afterAll(() => workshop.dispose());

test.each(EXAMPLES)('without $rule', async ({ rule, breaks, steps, form }) => {
  const { verdict, counterexample } = await workshop.explore(configOf(form));
  expect(verdict).toBe(rule === null ? 'exhausted' : 'violated');
  expect(counterexample?.invariants[0]?.id ?? null).toBe(breaks);
  expect(counterexample?.steps ?? 0).toBe(steps);
});

test('a form that was filled in by an example is known again, a changed one is not', () => {
  for (const one of EXAMPLES) {
    expect(exampleOf({ ...one.form, without: [...one.form.without].reverse() })).toBe(one);
    expect(exampleOf({ ...one.form, bounds: { ...one.form.bounds, drops: '1' } })).toBeUndefined();
  }
});
