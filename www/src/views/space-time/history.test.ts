// Goal: the lanes and arrows say exactly what the engine says, in real runs with everything that can happen to servers and links.

import { expect, test } from 'vitest';
import { type EventView, KIND_NAMES } from '../../model.js';
import { busyRun, historyOf, scenario } from './testing.js';
import { clientOf, envelopeOf, linkChangeOf } from './told.js';

test('every event about a message tells its kind, its ends and its term', async () => {
  const cluster = await busyRun();
  for (const event of cluster.events({ limit: 100_000 })) {
    if (event.message === null) continue;
    const envelope = envelopeOf(event);
    expect(KIND_NAMES).toContain(envelope?.kind);
    expect(envelope?.term).toBe(event.term);
    const place = event.kind === 'sent' || event.kind === 'duplicated' ? envelope?.from : envelope?.to;
    expect(place).toBe(event.server);
  }
});

test('arrows end where messages arrive, and those that have not ended are in flight', async () => {
  const cluster = await busyRun();
  const { arrows, events } = historyOf(cluster);
  const ends = { delivered: 'arrived', lost: 'lost' } as Record<string, string>;
  const messages = arrows.filter(({ message }) => message !== null);
  for (const { from, to, fate, message } of messages.filter((arrow) => arrow.to >= 0)) {
    expect(events[from]?.kind).toBe('sent');
    expect(ends[events[to]?.kind ?? '']).toBe(fate);
    expect(events[to]?.message).toBe(message);
  }
  const open = messages.filter(({ fate }) => fate === 'flight').map(({ message }) => message);
  expect(open.toSorted()).toEqual(
    cluster
      .messages()
      .map(({ id }) => id)
      .toSorted(),
  );
  for (const { id, sentMs } of cluster.messages()) {
    const arrow = messages.find(({ message }) => message === id);
    const event = events[arrow?.from ?? -1];
    // A second copy sets out later, but from the same sending.
    expect(event?.timeMs).toBeLessThanOrEqual(sentMs);
  }
  expect(new Set(messages.map(({ fate }) => fate)).size).toBeGreaterThan(1);
});

test('at every moment each lane has the role, the term and the state of its server', async () => {
  const cluster = await busyRun();
  const { headStep } = cluster.frame().header;
  let compared = 0;
  for (let step = 0; step <= headStep; step += 7) {
    cluster.seek(step);
    const history = historyOf(cluster);
    for (const { id, role, term, status } of cluster.frame().servers) {
      const now = history.stretches.get(id)?.at(-1);
      expect({ id, step, status: now?.status }).toEqual({ id, step, status });
      if (status === 1) continue;
      expect({ id, step, role: now?.role, term: now?.term }).toEqual({ id, step, role, term });
      compared++;
    }
  }
  expect(compared).toBeGreaterThan(200);
});

test('cut links are named, and no others', async () => {
  const cluster = await busyRun();
  const labels = historyOf(cluster).cuts.map(({ label }) => label);
  expect(labels).toHaveLength(5);
  expect(labels[0]).toMatch(/^S\d ✕ S\d$/);
  expect(labels[1]).toMatch(/^S\d ✕ S\d, S\d ✕→ S\d$|^S\d ✕→ S\d, S\d ✕ S\d$/);
  expect(labels[2]).toMatch(/^S\d ✕→ S\d$/);
  expect(labels[3]).toContain('+');
  expect(labels[4]).toBe('');
  const figure8 = historyOf(await scenario('figure-8'));
  expect(figure8.cuts[0]?.label).toBe('S1 S2 | S3 S4 S5');
});

test('clients have lanes of their own, also with odd names, and their requests are arrows', async () => {
  const history = historyOf(await busyRun());
  const clients = history.lanes.filter(({ kind }) => kind === 'client').map(({ name }) => name);
  expect(clients).toEqual(['a', 'b c']);
  const requests = history.arrows.filter(({ kind }) => kind === null);
  expect(requests.length).toBeGreaterThanOrEqual(4);
  for (const { fromLane, toLane } of requests) expect(Math.max(fromLane, toLane)).toBeGreaterThan(history.servers);
});

test('a heartbeat and its answer are quiet, and nothing that changes a server is', async () => {
  const { steps, events } = historyOf(await busyRun());
  const quiet = new Set<string>();
  for (const [i, step] of steps.entries()) {
    if (!step.quiet) continue;
    for (const event of events.slice(step.first, steps[i + 1]?.first)) {
      quiet.add(event.kind);
      const envelope = envelopeOf(event);
      if (envelope)
        expect(envelope.heartbeat || (envelope.kind === 'AppendEntriesReply' && envelope.success)).toBe(true);
    }
  }
  expect([...quiet].sort()).toEqual(expect.arrayContaining(['delivered', 'sent']));
  for (const kind of ['becomeLeader', 'commitAdvanced', 'voteGranted', 'entriesAppended', 'crashed', 'acted']) {
    expect(quiet).not.toContain(kind);
  }
});

test('a note that looks like what the engine says is nobody’s and changes nothing', () => {
  const note = {
    id: 0,
    step: 1,
    timeMs: 0,
    server: null,
    cause: null,
    message: null,
    term: null,
    index: null,
    section: null,
  };
  const acted = { ...note, kind: 'acted', level: 'important' } as const;
  const saying = (text: string): EventView => ({ ...acted, data: { type: 'note', text }, text });
  expect(linkChangeOf(saying('cut the link between S1 and S2'))).toBeNull();
  expect(linkChangeOf(saying('mend all links'))).toBeNull();
  expect(clientOf(saying('client a writes x = 1'))).toBeNull();
  expect(envelopeOf(saying('S1 sends PreVote S1→S2 term 1'))).toBeNull();
});
