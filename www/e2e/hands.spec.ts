// What a reader does with a pointer: drop, crash, restart, step back, fork, cut apart, ask why.

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
  await element.evaluate((node: HTMLElementTagNameMap['raft-playground']) => {
    node.pause();
    node.cluster?.runUntil({ type: 'leader' });
    node.refresh();
  });
});

test('something true moves within ten seconds of opening the page', async () => {
  const fresh = await site.visit();
  const playground = await ready(fresh.page);
  await expect.poll(() => playground.locator('[data-message]').count(), { timeout: 10_000 }).toBeGreaterThan(0);
  const place = () => playground.locator('[data-message] > g').first().getAttribute('transform');
  const before = await place();
  await expect.poll(place).not.toBe(before);
  expect((await position(playground)).messages).toBeGreaterThan(0);
});

test('a message dropped by hand is gone and never arrives', async () => {
  await element.locator('[data-panel="messages"]').click();
  const row = element.locator('.message-row').first();
  const id = Number(await row.getAttribute('data-id'));
  await row.locator('[data-act="drop"]').click();
  const left = await element.evaluate((node: HTMLElementTagNameMap['raft-playground']) =>
    node.cluster?.messages().map((m) => m.id),
  );
  expect(left).not.toContain(id);
  const delivered = await element.evaluate((node: HTMLElementTagNameMap['raft-playground'], message) => {
    node.cluster?.advance(1_000);
    return node.cluster
      ?.events({ limit: 10_000 })
      .filter((e) => e.message === message && /deliver|received/i.test(e.kind)).length;
  }, id);
  expect(delivered).toBe(0);
  expect(problems).toEqual([]);
});

test('the leader crashes, another one follows, and the first comes back as a follower', async () => {
  const leader = (await position(element)).roles.indexOf(3) + 1;
  await element.locator(`[data-server="${leader}"]`).click();
  await element.locator('.faults [data-act="crash"]').click();
  expect((await position(element)).statuses[leader - 1]).toBe(1);
  expect(await element.locator(`[data-server="${leader}"]`).getAttribute('aria-label')).toContain('crashed');
  await element.evaluate((node: HTMLElementTagNameMap['raft-playground']) => {
    node.cluster?.runUntil({ type: 'leader' });
    node.refresh();
  });
  const { roles } = await position(element);
  expect(roles.indexOf(3) + 1).toBeGreaterThan(0);
  expect(roles.indexOf(3) + 1).not.toBe(leader);
  await element.locator('.faults [data-act="restart"]').click();
  const after = await position(element);
  expect(after.statuses[leader - 1]).toBe(0);
  expect(after.roles[leader - 1]).toBe(0);
  expect(problems).toEqual([]);
});

test('fifty steps back and fifty forward end in the same state', async () => {
  await element.evaluate((node: HTMLElementTagNameMap['raft-playground']) => {
    node.cluster?.advance(800);
    node.refresh();
  });
  const before = await position(element);
  await element.evaluate((node: HTMLElementTagNameMap['raft-playground']) => node.stepBack(50));
  const back = await position(element);
  expect(back.step).toBe(before.step - 50);
  expect(back.hash).not.toBe(before.hash);
  expect(await element.locator('.clock').textContent()).toContain(`step ${back.step} of ${before.headStep}`);
  for (let i = 0; i < 50; i++) await element.locator('[data-do="step"]').click();
  expect((await position(element)).hash).toBe(before.hash);
  expect(problems).toEqual([]);
});

test('what is done in the past opens a branch, and the old future can be opened again', async () => {
  await element.evaluate((node: HTMLElementTagNameMap['raft-playground']) => {
    node.cluster?.advance(500);
    node.refresh();
  });
  const future = await position(element);
  await element.evaluate((node: HTMLElementTagNameMap['raft-playground']) => node.stepBack(10));
  await element.locator('.faults [data-act="crash"]').click();
  expect((await position(element)).branch).not.toBe(future.branch);
  await element.locator('[data-do="branch"]').selectOption(String(future.branch));
  await element
    .locator('[data-do="end"]')
    .click({ trial: false, timeout: 1_000 })
    .catch(() => {});
  expect((await position(element)).hash).toBe(future.hash);
  await element.locator('[data-do="fork"]').click();
  expect(await element.locator('[data-do="branch"] option').count()).toBe(3);
  expect(problems).toEqual([]);
});

test('a line dragged across the ring cuts the cluster apart, and Heal mends it', async () => {
  const box = await element.locator('svg.ring').boundingBox();
  if (!box) throw new Error('the ring is not drawn');
  const { x, y, width, height } = box;
  await page.mouse.move(x + 4, y + height * 0.62);
  await page.mouse.down();
  for (let i = 1; i <= 12; i++) await page.mouse.move(x + 4 + ((width - 8) * i) / 12, y + height * 0.62);
  await page.mouse.up();
  await expect.poll(() => element.locator('.link.cut').count()).toBe(6);
  await element.locator('[data-act="heal"]').click();
  expect(await element.locator('.link.cut').count()).toBe(0);
  expect(problems).toEqual([]);
});

test('a client write becomes a committed entry on every row of the logs', async () => {
  await element.locator('input[name="key"]').fill('colour');
  await element.locator('input[name="value"]').fill('blue');
  await element.locator('[data-act="write"]').click();
  await element.evaluate((node: HTMLElementTagNameMap['raft-playground']) => {
    node.cluster?.advance(1_000);
    node.refresh();
  });
  await expect.poll(() => element.locator('.entry.committed', { hasText: 'colour' }).count()).toBe(5);
  expect(problems).toEqual([]);
});

test('an event explains itself by the chain of its causes, and a line of the chain leads to its moment', async () => {
  await element.evaluate((node: HTMLElementTagNameMap['raft-playground']) => {
    node.cluster?.advance(300);
    node.refresh();
  });
  await element.locator('[data-panel="events"]').click();
  await element.locator('.events [data-event]').first().click();
  await expect.poll(() => element.locator('.chain li').count()).toBeGreaterThan(1);
  const before = await position(element);
  await element.locator('.chain li button').first().click();
  expect((await position(element)).step).toBeLessThan(before.step);
  expect(problems).toEqual([]);
});

test('a refused action is a remark, and the cluster goes on', async () => {
  const before = await position(element);
  await element.locator('.scenario').evaluate((node) => {
    node.dispatchEvent(new CustomEvent('raft-act', { detail: { type: 'crash', server: 99 }, bubbles: true }));
  });
  expect(await element.locator('.notice.problem').textContent()).toMatch(/server/);
  expect((await position(element)).hash).toBe(before.hash);
});

test('as fast as it goes, the page stays alive and the run asks before it grows without bound', async () => {
  await element.evaluate((node: HTMLElementTagNameMap['raft-playground']) => {
    node.setAttribute('speed', '1000');
    node.play();
  });
  await expect
    .poll(() => element.evaluate((node: HTMLElementTagNameMap['raft-playground']) => node.playing), { timeout: 30_000 })
    .toBe(false);
  const { step } = await position(element);
  expect(step).toBeGreaterThan(50_000);
  expect(step).toBeLessThan(150_000);
  expect(await element.locator('.notice').textContent()).toContain('steps are recorded');
  await element.locator('[data-do="start"]').click();
  expect((await position(element)).step).toBe(0);
  expect(problems).toEqual([]);
});
