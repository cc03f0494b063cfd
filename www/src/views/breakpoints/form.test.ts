// The form says what a breakpoint stops at, and offers all that the engine knows.

import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { en } from '../../i18n/en.js';
import { zh } from '../../i18n/zh.js';
import { INVARIANTS } from '../invariants.js';
import { whenOf } from './form.js';
import { EVENT_GROUPS } from './when.js';

const ROOT = new URL('../../../../', import.meta.url);
const read = (fields: Record<string, string>) => whenOf((name) => fields[name] ?? '');

test('empty fields say nothing', () => {
  expect(read({})).toEqual({});
  expect(read({ termIs: 'atLeast', skip: '0', stateServer: '2' })).toEqual({});
});

test('all that is filled in must be true together', () => {
  expect(
    read({
      kind: 'sent',
      server: '2',
      term: '3',
      termIs: 'atLeast',
      index: '0',
      indexIs: 'equal',
      message: 'AppendEntries',
      invariant: 'I4',
      state: 'leads',
      stateServer: '5',
      skip: '7',
    }),
  ).toEqual({
    kind: 'sent',
    server: 2,
    term: { atLeast: 3 },
    index: 0,
    message: 'AppendEntries',
    invariant: 'I4',
    while: { type: 'role', server: 5, role: 'leader' },
    skip: 7,
  });
});

test.each([
  ['noLeader', { type: 'not', condition: { type: 'leader' } }],
  ['twoLeaders', { type: 'roles', role: 'leader', atLeast: 2 }],
  ['down', { type: 'status', server: 3, status: 'crashed' }],
  ['behind', { type: 'behind', server: 3 }],
  ['committed', { type: 'committed', index: 9 }],
])('the state %s', (state, condition) => {
  expect(read({ state, stateServer: '3', stateIndex: '9' }).while).toEqual(condition);
  for (const t of [en, zh]) expect(t.breakpoints.when({ while: condition as never })).not.toContain('{');
});

test('every kind of event is offered once, and has its words', () => {
  const source = readFileSync(new URL('raft-sim/src/event/nature.rs', ROOT), 'utf8');
  const kinds = [...source.matchAll(/(?:EventKind|NodeEvent)::\w+.* => "(\w+)",/g)].map(([, kind = '']) => kind);
  expect(kinds.length).toBeGreaterThan(50);
  const offered: string[] = Object.values(EVENT_GROUPS).flat();
  expect(offered.toSorted()).toEqual(kinds.toSorted());
  for (const kind of kinds) {
    expect(en.breakpoints.kind(kind)).toMatch(/ /);
    expect(zh.breakpoints.kind(kind)).toMatch(/\p{Script=Han}/u);
  }
});

test('every invariant is offered under its name', () => {
  const source = readFileSync(new URL('raft-sim/src/checker/invariants.rs', ROOT), 'utf8');
  expect(INVARIANTS).toEqual([...source.matchAll(/= "(I\d+)", "([^"]+)"/g)].map(([, id, name]) => [id, name]));
});
