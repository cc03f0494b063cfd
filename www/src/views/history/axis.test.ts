// What stands on the time axis beside the clients.

import { expect, test } from 'vitest';
import type { Action, Marker } from '../../model.js';
import { marksInView, worldMarks } from './axis.js';

const WORDS = { data: {}, event: 'restarted' } as const;
const mark = (kind: Marker['kind'], step: number, text: string, said: object = WORDS): Marker =>
  ({ id: step, kind, step, timeMs: step, text, term: 1, server: 1, ...WORDS, ...said }) as Marker;
const acted = (data: Action) => ({ event: 'acted', data });

test('faults, elections, leaders and interventions are told once; commits and what clients ask are not', () => {
  const marks = worldMarks([
    mark('election', 1, 'S1 is a candidate'),
    mark('leader', 2, 'S1 leads'),
    mark('commit', 3, 'commit 1'),
    mark('action', 4, 'client a writes x = 1', acted({ type: 'clientWrite', client: 'a', key: 'x', value: '1' })),
    mark('action', 5, 'partition: S1 | S2 S3', acted({ type: 'partition', groups: [[1], [2, 3]] })),
    mark('action', 6, 'crash S1', acted({ type: 'crash', server: 1 })),
    mark('fault', 6, 'S1 is down'),
  ]);
  expect(marks.map(({ text }) => text)).toEqual([
    'S1 is a candidate',
    'S1 leads',
    'partition: S1 | S2 S3',
    'S1 is down',
  ]);
});

test('marks of one kind that would lie upon one another are drawn once', () => {
  const marks = worldMarks([
    mark('leader', 0, ''),
    mark('leader', 1, ''),
    mark('fault', 1, ''),
    mark('leader', 500, ''),
    mark('leader', 2_000, ''),
  ]);
  const drawn = marksInView(marks, { fromMs: 0, toMs: 1_000 }, 100);
  expect(drawn.map(({ mark: { kind }, x }) => [kind, x])).toEqual([
    ['leader', 0],
    ['fault', 0.1],
    ['leader', 50],
  ]);
});
