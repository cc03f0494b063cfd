import type { Cluster } from '../engine.js';
import type { Frame, LogWindow, Marker, RuleView, Selection } from '../model.js';
import { ExplainView } from '../views/explain/explain.js';
import type { ViewHost } from '../views/view.js';

/** More entries than these wait in no log that somebody looks at. */
const MAX_WAITING = 48;

export interface Question {
  rules: readonly RuleView[];
  markers: readonly Marker[];
  /** Branch and id of the event that is being explained. */
  explained: readonly [branch: number, event: number] | null;
  /** What was asked about, if it was no event. */
  subject: Selection | null;
}

/** Asks the cluster for what the panel of reasons shows. */
export class WhyPane {
  readonly #view: ExplainView;

  constructor(host: ViewHost) {
    this.#view = new ExplainView(host);
  }

  update(cluster: Cluster, { rules, markers, explained, subject }: Question): void {
    const frame = cluster.frame();
    this.#view.update({
      scene: {
        frame,
        servers: frame.servers.map(({ id }) => cluster.inspect(id)),
        majority: rules.some(({ name, on }) => name === 'majority' && on),
        waiting: waitingEntries(cluster, frame),
      },
      markers,
      // The same number means another event on another branch.
      chain: explained?.[0] === frame.header.branch ? cluster.explain(explained[1]) : null,
      subject,
    });
  }
}

/** What each leader has not committed yet. */
function waitingEntries(cluster: Cluster, { servers }: Frame): Map<number, LogWindow['entries']> {
  const leaders = servers.filter(({ role, commitIndex, lastIndex }) => role === 3 && commitIndex < lastIndex);
  return new Map(leaders.map(({ id, commitIndex }) => [id, cluster.log(id, commitIndex + 1, MAX_WAITING).entries]));
}
