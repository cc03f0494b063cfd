/**
 * Keeps the answer to a question whose cost grows with the length of the run.
 *
 * It asks again when the key has changed, but spends only a small share of the time on asking.
 */
export class Cache<T> {
  #key: string | undefined;
  #value: T | undefined;
  #askedAt = 0;
  #cost = 0;

  /** `urgent` asks whenever the key has changed, as when nothing moves and the reader looks closely. */
  get(key: string, urgent: boolean, ask: () => T): T {
    const now = performance.now();
    const fresh = key === this.#key || (!urgent && now - this.#askedAt < this.#cost * SHARE);
    if (this.#value !== undefined && fresh) return this.#value;
    this.#value = ask();
    this.#key = key;
    this.#cost = performance.now() - now;
    this.#askedAt = now;
    return this.#value;
  }

  clear(): void {
    this.#key = undefined;
    this.#value = undefined;
  }
}

/** One part in so many of the time. */
const SHARE = 25;
