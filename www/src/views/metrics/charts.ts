import type { Strings } from '../../i18n/index.js';
import type { MetricsReport } from '../../model.js';
import { lowerBound, niceCeiling } from './scale.js';

type Points = readonly (readonly [number, number])[];
type Series = MetricsReport['series'][number];

/** One line of a chart. */
export interface Line {
  /** Of the series, such as `latencyP99`. */
  name: string;
  server: number | null;
  unit: string;
  label: string;
  points: Points;
  /** The same of the run that it is compared with. */
  other: Points | null;
}

/** Series of one unit that are read together. */
export interface Chart {
  id: string;
  title: string;
  unit: string;
  lines: Line[];
  /** The top of the scale. */
  most: number;
}

/** What is drawn together. `messages.` stands for every kind of message. */
const CHARTS: readonly (readonly [id: string, ...series: string[]])[] = [
  ['throughput', 'throughput', 'writes', 'reads'],
  ['latency', 'latencyP50', 'latencyP90', 'latencyP99', 'latencyMax'],
  ['messages', 'messages', 'messages.'],
  ['perCommit', 'messagesPerCommit'],
  ['hops', 'maxHops'],
  ['commits', 'commits'],
  ['syncs', 'syncs'],
  ['batches', 'meanBatch', 'maxBatch', 'maxSyncBatch'],
  ['elections', 'elections', 'electionsWon', 'leaderChanges'],
  ['downtime', 'downtime'],
  ['retries', 'retries', 'redirects'],
  ['logEntries', 'logEntries'],
  ['logBytes', 'logBytes'],
  ['snapshotBytes', 'snapshotBytes'],
  ['stateBytes', 'stateBytes'],
  ['unapplied', 'maxUnapplied'],
  ['uncommitted', 'maxUncommitted'],
];

/** The charts of a report in which something happened, and the titles of those in which nothing did. */
export function charts(
  report: MetricsReport,
  other: MetricsReport | null,
  t: Strings,
): { busy: Chart[]; idle: string[] } {
  const known = new Set(CHARTS.flatMap(([, ...series]) => series));
  const rest = [...new Set(report.series.map(({ name }) => name))].filter(
    (name) => !known.has(name) && !name.startsWith('messages.'),
  );
  const all = [...CHARTS, ...rest.map((name) => [name, name] as const)].map(([id, ...names]) =>
    chart(id, names, report, other, t),
  );
  const busy = all.filter(({ lines }) => lines.some(hasValue));
  return { busy, idle: all.filter((one) => !busy.includes(one)).map(({ title }) => title) };
}

function chart(
  id: string,
  names: readonly string[],
  report: MetricsReport,
  other: MetricsReport | null,
  t: Strings,
): Chart {
  const isWanted = ({ name }: Series) =>
    names.some((wanted) => name === wanted || (wanted.endsWith('.') && name.startsWith(wanted)));
  const lines = report.series.filter(isWanted).map((series): Line => {
    const twin = other?.series.find(({ name, server }) => name === series.name && server === series.server);
    return {
      name: series.name,
      server: series.server ?? null,
      unit: series.unit,
      label: labelOf(series, t),
      points: begun(series.points, report.spanMs),
      other: twin ? begun(twin.points, other?.spanMs ?? 0) : null,
    };
  });
  const shown = lines.some(hasValue) ? lines.filter((line) => line.server !== null || hasValue(line)) : lines;
  const values = lines.flatMap(({ points, other: under }) => [...points, ...(under ?? [])].map(([, value]) => value));
  return {
    id,
    title: t.metrics.chart[id] ?? id,
    unit: lines[0]?.unit ?? '',
    lines: shown,
    most: niceCeiling(values.reduce((most, value) => Math.max(most, value), 0)),
  };
}

/** A window that begins where the run ends has measured nothing yet. */
function begun(points: Points, spanMs: number): Points {
  return points.filter(([time]) => time < spanMs || time === 0);
}

function labelOf({ name, server }: Series, t: Strings): string {
  if (server !== undefined) return `S${server}`;
  return t.metrics.series[name] ?? name.replace(/^messages\./, '');
}

function hasValue({ points, other }: Line): boolean {
  return [...points, ...(other ?? [])].some(([, value]) => value !== 0);
}

/** The value of a window, given the moment at which it begins; null where nothing was measured. */
export function valueAt(points: Points, timeMs: number): number | null {
  const found = points[lowerBound(points, timeMs, ([time]) => time)];
  return found && found[0] === timeMs ? found[1] : null;
}

/** The moment at which the window begins that a moment lies in. */
export function windowOf(timeMs: number, windowMs: number, spanMs: number): number {
  const last = Math.max(0, Math.ceil(spanMs / windowMs) - 1);
  return Math.min(last, Math.max(0, Math.floor(timeMs / windowMs))) * windowMs;
}

/** Stretches of points without a gap; where a window has none the line is interrupted. */
export function stretches(points: Points, windowMs: number): Points[] {
  const parts: (readonly [number, number])[][] = [];
  for (const point of points) {
    const part = parts.at(-1);
    const before = part?.at(-1);
    if (part && before && point[0] - before[0] <= windowMs * 1.5) part.push(point);
    else parts.push([point]);
  }
  return parts;
}

/** A number as short as it can be read: three digits that count. */
export function short(value: number): string {
  if (value === 0) return '0';
  if (Math.abs(value) >= 10_000)
    return value.toLocaleString('en', { notation: 'compact', maximumSignificantDigits: 3 });
  return value.toLocaleString('en', { maximumSignificantDigits: Math.abs(value) >= 1_000 ? 4 : 3 });
}
