// The picture of the cluster: cut it, change its links, and see who decided what.

import type { Locator, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Cluster } from '../src/engine.js';
import { faults } from './axe.js';
import { ready } from './element.js';
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

/** Opens a run and lets it come to a leader. */
async function open(hash: string, options: Parameters<Site['visit']>[1] = {}): Promise<void> {
  ({ page, problems } = await site.visit(hash, options));
  element = await ready(page);
  await element.evaluate((node: HTMLElementTagNameMap['raft-playground']) => {
    node.pause();
    node.cluster?.runUntil({ type: 'leader' });
    node.refresh();
  });
}

/** Does something to the cluster, and shows it. */
async function act<T>(work: (cluster: Cluster) => T): Promise<T> {
  const cluster = await element.evaluateHandle((node: HTMLElementTagNameMap['raft-playground']) => {
    if (!node.cluster) throw new Error('no cluster');
    return node.cluster;
  });
  const result = await cluster.evaluate(work);
  await element.evaluate((node: HTMLElementTagNameMap['raft-playground']) => node.refresh());
  return result as T;
}

const cutPairs = () =>
  act((cluster) => {
    const frame = cluster.frame();
    return frame.servers.flatMap((a) =>
      frame.servers.filter((b) => frame.cut(a.id, b.id)).map((b) => `${a.id}${b.id}`),
    );
  });

async function centre(id: number): Promise<{ x: number; y: number }> {
  const box = await element.locator(`[data-server="${id}"] .shape`).boundingBox();
  if (!box) throw new Error(`S${id} is not drawn`);
  return { x: box.x + box.width / 2, y: box.y + box.height / 2 };
}

async function drag(points: { x: number; y: number }[]): Promise<void> {
  const [first, ...rest] = points;
  if (!first) return;
  await page.mouse.move(first.x, first.y);
  await page.mouse.down();
  for (const { x, y } of rest) await page.mouse.move(x, y);
  await page.mouse.up();
}

/** Tabs until what has the focus matches. */
async function tabTo(selector: string): Promise<void> {
  for (let i = 0; i < 80; i++) {
    await page.keyboard.press('Tab');
    const found = await page.evaluate((wanted) => {
      const focus = document.activeElement?.shadowRoot?.activeElement ?? document.activeElement;
      return focus?.matches(wanted) ?? false;
    }, selector);
    if (found) return;
  }
  throw new Error(`Tab never reaches ${selector}`);
}

