// The built site in headless Chromium: what a frame costs with much to show, how soon a button answers, what the first load weighs.

import { readFileSync } from 'node:fs';
import { loadavg } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { chromium } from 'playwright-core';
import { ensureChromium, findChromium } from './lib/chromium.mjs';
import { dist } from './lib/paths.mjs';
import { buildSite, serveSite } from './lib/site.mjs';
import { main } from './lib/step.mjs';

const LOADS = 7;
const PLAYED_MS = 6_000;
const FRAME_MS = 1000 / 60;
const CLICKS = 5;

/** Nine servers, ten thousand entries in each log, and so long a way between them that some three hundred messages are on it. */
const CROWD = {
  servers: 9,
  seed: 1,
  options: { electionTimeoutMs: [20_000, 40_000], heartbeatMs: 20 },
  network: { latencyMs: [370, 390] },
};
const ENTRIES = 10_000;

/** What is clicked while the crowd plays. */
const BUTTONS = [
  ['play, pause', '[data-do="play"]'],
  ['step back', '[data-do="back"]'],
  ['step', '[data-do="step"]'],
  ['tab *Rules*', '[data-panel="rules"]'],
  ['tab *Inspect*', '[data-panel="inspect"]'],
  ['crash, restart', '.panel.inspect [data-act="crash"], .panel.inspect [data-act="restart"]'],
  ['why is nothing happening?', '.ask-why'],
];

/** What a trace calls the work of the main thread, and the part of it that is script. */
const TASK = new Set(['RunTask', 'ThreadControllerImpl::RunTask']);
const SCRIPT = new Set(['FireAnimationFrame', 'TimerFire', 'FunctionCall', 'EventDispatch', 'RunMicrotasks']);

const quantile = (values, q) =>
  values.toSorted((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * q))];
const ms = (value) => value.toFixed(1);

main(async () => {
  await buildSite();
  await ensureChromium();
  const site = await serveSite({ port: 0 });
  const browser = await chromium.launch({ executablePath: findChromium(), args: ['--no-sandbox', '--disable-gpu'] });
  console.log(`\nChromium ${browser.version()}, headless; load of the machine ${loadavg()[0].toFixed(1)}\n`);
  try {
    await firstLoad(browser, site.url);
    const page = await crowded(browser, site.url);
    await frames(browser, page);
    await answers(page);
  } finally {
    await browser.close();
    await site.close();
  }
});

/** A page that notes when it could be used, shifts of its layout, and how long after an input the next picture came. */
async function watched(browser) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 } });
  const page = await context.newPage();
  await page.addInitScript(() => {
    if (location.protocol === 'http:') localStorage.setItem('raft-playground-tour', 'over');
    const noted = { readyMs: 0, shift: 0, shifted: [], answers: [] };
    Object.assign(globalThis, { noted });
    addEventListener('ready', () => {
      noted.readyMs ||= performance.now();
    });
    const observe = (type, onEntry, options = {}) =>
      new PerformanceObserver((list) => list.getEntries().forEach(onEntry)).observe({
        type,
        buffered: true,
        ...options,
      });
    observe('layout-shift', ({ value, sources }) => {
      noted.shift += value;
      for (const { node } of sources) {
        const { localName, className } = node ?? {};
        noted.shifted.push(`${localName ?? 'text'}.${className?.baseVal ?? className ?? ''}`);
      }
    });
    observe('event', ({ name, duration }) => name === 'click' && noted.answers.push(duration), {
      durationThreshold: 16,
    });
  });
  return page;
}

async function firstLoad(browser, url) {
  const readyMs = [];
  let files = [];
  let shift = 0;
  const shifted = new Set();
  for (let i = 0; i < LOADS; i++) {
    const page = await watched(browser);
    await page.goto(`${url}#servers=5`);
    await page.waitForFunction(() => globalThis.noted.readyMs > 0);
    await page.waitForLoadState('networkidle');
    await page.waitForTimeout(500);
    const noted = await page.evaluate(() => globalThis.noted);
    readyMs.push(noted.readyMs);
    shift = Math.max(shift, noted.shift);
    for (const name of noted.shifted) shifted.add(name);
    files = await page.evaluate(() =>
      performance.getEntriesByType('resource').map(({ name }) => new URL(name).pathname),
    );
    await page.context().close();
  }
  const sizes = ['/index.html', ...new Set(files)].map((path) => {
    const bytes = readFileSync(join(dist, path));
    return { path: path.slice(1), kB: bytes.length / 1000, packed: gzipSync(bytes, { level: 9 }).length / 1000 };
  });
  const sum = (key) => sizes.reduce((total, one) => total + one[key], 0);
  console.log('| first load | kB | kB gz |\n|---|---|---|');
  for (const { path, kB, packed } of sizes.toSorted((a, b) => b.packed - a.packed))
    console.log(`| ${path} | ${ms(kB)} | ${ms(packed)} |`);
  console.log(`| together | ${ms(sum('kB'))} | ${ms(sum('packed'))} |`);
  console.log(`\nInteractive after ${Math.round(quantile(readyMs, 0.5))} ms (median of ${LOADS}, the worst`);
  console.log(`${Math.round(Math.max(...readyMs))} ms); cumulative layout shift ${shift.toFixed(4)}.`);
  if (shifted.size > 0) console.log(`Shifted: ${[...shifted].join(', ')}`);
  console.log();
}

