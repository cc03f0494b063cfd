import type { HistoryReport, OperationView } from '../../model.js';

type LevelReport = HistoryReport['levels'][number];

/** The moment at which an operation took effect, as a judge has found. */
export interface Point {
  timeMs: number;
  /** Its number in the order, from one on. */
  number: number;
  /** Of which key the order is; null: of all. */
  key: string | null;
}

/**
 * One moment for each operation of an order, within its call and return and not before the one that precedes it. Between the
 * earliest and the latest possible one the middle is taken, so that points do not crowd at the calls.
 */
export function points(
  operations: readonly OperationView[],
  order: readonly number[],
  key: string | null,
): Map<number, Point> {
  const ops = order.flatMap((id) => operations[id] ?? []);
  const earliest: number[] = [];
  for (const { calledMs } of ops) earliest.push(Math.max(earliest.at(-1) ?? 0, calledMs));
  const latest: number[] = [];
  let bound = Number.POSITIVE_INFINITY;
  for (let at = ops.length - 1; at >= 0; at--) {
    const op = ops[at] as OperationView;
    const first = earliest[at] as number;
    // An operation without an answer may take effect at any later time; it is shown where its client waited for it.
    const own = isOpen(op) ? Math.max(first, op.returnedMs ?? first) : (op.returnedMs ?? first);
    bound = Math.min(bound, Math.max(own, first));
    latest[at] = bound;
  }
  return new Map(
    ops.map(({ id }, at) => [
      id,
      { timeMs: ((earliest[at] as number) + (latest[at] as number)) / 2, number: at + 1, key },
    ]),
  );
}

function isOpen({ outcome }: OperationView): boolean {
  return outcome === null || outcome === 'unknown';
}

/** Where all operations took effect at a level: the order that explains them, or the longest legal one that there is. */
export function pointsOf(
  operations: readonly OperationView[],
  { verdict, key, prefix, witness }: LevelReport,
): Map<number, Point> {
  if (verdict === 'violated') return points(operations, prefix, key ?? null);
  const all = new Map<number, Point>();
  for (const order of witness)
    for (const [id, point] of points(operations, order.operations, order.key ?? null)) all.set(id, point);
  return all;
}

/** The operations that the longest legal order has no place for; where there is no such order, all that contradict each other. */
export function unplaced({ verdict, operations, prefix }: LevelReport): number[] {
  if (verdict !== 'violated') return [];
  const left = operations.filter((id) => !prefix.includes(id));
  return left.length > 0 ? left : operations;
}

/** What a reader would call the first error: what contradicts a promise, else what nobody knows, else what failed. */
export function firstError(operations: readonly OperationView[], report: HistoryReport | null): number | null {
  const broken = report?.levels.find(({ verdict, operations: named }) => verdict === 'violated' && named.length > 0);
  if (broken) return unplaced(broken)[0] ?? null;
  const found =
    operations.find(({ outcome }) => outcome === 'unknown') ?? operations.find(({ outcome }) => outcome === 'fail');
  return found?.id ?? null;
}
