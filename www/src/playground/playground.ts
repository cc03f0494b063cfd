import { type Cluster, type PanicDetails, RaftError } from '../engine.js';
import { type Strings, stringsFor } from '../i18n/index.js';
import type { Action, Frame, FrameServer, Selection } from '../model.js';
import { Player } from '../player.js';
import type { IntentEvent } from '../views/view.js';
import { Announcer } from './announcer.js';
import { type Controls, layOut, PANELS, type Panel, type Slots } from './layout.js';
import { Panes, type Sight } from './panes.js';
import { Run } from './run.js';
import { type Command, commandFor } from './shortcuts.js';
import { openSource, type Source } from './source.js';
import { styles } from './styles.js';

/** What the page is told about. The detail is always plain data. */
export interface PlaygroundEvents {
  ready: { servers: number; seed: number | null; scenario: string };
  step: { step: number; headStep: number; timeMs: number };
  leaderchange: { leader: number | null; term: number };
  violation: { invariant: string; name: string; step: number; text: string };
  error: { code: string; message: string };
}

export interface PlaygroundOptions {
  controls: Controls;
  lang: string;
  speed: number;
  notify: <K extends keyof PlaygroundEvents>(type: K, detail: PlaygroundEvents[K]) => void;
}

/** Panels are read, not watched: they follow a playing cluster at this distance. */
const REFRESH_MS = 110;

/** A run records all that happens. After this many steps it asks before it goes on, since at full speed that is a second. */
const STRETCH_STEPS = 100_000;
/** Beyond this a run would take memory that a page should leave to others. */
const MAX_STEPS = 1_000_000;

/** One cluster on a page: engine, player and views, wired together. */
export class Playground {
  readonly #root: ShadowRoot;
  readonly #options: PlaygroundOptions;
  readonly #t: Strings;
  readonly #id: string;
  readonly #slots: Slots;
  readonly #panes: Panes;
  readonly #announcer: Announcer;
  readonly #motion = matchMedia('(prefers-reduced-motion: reduce)');
  readonly #sight: Sight;
  #source: Source = {};
  #cluster: Cluster | null = null;
  #player: Player | null = null;
  #refreshTimer: ReturnType<typeof setTimeout> | undefined;
  #refreshedAt = Number.NEGATIVE_INFINITY;
  #leader: number | null = null;
  #violations = 0;
  /** The page stops at one violation; after that the reader has seen that something is broken. */
  #shocked = false;
  #ended = false;
  #stepLimit = STRETCH_STEPS;
  #hidden = false;
  #opening = 0;

