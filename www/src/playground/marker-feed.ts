import type { Cluster } from '../engine.js';
import type { Marker } from '../model.js';

/** The markers of the shown branch; only what is new is fetched. */
export class MarkerFeed {
  #cluster: Cluster | null = null;
  #branch = -1;
  #headStep = -1;
  #markers: readonly Marker[] = [];

  /** The same array as before when nothing has come. */
  read(cluster: Cluster): readonly Marker[] {
    const { branch, headStep } = cluster.frame().header;
    const isSame = cluster === this.#cluster && branch === this.#branch && headStep >= this.#headStep;
    if (isSame && headStep === this.#headStep) return this.#markers;
    const known = isSame ? this.#markers : [];
    // A violation that was recorded before the moment that is looked at knew it is told then.
    const settled = known.findIndex(isUntold);
    const kept = settled < 0 ? known : known.slice(0, settled);
    const fresh = cluster.markers({ since: (kept.at(-1)?.id ?? -1) + 1 });
    this.#cluster = cluster;
    this.#branch = branch;
    this.#headStep = headStep;
    if (!isSame || fresh.length > 0 || kept !== known) this.#markers = [...kept, ...fresh];
    return this.#markers;
  }
}

const isUntold = (marker: Marker): boolean => marker.event === 'violated' && marker.data.invariant === null;
