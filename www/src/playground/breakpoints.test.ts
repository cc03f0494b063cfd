// A playing run stops right after the step that hits a breakpoint, however fast it plays.

import { afterEach, beforeEach, expect, test } from 'vitest';
import { Cluster, type EventView, RaftError } from '../engine.js';
import type { BreakWhen } from '../views/breakpoints/when.js';
import { Breakpoints, MAX_BREAKPOINTS } from './breakpoints.js';

let cluster: Cluster;
let breakpoints: Breakpoints;
beforeEach(async () => {
  cluster = await Cluster.create({ servers: 5, seed: 11 });
  breakpoints = new Breakpoints();
});
afterEach(() => cluster.dispose());

/** Plays in large strides, as at full speed, until a breakpoint is hit. */
function play(untilMs = 20_000) {
  while (cluster.frame().header.timeMs < untilMs) {
    breakpoints.advance(cluster, cluster.frame().header.timeMs + 1_000, 256);
    const hit = breakpoints.take();
    if (hit) return hit;
  }
  return null;
}

const events = (): EventView[] => cluster.events({ limit: 1_000_000 });
const hits = () => breakpoints.list(cluster).map((breakpoint) => breakpoint.hits);
const codeOf = (call: () => unknown): string => {
  try {
    call();
  } catch (error) {
    return error instanceof RaftError ? error.code : `not a RaftError: ${error}`;
  }
  return 'nothing was thrown';
};

/** The first event that fits in a run of its own, without breakpoints. */
async function firstEvent(fits: (event: EventView) => boolean): Promise<EventView> {
  const free = await Cluster.create({ servers: 5, seed: 11 });
  free.advance(20_000);
  const found = free.events({ limit: 1_000_000 }).find(fits);
  free.dispose();
  if (!found) throw new Error('there is no such event');
  return found;
}

test('it stops at the exact step, and nothing beyond it has been run', async () => {
  const expected = await firstEvent(({ kind }) => kind === 'becomeLeader');
  const id = breakpoints.add({ kind: 'becomeLeader' });
  const hit = play();
  expect(hit).toMatchObject({ ids: [id], step: expected.step, event: { id: expected.id, kind: 'becomeLeader' } });
  expect(cluster.frame().header).toMatchObject({
    step: expected.step,
    headStep: expected.step,
    timeMs: expected.timeMs,
  });
  expect(breakpoints.list(cluster)).toMatchObject([{ hits: 1, here: true }]);
  // Acting where it stopped is not acting in the past.
  expect(cluster.crash(1).forked).toBe(false);
});

test.each<[string, BreakWhen, (event: EventView) => boolean]>([
  ['server', { kind: 'voteGranted', server: 3 }, ({ kind, server }) => kind === 'voteGranted' && server === 3],
  ['term of the event', { kind: 'sent', term: 1 }, ({ kind, term }) => kind === 'sent' && term === 1],
  ['a term and above', { term: { atLeast: 1 } }, ({ term }) => term !== null && term >= 1],
  ['index', { kind: 'commitAdvanced', index: 1 }, ({ kind, index }) => kind === 'commitAdvanced' && index === 1],
  ['an index and above', { index: { atLeast: 1 } }, ({ index }) => index !== null && index >= 1],
  [
    'message',
    { kind: 'delivered', message: 'AppendEntriesReply' },
    ({ kind, text }) => kind === 'delivered' && text.includes('AppendEntriesReply'),
  ],
])('by %s', async (_, when, fits) => {
  const expected = await firstEvent(fits);
  breakpoints.add(when);
  expect(play()?.step).toBe(expected.step);
});

test('an event that names no term counts with the term of its server', () => {
  breakpoints.add({ kind: 'commitAdvanced', term: 2 });
  expect(play(3_000)).toBeNull();
  cluster.crash(cluster.frame().servers.find(({ role }) => role === 3)?.id ?? 1);
  const hit = play();
  expect(hit?.event?.kind).toBe('commitAdvanced');
  expect(cluster.frame().servers[(hit?.event?.server ?? 0) - 1]?.term).toBe(2);
});

test('by the invariant that is broken, and by no other', async () => {
  const broken = await Cluster.create({ servers: 3, seed: 3, rules: { majority: false } });
  cluster.dispose();
  cluster = broken;
  const free = await Cluster.create({ servers: 3, seed: 3, rules: { majority: false } });
  free.advance(5_000);
  const first = free.violations()[0];
  expect(first).toBeDefined();
  breakpoints.add({ invariant: 'I29' });
  const id = breakpoints.add({ invariant: first?.invariant ?? '' });
  expect(play()).toMatchObject({ ids: [id], step: first?.step });
});

