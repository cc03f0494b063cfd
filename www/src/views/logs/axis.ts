/** Which part of all indexes is seen, and where its scrollbar stands. The window moves by whole indexes. */

export interface Axis {
  first: number;
  last: number;
  /** How many indexes capacity into the window. */
  visible: number;
}

/** Browsers lay out no box wider than 17 million pixels (Firefox) or 33 million; beyond this an index has less than its size. */
export const MAX_TRAVEL_PX = 8_000_000;

/** How many cells capacity. */
export function capacity(sizePx: number, headPx: number, cellPx: number): number {
  return Math.max(1, Math.floor((sizePx - headPx) / cellPx));
}

/** From the start of all logs, or from where all of them are in snapshots, to one behind the longest. */
export function extentOf(servers: readonly { lastIndex: number; lastIncludedIndex: number }[]): {
  first: number;
  last: number;
} {
  const compacted = Math.min(...servers.map(({ lastIncludedIndex }) => lastIncludedIndex));
  const last = Math.max(0, ...servers.map(({ lastIndex }) => lastIndex));
  return { first: Math.max(1, Number.isFinite(compacted) ? compacted : 1), last: last + 1 };
}

/** Indexes on the axis; those behind its end fill a window that is larger. */
export function lengthOf({ first, last, visible }: Axis): number {
  return Math.max(last - first + 1, visible);
}

/** The window at the end. */
export function lastFirst(axis: Axis): number {
  return axis.first + lengthOf(axis) - axis.visible;
}

export function clampFirst(axis: Axis, first: number): number {
  return Math.min(Math.max(first, axis.first), lastFirst(axis));
}

/** How far the scrollbar travels. */
export function travelOf(axis: Axis, cellPx: number): number {
  return Math.min((lastFirst(axis) - axis.first) * cellPx, MAX_TRAVEL_PX);
}

/** The window at a position of the scrollbar. */
export function firstAt(axis: Axis, scrollPx: number, cellPx: number): number {
  const travel = travelOf(axis, cellPx);
  if (travel <= 0) return axis.first;
  return clampFirst(axis, axis.first + Math.round((scrollPx / travel) * (lastFirst(axis) - axis.first)));
}

/** The position of the scrollbar for a window. */
export function scrollAt(axis: Axis, first: number, cellPx: number): number {
  const steps = lastFirst(axis) - axis.first;
  return steps === 0 ? 0 : Math.round(((first - axis.first) / steps) * travelOf(axis, cellPx));
}

/** The window nearest to this one that shows an index. */
export function reveal(axis: Axis, first: number, index: number): number {
  return clampFirst(axis, Math.min(Math.max(first, index - axis.visible + 1), index));
}

/** The window with an index in its middle. */
export function centred(axis: Axis, index: number): number {
  return clampFirst(axis, index - Math.floor(axis.visible / 2));
}
