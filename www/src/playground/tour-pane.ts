import type { TourView } from '../views/tour/tour.js';
import type { ViewHost } from '../views/view.js';
import { Lazy } from './lazy.js';

/** The reader's word that the tour is over, kept in this browser. */
const KEY = 'raft-playground-tour';

/** Whether it has been offered since the page was loaded, also where nothing can be kept. */
let offered = false;

/** The tour: whom it is shown, and which step. Fetched when it begins. */
export class TourPane {
  readonly #view: Lazy<TourView>;
  readonly #still: () => boolean;
  #step: number | null = null;
  #asked = true;

  constructor(host: ViewHost, still: () => boolean, onError: (error: unknown) => void) {
    this.#still = still;
    this.#view = new Lazy(
      async () => new (await import('../views/tour/tour.js')).TourView(host),
      () => this.#show(),
      onError,
    );
  }

  /** Begins it for who has neither skipped nor finished it, once. */
  offer(): void {
    if (offered || isOver()) return;
    offered = true;
    this.go(0);
  }

  /** Goes to a step; `null` ends the tour for good. */
  go(step: number | null): void {
    this.#step = step;
    this.#asked = true;
    if (step === null) keepAsOver();
    this.#show();
  }

  /** Goes away without a word of the reader, as when a link opens something else. */
  leave(): void {
    this.#step = null;
    this.#show();
  }

  /** Goes on where another one is, as when the language changes. */
  take(other: TourPane): void {
    this.#step = other.#step;
    this.#asked = false;
    other.leave();
    this.#show();
  }

  dispose(): void {
    this.#view.loaded?.dispose();
  }

  #show(): void {
    if (this.#step === null && !this.#view.loaded) return;
    this.#view.get()?.update({ step: this.#step, still: this.#still(), asked: this.#asked });
  }
}

function isOver(): boolean {
  try {
    return localStorage.getItem(KEY) !== null;
  } catch {
    return false;
  }
}

function keepAsOver(): void {
  try {
    localStorage.setItem(KEY, 'over');
  } catch {
    // Storage may be forbidden; then it is offered again at the next visit.
  }
}
