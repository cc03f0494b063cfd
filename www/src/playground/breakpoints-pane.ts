import type { Cluster } from '../engine.js';
import { BreakpointsView } from '../views/breakpoints/breakpoints.js';
import type { ViewHost } from '../views/view.js';
import type { Breakpoints } from './breakpoints.js';

/** What the panel of breakpoints needs. */
export class BreakpointsPane {
  readonly #view: BreakpointsView;

  constructor(host: ViewHost) {
    this.#view = new BreakpointsView(host);
  }

  update(cluster: Cluster, breakpoints: Breakpoints): void {
    this.#view.update({
      breakpoints: breakpoints.list(cluster),
      latest: breakpoints.latest(cluster),
      servers: cluster.frame().header.servers,
    });
  }
}
