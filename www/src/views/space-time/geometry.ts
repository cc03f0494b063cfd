import type { Axis } from './axis.js';
import type { Arrow, History } from './history.js';
import { WORLD } from './history.js';
import type { Viewport } from './viewport.js';

/** Where the names of the lanes stand. */
export const GUTTER = 52;
/** Height of the scale above the lanes. */
export const SCALE = 24;
/** Room for what was done, and for what was cut, if anything was. */
const ACTS_HEIGHT = 22;
const CUTS_HEIGHT = 17;
const BOTTOM = 8;
/** Part of the way that a lost message is drawn. */
const LOST_AT = 0.68;

export interface Point {
  x: number;
  y: number;
}

/** What is in flight now: how far it has come, by message. */
export type Progress = ReadonlyMap<number, number>;

/** Places in a picture of a given size. */
export class Geometry {
  readonly width: number;
  readonly height: number;
  readonly laneHeight: number;
  readonly view: Viewport;
  /** Where the lanes of servers begin. */
  readonly lanesTop: number;
  readonly #history: History;
  readonly #axis: Axis;
  readonly #scale: number;

  constructor(history: History, axis: Axis, view: Viewport, width: number, laneHeight = laneHeightFor(history)) {
    this.width = Math.max(width, GUTTER + 40);
    this.laneHeight = laneHeight;
    this.view = view;
    this.lanesTop = SCALE + ACTS_HEIGHT + (history.cuts.length > 0 ? CUTS_HEIGHT : 0);
    this.height = this.lanesTop + (history.lanes.length - 1) * laneHeight + BOTTOM;
    this.#history = history;
    this.#axis = axis;
    this.#scale = (this.width - GUTTER) / view.span;
  }

  /** Pixels of a unit of the axis. */
  get scale(): number {
    return this.#scale;
  }

  x(u: number): number {
    return GUTTER + (u - this.view.fromU) * this.#scale;
  }

  u(x: number): number {
    return this.view.fromU + (x - GUTTER) / this.#scale;
  }

  /** Middle of a lane. */
  y(lane: number): number {
    return lane === WORLD ? SCALE + ACTS_HEIGHT / 2 : this.lanesTop + (lane - 0.5) * this.laneHeight;
  }

  /** Middle of the bars that say which links are cut. */
  get cutsY(): number {
    return SCALE + ACTS_HEIGHT + CUTS_HEIGHT / 2 - 2;
  }

  eventX(at: number): number {
    return this.x(this.#axis.eventU[at] as number);
  }

  /** A lost message is where it was last seen; everything else is on its lane. */
  event(at: number): Point {
    const history = this.#history;
    const arrow = history.arrows[history.arrowAt[at] as number];
    if (arrow?.fate === 'lost' && arrow.to === at) return this.ends(arrow, 0, NOTHING).end;
    return { x: this.eventX(at), y: this.y(history.lane[at] as number) };
  }

  ends(arrow: Arrow, presentU: number, progress: Progress): { start: Point; end: Point } {
    const start = { x: this.eventX(arrow.from), y: this.y(arrow.fromLane) };
    const y = this.y(arrow.toLane);
    switch (arrow.fate) {
      case 'arrived':
        return { start, end: { x: this.eventX(arrow.to), y } };
      case 'lost':
        return { start, end: { x: Math.max(this.eventX(arrow.to), start.x), y: start.y + (y - start.y) * LOST_AT } };
      case 'flight': {
        const done = progress.get(arrow.message ?? -1) ?? 0.5;
        return { start, end: { x: Math.max(start.x, this.x(presentU)), y: start.y + (y - start.y) * done } };
      }
    }
  }
}

export const NOTHING: Progress = new Map();

/** The more lanes, the narrower. */
export function laneHeightFor({ lanes }: History): number {
  const count = lanes.length - 1;
  if (count <= 6) return 44;
  return count <= 10 ? 34 : 24;
}
