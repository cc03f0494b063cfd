import type { Cluster } from '../engine.js';
import type { Strings } from '../i18n/index.js';
import type {
  BranchView,
  EventView,
  Frame,
  Marker,
  OperationView,
  RuleView,
  Scenario,
  Selection,
  ViolationView,
  Words,
} from '../model.js';
import { ClientView } from '../views/client/client.js';
import { EventListView } from '../views/event-list/event-list.js';
import { FatalView } from '../views/fatal/fatal.js';
import { FaultsView } from '../views/faults/faults.js';
import { HelpView } from '../views/help/help.js';
import { InspectorView } from '../views/inspector/inspector.js';
import { LegendView } from '../views/legend/legend.js';
import { MessageListView } from '../views/message-list/message-list.js';
import { RulesView } from '../views/rules/rules.js';
import { ScenarioView } from '../views/scenario/scenario.js';
import { TransportView } from '../views/transport/transport.js';
import { ViolationsView } from '../views/violations/violations.js';
import type { BranchBook } from './branches.js';
import type { BranchesPane } from './branches-pane.js';
import type { Breakpoints } from './breakpoints.js';
import type { BreakpointsPane } from './breakpoints-pane.js';
import { Cache } from './cache.js';
import type { ChaosLab, ChaosPane } from './chaos-pane.js';
import type { DiagramPane } from './diagram-pane.js';
import type { ExplorerLab, ExplorerPane } from './explorer-pane.js';
import type { HistoryPane } from './history-pane.js';
import type { PaneHooks } from './lab-pane.js';
import type { Panel, Slots } from './layout.js';
import { Lazy } from './lazy.js';
import { LogsPane } from './logs-pane.js';
import { MarkerFeed } from './marker-feed.js';
import type { MetricsPane } from './metrics-pane.js';
import type { SharePane } from './share-pane.js';
import { StagePane } from './stage-pane.js';
import type { WhyPane } from './why-pane.js';

/** Latest events that are fetched. */
const EVENT_WINDOW = 400;

/** What the panes show besides the state of the cluster. */
export interface Sight {
  selection: Selection | null;
  picked: ReadonlySet<number> | null;
  /** The ring shows the quorums of the last election and commit. */
  quorums: boolean;
  /** Branch and id of the event that is being explained. */
  explained: readonly [branch: number, event: number] | null;
  /** What was asked about, if it was no event. */
  subject: Selection | null;
  panel: Panel;
  playing: boolean;
  speed: number;
  /** A quiet stretch passes faster than `speed`. */
  hurrying: boolean;
  compact: boolean;
  still: boolean;
  branches: BranchBook;
  breakpoints: Breakpoints;
}

/** Long work in the background; it goes on when the views are made anew for another language. */
export interface Labs {
  chaos?: ChaosLab;
  explorer?: ExplorerLab;
}

/** All views of one playground. Pulls from the cluster what each of them needs, and no more. */
export class Panes {
  readonly #t: Strings;
  readonly #stage: StagePane;
  readonly #legend: LegendView;
  readonly client: ClientView;
  readonly help: HelpView;
  readonly fatal: FatalView;
  readonly #scenario: ScenarioView;
  readonly #violations: ViolationsView;
  readonly #faults: FaultsView;
  readonly #logs: LogsPane;
  readonly #transport: TransportView;
  readonly #inspect: InspectorView;
  readonly #messages: MessageListView;
  readonly #events: EventListView;
  readonly #rules: RulesView;
  readonly #diagram: Lazy<DiagramPane>;
  readonly #history: Lazy<HistoryPane>;
  readonly #metrics: Lazy<MetricsPane>;
  readonly #why: Lazy<WhyPane>;
  readonly #chaos: Lazy<ChaosPane>;
  readonly #explorer: Lazy<ExplorerPane>;
  #labs: Labs = {};
  readonly #branches: Lazy<BranchesPane>;
  readonly #breakpoints: Lazy<BreakpointsPane>;
  readonly #share: Lazy<SharePane>;
  readonly #scenarioCache = new Cache<Scenario>();
  readonly #rulesCache = new Cache<RuleView[]>();
  readonly #violationsCache = new Cache<ViolationView[]>();
  readonly #markers = new MarkerFeed();
  #shown: Cluster | null = null;

