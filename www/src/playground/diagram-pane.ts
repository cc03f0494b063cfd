import type { Cluster } from '../engine.js';
import type { Frame, RuleView, Scenario } from '../model.js';
import { SpaceTimeView } from '../views/space-time/space-time.js';
import { Trail } from '../views/space-time/trail.js';
import type { ViewHost } from '../views/view.js';

/** What the diagram is about. */
export interface Drawn {
  cluster: Cluster;
  frame: Frame;
  playing: boolean;
  rules: readonly RuleView[];
  scenario: Scenario;
}

/** Between two parts of a long run the page may do something else. */
const NEXT_PART_MS = 10;

/** What the space-time diagram needs of the cluster: all events, bit by bit. */
export class DiagramPane {
  readonly #host: ViewHost;
  readonly #view: SpaceTimeView;
  readonly #trail = new Trail();
  readonly #onChange: () => void;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(host: ViewHost, onChange: () => void) {
    this.#host = host;
    this.#view = new SpaceTimeView(host);
    this.#onChange = onChange;
  }

  update({ cluster, frame, playing, rules, scenario }: Drawn): void {
    const { t } = this.#host;
    const { events: count, servers, step, timeMs } = frame.header;
    const branch = cluster.branches().find(({ current }) => current);
    const behind = this.#trail.follow(cluster, { count, servers, branch });
    this.#view.update({
      history: this.#trail.history,
      behind,
      playing,
      messages: behind ? [] : cluster.messages(),
      step,
      timeMs,
      title: t.words(scenario.title),
      file: scenario.id,
      rulesOff: rules.filter(({ on, kind }) => !on && kind === 'raft').map(({ name }) => t.ruleName(name)),
    });
    clearTimeout(this.#timer);
    // While it plays, the next look comes by itself.
    if (behind && !playing) this.#timer = setTimeout(this.#onChange, NEXT_PART_MS);
  }

  /** Moves the present between two updates. */
  glide({ header: { step, timeMs } }: Frame): void {
    this.#view.glide(step, timeMs);
  }

  dispose(): void {
    clearTimeout(this.#timer);
    this.#view.dispose();
  }
}
