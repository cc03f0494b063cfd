// Who comes for the first time is shown around: by the real things, at their own pace, and never against their will.

import type { BrowserContextOptions, Locator, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { faults } from './axe.js';
import { ready } from './element.js';
import { openSite, type Site } from './harness.js';

type Element = HTMLElementTagNameMap['raft-playground'];

let site: Site;
beforeAll(async () => {
  site = await openSite();
});
// A page that plays on would slow the next test down.
afterEach(() => Promise.all(site.browser.contexts().map((context) => context.close())));
afterAll(() => site.close());

async function firstVisit(path = '', options: BrowserContextOptions = {}) {
  const { page, problems } = await site.visit(path, { reducedMotion: 'reduce', returning: false, ...options });
  const element = await ready(page, '#playground, #split-brain');
  return { page, problems, element, card: element.locator('.tour-card') };
}

const comes = (card: Locator) => card.waitFor({ state: 'visible' });

/** What has the focus, inside the element, too. */
const focused = (page: Page) =>
  page.evaluate(() => {
    const inner = document.activeElement?.shadowRoot?.activeElement;
    return inner?.getAttribute('data-do') ?? inner?.tagName ?? document.activeElement?.tagName;
  });

/** How far the frame is from the thing that it is around, in pixels. */
function distance(element: Locator, target: string): Promise<number> {
  return element.evaluate((node: Element, target) => {
    const box = (selector: string) =>
      node.shadowRoot?.querySelector(selector)?.getBoundingClientRect() ?? new DOMRect();
    const [thing, frame] = [box(target), box('.tour-frame')];
    return Math.hypot(
      thing.x + thing.width / 2 - frame.x - frame.width / 2,
      thing.y + thing.height / 2 - frame.y - frame.height / 2,
    );
  }, target);
}

/** Whether a click on the middle of a thing would hit it. */
function isOnTop(element: Locator, target: string): Promise<boolean> {
  return element.evaluate((node: Element, target) => {
    const thing = node.shadowRoot?.querySelector(target);
    const { x, y, width, height } = thing?.getBoundingClientRect() ?? new DOMRect();
    const hit = node.shadowRoot?.elementFromPoint(x + width / 2, y + height / 2) ?? null;
    return thing?.contains(hit) ?? false;
  }, target);
}

const TARGETS = [
  '[data-do="play"]',
  '.faults [data-act="crash"]',
  '.scrubber',
  '[data-panel="rules"]',
  '.ask-why',
  '[data-do="copyLink"]',
];

test('the tour goes through six real things, forwards and backwards, with the keyboard alone', async () => {
  const { page, problems, element, card } = await firstVisit();
  await comes(card);
  expect(await card.evaluate((dialog) => dialog.matches(':modal'))).toBe(false);
  const title = () => card.locator('h2').textContent();
  expect(await title()).toBe('Let it run');
  expect(await focused(page)).toBe('H2');
  for (const [i, target] of TARGETS.entries()) {
    expect(await card.locator('p').first().textContent()).toContain(`${i + 1} of 6`);
    await expect.poll(() => distance(element, target)).toBeLessThan(2);
    // Nothing lies over the thing, and the card stands beside it.
    await expect.poll(() => isOnTop(element, target)).toBe(true);
    const [thing, box] = [await element.locator(target).first().boundingBox(), await card.boundingBox()];
    if (!thing || !box) throw new Error('no box');
    expect(box.y >= thing.y + thing.height || box.y + box.height <= thing.y).toBe(true);
    if (i < TARGETS.length - 1) await page.keyboard.press('ArrowRight');
  }
  await page.keyboard.press('ArrowLeft');
  expect(await title()).toBe('Ask why');
  await page.keyboard.press('Tab');
  await page.keyboard.press('Tab');
  expect(await focused(page)).toBe('tourBack');
  await page.keyboard.press('Enter');
  expect(await title()).toBe('Switch a rule off');
  await page.keyboard.press('Escape');
  expect(await card.count()).toBe(0);
  expect(await focused(page)).toBe('play');
  expect(problems).toEqual([]);
});

test('what it points at works meanwhile, by mouse', async () => {
  const { element, card } = await firstVisit();
  await comes(card);
  await card.locator('[data-do="tourNext"]').click();
  await element.locator('.faults [data-act="crash"]').click();
  await expect.poll(() => element.evaluate((node: Element) => node.cluster?.frame().servers[0]?.status)).toBe(1);
  expect(await card.isVisible()).toBe(true);
  await card.locator('[data-do="tourBack"]').click();
  expect(await card.locator('h2').textContent()).toBe('Let it run');
});

test('skipped or finished, it does not come again, but the help sheet brings it back', async () => {
  const { page, element, card } = await firstVisit();
  await comes(card);
  await card.locator('[data-do="skipTour"]').click();
  // A tab of its own, which goes on with nothing.
  const other = await page.context().newPage();
  await other.goto(site.url);
  await ready(other);
  await other.waitForLoadState('networkidle');
  expect(await other.locator('.tour-card').count()).toBe(0);
  await other.close();

  await element.locator('[data-do="help"]').click();
  await element.locator('[data-do="takeTour"]').click();
  await comes(card);
  expect(await focused(page)).toBe('H2');
  for (let i = 0; i < TARGETS.length; i++) await card.locator('[data-do="tourNext"]').click();
  expect(await card.count()).toBe(0);
  expect(await focused(page)).toBe('help');
});

test('where nothing can be stored it comes once, and choosing another experiment does not repeat it', async () => {
  const { page, problems } = await site.visit('about:blank', { reducedMotion: 'reduce', returning: false });
  await page.addInitScript(() =>
    Object.defineProperty(globalThis, 'localStorage', {
      get() {
        throw new DOMException('forbidden', 'SecurityError');
      },
    }),
  );
  await page.goto(site.url);
  const element = await ready(page);
  const card = element.locator('.tour-card');
  await comes(card);
  await card.locator('[data-do="skipTour"]').click();
  await page.locator('input[value="servers=3"]').check({ force: true });
  await expect.poll(() => element.evaluate((node: Element) => node.cluster?.frame().header.servers)).toBe(3);
  expect(await card.count()).toBe(0);
  expect(problems).toEqual([]);
});

test('it stays away from links and from articles', async () => {
  for (const path of ['#servers=3&seed=5', '#scenario=figure-8', 'blog-post.html']) {
    const { page, card } = await firstVisit(path);
    await page.waitForLoadState('networkidle');
    expect(await card.count(), path).toBe(0);
  }
});

test('it goes on in the other language', async () => {
  const { page, card } = await firstVisit();
  await comes(card);
  await card.locator('[data-do="tourNext"]').click();
  await page.locator('#language').focus();
  await page.locator('#language').selectOption('zh');
  await expect.poll(() => card.locator('h2').textContent()).toBe('把它弄坏');
  expect(await focused(page)).toBe('SELECT');
});

for (const colorScheme of ['light', 'dark'] as const) {
  test(`it has no accessibility fault that axe can find, and fits into 360 px, ${colorScheme}`, async () => {
    const { page, card } = await firstVisit('', { colorScheme, viewport: { width: 360, height: 740 } });
    await comes(card);
    for (let i = 0; i < TARGETS.length; i++) {
      const box = await card.boundingBox();
      expect(box && box.x >= 0 && box.x + box.width <= 360).toBe(true);
      if (i % 3 === 0) expect(await faults(page)).toEqual([]);
      await card.locator('[data-do="tourNext"]').click();
    }
  });
}
