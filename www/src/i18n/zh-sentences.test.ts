// The engine's sentences in Chinese: none is missed, and none says other numbers.

import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { Cluster, type EventView } from '../engine.js';
import { actionInChinese } from './zh-actions.js';
import { blockedInChinese, eventInChinese, messageInChinese } from './zh-sentences.js';

const ROOT = new URL('../../../scenarios/', import.meta.url);
/** Designs that are not Raft have an engine of their own. */
const OTHER_DESIGNS = new Set(['write-all', 'async-primary', 'read-write-quorums'].map((name) => `${name}.json`));
const FILES = readdirSync(ROOT).filter((name) => name !== 'expected-hashes.json' && !OTHER_DESIGNS.has(name));
/** What the checker says of a broken invariant, and what an author has noted, is prose of its own. */
const isProse = ({ kind, text }: EventView, notes: ReadonlySet<string>) =>
  kind === 'violated' || (kind === 'acted' && notes.has(text));
/** The notes of a scenario. */
const notesOf = (json: string) =>
  [...json.matchAll(/"type": "note", "text": ("[^"]*")/g)].map(([, text = '']) => JSON.parse(text));

/** Every number of a text, sorted: those of servers, terms, indexes, ticks and bytes alike. */
const numbers = (text: string) => (text.match(/\d+/g) ?? []).sort();

test('every event, message and hindrance of every scenario has a Chinese sentence with the same numbers', async () => {
  const seen = new Map<string, EventView>();
  const other = new Set<string>();
  const notes = new Set<string>();
  for (const file of FILES) {
    const json = readFileSync(new URL(file, ROOT), 'utf8');
    for (const note of notesOf(json)) notes.add(note);
    const cluster = await Cluster.fromScenario(json);
    for (const look of [0.3, 0.6, 1]) {
      cluster.runScript({ maxSteps: Math.round(look * 2_000) });
      for (const { summary } of cluster.messages()) other.add(summary);
      for (const { id } of cluster.frame().servers) {
        const { commitBlocked, readBlocked, transferBlocked } = cluster.inspect(id);
        for (const text of [commitBlocked, readBlocked, transferBlocked]) if (text) other.add(`! ${text}`);
      }
    }
    for (const event of cluster.events({ limit: 20_000 })) seen.set(`${event.kind} ${event.text}`, event);
    cluster.dispose();
  }
  expect(new Set([...seen.values()].map(({ kind }) => kind)).size).toBeGreaterThan(40);
  const wrong: string[] = [];
  const compare = (english: string, chinese: string | null) => {
    if (chinese === null || numbers(chinese).join() !== numbers(english).join()) wrong.push(`${english} → ${chinese}`);
  };
  for (const event of seen.values()) if (!isProse(event, notes)) compare(event.text, eventInChinese(event));
  for (const text of other) {
    if (text.startsWith('! ')) compare(text.slice(2), blockedInChinese(text.slice(2)));
    else compare(text, messageInChinese(text));
  }
  expect(wrong).toEqual([]);
}, 120_000);

test.each([
  ['deliver message 12', '送达消息 12'],
  ['drop the oldest AppendEntries from S1 to S2', '丢弃从 S1 到 S2 最早的 AppendEntries'],
  ['delay message 3 by 50.000 ms', '推迟消息 3：50.000 毫秒'],
  ['cut the link from S1 to S2', '切断从 S1 到 S2 的链路'],
  ['client a writes x = 1 at S3', '客户端 a 写入 x = 1，在 S3'],
  ['client a reads x at S2 under a lease', '客户端 a 读 x，在 S2，凭租约'],
  ['client a sets x to 2 if it is 1, at S3', '客户端 a 若 x 是 1，则设为 2，在 S3'],
  ['change the configuration to voters S1 S2 and learners S3, at S1', '把配置改为投票成员 S1 S2、学习者 S3，在 S1'],
  ['switch the rule pre-vote off', '关闭规则 pre-vote'],
])('%s', (english, chinese) => {
  expect(actionInChinese(english)).toBe(chinese);
});

test('what is not recognised is not guessed at', () => {
  expect(eventInChinese({ kind: 'becomeLeader', text: 'S1 wins something else' })).toBeNull();
  expect(eventInChinese({ kind: 'unheardOf', text: 'S1 has a quorum of votes: it leads term 1' })).toBeNull();
  expect(eventInChinese({ kind: 'voteDenied', text: 'S1 refuses S2 its vote for term 2: it is in a mood' })).toBeNull();
  expect(messageInChinese('RequestVote S1→S2 term 1 surprise')).toBeNull();
  expect(actionInChinese('note: hello')).toBeNull();
});
