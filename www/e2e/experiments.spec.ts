// The built-in experiments, from a fresh page to their end.

import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { raftSim, root } from '../../scripts/lib/paths.mjs';
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

test('every experiment and variant, with and without its rule, is the same run in the browser as natively', async () => {
  const folder = new URL('../../scenarios/', import.meta.url);
  const names = readdirSync(folder).filter((name) => name.endsWith('.json') && name !== 'expected-hashes.json');
  const scenarios = names.map((name) => readFileSync(new URL(name, folder), 'utf8')).filter(isOfRaft);
  const hashes: Record<string, unknown> = JSON.parse(readFileSync(new URL('expected-hashes.json', folder), 'utf8'));
  const others = names.filter((name) => !isOfRaft(readFileSync(new URL(name, folder), 'utf8')));
  const expected = Object.fromEntries(
    Object.entries(hashes).filter(([run]) => !others.some((name) => run.startsWith(name.replace('.json', '')))),
  );
  const { page, problems } = await site.visit();
  // As text, because the test runner would rewrite an `import()` in a function.
  const engine = await page.evaluateHandle<typeof import('../src/engine.js')>(`import('${site.url}engine.js')`);
  const found = await engine.evaluate(async ({ Cluster }, scenarios) => {
    const found: Record<string, unknown> = {};
    for (const json of scenarios) {
      const base = await Cluster.fromScenario(json);
      for (const { name, scenario } of base.runs()) {
        const cluster = await Cluster.fromScenario(scenario);
        cluster.runScript();
        const { step, events } = cluster.frame().header;
        const hashes = { traceHash: cluster.traceHash(), stateHash: cluster.stateHash() };
        found[name] = cluster.problems().length > 0 ? cluster.problems() : { steps: step, events, ...hashes };
        cluster.dispose();
      }
      base.dispose();
    }
    return found;
  }, scenarios);
  expect(found).toEqual(expected);
  expect(problems).toEqual([]);
});

test('figure 8 is the same run by the program that cargo builds', async () => {
  const native = await runNatively('figure-8', 'off');
  const { page } = await site.visit('#scenario=figure-8&rule=off');
  const element = await ready(page);
  const inPage = await element.evaluate((node: HTMLElementTagNameMap['raft-playground'], steps) => {
    for (let i = 0; i < steps; i++) node.cluster?.step();
    return { trace: node.cluster?.traceHash(), state: node.cluster?.stateHash() };
  }, native.steps);
  expect(inPage).toEqual({ trace: native.trace, state: native.state });
});

test('an experiment is chosen from the list, and a variant by its name in the address', async () => {
  const { page, problems } = await site.visit();
  await page.selectOption('#experiments', 'scenario=two-f-plus-one');
  const element = await ready(page);
  await page.waitForFunction(
    () => document.querySelector('raft-playground')?.cluster?.scenario().id === 'two-f-plus-one',
  );
  expect(new URL(page.url()).hash).toBe('#scenario=two-f-plus-one');
  await page.goto(new URL('#scenario=two-f-plus-one&variant=seven', site.url).href);
  await page.waitForFunction(
    () => document.querySelector('raft-playground')?.cluster?.scenario().cluster.servers === 7,
  );
  expect((await position(element)).statuses.length).toBe(7);
  expect(problems).toEqual([]);
});

test('an experiment that is chosen while the engine is still on its way is the one that is shown', async () => {
  const page = await (await site.browser.newContext()).newPage();
  let arrive = () => {};
  const arrived = new Promise<void>((resolve) => {
    arrive = resolve;
  });
  await page.route('**/*.wasm', async (route) => {
    await arrived;
    await route.continue();
  });
  const asked = page.waitForRequest('**/*.wasm');
  await page.goto(site.url);
  await asked;
  await page.selectOption('#experiments', 'scenario=two-f-plus-one');
  arrive();
  const element = await ready(page);
  const id = await element.evaluate((node: HTMLElementTagNameMap['raft-playground']) => node.cluster?.scenario().id);
  expect(id).toBe('two-f-plus-one');
});

test('a rule that is neither on nor off is refused in words', async () => {
  const { page, problems } = await site.visit('#scenario=figure-8&rule=maybe');
  await expect.poll(() => page.locator('raft-playground .fatal').textContent()).toContain('rule must be on or off');
  expect(problems).toEqual([]);
});

/** Whether a scenario is of Raft, not of another design that is there for contrast. */
const isOfRaft = (json: string) => JSON.parse(json).cluster.design === undefined;

/** The same experiment by the program that `cargo` builds; it says how many steps it took and where they led. */
async function runNatively(scenario: string, rule: string): Promise<{ steps: number; trace: string; state: string }> {
  const arguments_ = ['run', `scenarios/${scenario}.json`];
  if (rule === 'off') arguments_.push('--without-rule');
  const { stdout } = await promisify(execFile)(raftSim, arguments_, { cwd: root });
  const [, steps] = /: (\d+) steps/.exec(stdout) ?? [];
  const [, trace, state] = /trace ([0-9a-f]{16}), state ([0-9a-f]{16})/.exec(stdout) ?? [];
  if (!steps || !trace || !state) throw new Error(`raft-sim says something else: ${stdout}`);
  return { steps: Number(steps), trace, state };
}
