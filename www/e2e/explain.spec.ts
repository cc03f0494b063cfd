// Why: the causes of an event, a message or a server, each a way to its moment; and why nothing happens.

import type { Locator, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { faults } from './axe.js';
import { position, ready } from './element.js';
import { openSite, type Site } from './harness.js';

let site: Site;
let page: Page;
let problems: string[];
let element: Locator;

type Node = HTMLElementTagNameMap['raft-playground'];

beforeAll(async () => {
  site = await openSite();
});
// A page that plays on would slow the next test down.
afterEach(() => Promise.all(site.browser.contexts().map((context) => context.close())));
afterAll(() => site.close());
beforeEach(async () => {
  ({ page, problems } = await site.visit('#servers=5&seed=11', { reducedMotion: 'reduce' }));
  element = await ready(page);
  await element.evaluate((node: Node) => {
    node.cluster?.runUntil({ type: 'leader' });
    node.cluster?.advance(100);
    node.refresh();
  });
});

const causes = () => element.locator('.cause .what').allTextContents();
const roles = async () => (await position(element)).roles;

test('a leader is asked why: the chain ends with its election, and each cause leads to its moment', async () => {
  const leader = (await roles()).indexOf(3) + 1;
  await element.locator(`[data-server="${leader}"]`).click();
  await element.locator('.inspector [data-do="askWhy"]').click();
  await expect
    .poll(async () => (await causes()).at(-1))
    .toMatch(new RegExp(`^S${leader} has a quorum of votes: it leads term \\d+$`));
  expect(await element.locator('[data-panel="why"]').getAttribute('aria-selected')).toBe('true');
  expect((await causes()).length).toBeGreaterThan(3);
  expect(await element.locator('.cause .section').last().textContent()).toBe('§5.2');

  await element.locator('.cause button').nth(1).click();
  const { step, headStep } = await position(element);
  expect(step).toBeLessThan(headStep);
  // The chain stays, and says where in it the reader is.
  await expect.poll(() => element.locator('.cause [aria-current="step"]').count()).toBe(1);
  await element.locator('.cause button').last().click();
  expect((await position(element)).roles[leader - 1]).toBe(3);
  expect(problems).toEqual([]);
});

test('Y asks about what is selected, with the keyboard alone', async () => {
  const follower = (await roles()).indexOf(0) + 1;
  await element.locator(`[data-server="${follower}"]`).focus();
  await page.keyboard.press(String(follower));
  await page.keyboard.press('y');
  await expect.poll(async () => (await causes()).at(-1)).toMatch(new RegExp(`^S${follower} is a follower in term`));
  await element.locator('.cause button').first().focus();
  const before = await position(element);
  await page.keyboard.press('Enter');
  expect((await position(element)).step).toBeLessThan(before.step);
  expect(problems).toEqual([]);
});

test('an event of the list and a message in flight are asked in the same way', async () => {
  await element.locator('[data-panel="events"]').click();
  await element.locator('.events [data-event]').nth(3).click();
  await expect.poll(() => element.locator('.cause').count()).toBeGreaterThan(1);
  // The row that was clicked is gone with its panel; the keyboard still works.
  const before = await position(element);
  await page.keyboard.press('ArrowLeft');
  expect((await position(element)).step).toBe(before.step - 1);
  await element.locator('.chain header button').click();
  expect(await element.locator('.chain').count()).toBe(0);

  await element.evaluate((node: Node) => {
    node.cluster?.runUntil({ type: 'message' });
    node.refresh();
  });
  await element.locator('[data-panel="messages"]').click();
  await element.locator('.message-row .route').first().click();
  await element.locator('[data-panel="inspect"]').click();
  await element.locator('.inspector .small', { hasText: 'Why was it sent?' }).click();
  await expect.poll(async () => (await causes()).at(-1)).toMatch(/^S\d sends /);
  expect(problems).toEqual([]);
});

test('why is nothing happening: no quorum names who is missing, and the way out is a button', async () => {
  const leader = (await roles()).indexOf(3) + 1;
  const down = [1, 2, 3, 4, 5].filter((id) => id !== leader).slice(0, 3);
  for (const id of down) {
    await element.locator(`[data-server="${id}"]`).focus();
    await page.keyboard.press(String(id));
    await page.keyboard.press('c');
  }
  const { step } = await position(element);
  await element.locator('.ask-why').click();
  const finding = element.locator('[data-finding="noQuorum"]');
  await expect.poll(() => finding.textContent()).toContain('have 2, need 3');
  for (const id of down) expect(await finding.textContent()).toContain(`S${id} (crashed)`);

  await element.evaluate((node: Node) => node.step(5));
  await finding.locator('button.plain').click();
  expect((await position(element)).step).toBeLessThanOrEqual(step);
  await element.evaluate((node: Node) => node.seek(node.cluster?.frame().header.headStep ?? 0));
  await finding.locator('[data-act="restart"]').first().click();
  expect(await finding.count()).toBe(0);
  expect(problems).toEqual([]);
});

test('in Chinese the causes and the findings are Chinese', async () => {
  await page.locator('#language').selectOption('zh');
  await expect.poll(() => element.locator('.ask-why').textContent()).toContain('为什么没有动静');
  const leader = (await roles()).indexOf(3) + 1;
  await element.locator(`[data-server="${leader}"]`).click();
  await element.locator('.inspector [data-do="askWhy"]').click();
  await expect.poll(async () => (await causes()).at(-1)).toMatch(/得到多数派的选票：它领导任期 \d+$/);
  for (const cause of await causes()) expect(cause).toMatch(/\p{Script=Han}/u);
  expect(await element.locator('[data-finding="idle"], [data-finding="notCommitted"]').first().textContent()).toContain(
    '领导',
  );
  expect(problems).toEqual([]);
});

for (const colorScheme of ['light', 'dark'] as const) {
  test(`the panel has no accessibility fault that axe can find, ${colorScheme}`, async () => {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    await element.locator('[data-server="1"]').focus();
    await page.keyboard.press('1');
    await page.keyboard.press('c');
    await page.keyboard.press('y');
    await expect.poll(() => element.locator('.cause').count()).toBeGreaterThan(0);
    expect(await faults(page)).toEqual([]);
  });
}
