// Chinese is complete: the interface, the page around it, and every built-in scenario.

import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { PARTS, titles } from '../../app/experiments.js';
import { zh as site } from '../../app/zh.js';
import { en } from './en.js';
import { loadStrings } from './index.js';
import { zh } from './zh.js';

const ROOT = new URL('../../../', import.meta.url);
const CHINESE = /\p{Script=Han}/u;

/** Names of the protocol, and what is the same in every language: letters, shapes, numbers. */
const SAME = new Set([
  'roleLetter.follower',
  'roleLetter.preCandidate',
  'roleLetter.candidate',
  'roleLetter.leader',
  'roleLetter.crashed',
  'roleLetter.paused',
  'termShort',
  'proposal',
  'legend.requestVote',
  'legend.preVote',
  'legend.appendEntries',
  'legend.installSnapshot',
  'legend.timeoutNow',
  'legend.readIndex',
]);
/** Keys of the keyboard. */
const KEYS = /^keys\.\d+\.0$/;
/** Functions that look their words up elsewhere in the module; the tests below call them. */
const LOOKUPS = new Set([
  ...['words', 'ruleName', 'ruleProtects', 'invariantName'],
  ...['happened', 'messageLine', 'hindrances', 'fact', 'finding', 'lab.refused', 'logs.cell'],
]);

/** Every text or function of a module, by its path. */
function* leaves(value: unknown, path = ''): Generator<[path: string, leaf: unknown]> {
  if (typeof value !== 'object' || value === null) return yield [path, value];
  for (const [key, part] of Object.entries(value)) yield* leaves(part, path === '' ? key : `${path}.${key}`);
}

describe('the interface', () => {
  test('has every text in Chinese that it has in English, and no other', () => {
    expect([...leaves(zh)].map(([path]) => path)).toEqual([...leaves(en)].map(([path]) => path));
  });

  test('says nothing in English but the names of the protocol', () => {
    const english = [...leaves(zh)]
      .filter(
        ([path, leaf]) => !SAME.has(path) && !KEYS.test(path) && !LOOKUPS.has(path) && !CHINESE.test(String(leaf)),
      )
      .map(([path]) => path);
    expect(english).toEqual([]);
  });

  test('keeps the names of the protocol as they are', () => {
    const [english, chinese] = [new Map(leaves(en)), new Map(leaves(zh))];
    for (const path of SAME) expect(String(chinese.get(path)), path).toBe(String(english.get(path)));
  });

  test('names every invariant of the checker', () => {
    const source = readFileSync(new URL('raft-sim/src/checker/invariants.rs', ROOT), 'utf8');
    const invariants = [...source.matchAll(/= "(I\d+)", "([^"]+)"/g)];
    expect(invariants.length).toBeGreaterThan(30);
    for (const [, id = '', name = ''] of invariants) expect(zh.invariantName(id, name), id).toMatch(CHINESE);
    expect(zh.invariantName('I999', 'Something New')).toBe('Something New');
  });

  test('is found by any tag of the language, and English stands in for the others', async () => {
    for (const tag of ['zh', 'zh-CN', 'zh-Hans', 'ZH-hans-cn']) expect(await loadStrings(tag), tag).toBe(zh);
    for (const tag of ['en', 'en-GB', 'de', '', 'constructor']) expect(await loadStrings(tag), tag).toBe(en);
  });
});

describe('the scenarios', () => {
  const files = readdirSync(new URL('scenarios', ROOT)).filter(
    (name) => name.endsWith('.json') && name !== 'expected-hashes.json',
  );

  /** Every text of a document, by its path. */
  function* texts(value: unknown, path: string): Generator<[path: string, text: { en: string; zh?: string }]> {
    if (typeof value !== 'object' || value === null) return;
    if ('en' in value) yield [path, value as { en: string }];
    else for (const [key, part] of Object.entries(value)) yield* texts(part, `${path}/${key}`);
  }

  test.each(files)('%s has a Chinese version of each title, question and caption', (file) => {
    const document = JSON.parse(readFileSync(new URL(`scenarios/${file}`, ROOT), 'utf8'));
    const found = [...texts(document, file)];
    expect(found.length).toBeGreaterThan(0);
    expect(
      found.filter(([, { zh: text = '' }]) => !CHINESE.test(text)).map(([path, { en: text }]) => `${path}: ${text}`),
    ).toEqual([]);
  });

  test('and their list has one of each title, too', () => {
    for (const title of [...PARTS.map((part) => part.title), ...titles.values()]) {
      expect(title.zh, title.en).toMatch(CHINESE);
    }
  });
});

describe('the page', () => {
  const page = readFileSync(new URL('www/index.html', ROOT), 'utf8');
  const named = [...page.matchAll(/data-t(?:-label)?="([^"]*)"/g)].map(([, name = '']) => name);

  test('has a Chinese version of each of its texts, and no other', () => {
    expect([...new Set(named)].sort()).toEqual(Object.keys(site).sort());
    for (const [name, text] of Object.entries(site)) expect(text, name).toMatch(CHINESE);
  });

  test('names every text that it shows', () => {
    const body = page.replace(
      /<svg[\s\S]*?<\/svg>|<script[\s\S]*?<\/script>|<raft-playground[\s\S]*?<\/raft-playground>/g,
      '',
    );
    const plain = [...body.matchAll(/<([a-z0-9]+)\b([^>]*)>([^<]*[A-Za-z][^<]*)/g)]
      .filter(
        ([, tag = '', attributes = '']) => !/data-t=|lang="(en|zh-Hans)"/.test(attributes) && !PARTS_OF_A_TEXT.has(tag),
      )
      .map(([whole]) => whole.trim());
    expect(plain).toEqual([]);
  });

  test('keeps in Chinese the places of the elements within each text', () => {
    for (const [name, text] of Object.entries(site)) {
      const [, english = ''] = new RegExp(`<(?:li|p)[^>]*data-t="${name}">(.*)</(?:li|p)>`).exec(page) ?? [];
      expect(text.match(/\{/g)?.length ?? 0, name).toBe(english.match(/<(b|em|a|kbd)\b/g)?.length ?? 0);
    }
  });
});

/** Elements that stand within a text. */
const PARTS_OF_A_TEXT = new Set(['b', 'em', 'a', 'kbd']);
