// Clients: everything they can ask for, what became of it over time, and what the judges say of it.

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

async function open(hash: string, options = {}): Promise<void> {
  ({ page, problems } = await site.visit(hash, { reducedMotion: 'reduce', ...options }));
  element = await ready(page);
  await element.evaluate((node: Element) => node.pause());
}

/** A cluster with a leader, and clients that ask without end. */
async function openLoad(load: object, ms: number): Promise<void> {
  await open('#servers=5&seed=11');
  await element.evaluate(
    async (node: Element, [wanted, length]) => {
      const isReady = new Promise((resolve) => node.addEventListener('ready', resolve, { once: true }));
      node.load({
        version: 1,
        id: 'load',
        title: { en: 'Load' },
        cluster: { servers: 5, seed: 42, load: wanted },
        script: [],
      });
      await isReady;
      node.pause();
      node.cluster?.advance(length as number);
      node.refresh();
    },
    [load, ms] as const,
  );
}

const show = async (panel: string) => {
  await element.locator(`[data-panel="${panel}"]`).click();
  await element.locator('.history-bar').waitFor();
};

const advance = (ms: number) =>
  element.evaluate((node: Element, length) => {
    node.cluster?.advance(length);
    node.refresh();
  }, ms);

async function ask(client: string, operation: string, fields: Record<string, string> = {}): Promise<string> {
  await element.locator('[name="client"]').fill(client);
  await element.locator('[name="client"]').blur();
  await element.locator('[name="operation"]').selectOption(operation);
  for (const [name, value] of Object.entries(fields)) {
    const field = element.locator(`.write [name="${name}"]`);
    if (name === 'mode' || name === 'server') await field.selectOption(value);
    else await field.fill(value);
  }
  await element.locator('[data-act="write"]').click();
  await advance(1_000);
  return (await element.locator('.answer b').textContent()) ?? '';
}

const history = () => element.evaluate((node: Element) => node.cluster?.history() ?? []);

test('a reader can ask for everything that a client can, under several names', async () => {
  await open('#servers=5&seed=11');
  await element.evaluate((node: Element) => node.cluster?.runUntil({ type: 'leader' }));
  expect(await ask('alice', 'put', { key: 'x', value: 'a' })).toBe('done');
  expect(await ask('bob', 'append', { key: 'x', value: 'b' })).toBe('done');
  expect(await ask('carol', 'cas', { key: 'x', expected: 'ab', value: 'c' })).toBe('done ✓');
  expect(await ask('carol', 'cas', { key: 'x', expected: 'ab', value: 'd' })).toBe('done ✗');
  for (const mode of ['linearizable', 'lease', 'follower', 'session'])
    expect(await ask('dora', 'get', { key: 'x', mode })).toBe('x = c');
  expect(await ask('dora', 'get', { key: 'x', mode: 'local', server: '2' })).toBe('x = c');
  expect(await ask('dora', 'sync', { server: '0' })).toBe('done');
  expect(await ask('alice', 'delete', { key: 'x' })).toBe('done');
  expect(await ask('alice', 'get', { key: 'x', mode: 'linearizable' })).toBe('x = ∅');
  const asked = await history();
  expect(asked.map(({ client, kind }) => `${client} ${kind}`)).toEqual([
    ...[
      'alice put',
      'bob append',
      'carol cas',
      'carol cas',
      'dora get',
      'dora get',
      'dora get',
      'dora get',
      'dora get',
    ],
    ...['dora sync', 'alice delete', 'alice get'],
  ]);
  const reads = asked.filter(({ kind }) => kind === 'get').map(({ mode }) => mode);
  expect(reads).toEqual(['readIndex', 'lease', 'readIndex', 'session', 'local', 'readIndex']);
  const leader = (await position(element)).roles.indexOf(3) + 1;
  expect(asked[6]?.server).not.toBe(leader);
  expect(problems).toEqual([]);
});