  /** `hooks.onChange` asks for a refresh when something has come that took its time. */
  constructor(
    slots: Slots,
    t: Strings,
    id: string,
    hooks: PaneHooks & { onChange: () => void; onError: (error: unknown) => void },
  ) {
    this.#t = t;
    const host = (root: HTMLElement, name: string) => ({ root, t, id: `${id}-${name}` });
    this.#stage = new StagePane(host(slots.ring, 'ring'));
    this.#legend = new LegendView(host(slots.legend, 'legend'));
    this.client = new ClientView(host(slots.client, 'client'));
    this.help = new HelpView(host(slots.help, 'help'));
    this.fatal = new FatalView(host(slots.fatal, 'fatal'));
    this.#scenario = new ScenarioView(host(slots.scenario, 'scenario'));
    this.#violations = new ViolationsView(host(slots.violations, 'violations'));
    this.#faults = new FaultsView(host(slots.faults, 'faults'));
    this.#logs = new LogsPane(host(slots.logs, 'logs'));
    this.#transport = new TransportView(host(slots.transport, 'transport'));
    this.#inspect = new InspectorView(host(slots.panels.inspect, 'inspect'));
    this.#messages = new MessageListView(host(slots.panels.messages, 'messages'));
    this.#events = new EventListView(host(slots.panels.events, 'events'));
    this.#rules = new RulesView(host(slots.panels.rules, 'rules'));
    const { onChange, onError } = hooks;
    this.#diagram = new Lazy(
      async () => new (await import('./diagram-pane.js')).DiagramPane(host(slots.panels.diagram, 'diagram'), onChange),
      onChange,
      onError,
    );
    this.#history = new Lazy(
      async () => new (await import('./history-pane.js')).HistoryPane(host(slots.panels.history, 'history'), onChange),
      onChange,
      onError,
    );
    this.#metrics = new Lazy(
      async () => new (await import('./metrics-pane.js')).MetricsPane(host(slots.panels.metrics, 'metrics'), onChange),
      onChange,
      onError,
    );
    this.#why = new Lazy(
      async () => new (await import('./why-pane.js')).WhyPane(host(slots.panels.why, 'why')),
      onChange,
      onError,
    );
    this.#chaos = new Lazy(
      async () => {
        const { ChaosLab, ChaosPane } = await import('./chaos-pane.js');
        this.#labs.chaos ??= new ChaosLab();
        return new ChaosPane(host(slots.panels.chaos, 'chaos'), this.#labs.chaos, hooks);
      },
      onChange,
      onError,
    );
    this.#explorer = new Lazy(
      async () => {
        const { ExplorerLab, ExplorerPane } = await import('./explorer-pane.js');
        this.#labs.explorer ??= new ExplorerLab();
        return new ExplorerPane(host(slots.panels.explorer, 'explorer'), this.#labs.explorer, hooks);
      },
      onChange,
      onError,
    );
    this.#branches = new Lazy(
      async () => new (await import('./branches-pane.js')).BranchesPane(host(slots.panels.branches, 'branches')),
      onChange,
      onError,
    );
    this.#breakpoints = new Lazy(
      async () =>
        new (await import('./breakpoints-pane.js')).BreakpointsPane(host(slots.panels.breakpoints, 'breakpoints')),
      onChange,
      onError,
    );
    this.#share = new Lazy(
      async () => new (await import('./share-pane.js')).SharePane(host(slots.panels.share, 'share'), hooks),
      onChange,
      onError,
    );
    this.help.update({ open: false });
  }

  /** The ring, which moves sixty times a second. */
  draw(cluster: Cluster, sight: Sight): void {
    this.#stage.draw(cluster, sight);
    if (sight.panel === 'diagram') this.#diagram.loaded?.glide(cluster.frame());
  }

  /** Everything else, which is read rather than watched. */
  refresh(cluster: Cluster, sight: Sight): void {
    const { selection, picked, compact, playing, speed, hurrying } = sight;
    if (cluster !== this.#shown) this.#meet(cluster);
    const frame = cluster.frame();
    const { branch, headStep, step, timeMs, endTimeMs, violations, rulesOff } = frame.header;
    const scenario = this.#scenarioCache.get('', true, () => cluster.scenario());
    // What follows is asked for in the present, so a paused run is always shown as it is.
    const rules = this.#rulesCache.get(playing ? `${branch} ${rulesOff}` : `${branch} ${rulesOff} ${step}`, true, () =>
      cluster.rules(),
    );
    const broken = this.#violationsCache.get(`${branch} ${violations}`, !playing, () =>
      violations > 0 ? cluster.violations() : [],
    );
    const markers = this.#markers.read(cluster);
    this.#stage.refresh(cluster, sight, markers, scenario);
    const { quorums, links } = this.#stage.facts;
    this.#legend.update({ frame, quorums, shown: sight.quorums });
    this.#scenario.update({
      scenario,
      caption: captionOf(scenario, cluster.scriptPosition()),
      expectations: cluster.expectations(),
      // Without a rule of the world it is still Raft.
      rulesOff: rules.filter(({ on, kind }) => !on && kind === 'raft'),
      rule: rules.find(({ name }) => name === scenario.rule) ?? null,
    });
    this.#violations.update({ violations: broken, focus: scenario.breaks });
    this.#logs.refresh(cluster, selection);
    const branches = compact ? [] : sight.branches.list(cluster).map(this.#titled);
    this.#transport.update({ playing, speed, hurrying, timeMs, endTimeMs, step, headStep, markers, branches, compact });
    if (compact) return;
    this.#faults.update({ frame, selection, picked, links });
    this.client.update({ frame, ...this.#clients(cluster, scenario) });
    this.#refreshPanel(cluster, frame, sight, rules, scenario, markers);
  }

  /** A branch under the name that it has in this language. */
  readonly #titled = (branch: BranchView): BranchView => ({ ...branch, name: this.#t.branches.title(branch.name) });

  #meet(cluster: Cluster): void {
    this.#shown = cluster;
    for (const cache of [this.#scenarioCache, this.#rulesCache, this.#violationsCache]) cache.clear();
  }

  /** The panel of clients, once it has been opened. */
  get history(): HistoryPane | undefined {
    return this.#history.loaded;
  }

  /** The panel of branches, once it has been opened. */
  get branches(): BranchesPane | undefined {
    return this.#branches.loaded;
  }

  /** The panel of metrics, once it has been opened. */
  get metrics(): MetricsPane | undefined {
    return this.#metrics.loaded;
  }

  /** The panel of chaos, once it has been opened. */
  get chaos(): ChaosPane | undefined {
    return this.#chaos.loaded;
  }

  /** The panel of the explorer, once it has been opened. */
  get explorer(): ExplorerPane | undefined {
    return this.#explorer.loaded;
  }

  /** The panel of sharing, once it has been opened. */
  get share(): SharePane | undefined {
    return this.#share.loaded;
  }

  /** Goes on with the work of other panes. Asked for before any panel of these has been shown. */
  takeLabs(other: Panes): void {
    this.#labs = other.#labs;
    other.#labs = {};
  }

  /** Goes on in the form of the selected link. */
  focusLink(): void {
    this.#faults.focusLink();
  }

  dispose(): void {
    this.#stage.ring.dispose();
    this.#logs.dispose();
    this.chaos?.dispose();
    this.explorer?.dispose();
    this.#labs.chaos?.dispose();
    this.#labs.explorer?.dispose();
    this.#diagram.loaded?.dispose();
    this.history?.dispose();
    this.metrics?.dispose();
    this.share?.dispose();
  }

  /** Who may ask, and what became of what was asked last. */
  #clients(cluster: Cluster, scenario: Scenario): { known: readonly string[]; last: OperationView | null } {
    const { sent } = this.client;
    const last = sent === null ? undefined : cluster.history({ since: sent.operation, limit: 1 })[0];
    return { known: clientsOf(scenario), last: last?.client === sent?.client ? (last ?? null) : null };
  }

  #refreshPanel(
    cluster: Cluster,
    frame: Frame,
    sight: Sight,
    rules: readonly RuleView[],
    scenario: Scenario,
    markers: readonly Marker[],
  ): void {
    const { panel, selection, explained, subject, playing } = sight;
    switch (panel) {
      case 'inspect':
        this.#inspect.update({
          frame,
          selection,
          server: selection?.kind === 'server' ? cluster.inspect(selection.id) : null,
          message:
            selection?.kind === 'message' ? (cluster.messages().find(({ id }) => id === selection.id) ?? null) : null,
        });
        break;
      case 'messages':
        this.#messages.update({ messages: cluster.messages(), selection });
        break;
      case 'events':
        this.#events.update({
          events: recentEvents(cluster, frame),
        });
        break;
      case 'why':
        this.#why.get()?.update(cluster, { rules, markers, explained, subject });
        break;
      case 'diagram':
        this.#diagram.get()?.update({ cluster, frame, playing, rules, scenario });
        break;
      case 'rules':
        this.#rules.update({ rules, focus: scenario.rule });
        break;
      case 'history':
        this.#history.get()?.update(cluster, markers, playing);
        break;
      case 'metrics':
        this.#metrics.get()?.update(cluster, sight.branches.list(cluster).map(this.#titled), rules);
        break;
      case 'branches':
        this.#branches.get()?.update(cluster, sight.branches, playing);
        break;
      case 'breakpoints':
        this.#breakpoints.get()?.update(cluster, sight.breakpoints);
        break;
      case 'chaos':
        this.#chaos.get()?.update(rules);
        break;
      case 'explorer':
        this.#explorer.get()?.update(rules);
        break;
      case 'share':
        this.#share.get()?.update({ cluster, branches: sight.branches, selection, rules });
        break;
    }
  }
}

function recentEvents(cluster: Cluster, frame: Frame): EventView[] {
  return cluster.events({ since: Math.max(0, frame.header.events - EVENT_WINDOW), limit: EVENT_WINDOW });
}

/** The clients that a scenario names, in the order of their first actions. */
function clientsOf({ script = [] }: Scenario): string[] {
  const names = script.flatMap(({ do: action }) => (action && 'client' in action ? [action.client] : []));
  return [...new Set(names)];
}

/** What the last line of the script that has been carried out says, or one before it. */
function captionOf({ script }: Scenario, linesDone: number): Words | null {
  return script?.slice(0, linesDone).findLast(({ caption }) => caption)?.caption ?? null;
}
