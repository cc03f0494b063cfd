// Metrics: plots with units, a crosshair by hand and by key, tables, two runs over one another, files.

import { readFile } from 'node:fs/promises';
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

/** A cluster whose leader crashed while clients asked; the panel is open and has measured it. */
async function open(options = {}): Promise<void> {
  ({ page, problems } = await site.visit('#servers=5&seed=11', { reducedMotion: 'reduce', ...options }));
  element = await ready(page);
  await element.evaluate(async (node: Element) => {
    const isReady = new Promise((resolve) => node.addEventListener('ready', resolve, { once: true }));
    const load = { clients: 4, thinkMs: 20, operations: { get: 1, put: 1 } };
    node.load({ version: 1, id: 'load', title: { en: 'Load' }, cluster: { servers: 5, seed: 42, load }, script: [] });
    await isReady;
    node.pause();
    node.cluster?.advance(1_500);
    node.cluster?.crash(node.cluster.frame().servers.find(({ role }) => role === 3)?.id ?? 1);
    node.cluster?.advance(1_500);
    node.refresh();
  });
  await element.locator('[data-panel="metrics"]').click();
  await expect.poll(() => element.locator('.plot').count(), { timeout: 20_000 }).toBeGreaterThan(5);
}

const plot = (id: string) => element.locator(`[data-chart="${id}"]`);

test('plots name what they show and its unit, and their lines are what the engine measured', async () => {
  await open();
  expect(await plot('throughput').locator('figcaption').textContent()).toContain('operations/s');
  expect(await plot('latency').locator('figcaption').textContent()).toContain('ms');
  expect(await plot('throughput').locator('.y-tick').count()).toBeGreaterThan(1);
  expect(await plot('throughput').locator('.x-tick').first().textContent()).toContain('ms');
  expect(await plot('logEntries').locator('.plot-legend li').count()).toBe(5);
  const measured = await element.evaluate((node: Element) => {
    const report = node.cluster?.metrics({ windowMs: 100 });
    return report?.series.find(({ name }) => name === 'throughput')?.points.find(([time]) => time === 1_000);
  });
  await plot('throughput').locator('[role="slider"]').focus();
  await page.keyboard.press('Home');
  for (let i = 0; i < 10; i++) await page.keyboard.press('ArrowRight');
  await expect
    .poll(() => plot('throughput').locator('.plot-legend b').first().textContent())
    .toBe(String(measured?.[1]));
  expect(problems).toEqual([]);
});

test('the crosshair moves by key and by pointer in all plots at once, and Enter or a click goes to its moment', async () => {
  await open();
  const slider = plot('throughput').locator('[role="slider"]');
  await slider.focus();
  await page.keyboard.press('Home');
  for (let i = 0; i < 5; i++) await page.keyboard.press('ArrowRight');
  await expect.poll(() => slider.getAttribute('aria-valuenow')).toBe('500');
  expect(await slider.getAttribute('aria-valuetext')).toMatch(/at 500 ms: all [\d.]+, writes/);
  await expect.poll(() => plot('latency').locator('.crosshair').count()).toBe(1);
  await page.keyboard.press('Enter');
  const { timeMs } = await position(element);
  expect(timeMs).toBeGreaterThan(450);
  expect(timeMs).toBeLessThanOrEqual(500);
  await expect.poll(() => plot('latency').locator('.playhead').count()).toBe(1);
  await slider.hover();
  await slider.click();
  expect((await position(element)).timeMs).toBeGreaterThan(1_000);
  expect(problems).toEqual([]);
});

test('the same numbers stand in tables', async () => {
  await open();
  await element.locator('[data-do="as-table"]').click();
  await expect.poll(() => element.locator('.metrics-table').count()).toBe(2);
  expect(await element.locator('.metrics-table').first().textContent()).toContain('Latency: 99 %');
  const total = await element.evaluate(
    (node: Element) => node.cluster?.metrics().totals.find(({ name }) => name === 'elections')?.value,
  );
  const row = element.locator('.metrics-table tr', { hasText: 'Elections: begun' });
  expect(await row.locator('td').last().textContent()).toBe(`${total} elections`);
  await element.locator('[name="detail"]').selectOption('elections');
  await expect.poll(() => element.locator('.metrics-table').nth(1).locator('tbody tr').count()).toBeGreaterThan(20);
  expect(problems).toEqual([]);
});

