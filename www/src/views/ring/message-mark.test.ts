import { expect, test } from 'vitest';
import { KIND_NAMES } from '../../model.js';
import { lookOf } from './message-mark.js';

test('every kind of request has a look of its own, and only replies are rings', () => {
  const isReply = (kind: string) => kind.endsWith('Reply');
  const looks = KIND_NAMES.map((name, kind) => ({ name, look: lookOf({ kind, entries: 1 }) }));
  for (const { name, look } of looks) expect([name, look.shape === 'ring']).toEqual([name, isReply(name)]);
  const requests = looks.filter(({ name }) => !isReply(name)).map(({ look }) => JSON.stringify(look));
  expect(new Set(requests).size).toBe(requests.length);
});
