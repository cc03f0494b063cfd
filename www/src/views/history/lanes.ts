import type { OperationView } from '../../model.js';
import { linear, lowerBound, type Span } from '../metrics/scale.js';

/** An operation with its place: one row of its client's lane, in which no two overlap. */
export interface Placed {
  op: OperationView;
  lane: number;
  row: number;
  /** When the client stopped to wait; infinite while it waits. */
  endMs: number;
}

/** What one client asked for. Each row is sorted by time. */
export interface Lane {
  client: string;
  rows: Placed[][];
  /** The same, in the order of the calls. */
  all: Placed[];
}

/** Rows of one client; what overlaps even more shares the last one. */
const MAX_ROWS = 6;

export function lay(operations: readonly OperationView[]): Lane[] {
  const lanes = new Map<string, Lane>();
  for (const op of operations) {
    let lane = lanes.get(op.client);
    if (!lane) {
      lane = { client: op.client, rows: [], all: [] };
      lanes.set(op.client, lane);
    }
    const free = lane.rows.findIndex((row) => (row.at(-1)?.endMs ?? 0) <= op.calledMs);
    const row = free >= 0 ? free : Math.min(lane.rows.length, MAX_ROWS - 1);
    const placed = { op, lane: 0, row, endMs: op.returnedMs ?? Number.POSITIVE_INFINITY };
    if (!lane.rows[row]) lane.rows[row] = [];
    lane.rows[row].push(placed);
    lane.all.push(placed);
  }
  const sorted = [...lanes.values()].sort((a, b) => collator.compare(a.client, b.client));
  for (const [index, { all }] of sorted.entries()) for (const placed of all) placed.lane = index;
  return sorted;
}

/** `load-10` comes after `load-9`. */
const collator = new Intl.Collator('en', { numeric: true });

/** One operation that is drawn. */
export interface Bar {
  kind: 'bar';
  placed: Placed;
  x: number;
  width: number;
  /** Where the dotted tail of an open end stops: at the next operation of the row, or at the edge. */
  tail: number | null;
}

/** Operations too narrow to tell apart, drawn as one. */
export interface Clump {
  kind: 'clump';
  x: number;
  width: number;
  count: number;
  /** How many of them were not carried out, or nobody knows. */
  troubled: number;
  fromMs: number;
  toMs: number;
}

/** An operation is at least this wide, so that it can be seen and hit. */
export const MIN_WIDTH = 7;
/** A clump is not wider, so that how dense they are can be seen, and each can be opened. */
const MAX_CLUMP = 48;
/** Space that keeps two narrow ones apart. */
const GAP = 1;

/** What to draw of one row within a stretch of time that is `width` pixels wide. Those in `whole` are never merged. */
export function draw(row: readonly Placed[], span: Span, width: number, whole: ReadonlySet<number>): (Bar | Clump)[] {
  const x = linear(span.fromMs, span.toMs, 0, width);
  const first = Math.max(0, lowerBound(row, span.fromMs, ({ endMs }) => endMs) - 1);
  const drawn: (Bar | Clump)[] = [];
  for (let at = first; at < row.length; at++) {
    const placed = row[at] as Placed;
    if (placed.op.calledMs > span.toMs) break;
    const next = row[at + 1];
    const edge = next ? Math.min(x(next.op.calledMs), width) : width;
    const isOpen = placed.op.outcome === null || placed.op.outcome === 'unknown';
    if (placed.endMs < span.fromMs && !(isOpen && edge > 0)) continue;
    const left = Math.max(x(placed.op.calledMs), -MIN_WIDTH);
    const right = Math.min(x(Math.min(placed.endMs, span.toMs)), width + MIN_WIDTH);
    const last = drawn.at(-1);
    const small = right - left < MIN_WIDTH && !whole.has(placed.op.id);
    if (
      small &&
      last &&
      last.width < MAX_CLUMP &&
      last.x + last.width + GAP > left &&
      (last.kind === 'clump' || isSmall(last, whole))
    ) {
      drawn[drawn.length - 1] = merge(last, placed, Math.max(left + MIN_WIDTH, right));
      continue;
    }
    const size = Math.max(MIN_WIDTH, right - left);
    drawn.push({ kind: 'bar', placed, x: left, width: size, tail: isOpen && edge > left + size ? edge : null });
  }
  return drawn;
}

function isSmall({ width, placed }: Bar, whole: ReadonlySet<number>): boolean {
  return width <= MIN_WIDTH && !whole.has(placed.op.id);
}

/** Takes one more operation into a clump; in place, since there may be thousands of them. */
function merge(last: Bar | Clump, placed: Placed, right: number): Clump {
  const clump = last.kind === 'clump' ? last : clumpOf(last);
  clump.width = right - clump.x;
  clump.count++;
  clump.troubled += Number(isTroubled(placed.op));
  clump.toMs = Math.max(clump.toMs, endOf(placed));
  return clump;
}

function clumpOf({ placed, x, width }: Bar): Clump {
  const { op } = placed;
  return {
    kind: 'clump',
    x,
    width,
    count: 1,
    troubled: Number(isTroubled(op)),
    fromMs: op.calledMs,
    toMs: endOf(placed),
  };
}

function endOf({ op, endMs }: Placed): number {
  return Number.isFinite(endMs) ? endMs : op.calledMs;
}

export function isTroubled({ outcome }: OperationView): boolean {
  return outcome === 'fail' || outcome === 'unknown';
}

/** How many operations were under way at a moment: called, and not yet returned. */
export function openAt(lanes: readonly Lane[], timeMs: number): number {
  let open = 0;
  for (const { rows } of lanes)
    for (const row of rows) {
      const placed = row[lowerBound(row, timeMs, ({ endMs }) => endMs)];
      if (placed && placed.op.calledMs <= timeMs) open++;
    }
  return open;
}

/** The next operation in a direction: along the lane, or in another lane the nearest in time. */
export function neighbour(lanes: readonly Lane[], from: Placed, key: string): Placed | undefined {
  const lane = lanes[from.lane];
  const at = lane?.all.indexOf(from) ?? -1;
  switch (key) {
    case 'ArrowLeft':
      return lane?.all[at - 1];
    case 'ArrowRight':
      return lane?.all[at + 1];
    case 'Home':
      return lane?.all[0];
    case 'End':
      return lane?.all.at(-1);
    default: {
      const other = lanes[from.lane + (key === 'ArrowUp' ? -1 : 1)]?.all;
      if (!other) return undefined;
      const next = lowerBound(other, from.op.calledMs, ({ op }) => op.calledMs);
      const [before, after] = [other[next - 1], other[next]];
      if (!before || !after) return before ?? after;
      const { calledMs } = from.op;
      return calledMs - before.op.calledMs < after.op.calledMs - calledMs ? before : after;
    }
  }
}
