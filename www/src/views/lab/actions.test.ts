// What a line of a script does: the engine gives every action back as it was written, and it is said in both languages.

import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { Cluster } from '../../engine.js';
import { en } from '../../i18n/en.js';
import { zh } from '../../i18n/zh.js';
import type { Action } from '../../model.js';
import { stepsOf } from './actions.js';

const SCENARIOS = new URL('../../../../scenarios/', import.meta.url);
const OTHER_DESIGNS = new Set(['write-all.json', 'async-primary.json', 'read-write-quorums.json']);

/** Actions that few scenarios have, in all their forms. */
const RARE: Action[] = [
  { type: 'holdLink', a: 1, b: 2, oneWay: true },
  { type: 'releaseLink', a: 1, b: 2 },
  { type: 'flap', a: 1, b: 2, upMs: 30, downMs: 12.5 },
  { type: 'crash', server: 1, loseUnsynced: false },
  { type: 'restart', server: 1 },
  { type: 'tear', server: 1, entries: 2 },
  { type: 'restart', server: 1 },
  { type: 'clientCas', client: 'a', key: 'x', value: '1', server: 2 },
  { type: 'clientCas', client: 'a', key: 'x', expected: '1', value: '2' },
  { type: 'clientAppend', client: 'a', key: 'x', value: '3' },
  { type: 'clientDelete', client: 'a', key: 'x' },
  { type: 'clientSync', client: 'a', server: 3 },
  { type: 'clientRead', client: 'a', key: 'x', mode: 'session' },
  { type: 'setLatency', minMs: 1, maxMs: 20 },
  { type: 'setLoss', a: 1, b: 2, permille: 100 },
  { type: 'setDuplication', a: 1, b: 2, permille: 100, oneWay: true },
  { type: 'setDiskLatency', server: 1, ms: 4.25 },
  { type: 'setDiskLatency', server: 1, ms: 4, maxMs: 9 },
  { type: 'setApplyLatency', server: 1, ms: 3 },
  { type: 'setClockRate', server: 1, permille: 900 },
  { type: 'jumpClock', server: 1, ms: -20 },
  { type: 'jumpClock', server: 1, ms: 20 },
  { type: 'setRule', rule: 'commitCurrentTermOnly', on: false },
];

const told = (action: Action) => en.happened({ kind: 'acted', data: action, server: null });

/** What the engine has said of actions, in their order. */
const said = (cluster: Cluster) =>
  cluster
    .events({ limit: 100_000 })
    .filter(({ kind }) => kind === 'acted')
    .map(({ text }) => text);

test('every action of every scenario is told as the engine tells it', async () => {
  const kinds = new Set<string>();
  for (const file of readdirSync(SCENARIOS)) {
    if (file === 'expected-hashes.json' || OTHER_DESIGNS.has(file)) continue;
    const cluster = await Cluster.fromScenario(readFileSync(new URL(file, SCENARIOS), 'utf8'));
    cluster.runScript({ maxSteps: 20_000 });
    const ours = stepsOf(cluster.scenario()).map(({ action }) => action);
    const theirs = said(cluster);
    for (const { type } of ours) kinds.add(type);
    expect(ours.slice(0, theirs.length).map(told), file).toEqual(theirs);
    cluster.dispose();
  }
  expect(kinds.size).toBeGreaterThan(20);
});

test('so are the rarer ones, and in Chinese', async () => {
  const cluster = await Cluster.create({ servers: 3, seed: 1 });
  for (const action of RARE) cluster.act(action);
  const ours = RARE.map(told);
  expect(ours).toEqual(said(cluster));
  for (const action of RARE)
    expect(zh.happened({ kind: 'acted', data: action, server: null })).toMatch(/\p{Script=Han}/u);
});
