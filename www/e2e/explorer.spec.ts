// The panel of the explorer: all states of a small cluster, and the shortest way to what is broken, played.

import type { Locator, Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { faults } from './axe.js';
import { position, ready } from './element.js';
import { useSite } from './harness.js';
import { broken, listen, printTask, watchTasks, withoutRule } from './labs.js';

const site = useSite();
let page: Page;
let problems: string[];
let element: Locator;

async function open(options = {}): Promise<void> {
  ({ page, problems } = await site.visit('#servers=5&seed=11', { reducedMotion: 'reduce', ...options }));
  element = await ready(page);
  await element.locator('[data-panel="explorer"]').click();
  await element.locator('[data-do="start-explorer"]').waitFor();
}

const field = (name: string) => element.locator(`.panel.explorer [name="${name}"]`);
const start = () => element.locator('[data-do="start-explorer"]').click();
const verdict = () => element.locator('.panel.explorer .lab-verdict');
const fact = (name: string) =>
  element
    .locator('.search-facts div', { has: page.getByText(name, { exact: true }) })
    .locator('dd')
    .textContent();
const WAIT = { timeout: 30_000 };

test('the shortest way to two leaders is found, told step by step, and played', async () => {
  await open();
  // The second one breaks another promise at the first step, which is not what is looked for.
  for (const rule of ['majority', 'persistVote'] as const) await withoutRule(element, rule);
  const longest = await watchTasks(page);
  const said = await listen(element);
  const before = await position(element);
  expect(await element.locator('.panel.explorer .rules-off summary').textContent()).toContain('A majority decides');
  await field('servers').fill('4');
  await field('proposals').fill('0');
  await field('promise').selectOption('I1');
  await longest();
  await start();
  await verdict().waitFor(WAIT);
  expect(await verdict().textContent()).toContain('Broken after 6 steps: Election Safety (I1)');
  const steps = await element.locator('.found .steps li').allTextContents();
  expect(steps).toHaveLength(6);
  expect(steps[0]).toMatch(/fire the election timer of S\d/);
  expect(steps.join()).toMatch(/deliver the oldest RequestVoteReply from S\d to S\d/);
  printTask('a search', await longest());
  await expect.poll(said).toContain('Broken after 6 steps: Election Safety (I1)');

  await element.locator('[data-do="play-found"]').focus();
  await page.keyboard.press('Enter');
  await expect.poll(() => broken(element), WAIT).toContain('I1');
  await expect.poll(() => element.locator('.violations').textContent(), WAIT).toContain('Election Safety');
  expect((await position(element)).roles.filter((role) => role === 3)).toHaveLength(2);
  expect(await element.evaluate((node: HTMLElementTagNameMap['raft-playground']) => node.playing)).toBe(false);
  await element.locator('[data-do="come-back"]').click();
  expect(await position(element)).toEqual(before);
  expect(problems).toEqual([]);
});

test('a small configuration is exhausted, with the numbers of the native search, as a chart and as a table', async () => {
  await open();
  await field('servers').fill('4');
  await field('proposals').fill('0');
  await element.locator('.panel.explorer summary', { hasText: 'How far it goes' }).click();
  await field('terms').fill('1');
  await start();
  await verdict().waitFor(WAIT);
  expect(await verdict().textContent()).toContain('Every state within these bounds was visited, 1,659 of them');
  expect(await fact('states')).toBe('1,659');
  expect(await fact('memory')).toMatch(/^\d+ kB$/);
  const bars = await element.locator('.depths rect').count();
  expect(bars).toBeGreaterThan(5);
  await element.locator('[data-do="depths-table"]').click();
  const counts = await element.locator('.panel.explorer .lab-table td').allTextContents();
  expect(counts).toHaveLength(bars);
  expect(counts.reduce((sum, text) => sum + Number(text.replace(',', '')), 0)).toBe(1_659);
  expect(await element.locator('.found').count()).toBe(0);
  expect(problems).toEqual([]);
});

test('a search tells how far it is, reaches its limit, or is cancelled', async () => {
  await open();
  const longest = await watchTasks(page);
  await field('timeouts').fill('4');
  await field('proposals').fill('3');
  await field('crashes').fill('3');
  await element.locator('.panel.explorer summary', { hasText: 'How far it goes' }).click();
  await field('states').fill('50000000');
  await longest();
  await start();
  await expect.poll(() => fact('states a second'), WAIT).toMatch(/^[\d,]+$/);
  const count = async () =>
    Number((await element.locator('.search-facts dd').first().textContent())?.replaceAll(',', ''));
  const first = await count();
  await expect.poll(count, WAIT).toBeGreaterThan(first);
  printTask('a long search', await longest());
  await element.locator('[data-do="cancel-explorer"]').click();
  await verdict().waitFor();
  expect(await verdict().textContent()).toMatch(/Cancelled after [\d,]+ states/);
  await expect.poll(() => page.workers().length, WAIT).toBe(0);

  await field('states').fill('5000');
  await start();
  await expect.poll(() => verdict().textContent(), WAIT).toContain('The limit of states was reached');
  await field('states').fill('1000000');
  await field('depth').fill('3');
  await start();
  await expect.poll(() => verdict().textContent(), WAIT).toContain('The limit of 3 steps was reached');
  expect(problems).toEqual([]);
});

test('an example fills in the form, and finds what it is about', async () => {
  await open();
  await field('example').selectOption({ label: 'without: Election restriction' });
  await expect.poll(() => field('promise').inputValue()).toBe('I4');
  expect(await element.locator('.panel.explorer .rules-off summary').textContent()).toContain('Election restriction');
  await start();
  await verdict().waitFor(WAIT);
  expect(await verdict().textContent()).toContain('Broken after 8 steps: Leader Completeness (I4)');
  await field('drops').fill('1');
  expect(await field('example').inputValue()).toBe('');
  expect(problems).toEqual([]);
});

test('what a search cannot do is said at the field', async () => {
  await open();
  await field('servers').fill('9');
  await start();
  await expect.poll(() => field('servers').getAttribute('aria-invalid'), WAIT).toBe('true');
  expect(await element.locator('.panel.explorer .problem').textContent()).toMatch(/^1 to 5 servers can be explored/);
  await field('servers').fill('3');
  // The field is folded away, and opens.
  await element.locator('.panel.explorer summary', { hasText: 'How far it goes' }).click();
  await field('terms').fill('300');
  await element.locator('.panel.explorer summary', { hasText: 'How far it goes' }).click();
  await start();
  await expect.poll(() => element.locator('.panel.explorer .problem').isVisible(), WAIT).toBe(true);
  expect(await field('terms').getAttribute('aria-invalid')).toBe('true');
  expect(await verdict().count()).toBe(0);
  expect(problems).toEqual([]);
});

for (const colorScheme of ['light', 'dark'] as const) {
  test(`the panel has no accessibility fault that axe can find, and fits into 360 px, ${colorScheme}`, async () => {
    await open({ colorScheme, viewport: { width: 360, height: 800 }, locale: colorScheme === 'dark' ? 'zh-CN' : 'en' });
    await withoutRule(element, 'majority');
    for (const summary of await element.locator('.panel.explorer summary').all()) await summary.click();
    expect(await faults(page)).toEqual([]);
    await field('servers').fill('4');
    await field('promise').selectOption('I1');
    await start();
    await verdict().waitFor(WAIT);
    for (const way of ['depths-chart', 'depths-table']) {
      await element.locator(`[data-do="${way}"]`).click();
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(360);
      expect(await faults(page)).toEqual([]);
    }
    expect(problems).toEqual([]);
  });
}