describe('five servers', () => {
  beforeEach(() => open('#servers=5&seed=11'));

  test('a lasso around a server cuts it off from the others', async () => {
    const { x, y } = await centre(3);
    await drag(
      Array.from({ length: 26 }, (_, i) => ({
        x: x + 62 * Math.cos((i / 25) * 6.2),
        y: y + 62 * Math.sin((i / 25) * 6.2),
      })),
    );
    expect(await cutPairs()).toEqual(['13', '23', '31', '32', '34', '35', '43', '53']);
    expect(problems).toEqual([]);
  });

  test('with the keyboard, marked servers are cut off', async () => {
    await tabTo('[data-server]');
    await page.keyboard.press('m');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('m');
    expect(await element.locator('.server.picked:not(.labels)').count()).toBe(2);
    expect(await element.locator('[data-server="3"]').getAttribute('aria-label')).toContain('picked');
    await page.keyboard.press('m');
    expect(await element.locator('.server.picked:not(.labels)').count()).toBe(1);
    await page.keyboard.press('m');
    await page.keyboard.press('Enter');
    expect(await cutPairs()).toHaveLength(12);
    expect(await element.locator('.link.cut').count()).toBe(6);
    expect(problems).toEqual([]);
  });

  test('a stroke from one server to another opens their link, which becomes slow and lossy one way', async () => {
    await drag([await centre(2), { x: 400, y: 500 }, await centre(4)]);
    const form = element.locator('.link-form');
    expect(await form.getAttribute('aria-label')).toBe('Link S2 – S4');
    await form.locator('[name="direction"]').selectOption('back');
    await form.locator('[name="min"]').fill('40');
    await form.locator('[name="max"]').fill('60');
    await form.locator('[name="loss"]').fill('30');
    await form.locator('[data-do="apply"]').click();
    const link = element.locator('[data-link="2 4"]');
    expect(await link.getAttribute('aria-label')).toBe(
      'Link S2 – S4; from S2 to S4: whole; from S4 to S2: 40–60 ms · 30 % lost',
    );
    expect(await link.locator('.way:not(.hidden)').count()).toBe(2);
    expect(await link.locator('.way.slow.lossy .line').getAttribute('d')).toContain('Q');
    expect(await element.locator('.link-words', { hasText: '40–60 ms' }).isVisible()).toBe(true);
    // What it shows is how the engine carries messages.
    const times = await act((cluster) => {
      cluster.runUntil({ type: 'message', from: 4, to: 2 });
      return cluster
        .messages()
        .flatMap(({ from, to, sentMs, arrivesMs }) => (from === 4 && to === 2 ? [(arrivesMs ?? 0) - sentMs] : []));
    });
    for (const ms of times) expect(ms).toBeGreaterThanOrEqual(40);
    await form.locator('[data-act="cut"]').click();
    expect(await cutPairs()).toEqual(['42']);
    await form.locator('[data-act="mend"]').click();
    await form.locator('[data-do="usual"]').click();
    expect(await link.getAttribute('class')).toContain('whole');
    expect(problems).toEqual([]);
  });

  test('with the keyboard, a link is chosen, cut one way and made slow', async () => {
    await tabTo('[data-server]');
    await page.keyboard.press('2');
    await page.keyboard.press('l');
    const focused = () => page.evaluate(() => document.activeElement?.shadowRoot?.activeElement?.getAttribute('name'));
    expect(await focused()).toBe('to');
    await page.keyboard.press('ArrowDown');
    expect(await element.locator('.link-form').getAttribute('aria-label')).toBe('Link S2 – S4');
    await page.keyboard.press('Tab');
    expect(await focused()).toBe('direction');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    expect(await cutPairs()).toEqual(['24']);
    await page.keyboard.press('Tab');
    await page.keyboard.press('Control+A');
    await page.keyboard.type('90');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Control+A');
    await page.keyboard.type('95');
    await page.keyboard.press('Enter');
    expect(await element.locator('[data-link="2 4"]').getAttribute('aria-label')).toContain('cut, 90–95 ms');
    await tabTo('[data-do="closeLink"]');
    await page.keyboard.press('Enter');
    expect(await element.locator('.link-form').count()).toBe(0);
    expect(problems).toEqual([]);
  });

  test('bad numbers for a link are refused where they are written', async () => {
    await drag([await centre(2), { x: 400, y: 500 }, await centre(4)]);
    await element.locator('[name="loss"]').fill('130');
    await element.locator('[data-do="apply"]').click();
    expect(await element.locator('[name="loss"]').evaluate((node: HTMLInputElement) => node.validity.valid)).toBe(
      false,
    );
    expect(await element.locator('[data-link="2 4"]').getAttribute('class')).toContain('whole');
  });

  test('the quorums of the last election and commit are drawn, and what both share; Q hides them', async () => {
    const leader = await act((cluster) => {
      const first = cluster.frame().servers.find(({ role }) => role === 3)?.id ?? 0;
      cluster.runUntil({ type: 'committed', server: first, index: 1 });
      cluster.crash(first);
      cluster.runUntil({ type: 'leader' });
      return cluster.frame().servers.find(({ role, status }) => role === 3 && status === 0)?.id;
    });
    expect(await element.locator('.decided li.elected').textContent()).toContain(`elected S${leader} for term`);
    expect(await element.locator('.decided li.commits').textContent()).toContain('held entry 1');
    const [elected, commits, shared] = await Promise.all(
      ['elected', 'commits', 'shared'].map((name) => element.locator(`[data-server].${name}`).count()),
    );
    expect([elected, commits]).toEqual([3, 3]);
    expect(shared).toBeGreaterThan(0);
    expect(await element.locator('.quorum.election').getAttribute('d')).toMatch(/Z$/);
    expect(await element.locator('[data-server].shared').first().getAttribute('aria-label')).toMatch(
      /quorum of the last election, in the quorum of the last commit/,
    );
    await element.locator('[data-server="1"]').focus();
    await page.keyboard.press('q');
    expect(await element.locator('[data-server].elected').count()).toBe(0);
    expect(await element.locator('.quorum.election').getAttribute('d')).toBe('');
    await element.locator('[data-do="quorums"]').click();
    expect(await element.locator('[data-server].elected').count()).toBe(3);
    expect(problems).toEqual([]);
  });

  test('a lost message is seen where it ended, and again when one goes back', async () => {
    await act((cluster) => {
      cluster.act({ type: 'setLoss', permille: 1000 });
      cluster.runUntil({ type: 'role', server: 1, role: 'preCandidate' }, { maxSteps: 200 });
      cluster.advance(60);
    });
    await act((cluster) => {
      const lost = cluster.events({ limit: 10_000 }).findLast(({ kind }) => kind === 'lost');
      cluster.seek(lost?.step ?? 0);
    });
    const before = await element.locator('.loss').count();
    expect(before).toBeGreaterThan(0);
    expect(await element.locator('.loss.chance .why').first().textContent()).toBe('lost');
    await act((cluster) => cluster.stepBack(50));
    await act((cluster) => {
      const lost = cluster.events({ limit: 10_000 }).findLast(({ kind }) => kind === 'lost');
      if (lost) throw new Error('nothing was lost so early');
      for (let i = 0; i < 50; i++) cluster.step();
    });
    expect(await element.locator('.loss').count()).toBe(before);
    expect(problems).toEqual([]);
  });

  test('the sheet names the keys', async () => {
    await element.locator('[data-server="1"]').focus();
    await page.keyboard.press('?');
    const keys = await element.locator('dialog dt').allTextContents();
    for (const key of ['M', 'L', 'Q']) expect(keys.map((text) => text.trim())).toContain(key);
  });
});

