import type { BranchView, Cluster } from '../engine.js';
import { BranchesView, type Comparison } from '../views/branches/branches.js';
import type { ViewHost } from '../views/view.js';
import type { BranchBook } from './branches.js';
import { Comparer } from './compare.js';

/** What the panel of branches needs: the tree, and what two branches have in common. */
export class BranchesPane {
  readonly #view: BranchesView;
  readonly #comparer = new Comparer();
  #cluster: Cluster | null = null;
  /** Which branches are compared, in the order of their columns. */
  #pair: readonly [number, number] | null = null;
  /** What is to be compared with the shown branch from the next update on. */
  #wanted: number | null | undefined;
  #compared: { key: string; comparison: Comparison } | null = null;

  constructor(host: ViewHost) {
    this.#view = new BranchesView(host);
  }

  /** Lays a branch beside the one that is shown; `null` ends that. */
  compare(other: number | null): void {
    this.#wanted = other;
  }

  update(cluster: Cluster, book: BranchBook, playing: boolean): void {
    if (cluster !== this.#cluster) {
      this.#cluster = cluster;
      this.#pair = null;
      this.#wanted = undefined;
      this.#compared = null;
    }
    const branches = book.list(cluster);
    const current = branches.find((branch) => branch.current);
    if (current) this.#choose(current.id);
    const [a, b] = (this.#pair ?? []).map((id) => branches.find((branch) => branch.id === id));
    this.#view.update({
      branches,
      step: cluster.frame().header.step,
      deleted: book.lastDeleted(cluster),
      compared: a && b ? { a, b, comparison: this.#comparison(cluster, a, b, branches, playing) } : null,
    });
  }

  /** Of the two that are compared one is always shown. */
  #choose(current: number): void {
    if (this.#wanted !== undefined) this.#pair = this.#wanted === null ? null : [current, this.#wanted];
    else if (this.#pair && !this.#pair.includes(current)) this.#pair = [current, this.#pair[1]];
    this.#wanted = undefined;
  }

  /** A run that plays on is compared again when it stops: every look at the other branch takes its time. */
  #comparison(
    cluster: Cluster,
    a: BranchView,
    b: BranchView,
    branches: readonly BranchView[],
    playing: boolean,
  ): Comparison {
    const pair = `${a.id} ${b.id} `;
    const key = `${pair}${a.headStep} ${b.headStep}`;
    const known = this.#compared;
    if (known && (known.key === key || (playing && known.key.startsWith(pair)))) return known.comparison;
    const comparison = this.#comparer.compare(cluster, a, b, branches);
    this.#compared = { key, comparison };
    return comparison;
  }
}
