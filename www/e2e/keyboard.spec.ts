// Everything can be reached and done with the keyboard alone.

import type { Locator, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { position, ready } from './element.js';
import { openSite, type Site } from './harness.js';

let site: Site;
let page: Page;
let problems: string[];
let element: Locator;

beforeAll(async () => {
  site = await openSite();
});
// A page that plays on would slow the next test down.
afterEach(() => Promise.all(site.browser.contexts().map((context) => context.close())));
afterAll(() => site.close());
beforeEach(async () => {
  ({ page, problems } = await site.visit('#servers=5&seed=11'));
  element = await ready(page);
  await element.evaluate((node: HTMLElementTagNameMap['raft-playground']) => node.pause());
});

/** Tabs until what has the focus, inside the element or not, matches. */
async function tabTo(selector: string): Promise<void> {
  for (let i = 0; i < 80; i++) {
    await page.keyboard.press('Tab');
    const found = await page.evaluate((wanted) => {
      const focus = document.activeElement?.shadowRoot?.activeElement ?? document.activeElement;
      return focus?.matches(wanted) ?? false;
    }, selector);
    if (found) return;
  }
  throw new Error(`Tab never reaches ${selector}`);
}

test('one experiment: choose, play, crash the leader, go back, cut apart, heal, write, fork', async () => {
  await tabTo('[data-server]');
  await page.keyboard.press('k');
  await expect.poll(async () => (await position(element)).roles.includes(3), { timeout: 20_000 }).toBe(true);
  await page.keyboard.press('k');
  const leader = (await position(element)).roles.indexOf(3) + 1;

  await page.keyboard.press(String(leader));
  await page.keyboard.press('c');
  expect((await position(element)).statuses[leader - 1]).toBe(1);
  await page.keyboard.press('c');
  expect((await position(element)).statuses[leader - 1]).toBe(0);

  const { step } = await position(element);
  await page.keyboard.press('ArrowLeft');
  expect((await position(element)).step).toBe(step - 1);
  await page.keyboard.press('ArrowRight');
  expect((await position(element)).step).toBe(step);
  await page.keyboard.press('Shift+ArrowLeft');
  expect((await position(element)).step).toBe(Math.max(0, step - 10));
  await page.keyboard.press('Home');
  expect((await position(element)).step).toBe(0);
  await page.keyboard.press('End');
  expect((await position(element)).step).toBe(step);

  await page.keyboard.press('p');
  await page.keyboard.press('1');
  await page.keyboard.press('2');
  await page.keyboard.press('Enter');
  expect(await element.locator('.link.cut').count()).toBe(6);
  await page.keyboard.press('h');
  expect(await element.locator('.link.cut').count()).toBe(0);

  await page.keyboard.press('f');
  expect(await element.locator('[data-do="branch"] option').count()).toBe(2);

  const other = leader === 1 ? 2 : 1;
  await page.keyboard.press(String(other));
  await page.keyboard.press('t');
  expect([1, 2]).toContain((await position(element)).roles[other - 1]);
  expect(problems).toEqual([]);
});

test('up and down move between servers and messages, and Enter selects', async () => {
  await element.evaluate((node: HTMLElementTagNameMap['raft-playground']) => {
    node.cluster?.runUntil({ type: 'message' });
    node.refresh();
  });
  await tabTo('[data-server]');
  for (let i = 0; i < 5; i++) await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  await expect.poll(() => element.locator('[data-message].selected').count()).toBe(1);
  await expect.poll(() => element.locator('.inspector [data-act="drop"]').count()).toBe(1);
});

test('buttons, tabs, sliders and the scrubber can all be reached', async () => {
  for (const selector of [
    '[data-do="reset"]',
    '[data-server]',
    '[data-act="crash"]',
    '[data-act="write"]',
    '[role="tab"]',
    '.seek',
    '[data-do="play"]',
    '.speed input',
    '[data-do="fork"]',
  ]) {
    await tabTo(selector);
  }
});

test('shortcuts work only while the focus is inside', async () => {
  const before = await position(element);
  await page.evaluate(() => (document.activeElement as HTMLElement | null)?.blur());
  await page.keyboard.press('c');
  await page.keyboard.press('f');
  expect((await position(element)).hash).toBe(before.hash);
  expect(await element.locator('[data-do="branch"]').count()).toBe(0);
});

test('typing into a field is typing, not commanding', async () => {
  const before = await position(element);
  await element.locator('input[name="key"]').focus();
  await page.keyboard.type('chf');
  expect((await position(element)).hash).toBe(before.hash);
});

test('the sheet of shortcuts opens with ? and closes with Escape', async () => {
  await tabTo('[data-server]');
  await page.keyboard.press('?');
  await expect.poll(() => element.locator('dialog').isVisible()).toBe(true);
  await page.keyboard.press('Escape');
  await expect.poll(() => element.locator('dialog').isVisible()).toBe(false);
});
