// The logs: aligned by index however long they are, with marks, snapshots and conflicts, by mouse and by keyboard.

import type { Locator, Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { faults } from './axe.js';
import { position, ready } from './element.js';
import { useSite } from './harness.js';

type Element = HTMLElementTagNameMap['raft-playground'];

const site = useSite();
let page: Page;
let problems: string[];
let element: Locator;

async function open(path: string, options = {}): Promise<void> {
  ({ page, problems } = await site.visit(path, { reducedMotion: 'reduce', ...options }));
  element = await ready(page);
}

/** More than 10,000 entries on every server, and one on the leader alone. */
async function openLong(options = {}): Promise<void> {
  await open('#servers=5&seed=42', options);
  await element.evaluate((node: Element) => {
    const { cluster } = node;
    if (!cluster) throw new Error('no cluster');
    node.pause();
    cluster.runUntil({ type: 'leader' });
    const leader = cluster.frame().servers.find(({ role }) => role === 3)?.id ?? 1;
    for (let i = 0; i < 10_000; i++) {
      cluster.propose(leader, `x=${i}`);
      if (i % 100 === 99) cluster.advance(60);
    }
    cluster.advance(300);
    cluster.propose(leader, 'last=1');
    node.refresh();
  });
  await expect.poll(() => cells().count()).toBeGreaterThan(0);
}

/** Figure 7 at the moment when its leader is elected. */
async function openFigure7(options = {}): Promise<void> {
  await open('#scenario=figure-7', options);
  await element.evaluate((node: Element) => {
    node.pause();
    node.cluster?.runScript();
    const elected = node.cluster?.markers().findLast(({ kind }) => kind === 'leader');
    node.cluster?.seek((elected?.step ?? 0) + 1);
    node.refresh();
  });
  await expect.poll(() => element.locator('.entry.conflict').count()).toBeGreaterThan(0);
}

const cells = () => element.locator('.log-cell');
const jump = (name: string) => element.locator(`[data-jump="${name}"]`);
const detail = () => element.locator('.log-detail').innerText();
const indexes = async () => (await element.locator('.log-view .index:not(.corner-cell)').allInnerTexts()).map(Number);
const focused = () =>
  element.evaluate((node) => (node.shadowRoot?.activeElement as HTMLElement | null)?.dataset.at ?? null);
const lastIndex = () =>
  element.evaluate((node: Element) => Math.max(...(node.cluster?.frame().servers ?? []).map((one) => one.lastIndex)));

test('10,000 entries are a few cells, and the scrollbar reaches the first and the last', async () => {
  await openLong();
  const last = await lastIndex();
  expect(last).toBeGreaterThan(10_000);
  expect(await indexes()).toContain(last);
  const count = await cells().count();
  expect(count).toBeLessThan(5 * 20);
  const scroller = element.locator('.log-scroller');
  await expect.poll(() => scroller.evaluate((node) => node.scrollLeft)).toBeGreaterThan(10_000);
  await scroller.evaluate((node) => node.scrollTo({ left: node.scrollWidth / 2 }));
  await expect.poll(async () => Math.abs(((await indexes())[0] ?? 0) - last / 2)).toBeLessThan(20);
  expect(await cells().count()).toBe(count);
  await scroller.evaluate((node) => node.scrollTo({ left: 0 }));
  await expect.poll(async () => (await indexes())[0]).toBe(1);
  // The reader looks at the start: the logs may grow, this stays.
  await element.evaluate((node: Element) => {
    node.cluster?.advance(200);
    node.refresh();
  });
  expect((await indexes())[0]).toBe(1);
  expect(problems).toEqual([]);
});

test('jumps go to an index, to the commit and to the end; an index that is not there changes nothing', async () => {
  await openLong();
  const last = await lastIndex();
  await element.locator('.log-jumps input').fill('5000');
  await element.locator('.log-jumps input').press('Enter');
  await expect.poll(focused).toMatch(/^\d:5000:5000$/);
  expect(await detail()).toMatch(/S\d, index 5000: term 1, x=4998, committed, applied, on disk/);
  await element.locator('.log-jumps input').fill('1000000');
  await element.locator('.log-jumps button[type="submit"]').click();
  await expect.poll(detail).toBe(`The logs go from index 1 to ${last + 1}.`);
  expect(await indexes()).toContain(5_000);
  await jump('end').click();
  await expect.poll(focused).toMatch(new RegExp(`^\\d:${last}:`));
  expect(await detail()).toContain('not known committed');
  await jump('commit').click();
  await expect.poll(focused).toMatch(new RegExp(`^\\d:${last - 1}:`));
  expect(await detail()).toContain('its commitIndex');
  await expect.poll(() => jump('conflict').isDisabled()).toBe(true);
});

test('keys move from cell to cell, and the run stays where it is', async () => {
  await openLong();
  const { step } = await position(element);
  const last = await lastIndex();
  await jump('end').click();
  await expect.poll(focused).not.toBeNull();
  await page.keyboard.press('Home');
  await expect.poll(focused).toMatch(/^\d:1:1$/);
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('PageDown');
  const [first = 0] = await indexes();
  const visible = (await indexes()).length;
  expect(await focused()).toContain(`:${2 + visible}:`);
  expect(first).toBe(3);
  await page.keyboard.press('End');
  await expect.poll(focused).toContain(`:${last}:`);
  const server = Number((await focused())?.split(':')[0]);
  await page.keyboard.press(server === 1 ? 'ArrowDown' : 'ArrowUp');
  expect(await focused()).toBe(`${server === 1 ? 2 : server - 1}:${last}:${last}`);
  await page.keyboard.press('Enter');
  await expect
    .poll(() => element.locator('.inspector h3').innerText())
    .toContain(`Server ${server === 1 ? 2 : server - 1}`);
  expect((await position(element)).step).toBe(step);
  expect(problems).toEqual([]);
});

test('what is not committed can be asked about', async () => {
  await openLong();
  await jump('end').click();
  await element.locator('[data-do="why-not"]').click();
  await expect.poll(() => element.locator('[data-panel="why"]').getAttribute('aria-selected')).toBe('true');
});

test('conflicts with the leader are hatched and named, and the first one is found', async () => {
  await openFigure7();
  await jump('conflict').click();
  await expect.poll(focused).toBe('7:4:4');
  expect(await detail()).toMatch(/S7, index 4: term 2, 2, .*conflict: leader S1 has term 4 here/);
  const at = (place: string) => element.locator(`[data-at="${place}"]`);
  await at('7:5:5').hover();
  await expect.poll(detail).toContain('S7, index 5');
  expect(await at('7:5:5').innerText()).toContain('conflict');
  expect(await at('2:5:5').locator('.conflict').count()).toBe(0);
  const hatch = await at('7:5:5')
    .locator('.entry')
    .evaluate((node) => getComputedStyle(node).backgroundImage);
  expect(hatch).toContain('repeating-linear-gradient');
  await page.keyboard.press('End');
  await at('5:12:12').hover();
  await expect.poll(detail).toContain('extra: the log of leader S1 ends at 10');
  expect(await element.locator('[data-at="2:11:11"] .log-mark.next').count()).toBe(1);
  expect(problems).toEqual([]);
});

test('a snapshot is one cell with its last index and term', async () => {
  await open('#scenario=compaction');
  await element.evaluate((node: Element) => {
    node.pause();
    node.cluster?.runScript();
    for (const { id, status } of node.cluster?.frame().servers ?? [])
      if (status === 0 && id !== 2) node.cluster?.snapshot(id);
    node.cluster?.advance(500);
    node.refresh();
  });
  await element.locator('.log-jumps input').fill('1');
  const blocks = element.locator('.entry.compacted');
  if ((await blocks.count()) === 0) {
    await element.locator('.log-scroller').evaluate((node) => node.scrollTo({ left: 0 }));
    await expect.poll(() => blocks.count()).toBeGreaterThan(0);
  }
  const included = await element.evaluate((node: Element) =>
    (node.cluster?.frame().servers ?? []).map(({ lastIncludedIndex }) => lastIncludedIndex),
  );
  for (const text of await blocks.allInnerTexts()) expect(included).toContain(Number(/≤ (\d+)/.exec(text)?.[1]));
});

test('on a narrow page servers stand side by side, and keys and the scrollbar go down', async () => {
  await openLong({ viewport: { width: 360, height: 800 } });
  const last = await lastIndex();
  expect(await element.locator('.log-scroller.upright').count()).toBe(1);
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(360);
  await element.locator('.log-scroller').evaluate((node) => node.scrollTo({ top: 0 }));
  await expect.poll(async () => (await indexes())[0]).toBe(1);
  await element.locator('.log-cell[tabindex="0"]').focus();
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('End');
  await expect.poll(focused).toContain(`:${last}:`);
  expect(problems).toEqual([]);
});

test('the table says how large it is and where each cell stands', async () => {
  await openLong();
  const grid = element.locator('[role="grid"]');
  const last = await lastIndex();
  expect(await grid.getAttribute('aria-colcount')).toBe(String(last + 2));
  expect(await grid.getAttribute('aria-rowcount')).toBe('6');
  const cell = element.locator(`[data-at="1:${last - 1}:${last - 1}"]`);
  expect(await cell.getAttribute('aria-colindex')).toBe(String(last));
  expect(await cell.locator('.visually-hidden').textContent()).toContain('committed');
  expect(await element.locator('.log-cell[tabindex="0"]').count()).toBe(1);
});

for (const colorScheme of ['light', 'dark'] as const) {
  for (const width of [360, 1280]) {
    test(`axe finds no fault in logs with conflicts, ${colorScheme}, ${width} px`, async () => {
      await openFigure7({ colorScheme, viewport: { width, height: 800 } });
      await jump('conflict').click();
      expect(await faults(page)).toEqual([]);
    });
  }
}

test('the head stays at the top when the logs change under a narrow window', async () => {
  await openFigure7({ viewport: { width: 360, height: 800 } });
  const last = await lastIndex();
  await expect.poll(indexes).toContain(last + 1);
  const off = () =>
    element.locator('.log-scroller').evaluate((node) => {
      const stage = node.querySelector('.log-stage') as HTMLElement;
      return Math.abs(stage.getBoundingClientRect().top - node.getBoundingClientRect().top);
    });
  await expect.poll(off).toBeLessThan(2);
});

test('it speaks Chinese, too', async () => {
  await open('#scenario=figure-7', { locale: 'zh-CN' });
  await element.evaluate((node: Element) => node.setAttribute('lang', 'zh'));
  await expect.poll(() => jump('commit').innerText()).toBe('提交处');
  await jump('end').click();
  await expect.poll(detail).toMatch(/^S\d，索引 \d+：/);
});