  constructor(root: ShadowRoot, id: string, options: PlaygroundOptions) {
    this.#root = root;
    this.#id = id;
    this.#options = options;
    this.#t = stringsFor(options.lang);
    root.adoptedStyleSheets = [styles()];
    this.#slots = layOut(root, this.#t, id, options.controls);
    this.#panes = new Panes(this.#slots, this.#t, id);
    this.#announcer = new Announcer(this.#slots.live);
    this.#sight = {
      selection: { kind: 'server', id: 1 },
      picked: null,
      explained: null,
      panel: 'inspect',
      playing: false,
      speed: options.speed,
      hurrying: false,
      compact: options.controls !== 'full',
      still: this.#motion.matches,
    };
    this.#listen();
  }

  get cluster(): Cluster | null {
    return this.#cluster;
  }

  get player(): Player | null {
    return this.#player;
  }

  get reducedMotion(): boolean {
    return this.#motion.matches;
  }

  /** Replaces the cluster. A later call wins over one that is still under way. */
  async open(source: Source): Promise<void> {
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
    } catch (error) {
      if (turn === this.#opening) this.#fail(error, true);
    }
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
    this.#panes.dispose();
    this.#announcer.dispose();
    this.#motion.removeEventListener('change', this.#onMotion);
  }

  #begin(cluster: Cluster): void {
    this.#cluster = cluster;
    this.#player = new Player(new Run(cluster), {
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
    this.#leader = null;
    this.#violations = 0;
    this.#shocked = false;
    this.#ended = false;
    this.#stepLimit = STRETCH_STEPS;
    Object.assign(this.#sight, { selection: { kind: 'server', id: 1 }, picked: null, explained: null, playing: false });
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
  }

  #draw(cluster: Cluster): void {
    const frame = cluster.frame();
    this.#panes.draw(frame, this.#sight);
    this.#watch(cluster, frame);
  }

  #refreshPanes(): void {
    clearTimeout(this.#refreshTimer);
    this.#refreshTimer = undefined;
    this.#refreshedAt = performance.now();
    if (!this.#cluster) return;
    this.#sight.hurrying = this.#player?.hurrying ?? false;
    this.#panes.refresh(this.#cluster, this.#sight);
    const { step, headStep, timeMs } = this.#cluster.frame().header;
    this.#options.notify('step', { step, headStep, timeMs });
  }

  /** Tells the page and the live region what has changed. */
  #watch(cluster: Cluster, frame: Frame): void {
    const leader = leaderOf(frame);
    const id = leader?.id ?? null;
    if (id !== this.#leader) {
      this.#leader = id;
      this.#announcer.say('leader', leader ? this.#t.saysLeader(leader.id, leader.term) : this.#t.saysNoLeader);
      this.#options.notify('leaderchange', { leader: id, term: leader?.term ?? 0 });
    }
    const count = frame.header.violations;
    if (count > this.#violations) {
      const violation = cluster.violations().at(-1);
      if (violation) {
        this.#announcer.say('violation', this.#t.saysViolation(violation.name));
        this.#options.notify('violation', {
          invariant: violation.invariant,
          name: violation.name,
          step: violation.step,
          text: violation.text,
        });
      }
    }
    this.#violations = count;
  }

  /** Stops once at a violation, and once where the scenario's claims have all been decided. */
  #shouldStop(): boolean {
    const cluster = this.#cluster;
    if (!cluster) return true;
    const frame = cluster.frame();
    if (frame.header.step >= this.#stepLimit) {
      this.#say(this.#t.longRun(frame.header.step, this.#stepLimit >= MAX_STEPS));
      return true;
    }
    if (!this.#shocked && frame.header.violations > this.#violations) {
      // Of an experiment that breaks a named invariant, that one is the point.
      const { breaks } = cluster.scenario();
      const found = cluster.violations().find(({ invariant }) => !breaks || invariant === breaks);
      if (found) {
        this.#shocked = true;
        cluster.seek(found.step);
        return true;
      }
    }
    const claims = this.#ended ? [] : cluster.expectations();
    if (claims.length > 0 && claims.every(({ result }) => result !== 'pending')) {
      this.#ended = true;
      this.#say(this.#t.ended);
      return true;
    }
    return false;
  }

  // ---------------------------------------------------------------- what the reader asks for

  #listen(): void {
    const root = this.#root.querySelector<HTMLElement>('.playground');
    for (const name of INTENTS)
      root?.addEventListener(`raft-${name}`, (event) => this.#attempt(() => this.#onIntent(event as IntentEvent)));
    root?.addEventListener('keydown', (event) => this.#onKey(event));
    root?.addEventListener('click', (event) => this.#attempt(() => this.#onClick(event)));
    this.#motion.addEventListener('change', this.#onMotion);
  }

  readonly #onMotion = (): void => {
    this.#sight.still = this.#motion.matches;
    this.refresh();
  };

  #onIntent(event: IntentEvent): void {
    const { player } = this;
    const cluster = this.#cluster;
    switch (event.type) {
      case 'raft-reset':
        void this.open(this.#source);
        return;
      case 'raft-tryRule':
        void this.open({ ...this.#source, rule: event.detail });
        return;
      case 'raft-help':
        this.#panes.help.update({ open: event.detail });
        return;
    }
    if (!cluster || !player) return;
    switch (event.type) {
      case 'raft-act':
        this.#act(event.detail);
        break;
      case 'raft-select':
        this.#select(event.detail);
        break;
      case 'raft-seekStep':
        player.seek(event.detail);
        break;
      case 'raft-seekTime':
        player.pause();
        cluster.seekTime(Math.min(event.detail, cluster.frame().header.endTimeMs));
        this.refresh();
        break;
      case 'raft-togglePlay':
        if (player.playing) player.pause();
        else this.play();
        break;
      case 'raft-step':
        if (event.detail < 0) player.stepBack(-event.detail);
        else player.step(event.detail);
        break;
      case 'raft-speed':
        player.speed = event.detail;
        break;
      case 'raft-fork':
        cluster.fork();
        this.#sayBranch(cluster);
        this.refresh();
        break;
      case 'raft-branch':
        player.pause();
        cluster.switchBranch(event.detail);
        this.refresh();
        break;
      case 'raft-explain':
        this.#sight.explained = event.detail;
        this.#showPanel('events');
        break;
      case 'raft-pick':
        this.#sight.picked = event.detail && new Set(event.detail);
        this.refresh();
        break;
      case 'raft-copyLink':
        void this.#copyLink(cluster);
        break;
    }
  }

  play(): void {
    this.#say('');
    const step = this.#cluster?.frame().header.step ?? 0;
    while (this.#stepLimit <= step && this.#stepLimit < MAX_STEPS) this.#stepLimit += STRETCH_STEPS;
    this.#player?.play();
  }

  #act(action: Action): void {
    const cluster = this.#cluster;
    if (!cluster) return;
    const outcome = cluster.act(action);
    this.#say('');
    if (outcome.forked) this.#sayBranch(cluster);
    this.#ended = false;
    this.refresh();
  }

  #select(selection: Selection): void {
    this.#sight.selection = selection;
    if (!this.#sight.compact && this.#sight.panel !== 'messages') this.#showPanel('inspect');
    else this.refresh();
  }

  #sayBranch(cluster: Cluster): void {
    const branch = cluster.branches().find(({ current }) => current);
    if (branch) this.#say(this.#t.forked(branch.name));
  }

  async #copyLink(cluster: Cluster): Promise<void> {
    try {
      const url = new URL(location.href);
      url.hash = await cluster.link();
      await navigator.clipboard.writeText(url.href);
      this.#say(this.#t.linkCopied);
    } catch (error) {
      this.#say(error instanceof Error ? error.message : String(error), true);
    }
  }

  #onClick(event: MouseEvent): void {
    const target = event.target instanceof Element ? event.target : null;
    const tab = target?.closest<HTMLElement>('[data-panel]');
    if (tab) this.#showPanel(tab.dataset.panel as Panel);
    const what = target?.closest<HTMLElement>('.corner [data-do]')?.dataset.do;
    if (what === 'reset') void this.open(this.#source);
    if (what === 'help') this.#panes.help.update({ open: true });
    if (what === 'copyLink' && this.#cluster) void this.#copyLink(this.#cluster);
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
    if (this.#moveTab(event)) return;
    const command = commandFor(event);
    if (command === null || this.#root.querySelector('dialog')?.open) return;
    this.#attempt(() => {
      if (this.#command(command)) event.preventDefault();
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

  /** Carries out a shortcut; `false` leaves the key to the browser. */
  #command(command: Command): boolean {
    const { player } = this;
    const cluster = this.#cluster;
    if (!cluster || !player) return false;
    const { picked, selection } = this.#sight;
    const frame = cluster.frame();
    const server = selection?.kind === 'server' ? frame.servers[selection.id - 1] : undefined;
    if (typeof command === 'object') return this.#pressNumber(command.server, frame);
    switch (command) {
      case 'togglePlay':
        if (player.playing) player.pause();
        else this.play();
        return true;
      case 'back':
        player.stepBack();
        return true;
      case 'forward':
        player.step();
        return true;
      case 'back10':
        player.stepBack(10);
        return true;
      case 'forward10':
        player.step(10);
        return true;
      case 'start':
        player.seek(0);
        return true;
      case 'end':
        player.seek(frame.header.headStep);
        return true;
      case 'help':
        this.#panes.help.update({ open: true });
        return true;
    }
    if (this.#sight.compact) return false;
    switch (command) {
      case 'crash':
        if (server) this.#act({ type: server.status === 1 ? 'restart' : 'crash', server: server.id });
        return true;
      case 'timeout':
        if (server) this.#act({ type: 'timeout', server: server.id });
        return true;
      case 'heal':
        this.#act({ type: 'heal' });
        return true;
      case 'write':
        this.#panes.client.write();
        return true;
      case 'fork':
        cluster.fork();
        this.#sayBranch(cluster);
        this.refresh();
        return true;
      case 'partition':
        this.#pick(picked ? null : new Set());
        return true;
      case 'confirm':
        if (!picked || picked.size === 0) return false;
        this.#act({
          type: 'partition',
          groups: [[...picked], frame.servers.map(({ id }) => id).filter((id) => !picked.has(id))],
        });
        this.#pick(null);
        return true;
      case 'cancel':
        if (!picked) return false;
        this.#pick(null);
        return true;
    }
  }

  #pressNumber(id: number, frame: Frame): boolean {
    if (id > frame.header.servers) return false;
    const { picked } = this.#sight;
    if (picked) {
      const group = new Set(picked);
      if (!group.delete(id)) group.add(id);
      this.#pick(group);
    } else {
      this.#select({ kind: 'server', id });
    }
    return true;
  }

  #pick(picked: ReadonlySet<number> | null): void {
    this.#sight.picked = picked;
    this.refresh();
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

const INTENTS = [
  'act',
  'select',
  'seekStep',
  'seekTime',
  'togglePlay',
  'step',
  'speed',
  'fork',
  'branch',
  'explain',
  'pick',
  'reset',
  'tryRule',
  'copyLink',
  'help',
] as const;

function leaderOf(frame: Frame): FrameServer | undefined {
  return frame.servers.filter(({ role, status }) => role === 3 && status === 0).sort((a, b) => b.term - a.term)[0];
}
