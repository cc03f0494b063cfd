import { html, nothing, render } from 'lit';
import type { Cluster } from '../engine.js';
import type { Strings } from '../i18n/index.js';
import type { Sight } from './panes.js';
import type { Source } from './source.js';

/** A run that was left for another one, as it was. */
export interface Stay {
  cluster: Cluster;
  source: Source;
  sight: Sight;
  /** What it was left for. */
  leftFor: 'found' | 'file';
}

/** Runs that are kept. Each has an engine of its own, so of many the ones in between are given up. */
const MAX_STAYS = 6;

/** Runs that were left to look at one that was found, and the way back to them. */
export class Visits {
  readonly #root: HTMLElement;
  readonly #t: Strings;
  #stays: Stay[] = [];

  constructor(root: HTMLElement, t: Strings) {
    this.#root = root;
    this.#t = t;
  }

  leave(stay: Stay): void {
    this.#stays.push(stay);
    // The first one is the reader's own.
    if (this.#stays.length > MAX_STAYS) for (const { cluster } of this.#stays.splice(1, 1)) cluster.dispose();
    this.#draw();
  }

  /** The run that was left last, which is kept no longer. */
  back(): Stay | undefined {
    const stay = this.#stays.pop();
    this.#draw();
    return stay;
  }

  /** Keeps what another playground has kept. */
  take(other: Visits): void {
    this.#stays = other.#stays;
    other.#stays = [];
    this.#draw();
  }

  /** The runs that are kept, the one that was left last at the end. */
  get stays(): readonly Stay[] {
    return this.#stays;
  }

  /** Whether the run that is shown is not the reader's own. */
  get away(): boolean {
    return this.#stays.length > 0;
  }

  forget(): void {
    for (const { cluster } of this.#stays) cluster.dispose();
    this.#stays = [];
    this.#draw();
  }

  /** Brings the way back, and the run with it, into view. */
  show(): void {
    this.#root.scrollIntoView({ block: 'nearest' });
  }

  #draw(): void {
    this.#root.hidden = !this.away;
    const { lab, share } = this.#t;
    render(
      this.away
        ? html`<p>${this.#stays.at(-1)?.leftFor === 'file' ? share.visiting : lab.visiting}</p><button type="button" data-do="come-back" @click=${this.#onBack}>${this.#stays.length === 1 ? lab.back : lab.backOnce}</button>`
        : nothing,
      this.#root,
    );
  }

  readonly #onBack = (): void => {
    this.#root.dispatchEvent(new CustomEvent('raft-back', { bubbles: true }));
  };
}
