import type { Cluster } from '../engine.js';
import type { Marker, Scenario } from '../model.js';
import { NO_FACTS, type RingFacts, usualQuality } from '../views/ring/facts.js';
import { type RingState, RingView } from '../views/ring/ring.js';
import type { ViewHost } from '../views/view.js';
import { LinkHistory } from './link-history.js';
import { Losses } from './losses.js';
import { QuorumFinder } from './quorum-finder.js';

/** What of the ring depends on the reader alone. */
export type RingSight = Pick<RingState, 'selection' | 'picked' | 'still' | 'quorums'>;

/** Asks the cluster for what the ring shows: the losses at every frame, who decided what when it is read. */
export class StagePane {
  readonly ring: RingView;
  readonly #losses = new Losses();
  readonly #finder = new QuorumFinder();
  readonly #links = new LinkHistory();
  facts: RingFacts = NO_FACTS;

  constructor(host: ViewHost) {
    this.ring = new RingView(host);
  }

  draw(cluster: Cluster, { selection, picked, still, quorums }: RingSight): void {
    const frame = cluster.frame();
    const losses = this.#losses.recent(cluster, frame);
    this.ring.update({ frame, selection, picked, still, quorums, losses, facts: this.facts });
  }

  refresh(cluster: Cluster, sight: RingSight, markers: readonly Marker[], scenario: Scenario): void {
    const frame = cluster.frame();
    const usual = usualQuality(scenario.cluster.network);
    this.facts = {
      quorums: this.#finder.find(cluster, frame, markers),
      links: this.#links.at(frame.header.step, frame.header.servers, markers, usual),
    };
    this.draw(cluster, sight);
  }
}
