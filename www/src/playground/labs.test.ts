// Chaos and explorer without a page: forms, refusals in words, results, cancelling.

import { afterEach, expect, test } from 'vitest';
import { Cluster, RaftError } from '../engine.js';
import { zh } from '../i18n/zh.js';
import type { RuleName } from '../model.js';
import { ChaosLab, configOf as sweepOf } from './chaos-lab.js';
import { ExplorerLab, configOf as searchOf } from './explorer-lab.js';
import { Pace } from './pace.js';
import { refusalOf } from './refusal.js';

const RULES: RuleName[] = ['majority', 'persistVote', 'preVote', 'randomisedTimeout'];

const labs: (ChaosLab | ExplorerLab)[] = [];
afterEach(() => {
  for (const lab of labs.splice(0)) lab.dispose();
});

/** A laboratory whose news are kept, and a way to wait until it does nothing. */
function chaos() {
  const lab = new ChaosLab();
  labs.push(lab);
  const news: string[] = [];
  lab.hooks = { onChange: () => {}, onNews: ({ kind }) => kind !== 'progress' && news.push(kind) };
  const state = () => lab.state(RULES, ['majority']);
  const idle = () => expect.poll(() => state().busy || state().shrinking !== null, { timeout: 30_000 }).toBe(false);
  return { lab, news, state, idle, do: (wish: Parameters<ChaosLab['fulfil']>[0]) => lab.fulfil(wish, ['majority']) };
}

function explorer() {
  const lab = new ExplorerLab();
  labs.push(lab);
  const news: string[] = [];
  lab.hooks = { onChange: () => {}, onNews: ({ kind }) => kind !== 'progress' && news.push(kind) };
  const state = () => lab.state(RULES, ['majority']);
  const idle = () => expect.poll(() => state().busy, { timeout: 30_000 }).toBe(false);
  const set = (form: Partial<ReturnType<typeof state>['form']>) => lab.fulfil({ do: 'form', form }, []);
  return { lab, news, state, idle, set, start: () => lab.fulfil({ do: 'start' }, ['majority']) };
}

test('a sweep runs without the rules that are off in the run, and its failures can be shrunk to scenarios', async () => {
  const it = chaos();
  expect(it.state().form.without).toEqual(['majority']);
  it.do({ do: 'form', form: { count: '4' } });
  it.do({ do: 'start' });
  await it.idle();
  const { sweep } = it.state();
  expect(sweep).toMatchObject({ status: 'ended', done: 4, total: 4, without: ['majority'] });
  expect(sweep?.failures.length).toBe(sweep?.failed);
  expect(Object.values(sweep?.faults ?? {}).reduce((a, b) => a + b, 0)).toBeGreaterThan(0);
  const [first] = sweep?.failures ?? [];
  if (!first) throw new Error('without majorities something must break');
  it.do({ do: 'shrink', trial: first });
  await it.idle();
  const { chosen, shrunk } = it.state();
  expect(chosen).toBe(first);
  const [small] = [...shrunk.values()];
  expect(small?.actions).toBeLessThanOrEqual(small?.actionsBefore ?? 0);
  const cluster = await Cluster.fromScenario(small?.scenario ?? '');
  cluster.runScript();
  expect(cluster.violations().map(({ invariant }) => invariant)).toContain(first.property);
  expect(it.news).toEqual(['started', 'failure', 'ended', 'shrunk']);
});

test('what is wrong in the form is said at its field, nothing starts, and earlier results stay', async () => {
  const it = chaos();
  it.do({ do: 'form', form: { count: '1', without: ['majority'] } });
  it.do({ do: 'start' });
  await it.idle();
  const before = it.state().sweep;
  for (const [form, field, own] of [
    [{ first: 'x' }, 'first', 'wholeNumber'],
    [{ first: '0', count: '' }, 'count', 'wholeNumber'],
    [{ count: '0' }, 'count', 'oneAtLeast'],
  ] as const) {
    it.do({ do: 'form', form });
    it.do({ do: 'start' });
    await it.idle();
    expect(it.state()).toMatchObject({ refusal: { field, message: { own } }, problem: null });
    expect(it.state().sweep).toBe(before);
  }
  it.do({ do: 'form', form: { count: '1000000000' } });
  it.do({ do: 'start' });
  await it.idle();
  expect(it.state().refusal).toEqual({
    field: 'count',
    message: 'one sweep has at most 100000000 trials; divide it into more shards',
  });
  expect(it.state().sweep).toBe(before);
  expect(it.news.filter((kind) => kind === 'started')).toHaveLength(1);
});

