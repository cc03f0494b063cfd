// The two built-in experiments, from a fresh page to their end.

import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { playToTheEnd, position, ready } from './element.js';
import { openSite, type Site } from './harness.js';

let site: Site;
beforeAll(async () => {
  site = await openSite();
});
// A page that plays on would slow the next test down.
afterEach(() => Promise.all(site.browser.contexts().map((context) => context.close())));
afterAll(() => site.close());

test('Figure 8 with the rule off: the checker shows a committed entry overwritten, and the page stops there', async () => {
  const { page, problems } = await site.visit('#scenario=figure-8');
  const element = await ready(page);
  const rule = element.locator('[data-do="tryRule"]');
  if (await rule.isChecked()) await rule.click();
  await page.waitForFunction(() =>
    document
      .querySelector('raft-playground')
      ?.cluster?.rules()
      .some(({ on }) => !on),
  );
  await expect.poll(() => element.locator('.modified').isVisible()).toBe(true);

  await playToTheEnd(element);
  await expect.poll(() => element.locator('.violation-card').isVisible()).toBe(true);
  const { violations } = await position(element);
  expect(violations).toBeGreaterThan(0);
  expect(await element.locator('.violation-card').textContent()).toContain('violated');
  expect(problems).toEqual([]);
});

test('Figure 8 with the rule on: the same schedule ends without a violation', async () => {
  const { page, problems } = await site.visit('#scenario=figure-8');
  const element = await ready(page);
  const rule = element.locator('[data-do="tryRule"]');
  if (!(await rule.isChecked())) await rule.click();
  await page.waitForFunction(() =>
    document
      .querySelector('raft-playground')
      ?.cluster?.rules()
      .every(({ on, name }) => on || name !== 'commitCurrentTermOnly'),
  );

  await playToTheEnd(element);
  expect((await position(element)).violations).toBe(0);
  expect(await element.locator('.violation-card').count()).toBe(0);
  expect(problems).toEqual([]);
});

test('split brain: two leaders in different terms, one of which can commit; all claims hold', async () => {
  const { page, problems } = await site.visit('#scenario=split-brain');
  const element = await ready(page);
  await playToTheEnd(element);
  const results = await element.evaluate((node: HTMLElementTagNameMap['raft-playground']) =>
    node.cluster?.expectations().map(({ result }) => result),
  );
  expect(results?.length).toBeGreaterThan(0);
  expect(new Set(results)).toEqual(new Set(['held']));
  expect((await position(element)).violations).toBe(0);
  expect(problems).toEqual([]);
});

test('an experiment ends in the state that the native test reaches', async () => {
  const { page } = await site.visit('#scenario=split-brain');
  const element = await ready(page);
  const [once, twice] = await element.evaluate(async (node: HTMLElementTagNameMap['raft-playground']) => {
    const run = () => {
      node.cluster?.seek(0);
      node.cluster?.advanceTo(2_000);
      return node.cluster?.traceHash();
    };
    return [run(), run()];
  });
  expect(once).toMatch(/^[0-9a-f]{16}$/);
  expect(twice).toBe(once);
});
