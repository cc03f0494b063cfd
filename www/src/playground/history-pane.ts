import type { Cluster } from '../engine.js';
import type { Marker } from '../model.js';
import { HistoryView } from '../views/history/history.js';
import type { ViewHost } from '../views/view.js';
import { HistoryFeed } from './history-feed.js';
import { Judging } from './judging.js';

/** What the panel of clients needs of the cluster and of the judges. */
export class HistoryPane {
  readonly #view: HistoryView;
  readonly #feed = new HistoryFeed();
  readonly #judging: Judging;
  readonly #onChange: () => void;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #cluster: Cluster | null = null;

  constructor(host: ViewHost, onChange: () => void) {
    this.#view = new HistoryView(host);
    this.#judging = new Judging(onChange);
    this.#onChange = onChange;
  }

  update(cluster: Cluster, markers: readonly Marker[], playing: boolean): void {
    if (cluster !== this.#cluster) {
      this.#cluster = cluster;
      this.#judging.cancel();
      this.#view.reset();
    }
    const { operations, ticks, complete } = this.#feed.read(cluster);
    const { timeMs, endTimeMs } = cluster.frame().header;
    this.#view.update({ operations, ticks, markers, timeMs, endTimeMs, playing, judgement: this.#judging.of(cluster) });
    clearTimeout(this.#timer);
    if (!complete && !playing) this.#timer = setTimeout(this.#onChange, NEXT_PART_MS);
  }

  judge(cluster: Cluster, on: boolean): void {
    if (on) this.#judging.start(cluster);
    else this.#judging.cancel();
  }

  dispose(): void {
    clearTimeout(this.#timer);
    this.#judging.cancel();
    this.#view.dispose();
  }
}

/** Between two parts of a long history the page may do something else. */
const NEXT_PART_MS = 30;
