import type { History, Step } from './history.js';

/** A quiet stretch: nothing but heartbeats, or nothing at all. Closed, it takes next to no room. */
export interface Fold {
  /** Number of the last step before it, which stays as it grows. */
  key: number;
  fromMs: number;
  toMs: number;
  open: boolean;
  /** Where it lies on the axis. */
  fromU: number;
  toU: number;
}

export interface AxisOptions {
  /** Nothing is drawn beyond this moment, or a little beyond it. */
  endMs: number;
  folding: boolean;
  /** Folds that the reader has opened. */
  open: ReadonlySet<number>;
}

/** Quiet for shorter than this is shown as it is. */
const MIN_FOLD_MS = 200;
/** What is kept on either side of a fold, so that messages on their way are seen to arrive. */
const MARGIN_MS = 30;
/** The present is never folded away. */
const TAIL_MS = 120;
/** What a closed fold is on the axis. */
const FOLD_U = 36;
/** What happens at the same moment stands at least this far apart, in the order in which it happened. */
const STEP_U = 1;
/** How much of that the events of one step share. */
const SPREAD = 0.8;

/**
 * The axis of time: a unit is a millisecond, but quiet stretches are folded and crowded moments are widened, so that every
 * event has a place of its own and later ones lie to the right.
 */
export class Axis {
  readonly folds: readonly Fold[];
  /** Place of each event. */
  readonly eventU: Float64Array;
  /** Where the axis ends. */
  readonly endU: number;
  readonly #steps: readonly Step[];
  readonly #stepU: Float64Array;
  readonly #startMs: number;
  /** Closed folds, with what those before each have taken away. */
  readonly #closed: { fold: Fold; gone: number }[] = [];

