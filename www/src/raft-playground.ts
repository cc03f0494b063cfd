import type { Cluster } from './engine.js';
import type { Playground } from './playground/playground.js';
import type { PlaygroundEvents } from './playground/watcher.js';

/**
 * A real Raft cluster in a page.
 *
 * This file is only the façade; the engine and the views are fetched when the element comes into use.
 * Children in the light DOM are shown until then, and where scripts or wasm do not run.
 *
 * @attr scenario - Name of a built-in scenario, such as `figure-8`.
 * @attr src - URL of a scenario or a recording, or a link (`#v1:…`).
 * @attr variant - Name of a variant of the scenario, such as `seven` of `two-f-plus-one`.
 * @attr rule - `off` begins a scenario with the rule that it is about switched off, `on` with it on.
 * @attr servers - Number of servers of a free cluster, 5 unless told.
 * @attr seed - Seed of the run.
 * @attr controls - `full` (also when empty), `mini` or `none` (also when absent).
 * @attr theme - `light`, `dark` or `auto`; without it the page's colour scheme counts.
 * @attr lang - Language of the interface, `en` or `zh`; without it that of the page around it.
 * @attr keep - With it, the run and all around it survive a reload of the tab; its value tells the elements of a page apart.
 * @attr loading - `lazy` waits until the element comes near the visible part of the page.
 * @attr autoplay - Plays when ready, unless the reader prefers reduced motion.
 * @attr tour - With `full` controls: offers a tour to who is here for the first time.
 * @attr speed - Simulated time per real time, 0.04 unless told.
 * @event ready - The cluster can be used: `{ servers, seed, scenario }`.
 * @event step - The position has changed (at most ten times a second): `{ step, headStep, timeMs }`.
 * @event leaderchange - `{ leader, term }`; `leader` is null when there is none.
 * @event violation - The checker found a safety property broken: `{ invariant, name, step, text }`.
 * @event breakpoint - A playing run has stopped at breakpoints: `{ ids, event, branch, step, timeMs }`.
 * @event error - `{ code, message }`.
 * @slot - What is shown until the cluster is there.
 * @csspart playground - The whole.
 * @csspart stage - The ring.
 * @csspart node - One server of the ring.
 * @csspart message - One message of the ring.
 * @csspart toolbar - The transport.
 * @csspart title - The title of the experiment.
 * @csspart caption - What is happening now.
 */

/** Servers can import this file too: there it defines nothing. */
const Base = globalThis.HTMLElement ?? (class {} as unknown as typeof HTMLElement);

const SOURCE_ATTRIBUTES = ['scenario', 'variant', 'src', 'rule', 'servers', 'seed'];
const DEFAULT_SPEED = 0.04;
let instances = 0;

export class RaftPlayground extends Base {
  static readonly observedAttributes = [...SOURCE_ATTRIBUTES, 'controls', 'lang', 'speed'];

  readonly #id = `raft-${++instances}`;
  #playground: Playground | null = null;
  #text: string | undefined;
  #queue: ((playground: Playground) => void)[] = [];
  #state: 'idle' | 'waiting' | 'starting' | 'ready' = 'idle';
  #near: IntersectionObserver | undefined;
  #seen: IntersectionObserver | undefined;
  #visible = true;
  #reopening = false;
  /** Whether attributes have changed since the source was last read. */
  #outdated = false;
  /** What the frame was drawn for, and how often it has been asked to change. */
  #drawn = '';
  #redraws = 0;

  connectedCallback(): void {
    if (this.#state !== 'idle') return;
    this.#state = 'waiting';
    if (this.getAttribute('loading') === 'lazy' && 'IntersectionObserver' in globalThis) {
      this.#near = new IntersectionObserver(
        (entries) => entries.some((entry) => entry.isIntersecting) && void this.#activate(),
        { rootMargin: '200px' },
      );
      this.#near.observe(this);
    } else {
      void this.#activate();
    }
  }

  disconnectedCallback(): void {
    // An element that is only moved is connected again before the microtask runs.
    queueMicrotask(() => {
      if (!this.isConnected) this.#release();
    });
  }

