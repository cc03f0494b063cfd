// The space-time diagram: what it shows can be reached by mouse and by keyboard, and taken away as a figure.

import { readFile } from 'node:fs/promises';
import type { Locator, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { EventView } from '../src/model.js';
import { Axis } from '../src/views/space-time/axis.js';
import { Geometry } from '../src/views/space-time/geometry.js';
import { History } from '../src/views/space-time/history.js';
import { fitted } from '../src/views/space-time/viewport.js';
import { faults } from './axe.js';
import { position, ready } from './element.js';
import { openSite, type Site } from './harness.js';

type Playground = HTMLElementTagNameMap['raft-playground'];

let site: Site;
beforeAll(async () => {
  site = await openSite();
});
// A page that plays on would slow the next test down.
afterEach(() => Promise.all(site.browser.contexts().map((context) => context.close())));
afterAll(() => site.close());

interface Opened {
  page: Page;
  problems: string[];
  element: Locator;
  stage: Locator;
}

/** A run of some length with the diagram open. With reduced motion nothing plays before it is asked to. */
async function open(path: string, ms: number, options = {}): Promise<Opened> {
  const { page, problems } = await site.visit(path, {
    viewport: { width: 1280, height: 900 },
    reducedMotion: 'reduce',
    ...options,
  });
  const element = await ready(page, '#playground');
  await element.evaluate((node: Playground, duration) => {
    node.pause();
    node.cluster?.advance(duration);
    node.refresh();
  }, ms);
  await element.locator('[data-panel="diagram"]').click();
  const stage = element.locator('.diagram-stage');
  await stage.waitFor();
  return { page, problems, element, stage };
}

/** What is painted, to tell whether it has changed. */
function painted(stage: Locator): Promise<string> {
  return stage.locator('.diagram-canvas').evaluate((canvas: HTMLCanvasElement) => canvas.toDataURL());
}

function eventsOf(element: Locator): Promise<EventView[]> {
  return element.evaluate((node: Playground) => node.cluster?.events({ limit: 100_000 }) ?? []);
}

/** Where events stand on the screen after "Whole run". */
async function places(stage: Locator, events: readonly EventView[], servers: number, endMs: number) {
  const history = new History(servers);
  for (const event of events) history.add(event);
  const axis = new Axis(history, { endMs, folding: true, open: new Set() });
  const { width } = await stage.locator('.diagram-canvas').evaluate((canvas) => canvas.getBoundingClientRect());
  return new Geometry(history, axis, fitted(axis.endU), width);
}

test('its code is fetched when it is first shown', async () => {
  const { page, problems } = await site.visit();
  const element = await ready(page, '#playground');
  const fetched = () =>
    page.evaluate(
      () => performance.getEntriesByType('resource').filter(({ name }) => name.includes('diagram-pane')).length,
    );
  expect(await fetched()).toBe(0);
  await element.locator('[data-panel="diagram"]').click();
  await element.locator('.diagram-canvas').waitFor();
  expect(await fetched()).toBe(1);
  expect(problems).toEqual([]);
});

test('a click on an event chooses it, lights its past and future, and goes to its moment', async () => {
  const { page, element, stage, problems } = await open('#servers=5&seed=11', 900);
  await element.locator('[data-do="fit"]').click();
  const events = await eventsOf(element);
  const geometry = await places(stage, events, 5, (await position(element)).timeMs);
  const leader = events.findIndex(({ kind }) => kind === 'becomeLeader');
  const { x, y } = geometry.event(leader);
  await page.waitForTimeout(100);
  const before = await painted(stage);
  await stage.locator('.diagram-canvas').click({ position: { x, y } });
  await expect.poll(() => element.locator('.chosen-event b').textContent()).toContain('it leads term');
  expect((await position(element)).step).toBe(events[leader]?.step);
  expect(await painted(stage)).not.toBe(before);
  // What came of it is still there.
  await expect.poll(() => element.locator('.cones').textContent()).toMatch(/After it: \d\d+ events on 5 lanes/);
  await stage.locator('.diagram-canvas').click({ position: { x: geometry.width - 12, y: geometry.y(0) } });
  await expect.poll(() => element.locator('.chosen-event').count()).toBe(0);
  expect((await position(element)).timeMs).toBeGreaterThan(events[leader]?.timeMs ?? 0);
  expect(problems).toEqual([]);
});

test('keys move along lanes and messages, and what is reached is spoken', async () => {
  const { page, element, stage, problems } = await open('#servers=3&seed=11', 900);
  const text = () => element.locator('.chosen-event b').textContent();
  await stage.focus();
  await page.keyboard.press('ArrowLeft');
  await expect.poll(text).toBeTruthy();
  await page.keyboard.press('Home');
  const events = await eventsOf(element);
  const lane = (await text())?.match(/S\d/)?.[0] as string;
  await expect.poll(text).toContain(lane);
  for (let i = 0; i < 200 && !(await text())?.includes(' sends '); i++) await page.keyboard.press('ArrowRight');
  const sent = (await text()) as string;
  expect(sent).toContain(' sends ');
  await page.keyboard.press('ArrowDown');
  await expect.poll(text).toContain(sent.replace(/^S\d sends /, 'receives '));
  const live = element.locator('.space-time [aria-live]');
  await expect.poll(() => live.textContent()).toContain(`caused by: ${sent}.`);
  await page.keyboard.press('ArrowUp');
  await expect.poll(text).toBe(sent);
  await page.keyboard.press(sent.startsWith('S1') ? 'PageDown' : 'PageUp');
  await expect.poll(text).not.toBe(sent);
  const chosen = await text();
  const { step } = await position(element);
  await page.keyboard.press('Enter');
  const wanted = events.filter((event) => event.text === chosen).map((event) => event.step);
  await expect.poll(async () => wanted.includes((await position(element)).step)).toBe(true);
  expect((await position(element)).step).toBeLessThan(step);
  await page.keyboard.press('Escape');
  await expect.poll(() => element.locator('.chosen-event').count()).toBe(0);
  expect(problems).toEqual([]);
});

test('the neighbours of the chosen event are buttons, and its causes are one of them', async () => {
  const { page, element, stage } = await open('#servers=3&seed=11', 600);
  await stage.focus();
  await page.keyboard.press('ArrowLeft');
  await page.keyboard.press('End');
  const first = await element.locator('.chosen-event b').textContent();
  const before = element.locator('[data-way="before"]');
  const name = await before.textContent();
  await before.click();
  await expect.poll(() => element.locator('.chosen-event b').textContent()).toBe(name);
  expect(name).not.toBe(first);
  await element.locator('[data-do="why"]').click();
  await expect.poll(() => element.locator('.chain').isVisible()).toBe(true);
});

test('zoom, pan and range by wheel, hand and keys; the plain wheel scrolls the page', async () => {
  const { page, stage } = await open('#servers=5&seed=11', 1_500);
  const canvas = stage.locator('.diagram-canvas');
  await stage.evaluate((node) => node.scrollIntoView({ block: 'center' }));
  const box = (await canvas.boundingBox()) as { x: number; y: number; width: number; height: number };
  const changes = async (work: () => Promise<unknown>) => {
    const before = await painted(stage);
    await work();
    await page.waitForTimeout(120);
    return (await painted(stage)) !== before;
  };
  await page.mouse.move(box.x + box.width / 2, box.y + 60);
  await page.waitForTimeout(120);
  await page.keyboard.down('Control');
  expect(await changes(() => page.mouse.wheel(0, -240))).toBe(true);
  await page.keyboard.up('Control');
  const drag = async (by: number) => {
    await page.mouse.move(box.x + box.width / 2, box.y + 60);
    await page.mouse.down();
    await page.mouse.move(box.x + box.width / 2 + by, box.y + 62, { steps: 4 });
    await page.mouse.up();
  };
  expect(await changes(() => drag(90))).toBe(true);
  await page.keyboard.down('Shift');
  expect(await changes(() => drag(-120))).toBe(true);
  await page.keyboard.up('Shift');
  await stage.focus();
  for (const key of ['+', '-', 'Shift+ArrowLeft', '0'])
    expect(await changes(() => page.keyboard.press(key)), key).toBe(true);
  const strip = (await stage.locator('.diagram-overview').boundingBox()) as { x: number; y: number; width: number };
  const brush = async () => {
    await page.mouse.move(strip.x + strip.width * 0.1, strip.y + 12);
    await page.mouse.down();
    await page.mouse.move(strip.x + strip.width * 0.3, strip.y + 12, { steps: 4 });
    await page.mouse.up();
  };
  expect(await changes(brush)).toBe(true);
  await page.evaluate(() => scrollTo(0, 0));
  const at = (await canvas.boundingBox()) as { x: number; y: number };
  await page.mouse.move(at.x + 200, Math.min(at.y + 60, 700));
  await page.mouse.wheel(0, 200);
  await expect.poll(() => page.evaluate(() => scrollY)).toBeGreaterThan(0);
});

test('a finger that taps goes to the moment, one that slides pans', async () => {
  const { element, stage, problems } = await open('#servers=3&seed=11', 900, { hasTouch: true });
  const canvas = stage.locator('.diagram-canvas');
  await stage.evaluate((node) => node.scrollIntoView({ block: 'center' }));
  const { timeMs } = await position(element);
  await canvas.tap({ position: { x: 200, y: 34 } });
  await expect.poll(async () => (await position(element)).timeMs).toBeLessThan(timeMs);
  const before = await painted(stage);
  await canvas.evaluate((node) => {
    const { left, top } = node.getBoundingClientRect();
    const touch = (type: string, x: number, pointerId: number) =>
      node.dispatchEvent(
        new PointerEvent(type, {
          pointerId,
          pointerType: 'touch',
          clientX: left + x,
          clientY: top + 60,
          bubbles: true,
        }),
      );
    node.setPointerCapture = () => undefined;
    touch('pointerdown', 300, 1);
    touch('pointermove', 340, 1);
    touch('pointerdown', 150, 2);
    touch('pointermove', 100, 2);
    touch('pointerup', 100, 2);
    touch('pointerup', 340, 1);
  });
  await expect.poll(() => painted(stage)).not.toBe(before);
  expect(await element.locator('input[name="follow"]').isChecked()).toBe(false);
  expect(problems).toEqual([]);
});

test('quiet stretches are folded until they are opened', async () => {
  const { page, element, stage } = await open('#servers=3&seed=11', 2_000);
  await element.locator('[data-do="fit"]').click();
  await page.waitForTimeout(100);
  const folded = await painted(stage);
  await stage.focus();
  await page.keyboard.press('o');
  await page.waitForTimeout(100);
  expect(await painted(stage)).not.toBe(folded);
  await page.keyboard.press('o');
  await element.locator('[data-do="fit"]').click();
  await page.waitForTimeout(100);
  expect(await painted(stage)).toBe(folded);
  await element.locator('input[name="fold"]').uncheck();
  await page.waitForTimeout(100);
  expect(await painted(stage)).not.toBe(folded);
});

test('it follows the playhead while playing, until it is moved by hand', async () => {
  const { page, element, stage } = await open('#servers=5&seed=11', 700);
  const follow = element.locator('input[name="follow"]');
  expect(await follow.isChecked()).toBe(true);
  const before = await painted(stage);
  await element.evaluate((node: Playground) => node.play());
  await expect.poll(() => painted(stage)).not.toBe(before);
  await stage.focus();
  await page.keyboard.press('Shift+ArrowLeft');
  await expect.poll(() => follow.isChecked()).toBe(false);
  await element.evaluate((node: Playground) => node.pause());
});

test('the figure is saved as SVG and PNG, and says when it is not Raft', async () => {
  const { page, element, problems } = await open('#servers=3&seed=11', 700);
  const save = async (format: string) => {
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      element.locator(`[data-do="${format}"]`).click(),
    ]);
    expect(download.suggestedFilename()).toMatch(new RegExp(`space-time\\.${format}$`));
    return readFile(await download.path());
  };
  const svg = (await save('svg')).toString();
  expect(svg).toMatch(/^<svg xmlns=/);
  expect(svg).not.toContain('Modified');
  expect(svg).not.toMatch(/var\(|style=/);
  expect((await save('png')).subarray(1, 4).toString()).toBe('PNG');
  await element.evaluate((node: Playground) => {
    node.cluster?.setRule('preVote', false);
    node.refresh();
  });
  expect((await save('svg')).toString()).toContain('Modified Raft: 1 rule off');
  // The page's own policy forbids it to parse text as a document.
  const blank = await page.context().newPage();
  const shown = await blank.evaluate((text) => {
    const parsed = new DOMParser().parseFromString(text, 'image/svg+xml');
    return { broken: parsed.querySelector('parsererror') !== null, words: parsed.documentElement.textContent ?? '' };
  }, svg);
  expect(shown.broken).toBe(false);
  expect(shown.words).toContain('S3');
  expect(problems).toEqual([]);
});

