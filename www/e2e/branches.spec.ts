// Branches: a tree to go through, to name, to compare and to prune; and the marks of the scrubber.

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

/** main, branch 1 where S1 crashed in the past of main, branch 2 that leaves branch 1; the panel is open. */
async function open(options = {}): Promise<void> {
  ({ page, problems } = await site.visit('#servers=5&seed=11', { reducedMotion: 'reduce', ...options }));
  element = await ready(page);
  await element.evaluate((node: Element) => {
    node.pause();
    const { cluster } = node;
    if (!cluster) return;
    cluster.runUntil({ type: 'leader' });
    cluster.client('a').put('x', '1');
    cluster.advance(400);
    cluster.seekTime(300);
    cluster.partition([
      [1, 2],
      [3, 4, 5],
    ]);
    cluster.advance(500);
    cluster.seekTime(600);
    cluster.crash(1);
    cluster.advance(200);
    cluster.switchBranch(0);
    node.refresh();
  });
  await element.locator('[data-panel="branches"]').click();
  await expect.poll(() => rows().count()).toBe(3);
}

const rows = () => element.locator('[role="treeitem"]');
const names = () => element.locator('.branch-row .branch-name').allTextContents();
const focused = () =>
  page.evaluate(() =>
    document.querySelector('raft-playground')?.shadowRoot?.activeElement?.getAttribute('data-branch'),
  );
const branch = async () => (await position(element)).branch;

test('the tree shows who left whom and where, and leads to any branch and step', async () => {
  await open();
  expect(await names()).toEqual(['main', 'branch 1', 'branch 2']);
  expect(await rows().evaluateAll((items) => items.map((item) => item.getAttribute('aria-level')))).toEqual([
    '1',
    '2',
    '3',
  ]);
  expect(await element.locator('.branch-fork').count()).toBe(2);
  await rows().nth(2).click();
  expect(await branch()).toBe(2);
  expect(await rows().nth(2).getAttribute('aria-selected')).toBe('true');
  const lane = await element.locator('[data-lane="1"]').boundingBox();
  await element.locator('[data-lane="1"]').click({ position: { x: (lane?.width ?? 0) / 10, y: 10 } });
  const { branch: shown, step, headStep } = await position(element);
  expect(shown).toBe(1);
  expect(step).toBeGreaterThan(0);
  expect(step).toBeLessThan(headStep);
  expect(problems).toEqual([]);
});

test('a branch is named by mouse, and the name is everywhere', async () => {
  await open();
  await rows().nth(1).dblclick();
  await element.locator('input.branch-name').fill('S1 and S2 alone');
  await page.keyboard.press('Enter');
  await expect.poll(names).toEqual(['main', 'S1 and S2 alone', 'branch 2']);
  expect(await element.locator('.branches [data-do="branch"] option').allTextContents()).toContainEqual(
    expect.stringContaining('S1 and S2 alone'),
  );
  await element.locator('[data-do="rename"]').click();
  await element.locator('input.branch-name').fill('<b>x</b>');
  await page.keyboard.press('Escape');
  await expect.poll(names).toEqual(['main', 'S1 and S2 alone', 'branch 2']);
  // What somebody types is text, whatever it looks like.
  await element.locator('[data-do="rename"]').click();
  await element.locator('input.branch-name').fill('<b>x</b>');
  await element.locator('[data-do="delete"]').focus();
  await expect.poll(names).toEqual(['main', '<b>x</b>', 'branch 2']);
  expect(problems).toEqual([]);
});

test('deleted by mouse with what left it, and taken back', async () => {
  await open();
  expect(await element.locator('[data-do="delete"]').isDisabled()).toBe(true);
  await rows().nth(1).click();
  await element.locator('[data-do="delete"]').click();
  await expect.poll(names).toEqual(['main']);
  expect(await element.locator('.deleted').textContent()).toContain('branch 1 is deleted, and 1 that left it.');
  expect(await branch()).toBe(0);
  expect(await element.locator('.branches [data-do="branch"]').count()).toBe(0);
  await element.locator('[data-do="undo"]').click();
  await expect.poll(names).toEqual(['main', 'branch 1', 'branch 2']);
  expect(problems).toEqual([]);
});

test('the same with the keyboard alone', async () => {
  await open();
  await rows().first().focus();
  const before = await position(element);
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('ArrowRight');
  expect(await focused()).toBe('2');
  // The keys of the tree do not play the run.
  expect(await position(element)).toEqual(before);
  await page.keyboard.press('Enter');
  expect(await branch()).toBe(2);
  await page.keyboard.press('F2');
  await page.keyboard.type('late crash');
  await page.keyboard.press('Enter');
  await expect.poll(names).toEqual(['main', 'branch 1', 'late crash']);
  expect(await focused()).toBe('2');
  await page.keyboard.press('Delete');
  await expect.poll(names).toEqual(['main', 'branch 1']);
  expect(await branch()).toBe(1);
  await expect.poll(focused).toBe('1');
  await page.keyboard.press('Control+z');
  await expect.poll(names).toEqual(['main', 'branch 1', 'late crash']);
  await page.keyboard.press('Home');
  await page.keyboard.press('Delete');
  expect(await rows().count()).toBe(3);
  expect(problems).toEqual([]);
});

