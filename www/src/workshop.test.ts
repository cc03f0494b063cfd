// The workshop without a worker: verdicts, numbers and errors. `www/e2e/workshop.spec.ts` sees it in a page.

import { readFileSync } from 'node:fs';
import { afterAll, expect, test } from 'vitest';
import { busyHistory } from '../../scripts/lib/histories.mjs';
import { Cluster, EXPORT_FORMATS } from './engine.js';
import type { Reply } from './workshop/protocol.js';
import { Server } from './workshop/server.js';
import { type ExplorerConfig, LEVELS, type Level, RaftError, STYLES, Workshop } from './workshop.js';

interface Pinned {
  histories: Record<string, string[]>;
  explorations: ({ config: ExplorerConfig; steps?: number; invariants?: string[] } & Record<string, unknown>)[];
}

const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');
const history = (name: string) => read(`raft-sim/tests/histories/${name}`);
const PINNED: Pinned = JSON.parse(read('raft-sim/tests/all/workshop/pinned.json'));

const workshop = new Workshop();
afterAll(() => workshop.dispose());

/** What a call throws or rejects with. */
const error = async (call: () => Promise<unknown>) =>
  call().then(
    () => 'no error',
    (error: unknown) => error,
  );

test('histories get the verdicts that they get natively', async () => {
  for (const [file, verdicts] of Object.entries(PINNED.histories)) {
    const { levels } = await workshop.check(history(file));
    expect({ file, verdicts: levels.map(({ verdict }) => verdict) }).toEqual({ file, verdicts });
    expect(levels.map(({ level }) => level)).toEqual(LEVELS);
  }
});

test('a verdict comes with an order that explains the history, or with the operations that cannot be placed', async () => {
  const decided: number[] = [];
  const report = await workshop.check(history('stale-read.jsonl'), { onProgress: (it) => decided.push(it.decided) });
  expect(decided).toEqual([1, 2, 3, 4, 5, 6]);
  expect(report).toMatchObject({ operations: 3, clients: [], expected: false });
  const [linearizable, sequential] = report.levels;
  expect(linearizable).toMatchObject({ verdict: 'violated', key: 'r', prefix: [0, 1] });
  expect(linearizable?.operations.toSorted()).toEqual([0, 1, 2]);
  expect(linearizable?.words).toContain('client 1 reads 1 from r');
  expect(sequential).toMatchObject({ verdict: 'holds', operations: [], witness: [{ operations: [0, 2, 1] }] });
});

test('one level alone, in the format of Jepsen; a search without steps decides nothing that needs one', async () => {
  const { levels } = await workshop.check(history('split-brain.edn'), 'linearizable');
  expect(levels.map(({ level, verdict, key }) => [level, verdict, key])).toEqual([['linearizable', 'violated', '2']]);
  const undecided = await workshop.check(busyHistory(20, 3), { level: 'linearizable', budget: 0 });
  expect(undecided.levels[0]).toMatchObject({ verdict: 'exhausted' });
});

test('what is no history is refused, with its line and the place in it', async () => {
  const header = '{"type":"history","model":"cas-register","initial":null}';
  const write = (fields: object) =>
    JSON.stringify({ id: 0, client: 0, op: 'write', key: 'r', value: 1, call: 0, return: 1, status: 'ok', ...fields });
  const lines = (...rows: string[]) => rows.join('\n');
  for (const [text, expected] of [
    ['', { code: 'invalidHistory' }],
    [lines(header, '{"id":0'), { code: 'invalidHistory', details: { line: 2 } }],
    [lines(header, write({}), write({})), { code: 'invalidHistory', details: { line: 3, path: 'line 3: id' } }],
    [lines(header, write({ call: 5, return: 4 })), { details: { line: 2, path: 'line 2: return' } }],
    [lines(header, write({ call: -1 })), { details: { line: 2 } }],
    [lines(header.replace('"type"', '"version":99,"type"'), write({})), { details: { line: 1 } }],
    [lines(header, write({ key: 'k'.repeat(2 << 20) })), { details: { line: 2 } }],
  ] as const) {
    const found = await error(() => workshop.check(text));
    expect(found, text.slice(0, 200)).toBeInstanceOf(RaftError);
    expect(found).toMatchObject(expected);
  }
});

