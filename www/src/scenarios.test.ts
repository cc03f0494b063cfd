// Every built-in experiment in the compiled engine, and their files against the published schema.

import { readdirSync, readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, test } from 'vitest';
import { Cluster, type Scenario } from './engine.js';
import { Workshop } from './workshop.js';

const ROOT = new URL('../../', import.meta.url);
const read = (path: string) => readFileSync(new URL(path, ROOT), 'utf8');

const FILES = readdirSync(new URL('scenarios', ROOT)).filter(
  (name) => name.endsWith('.json') && name !== 'expected-hashes.json',
);
const EXPECTED: Record<string, { steps: number; events: number; traceHash: string; stateHash: string }> = JSON.parse(
  read('scenarios/expected-hashes.json'),
);

test('every run goes as it says in the compiled engine, and is the native run bit for bit', async () => {
  const names: string[] = [];
  using workshop = new Workshop();
  const runs = await Promise.all(FILES.map((file) => workshop.runs(read(`scenarios/${file}`))));
  for (const { name, scenario } of runs.flat()) {
    const { problems, ...found } = await played(workshop, scenario);
    expect({ name, problems }).toEqual({ name, problems: [] });
    expect({ name, ...found }).toEqual({ name, ...EXPECTED[name] });
    names.push(name);
  }
  expect(names.sort()).toEqual(Object.keys(EXPECTED).sort());
}, 60_000);

/** How a run ended: of Raft in a cluster, of another design in the workshop. */
async function played(workshop: Workshop, scenario: Scenario) {
  if (scenario.cluster.design) {
    const { problems, steps, events, traceHash, stateHash } = await workshop.playScenario(scenario);
    return { problems, steps, events, traceHash, stateHash };
  }
  const cluster = await Cluster.fromScenario(scenario);
  cluster.runScript();
  const { step: steps, events } = cluster.frame().header;
  const ended = {
    problems: cluster.problems(),
    steps,
    events,
    traceHash: cluster.traceHash(),
    stateHash: cluster.stateHash(),
  };
  cluster.dispose();
  return ended;
}

describe('the schema of scenarios', () => {
  const valid = new Ajv2020({ allErrors: true, strict: false, validateFormats: false }).compile(
    JSON.parse(read('schemas/scenario.schema.json')),
  );

  test('every built-in scenario follows it', () => {
    for (const file of FILES) {
      valid(JSON.parse(read(`scenarios/${file}`)));
      expect({ file, errors: valid.errors ?? [] }).toEqual({ file, errors: [] });
    }
  });

  test('it refuses an unknown field wherever an object may stand, as the reader does', async () => {
    const good = {
      version: 1,
      id: 'x',
      title: { en: 'X' },
      cluster: { servers: 3, seed: 1, options: { heartbeatMs: 50 }, network: {}, disk: {}, load: {} },
      script: [
        {
          when: { type: 'all', conditions: [{ type: 'not', condition: { type: 'leader' } }] },
          do: { type: 'changeMembership', voters: [1, 2] },
          caption: { en: 'now' },
        },
        { do: { type: 'drop', message: { kind: 'AppendEntries' } }, expect: { type: 'converged' } },
        { do: { type: 'crash', server: 1 } },
      ],
      variants: [{ id: 'v', title: { en: 'V' }, cluster: { servers: 5 } }],
    };
    expect({ valid: valid(good), errors: valid.errors }).toEqual({ valid: true, errors: null });
    (await Cluster.fromScenario(good as unknown as Scenario)).dispose();
    for (const place of [...objects(good)].filter((path) => !/^\/variants\/0\/cluster/.test(path))) {
      const bad = structuredClone(good);
      const target = place
        .split('/')
        .slice(1)
        .reduce<Record<string, unknown>>((at, key) => at[key] as never, bad as never);
      target.surprise = 1;
      expect({ place, valid: valid(bad) }).toEqual({ place, valid: false });
      await expect(Cluster.fromScenario(bad as unknown as Scenario), place).rejects.toThrow(/unknown field/);
    }
  });
});

/** The paths of all objects in a document, its own first. */
function* objects(value: unknown, path = ''): Generator<string> {
  if (typeof value !== 'object' || value === null) return;
  if (!Array.isArray(value)) yield path;
  for (const [key, part] of Object.entries(value)) yield* objects(part, `${path}/${key}`);
}
