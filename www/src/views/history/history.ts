import { html, nothing, render, svg, type TemplateResult } from 'lit';
import type { HistoryReport, Level, Marker, OperationView } from '../../model.js';
import { linear, type Span } from '../metrics/scale.js';
import { adopt } from '../sheet.js';
import type { ViewHost } from '../view.js';
import { WideView } from '../wide-view.js';
import { AXIS_HEIGHT, axis, marksInView, type WorldMark, worldMarks } from './axis.js';
import { bars, orderPath, type Scene, type Tick, tops } from './bars.js';
import { details, type Told } from './details.js';
import css from './history.css?inline';
import { ladder } from './ladder.js';
import { type Lane, lay, neighbour, type Placed } from './lanes.js';
import { legend } from './legend.js';
import { firstError, type Point, pointsOf, unplaced } from './points.js';
import { everything, follow, pan, reveal, zoom } from './window.js';

/** How far the judges are. */
export type Judgement =
  | { status: 'none' }
  | { status: 'judging'; decided: number }
  | { status: 'failed'; message: string }
  | { status: 'judged'; report: HistoryReport };

export interface HistoryState {
  /** All operations of the branch, also those after the present moment. */
  operations: readonly OperationView[];
  ticks: ReadonlyMap<string, readonly Tick[]>;
  markers: readonly Marker[];
  timeMs: number;
  endTimeMs: number;
  playing: boolean;
  judgement: Judgement;
}

/** Operations of a lane that are legible side by side: a longer run begins with its latest part. */
const FIRST_LOOK_OPERATIONS = 8;
/** Shorter than this nothing is worth looking at first. */
const FIRST_LOOK_MS = 100;
/** Part of the window that is left free around what there is to see. */
const MARGIN = 0.08;
const ZOOM = 1.6;
/** A press that moves further is a drag. */
const DRAG_PX = 4;
const LEVELS = 6;

/** What clients asked for and were told: intervals on lanes over time, and what the judges say of them. */
export class HistoryView extends WideView {
  #state: HistoryState | null = null;
  #operations: readonly OperationView[] | null = null;
  #lanes: Lane[] = [];
  #markers: readonly Marker[] | null = null;
  #marks: WorldMark[] = [];
  #span: Span = { fromMs: 0, toMs: 1 };
  /** The window was chosen by the reader, or else is chosen anew as the run grows. */
  #chosen = false;
  #following = true;
  #active: number | null = null;
  /** The moment and the operation under the pointer. */
  #cursor: number | null = null;
  #hovered: number | null = null;
  #level: Level | null = null;
  #report: HistoryReport | null = null;
  /** The first error was looked for, and there is none. */
  #isFlawless = false;
  #points: ReadonlyMap<number, Point> = new Map();
  #drag: { x: number; span: Span; moved: boolean } | null = null;

