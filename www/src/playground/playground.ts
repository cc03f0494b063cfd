import { type Cluster, type PanicDetails, RaftError } from '../engine.js';
import type { Strings } from '../i18n/index.js';
import type { Action, Selection } from '../model.js';
import { Player } from '../player.js';
import type { Hit } from '../views/breakpoints/when.js';
import type { FigureWish } from '../views/figure/wish.js';
import type { Visit } from '../views/lab/found.js';
import type { Intents, Wish } from '../views/view.js';
import { addressOf, copyAddress, selectionIn } from './addresses.js';
import { Announcer } from './announcer.js';
import { BranchBook } from './branches.js';
import { Breakpoints } from './breakpoints.js';
import { FileDrop } from './file-drop.js';
import { type Controls, layOut, PANELS, type Panel, type Slots } from './layout.js';
import { eventBehind } from './look-back.js';
import { Memory } from './memory.js';
import { Panes, type Sight } from './panes.js';
import { forkedNotice, takeRoute } from './routes.js';
import { Run } from './run.js';
import { reopen, type Session, sessionOf } from './session.js';
import { linkOf, wishesFor } from './shortcuts.js';
import { openSource, type Source } from './source.js';
import { styles } from './styles.js';
import { TourPane } from './tour-pane.js';
import { type Stay, Visits } from './visits.js';
import { type Notify, Watcher } from './watcher.js';

export { loadStrings } from '../i18n/index.js';

export interface PlaygroundOptions {
  controls: Controls;
  /** The words of its language. */
  t: Strings;
  speed: number;
  notify: Notify;
}

/** Panels are read, not watched: they follow a playing cluster at this distance. */
const REFRESH_MS = 110;

/** One cluster on a page: engine, player and views, wired together. */
export class Playground {
  readonly #root: ShadowRoot;
  readonly #options: PlaygroundOptions;
  readonly #t: Strings;
  readonly #id: string;
  readonly #slots: Slots;
  readonly #panes: Panes;
  readonly #announcer: Announcer;
  readonly #visits: Visits;
  readonly #tour: TourPane;
  readonly #motion = matchMedia('(prefers-reduced-motion: reduce)');
  readonly #sight: Sight;
  #source: Source = {};
  /** What the page asked for. */
  #origin: Source = {};
  readonly #memory = new Memory(() => this.#session());
  #cluster: Cluster | null = null;
  #player: Player | null = null;
  #refreshTimer: ReturnType<typeof setTimeout> | undefined;
  #refreshedAt = Number.NEGATIVE_INFINITY;
  #watcher: Watcher | null = null;
  #hidden = false;
  /** Where the run stops just now. */
  #hit: Hit | null = null;
  #opening = 0;

