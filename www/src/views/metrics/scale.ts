/** A stretch of simulated time, in milliseconds. */
export interface Span {
  fromMs: number;
  toMs: number;
}

/** Round numbers from `from` to `to`, at most `count` of them: one, two or five times a power of ten apart. */
export function ticks(from: number, to: number, count: number): number[] {
  const extent = to - from;
  if (!(extent > 0) || count < 1 || !Number.isFinite(extent)) return [];
  const step = niceStep(extent / count);
  const first = Math.ceil(from / step - 1e-9);
  const last = Math.floor(to / step + 1e-9);
  // Multiples of a whole number, so that 0.3 is not 0.30000000000000004.
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, i) => clean((first + i) * step));
}

/** The smallest round number that is not below `value`; 1 when there is nothing to show. */
export function niceCeiling(value: number): number {
  return value > 0 && Number.isFinite(value)
    ? clean(Math.ceil(value / niceStep(value / 4) - 1e-9) * niceStep(value / 4))
    : 1;
}

function niceStep(raw: number): number {
  const power = 10 ** Math.floor(Math.log10(raw));
  const lead = raw / power;
  return power * (lead <= 1 ? 1 : lead <= 2 ? 2 : lead <= 5 ? 5 : 10);
}

function clean(value: number): number {
  return Number(value.toPrecision(12));
}

/** Where a value of one range lies in another. */
export function linear(from: number, to: number, low: number, high: number): (value: number) => number {
  const factor = to === from ? 0 : (high - low) / (to - from);
  return (value) => low + (value - from) * factor;
}

/** How many items of a sorted list come before the first one that is not below a bound. */
export function lowerBound<T>(items: readonly T[], bound: number, at: (item: T) => number): number {
  let low = 0;
  let high = items.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (at(items[middle] as T) < bound) low = middle + 1;
    else high = middle;
  }
  return low;
}
