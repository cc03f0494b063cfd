import type { EventView, MessageView } from '../../model.js';
import { Axis } from './axis.js';
import { cone } from './cone.js';
import { FIGURE_WIDTH } from './export.js';
import { Geometry, GUTTER } from './geometry.js';
import { Gestures } from './gestures.js';
import type { History } from './history.js';
import { eventAt, foldAtPoint } from './hits.js';
import { Overview } from './overview.js';
import { paint } from './paint.js';
import { readPalette } from './palette.js';
import type { Picture, PictureWords } from './picture.js';
import { sceneOf } from './scene.js';
import type { Palette, Scene } from './shapes.js';
import { DEFAULT_SPAN, fitted, following, panned, ranged, revealing, type Viewport, zoomed } from './viewport.js';

/** What the stage shows. */
export interface StageState {
  history: History;
  messages: readonly MessageView[];
  step: number;
  timeMs: number;
}

export interface StageHandlers {
  /** What happened, in the reader's language. */
  say(event: EventView): string;
  /** An event was pointed at; -1: an empty place, and when that is. */
  pick(at: number, timeMs: number): void;
  /** What is shown was moved by hand, or folded. */
  moved(): void;
}

const EMPTY: StageState = { history: null as unknown as History, messages: [], step: 0, timeMs: 0 };
/** Events in view beyond which a playing run is not drawn in every frame. */
const HEAVY_EVENTS = 2_500;
/** Pixels at the edge of the window in the overview by which it is resized. */
const HANDLE = 7;

/** The canvas with the diagram and the strip with the whole run below it, and which part of the run is shown. */
export class Stage {
  readonly canvas = document.createElement('canvas');
  readonly overview = document.createElement('canvas');
  readonly #root: HTMLElement;
  readonly #words: PictureWords;
  readonly #handlers: StageHandlers;
  readonly #resize: ResizeObserver;
  readonly #strip = new Overview();
  readonly #open = new Set<number>();
  #state = EMPTY;
  #axis: Axis | null = null;
  #drawnHistory: History | null = null;
  #axisKey = '';
  #isRefolded = false;
  #view: Viewport = { fromU: -8, span: DEFAULT_SPAN };
  #light: { history: History; events: number; chosen: number; light: Uint8Array } | null = null;
  #picture: Picture | null = null;
  #chosen = -1;
  #hovered = -1;
  #brush: readonly [number, number] | null = null;
  #palette: Palette | null = null;
  #paletteKey = '';
  #frame: number | undefined;
  #grip: { move: boolean; anchorU: number; fromU: number } | null = null;
  /** The present is kept in sight. */
  follows = true;
  folding = true;

