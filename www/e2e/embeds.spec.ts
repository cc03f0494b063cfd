// Several clusters on one page know nothing of each other, and a broken one is never shown as if it were Raft.

import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { position, ready } from './element.js';
import { openSite, type Site } from './harness.js';

let site: Site;
beforeAll(async () => {
  site = await openSite();
});
// A page that plays on would slow the next test down.
afterEach(() => Promise.all(site.browser.contexts().map((context) => context.close())));
afterAll(() => site.close());

test('what is done in one embed of the blog post leaves the other alone', async () => {
  const { page, problems } = await site.visit('blog-post.html');
  const first = await ready(page, '#split-brain');
  const second = await ready(page, '#figure-8');
  const untouched = await position(second);
  await first.evaluate((node: HTMLElementTagNameMap['raft-playground']) => node.step(20));
  await first.locator('[data-do="step"]').click();
  expect((await position(first)).step).toBe(21);
  expect(await position(second)).toEqual(untouched);
  expect(problems).toEqual([]);
});

test('ids are unique across embeds, and one module serves both', async () => {
  const { page } = await site.visit('blog-post.html');
  await ready(page, '#split-brain');
  await ready(page, '#figure-8');
  const ids = await page.evaluate(() =>
    [...document.querySelectorAll('raft-playground')].flatMap((node) =>
      [...(node.shadowRoot?.querySelectorAll('[id]') ?? [])].map(({ id }) => id),
    ),
  );
  expect(ids.length).toBeGreaterThan(0);
  expect(new Set(ids).size).toBe(ids.length);
  const fetched = await page.evaluate(
    () => performance.getEntriesByType('resource').filter(({ name }) => name.endsWith('.wasm')).length,
  );
  expect(fetched).toBe(1);
});

test('an element that is moved keeps its cluster, one that is removed gives it up', async () => {
  const { page, problems } = await site.visit('blog-post.html');
  const element = await ready(page, '#split-brain');
  await element.evaluate((node: HTMLElementTagNameMap['raft-playground']) => node.step(7));
  await element.evaluate((node) => document.body.append(node));
  expect((await position(element)).step).toBe(7);
  const codes = await page.evaluate(async () => {
    const node = document.querySelector('raft-playground');
    const cluster = node?.cluster;
    node?.remove();
    await new Promise((resolve) => setTimeout(resolve));
    try {
      cluster?.step();
      return 'still alive';
    } catch (error) {
      return (error as { code: string }).code;
    }
  });
  expect(codes).toBe('disposed');
  expect(problems).toEqual([]);
});

test('an element that comes back begins afresh, one that is given other controls goes on', async () => {
  const { page, problems } = await site.visit('blog-post.html');
  const element = await ready(page, '#split-brain');
  await element.evaluate((node: HTMLElementTagNameMap['raft-playground']) => node.step(7));
  await element.evaluate(async (node) => {
    const parent = node.parentNode;
    node.remove();
    await new Promise((resolve) => setTimeout(resolve));
    parent?.prepend(node);
  });
  await ready(page, '#split-brain');
  expect((await position(element)).step).toBe(0);
  expect(await element.locator('.tools').isVisible()).toBe(false);
  await element.evaluate((node: HTMLElementTagNameMap['raft-playground']) => {
    node.step(3);
    node.setAttribute('controls', 'full');
  });
  await expect.poll(() => element.locator('.tools').isVisible()).toBe(true);
  await element.locator('[data-do="step"]').click();
  expect((await position(element)).step).toBe(4);
  expect(problems).toEqual([]);
});

test('a trap in one cluster: the page says so, offers a report and a fresh one, and the other goes on', async () => {
  const { page } = await site.visit('about:blank');
  // The instances are caught as they are made, so that the memory of one can be ruined as a wild write would ruin it.
  await page.addInitScript(() => {
    const Instance = WebAssembly.Instance;
    const made: WebAssembly.Instance[] = [];
    Object.assign(globalThis, { made });
    WebAssembly.Instance = class extends Instance {
      constructor(module: WebAssembly.Module, imports?: WebAssembly.Imports) {
        super(module, imports);
        made.push(this);
      }
    };
  });
  await page.goto(new URL('blog-post.html', site.url).href);
  const broken = await ready(page, '#split-brain');
  const healthy = await ready(page, '#figure-8');
  await broken.evaluate((node: HTMLElementTagNameMap['raft-playground']) => node.step(3));
  const codes = await page.evaluate(() => {
    const [instance] = (globalThis as unknown as { made: WebAssembly.Instance[] }).made;
    const memory = instance?.exports.memory as WebAssembly.Memory;
    new Uint8Array(memory.buffer).fill(0xff);
    const codes: string[] = [];
    document
      .querySelector('#split-brain')
      ?.addEventListener('error', (event) => codes.push((event as CustomEvent).detail.code));
    (document.querySelector('#split-brain') as HTMLElementTagNameMap['raft-playground']).step();
    return codes;
  });
  expect(codes).toContain('panic');
  await expect.poll(() => broken.locator('.fatal-card').isVisible()).toBe(true);
  expect(await broken.locator('svg.ring').isVisible()).toBe(false);
  const report = JSON.parse(await broken.locator('textarea').inputValue()) as { seed: number; recording: unknown[][] };
  expect(report.seed).toEqual(expect.any(Number));
  expect(report.recording.map(([method]) => method)).toEqual(['fromScenario', 'step', 'step', 'step', 'step']);

  await healthy.evaluate((node: HTMLElementTagNameMap['raft-playground']) => node.step(5));
  expect((await position(healthy)).step).toBe(5);

  await broken.locator('[data-do="fresh"]').click();
  await ready(page, '#split-brain');
  await expect.poll(() => broken.locator('svg.ring').isVisible()).toBe(true);
  expect((await position(broken)).step).toBe(0);
});

test('a scenario that does not exist is explained in words, with the fallback still readable', async () => {
  const { page } = await site.visit('blog-post.html');
  const element = await ready(page, '#split-brain');
  await element.evaluate((node) => node.setAttribute('scenario', 'no-such-thing'));
  await expect.poll(() => element.locator('.fatal-card').isVisible()).toBe(true);
  expect(await element.locator('.fatal-card').textContent()).toContain('no-such-thing');
});

test('a link to a run opens that run', async () => {
  const { page } = await site.visit('#servers=3&seed=5');
  const element = await ready(page);
  const [link, hash] = await element.evaluate(async (node: HTMLElementTagNameMap['raft-playground']) => {
    node.pause();
    node.cluster?.runUntil({ type: 'leader' });
    node.cluster?.crash(1);
    return [await node.cluster?.link(), node.cluster?.stateHash()];
  });
  const { step } = await position(element);
  const other = await site.visit(link);
  const copy = await ready(other.page);
  await copy.evaluate((node: HTMLElementTagNameMap['raft-playground'], to) => {
    node.pause();
    node.seek(to);
  }, step);
  expect((await position(copy)).hash).toBe(hash);
  expect(other.problems).toEqual([]);
});
