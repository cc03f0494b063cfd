import { html, nothing, render } from 'lit';
import type { EventView, MessageView } from '../../model.js';
import { adopt } from '../sheet.js';
import { View, type ViewHost } from '../view.js';
import { detail, spoken } from './detail.js';
import { download, type FigureFormat, figureBlob } from './export.js';
import type { History } from './history.js';
import { commandFor, type KeyCommand } from './keys.js';
import css from './space-time.css?inline';
import { Stage } from './stage.js';
import { walk } from './walk.js';

export interface SpaceTimeState {
  history: History;
  /** More events are known than the history has: they are asked for bit by bit. */
  behind: boolean;
  playing: boolean;
  messages: readonly MessageView[];
  step: number;
  timeMs: number;
  /** What the run is called, and its name in a file. */
  title: string;
  file: string;
  /** Names of the rules without which it is not Raft. */
  rulesOff: readonly string[];
}

/** While a long run is read, or plays with much in view, it is drawn this often. */
const SELDOM_MS = 250;
/** Time from one key to the next within which nothing is spoken. */
const SPEAK_AFTER_MS = 350;

/**
 * The space-time diagram: a lane for each server and client, messages as arrows, and for a chosen event all that happened
 * before it and all that followed from it.
 */
export class SpaceTimeView extends View {
  readonly #stage: Stage;
  readonly #tools = document.createElement('div');
  readonly #diagram = document.createElement('div');
  readonly #detail = document.createElement('div');
  readonly #live = document.createElement('div');
  #state: SpaceTimeState | null = null;
  #chosen: EventView | null = null;
  #wide = false;
  #drawnAt = Number.NEGATIVE_INFINITY;
  #speech: ReturnType<typeof setTimeout> | undefined;

  constructor(host: ViewHost) {
    super(host);
    adopt(this.root, css);
    this.root.classList.add('space-time');
    this.#tools.className = 'diagram-tools';
    Object.assign(this.#diagram, { className: 'diagram-stage', tabIndex: 0, role: 'application' });
    this.#diagram.setAttribute('aria-label', this.t.diagram.label);
    this.#detail.className = 'diagram-detail';
    this.#live.className = 'visually-hidden';
    this.#live.setAttribute('aria-live', 'polite');
    const words = { ...this.t, ...this.t.diagram };
    this.#stage = new Stage(this.#diagram, words, {
      pick: this.#onPick,
      moved: () => this.#renderTools(),
      say: (event) => this.t.happened(event),
    });
    this.#stage.canvas.className = 'diagram-canvas';
    this.#stage.overview.className = 'diagram-overview';
    this.#diagram.append(this.#stage.canvas, this.#stage.overview);
    this.root.append(this.#tools, this.#diagram, this.#detail, this.#live);
    this.#diagram.addEventListener('keydown', this.#onKey);
    this.#renderTools();
  }

  update(state: SpaceTimeState): void {
    this.#state = state;
    const at = this.#chosenAt();
    if (at < 0 && !state.behind) this.#chosen = null;
    if (at !== this.#stage.chosen) this.#stage.choose(at);
    const now = performance.now();
    const takesTime = state.behind || (state.playing && this.#stage.isHeavy);
    if (!takesTime || now - this.#drawnAt > SELDOM_MS) {
      this.#drawnAt = now;
      this.#stage.update(state);
      this.#renderDetail();
    }
  }

  /** Moves the present between two updates. */
  glide(step: number, timeMs: number): void {
    if (this.root.clientWidth > 0) this.#stage.glide(step, timeMs);
  }

  dispose(): void {
    clearTimeout(this.#speech);
    this.#stage.dispose();
  }

  /** On another branch the event of that number may be another one. */
  #chosenAt(): number {
    const chosen = this.#chosen;
    const history = this.#state?.history;
    const at = history?.indexOf(chosen?.id ?? null) ?? -1;
    const found = history?.events[at];
    return found && found.step === chosen?.step && found.kind === chosen.kind && found.text === chosen.text ? at : -1;
  }

  #choose(at: number): void {
    this.#chosen = this.#state?.history.events[at] ?? null;
    if (at >= 0) this.#stage.follows = false;
    this.#stage.choose(at);
    this.#stage.draw();
    this.#renderDetail();
    this.#renderTools();
    clearTimeout(this.#speech);
    this.#speech = setTimeout(() => {
      const { picture } = this.#stage;
      this.#live.textContent = picture ? spoken(picture, this.t) : '';
    }, SPEAK_AFTER_MS);
  }

