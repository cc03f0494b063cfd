// The site speaks English and Chinese: all of it, at once, and without losing the run.

import type { Locator, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { faults } from './axe.js';
import { position, ready } from './element.js';
import { openSite, type Site } from './harness.js';

let site: Site;
beforeAll(async () => {
  site = await openSite();
});
// A page that plays on would slow the next test down.
afterEach(() => Promise.all(site.browser.contexts().map((context) => context.close())));
afterAll(() => site.close());

type Node = HTMLElementTagNameMap['raft-playground'];

const speaks = (element: Locator, name: string) =>
  expect.poll(() => element.locator('[data-panel="inspect"]').textContent()).toBe(name);

const language = (page: Page) => page.evaluate(() => document.documentElement.lang);

test('the language follows the browser, then the reader, and the choice is kept but goes into no link', async () => {
  const { page, problems } = await site.visit('', { locale: 'zh-CN' });
  const element = await ready(page);
  await speaks(element, '检视');
  expect(await language(page)).toBe('zh-Hans');
  expect(await page.locator('h1').textContent()).toBe('Raft 演示台');

  await page.locator('#language').selectOption('en');
  await speaks(element, 'Inspect');
  expect(await language(page)).toBe('en');
  await page.reload();
  await speaks(await ready(page), 'Inspect');
  expect(await page.locator('h1').textContent()).toBe('Raft playground');

  await page.locator('#language').selectOption('zh');
  await speaks(element, '检视');
  await page.locator('#chooser input').first().check({ force: true });
  expect(page.url()).not.toMatch(/zh|lang/);
  expect(problems).toEqual([]);
});

test('a run goes on in the other language: same step, same selection, same panel', async () => {
  const { page, problems } = await site.visit('#servers=5&seed=11', { reducedMotion: 'reduce' });
  const element = await ready(page);
  await element.evaluate((node: Node) => {
    node.cluster?.runUntil({ type: 'leader' });
    node.refresh();
  });
  await element.locator('[data-server="3"]').click();
  await element.locator('[data-panel="rules"]').click();
  const before = await position(element);
  await page.locator('#language').focus();
  await page.keyboard.press('ArrowDown');
  await speaks(element, '检视');
  expect(await position(element)).toEqual(before);
  expect(await element.locator('[data-panel="rules"]').getAttribute('aria-selected')).toBe('true');
  expect(await element.locator('[data-server="3"]').getAttribute('class')).toContain('selected');
  expect(await element.locator('.rule').first().textContent()).toContain('投票先落盘再发出');
  expect(problems).toEqual([]);
});

test('the whole page changes, and changes back word for word', async () => {
  const { page } = await site.visit('#scenario=figure-8', { reducedMotion: 'reduce' });
  const element = await ready(page);
  const words = () => page.locator('body').evaluate((body) => (body as HTMLElement).innerText);
  const english = await words();
  await page.locator('#language').selectOption('zh');
  await speaks(element, '检视');
  await expect.poll(words).toContain('怎么玩');
  const text = await words();
  // What stays in Latin letters are names: of the protocol, of servers, of keys, and of the languages.
  const latin = text.match(/[A-Za-z]{4,}/g) ?? [];
  expect([...new Set(latin)].filter((word) => !NAMES.has(word))).toEqual([]);
  expect(await element.locator('h2').first().textContent()).toBe('图 8：为什么数副本还不够');
  expect(await page.locator('#experiments').inputValue()).toBe('scenario=figure-8');
  expect(await page.locator('#experiments optgroup').first().getAttribute('label')).toBe('为什么要有日志和副本');
  await page.locator('#language').selectOption('en');
  await speaks(element, 'Inspect');
  await expect.poll(words).toBe(english);
});

test('the words of the other language are fetched only when they are asked for', async () => {
  const { page } = await site.visit('', { reducedMotion: 'reduce' });
  await ready(page);
  const fetched = () =>
    page.evaluate(() =>
      performance
        .getEntriesByType('resource')
        .map(({ name }) => name)
        .filter((name) => /\/zh-[^/]*\.js$/.test(name)),
    );
  expect(await fetched()).toEqual([]);
  await page.locator('#language').selectOption('zh');
  await expect.poll(async () => (await fetched()).length).toBe(2);
});

for (const colorScheme of ['light', 'dark'] as const) {
  test(`in Chinese there is no accessibility fault that axe can find, ${colorScheme}`, async () => {
    const { page } = await site.visit('', { colorScheme, locale: 'zh-CN', reducedMotion: 'reduce' });
    await speaks(await ready(page), '检视');
    expect(await faults(page)).toEqual([]);
  });
}

test('in Chinese the page fits into 360 px', async () => {
  const { page } = await site.visit('', { locale: 'zh-CN', viewport: { width: 360, height: 800 } });
  await speaks(await ready(page), '检视');
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(360);
});

const NAMES = new Set([
  ...['Raft', 'Rust', 'WebAssembly', 'English', 'RequestVote', 'PreVote', 'AppendEntries', 'InstallSnapshot'],
  ...['TimeoutNow', 'ReadIndex', 'currentTerm', 'votedFor', 'commitIndex', 'lastApplied', 'matchIndex', 'nextIndex'],
]);
