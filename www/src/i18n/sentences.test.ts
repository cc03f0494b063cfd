// Sentences are made from data, in both languages: none is missing, none says other numbers, and the English ones are those of
// the native program.

import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { Cluster, type EventView, type Fact, type ServerView } from '../engine.js';
import { SENTENCES as EN_ACTIONS } from './en-actions.js';
import { SENTENCES as EN_EVENTS, REFUSED as EN_REFUSED, englishEvent } from './en-events.js';
import { FACTS as EN_FACTS, englishFact } from './en-facts.js';
import { SENTENCES as ZH_ACTIONS } from './zh-actions.js';
import { chineseBlock, chineseEvent, chineseMessage, SENTENCES as ZH_EVENTS } from './zh-events.js';
import { chineseFact, FACTS as ZH_FACTS } from './zh-facts.js';
import { REFUSED as ZH_REFUSED } from './zh-refusals.js';

const ROOT = new URL('../../../', import.meta.url);
/** Designs that are not Raft have an engine of their own. */
const OTHER_DESIGNS = new Set(['write-all', 'async-primary', 'read-write-quorums'].map((name) => `${name}.json`));
const FILES = readdirSync(new URL('scenarios/', ROOT)).filter(
  (name) => name !== 'expected-hashes.json' && !OTHER_DESIGNS.has(name),
);
const CHINESE = /\p{Script=Han}/u;
/** What a value that is not there becomes in a sentence. */
const HOLE = /undefined|null|NaN|\[object/;

/** Every number of a text, sorted: those of servers, terms, indexes, ticks and bytes alike. */
const numbers = (text: string) => (text.match(/\d+/g) ?? []).sort();
const source = (path: string) => readFileSync(new URL(`raft-sim/src/${path}`, ROOT), 'utf8');

/** What is wrong with the Chinese of an English sentence. */
function wrong(english: string, chinese: string): string[] {
  const isSame = numbers(chinese).join() === numbers(english).join();
  const isWhole = CHINESE.test(chinese) && english !== '' && !HOLE.test(`${english} ${chinese}`);
  return isSame && isWhole ? [] : [`${english} → ${chinese}`];
}

function blocks(server: ServerView): [english: string, chinese: string][] {
  const { id, commitBlock, readBlock, transferBlock, commitBlocked, readBlocked, transferBlocked } = server;
  const all: [string, string][] = [];
  if (commitBlock) all.push([commitBlocked ?? '', chineseBlock.commit(id, commitBlock)]);
  if (readBlock) all.push([readBlocked ?? '', chineseBlock.read(id, readBlock)]);
  if (transferBlock) all.push([transferBlocked ?? '', chineseBlock.transfer(id, transferBlock)]);
  return all;
}

test('every event, message, hindrance and violation of every scenario is said in both languages with the same numbers', async () => {
  const seen = new Map<string, EventView>();
  const problems: string[] = [];
  for (const file of FILES) {
    const cluster = await Cluster.fromScenario(readFileSync(new URL(`scenarios/${file}`, ROOT), 'utf8'));
    for (const look of [0.3, 0.6, 1]) {
      cluster.runScript({ maxSteps: Math.round(look * 2_000) });
      for (const { summary, data } of cluster.messages()) problems.push(...wrong(summary, chineseMessage(data)));
      for (const { id } of cluster.frame().servers) {
        for (const [english, chinese] of blocks(cluster.inspect(id))) problems.push(...wrong(english, chinese));
      }
    }
    for (const { facts, contradiction } of cluster.violations()) {
      facts.forEach((fact, i) => {
        problems.push(...wrong(fact, chineseFact(contradiction[i] as Fact)));
      });
    }
    for (const event of cluster.events({ limit: 20_000 })) seen.set(`${event.kind} ${event.text}`, event);
    cluster.dispose();
  }
  expect(new Set([...seen.values()].map(({ kind }) => kind)).size).toBeGreaterThan(40);
  for (const event of seen.values()) {
    // The names of invariants have numbers of their own in no language; what an author notes is in his words.
    if (event.kind === 'acted' && event.data.type === 'note') continue;
    problems.push(...wrong(event.text, chineseEvent(event)));
  }
  expect([...new Set(problems)]).toEqual([]);
}, 120_000);

test.each(FILES)('%s is told by the page as by the native program', async (file) => {
  using cluster = await Cluster.fromScenario(readFileSync(new URL(`scenarios/${file}`, ROOT), 'utf8'));
  cluster.runScript({ maxSteps: 2_000 });
  // The native program makes its own sentences of the same events; this format has every one of them.
  const lines = (await cluster.export('shiviz')).trimEnd().split('\n');
  const native = lines.filter((_, i) => i % 2 === 1).map((line) => line.replace(/^[\d.]+ ms /, ''));
  const { events } = cluster.frame().header;
  expect(cluster.events({ limit: events }).map(({ text }) => label(text))).toEqual(native);
});

/** A text as that format has it. */
function label(text: string): string {
  const letters = [...text.replaceAll(/[\p{Cc}\u2028\u2029]/gu, ' ')];
  return letters.length > 120 ? `${letters.slice(0, 120).join('')}…` : letters.join('');
}

describe('tables', () => {
  const keys = (...tables: object[]) => tables.map((table) => Object.keys(table).sort());

  test('have every kind of event that the engine names', () => {
    const name = /pub const fn name\(&self\)[\s\S]*?\n {4}\}\n/.exec(source('event/nature.rs'))?.[0] ?? '';
    const kinds = [...name.matchAll(/=> "(\w+)"/g)].map(([, kind]) => kind).sort();
    expect(kinds.length).toBeGreaterThan(50);
    for (const table of keys(EN_EVENTS, ZH_EVENTS)) expect(table).toEqual(kinds);
  });

  test('have every reason for which something is refused', () => {
    const kinds = [...source('event/refusal.rs').matchAll(/^ {4}\("(\w+)", &\[/gm)].map(([, kind]) => kind).sort();
    expect(kinds.length).toBeGreaterThan(20);
    for (const table of keys(EN_REFUSED, ZH_REFUSED)) expect(table).toEqual(kinds);
  });

  test('have every action', () => {
    const actions = /pub enum Action \{[\s\S]*?\n\}\n/.exec(source('action.rs'))?.[0] ?? '';
    const kinds = [...actions.matchAll(/^ {4}([A-Z]\w+)/gm)].map(([, kind = '']) => camel(kind)).sort();
    expect(kinds.length).toBeGreaterThan(30);
    for (const table of keys(EN_ACTIONS, ZH_ACTIONS)) expect(table).toEqual(kinds);
  });

  test('have every fact of the checker, in the words of the native program', () => {
    const found = [...source('checker/facts.rs').matchAll(/^ {4}\w+ \{([^}]*)\} = "(\w+)",\n {8}"([^"]*)";$/gm)];
    expect(found.length).toBeGreaterThan(90);
    expect(found.map(([, , kind]) => kind).sort()).toEqual(Object.keys(EN_FACTS).sort());
    expect(Object.keys(ZH_FACTS).sort()).toEqual(Object.keys(EN_FACTS).sort());
    const problems = found.flatMap(([, fields = '', type, template = '']) => {
      const values = fields.split(',').flatMap((field, i) => {
        const [name = '', kind = ''] = field.split(':').map((part) => part.trim());
        return name === '' ? [] : [[name, SAMPLES[kind] ?? [i + 3, String(i + 3)]] as const];
      });
      const fact = { type, ...Object.fromEntries(values.map(([name, [value]]) => [name, value])) } as Fact;
      const native = values.reduce(
        (text, [name, [, said]]) => text.replace(RegExp(`\\{${name}(:\\?)?\\}`), said),
        template,
      );
      return englishFact(fact) === native ? wrong(native, chineseFact(fact)) : [`${englishFact(fact)} ≠ ${native}`];
    });
    expect(problems).toEqual([]);
  });
});

const camel = (name: string) => `${name[0]?.toLowerCase()}${name.slice(1)}`;

/** Values of the types of facts that are no mere numbers, and how they are said. */
const SAMPLES: Record<string, [value: unknown, said: string]> = {
  Servers: [[4, 15], 'S4, S15'],
  Vote: [7, 'S7'],
  Post: ['preCandidate', 'pre-candidate'],
  Kind: ['AppendEntries', 'AppendEntries'],
  State: ['replicate', 'replicate'],
  Time: [12.5, '12.500 ms'],
  'Box<str>': ['a', 'a'],
};

test('what is said of a moment before an operation or a violation is no guess', () => {
  const asked = { operation: 0, client: null } as const;
  expect(englishEvent({ kind: 'called', data: asked, server: null })).toBe('');
  expect(chineseEvent({ kind: 'violated', data: { invariant: null }, server: null })).toMatch(CHINESE);
});