test('arguments that make no sense are refused before anything begins', async () => {
  // biome-ignore lint/suspicious/noExplicitAny: the whole point is to pass what the types forbid.
  const any = (value: unknown): any => value;
  const calls: [path: string, () => Promise<unknown>][] = [
    ['history', () => workshop.check(any(7))],
    ['options.level', () => workshop.check('', any('perfect'))],
    ['options.budget', () => workshop.check('', { budget: Number.NaN })],
    ['options.signal', () => workshop.check('', { signal: any({ aborted: false }) })],
    ['format', () => workshop.export('', any('pdf'))],
    ['config.seeds', () => workshop.sweep({ seeds: [5, 1] })],
    ['config.style', () => workshop.sweep({ seeds: 1, style: any('gentle') })],
    ['config.bounds.timeouts', () => workshop.explore({ servers: 3, bounds: { timeouts: Number.NaN } })],
    ['trial.seed', () => workshop.shrink({ style: 'swarm', seed: -1 })],
    ['options.maxStates', () => workshop.explore({ servers: 3 }, { maxStates: 1e12 })],
  ];
  for (const [path, call] of calls) {
    expect(await error(call), path).toMatchObject({ name: 'RaftError', code: 'invalidArgument', details: { path } });
  }
  const rule = { seeds: 1, without: [any('commonSense')] };
  expect(await error(() => workshop.sweep(rule))).toMatchObject({ code: 'unknownRule' });
  const huge = { servers: 3, bounds: { timeouts: 4_000_000_000 } };
  expect(await error(() => workshop.explore(huge))).toMatchObject({ details: { path: 'bounds.timeouts' } });
  const tooMany = await error(() => workshop.sweep({ seeds: [0, 2 ** 53 - 1] }));
  expect(tooMany).toMatchObject({ code: 'outOfRange', details: { path: 'seeds' } });
});

test('a present run is judged up to the moment that it shows', async () => {
  using cluster = await Cluster.create({ servers: 3, seed: 1, rules: { sessionGuarantee: false } });
  cluster.runUntil({ type: 'committed', index: 1 });
  const leader = cluster.view().servers.find(({ role }) => role === 'leader')?.id ?? 0;
  const behind = (leader % 3) + 1;
  const client = cluster.client('w');
  client.put('x', '1');
  cluster.advance(200);
  cluster.cut(leader, behind);
  client.put('x', '2');
  cluster.advance(100);
  const before = cluster.frame().header.step;
  client.get('x', { consistency: 'session', server: behind });
  cluster.advance(50);
  const verdicts = async () => {
    const { levels } = await workshop.judge(cluster);
    return Object.fromEntries(levels.map(({ level, verdict }) => [level, verdict])) as Record<Level, string>;
  };
  expect(await verdicts()).toMatchObject({
    linearizable: 'violated',
    'read-your-writes': 'violated',
    'monotonic-reads': 'holds',
  });
  const report = await workshop.judge(cluster, 'read-your-writes');
  expect(report.clients).toEqual(['w']);
  expect(report.levels[0]?.operations).toEqual([0, 1, 2]);
  cluster.seek(before);
  expect(await verdicts()).toMatchObject({ linearizable: 'holds', 'read-your-writes': 'holds' });
});

test('a trace comes back as the same run, and the first thing that differs is named', async () => {
  using cluster = await Cluster.create({ servers: 3, seed: 7 });
  cluster.advance(600);
  const trace = await workshop.export(cluster, 'trace-json');
  const same = await workshop.replay(trace);
  expect(same).toMatchObject({ divergence: null, events: cluster.frame().header.events });
  using again = await Cluster.load(same.recording);
  expect(again.traceHash()).toBe(cluster.traceHash());

  const changed = JSON.parse(trace);
  const at = changed.events.findIndex(({ server }: { server?: number }, at: number) => at > 20 && server !== undefined);
  changed.events[at].server = (changed.events[at].server % 3) + 1;
  const differs = await workshop.replay(JSON.stringify(changed));
  expect(differs.divergence).toMatchObject({ event: at });
  expect(await error(() => workshop.replay(trace.slice(0, -200)))).toMatchObject({ name: 'RaftError' });
  const newer = await error(() => workshop.replay(JSON.stringify({ ...changed, version: 99 })));
  expect(newer).toMatchObject({ code: 'unsupportedVersion', details: { path: 'version' } });
});

test('searches find what they find natively, and their way is a scenario for a cluster', async () => {
  for (const { config, steps, invariants, ...expected } of PINNED.explorations) {
    const seen: number[] = [];
    const found = await workshop.explore(config, { onProgress: ({ states }) => seen.push(states) });
    expect(found).toMatchObject(expected);
    expect(seen).toEqual(seen.toSorted((a, b) => a - b));
    expect(seen.at(-1)).toBe(found.states);
    expect(found.counterexample?.steps).toBe(steps);
    expect(found.counterexample?.invariants.map(({ id }) => id)).toEqual(invariants);
    if (!found.counterexample) continue;
    using cluster = await Cluster.fromScenario(found.counterexample.scenario);
    expect(cluster.runScript()).toBe(true);
    expect(cluster.violations().map(({ invariant }) => invariant)).toContain(invariants?.[0]);
  }
  const bounded = await workshop.explore({ servers: 3 }, { maxStates: 10_000 });
  expect(bounded).toMatchObject({ verdict: 'statesReached', counterexample: null });
});