test('two branches side by side: the first difference, the events around it, the servers', async () => {
  await open();
  await rows().nth(1).click();
  await element.locator('[name="compare"]').selectOption('0');
  const { forkStep, before } = await element.evaluate((node: Element) => ({
    forkStep: node.cluster?.branches()[1]?.forkStep,
    before: { ...node.cluster?.frame().header },
  }));
  await expect.poll(() => element.locator('.compared').textContent()).toContain(`the same for ${forkStep} steps`);
  const first = element.locator('.beside tr.first');
  expect(await first.count()).toBe(1);
  expect(await first.textContent()).toContain('first difference');
  expect(await first.textContent()).toContain('partition: S1 S2 | S3 S4 S5');
  expect(await element.locator('.beside tr.same').count()).toBeGreaterThan(1);
  // Looking at the other one has not moved this one.
  expect(await element.evaluate((node: Element) => ({ ...node.cluster?.frame().header }))).toEqual(before);

  await element.locator('[data-do="at-ends"]').click();
  expect(await element.locator('[data-do="at-ends"]').getAttribute('aria-pressed')).toBe('true');
  expect(await element.locator('.beside').last().locator('tr.differs').count()).toBeGreaterThan(0);
  // An event of the other column leads to the other branch; both stay side by side.
  await element.locator('.beside').first().locator('tbody tr').last().locator('td').last().locator('button').click();
  expect(await branch()).toBe(0);
  expect(await element.locator('.beside').first().locator('th').allTextContents()).toEqual(['branch 1', 'main']);
  expect(await element.locator('[name="compare"]').inputValue()).toBe('1');
  await element.locator('[name="compare"]').selectOption('');
  await expect.poll(() => element.locator('.comparison').count()).toBe(0);
  expect(problems).toEqual([]);
});

test('names and deletions outlive a change of the language, and a fresh start forgets them', async () => {
  await open();
  await rows().nth(2).click();
  await element.locator('[data-do="delete"]').click();
  await element.locator('[data-do="rename"]').click();
  await element.locator('input.branch-name').fill('kept');
  await page.keyboard.press('Enter');
  await element.evaluate((node: Element) => node.setAttribute('lang', 'zh'));
  await expect.poll(names).toEqual(['主线', 'kept']);
  await element.locator('[data-do="undo"]').click();
  await expect.poll(names).toEqual(['主线', 'kept', '分支 2']);
  await element.locator('[data-do="reset"]').click();
  await expect.poll(names).toEqual(['主线']);
  expect(problems).toEqual([]);
});

test('the scrubber marks elections, leaders, commits and faults, and keys and pointer find them', async () => {
  await open();
  await rows().nth(1).click();
  for (const kind of ['election', 'leader', 'commit', 'fault'])
    expect(await element.locator(`.track .mark.${kind}`).count(), kind).toBe(1);
  await element.locator('[data-server="1"]').focus();
  await page.keyboard.press('Home');
  await page.keyboard.press('.');
  const notice = element.locator('.notice');
  await expect.poll(() => notice.textContent()).toMatch(/^Election, term 1, S\d$/);
  await page.keyboard.press('.');
  await expect.poll(() => notice.textContent()).toMatch(/^New leader, term 1, S\d$/);
  expect((await position(element)).roles).toContain(3);
  const { step } = await position(element);
  await page.keyboard.press('.');
  await expect.poll(() => notice.textContent()).toBe('Fault');
  await page.keyboard.press(',');
  expect((await position(element)).step).toBe(step);
  await page.keyboard.press('Home');
  await page.keyboard.press(',');
  await expect.poll(() => notice.textContent()).toBe('No mark before this.');

  const { from, to } = await element.evaluate((node: Element) => {
    const fault = node.cluster?.markers().find(({ text }) => text.startsWith('partition'));
    return { from: fault?.timeMs ?? 0, to: node.cluster?.frame().header.endTimeMs ?? 1 };
  });
  const box = await element.locator('.seek').boundingBox();
  if (!box) throw new Error('there is no scrubber');
  await page.mouse.move(box.x + 8 + ((box.width - 16) * from) / to, box.y + 10);
  await expect.poll(() => element.locator('.mark-hint').textContent()).toContain('Fault');
  expect(problems).toEqual([]);
});

for (const colorScheme of ['light', 'dark'] as const) {
  test(`the panel has no accessibility fault that axe can find, and fits into 360 px, ${colorScheme}`, async () => {
    await open({ colorScheme, viewport: { width: 360, height: 800 } });
    await rows().nth(2).click();
    await element.locator('[data-do="delete"]').click();
    await element.locator('[name="compare"]').selectOption('0');
    await expect.poll(() => element.locator('.beside').count()).toBe(2);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(360);
    expect(await faults(page)).toEqual([]);
    await element.locator('[data-do="rename"]').click();
    expect(await faults(page)).toEqual([]);
    expect(problems).toEqual([]);
  });
}