test('only while the cluster is in a state, as the engine judges it', () => {
  breakpoints.add({ kind: 'commitAdvanced', while: { type: 'committed', index: 1 } });
  const hit = play();
  expect(hit?.event?.kind).toBe('commitAdvanced');
  expect(cluster.runUntil({ type: 'committed', index: 1 }, { maxSteps: 0 }).held).toBe(true);
  const before = events().filter(({ kind, step }) => kind === 'commitAdvanced' && step < (hit?.step ?? 0));
  expect(before.length).toBeGreaterThan(0);
});

test('a state alone stops when it has become true, once', () => {
  breakpoints.add({ while: { type: 'leader' } });
  expect(play()?.event).not.toBeNull();
  expect(cluster.frame().servers.some(({ role }) => role === 3)).toBe(true);
  expect(play(cluster.frame().header.timeMs + 500)).toBeNull();
  cluster.crash(cluster.frame().servers.find(({ role }) => role === 3)?.id ?? 1);
  expect(play()).not.toBeNull();
  expect(hits()).toEqual([2]);
});

test('a state of a server that this cluster does not have is never reached', () => {
  breakpoints.add({ while: { type: 'role', server: 9, role: 'leader' } });
  expect(play(1_000)).toBeNull();
});

test('hits are counted, some may pass, and what is disabled is not looked at', () => {
  const first = breakpoints.add({ kind: 'voteGranted' });
  const third = breakpoints.add({ kind: 'voteGranted', skip: 2 });
  expect(play()?.ids).toEqual([first]);
  breakpoints.enable(first, false);
  expect(play()?.ids).toEqual([third]);
  expect(hits()).toEqual([1, 3]);
  breakpoints.clearHits();
  expect(hits()).toEqual([0, 0]);
  expect(breakpoints.list(cluster).some(({ here }) => here)).toBe(false);
});

test('several can be hit by one step', () => {
  const ids = [breakpoints.add({ kind: 'becomeLeader' }), breakpoints.add({ while: { type: 'leader' } })];
  expect(play()?.ids).toEqual(ids);
});

test('aimed at one, the others do not count until it is hit', () => {
  breakpoints.add({ kind: 'sent' });
  const id = breakpoints.add({ kind: 'becomeLeader' });
  breakpoints.enable(id, false);
  expect(breakpoints.aim(id)).toBe(true);
  expect(play()?.ids).toEqual([id]);
  expect(hits()).toEqual([0, 1]);
  expect(play()?.ids).not.toContain(id);
});

test('nothing to aim at', () => {
  expect(breakpoints.aim(null)).toBe(false);
  breakpoints.enable(breakpoints.add({ server: 1 }), false);
  expect(breakpoints.aim(null)).toBe(false);
});

test('a recorded stretch stops again, at the same step', () => {
  breakpoints.add({ kind: 'becomeLeader' });
  const step = play()?.step;
  cluster.seek(0);
  expect(play()?.step).toBe(step);
  expect(hits()).toEqual([2]);
});

test('they outlive the run; hits are those of this one', async () => {
  breakpoints.add({ kind: 'becomeLeader' });
  play();
  cluster.dispose();
  cluster = await Cluster.create({ servers: 3, seed: 2 });
  expect(breakpoints.latest(cluster)).toBeNull();
  expect(play()).not.toBeNull();
  expect(hits()).toEqual([1]);
});

// biome-ignore lint/suspicious/noExplicitAny: the whole point is to pass what the types forbid.
const wrong = (value: unknown): any => value;

test('what is wrong is refused and changes nothing', () => {
  breakpoints.add({ server: 1 });
  for (const when of [
    {},
    { skip: 3 },
    { kind: 'becomeKing' },
    { server: 0 },
    { server: 26 },
    { term: -1 },
    { term: '1' },
  ])
    expect(
      codeOf(() => breakpoints.add(wrong(when))),
      JSON.stringify(when),
    ).toBe('invalidArgument');
  for (const when of [
    { index: { atMost: 1 } },
    { message: 'Hello' },
    { invariant: 'I99' },
    { while: {} },
    { x: 1 },
    null,
  ])
    expect(
      codeOf(() => breakpoints.add(wrong(when))),
      JSON.stringify(when),
    ).toBe('invalidArgument');
  expect(codeOf(() => breakpoints.remove(7))).toBe('invalidArgument');
  expect(codeOf(() => breakpoints.enable(7, true))).toBe('invalidArgument');
  expect(breakpoints.list(cluster)).toHaveLength(1);
  for (let i = 1; i < MAX_BREAKPOINTS; i++) breakpoints.add({ server: 1 });
  expect(codeOf(() => breakpoints.add({ server: 1 }))).toBe('invalidArgument');
});

test('the panel asks for the same by data', () => {
  breakpoints.fulfil({ do: 'add', when: { server: 1 } });
  breakpoints.fulfil({ do: 'enable', id: 1, on: false });
  expect(breakpoints.list(cluster)).toMatchObject([{ id: 1, enabled: false }]);
  breakpoints.fulfil({ do: 'clearHits' });
  breakpoints.fulfil({ do: 'remove', id: 1 });
  expect(breakpoints.list(cluster)).toEqual([]);
});
