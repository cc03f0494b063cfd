// Both pages are readable in every width and theme, for every reader.

import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { faults } from './axe.js';
import { ready } from './element.js';
import { openSite, type Site } from './harness.js';

let site: Site;
beforeAll(async () => {
  site = await openSite();
});
// A page that plays on would slow the next test down.
afterEach(() => Promise.all(site.browser.contexts().map((context) => context.close())));
afterAll(() => site.close());

for (const path of ['', 'blog-post.html']) {
  for (const width of [320, 360, 720, 1280]) {
    test(`/${path} fits into ${width} px without scrolling sideways`, async () => {
      const { page, problems } = await site.visit(path, { viewport: { width, height: 800 } });
      await ready(page, path === '' ? '#playground' : '#split-brain');
      await page.evaluate(() => document.querySelector('raft-playground')?.cluster?.advance(3_000));
      await page.evaluate(() => document.querySelector('raft-playground')?.refresh());
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width);
      expect(problems).toEqual([]);
    });
  }

  for (const colorScheme of ['light', 'dark'] as const) {
    test(`/${path} has no accessibility fault that axe can find, ${colorScheme}`, async () => {
      const { page } = await site.visit(path, { colorScheme });
      await ready(page, path === '' ? '#playground' : '#split-brain');
      await page.evaluate(() => document.querySelector('raft-playground')?.pause());
      expect(await faults(page)).toEqual([]);
    });
  }
}

test('the theme follows the system until the reader chooses, and the choice is kept', async () => {
  const { page } = await site.visit('', { colorScheme: 'dark' });
  const element = await ready(page);
  const paper = () => element.locator('.playground').evaluate((node) => getComputedStyle(node).backgroundColor);
  const dark = await paper();
  await page.locator('#theme').selectOption('light');
  const light = await paper();
  expect(light).not.toBe(dark);
  await page.reload();
  await ready(page);
  expect(await paper()).toBe(light);
});

test('with reduced motion nothing plays by itself and messages stand still', async () => {
  const { page } = await site.visit('', { reducedMotion: 'reduce' });
  const element = await ready(page);
  expect(await element.evaluate((node: HTMLElementTagNameMap['raft-playground']) => node.playing)).toBe(false);
});

test('no element carries an inline style, which a strict policy would ignore', async () => {
  const { page } = await site.visit();
  await ready(page);
  const styled = await page.evaluate(() => {
    const roots: ParentNode[] = [
      document,
      ...[...document.querySelectorAll('raft-playground')].map((node) => node.shadowRoot as ShadowRoot),
    ];
    return roots.flatMap((root) => [...root.querySelectorAll('[style], style')].map(({ tagName }) => tagName));
  });
  expect(styled).toEqual([]);
});
