/** How fast something goes, counted from the first time that it was told. */
export class Pace {
  #from: { at: number; count: number } | null = null;

  /** How many a second since the first call; `null` as long as that is too short to say. */
  read(count: number, nowMs: number): number | null {
    this.#from ??= { at: nowMs, count };
    const passedMs = nowMs - this.#from.at;
    return passedMs >= SHORTEST_MS ? ((count - this.#from.count) / passedMs) * 1_000 : null;
  }
}

const SHORTEST_MS = 200;

/** Lets something through now and then, and the last of it always. */
export class Throttle {
  readonly #work: () => void;
  readonly #everyMs: number;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #at = Number.NEGATIVE_INFINITY;

  constructor(work: () => void, everyMs: number) {
    this.#work = work;
    this.#everyMs = everyMs;
  }

  ask(): void {
    const wait = this.#at + this.#everyMs - performance.now();
    if (wait <= 0) this.now();
    else this.#timer ??= setTimeout(() => this.now(), wait);
  }

  now(): void {
    this.stop();
    this.#at = performance.now();
    this.#work();
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }
}