  readonly #onPick = (at: number, timeMs: number): void => {
    this.#choose(at);
    const event = this.#state?.history.events[at];
    if (event) this.emit('seekStep', event.step);
    else this.emit('seekTime', timeMs);
  };

  // ---------------------------------------------------------------- keyboard

  readonly #onKey = (event: KeyboardEvent): void => {
    const command = commandFor(event);
    if (!command || (command.name === 'clear' && this.#chosen === null)) return;
    event.preventDefault();
    this.#obey(command);
  };

  #obey(command: KeyCommand): void {
    const stage = this.#stage;
    const at = this.#chosenAt();
    const { picture, axis } = stage;
    if (!picture || !axis) return;
    const here = at >= 0 ? (axis.eventU[at] as number) : picture.presentU;
    switch (command.name) {
      case 'walk': {
        const next = at < 0 ? this.#nearestEvent() : walk(picture.history, axis, at, command.direction);
        if (next >= 0) this.#choose(next);
        return;
      }
      case 'zoom':
        stage.zoom(command.factor, at >= 0 ? picture.geometry.x(here) : undefined);
        return;
      case 'pan':
        stage.panBy(command.by);
        return;
      case 'fit':
        stage.fit();
        return;
      case 'edge':
        stage.setEdge(command.side, here);
        return;
      case 'fold':
        stage.toggleNearestFold(here);
        return;
      case 'jump': {
        const event = picture.history.events[at];
        if (event) this.emit('seekStep', event.step);
        return;
      }
      case 'clear':
        this.#choose(-1);
        return;
    }
  }

  /** Where a walk begins: the last event of a lane up to the present. */
  #nearestEvent(): number {
    const { picture, axis } = this.#stage;
    if (!picture || !axis) return -1;
    const [, last] = axis.range(Number.NEGATIVE_INFINITY, picture.presentU);
    for (let at = last - 1; at >= 0; at--) {
      if (picture.history.lanes[picture.history.lane[at] as number]?.ordered && !axis.hides(at)) return at;
    }
    return -1;
  }

  // ---------------------------------------------------------------- around the picture

  #renderTools(): void {
    const { t } = this;
    const words = t.diagram;
    const stage = this.#stage;
    const check = (name: string, text: string, checked: boolean, set: (checked: boolean) => void) =>
      html`<label class="check"><input type="checkbox" name=${name} .checked=${checked} @change=${(event: Event) => set((event.target as HTMLInputElement).checked)} /> ${text}</label>`;
    render(
      html`
        <div class="group">
          <button type="button" class="small" data-do="zoom-in" aria-label=${words.zoomIn} title="${words.zoomIn} (+)" @click=${() => stage.zoom(1 / 1.6)}>+</button>
          <button type="button" class="small" data-do="zoom-out" aria-label=${words.zoomOut} title="${words.zoomOut} (−)" @click=${() => stage.zoom(1.6)}>−</button>
          <button type="button" class="small" data-do="fit" title="${words.fitHint} (0)" @click=${() => stage.fit()}>${words.fit}</button>
          <button type="button" class="small" data-do="wide" aria-pressed=${this.#wide} title=${words.wideHint} @click=${this.#toggleWide}>${words.wide}</button>
        </div>
        ${check('follow', words.follow, stage.follows, (checked) => stage.setFollows(checked))}
        ${check('fold', words.fold, stage.folding, (checked) => stage.setFolding(checked))}
        <div class="group export">
          <button type="button" class="small" data-do="svg" title=${words.exportHint('SVG')} @click=${() => this.#export('svg')}>SVG</button>
          <button type="button" class="small" data-do="png" title=${words.exportHint('PNG')} @click=${() => this.#export('png')}>PNG</button>
        </div>
      `,
      this.#tools,
    );
  }

  #renderDetail(): void {
    const { picture } = this.#stage;
    render(
      picture
        ? detail(picture, this.t, {
            choose: (at) => this.#choose(at),
            explain: (id) => this.emit('explain', id),
            seek: (step) => this.emit('seekStep', step),
            close: () => this.#choose(-1),
          })
        : nothing,
      this.#detail,
    );
  }

  readonly #toggleWide = (): void => {
    this.#wide = !this.#wide;
    this.root.classList.toggle('wide', this.#wide);
    this.#renderTools();
  };

  async #export(format: FigureFormat): Promise<void> {
    const figure = this.#stage.figure();
    if (!figure || !this.#state) return;
    const { title, file, rulesOff } = this.#state;
    const { scene, palette, font, fromMs, toMs } = figure;
    const modified = rulesOff.length > 0 ? this.t.modified(rulesOff.length) : '';
    const caption = { title, range: this.t.diagram.range(fromMs, toMs), modified };
    download(await figureBlob(scene, caption, palette, font, format), `${file}-space-time.${format}`);
  }
}
