// Breakpoints: a run stops at the exact step, says at which, and goes on to the next.

import type { Locator, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { faults } from './axe.js';
import { position, ready } from './element.js';
import { openSite, type Site } from './harness.js';

type Element = HTMLElementTagNameMap['raft-playground'];

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

async function open(options = {}, path = '#servers=5&seed=11'): Promise<void> {
  ({ page, problems } = await site.visit(path, { reducedMotion: 'reduce', ...options }));
  element = await ready(page);
  await element.evaluate((node: Element) => node.pause());
  await element.locator('[data-panel="breakpoints"]').click();
  await expect.poll(() => field('kind').count()).toBe(1);
}

const field = (name: string) => element.locator(`.breakpoint-form [name="${name}"]`);
const rows = () => element.locator('.breakpoint');
const notice = () => element.locator('.notice').textContent();
const stopped = () => expect.poll(notice, { timeout: 20_000 }).toMatch(/^Stopped at breakpoint/);
const hits = () => element.locator('.breakpoint .hits').allTextContents();
const add = () => element.locator('.breakpoint-form [data-do="add"]').click();

test('a run at full speed stops at the very step, and acting there is not acting in the past', async () => {
  await open();
  await field('kind').selectOption('becomeLeader');
  await add();
  expect(await rows().textContent()).toContain('becomes leader');
  const told = element.evaluate(
    (node: Element) =>
      new Promise((resolve) =>
        node.addEventListener(
          'breakpoint',
          (event) => resolve([(event as CustomEvent).detail.event.kind, node.playing]),
          { once: true },
        ),
      ),
  );
  await element.evaluate((node: Element) => node.setAttribute('speed', '1000'));
  await element.locator('[data-do="play"]').click();
  await stopped();
  expect(await told).toEqual(['becomeLeader', false]);
  const { step, headStep, roles } = await position(element);
  expect(roles).toContain(3);
  expect(headStep).toBe(step);
  expect(await notice()).toBe(`Stopped at breakpoint 1, step ${step}.`);
  expect(await element.locator('.notice').getAttribute('role')).toBe('status');
  const last = await element.evaluate(
    (node: Element) => node.cluster?.events({ limit: 100_000 }).findLast((e) => e.kind === 'becomeLeader')?.step,
  );
  expect(last).toBe(step);

  expect(await rows().getAttribute('aria-current')).toBe('true');
  expect(await element.locator('.stopped').textContent()).toContain('it leads term 1');
  expect(await hits()).toEqual(['1 hit']);
  await element.locator('[data-server="1"]').click();
  await page.keyboard.press('c');
  expect(await element.evaluate((node: Element) => node.cluster?.branches().length)).toBe(1);
  await element.locator('[data-panel="breakpoints"]').click();
  expect(await rows().getAttribute('aria-current')).toBeNull();
  expect(problems).toEqual([]);
});

test('with the keyboard alone: add, run to next, disable, delete', async () => {
  await open();
  await field('kind').focus();
  await page.keyboard.type('becomes leader');
  await page.keyboard.press('Tab');
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  await expect.poll(() => rows().count()).toBe(1);
  await element.locator('[data-server="1"]').focus();
  await page.keyboard.press('n');
  await stopped();
  const { step } = await position(element);
  await page.keyboard.press('Home');
  await page.keyboard.press('n');
  await expect.poll(hits, { timeout: 20_000 }).toEqual(['2 hits']);
  expect((await position(element)).step).toBe(step);

  await rows().locator('input').focus();
  await page.keyboard.press('Space');
  await expect.poll(() => element.locator('.breakpoint.off').count()).toBe(1);
  await element.locator('[data-server="1"]').focus();
  await page.keyboard.press('n');
  await expect.poll(notice).toBe('No breakpoint is enabled.');
  expect((await position(element)).step).toBe(step);
  await rows().locator('[data-do="remove"]').focus();
  await page.keyboard.press('Enter');
  await expect.poll(() => rows().count()).toBe(0);
  expect(
    await page.evaluate(() =>
      document.querySelector('raft-playground')?.shadowRoot?.activeElement?.getAttribute('name'),
    ),
  ).toBe('kind');
  expect(problems).toEqual([]);
});

test('conditions are combined: event, server, term, index, state, hits to let pass', async () => {
  await open();
  await element.locator('.more-conditions summary').click();
  await field('kind').selectOption('commitAdvanced');
  await field('term').fill('1');
  await field('index').fill('1');
  await field('indexIs').selectOption('atLeast');
  await field('state').selectOption('committed');
  await field('stateIndex').fill('1');
  await field('skip').fill('1');
  await add();
  expect(await rows().locator('.what').textContent()).toBe(
    'commitIndex moves on · term 1 · index ≥ 1 · while a majority has committed 1 · after 1 hit',
  );
  await element.locator('[data-do="run-to-next"]').click();
  await stopped();
  expect(await hits()).toEqual(['2 hits']);
  const found = await element.evaluate((node: Element) => ({
    held: node.cluster?.runUntil({ type: 'committed', index: 1 }, { maxSteps: 0 }).held,
    commits: node.cluster?.events({ limit: 100_000 }).filter(({ kind }) => kind === 'commitAdvanced').length,
  }));
  expect(found.held).toBe(true);
  expect(found.commits).toBeGreaterThan(2);
  expect(problems).toEqual([]);
});

test('by message, to one of several, and counted anew', async () => {
  await open();
  await field('kind').selectOption('delivered');
  await element.locator('.more-conditions summary').click();
  await field('message').selectOption('RequestVoteReply');
  await add();
  await field('kind').selectOption('voteGranted');
  await field('message').selectOption('');
  await add();
  await rows().nth(0).locator('[data-do="run-to"]').click();
  await stopped();
  expect(await notice()).toContain('breakpoint 1,');
  expect(await hits()).toEqual(['1 hit', '0 hits']);
  expect(await element.locator('.stopped').textContent()).toContain('RequestVoteReply');
  await element.locator('.stopped [data-do="why"]').click();
  expect(await element.locator('[data-panel="why"]').getAttribute('aria-selected')).toBe('true');
  await element.locator('[data-panel="breakpoints"]').click();
  await element.locator('[data-do="clear-hits"]').click();
  expect(await hits()).toEqual(['0 hits', '0 hits']);
  expect(problems).toEqual([]);
});

test('an invariant: the run stops where the checker finds it broken', async () => {
  await open({}, '#scenario=figure-8&rule=off');
  await element.locator('.more-conditions summary').click();
  await field('kind').selectOption('');
  const broken = await element.evaluate((node: Element) => {
    node.cluster?.runUntil({ type: 'violation' });
    const { invariant, step } = node.cluster?.violations()[0] ?? {};
    node.cluster?.seek(0);
    node.refresh();
    return { invariant, step };
  });
  await field('invariant').selectOption(broken.invariant ?? '');
  await add();
  await element.locator('[data-do="run-to-next"]').click();
  await stopped();
  expect((await position(element)).step).toBe(broken.step);
  expect((await position(element)).violations).toBeGreaterThan(0);
  expect(problems).toEqual([]);
});

test('an empty form is refused in words; breakpoints outlive a fresh start and another language', async () => {
  await open();
  await field('kind').selectOption('');
  await add();
  expect(await element.locator('.breakpoint-form [role="alert"]').textContent()).toContain('at least one');
  await field('kind').selectOption('becomeLeader');
  expect(await element.locator('.breakpoint-form [role="alert"]').count()).toBe(0);
  await add();
  await element.locator('[data-do="run-to-next"]').click();
  await stopped();
  await element.locator('[data-do="reset"]').click();
  await expect.poll(async () => (await position(element)).step).toBe(0);
  await expect.poll(() => rows().count()).toBe(1);
  await element.evaluate((node: Element) => node.setAttribute('lang', 'zh'));
  await expect.poll(() => rows().locator('.what').textContent()).toBe('成为领导者');
  await element.locator('[data-do="run-to-next"]').click();
  await expect.poll(notice, { timeout: 20_000 }).toMatch(/^停在断点 1，第 \d+ 步。$/);
  expect(problems).toEqual([]);
});

for (const colorScheme of ['light', 'dark'] as const) {
  test(`the panel has no accessibility fault that axe can find, and fits into 360 px, ${colorScheme}`, async () => {
    await open({ colorScheme, viewport: { width: 360, height: 800 } });
    await add();
    await element.locator('.more-conditions summary').click();
    await field('state').selectOption('leads');
    await field('term').fill('1');
    await add();
    await rows().nth(1).locator('input').uncheck();
    await element.locator('[data-do="run-to-next"]').click();
    await stopped();
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(360);
    expect(await faults(page)).toEqual([]);
    expect(problems).toEqual([]);
  });
}
