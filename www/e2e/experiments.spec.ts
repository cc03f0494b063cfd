// The two built-in experiments, from a fresh page to their end.

import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
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

for (const scenario of ['figure-8', 'split-brain']) {
  for (const rule of ['on', 'off']) {
    test(`${scenario} with its rule ${rule} is the same run in the page as natively, bit for bit`, async () => {
      const native = await runNatively(scenario, rule);
      const { page } = await site.visit(`#scenario=${scenario}&rule=${rule}`);
      const element = await ready(page);
      const inPage = await element.evaluate((node: HTMLElementTagNameMap['raft-playground'], steps) => {
        for (let i = 0; i < steps; i++) node.cluster?.step();
        return { trace: node.cluster?.traceHash(), state: node.cluster?.stateHash() };
      }, native.steps);
      expect(inPage).toEqual({ trace: native.trace, state: native.state });
    });
  }
}

/** The same experiment by the program that `cargo` builds; it says how many steps it took and where they led. */
async function runNatively(scenario: string, rule: string): Promise<{ steps: number; trace: string; state: string }> {
  const arguments_ = ['run', '--quiet', '--package', 'raft-sim', '--', 'run', `scenarios/${scenario}.json`];
  if (rule === 'off') arguments_.push('--without-rule');
  const { stdout } = await promisify(execFile)('cargo', arguments_, { cwd: new URL('../..', import.meta.url) });
  const [, steps] = /: (\d+) steps/.exec(stdout) ?? [];
  const [, trace, state] = /trace ([0-9a-f]{16}), state ([0-9a-f]{16})/.exec(stdout) ?? [];
  if (!steps || !trace || !state) throw new Error(`raft-sim says something else: ${stdout}`);
  return { steps: Number(steps), trace, state };
}
