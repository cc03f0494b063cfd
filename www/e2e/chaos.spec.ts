// The panel of chaos: sweeps in the background, failures that shrink, open as scenarios, and give the reader's run back.

import { readFile } from 'node:fs/promises';
import type { Locator, Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { faults } from './axe.js';
import { playToTheEnd, position, ready } from './element.js';
import { useSite } from './harness.js';
import { broken, listen, printTask, watchTasks, withoutRule } from './labs.js';

const site = useSite();
let page: Page;
let problems: string[];
let element: Locator;
let asked: string[];

/** A run with a rule off, and the panel open. */
async function open(options = {}): Promise<void> {
  ({ page, problems } = await site.visit('#servers=5&seed=11', { reducedMotion: 'reduce', ...options }));
  element = await ready(page);
  asked = [];
  page.on('request', (request) => asked.push(request.url()));
  await withoutRule(element, 'truncateOnConflict');
  await element.locator('[data-panel="chaos"]').click();
  await element.locator('[data-do="start-chaos"]').waitFor();
}

const field = (name: string) => element.locator(`.panel.chaos [name="${name}"]`);
const start = () => element.locator('[data-do="start-chaos"]').click();
const verdict = () => element.locator('.panel.chaos .lab-verdict');
const WAIT = { timeout: 30_000 };

test('a failure is found without the rule that is off in the run, shrinks, opens, plays to what it breaks, and lets go', async () => {
  await open();
  const longest = await watchTasks(page);
  const said = await listen(element);
  await element.evaluate((node: HTMLElementTagNameMap['raft-playground']) => {
    node.cluster?.runUntil({ type: 'leader' });
    node.refresh();
  });
  const before = await position(element);
  expect(await element.locator('.panel.chaos .rules-off summary').textContent()).toContain('Truncate only on conflict');
  expect(asked.filter((url) => /raft_workshop|worker/.test(url))).toEqual([]);

  await field('style').selectOption('late-messages');
  await field('count').fill('3');
  await longest();
  await start();
  await verdict().waitFor(WAIT);
  expect(asked.filter((url) => /raft_workshop/.test(url))).toHaveLength(1);
  expect(page.workers()).toHaveLength(1);
  expect(await verdict().textContent()).toMatch(/3 trials, all done\.\s+3 failures/);
  const row = element.locator('tr[data-seed="0"]');
  expect(await row.textContent()).toContain('Permitted Log Changes (I19)');

  await row.locator('[data-do="shrink"]').focus();
  await page.keyboard.press('Enter');
  await element.locator('.found [data-do="open-found"]').waitFor(WAIT);
  const focused = await element.evaluate((node) => node.shadowRoot?.activeElement?.textContent);
  expect(focused).toBe('3 actions left');
  expect(await element.locator('.found').textContent()).toContain('3 of 10 actions are enough');
  expect(await element.locator('.found .steps li').allTextContents()).toEqual([
    expect.stringMatching(/126\.1 ms\s+duplicate the oldest RequestVote from S1 to S3/),
    expect.stringMatching(/client c1 deletes k2/),
    expect.stringMatching(/client c1 writes k2 = 5/),
  ]);
  printTask('sweep and shrink', await longest());

  await element.locator('[data-do="open-found"]').click();
  await expect.poll(async () => (await position(element)).step).toBe(0);
  expect(await element.locator('.visit').textContent()).toContain('Your own is kept');
  await playToTheEnd(element);
  expect(await broken(element)).toContain('I19');
  expect(await element.locator('.violations').textContent()).toContain('Permitted Log Changes');

  await element.locator('[data-do="come-back"]').click();
  expect(await position(element)).toEqual(before);
  expect(await element.locator('.visit').isVisible()).toBe(false);
  expect(await element.locator('.found [data-do="open-found"]').isVisible()).toBe(true);
  await expect.poll(said).toMatch(/First failure: seed 0, Permitted Log Changes.*Sweep over: 3 trials, 3 failures/s);
  await expect.poll(said).toContain('Shrunk to 3 actions');
  expect(problems).toEqual([]);
});

test('opening one failure after the other leads back step by step, and starting over keeps the way', async () => {
  await open();
  await field('style').selectOption('late-messages');
  await field('count').fill('1');
  await start();
  await verdict().waitFor(WAIT);
  await element.locator('[data-do="shrink"]').click();
  const openIt = element.locator('[data-do="open-found"]');
  await openIt.waitFor(WAIT);
  const before = await position(element);
  await openIt.click();
  await element.locator('[data-do="come-back"]').waitFor();
  await element.evaluate((node: HTMLElementTagNameMap['raft-playground']) => {
    node.cluster?.advance(50);
    node.refresh();
  });
  const visited = await position(element);
  await openIt.click();
  await expect.poll(async () => (await position(element)).step).toBe(0);
  await element.locator('[data-do="come-back"]').click();
  expect(await position(element)).toEqual(visited);
  await element.locator('[data-do="reset"]').click();
  await expect.poll(async () => (await position(element)).step).toBe(0);
  await element.locator('[data-do="come-back"]').click();
  expect(await position(element)).toEqual(before);
  expect(await element.locator('[data-do="come-back"]').count()).toBe(0);
  expect(problems).toEqual([]);
});

test('by keyboard: Enter in a field starts, the button cancels, and what was found stays', async () => {
  await open();
  const longest = await watchTasks(page);
  const said = await listen(element);
  await field('count').focus();
  await page.keyboard.press('Control+a');
  await page.keyboard.type('1000000');
  await longest();
  await page.keyboard.press('Enter');
  await expect.poll(() => element.locator('.panel.chaos tbody tr').count(), WAIT).toBeGreaterThan(2);
  const bar = element.locator('.panel.chaos progress');
  expect(await bar.getAttribute('max')).toBe('1000000');
  await expect.poll(() => element.locator('.panel.chaos .lab-progress').textContent(), WAIT).toMatch(/a second/);
  printTask('a long sweep', await longest());
  const cancel = element.locator('[data-do="cancel-chaos"]');
  await cancel.focus();
  await page.keyboard.press('Enter');
  await verdict().waitFor();
  expect(await verdict().textContent()).toMatch(/Cancelled after [\d,]+ of 1,000,000 trials/);
  expect(await element.locator('.panel.chaos tbody tr').count()).toBeGreaterThan(2);
  expect(await element.locator('[data-do="start-chaos"]').getAttribute('aria-disabled')).toBe('false');
  expect(await cancel.evaluate((node) => (node.getRootNode() as ShadowRoot).activeElement === node)).toBe(true);
  await expect.poll(said).toContain('Cancelled.');
  await expect.poll(() => page.workers().length, WAIT).toBe(0);
  // Where shortcuts would do something, typing did not.
  expect((await position(element)).statuses).not.toContain(1);
  expect(problems).toEqual([]);
});

test('what is wrong in the form is said at its field, which takes the focus, and nothing starts', async () => {
  await open();
  await field('first').fill('one');
  await start();
  await expect.poll(() => field('first').getAttribute('aria-invalid')).toBe('true');
  const describedBy = await field('first').getAttribute('aria-describedby');
  expect(await element.locator(`#${describedBy}`).textContent()).toContain('whole number');
  expect(await field('first').evaluate((node) => (node.getRootNode() as ShadowRoot).activeElement === node)).toBe(true);
  expect(page.workers()).toEqual([]);
  await field('first').fill('0');
  await field('count').fill('1000000000');
  await start();
  await expect.poll(() => field('count').getAttribute('aria-invalid'), WAIT).toBe('true');
  expect(await field('first').getAttribute('aria-invalid')).toBeNull();
  expect(await element.locator('.panel.chaos .problem').textContent()).toContain('at most 100000000 trials');
  expect(await verdict().count()).toBe(0);
  expect(await element.locator('.panel.chaos progress').count()).toBe(0);
  expect(problems).toEqual([]);
});

test('a failure can be taken along as a link and as a file', async () => {
  await open({ permissions: ['clipboard-read', 'clipboard-write'] });
  await field('style').selectOption('late-messages');
  await field('count').fill('1');
  await start();
  await verdict().waitFor(WAIT);
  await element.locator('[data-do="shrink"]').click();
  await element.locator('[data-do="link-found"]').waitFor(WAIT);
  await element.locator('[data-do="link-found"]').click();
  await expect.poll(() => element.locator('.notice').textContent()).toContain('Link copied');
  const link = await page.evaluate(() => navigator.clipboard.readText());
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    element.locator('[data-do="save-found"]').click(),
  ]);
  expect(download.suggestedFilename()).toBe('i19-0.json');
  const scenario = JSON.parse((await readFile(await download.path())).toString());
  expect(scenario).toMatchObject({ version: 1, rule: 'truncateOnConflict', breaks: 'I19' });

  const other = await site.visit(new URL(link).hash);
  const shown = await ready(other.page);
  await playToTheEnd(shown);
  expect(await broken(shown)).toContain('I19');
  expect(other.problems).toEqual([]);
  expect(problems).toEqual([]);
});