  constructor(root: HTMLElement, words: PictureWords, handlers: StageHandlers) {
    this.#root = root;
    this.#words = words;
    this.#handlers = handlers;
    for (const canvas of [this.canvas, this.overview]) canvas.setAttribute('aria-hidden', 'true');
    this.#resize = new ResizeObserver(() => this.#soon());
    this.#resize.observe(root);
    new Gestures(this.canvas, {
      pan: (byX) => this.pan((byX / this.#plotWidth) * this.#view.span),
      zoom: (factor, x) => this.zoom(factor, x),
      brush: (range, done) => this.#onBrush(range, done),
      click: (x, y) => this.#onClick(x, y),
      hover: (at) => this.#onHover(at),
    });
    this.overview.addEventListener('pointerdown', this.#onGrip);
  }

  /** So much is in view that it takes long to draw, and that little would be seen to move. */
  get isHeavy(): boolean {
    const { fromU, span } = this.#view;
    const [first, last] = this.#axis?.range(fromU, fromU + span) ?? [0, 0];
    return last - first > HEAVY_EVENTS;
  }

  /** Index of the chosen event; -1: none. */
  get chosen(): number {
    return this.#chosen;
  }

  get axis(): Axis | null {
    return this.#axis;
  }

  get picture(): Picture | null {
    return this.#picture;
  }

  update(state: StageState): void {
    if (this.#state.history !== state.history) this.#light = null;
    this.#state = state;
    this.#rebuild();
    this.draw();
  }

  /** Moves the present on before anything new is known. */
  glide(step: number, timeMs: number): void {
    if (!this.#axis) return;
    this.#state = { ...this.#state, step, timeMs };
    if (!this.isHeavy) this.#soon();
  }

  choose(at: number): void {
    this.#chosen = at;
    const axis = this.#axis;
    if (at >= (axis?.eventU.length ?? 0)) return;
    if (at >= 0 && axis) {
      const fold = axis.foldAt(axis.eventU[at] as number);
      if (fold && !fold.open) this.toggleFold(fold.key);
      this.#view = revealing(this.#view, (this.#axis as Axis).eventU[at] as number);
    }
    this.#soon();
  }

  zoom(factor: number, x = GUTTER + this.#plotWidth / 2): void {
    const { axis, picture } = this;
    if (!axis || !picture) return;
    const anchor = this.follows && x === GUTTER + this.#plotWidth / 2 ? picture.presentU : picture.geometry.u(x);
    const inside = Math.min(Math.max(anchor, this.#view.fromU), this.#view.fromU + this.#view.span);
    this.#view = zoomed(this.#view, factor, inside, axis.endU);
    this.#soon();
  }

  pan(byU: number): void {
    if (!this.#axis) return;
    this.follows = false;
    this.#view = panned(this.#view, byU, this.#axis.endU);
    this.#moved();
  }

  /** Pans by a part of what is shown. */
  panBy(part: number): void {
    this.pan(this.#view.span * part);
  }

  fit(): void {
    if (!this.#axis) return;
    this.follows = false;
    this.#view = fitted(this.#axis.endU);
    this.#moved();
  }

  /** Lets what is shown begin or end at a place. */
  setEdge(side: 'from' | 'to', u: number): void {
    const { fromU, span } = this.#view;
    const other = side === 'from' ? fromU + span : fromU;
    if (side === 'from' ? u < other : u > other) this.#show(u, other);
  }

  setFollows(follows: boolean): void {
    this.follows = follows;
    this.#soon();
  }

  setFolding(folding: boolean): void {
    this.folding = folding;
    this.#isRefolded = true;
    this.#soon();
  }

  toggleFold(key: number): void {
    if (!this.#open.delete(key)) this.#open.add(key);
    const { axis } = this;
    const fold = axis?.folds.find((its) => its.key === key);
    // What is left of it stays where it is.
    const fixed = fold && { timeMs: fold.fromMs, x: fold.fromU - this.#view.fromU };
    this.#rebuild();
    if (fixed && this.#axis) this.#view = { ...this.#view, fromU: this.#axis.toU(fixed.timeMs) - fixed.x };
    this.follows = false;
    this.#moved();
  }

  /** Opens or closes the quiet stretch nearest to a place. */
  toggleNearestFold(u: number): void {
    const away = ({ fromU, toU }: { fromU: number; toU: number }) => Math.max(fromU - u, u - toU, 0);
    const nearest = this.#axis?.folds.reduce<Axis['folds'][number] | null>(
      (best, fold) => (best && away(best) <= away(fold) ? best : fold),
      null,
    );
    if (nearest) this.toggleFold(nearest.key);
  }

  /** The part that is shown, as a figure of a usual width. */
  figure(): { scene: Scene; palette: Palette; font: string; fromMs: number; toMs: number } | null {
    const { picture, axis } = this;
    if (!picture || !axis) return null;
    const geometry = new Geometry(picture.history, axis, this.#view, FIGURE_WIDTH);
    const [fromMs, toMs] = [
      axis.toTime(Math.max(0, this.#view.fromU)),
      axis.toTime(this.#view.fromU + this.#view.span),
    ];
    const end = this.#state.timeMs;
    const scene = sceneOf({ ...picture, geometry, hovered: -1 });
    return {
      scene,
      palette: this.#colours(),
      font: this.#font(),
      fromMs,
      toMs: Math.min(toMs, Math.max(end, lastTime(picture.history))),
    };
  }

  dispose(): void {
    this.#resize.disconnect();
    if (this.#frame !== undefined) cancelAnimationFrame(this.#frame);
  }

  draw(): void {
    if (this.#frame !== undefined) cancelAnimationFrame(this.#frame);
    this.#frame = undefined;
    const { history, step, timeMs } = this.#state;
    const width = this.#root.clientWidth;
    if (!history || width === 0) return;
    if (this.#isRefolded) this.#rebuild();
    const axis = this.#axis as Axis;
    const presentU = axis.presentU(step, timeMs);
    if (this.follows) this.#view = following(this.#view, presentU);
    const geometry = new Geometry(history, axis, this.#view, width);
    const chosen = this.#chosen < history.events.length ? this.#chosen : -1;
    const light = this.#lightOf(chosen);
    const endU = Math.max(axis.endU, presentU);
    const progress = this.#progress();
    this.#picture = {
      history,
      axis,
      geometry,
      presentU,
      endU,
      progress,
      light,
      chosen,
      hovered: this.#hovered,
      words: this.#words,
    };
    paintOn(this.canvas, sceneOf(this.#picture), this.#colours(), this.#font());
    const strip = { history, axis, view: this.#view, presentU, width, brush: this.#brush };
    paintOn(this.overview, this.#strip.scene(strip), this.#colours(), this.#font());
  }

  get #plotWidth(): number {
    return Math.max(40, this.#root.clientWidth - GUTTER);
  }

  #soon(): void {
    this.#frame ??= requestAnimationFrame(() => this.draw());
  }

  #moved(): void {
    this.#soon();
    this.#handlers.moved();
  }

  #show(a: number, b: number): void {
    if (!this.#axis) return;
    this.follows = false;
    this.#view = ranged(a, b, this.#axis.endU);
    this.#moved();
  }

  /** The axis changes when something has happened, time has passed, or a fold was opened. */
  #rebuild(): void {
    const { history, timeMs } = this.#state;
    this.#isRefolded = false;
    const last = lastTime(history);
    const endMs = Math.max(timeMs, last);
    const key = `${history.events.length} ${history.firstId} ${endMs} ${this.folding} ${[...this.#open]}`;
    if (key === this.#axisKey && this.#drawnHistory === history) return;
    this.#drawnHistory = history;
    this.#axisKey = key;
    this.#axis = new Axis(history, { endMs, folding: this.folding, open: this.#open });
  }

  #lightOf(chosen: number): Uint8Array | null {
    const { history } = this.#state;
    if (chosen < 0) return null;
    const events = history.events.length;
    if (this.#light?.chosen !== chosen || this.#light.events !== events || this.#light.history !== history) {
      this.#light = { history, events, chosen, light: cone(history, chosen) };
    }
    return this.#light.light;
  }

  /** How far messages have come. One that is held has come half way. */
  #progress(): Map<number, number> {
    const { messages, timeMs } = this.#state;
    return new Map(
      messages.map(({ id, sentMs, arrivesMs }) => {
        const whole = (arrivesMs ?? sentMs) - sentMs;
        return [id, whole > 0 ? Math.min(0.95, Math.max(0.05, (timeMs - sentMs) / whole)) : 0.5];
      }),
    );
  }

  #colours(): Palette {
    const { color, backgroundColor } = getComputedStyle(this.#root);
    const key = `${color} ${backgroundColor}`;
    if (!this.#palette || key !== this.#paletteKey) this.#palette = readPalette(this.#root);
    this.#paletteKey = key;
    return this.#palette;
  }

  #font(): string {
    return getComputedStyle(this.#root).fontFamily;
  }

  // ---------------------------------------------------------------- hands

  #onClick(x: number, y: number): void {
    const { picture, axis } = this;
    if (!picture || !axis) return;
    const fold = foldAtPoint(picture, axis, x, y);
    const at = fold && !fold.open ? -1 : eventAt(picture, x, y);
    if (at < 0 && fold) this.toggleFold(fold.key);
    else this.#handlers.pick(at, axis.toTime(Math.max(0, picture.geometry.u(x))));
  }

  #onHover(at: { x: number; y: number } | null): void {
    const { picture, axis } = this;
    if (!picture || !axis) return;
    const fold = at ? foldAtPoint(picture, axis, at.x, at.y) : undefined;
    const hovered = at && !(fold && !fold.open) ? eventAt(picture, at.x, at.y) : -1;
    this.canvas.classList.toggle('pointing', hovered >= 0 || fold !== undefined);
    const event = picture.history.events[hovered];
    this.canvas.title = event ? this.#handlers.say(event) : '';
    if (hovered === this.#hovered) return;
    this.#hovered = hovered;
    this.#soon();
  }

  #onBrush(range: [number, number] | null, done: boolean): void {
    const { picture } = this;
    if (!picture) return;
    this.#brush = range && !done ? [picture.geometry.u(range[0]), picture.geometry.u(range[1])] : null;
    if (range && done) this.#show(picture.geometry.u(range[0]), picture.geometry.u(range[1]));
    this.#soon();
  }

  /** In the strip, the window is moved by its middle and resized by its edges; anywhere else a new one is drawn. */
  readonly #onGrip = (event: PointerEvent): void => {
    if (event.button !== 0 || !this.#axis) return;
    const u = this.#overviewU(event);
    const { fromU, span } = this.#view;
    const handle = (HANDLE / Math.max(1, this.overview.clientWidth)) * this.#axis.endU;
    const near = (edge: number) => Math.abs(u - edge) < handle;
    const inside = u > fromU && u < fromU + span && span < this.#axis.endU;
    const resized = near(fromU) ? fromU + span : near(fromU + span) ? fromU : null;
    this.#grip = { move: resized === null && inside, anchorU: resized ?? u, fromU };
    this.overview.setPointerCapture(event.pointerId);
    this.overview.addEventListener('pointermove', this.#onDrag);
    this.overview.addEventListener('pointerup', this.#onDrop, { once: true });
    this.overview.addEventListener('pointercancel', this.#onDrop, { once: true });
  };

  readonly #onDrag = (event: PointerEvent): void => {
    const grip = this.#grip;
    if (!grip || !this.#axis) return;
    const u = this.#overviewU(event);
    if (grip.move) this.#view = panned({ ...this.#view, fromU: grip.fromU }, u - grip.anchorU, this.#axis.endU);
    else this.#brush = [grip.anchorU, u];
    this.follows = false;
    this.#moved();
  };

  readonly #onDrop = (): void => {
    this.overview.removeEventListener('pointermove', this.#onDrag);
    const [brush, grip] = [this.#brush, this.#grip];
    this.#brush = null;
    this.#grip = null;
    if (brush) this.#show(brush[0], brush[1]);
    else if (grip && !grip.move) this.#show(grip.anchorU - this.#view.span / 2, grip.anchorU + this.#view.span / 2);
    this.#soon();
  };

  #overviewU(event: MouseEvent): number {
    const { left, width } = this.overview.getBoundingClientRect();
    return ((event.clientX - left) / Math.max(1, width)) * (this.#axis?.endU ?? 0);
  }
}

function paintOn(canvas: HTMLCanvasElement, scene: Scene, palette: Palette, font: string): void {
  const ratio = Math.min(3, globalThis.devicePixelRatio || 1);
  const [width, height] = [Math.round(scene.width * ratio), Math.round(scene.height * ratio)];
  if (canvas.width !== width) canvas.width = width;
  if (canvas.height !== height) canvas.height = height;
  const context = canvas.getContext('2d');
  if (context) paint(context, scene, palette, font, ratio);
}

function lastTime({ events }: History): number {
  return events.at(-1)?.timeMs ?? 0;
}