test('a window can be chosen', async () => {
  await open();
  await element.locator('[name="window"]').selectOption('500');
  const slider = plot('throughput').locator('[role="slider"]');
  await slider.focus();
  await page.keyboard.press('Home');
  await page.keyboard.press('ArrowRight');
  await expect.poll(() => slider.getAttribute('aria-valuenow'), { timeout: 20_000 }).toMatch(/^[15]00$/);
  await expect
    .poll(async () => {
      await page.keyboard.press('Home');
      await page.keyboard.press('ArrowRight');
      return slider.getAttribute('aria-valuenow');
    })
    .toBe('500');
});

test('another branch of the run lies under this one', async () => {
  await open();
  await element.evaluate((node: Element) => {
    node.cluster?.seekTime(1_500);
    node.cluster?.partition([
      [1, 2],
      [3, 4, 5],
    ]);
    node.cluster?.advance(1_000);
    node.refresh();
  });
  await expect.poll(() => element.locator('[name="overlay"] option').count()).toBe(2);
  await element.locator('[name="overlay"]').selectOption({ index: 1 });
  await expect.poll(() => plot('throughput').locator('.line.other').count(), { timeout: 20_000 }).toBe(3);
  expect(await element.locator('.overlay-note').textContent()).toContain('main');
  await element.locator('[name="overlay"]').selectOption('');
  await expect.poll(() => plot('throughput').locator('.line.other').count()).toBe(0);
  expect(problems).toEqual([]);
});

test('a pinned run is there when another one is shown', async () => {
  await open();
  await element.locator('[data-do="pin"]').click();
  expect(await element.locator('.notice').textContent()).toContain('Load');
  await element.locator('[data-do="reset"]').click();
  await expect.poll(async () => (await position(element)).step).toBe(0);
  await element.evaluate((node: Element) => {
    node.cluster?.advance(2_000);
    node.refresh();
  });
  await expect.poll(() => element.locator('.plot').count(), { timeout: 20_000 }).toBeGreaterThan(5);
  await element.locator('[name="overlay"]').selectOption({ index: 1 });
  await expect.poll(() => plot('throughput').locator('.line.other').count()).toBe(3);
  expect(problems).toEqual([]);
});

test('the numbers and the figure can be taken along as CSV, SVG and PNG', async () => {
  await open();
  const take = async (format: string) => {
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      element.locator(`[data-export="${format}"]`).click(),
    ]);
    expect(download.suggestedFilename()).toBe(`metrics.${format}`);
    return readFile(await download.path());
  };
  const lines = (await take('csv')).toString().trimEnd().split('\n');
  expect(lines[0]).toBe('run,name,unit,server,time_ms,value');
  expect(lines.length).toBeGreaterThan(500);
  const svg = (await take('svg')).toString();
  expect(svg).toMatch(/^<svg xmlns/);
  expect(svg).toContain('Throughput (operations/s)');
  expect(svg).not.toMatch(/NaN|undefined|var\(/);
  const png = await take('png');
  expect(png.subarray(1, 4).toString()).toBe('PNG');
  expect(png.readUInt32BE(16)).toBeGreaterThan(1_500);
  expect(problems).toEqual([]);
});

for (const colorScheme of ['light', 'dark'] as const) {
  test(`the panel has no accessibility fault that axe can find, and fits into 360 px, ${colorScheme}`, async () => {
    await open({ colorScheme, viewport: { width: 360, height: 800 } });
    for (const way of ['as-plots', 'as-table']) {
      await element.locator(`[data-do="${way}"]`).click();
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(360);
      expect(await faults(page)).toEqual([]);
    }
    expect(problems).toEqual([]);
  });
}
