// The workshop in the built site: a worker under the strict policy, while the page goes on.

import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { JSHandle, Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { busyHistory } from '../../scripts/lib/histories.mjs';
import { raftSim, root } from '../../scripts/lib/paths.mjs';
import { ready } from './element.js';
import { useSite } from './harness.js';

type Modules = typeof import('../src/workshop.js') & Pick<typeof import('../src/engine.js'), 'Cluster'>;

const site = useSite();
/** What an embedder imports. As text, because the test runner would rewrite an `import()` in a function. */
function modules(page: Page): Promise<JSHandle<Modules>> {
  const both = ['workshop.js', 'engine.js'].map((name) => `import('${site.url}${name}')`).join(',');
  return page.evaluateHandle<Modules>(`Promise.all([${both}]).then(([a, b]) => ({ ...a, Cluster: b.Cluster }))`);
}

/** What the program prints, whatever its exit code says of the result. */
const native = async (...args: string[]) => {
  const run = promisify(execFile)(raftSim, args, { cwd: root });
  return (await run.catch((error: { stdout: string }) => error)).stdout;
};

test('the first load of the playground and of an article fetches nothing of the workshop', async () => {
  for (const [path, element] of [
    ['', '#playground'],
    ['blog-post.html', '#split-brain'],
  ] as const) {
    const context = await site.browser.newContext();
    const page = await context.newPage();
    const asked: string[] = [];
    page.on('request', (request) => asked.push(request.url()));
    await page.goto(new URL(path, site.url).href);
    await ready(page, element);
    await page.waitForLoadState('networkidle');
    expect(asked.some((url) => url.endsWith('raft_wasm_bg.wasm'))).toBe(true);
    expect(asked.filter((url) => /workshop|worker/.test(url))).toEqual([]);
    expect(page.workers()).toEqual([]);
  }
});

test('a history of ten thousand operations is judged in a worker, and the page draws meanwhile', async () => {
  const { page, problems } = await site.visit('blog-post.html');
  const library = await modules(page);
  const history = busyHistory(10_000, 50);
  const judged = await library.evaluate(async ({ Workshop }, history) => {
    const workshop = new Workshop();
    let [frames, isOver] = [0, false];
    const draw = () => {
      frames += 1;
      if (!isOver) requestAnimationFrame(draw);
    };
    requestAnimationFrame(draw);
    const report = await workshop.check(history);
    // A second one, so that there is time for a frame however fast the first was.
    while (frames < 3) await workshop.check(history, 'linearizable');
    isOver = true;
    return { operations: report.operations, verdicts: report.levels.map(({ verdict }) => verdict), frames };
  }, history);
  expect(judged).toMatchObject({ operations: 10_000, verdicts: Array(6).fill('holds') });
  expect(judged.frames).toBeGreaterThanOrEqual(3);
  expect(page.workers()).toHaveLength(1);
  expect(problems).toEqual([]);
});

test('a sweep tells how far it is while frames are drawn, is the native sweep, and stops when it is told to', async () => {
  const { page, problems } = await site.visit('blog-post.html');
  const library = await modules(page);
  const swept = await library.evaluate(async ({ Workshop }) => {
    const workshop = new Workshop();
    let frames = 0;
    const draw = () => {
      frames += 1;
      requestAnimationFrame(draw);
    };
    requestAnimationFrame(draw);
    const results: { seed: number; trace: string; outcome: string }[] = [];
    const summary = await workshop.sweep({ seeds: 6 }, { onProgress: (it) => results.push(...it.results) });
    const controller = new AbortController();
    let drawn = 0;
    // Of so many seeds a sweep would not come to an end; it is broken off after some frames.
    const endless = workshop.sweep(
      { seeds: 10_000_000 },
      {
        signal: controller.signal,
        onProgress: () => {
          drawn ||= frames;
          if (frames >= drawn + 5) controller.abort();
        },
      },
    );
    const reason = await endless.then(
      () => 'no reason',
      (error: unknown) => (error as Error).name,
    );
    const after = await workshop.sweep({ seeds: 1 });
    return { results, done: summary.done, reason, after: after.done };
  });
  expect(swept).toMatchObject({ done: 6, reason: 'AbortError', after: 1 });
  const lines = (await native('sweep', '--seeds', '0..6')).trim().split('\n');
  expect(swept.results).toEqual(lines.map((line) => JSON.parse(line)));
  expect(problems).toEqual([]);
});

test('a search finds its counterexample, which opens in a cluster; a broken trial shrinks', async () => {
  const { page, problems } = await site.visit('blog-post.html');
  const library = await modules(page);
  const found = await library.evaluate(async ({ Workshop, Cluster }) => {
    const workshop = new Workshop();
    const config = { servers: 3, rules: { persistVote: false }, bounds: { timeouts: 2, proposals: 0, crashes: 1 } };
    const search = await workshop.explore(JSON.stringify({ ...config, invariants: ['I1'] }));
    const cluster = await Cluster.fromScenario(search.counterexample?.scenario ?? '');
    cluster.runScript();
    const exported = await cluster.export('mermaid');
    const shrunk = await workshop.shrink({ style: 'swarm', seed: 1, without: ['majority'] }, { maxRuns: 30 });
    return {
      verdict: search.verdict,
      steps: search.counterexample?.steps,
      violations: cluster.violations().map(({ invariant }) => invariant),
      exported: exported.split('\n')[0],
      shrunk: shrunk.actions <= shrunk.actionsBefore,
    };
  });
  expect(found).toMatchObject({ verdict: 'violated', steps: 8, exported: 'sequenceDiagram', shrunk: true });
  expect(found.violations).toContain('I1');
  expect(problems).toEqual([]);
});

test('where a page may have no worker, the same is done in slices', async () => {
  const { page } = await site.visit('blog-post.html');
  const library = await modules(page);
  const done = await library.evaluate(async ({ Workshop }) => {
    const workshop = new Workshop({ worker: false });
    const between: number[] = [];
    const summary = await workshop.sweep({ seeds: 4 }, { onProgress: ({ done }) => between.push(done) });
    // A policy that forbids workers reports it later than by throwing.
    const Real = Worker;
    globalThis.Worker = class extends Real {
      constructor() {
        super('no-such-worker.js', { type: 'module' });
      }
    };
    const fallen = await new Workshop().sweep({ seeds: 1 });
    globalThis.Worker = Real;
    return { done: summary.done, between: between.at(-1), fallen: fallen.done };
  });
  expect(done).toEqual({ done: 4, between: 4, fallen: 1 });
  expect(page.workers()).toEqual([]);
});
