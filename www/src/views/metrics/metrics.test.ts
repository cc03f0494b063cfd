// Scales, windows, lines and files of the metrics.

import { expect, test } from 'vitest';
import { en } from '../../i18n/en.js';
import type { MetricsReport } from '../../model.js';
import { charts, short, stretches, valueAt, windowOf } from './charts.js';
import { csv } from './csv.js';
import { figure, toSvg } from './figure.js';
import { linear, lowerBound, niceCeiling, ticks } from './scale.js';

const REPORT: MetricsReport = {
  windowMs: 100,
  spanMs: 350,
  series: [
    {
      name: 'throughput',
      unit: 'operations/s',
      points: [
        [0, 0],
        [100, 40],
        [200, 70],
        [300, 20],
      ],
    },
    {
      name: 'latencyP50',
      unit: 'ms',
      points: [
        [100, 12.5],
        [300, 14],
      ],
    },
    { name: 'messages', unit: 'messages/s', points: [[0, 5]] },
    { name: 'messages.PreVote', unit: 'messages/s', points: [[0, 5]] },
    { name: 'syncs', unit: 'syncs/s', points: [[0, 0]] },
    { name: 'logEntries', unit: 'entries', server: 2, points: [[0, 3]] },
    { name: 'brandNew', unit: 'things', points: [[0, 1]] },
  ],
  totals: [],
};

test('ticks are round numbers within the scale', () => {
  expect(ticks(0, 1, 4)).toEqual([0, 0.5, 1]);
  expect(ticks(0, 0.3, 3)).toEqual([0, 0.1, 0.2, 0.3]);
  expect(ticks(1_234, 5_678, 5)).toEqual([2_000, 3_000, 4_000, 5_000]);
  expect(ticks(3, 3, 5)).toEqual([]);
});

test('the top of a scale is round and not below the largest value', () => {
  for (const value of [0.03, 1, 7.2, 99, 100, 12_345]) expect(niceCeiling(value)).toBeGreaterThanOrEqual(value);
  expect([niceCeiling(0), niceCeiling(7.2), niceCeiling(99)]).toEqual([1, 8, 100]);
});

test('a list is searched for the first item that is not below a bound', () => {
  expect([0, 1, 4, 9].map((bound) => lowerBound([1, 4, 4, 6], bound, (item) => item))).toEqual([0, 0, 1, 4]);
  expect(linear(0, 10, 100, 200)(5)).toBe(150);
});

test('a window without anything to measure interrupts the line', () => {
  expect(
    stretches(
      [
        [100, 1],
        [200, 2],
        [400, 3],
      ],
      100,
    ).map((part) => part.length),
  ).toEqual([2, 1]);
  expect([valueAt(REPORT.series[1]?.points ?? [], 200), valueAt(REPORT.series[1]?.points ?? [], 300)]).toEqual([
    null,
    14,
  ]);
});

test('a window that begins where the run ends is not drawn: it would look like a fall to nothing', () => {
  const ended = { ...REPORT, spanMs: 300 };
  expect(charts(ended, null, en).busy[0]?.lines[0]?.points.at(-1)).toEqual([200, 70]);
  expect(windowOf(300, 100, 300)).toBe(200);
});

test('every moment belongs to a window, the last one too', () => {
  expect([0, 99, 100, 349, 9_999].map((time) => windowOf(time, 100, 350))).toEqual([0, 0, 100, 300, 300]);
});

test('every series is drawn somewhere, also one that nobody has placed; charts in which nothing happened are only named', () => {
  const { busy, idle } = charts(REPORT, null, en);
  const drawn = busy.flatMap(({ lines }) => lines.map(({ name }) => name));
  expect(drawn.toSorted()).toEqual([
    'brandNew',
    'latencyP50',
    'logEntries',
    'messages',
    'messages.PreVote',
    'throughput',
  ]);
  expect(idle).toContain('Syncs of disks');
});

test('another run lies under the lines of the same name and server', () => {
  const other = {
    ...REPORT,
    series: [{ name: 'logEntries', unit: 'entries', server: 2, points: [[0, 900]] as [number, number][] }],
  };
  const log = charts(REPORT, other, en).busy.find(({ id }) => id === 'logEntries');
  expect(log?.lines[0]?.other).toEqual([[0, 900]]);
  expect(log?.most).toBeGreaterThanOrEqual(900);
});

test('numbers are short, and thousands can be read', () => {
  expect([0, 0.1234, 12.345, 1_234.5, 123_456].map(short)).toEqual(['0', '0.123', '12.3', '1,235', '123K']);
});

test('a CSV file has a line for each point; a name can be no formula and breaks no line', () => {
  const lines = csv([{ name: '=HYPERLINK("x"),\n', report: REPORT }]).trimEnd();
  expect(lines.split('\n')[0]).toBe('run,name,unit,server,time_ms,value');
  expect(lines).toContain(`"'=HYPERLINK(""x""),\n",logEntries,entries,2,0,3`);
});

test('a figure is well-formed whatever the title says', () => {
  const palette = { background: '#fff', ink: '#000', muted: '#555', grid: '#ddd', lines: ['#00f'] };
  const options = { title: '</text><script>alert(1)</script>', windowMs: 100, endMs: 350, other: null };
  const document = toSvg(figure(charts(REPORT, null, en).busy, palette, options, en));
  expect(document).not.toContain('<script');
  expect(document).toContain('operations/s');
  expect(document).not.toContain('NaN');
});
