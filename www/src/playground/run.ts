import type { Cluster } from '../engine.js';
import type { Playable } from '../player.js';
import type { Breakpoints } from './breakpoints.js';

/** The cluster as the player sees it: it only moves in time. */
export class Run implements Playable {
  readonly #cluster: Cluster;
  readonly #breakpoints: Breakpoints;

  constructor(cluster: Cluster, breakpoints: Breakpoints) {
    this.#cluster = cluster;
    this.#breakpoints = breakpoints;
  }

  get timeMs(): number {
    return this.#cluster.frame().header.timeMs;
  }

  get step(): number {
    return this.#cluster.frame().header.step;
  }

  get headStep(): number {
    return this.#cluster.frame().header.headStep;
  }

  get nextTimeMs(): number {
    return this.#cluster.frame().header.nextTimeMs;
  }

  get quiet(): boolean {
    return this.#cluster.frame().header.messages === 0;
  }

  advanceTo(timeMs: number, maxSteps: number): number {
    return this.#breakpoints.advance(this.#cluster, timeMs, maxSteps);
  }

  stepOnce(): boolean {
    return this.#cluster.step();
  }

  seek(step: number): void {
    this.#cluster.seek(step);
  }
}