test('a sweep names every trial once, and what fails shrinks to a scenario that fails alike', async () => {
  const trials: string[] = [];
  const summary = await workshop.sweep(
    { seeds: [1, 4], style: ['swarm', 'reads'], without: ['majority'] },
    { onProgress: ({ results }) => trials.push(...results.map(({ style, seed }) => `${style} ${seed}`)) },
  );
  expect(trials).toEqual(['swarm 1', 'reads 1', 'swarm 2', 'reads 2', 'swarm 3', 'reads 3']);
  expect(summary.done).toBe(6);
  expect(summary.failures.length).toBe(summary.failed);
  const [failure] = summary.failures;
  if (!failure) throw new Error('half is not a majority');
  const { style, seed, property } = failure;
  const shrunk = await workshop.shrink({ style, seed, without: ['majority'] }, { maxRuns: 60 });
  expect(shrunk).toMatchObject({ property });
  expect(shrunk.actions).toBeLessThanOrEqual(shrunk.actionsBefore);
  using cluster = await Cluster.fromScenario(shrunk.scenario);
  expect(cluster.runScript()).toBe(true);
  expect(cluster.problems()).toEqual([]);
  const nothing = await error(() => workshop.shrink({ style, seed }));
  expect(nothing).toMatchObject({ code: 'refused' });
});

test('every style is known to both sides', async () => {
  expect((await workshop.sweep({ seeds: 0, style: 'all' })).done).toBe(0);
  expect(STYLES.length).toBe(10);
});

test('a signal breaks a task off at once, and the others go on', async () => {
  const controller = new AbortController();
  const reason = new Error('enough');
  const sweep = workshop.sweep(
    { seeds: 100_000 },
    { signal: controller.signal, onProgress: ({ done }) => done > 0 && controller.abort(reason) },
  );
  const [swept, checked] = await Promise.all([error(() => sweep), workshop.check(history('stale-read.jsonl'))]);
  expect(swept).toBe(reason);
  expect(checked.levels).toHaveLength(6);
  expect(await error(() => workshop.sweep({ seeds: 1 }, { signal: AbortSignal.abort(reason) }))).toBe(reason);
});

test('the server says nothing more of a task that was cancelled, and goes on with the next', async () => {
  const wasm = readFileSync(new URL('generated/raft_workshop_bg.wasm', import.meta.url));
  const module = await WebAssembly.compile(wasm);
  const said: string[] = [];
  await new Promise<void>((resolve) => {
    const pause = () => new Promise<void>((next) => setTimeout(next));
    const hear = (reply: Reply) => {
      said.push('id' in reply ? `${reply.type} ${reply.id}` : reply.type);
      if (reply.type === 'progress') {
        server.receive({ type: 'cancel', id: 1 });
        server.receive({ type: 'start', id: 2, task: 'runs', args: { scenario: read('scenarios/figure-8.json') } });
      }
      if (reply.type === 'done') resolve();
    };
    const server = new Server(hear, { pause, sliceMs: 1 });
    server.receive({ type: 'open', module });
    const args = { seeds: [0, 100_000] as [number, number], styles: ['swarm' as const], without: [] };
    server.receive({ type: 'start', id: 1, task: 'sweep', args });
  });
  expect(said).toEqual(['opened', 'progress 1', 'done 2']);
});

test('a listener that throws ends its task with that error', async () => {
  const bug = new Error('of the page');
  const onProgress = () => {
    throw bug;
  };
  expect(await error(() => workshop.sweep({ seeds: 100_000 }, { onProgress }))).toBe(bug);
});

test('after dispose() nothing is answered, and the shared workshop is made again', async () => {
  const shared = Workshop.shared();
  const pending = error(() => shared.sweep({ seeds: 100_000 }));
  shared.dispose();
  expect(await pending).toMatchObject({ code: 'disposed' });
  expect(await error(() => shared.check(''))).toMatchObject({ code: 'disposed' });
  expect(Workshop.shared()).not.toBe(shared);
  expect(Workshop.shared()).toBe(Workshop.shared());
});

test('all clusters export by way of the shared workshop', async () => {
  using cluster = await Cluster.create({ servers: 3, seed: 7 });
  cluster.advance(300);
  const texts = await Promise.all(EXPORT_FORMATS.map((format) => cluster.export(format)));
  for (const text of texts) expect(text.length).toBeGreaterThan(20);
});

test('a scenario that judges histories gets an engine with judges; the small one says what it lacks', async () => {
  const ladder = read('scenarios/consistency-ladder.json');
  using cluster = await Cluster.fromScenario(ladder);
  cluster.runScript();
  expect(cluster.problems()).toEqual([]);
  using again = await Cluster.load(cluster.save());
  expect(again.traceHash()).toBe(cluster.traceHash());
  const condition = { type: 'history', level: 'linearizable' } as const;
  using small = await Cluster.create({ servers: 3, seed: 1 });
  expect(await error(async () => small.runUntil(condition))).toMatchObject({ code: 'needsJudges' });
  using large = await Cluster.create({ servers: 3, seed: 1 }, { judges: true });
  expect(large.runUntil(condition)).toMatchObject({ held: true });
});

test('a scenario of another design is played, and no cluster is made of it', async () => {
  const [{ scenario, ...expected }] = JSON.parse(read('raft-sim/tests/all/contrast/pinned.json'));
  const { steps, traceHash, stateHash } = expected;
  expect(await workshop.playScenario(scenario)).toMatchObject({ isOver: true, steps, traceHash, stateHash });
  expect((await workshop.runs(scenario)).length).toBeGreaterThan(0);
  expect(await error(() => Cluster.fromScenario(scenario))).toMatchObject({ code: 'unsupportedByDesign' });
});