test('operations stand on a lane for each client; the keyboard moves between them and goes to their moments', async () => {
  await openLoad({ clients: 3, thinkMs: 30, operations: { get: 1, put: 1 } }, 1_500);
  await show('history');
  await expect.poll(() => element.locator('.lane-name').count()).toBe(3);
  const operations = await history();
  const first = element.locator('[data-op][tabindex="0"]');
  await first.focus();
  const id = Number(await first.getAttribute('data-op'));
  const focused = () =>
    page.evaluate(() =>
      Number((document.querySelector('raft-playground')?.shadowRoot?.activeElement as SVGElement | null)?.dataset.op),
    );
  await page.keyboard.press('ArrowRight');
  const next = operations.find((op) => op.id > id && op.client === operations[id]?.client);
  await expect.poll(focused).toBe(next?.id);
  await page.keyboard.press('ArrowDown');
  const below = await focused();
  expect(operations[below]?.client).not.toBe(next?.client);
  const head = (await position(element)).headStep;
  await page.keyboard.press('Enter');
  expect((await position(element)).timeMs).toBeLessThanOrEqual(operations[below]?.calledMs ?? 0);
  expect((await position(element)).headStep).toBe(head);
  await page.keyboard.press('Shift+Enter');
  const later = (await position(element)).timeMs;
  expect(later).toBeGreaterThan(operations[below]?.calledMs ?? 0);
  expect(later).toBeLessThanOrEqual(operations[below]?.returnedMs ?? 0);
  // What comes later stays in view.
  await expect.poll(() => element.locator('.op.future').count()).toBeGreaterThan(0);
  await expect.poll(() => element.locator('[data-details]').textContent()).toContain(operations[below]?.client ?? '');
  await page.keyboard.press('Home');
  await expect.poll(async () => operations[await focused()]?.client).toBe(operations[below]?.client);
  await page.keyboard.press('0');
  await page.keyboard.press('+');
  expect(problems).toEqual([]);
});

test('a click goes to the moment under the pointer, and pointing tells the state there', async () => {
  await openLoad({ clients: 3, thinkMs: 30, operations: { get: 1, put: 1 } }, 1_500);
  await show('history');
  const bar = element.locator('[data-op]').nth(2);
  const id = Number(await bar.getAttribute('data-op'));
  const op = (await history())[id];
  await bar.locator('.bar').hover();
  await expect.poll(() => element.locator('[data-details]').getAttribute('data-details')).toBe(String(id));
  expect(await element.locator('.op-details').textContent()).toMatch(
    /S\d was the last elected, term \d+ · \d+ operations? under way/,
  );
  await bar.locator('.bar').click();
  const { timeMs } = await position(element);
  // The moment shown is that of the last step before it.
  expect(timeMs).toBeLessThanOrEqual((op?.returnedMs ?? 0) + 1);
  expect(timeMs).toBeGreaterThan((op?.calledMs ?? 0) - 50);
  expect(problems).toEqual([]);
});

test('what was not done or is unknown looks different, also without colours, and unknown ones are open-ended', async () => {
  await openLoad({ clients: 3, thinkMs: 30, operations: { put: 1 } }, 1_500);
  await element.evaluate((node: Element) => {
    const { cluster } = node;
    const leader = cluster?.frame().servers.find(({ role }) => role === 3)?.id ?? 1;
    cluster?.advance(15);
    cluster?.partition([[leader], [1, 2, 3, 4, 5].filter((id) => id !== leader)]);
    cluster?.advance(60);
    cluster?.crash(leader);
    cluster?.advance(1_500);
    node.refresh();
  });
  await show('history');
  const unknown = (await history()).find(({ outcome }) => outcome === 'unknown');
  expect(unknown).toBeDefined();
  await element.locator('[data-do="first-error"]').click();
  const mark = element.locator(`[data-op="${unknown?.id}"]`);
  await expect.poll(() => mark.locator('.mark').textContent()).toBe('?');
  await expect.poll(() => mark.locator('.tail').count()).toBe(1);
  await element.locator('[data-do="zoom-in"]').click();
  await expect.poll(() => element.locator('.op.fail .mark').first().textContent()).toBe('✕');
  await expect.poll(() => element.locator('.world.fault').count()).toBeGreaterThan(0);
  await element.locator('[data-do="zoom-all"]').click();
  await expect.poll(() => element.locator('.time-axis .world.leader').count()).toBeGreaterThan(1);
  expect(problems).toEqual([]);
});

test('the judges find an order for a good history, and show it as points on the intervals', async () => {
  await openLoad({ clients: 3, thinkMs: 30, operations: { get: 1, put: 1, cas: 1 } }, 1_500);
  await show('history');
  await element.locator('[data-do="judge"]').click();
  await expect.poll(() => element.locator('.rung').count(), { timeout: 30_000 }).toBe(6);
  expect(await element.locator('.rung.holds').count()).toBe(6);
  await expect.poll(() => element.locator('.op .point').count()).toBeGreaterThan(3);
  await element.locator('[data-order="linearizable"]').click();
  await expect.poll(() => element.locator('.op .point').count()).toBe(0);
  expect(await element.locator('.judged').textContent()).toContain('operations have been judged');
  await advance(300);
  await expect.poll(() => element.locator('.judged').textContent()).toContain('More has happened since');
  // On another branch it is another history.
  await element.evaluate((node: Element) => node.stepBack(100));
  await element.locator('.faults [data-act="crash"]').click();
  await expect.poll(() => element.locator('.rung').count()).toBe(0);
  expect(problems).toEqual([]);
});