  constructor(host: ViewHost) {
    super(host);
    adopt(this.root, css);
    this.root.addEventListener('keydown', (event) => this.#onKey(event));
    this.root.addEventListener('focusin', (event) => this.#onFocus(event));
  }

  /** Another run is shown: what was chosen in the last one means nothing. */
  reset(): void {
    this.#chosen = false;
    this.#active = null;
    this.#hovered = null;
    this.#cursor = null;
  }

  update(state: HistoryState): void {
    this.#state = state;
    if (state.operations !== this.#operations) {
      this.#operations = state.operations;
      this.#lanes = lay(state.operations);
      this.#isFlawless = false;
    }
    if (state.markers !== this.#markers) {
      this.#markers = state.markers;
      this.#marks = worldMarks(state.markers);
    }
    const report = state.judgement.status === 'judged' ? state.judgement.report : null;
    if (report !== this.#report) this.#meet(report);
    if (!this.#chosen) this.#span = this.#firstLook(state);
    if (this.#following) this.#keepInView(state);
    this.#render(state);
  }

  /** New verdicts: the order of the strongest level is shown, and what contradicts it. */
  #meet(report: HistoryReport | null): void {
    this.#report = report;
    this.#show(report?.levels.find(({ witness, prefix }) => witness.length + prefix.length > 0)?.level ?? null);
  }

  #show(level: Level | null): void {
    this.#level = level;
    const rung = this.#report?.levels.find((one) => one.level === level);
    this.#points = rung ? pointsOf(this.#operations ?? [], rung) : new Map();
  }

  #firstLook({ operations, endTimeMs, timeMs }: HistoryState): Span {
    const firstMs = operations[0]?.calledMs ?? 0;
    const length = Math.max(FIRST_LOOK_MS, (endTimeMs - firstMs) * (1 + 2 * MARGIN));
    const crowd = Math.max(1, ...this.#lanes.map((lane) => lane.all.length)) / FIRST_LOOK_OPERATIONS;
    if (crowd > 1) return follow(timeMs, Math.max(FIRST_LOOK_MS, length / crowd), endTimeMs);
    // Before the first operation there is nothing to see.
    const fromMs = Math.max(0, firstMs - length * MARGIN);
    return { fromMs, toMs: fromMs + length };
  }

  #keepInView({ timeMs, endTimeMs, playing }: HistoryState): void {
    const { fromMs, toMs } = this.#span;
    if (timeMs >= fromMs && timeMs <= toMs) return;
    this.#span = playing ? follow(timeMs, toMs - fromMs, endTimeMs) : reveal(this.#span, timeMs, timeMs, endTimeMs);
  }

  // ---------------------------------------------------------------- drawing

  protected draw(): void {
    if (this.#state) this.#render(this.#state);
  }

  #render(state: HistoryState): void {
    const { t } = this;
    const words = t.history;
    const { judgement } = state;
    const isEmpty = this.#lanes.length === 0;
    render(
      html`
        <div class="history-bar">
          ${
            judgement.status === 'judging'
              ? html`<button type="button" class="small" data-do="cancel-judge" @click=${() => this.emit('judge', false)}>${words.cancel}</button>`
              : html`<button type="button" class="small" data-do="judge" ?disabled=${isEmpty} @click=${() => this.emit('judge', true)}>${judgement.status === 'judged' ? words.judgeAgain : words.judge}</button>`
          }
          <button type="button" class="small" data-do="first-error" ?disabled=${isEmpty} @click=${() => this.#toFirstError()}>${words.firstError}</button>
          <span class="group zoom" role="group">
            <button type="button" class="small" data-do="zoom-out" title=${words.zoomOut} aria-label=${words.zoomOut} @click=${() => this.#zoom(ZOOM)}>−</button>
            <button type="button" class="small" data-do="zoom-in" title=${words.zoomIn} aria-label=${words.zoomIn} @click=${() => this.#zoom(1 / ZOOM)}>+</button>
            <button type="button" class="small" data-do="zoom-all" @click=${() => this.#zoomAll()}>${words.zoomAll}</button>
            <label class="check"><input type="checkbox" name="follow" .checked=${this.#following} @change=${(event: Event) => this.#follow(event)} /> ${words.follow}</label>
          </span>
          <span class="group">
            ${(['svg', 'png'] as const).map((format) => html`<button type="button" class="small" data-figure="history.${format}" ?disabled=${isEmpty} aria-label=${t.share.figure(t.share.view.history, format.toUpperCase())} @click=${() => this.emit('figure', { of: 'history', format })}>${format.toUpperCase()}</button>`)}
          </span>
        </div>
        <p class="judged" role="status">${this.#judgedText(state)}</p>
        ${isEmpty ? html`<p class="quiet">${words.none}</p>` : this.#chart(state)}
        ${this.#report ? ladder(this.#report, state.operations, this.#level, t, { onLevel: (level) => this.#toggle(level), onOperation: (id) => this.#goTo(id) }) : nothing}
        ${isEmpty ? nothing : legend(t)}
      `,
      this.root,
    );
  }

  #chart(state: HistoryState): TemplateResult {
    const { t } = this;
    const scene = this.#scene(state);
    const { gutter, width, span } = scene;
    const x = linear(span.fromMs, span.toMs, gutter, gutter + width);
    const height = tops(this.#lanes).at(-1) as number;
    const line = (time: number, name: string) =>
      time >= span.fromMs && time <= span.toMs
        ? svg`<line class=${name} x1=${x(time)} x2=${x(time)} y1="0" y2=${height}></line>`
        : nothing;
    const path = orderPath(scene);
    return html`
      <div class="chart" @pointermove=${this.#onMove} @pointerleave=${this.#onLeave} @pointerdown=${this.#onDown} @pointerup=${this.#onUp} @pointercancel=${this.#onLeave} @wheel=${this.#onWheel}>
        <svg class="time-axis" width=${gutter + width} height=${AXIS_HEIGHT} aria-hidden="true"><g transform="translate(${gutter} 0)">${axis(this.#marks, span, width, state.endTimeMs, t)}</g></svg>
        <div class="lanes scroller" @scroll=${() => this.redraw()}>
          <svg class="lanes-drawn" width=${gutter + width} height=${height} role="group" aria-label=${t.history.chartLabel}>
            <defs><clipPath id=${scene.clip}><rect x="0" y="-4" width=${width} height=${height}></rect></clipPath></defs>
            ${marksInView(this.#marks, span, width).map(({ mark, x: at }) => svg`<line class="world-line ${mark.kind}" x1=${gutter + at} x2=${gutter + at} y1="0" y2=${height}></line>`)}
            ${bars(scene, t)}
            ${path ? svg`<g transform="translate(${gutter} 0)" clip-path="url(#${scene.clip})"><path class="order" d=${path}></path></g>` : nothing}
            ${line(state.timeMs, 'playhead')}
            ${this.#cursor === null ? nothing : line(this.#cursor, 'cursor')}
          </svg>
        </div>
      </div>
      ${details(this.#told(state), t, (timeMs) => this.emit('seekTime', timeMs))}
    `;
  }

  #scene({ ticks, timeMs }: HistoryState): Scene {
    const width = Math.max(this.width, 200);
    const gutter = width < 420 ? 52 : 78;
    const scroller = this.root.querySelector('.lanes');
    return {
      lanes: this.#lanes,
      ticks,
      span: this.#span,
      width: width - gutter,
      gutter,
      clip: `${this.id}-clip`,
      top: scroller?.scrollTop ?? 0,
      height: scroller?.clientHeight || 400,
      active: this.#active,
      points: this.#points,
      unplaced: this.#unplaced(),
      timeMs,
    };
  }

  /** What contradicts the promise of the shown level, or of the strongest broken one. */
  #unplaced(): Set<number> {
    const levels = this.#report?.levels ?? [];
    const rung =
      levels.find(({ level }) => level === this.#level) ?? levels.find(({ verdict }) => verdict === 'violated');
    return new Set(rung ? unplaced(rung) : []);
  }

  #told({ operations }: HistoryState): Told {
    const id = this.#hovered ?? this.#active;
    return {
      op: id === null ? undefined : operations[id],
      point: id === null ? undefined : this.#points.get(id),
      isUnplaced: id !== null && this.#unplaced().has(id),
      cursorMs: this.#cursor,
      lanes: this.#lanes,
      marks: this.#marks,
    };
  }