test('ten thousand events and twenty-five lanes are all there', async () => {
  const { page, element, stage, problems } = await open('#servers=25&seed=3', 3_500);
  const { events } = await element.evaluate((node: Playground) => ({
    events: node.cluster?.frame().header.events ?? 0,
  }));
  expect(events).toBeGreaterThan(10_000);
  await stage.focus();
  await expect
    .poll(
      async () => {
        await page.keyboard.press('End');
        const cones =
          (await element
            .locator('.cones')
            .textContent({ timeout: 1_000 })
            .catch(() => '')) ?? '';
        return Number(cones.match(/Before it: (\d+)/)?.[1] ?? 0);
      },
      { timeout: 30_000, interval: 300 },
    )
    .toBeGreaterThan(5_000);
  await element.locator('[data-do="fit"]').click();
  expect(problems).toEqual([]);
});

test('acting in the past begins another picture, and the old one comes back with its branch', async () => {
  const { page, element, stage } = await open('#servers=3&seed=11', 900);
  await element.locator('[data-do="fit"]').click();
  await page.waitForTimeout(150);
  const whole = await painted(stage);
  await element.evaluate((node: Playground) => {
    node.seek(20);
    node.cluster?.crash(1);
    node.refresh();
  });
  await page.waitForTimeout(150);
  expect(await painted(stage)).not.toBe(whole);
  await element.evaluate((node: Playground) => {
    node.cluster?.switchBranch(0);
    node.refresh();
  });
  await element.locator('[data-do="fit"]').click();
  await page.waitForTimeout(300);
  expect(await painted(stage)).toBe(whole);
});

for (const colorScheme of ['light', 'dark'] as const) {
  test(`it has no accessibility fault that axe can find, ${colorScheme}, and fits into 360 px`, async () => {
    const { page, stage } = await open('', 900, { colorScheme, viewport: { width: 360, height: 800 } });
    await stage.focus();
    await page.keyboard.press('ArrowLeft');
    expect(await faults(page)).toEqual([]);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(360);
    const styled = await page.evaluate(
      () => document.querySelector('raft-playground')?.shadowRoot?.querySelectorAll('[style]').length,
    );
    expect(styled).toBe(0);
  });
}