async function crowded(browser, url) {
  const page = await watched(browser);
  await page.goto(`${url}#servers=3`);
  await page.waitForFunction(() => document.querySelector('raft-playground').cluster);
  const crowd = await page.evaluate(
    async ({ cluster, entries }) => {
      const element = document.querySelector('raft-playground');
      element.pause();
      const words = { en: 'crowd', zh: 'crowd' };
      const opened = new Promise((resolve) => element.addEventListener('ready', resolve, { once: true }));
      element.load({ version: 1, id: 'crowd', title: words, question: words, cluster, script: [] });
      await opened;
      const run = element.cluster;
      run.act({ type: 'timeout', server: 1 });
      run.runUntil({ type: 'leader' });
      for (let i = 0; i < entries; i++) run.act({ type: 'propose', server: 1, command: `x=${i}` });
      while (run.frame().servers.some(({ commitIndex }) => commitIndex < entries)) run.advance(500);
      run.advance(3_000);
      element.refresh();
      const { servers, messages, events } = run.frame().header;
      return { servers, messages, events };
    },
    { cluster: CROWD, entries: ENTRIES },
  );
  const { servers, messages, events } = crowd;
  console.log(
    `${servers} servers, ${messages} messages in flight, ${ENTRIES} entries in each log, ${events} events so far\n`,
  );
  return page;
}

/** Plays, and adds up from a trace of the browser what its main thread did for each frame. */
async function frames(browser, page) {
  await page.evaluate(() => document.querySelector('raft-playground').play());
  await page.waitForTimeout(1_500);
  await browser.startTracing(page, { categories: ['toplevel', 'devtools.timeline'] });
  await page.waitForTimeout(PLAYED_MS);
  const { traceEvents } = JSON.parse((await browser.stopTracing()).toString());
  await page.evaluate(() => document.querySelector('raft-playground').pause());

  const fired = traceEvents.filter(({ name }) => name === 'FireAnimationFrame');
  const thread = fired[0];
  const own = traceEvents
    .filter(({ ph, pid, tid }) => ph === 'X' && pid === thread.pid && tid === thread.tid)
    .sort((a, b) => a.ts - b.ts);
  const starts = fired.filter(({ pid, tid }) => pid === thread.pid && tid === thread.tid).map(({ ts }) => ts);
  /** `dur` is the time that passed, `tdur` the time that the thread had a processor: other programs disturb it less. */
  const perFrame = (names, time) => {
    const costs = starts.slice(1).map(() => 0);
    let end = 0;
    for (const event of own) {
      // What runs within another one is counted with that.
      if (!names.has(event.name) || event.ts < end) continue;
      end = event.ts + (event.dur ?? 0);
      const frame = starts.findLastIndex((start) => start < end);
      if (frame >= 0 && frame < costs.length) costs[frame] += (event[time] ?? 0) / 1000;
    }
    return costs;
  };
  const gaps = starts.slice(1).map((ts, i) => (ts - starts[i]) / 1000);
  const late = gaps.filter((gap) => gap > 1.5 * FRAME_MS).length;
  console.log('| per frame, ms | median | p95 | worst |\n|---|---|---|---|');
  for (const [title, values] of [
    ['script', perFrame(SCRIPT, 'dur')],
    ['script, CPU', perFrame(SCRIPT, 'tdur')],
    ['main thread', perFrame(TASK, 'dur')],
    ['main thread, CPU', perFrame(TASK, 'tdur')],
    ['from frame to frame', gaps],
  ])
    console.log(
      `| ${title} | ${ms(quantile(values, 0.5))} | ${ms(quantile(values, 0.95))} | ${ms(Math.max(...values))} |`,
    );
  console.log(
    `\n${starts.length} frames in ${PLAYED_MS / 1000} s; ${late} of them came more than half a frame late.\n`,
  );
}

async function answers(page) {
  console.log('| from click to next paint, ms | median | worst |\n|---|---|---|');
  for (const [title, target] of BUTTONS) {
    const durations = [];
    for (let i = 0; i < CLICKS; i++) {
      await page.evaluate(() => globalThis.noted.answers.splice(0));
      await page.locator('raft-playground').locator(target).first().click();
      await page.waitForTimeout(250);
      // Answers within a frame are not even reported.
      durations.push(await page.evaluate(() => Math.max(16, ...globalThis.noted.answers)));
    }
    console.log(`| ${title} | ${quantile(durations, 0.5)} | ${Math.max(...durations)} |`);
  }
}