  #judgedText({ judgement, operations }: HistoryState): string {
    const words = this.t.history;
    switch (judgement.status) {
      case 'none':
        return this.#isFlawless ? words.noError : '';
      case 'judging':
        return words.judging(judgement.decided, LEVELS);
      case 'failed':
        return words.failed(judgement.message);
      case 'judged': {
        const text = words.judged(judgement.report.operations);
        const asked = operations.filter(({ kind }) => kind !== 'sync').length;
        const more = asked > judgement.report.operations ? words.outdated : this.#isFlawless ? words.noError : '';
        return `${text} ${more}`;
      }
    }
  }

  // ---------------------------------------------------------------- the window

  #choose(span: Span): void {
    this.#span = span;
    this.#chosen = true;
    this.redraw();
  }

  #zoom(factor: number, aroundMs?: number): void {
    const { fromMs, toMs } = this.#span;
    const { timeMs = 0, endTimeMs = 1 } = this.#state ?? {};
    const here = timeMs >= fromMs && timeMs <= toMs ? timeMs : (fromMs + toMs) / 2;
    this.#choose(zoom(this.#span, factor, aroundMs ?? here, endTimeMs));
  }

  #zoomAll(): void {
    this.#choose(everything(this.#state?.endTimeMs ?? 1));
  }

  #follow(event: Event): void {
    this.#following = (event.target as HTMLInputElement).checked;
    if (this.#state) this.update(this.#state);
  }

  #toggle(level: Level): void {
    this.#show(level === this.#level ? null : level);
    this.redraw();
  }

  #toFirstError(): void {
    const found = firstError(this.#operations ?? [], this.#report);
    this.#isFlawless = found === null;
    if (found === null) this.redraw();
    else this.#goTo(found);
  }

  /** Picks an operation, brings it into view and goes to the moment at which it ended, or began if it has not. */
  #goTo(id: number): void {
    const op = this.#operations?.[id];
    if (!op) return;
    this.#pick(id);
    this.emit('seekTime', op.returnedMs ?? op.calledMs);
    this.redraw();
  }

  /** Makes an operation the chosen one and brings it into view, in time and among the lanes. */
  #pick(id: number): Placed | undefined {
    const placed = this.#lanes.flatMap(({ all }) => all.filter(({ op }) => op.id === id))[0];
    if (!placed || !this.#state) return undefined;
    this.#active = id;
    this.#hovered = null;
    const { calledMs, returnedMs } = placed.op;
    this.#span = reveal(this.#span, calledMs, returnedMs ?? calledMs, this.#state.endTimeMs);
    this.#chosen = true;
    const scroller = this.root.querySelector('.lanes');
    const top = tops(this.#lanes)[placed.lane] ?? 0;
    if (scroller && (top < scroller.scrollTop || top + 40 > scroller.scrollTop + scroller.clientHeight))
      scroller.scrollTop = top - 20;
    return placed;
  }

  // ---------------------------------------------------------------- keyboard and pointer

  #onKey(event: KeyboardEvent): void {
    const target = event.target instanceof Element ? event.target.closest<SVGElement>('[data-op]') : null;
    if (!target || event.altKey || event.ctrlKey || event.metaKey) return;
    const id = Number(target.dataset.op);
    const op = this.#operations?.[id];
    if (!op) return;
    if (['ArrowLeft', 'ArrowRight', 'ArrowUp', 'ArrowDown', 'Home', 'End'].includes(event.key)) {
      const from = this.#lanes.flatMap(({ all }) => all.filter((placed) => placed.op.id === id))[0];
      const next = from && neighbour(this.#lanes, from, event.key);
      if (next) this.#moveTo(next.op.id);
    } else if (event.key === 'Enter' || event.key === ' ') {
      this.#active = id;
      this.emit('seekTime', event.shiftKey ? (op.returnedMs ?? op.calledMs) : op.calledMs);
    } else if (event.key === '+' || event.key === '=' || event.key === '-') {
      this.#zoom(event.key === '-' ? ZOOM : 1 / ZOOM, op.calledMs);
    } else if (event.key === '0') {
      this.#zoomAll();
    } else return;
    event.preventDefault();
    event.stopPropagation();
  }

  #moveTo(id: number): void {
    if (!this.#pick(id) || !this.#state) return;
    this.#render(this.#state);
    this.root.querySelector<SVGElement>(`[data-op="${id}"]`)?.focus();
  }

  #onFocus(event: FocusEvent): void {
    const target = event.target instanceof Element ? event.target.closest<SVGElement>('[data-op]') : null;
    if (!target || Number(target.dataset.op) === this.#active) return;
    this.#active = Number(target.dataset.op);
    this.redraw();
  }

  #timeAt(event: MouseEvent): number | null {
    const drawn = this.root.querySelector('.lanes-drawn')?.getBoundingClientRect();
    if (!drawn || !this.#state) return null;
    const { gutter, width, span } = this.#scene(this.#state);
    const at = event.clientX - drawn.left - gutter;
    return at < 0 || at > width ? null : linear(0, width, span.fromMs, span.toMs)(at);
  }

  readonly #onMove = (event: PointerEvent): void => {
    const op = event.target instanceof Element ? event.target.closest<SVGElement>('[data-op]') : null;
    this.#hovered = op ? Number(op.dataset.op) : null;
    this.#cursor = this.#timeAt(event);
    if (this.#drag) {
      const moved = event.clientX - this.#drag.x;
      this.#drag.moved ||= Math.abs(moved) > DRAG_PX;
      const { span } = this.#drag;
      const { width } = this.#scene(this.#state as HistoryState);
      if (this.#drag.moved)
        this.#choose(pan(span, (-moved / width) * (span.toMs - span.fromMs), this.#state?.endTimeMs ?? 1));
    }
    this.redraw();
  };

  readonly #onLeave = (): void => {
    this.#drag = null;
    this.#hovered = null;
    this.#cursor = null;
    this.redraw();
  };

  readonly #onDown = (event: PointerEvent): void => {
    if (event.button === 0) this.#drag = { x: event.clientX, span: this.#span, moved: false };
  };

  readonly #onUp = (event: PointerEvent): void => {
    const dragged = this.#drag?.moved ?? true;
    this.#drag = null;
    const time = this.#timeAt(event);
    if (dragged || time === null) return;
    const target = event.target instanceof Element ? event.target : null;
    const clump = target?.closest<SVGElement>('.clump');
    if (clump) {
      const [from, to] = [Number(clump.dataset.from), Number(clump.dataset.to)];
      const margin = Math.max(1, (to - from) * 0.1);
      this.#choose({ fromMs: Math.max(0, from - margin), toMs: to + margin });
      return;
    }
    const op = target?.closest<SVGElement>('[data-op]');
    if (op) this.#active = Number(op.dataset.op);
    this.emit('seekTime', time);
  };

  /** With Ctrl it zooms and sideways it pans; otherwise the page scrolls as ever. */
  readonly #onWheel = (event: WheelEvent): void => {
    const { fromMs, toMs } = this.#span;
    if (event.ctrlKey) this.#zoom(event.deltaY > 0 ? 1.2 : 1 / 1.2, this.#timeAt(event) ?? undefined);
    else if (Math.abs(event.deltaX) > Math.abs(event.deltaY)) {
      this.#choose(pan(this.#span, (event.deltaX / this.width) * (toMs - fromMs), this.#state?.endTimeMs ?? 1));
    } else return;
    event.preventDefault();
  };
}