test('a history that breaks a promise shows on which rung, by which operations, and leads to them', async () => {
  await open('#scenario=consistency-ladder');
  await element.evaluate((node: Element) => {
    node.cluster?.runScript();
    node.cluster?.advance(1_000);
    node.refresh();
  });
  await show('history');
  await element.locator('[data-do="judge"]').click();
  await expect.poll(() => element.locator('.rung').count(), { timeout: 30_000 }).toBe(6);
  const verdicts = await element.evaluate(async (node: Element) => {
    const rungs = [...(node.shadowRoot?.querySelectorAll<HTMLElement>('.rung') ?? [])];
    return rungs.map(({ dataset, className }) => `${dataset.level} ${className.replace('rung ', '')}`);
  });
  const variant = await judgeOther('sequential');
  expect([...verdicts, ...variant].some((verdict) => verdict.endsWith('violated'))).toBe(true);
  expect(variant[0]).toBe('linearizable violated');
  expect(variant[1]).toBe('sequential holds');
  const named = element.locator('.rung.violated [data-show][title="cannot be placed"]').first();
  const id = await named.getAttribute('data-show');
  await named.focus();
  await page.keyboard.press('Enter');
  await expect.poll(() => element.locator(`[data-op="${id}"].active.unplaced`).count()).toBe(1);
  expect(problems).toEqual([]);
});

async function judgeOther(variant: string): Promise<string[]> {
  await open(`#scenario=consistency-ladder&variant=${variant}`);
  await element.evaluate((node: Element) => {
    node.cluster?.runScript();
    node.cluster?.advance(1_000);
    node.refresh();
  });
  await show('history');
  await element.locator('[data-do="judge"]').click();
  await expect.poll(() => element.locator('.rung').count(), { timeout: 30_000 }).toBe(6);
  return element.evaluate((node: Element) =>
    [...(node.shadowRoot?.querySelectorAll<HTMLElement>('.rung') ?? [])].map(
      ({ dataset, className }) => `${dataset.level} ${className.replace('rung ', '')}`,
    ),
  );
}

test('another run begins with its own window, nothing chosen and nothing judged', async () => {
  await openLoad({ clients: 3, thinkMs: 30, operations: { get: 1, put: 1 } }, 1_500);
  await show('history');
  await element.locator('[data-do="judge"]').click();
  await expect.poll(() => element.locator('.rung').count(), { timeout: 30_000 }).toBe(6);
  await element.locator('[data-op]').first().focus();
  await expect.poll(() => element.locator('.op.active').count()).toBe(1);
  await element.locator('[data-do="reset"]').click();
  await expect.poll(async () => (await position(element)).step).toBe(0);
  await advance(400);
  await expect.poll(() => element.locator('[data-op]').count()).toBeGreaterThan(0);
  expect(await element.locator('.op.active').count()).toBe(0);
  expect(await element.locator('.rung').count()).toBe(0);
  expect(await element.locator('.time-axis .tick').first().textContent()).toBe('0 ms');
  expect(problems).toEqual([]);
});

test('of ten thousand operations only what is in view is drawn, and the whole run as clumps that can be opened', async () => {
  await openLoad({ clients: 10, thinkMs: 1, operations: { get: 2, put: 1 }, keys: 5 }, 34_000);
  expect(
    (await element.evaluate((node: Element) => node.cluster?.history({ since: 9_999, limit: 1 }) ?? [])).length,
  ).toBe(1);
  await show('history');
  const drawn = () => element.locator('.lanes-drawn *').count();
  // A long history arrives in parts.
  await expect
    .poll(() => element.locator('[data-op]').first().getAttribute('data-op'), { timeout: 30_000 })
    .toMatch(/^\d{4,}$/);
  expect(await drawn()).toBeLessThan(2_500);
  await element.locator('[data-do="zoom-all"]').click();
  await expect.poll(() => element.locator('.clump').count()).toBeGreaterThan(5);
  expect(await drawn()).toBeLessThan(2_500);
  const before = await element.locator('.time-axis .tick').allTextContents();
  await element.locator('.clump').first().click();
  await expect.poll(() => element.locator('.time-axis .tick').allTextContents()).not.toEqual(before);
  expect(problems).toEqual([]);
});

for (const colorScheme of ['light', 'dark'] as const) {
  test(`the panel has no accessibility fault that axe can find, and fits into 360 px, ${colorScheme}`, async () => {
    await open('#scenario=consistency-ladder&variant=sequential', {
      colorScheme,
      viewport: { width: 360, height: 800 },
    });
    await element.evaluate((node: Element) => {
      node.cluster?.runScript();
      node.refresh();
    });
    await show('history');
    await element.locator('[data-do="judge"]').click();
    await expect.poll(() => element.locator('.rung').count(), { timeout: 30_000 }).toBe(6);
    await element.locator('[name="operation"]').selectOption('get');
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(360);
    expect(await faults(page)).toEqual([]);
    expect(problems).toEqual([]);
  });
}