  constructor(root: ShadowRoot, id: string, options: PlaygroundOptions) {
    this.#root = root;
    this.#id = id;
    this.#options = options;
    this.#t = options.t;
    root.adoptedStyleSheets = [styles()];
    this.#slots = layOut(root, this.#t, id, options.controls);
    this.#panes = new Panes(this.#slots, this.#t, id, {
      onChange: () => this.#attempt(() => this.#refreshPanes()),
      onError: (error) => this.#say(error instanceof Error ? error.message : String(error), true),
      say: (kind, text) => this.#announcer.say(kind, text),
      remark: (text, problem) => this.#say(text, problem),
    });
    this.#announcer = new Announcer(this.#slots.live);
    this.#visits = new Visits(this.#slots.visit, this.#t);
    this.#tour = new TourPane(
      { root: this.#slots.tour, t: this.#t, id: `${id}-tour` },
      () => this.#motion.matches,
      (error) => this.#fail(error),
    );
    this.#sight = {
      selection: { kind: 'server', id: 1 },
      picked: null,
      quorums: true,
      explained: null,
      subject: null,
      panel: 'inspect',
      playing: false,
      speed: options.speed,
      hurrying: false,
      compact: options.controls !== 'full',
      still: this.#motion.matches,
      branches: new BranchBook(),
      breakpoints: new Breakpoints(),
    };
    this.#listen();
  }

  get cluster(): Cluster | null {
    return this.#cluster;
  }

  get player(): Player | null {
    return this.#player;
  }

  /** Where a playing run is to stop, for scripts as for the panel. Call `refresh()` after changing them. */
  get breakpoints(): Breakpoints {
    return this.#sight.breakpoints;
  }

  get reducedMotion(): boolean {
    return this.#motion.matches;
  }

  /**
   * Replaces the cluster. A later call wins over one that is still under way.
   *
   * `keep` names the session that is kept from now on; if this tab has one that began with this source, it goes on, and the
   * answer is `true`.
   */
  async open(source: Source, keep: string | null = null): Promise<boolean> {
    this.#visits.forget();
    if (source.src?.startsWith('#')) this.#tour.leave();
    this.#origin = source;
    if (keep !== null) {
      const turn = ++this.#opening;
      const session = await this.#memory.begin(keep, source);
      const runs = session && (await reopen(session, this.#sight));
      if (turn !== this.#opening) {
        for (const { cluster } of runs ? [runs.shown, ...runs.stays] : []) cluster.dispose();
        return false;
      }
      if (session && runs) {
        this.#goOn(runs);
        if (session.playing && !this.reducedMotion) this.play();
        else this.#say(this.#t.share.resumed);
        return true;
      }
    }
    await this.#open(source);
    return false;
  }

  #session(): Session | null {
    if (!this.#cluster) return null;
    const shown = { cluster: this.#cluster, source: this.#source, sight: this.#sight };
    return sessionOf(this.#origin, shown, this.#visits.stays);
  }

  /** Shows the runs of a session that was kept. */
  #goOn({ shown, stays }: { shown: Stay; stays: Stay[] }): void {
    const { panel } = this.#sight;
    this.#close();
    for (const stay of stays) this.#visits.leave(stay);
    this.#source = shown.source;
    this.#begin(shown.cluster);
    const { selection, explained, subject } = shown.sight;
    Object.assign(this.#sight, { selection, explained, subject });
    this.#showPanel(panel);
  }

  async #open(source: Source): Promise<void> {
    this.#source = source;
    const turn = ++this.#opening;
    this.#close();
    this.#slots.notice.textContent = this.#t.loading;
    try {
      const cluster = await openSource(source);
      if (turn !== this.#opening) {
        cluster.dispose();
        return;
      }
      this.#begin(cluster);
      const selection = selectionIn(source.text ?? source.src ?? '', cluster.frame().header.servers);
      if (selection) Object.assign(this.#sight, { selection });
      if (selection) this.refresh();
    } catch (error) {
      if (turn === this.#opening) this.#fail(error, true);
    }
  }

  /** Goes on with the run of a playground that it replaces, as when the language changes. */
  takeOver(other: Playground): void {
    const cluster = other.#cluster;
    const { selection, picked, quorums, explained, subject, panel, branches, breakpoints } = other.#sight;
    const playing = other.#player?.playing ?? false;
    this.#source = other.#source;
    this.#origin = other.#origin;
    this.#memory.take(other.#memory);
    this.#hidden = other.#hidden;
    this.#visits.take(other.#visits);
    this.#panes.takeLabs(other.#panes);
    this.#tour.take(other.#tour);
    Object.assign(this.#sight, { speed: other.#sight.speed, branches, breakpoints });
    other.#cluster = null;
    other.dispose();
    if (!cluster) return void this.open(other.#source);
    this.#begin(cluster);
    Object.assign(this.#sight, { selection, picked, quorums, explained, subject });
    this.#showPanel(panel);
    if (playing) this.play();
  }

  /** Begins the tour for who is here for the first time. */
  offerTour(): void {
    if (this.#options.controls === 'full') this.#tour.offer();
  }

  /** Shows the state again after the page has acted on the cluster itself. */
  refresh(): void {
    this.#attempt(() => {
      if (!this.#cluster) return;
      this.#draw(this.#cluster);
      this.#refreshPanes();
    });
  }

  /** Holds still while nobody can see it. */
  suspend(hidden: boolean): void {
    this.#hidden = hidden;
    this.#player?.suspend(hidden);
  }

  dispose(): void {
    this.#opening++;
    this.#close();
    this.#visits.forget();
    this.#memory.dispose();
    this.#panes.dispose();
    this.#announcer.dispose();
    this.#tour.dispose();
    this.#motion.removeEventListener('change', this.#onMotion);
  }

  #begin(cluster: Cluster, breaks: string | null = null): void {
    this.#cluster = cluster;
    this.#player = new Player(new Run(cluster, this.#sight.breakpoints), {
      scheduler: {
        now: () => performance.now(),
        request: (callback) => requestAnimationFrame(callback),
        cancel: (handle) => cancelAnimationFrame(handle),
      },
      speed: this.#sight.speed,
      onChange: (change) => (change === 'state' ? this.#onPlayerState() : this.#onSteps()),
      onError: (error) => this.#fail(error),
      shouldStop: () => this.#shouldStop(),
    });
    this.#player.suspend(this.#hidden);
    this.#watcher = new Watcher(cluster, this.#t, this.#announcer, this.#options.notify, breaks);
    Object.assign(this.#sight, {
      selection: { kind: 'server', id: 1 },
      picked: null,
      explained: null,
      subject: null,
      playing: false,
    });
    this.#slots.fatal.hidden = true;
    this.#root.querySelector('.playground')?.classList.remove('broken');
    this.#say('');
    this.refresh();
    this.#options.notify('ready', {
      servers: cluster.frame().header.servers,
      seed: cluster.seed,
      scenario: cluster.scenario().id,
    });
  }

  #close(): void {
    clearTimeout(this.#refreshTimer);
    this.#refreshTimer = undefined;
    this.#player?.dispose();
    this.#cluster?.dispose();
    this.#player = null;
    this.#watcher = null;
    this.#cluster = null;
  }

  // ---------------------------------------------------------------- following the cluster

  #onSteps(): void {
    this.#attempt(() => {
      const cluster = this.#cluster;
      if (!cluster) return;
      this.#draw(cluster);
      const wait = this.#refreshedAt + REFRESH_MS - performance.now();
      if (wait <= 0 || !this.#player?.playing) this.#refreshPanes();
      else this.#refreshTimer ??= setTimeout(() => this.#attempt(() => this.#refreshPanes()), wait);
    });
  }

  #onPlayerState(): void {
    const { player } = this;
    if (!player) return;
    if (player.playing !== this.#sight.playing) this.#announcer.say('state', this.#t.saysState(player.playing));
    this.#sight.playing = player.playing;
    this.#sight.speed = player.speed;
    this.#attempt(() => this.#refreshPanes());
    // Last of all: whoever is told may let the run go on.
    const hit = this.#hit;
    this.#hit = null;
    if (hit) this.#options.notify('breakpoint', hit);
  }

  #draw(cluster: Cluster): void {
    const frame = cluster.frame();
    this.#panes.draw(cluster, this.#sight);
    this.#watcher?.look(frame);
  }

  #refreshPanes(): void {
    clearTimeout(this.#refreshTimer);
    this.#refreshTimer = undefined;
    this.#refreshedAt = performance.now();
    if (!this.#cluster) return;
    this.#sight.hurrying = this.#player?.hurrying ?? false;
    this.#panes.refresh(this.#cluster, this.#sight);
    this.#memory.ask();
    const { step, headStep, timeMs } = this.#cluster.frame().header;
    this.#options.notify('step', { step, headStep, timeMs });
  }

  #shouldStop(): boolean {
    const hit = this.#sight.breakpoints.take();
    const reason = hit ? this.#t.breakpoints.stopped(hit) : (this.#watcher?.reasonToStop() ?? null);
    this.#hit = hit;
    if (reason) this.#say(reason);
    return reason !== null;
  }

  // ---------------------------------------------------------------- what the reader asks for

  #listen(): void {
    const root = this.#root.querySelector<HTMLElement>('.playground');
    for (const name of INTENTS) {
      root?.addEventListener(`raft-${name}`, (event) => {
        const wish = { name, detail: (event as CustomEvent).detail } as Wish;
        this.#attempt(() => this.#fulfil(wish));
      });
    }
    if (root && this.#options.controls === 'full')
      new FileDrop(root, this.#t.share.dropHere, (files) => void this.#openFile(files));
    root?.addEventListener('keydown', (event) => this.#onKey(event));
    root?.addEventListener('click', (event) => this.#attempt(() => this.#onClick(event)));
    this.#motion.addEventListener('change', this.#onMotion);
  }

  readonly #onMotion = (): void => {
    this.#sight.still = this.#motion.matches;
    this.refresh();
  };

  /** Does what a view or a key has asked for. */
  #fulfil(wish: Wish): void {
    const { name, detail } = wish;
    switch (name) {
      case 'reset':
        this.#memory.forget();
        void this.#open(this.#source);
        return;
      case 'tryRule':
        void this.#open({ ...this.#source, rule: detail ? 'on' : 'off' });
        return;
      case 'help':
        this.#panes.help.update({ open: detail });
        return;
      case 'tour':
        this.#tour.go(detail);
        return;
      case 'visit':
        void this.#visit(detail);
        return;
      case 'back':
        this.#comeBack();
        return;
      case 'share':
        if (detail.do === 'open') void this.#openFile(detail.files);
        else void this.#panes.share?.fulfil(detail);
        return;
      case 'chaos':
        this.#panes.chaos?.fulfil(detail);
        return;
      case 'explorer':
        this.#panes.explorer?.fulfil(detail);
        return;
    }
    const { player } = this;
    const cluster = this.#cluster;
    if (!cluster || !player) return;
    switch (name) {
      case 'act':
        this.#act(cluster, detail);
        return;
      case 'select':
        this.#select(detail);
        return;
      case 'seekStep':
        player.seek(detail);
        return;
      case 'seekTime':
        player.pause();
        cluster.seekTime(Math.min(detail, cluster.frame().header.endTimeMs));
        this.refresh();
        return;
      case 'togglePlay':
        if (player.playing) player.pause();
        else this.play();
        return;
      case 'step':
        if (detail < 0) player.stepBack(-detail);
        else player.step(detail);
        return;
      case 'speed':
        player.speed = detail;
        return;
      case 'write':
        this.#panes.client.write();
        return;
      case 'explain':
        this.#explain(cluster, detail, null);
        return;
      case 'why':
        this.#explain(cluster, detail && eventBehind(cluster, detail), detail);
        return;
      case 'pick':
        this.#sight.picked = detail && new Set(detail);
        this.refresh();
        return;
      case 'editLink':
        this.#select(linkOf(detail));
        this.#panes.focusLink();
        return;
      case 'quorums':
        this.#sight.quorums = detail;
        this.refresh();
        return;
      case 'copyLink':
        void this.#copyLink(cluster);
        return;
      case 'figure':
        void this.#saveFigure(cluster, detail);
        return;
      case 'judge':
        this.#panes.history?.judge(cluster, detail);
        return;
      case 'overlay':
        this.#panes.metrics?.measurer.overlay(detail);
        return;
      case 'metricsWindow':
        this.#panes.metrics?.measurer.window(detail);
        return;
      case 'pin': {
        const name = this.#panes.metrics?.measurer.pin(this.#t.words(cluster.scenario().title));
        if (name) this.#say(this.#t.metrics.pinned(name));
        return;
      }
      default:
        takeRoute(wish, {
          cluster,
          player,
          sight: this.#sight,
          t: this.#t,
          compare: (other) => this.#panes.branches?.compare(other),
          say: (text) => this.#say(text),
          begin: () => this.#begun(),
          refresh: () => this.refresh(),
        });
    }
  }

  /** Shows a run that was found. The present one is kept; if the other cannot be shown, nothing changes. */
  #visit({ scenario, breaks, play }: Visit): Promise<void> {
    const source = { text: JSON.stringify(scenario) };
    return this.#leaveFor('found', breaks, async () => {
      const cluster = await openSource(source);
      return { cluster, source, begun: () => play && this.play() };
    });
  }

  async #openFile(files: readonly File[]): Promise<void> {
    const [file] = files;
    if (!file) return;
    if (files.length > 1) return this.#say(this.#t.share.oneFile, true);
    this.#say(this.#t.share.opening(file.name));
    await this.#leaveFor('file', null, async () => {
      const { openFile } = await import('./files.js');
      const { cluster, source, remark, isProblem } = await openFile(file, this.#t);
      return { cluster, source, begun: () => this.#say(remark, isProblem) };
    });
  }

  async #leaveFor(leftFor: Stay['leftFor'], breaks: string | null, open: () => Promise<Arrival>): Promise<void> {
    const turn = ++this.#opening;
    try {
      const { cluster, source, begun } = await open();
      if (turn !== this.#opening) return cluster.dispose();
      if (this.#cluster)
        this.#visits.leave({ cluster: this.#cluster, source: this.#source, sight: { ...this.#sight }, leftFor });
      this.#cluster = null;
      this.#close();
      this.#source = source;
      this.#begin(cluster, breaks);
      this.#visits.show();
      begun();
    } catch (error) {
      if (turn === this.#opening) this.#say(error instanceof Error ? error.message : String(error), true);
    }
  }

  #comeBack(): void {
    const stay = this.#visits.back();
    if (!stay) return;
    this.#opening++;
    this.#close();
    this.#source = stay.source;
    this.#begin(stay.cluster);
    const { selection, picked, explained, subject } = stay.sight;
    Object.assign(this.#sight, { selection, picked, explained, subject });
    this.#showPanel(this.#sight.panel);
    if (!this.#visits.away) this.#say(this.#t.lab.isBack);
    this.#root.getElementById(`${this.#id}-tab-${this.#sight.panel}`)?.focus({ preventScroll: true });
  }

  play(): void {
    this.#begun();
    this.#sight.breakpoints.aim(null);
    this.#player?.play();
  }

  /** The reader lets it go on. */
  #begun(): void {
    this.#say('');
    this.#watcher?.allowMore();
  }

  #act(cluster: Cluster, action: Action): void {
    const outcome = cluster.act(action);
    this.#say('');
    if (outcome.forked) this.#say(forkedNotice(cluster, this.#sight.branches, this.#t));
    this.#panes.client.asked(action, outcome.operation ?? null);
    this.refresh();
  }

  #select(selection: Selection): void {
    this.#sight.selection = selection;
    if (!this.#sight.compact && this.#sight.panel !== 'messages') this.#showPanel('inspect');
    else this.refresh();
  }

  #explain(cluster: Cluster, event: number | null, subject: Selection | null): void {
    Object.assign(this.#sight, { explained: event === null ? null : [cluster.frame().header.branch, event], subject });
    // The control that was used may be in a panel that now disappears.
    const used = this.#root.activeElement?.closest('.panels') ?? null;
    this.#showPanel('why');
    if (used) this.#slots.panels.why.closest<HTMLElement>('[role="tabpanel"]')?.focus({ preventScroll: true });
    this.#root.querySelector('.tabs')?.scrollIntoView({ block: 'nearest' });
  }

  async #copyLink(cluster: Cluster): Promise<void> {
    try {
      this.#say(await copyAddress(await addressOf(cluster, this.#sight), this.#t));
    } catch (error) {
      this.#say(error instanceof Error ? error.message : String(error), true);
    }
  }

  async #saveFigure(cluster: Cluster, wish: FigureWish): Promise<void> {
    try {
      const { saveFigure } = await import('./figures.js');
      const root = wish.of === 'history' ? this.#slots.panels.history : this.#slots[wish.of];
      const name = await saveFigure(root, wish, cluster, this.#t);
      if (name) this.#say(this.#t.share.saved(name));
    } catch (error) {
      this.#say(error instanceof Error ? error.message : String(error), true);
    }
  }

  #onClick(event: MouseEvent): void {
    const target = event.target instanceof Element ? event.target : null;
    const tab = target?.closest<HTMLElement>('[data-panel]');
    if (tab) this.#showPanel(tab.dataset.panel as Panel);
    if (target?.closest('.ask-why')) this.#fulfil({ name: 'why', detail: null });
    const corner = target?.closest<HTMLElement>('.corner [data-do]')?.dataset.do as CornerButton | undefined;
    if (corner) this.#fulfil({ name: corner, detail: corner === 'help' } as Wish);
  }

  #showPanel(panel: Panel): void {
    this.#sight.panel = panel;
    for (const name of PANELS) {
      const chosen = name === panel;
      const tab = this.#root.getElementById(`${this.#id}-tab-${name}`);
      tab?.setAttribute('aria-selected', String(chosen));
      tab?.setAttribute('tabindex', chosen ? '0' : '-1');
      const body = this.#root.getElementById(`${this.#id}-panel-${name}`);
      if (body) body.hidden = !chosen;
    }
    this.refresh();
  }

  // ---------------------------------------------------------------- keyboard

  #onKey(event: KeyboardEvent): void {
    if (this.#moveTab(event) || !this.#cluster || this.#root.querySelector('dialog')?.open) return;
    const wishes = wishesFor(event, { frame: this.#cluster.frame(), ...this.#sight });
    if (!wishes) return;
    event.preventDefault();
    this.#attempt(() => {
      for (const wish of wishes) this.#fulfil(wish);
    });
  }

  /** Left and right move within the tabs, as the pattern for tabs asks. */
  #moveTab(event: KeyboardEvent): boolean {
    const tab = event.target instanceof HTMLElement ? event.target.closest<HTMLElement>('[data-panel]') : null;
    if (!tab || (event.key !== 'ArrowLeft' && event.key !== 'ArrowRight')) return false;
    const at = PANELS.indexOf(tab.dataset.panel as Panel);
    const next = PANELS[(at + (event.key === 'ArrowRight' ? 1 : -1) + PANELS.length) % PANELS.length] as Panel;
    this.#showPanel(next);
    this.#root.getElementById(`${this.#id}-tab-${next}`)?.focus();
    event.preventDefault();
    return true;
  }

  // ---------------------------------------------------------------- when something fails

  #attempt(work: () => void): void {
    try {
      work();
    } catch (error) {
      this.#fail(error);
    }
  }

  /** A refused action is a remark; a panic or a failed start replaces the cluster by an explanation. */
  #fail(error: unknown, starting = false): void {
    const raft = error instanceof RaftError ? error : null;
    this.#options.notify('error', {
      code: raft?.code ?? 'internal',
      message: error instanceof Error ? error.message : String(error),
    });
    if (!starting && raft && raft.code !== 'panic') {
      this.#say(raft.message, true);
      return;
    }
    const details = raft?.code === 'panic' ? (raft.details as PanicDetails) : null;
    this.#close();
    this.#root.querySelector('.playground')?.classList.add('broken');
    this.#slots.fatal.hidden = false;
    this.#panes.fatal.update({
      kind: raft && !details ? 'load' : 'panic',
      message: error instanceof Error ? error.message : String(error),
      report: details ? JSON.stringify(details, null, 1) : '',
    });
  }

  #say(text: string, problem = false): void {
    this.#slots.notice.textContent = text;
    this.#slots.notice.classList.toggle('problem', problem);
  }
}

/** A run that another one is left for. */
interface Arrival {
  cluster: Cluster;
  source: Source;
  begun: () => void;
}

type CornerButton = 'reset' | 'copyLink' | 'help';

const INTENTS = [
  'act',
  'select',
  'seekStep',
  'seekTime',
  'togglePlay',
  'step',
  'speed',
  'write',
  'fork',
  'branch',
  'goTo',
  'renameBranch',
  'deleteBranch',
  'restoreBranch',
  'compareBranch',
  'breakpoint',
  'runToNext',
  'mark',
  'explain',
  'why',
  'pick',
  'editLink',
  'quorums',
  'reset',
  'tryRule',
  'copyLink',
  'help',
  'tour',
  'judge',
  'overlay',
  'metricsWindow',
  'pin',
  'chaos',
  'explorer',
  'visit',
  'back',
  'share',
  'figure',
] as const satisfies readonly (keyof Intents)[];
