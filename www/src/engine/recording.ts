import type { RecordedCall } from './error.js';

/** Calls kept from each end of a recording; the middle of a longer one is left out of a report. */
const ENDS = 2_000;

/** What was asked of one cluster, for the report of a panic. It stays on this side, where it survives the engine. */
export class CallRecorder {
  readonly #first: RecordedCall[] = [];
  readonly #latest: RecordedCall[] = [];
  #omitted = 0;

  add(call: RecordedCall): void {
    const recent = this.#latest.length > 0 ? this.#latest : this.#first;
    const last = recent.at(-1);
    // A player advances sixty times a second; only where it arrived matters.
    if (last && call[0] === 'advanceTo' && last[0] === 'advanceTo' && last[2] === call[2]) {
      recent[recent.length - 1] = call;
    } else if (this.#first.length < ENDS) {
      this.#first.push(call);
    } else {
      this.#latest.push(call);
      if (this.#latest.length > 2 * ENDS) this.#omitted += this.#latest.splice(0, ENDS).length;
    }
  }

  /** The calls that were kept, oldest first, and how many are missing between the two ends. */
  report(): { recording: RecordedCall[]; omitted: number } {
    return { recording: [...this.#first, ...this.#latest], omitted: this.#omitted };
  }
}
