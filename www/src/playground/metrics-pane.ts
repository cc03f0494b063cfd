import type { BranchView, Cluster, RuleView } from '../engine.js';
import { MetricsView } from '../views/metrics/metrics.js';
import type { ViewHost } from '../views/view.js';
import { Measurer } from './measurer.js';

/** What the panel of metrics needs: the shown run, measured, and another one to compare it with. */
export class MetricsPane {
  readonly measurer: Measurer;
  readonly #view: MetricsView;

  constructor(host: ViewHost, onChange: () => void) {
    this.#view = new MetricsView(host);
    this.measurer = new Measurer(onChange);
  }

  /** `branches` are those to compare with, under the names that the reader knows them by. */
  update(cluster: Cluster, branches: readonly BranchView[], rules: readonly RuleView[]): void {
    const off = rules.filter(({ on, kind }) => !on && kind === 'raft').length;
    this.#view.update({ ...this.measurer.read(cluster, branches), rulesOff: off });
  }

  dispose(): void {
    this.measurer.dispose();
    this.#view.dispose();
  }
}
