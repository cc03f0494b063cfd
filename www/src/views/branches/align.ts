import type { EventView } from '../../model.js';

/** Events of two branches beside each other; where only one has it, the other side is empty. */
export interface AlignedRow {
  a: EventView | null;
  b: EventView | null;
  /** `moved`: the same thing happened at another time. */
  kind: 'same' | 'moved' | 'differs';
  /** The first row that is not the same on both sides. */
  first: boolean;
}

/** Lays two stretches of events beside each other so that as many as can be stand beside the same event. */
export function align(a: readonly EventView[], b: readonly EventView[]): AlignedRow[] {
  const common = longestCommon(a, b);
  const rows: AlignedRow[] = [];
  let [i, j] = [0, 0];
  const unmatched = (toI: number, toJ: number) => {
    // What one side has instead of the other stands beside it.
    while (i < toI || j < toJ) {
      rows.push({
        a: i < toI ? (a[i++] as EventView) : null,
        b: j < toJ ? (b[j++] as EventView) : null,
        kind: 'differs',
        first: false,
      });
    }
  };
  for (const [atA, atB] of common) {
    unmatched(atA, atB);
    const [left, right] = [a[i++] as EventView, b[j++] as EventView];
    rows.push({ a: left, b: right, kind: left.timeMs === right.timeMs ? 'same' : 'moved', first: false });
  }
  unmatched(a.length, b.length);
  const first = rows.find(({ kind }) => kind !== 'same');
  if (first) first.first = true;
  return rows;
}

function isSame(a: EventView, b: EventView): boolean {
  return a.kind === b.kind && a.server === b.server && a.text === b.text;
}

/** Pairs of places at which both have the same, as many as possible, in order. Both are short. */
function longestCommon(a: readonly EventView[], b: readonly EventView[]): [number, number][] {
  const best = Array.from({ length: a.length + 1 }, () => new Uint16Array(b.length + 1));
  const at = (i: number, j: number) => best[i]?.[j] ?? 0;
  for (let i = a.length - 1; i >= 0; i--) {
    for (let j = b.length - 1; j >= 0; j--) {
      const same = isSame(a[i] as EventView, b[j] as EventView);
      (best[i] as Uint16Array)[j] = same ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1));
    }
  }
  const pairs: [number, number][] = [];
  for (let [i, j] = [0, 0]; i < a.length && j < b.length; ) {
    if (isSame(a[i] as EventView, b[j] as EventView) && at(i, j) === at(i + 1, j + 1) + 1) pairs.push([i++, j++]);
    else if (at(i + 1, j) >= at(i, j + 1)) i++;
    else j++;
  }
  return pairs;
}