  attributeChangedCallback(name: string, before: string | null, after: string | null): void {
    if (before === after) return;
    if (this.#state === 'starting' || this.#state === 'ready') this.#outdated ||= SOURCE_ATTRIBUTES.includes(name);
    if (this.#state !== 'ready') return;
    if (name === 'speed') {
      const player = this.#playground?.player;
      if (player) player.speed = this.#speed();
      return;
    }
    if (SOURCE_ATTRIBUTES.includes(name)) this.#text = undefined;
    // Several attributes changed at once mean one new cluster.
    if (this.#reopening) return;
    this.#reopening = true;
    queueMicrotask(() => {
      this.#reopening = false;
      if (this.#state !== 'ready') return;
      if (this.#outdated) void this.#open();
      else void this.#redraw();
    });
  }

  /** The headless cluster, for the console and for scripts; `null` until `ready`. Call `refresh()` after acting on it. */
  get cluster(): Cluster | null {
    return this.#playground?.cluster ?? null;
  }

  get playing(): boolean {
    return this.#playground?.player?.playing ?? false;
  }

  play(): void {
    this.#later((playground) => playground.play());
  }

  pause(): void {
    this.#later(({ player }) => player?.pause());
  }

  step(n = 1): void {
    this.#later(({ player }) => player?.step(n));
  }

  stepBack(n = 1): void {
    this.#later(({ player }) => player?.stepBack(n));
  }

  /** Shows a recorded step of the current branch. */
  seek(step: number): void {
    this.#later(({ player }) => player?.seek(step));
  }

  /** Starts over. */
  reset(): void {
    this.#later(() => void this.#open());
  }

  /** Replaces the cluster by a scenario, a recording or a link (`#v1:…`), given as text or as the parsed object. */
  load(source: string | object): void {
    this.#text = typeof source === 'string' ? source : JSON.stringify(source);
    if (this.#state === 'ready') void this.#open();
  }

  refresh(): void {
    this.#playground?.refresh();
  }

  async #activate(): Promise<void> {
    if (this.#state !== 'waiting') return;
    this.#state = 'starting';
    this.#near?.disconnect();
    try {
      // It may have left the page while the code was being fetched.
      const made = await this.#make(() => this.isConnected && this.#state === 'starting');
      if (!made) return;
      this.#playground = made;
    } catch (error) {
      this.#state = 'idle';
      this.#notify('error', { code: 'loadFailed', message: error instanceof Error ? error.message : String(error) });
      return;
    }
    this.#watchVisibility();
    await this.#open(this.getAttribute('keep'));
  }

  /** An empty playground in the language of the page; `null` if by then it is not wanted any more. */
  async #make(wanted: () => boolean): Promise<Playground | null> {
    const { Playground, loadStrings } = await import('./playground/playground.js');
    const look = this.#look();
    const t = await loadStrings(this.#language());
    if (!wanted()) return null;
    const root = this.shadowRoot ?? this.attachShadow({ mode: 'open' });
    this.#drawn = look;
    return new Playground(root, this.#id, {
      controls: this.#controls(),
      t,
      speed: this.#speed(),
      notify: (type, detail) => this.#notify(type, detail),
    });
  }

  /** Shows the same run with other controls or in another language. */
  async #redraw(): Promise<void> {
    const turn = ++this.#redraws;
    const before = this.#playground;
    if (!before || this.#look() === this.#drawn) return;
    try {
      const made = await this.#make(() => turn === this.#redraws && before === this.#playground);
      if (!made) return;
      this.#playground = made;
      made.takeOver(before);
    } catch (error) {
      this.#notify('error', { code: 'loadFailed', message: error instanceof Error ? error.message : String(error) });
    }
  }

  /** `keep` names the session that may be gone on with. */
  async #open(keep: string | null = null): Promise<void> {
    const playground = this.#playground;
    if (!playground) return;
    this.#outdated = false;
    const source = {
      text: this.#text,
      src: this.getAttribute('src') ?? undefined,
      scenario: this.getAttribute('scenario') ?? undefined,
      variant: this.getAttribute('variant') ?? undefined,
      rule: this.getAttribute('rule') ?? undefined,
      servers: this.#number('servers'),
      seed: this.#number('seed'),
    };
    const isKept = await playground.open(source, keep);
    if (this.#playground !== playground) return;
    if (this.#outdated) return this.#open();
    // Also without a cluster: after a source that was refused, another one may be asked for.
    this.#state = 'ready';
    void this.#redraw();
    if (!playground.cluster) return;
    for (const work of this.#queue.splice(0)) work(playground);
    if (this.hasAttribute('autoplay') && !isKept && !playground.reducedMotion) playground.play();
    if (this.hasAttribute('tour') && !isKept) playground.offerTour();
  }

  #release(): void {
    this.#near?.disconnect();
    this.#seen?.disconnect();
    globalThis.document?.removeEventListener('visibilitychange', this.#onVisibility);
    this.#playground?.dispose();
    this.#playground = null;
    this.shadowRoot?.replaceChildren(document.createElement('slot'));
    this.#state = 'idle';
  }

  #watchVisibility(): void {
    document.addEventListener('visibilitychange', this.#onVisibility);
    this.#seen = new IntersectionObserver((entries) => {
      this.#visible = entries.at(-1)?.isIntersecting ?? true;
      this.#onVisibility();
    });
    this.#seen.observe(this);
  }

  readonly #onVisibility = (): void => {
    this.#playground?.suspend(document.hidden || !this.#visible);
  };

  #later(work: (playground: Playground) => void): void {
    if (this.#playground && this.#state === 'ready') work(this.#playground);
    else this.#queue.push(work);
  }

  #notify<K extends keyof PlaygroundEvents>(type: K, detail: PlaygroundEvents[K]): void {
    this.dispatchEvent(new CustomEvent(type, { detail, bubbles: true, composed: true }));
  }

  #controls(): 'none' | 'mini' | 'full' {
    const value = this.getAttribute('controls');
    if (value === null || value === 'none') return 'none';
    return value === 'mini' ? 'mini' : 'full';
  }

  /** What the frame around the cluster depends on. */
  #look(): string {
    return `${this.#controls()} ${this.#language()}`;
  }

  #language(): string {
    return this.getAttribute('lang') ?? this.closest('[lang]')?.getAttribute('lang') ?? document.documentElement.lang;
  }

  #speed(): number {
    const speed = Number(this.getAttribute('speed'));
    return speed > 0 ? speed : DEFAULT_SPEED;
  }

  /** A word that is no number is passed on as it is, so that the engine's own message names it. */
  #number(name: string): number | string | undefined {
    const value = this.getAttribute(name);
    if (value === null) return undefined;
    return value.trim() === '' || Number.isNaN(Number(value)) ? value : Number(value);
  }
}

/** Two versions on one page: the first one stays. */
if (globalThis.customElements && !customElements.get('raft-playground')) {
  customElements.define('raft-playground', RaftPlayground);
}

declare global {
  interface HTMLElementTagNameMap {
    'raft-playground': RaftPlayground;
  }
}