test('a sweep that is cancelled keeps what it has found', async () => {
  const it = chaos();
  it.do({ do: 'form', form: { count: '1000000' } });
  it.do({ do: 'start' });
  await expect.poll(() => it.state().sweep?.failed ?? 0, { timeout: 30_000 }).toBeGreaterThan(0);
  it.do({ do: 'cancel' });
  await it.idle();
  expect(it.state()).toMatchObject({ sweep: { status: 'cancelled', total: 1_000_000 }, problem: null, refusal: null });
  expect(it.state().sweep?.failures.length).toBeGreaterThan(0);
});

test('a search without majorities finds two leaders, and one with them ends', async () => {
  const it = explorer();
  expect(it.state().form.without).toEqual(['majority', 'preVote', 'checkQuorum', 'voteStickiness']);
  expect(it.state().rules).not.toContain('randomisedTimeout');
  const bounds = { ...it.state().form.bounds, proposals: '0', terms: '1' };
  it.set({ servers: '4', promise: 'I1', bounds });
  it.start();
  await it.idle();
  expect(it.state().search).toMatchObject({
    status: 'ended',
    result: { verdict: 'violated', counterexample: { steps: 6 } },
  });
  it.set({ without: ['preVote', 'checkQuorum', 'voteStickiness'] });
  it.start();
  await it.idle();
  expect(it.state().search?.result).toMatchObject({ verdict: 'exhausted', states: 1_659, counterexample: null });
  expect(it.news).toEqual(['started', 'ended', 'started', 'ended']);
});

test('each number that a search refuses is named at its field, and the reason has words in Chinese', async () => {
  const it = explorer();
  const { bounds } = it.state().form;
  for (const [form, field] of [
    [{ servers: '9' }, 'servers'],
    [{ servers: '3', bounds: { ...bounds, timeouts: '99' } }, 'timeouts'],
    [{ bounds: { ...bounds, terms: '300' } }, 'terms'],
    [{ bounds: { ...bounds, states: '60000000' } }, 'states'],
    [{ bounds: { ...bounds, states: '0' } }, 'states'],
  ] as const) {
    it.set(form);
    it.start();
    await it.idle();
    const { refusal } = it.state();
    expect(refusal?.field, JSON.stringify(form)).toBe(field);
    expect(String(refusal?.message)).not.toMatch(/bounds|config|options|servers:/);
    expect(zh.lab.refused(String(refusal?.message)), String(refusal?.message)).not.toBeNull();
  }
  it.set({ bounds: { ...bounds, depth: 'far' } });
  it.start();
  expect(it.state().refusal).toEqual({ field: 'depth', message: { own: 'wholeNumber' } });
  it.set({ bounds: { ...bounds, states: '' } });
  it.start();
  expect(it.state().refusal?.field).toBe('states');
  expect(it.state().search).toBeNull();
});

test('what is asked of the workshop is what the forms say', () => {
  const form = { style: 'all', first: '10', count: '5' } as const;
  expect(sweepOf(form, ['majority'])).toEqual({ seeds: [10, 15], style: 'all', without: ['majority'] });
  const { form: search } = new ExplorerLab().state(RULES, []);
  const bounds = { ...search.bounds, changes: '1', depth: '12' };
  expect(searchOf({ ...search, spares: '1', begin: 'led', bounds, without: ['majority', 'preVote'] })).toMatchObject({
    servers: 3,
    spares: 1,
    rules: { majority: false, checkQuorum: true, voteStickiness: true },
    bounds: { changes: 1, depth: 12, states: 1_000_000 },
    changes: [{ addVoter: 4 }, { remove: 1 }, { remove: 2 }, { remove: 3 }],
    start: [{ type: 'timeout', server: 1 }, { settle: true }],
  });
});

test('a bug or a failed download is no mistake of the reader', () => {
  const at = () => 'count';
  expect(refusalOf(new RaftError('panic', 'seeds: no', { path: 'seeds' }), at)).toBeNull();
  expect(refusalOf(new TypeError('no'), at)).toBeNull();
  expect(refusalOf(new RaftError('outOfRange', 'seeds: too many', { path: 'seeds' }), at)).toEqual({
    field: 'count',
    message: 'too many',
  });
});

test('a pace is told once it can be told', () => {
  const pace = new Pace();
  expect(pace.read(10, 1_000)).toBeNull();
  expect(pace.read(12, 1_010)).toBeNull();
  expect(pace.read(30, 2_000)).toBe(20);
});
