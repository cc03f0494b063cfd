// Exports from JavaScript: every format there is, and nothing else.

import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { expect, test } from 'vitest';
import { Cluster, EXPORT_FORMATS, RaftError } from '../engine.js';

test('every format says what happened up to the present moment', async () => {
  using cluster = await Cluster.create({ servers: 3, seed: 7, rules: { preVote: false } });
  cluster.timeout(1);
  cluster.runUntil({ type: 'leader' });
  const texts = EXPORT_FORMATS.map(async (format) => [format, await cluster.export(format)] as const);
  const text = Object.fromEntries(await Promise.all(texts));
  const trace = JSON.parse(text['trace-json'] ?? '');
  expect(trace.format).toBe('raft-playground-trace');
  expect(trace.end).toMatchObject({ stateHash: cluster.stateHash(), traceHash: cluster.traceHash() });
  expect(trace.events).toHaveLength(cluster.events().length);
  expect(JSON.parse(text['chrome-trace'] ?? '').traceEvents.length).toBeGreaterThan(20);
  expect(text.mermaid).toMatch(/^sequenceDiagram\n {2}participant S1\n/);
  expect(text.shiviz).toMatch(/^reader \{"reader":1\}\n0\.000 ms /);
  expect(text['history-jsonl']).toMatch(/^\{"type":"history"/);
  expect(text.edn).toMatch(/^; \{"type":"history"/);
  expect(text.tla).toContain('"name":"BecomeLeader"');
});

test('what a format cannot say, and a format that does not exist, are refused in words', async () => {
  using cluster = await Cluster.create({
    servers: 3,
    seed: 7,
    network: { latencyMs: [1, 2], duplicatePermille: 1000 },
  });
  cluster.advance(1_000);
  const codeOf = (call: Promise<unknown>) =>
    call.catch((error: unknown) => (error instanceof RaftError ? `${error.code}: ${error.message}` : error));
  expect(await codeOf(cluster.export('tla'))).toMatch(/^refused: event \d+ cannot be told to TLC/);
  // biome-ignore lint/suspicious/noExplicitAny: the whole point is to pass what the types forbid.
  expect(await codeOf(cluster.export('pdf' as any))).toMatch(/trace-json/);
});

test('traces follow their schema, and changed ones do not', async () => {
  const schema = (name: string) => JSON.parse(readFileSync(`schemas/${name}.schema.json`, 'utf8'));
  const isTrace = new Ajv2020({ strict: false, schemas: [schema('scenario')] }).compile(schema('trace'));
  for (const id of ['split-brain', 'figure-8', 'leader-append-only', 'fsync-ceiling']) {
    using cluster = await Cluster.fromScenario(readFileSync(`scenarios/${id}.json`, 'utf8'));
    cluster.advance(3_000);
    const trace = JSON.parse(await cluster.export('trace-json'));
    expect(isTrace(trace), `${id}: ${JSON.stringify(isTrace.errors?.slice(0, 2))}`).toBe(true);
    expect(isTrace({ ...trace, version: 2 })).toBe(false);
    trace.events[3].name = 'unheardOf';
    expect(isTrace(trace)).toBe(false);
  }
});