test('a joint configuration is two rings, and says who votes where', async () => {
  await open('#scenario=joint-consensus');
  expect(await element.locator('.rail').count()).toBe(0);
  await act((cluster) => {
    for (let i = 0; i < 20_000 && cluster.frame().header.joint === 0; i++) cluster.step();
  });
  expect(await element.locator('.rail').count()).toBe(2);
  expect(await element.locator('.ribbon.outgoing').count()).toBe(3);
  expect(await element.locator('.ribbon.voter').count()).toBe(3);
  expect(await element.locator('.decided .joint').textContent()).toMatch(/C_old \(inner ring, .*C_new \(outer ring/);
  expect(await element.locator('[data-server="1"]').getAttribute('aria-label')).toContain('old configuration only');
  expect(problems).toEqual([]);
});

test('a learner is on the ring with a dotted ribbon, one that is no member is not', async () => {
  await open('#scenario=learners');
  await act((cluster) => {
    for (let i = 0; i < 20_000 && !cluster.frame().servers.some(({ member }) => member === 4); i++) cluster.step();
  });
  expect(await element.locator('.ribbon.learner').count()).toBeGreaterThan(0);
  expect(await element.locator('[data-server]').evaluateAll((nodes) => nodes.map((n) => n.ariaLabel).join())).toMatch(
    /learner without a vote/,
  );
});

for (const [width, height] of [
  [1280, 900],
  [360, 800],
] as const) {
  test(`the names of 25 servers do not overlap at ${width} px`, async () => {
    await open('#servers=25&seed=3', { viewport: { width, height } });
    const boxes = await element.locator('.server.labels').evaluateAll((nodes) =>
      nodes.map((node) =>
        [...node.querySelectorAll('text')]
          .filter((text) => text.textContent && getComputedStyle(text).display !== 'none')
          .map((text) => text.getBoundingClientRect())
          .filter((box) => box.width > 0)
          .map(({ left, right, top, bottom }) => ({ left, right, top, bottom })),
      ),
    );
    expect(boxes).toHaveLength(25);
    const overlaps = boxes.flatMap((mine, i) =>
      boxes
        .slice(i + 1)
        .flatMap((others, k) =>
          mine.some((a) =>
            others.some((b) => a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom),
          )
            ? [`S${i + 1} and S${i + k + 2}`]
            : [],
        ),
    );
    expect(overlaps).toEqual([]);
    const ring = await element.locator('.ring-view').boundingBox();
    for (const box of boxes.flat()) {
      expect(box.left).toBeGreaterThanOrEqual(ring?.x ?? 0);
      expect(box.right).toBeLessThanOrEqual((ring?.x ?? 0) + (ring?.width ?? 0));
    }
    expect(problems).toEqual([]);
  });
}

for (const colorScheme of ['light', 'dark'] as const) {
  test(`no accessibility fault that axe can find, with everything on it, ${colorScheme}`, async () => {
    await open('#scenario=joint-consensus', { colorScheme });
    await act((cluster) => {
      for (let i = 0; i < 20_000 && cluster.frame().header.joint === 0; i++) cluster.step();
      cluster.act({ type: 'setLoss', a: 1, b: 2, permille: 500 });
    });
    await element.locator('[data-server="2"]').focus();
    await page.keyboard.press('m');
    await page.keyboard.press('l');
    expect(await element.locator('.link-form').count()).toBe(1);
    expect(await faults(page)).toEqual([]);
  });
}
