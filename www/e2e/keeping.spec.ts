// What survives a reload: the session of a tab, apart from those of other tabs, and only where the page wants it.

import type { BrowserContext, Locator, Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { position, ready } from './element.js';
import { useSite } from './harness.js';

type Element = HTMLElementTagNameMap['raft-playground'];

const site = useSite();
let page: Page;
let problems: string[];
let element: Locator;

const STILL = { reducedMotion: 'reduce' } as const;

async function open(path = '#servers=5&seed=11'): Promise<void> {
  ({ page, problems } = await site.visit(path, STILL));
  element = await ready(page);
}

async function reload(): Promise<void> {
  await page.reload();
  element = await ready(page);
}

/** Lets time pass, and waits until a quiet moment has come. */
async function advance(on: Locator, ms: number): Promise<void> {
  await on.evaluate((node: Element, ms) => {
    node.cluster?.advance(ms);
    node.refresh();
  }, ms);
}

/** What is stored in this browser. */
function stored(of: Page): Promise<{ key: string; at: number }[]> {
  return of.evaluate(
    () =>
      new Promise((resolve, reject) => {
        const asked = indexedDB.open('raft-playground');
        asked.onerror = reject;
        asked.onsuccess = () => {
          const db = asked.result;
          if (!db.objectStoreNames.contains('sessions')) return resolve([]);
          const all = db.transaction('sessions').objectStore('sessions').getAll();
          all.onsuccess = () => {
            db.close();
            resolve(all.result);
          };
        };
      }),
  );
}

test('a reload changes nothing: run, branches, names, moment, selection, tab, speed and breakpoints', async () => {
  await open();
  await advance(element, 900);
  await element.evaluate((node: Element) => {
    const { cluster } = node;
    cluster?.seek(30);
    cluster?.crash(4);
    cluster?.advance(200);
    cluster?.seek(20);
    cluster?.crash(5);
    cluster?.advance(50);
    node.refresh();
  });
  await element.locator('[data-panel="branches"]').click();
  await element.locator('[data-do="rename"]').click();
  await page.keyboard.type('two crashes');
  await page.keyboard.press('Enter');
  await element.locator('[data-panel="breakpoints"]').click();
  await element.locator('.breakpoint-form select').first().selectOption('becomeLeader');
  await element.locator('.breakpoint-form [type="submit"]').click();
  await element.locator('.breakpoint [type="checkbox"]').uncheck();
  await element.locator('[data-server="3"]').first().click();
  await element.locator('[data-panel="breakpoints"]').click();
  const speed = () => element.locator('.transport .speed input').inputValue();
  await element.locator('.transport .speed input').focus();
  await page.keyboard.press('ArrowRight');
  const before = { ...(await position(element)), speed: await speed() };
  await reload();
  await expect.poll(() => element.locator('.notice').textContent()).toContain('as you left it');
  expect({ ...(await position(element)), speed: await speed() }).toEqual(before);
  expect(await element.locator('[data-panel="breakpoints"]').getAttribute('aria-selected')).toBe('true');
  expect(await element.locator('.breakpoint [type="checkbox"]').isChecked()).toBe(false);
  await element.locator('[data-panel="branches"]').click();
  expect(await element.locator('.panel.branches').textContent()).toContain('two crashes');
  expect(await element.evaluate((node: Element) => node.cluster?.branches().length)).toBe(3);
  await element.locator('[data-panel="inspect"]').click();
  expect(await element.locator('.inspector h3').first().textContent()).toContain('Server 3');
  // The future of the run is kept as well.
  await element.evaluate((node: Element) => node.cluster?.switchBranch(1));
  expect((await position(element)).headStep).toBeGreaterThan(30);
  expect(problems).toEqual([]);
});

test('tabs keep what is theirs, also when one is a copy of another', async () => {
  await open();
  await advance(element, 200);
  await expect.poll(async () => (await stored(page)).length).toBe(1);
  const [copy] = await Promise.all([
    page.context().waitForEvent('page'),
    page.evaluate(() => void window.open(location.href)),
  ]);
  await copy.emulateMedia(STILL);
  let other = await ready(copy);
  expect((await position(other)).step).toBe((await position(element)).step);
  await advance(other, 700);
  await advance(element, 100);
  const [mine, theirs] = [await position(element), await position(other)];
  expect(theirs.step).toBeGreaterThan(mine.step);
  await expect.poll(async () => (await stored(page)).length).toBe(2);
  await reload();
  await copy.reload();
  other = await ready(copy);
  expect(await position(element)).toEqual(mine);
  expect(await position(other)).toEqual(theirs);
  expect(problems).toEqual([]);
});

test('a link that is followed wins; what is done after that survives, too', async () => {
  await open();
  await advance(element, 200);
  const link = (await element.evaluate((node: Element) => node.cluster?.link())) as string;
  const linked = await position(element);
  await advance(element, 500);
  await page.goto('about:blank');
  await page.goto(new URL(link, site.url).href);
  element = await ready(page);
  expect(await position(element)).toEqual(linked);
  await advance(element, 300);
  const later = await position(element);
  await reload();
  expect(await position(element)).toEqual(later);
  await page.goto('about:blank');
  await page.goto(new URL(link, site.url).href);
  element = await ready(page);
  expect(await position(element)).toEqual(linked);
  expect(problems).toEqual([]);
});

test('another experiment in the address wins over what was kept', async () => {
  await open();
  await advance(element, 200);
  await page.goto('about:blank');
  await page.goto(new URL('#servers=3&seed=1', site.url).href);
  element = await ready(page);
  expect(await position(element)).toMatchObject({ step: 0, roles: [0, 0, 0] });
});

test('the way back from a run of a file survives', async () => {
  await open();
  await advance(element, 200);
  const mine = await position(element);
  await element.evaluate((node: Element) => {
    const dataTransfer = new DataTransfer();
    const scenario = { version: 1, id: 'f', title: { en: 'f' }, cluster: { servers: 3, seed: 4 }, script: [] };
    dataTransfer.items.add(new File([JSON.stringify(scenario)], 'f.json'));
    const drop = new DragEvent('drop', { bubbles: true, cancelable: true, dataTransfer });
    node.shadowRoot?.querySelector('.ring-view')?.dispatchEvent(drop);
  });
  await expect.poll(async () => (await position(element)).roles.length).toBe(3);
  await advance(element, 50);
  await reload();
  expect((await position(element)).roles).toHaveLength(3);
  await element.locator('[data-do="come-back"]').click();
  expect(await position(element)).toEqual(mine);
  expect(problems).toEqual([]);
});

test('starting over forgets', async () => {
  await open();
  await advance(element, 200);
  await element.locator('[data-do="reset"]').click();
  await expect.poll(async () => (await position(element)).step).toBe(0);
  await reload();
  expect(await position(element)).toMatchObject({ step: 0, headStep: 0 });
});

test('another language goes on with the same session', async () => {
  await open();
  await page.locator('#language').selectOption('zh');
  await expect.poll(() => element.locator('[data-panel="share"]').textContent()).toBe('分享');
  await advance(element, 200);
  const before = await position(element);
  await reload();
  expect(await position(element)).toEqual(before);
  expect(problems).toEqual([]);
});

test('without storage everything works, and nothing is said', async () => {
  const context: BrowserContext = await site.browser.newContext(STILL);
  await context.addInitScript(() => {
    const forbidden = {
      get: () => {
        throw new DOMException('forbidden', 'SecurityError');
      },
    };
    Object.defineProperty(globalThis, 'sessionStorage', forbidden);
    Object.defineProperty(globalThis, 'indexedDB', forbidden);
  });
  page = await context.newPage();
  const errors: string[] = [];
  page.on('pageerror', (error) => errors.push(error.message));
  page.on('console', (message) => message.type() === 'error' && errors.push(message.text()));
  await page.goto(new URL('#servers=5&seed=11', site.url).href);
  element = await ready(page);
  await advance(element, 200);
  await reload();
  expect(await position(element)).toMatchObject({ step: 0 });
  expect(errors).toEqual([]);
});

test('old sessions are dropped', async () => {
  await open();
  await advance(element, 200);
  await expect.poll(async () => (await stored(page)).length).toBe(1);
  await page.evaluate(
    () =>
      new Promise((resolve) => {
        const asked = indexedDB.open('raft-playground');
        asked.onsuccess = () => {
          const change = asked.result.transaction('sessions', 'readwrite');
          const day = 24 * 3_600_000;
          for (let i = 0; i < 30; i++) change.objectStore('sessions').put({ key: `new ${i}`, at: Date.now() - i });
          for (let i = 0; i < 3; i++)
            change.objectStore('sessions').put({ key: `old ${i}`, at: Date.now() - 31 * day });
          change.oncomplete = () => {
            asked.result.close();
            resolve(null);
          };
        };
      }),
  );
  await reload();
  await expect.poll(async () => (await stored(page)).length).toBe(21);
  expect((await stored(page)).filter(({ key }) => key.startsWith('old'))).toEqual([]);
});

test('an article keeps nothing', async () => {
  ({ page } = await site.visit('blog-post.html', STILL));
  element = await ready(page, '#split-brain');
  await advance(element, 200);
  await page.waitForTimeout(500);
  expect(await page.evaluate(() => indexedDB.databases())).toEqual([]);
  expect(await page.evaluate(() => sessionStorage.length)).toBe(0);
});