test('a sweep goes on when the language changes, and so does the way back', async () => {
  await open();
  await field('style').selectOption('late-messages');
  await field('count').fill('1');
  await start();
  await verdict().waitFor(WAIT);
  await element.locator('[data-do="shrink"]').click();
  await element.locator('[data-do="open-found"]').waitFor(WAIT);
  const before = await position(element);
  await element.locator('[data-do="open-found"]').click();
  await element.locator('[data-do="come-back"]').waitFor();
  await field('count').fill('1000000');
  await start();
  await element.locator('.panel.chaos progress').waitFor();
  await page.locator('#language').selectOption('zh');
  await expect.poll(() => element.locator('[data-do="start-chaos"]').textContent(), WAIT).toBe('开始');
  await expect.poll(() => element.locator('.panel.chaos .lab-progress').textContent(), WAIT).toContain('次失败');
  expect(await field('count').inputValue()).toBe('1000000');
  await element.locator('[data-do="cancel-chaos"]').click();
  await expect.poll(() => verdict().textContent()).toContain('已取消');
  expect(await element.locator('[data-do="come-back"]').textContent()).toContain('回到我的运行');
  await element.locator('[data-do="come-back"]').click();
  expect(await position(element)).toEqual(before);
  expect(problems).toEqual([]);
});

for (const colorScheme of ['light', 'dark'] as const) {
  test(`the panel has no accessibility fault that axe can find, and fits into 360 px, ${colorScheme}`, async () => {
    await open({ colorScheme, viewport: { width: 360, height: 800 } });
    await field('first').fill('x');
    await start();
    await element.locator('.panel.chaos .problem').waitFor();
    await element.locator('.panel.chaos .rules-off summary').click();
    expect(await faults(page)).toEqual([]);
    await field('first').fill('0');
    await field('count').fill('4');
    await field('style').selectOption('all');
    await start();
    await verdict().waitFor(WAIT);
    await element.locator('[data-do="shrink"]').first().click();
    await element.locator('[data-do="open-found"]').waitFor(WAIT);
    await element.locator('[data-do="open-found"]').click();
    await element.locator('[data-do="come-back"]').waitFor();
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(360);
    expect(await faults(page)).toEqual([]);
    expect(problems).toEqual([]);
  });
}