  constructor({ steps, events }: History, options: AxisOptions) {
    this.#steps = steps;
    const first = steps[0];
    this.#startMs = first && events[0]?.id !== 0 ? first.timeMs : 0;
    this.folds = foldsOf(steps, this.#startMs, options);
    let gone = 0;
    for (const fold of this.folds) {
      if (fold.open) continue;
      this.#closed.push({ fold, gone });
      gone += fold.toMs - fold.fromMs - FOLD_U;
    }
    this.#stepU = new Float64Array(steps.length);
    this.eventU = new Float64Array(events.length);
    let [u, folded] = [0, 0];
    for (const [i, step] of steps.entries()) {
      const at = this.#foldedTime(step.timeMs);
      const crowded = i > 0 && !this.#isInFold(step.timeMs);
      u = Math.max(u + at - folded, crowded ? u + STEP_U : u);
      folded = at;
      this.#stepU[i] = u;
    }
    for (const [i, step] of steps.entries()) {
      const next = steps[i + 1];
      const last = next ? next.first : events.length;
      const start = this.#stepU[i] as number;
      const room = Math.min(STEP_U, next ? (this.#stepU[i + 1] as number) - start : STEP_U) * SPREAD;
      for (let at = step.first; at < last; at++) {
        this.eventU[at] = start + (room * (at - step.first)) / (last - step.first);
      }
    }
    for (const fold of this.folds) {
      fold.fromU = this.toU(fold.fromMs);
      fold.toU = this.toU(fold.toMs);
    }
    this.endU = this.toU(options.endMs);
  }

  /** Where a moment lies, after everything that happened until then. */
  toU(timeMs: number): number {
    const i = lastWhere(this.#steps.length, (at) => (this.#steps[at] as Step).timeMs <= timeMs);
    if (i < 0) return this.#foldedTime(timeMs);
    const gone = this.#foldedTime(timeMs) - this.#foldedTime((this.#steps[i] as Step).timeMs);
    const u = (this.#stepU[i] as number) + gone;
    return i + 1 < this.#stepU.length ? Math.min(u, this.#stepU[i + 1] as number) : u;
  }

  /** The moment at a place. */
  toTime(u: number): number {
    const i = lastWhere(this.#stepU.length, (at) => (this.#stepU[at] as number) <= u);
    const step = this.#steps[i];
    const [fromMs, fromU] = step ? [step.timeMs, this.#stepU[i] as number] : [this.#startMs, 0];
    const time = this.#unfoldedTime(this.#foldedTime(fromMs) + Math.max(0, u - fromU));
    const next = this.#steps[i + 1];
    return Math.max(fromMs, next ? Math.min(time, next.timeMs) : time);
  }

  /** Where the moment after a step lies, or a later one at which nothing more has happened. */
  presentU(step: number, timeMs: number): number {
    const i = lastWhere(this.#steps.length, (at) => (this.#steps[at] as Step).step <= step);
    const last = this.#steps[i];
    if (!last || timeMs > last.timeMs) return this.toU(timeMs);
    const end = this.#steps[i + 1]?.first ?? this.eventU.length;
    return this.eventU[end - 1] ?? 0;
  }

  /** The fold, open or closed, in which a place lies. */
  foldAt(u: number): Fold | undefined {
    const fold = this.folds[lastWhere(this.folds.length, (at) => (this.folds[at] as Fold).fromU < u)];
    return fold && u < fold.toU ? fold : undefined;
  }

  /** Whether an event lies in a closed fold. */
  hides(at: number): boolean {
    return this.foldAt(this.eventU[at] as number)?.open === false;
  }

  /** Indexes of the events between two places: from the first one on, up to and without the last. */
  range(fromU: number, toU: number): [first: number, last: number] {
    const first = lastWhere(this.eventU.length, (at) => (this.eventU[at] as number) < fromU) + 1;
    return [first, lastWhere(this.eventU.length, (at) => (this.eventU[at] as number) <= toU) + 1];
  }

  #isInFold(timeMs: number): boolean {
    const last = this.#lastClosed(timeMs);
    return last !== undefined && timeMs < last.fold.toMs;
  }

  /** Time less what closed folds take away, from the beginning on. */
  #foldedTime(timeMs: number): number {
    const last = this.#lastClosed(timeMs);
    if (!last) return timeMs - this.#startMs;
    const { fold, gone } = last;
    const inside = Math.min(timeMs, fold.toMs) - fold.fromMs;
    return timeMs - this.#startMs - gone - inside * (1 - FOLD_U / (fold.toMs - fold.fromMs));
  }

  #lastClosed(timeMs: number): { fold: Fold; gone: number } | undefined {
    const closed = this.#closed;
    return closed[lastWhere(closed.length, (at) => (closed[at]?.fold.fromMs as number) < timeMs)];
  }

  #unfoldedTime(folded: number): number {
    let [timeMs, rest] = [this.#startMs, folded];
    for (const { fold } of this.#closed) {
      const until = fold.fromMs - timeMs;
      if (rest <= until) break;
      if (rest <= until + FOLD_U) return fold.fromMs + ((rest - until) / FOLD_U) * (fold.toMs - fold.fromMs);
      rest -= until + FOLD_U;
      timeMs = fold.toMs;
    }
    return timeMs + rest;
  }
}

/** The quiet stretches between one loud step and the next. */
function foldsOf(steps: readonly Step[], startMs: number, { endMs, folding, open }: AxisOptions): Fold[] {
  if (!folding) return [];
  const folds: Fold[] = [];
  const add = (key: number, fromMs: number, toMs: number) => {
    if (toMs - fromMs >= MIN_FOLD_MS) folds.push({ key, fromMs, toMs, open: open.has(key), fromU: 0, toU: 0 });
  };
  let [key, loudMs] = [-1, startMs];
  for (const { step, timeMs, quiet } of steps) {
    if (quiet) continue;
    add(key, loudMs + MARGIN_MS, timeMs - MARGIN_MS);
    [key, loudMs] = [step, timeMs];
  }
  add(key, loudMs + MARGIN_MS, endMs - TAIL_MS);
  return folds;
}

/** The last number below `count` for which a condition holds that holds up to some number; -1 if for none. */
function lastWhere(count: number, holds: (at: number) => boolean): number {
  let [low, high] = [0, count];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (holds(middle)) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}
