const PLAIN = [
  'surface',
  'sunken',
  'ink',
  'muted',
  'line',
  'line-strong',
  'accent',
  'danger',
  'danger-soft',
  'warn-soft',
  'follower',
  'precandidate',
  'candidate',
  'leader',
  'crashed',
  'paused',
  'on-role',
] as const;
const TINTS = [0, 1, 2, 3, 4, 5, 6, 7] as const;

type Tint = `term-${(typeof TINTS)[number]}`;
/** A colour of a picture, by the name of its token in `tokens.css`. */
export type Colour = (typeof PLAIN)[number] | Tint | `${Tint}-edge`;
export const COLOURS: readonly Colour[] = [
  ...PLAIN,
  ...TINTS.flatMap((tint) => [`term-${tint}`, `term-${tint}-edge`] as const),
];
export type Palette = Record<Colour, string>;

/** What a picture is made of; one list is painted on a canvas and written as SVG. Later shapes lie above earlier ones. */
export type Shape = Lines | Polygons | Box | Disc | Label;

/** Straight lines of one look: four numbers each. */
export interface Lines {
  kind: 'lines';
  points: number[];
  stroke: Colour;
  width: number;
  dash?: readonly number[];
  alpha?: number;
}

/** Closed figures of one look. */
export interface Polygons {
  kind: 'polygons';
  /** x and y in turn, for each figure. */
  figures: number[][];
  fill: Colour;
  stroke?: Colour;
  alpha?: number;
}

export interface Box {
  kind: 'box';
  x: number;
  y: number;
  width: number;
  height: number;
  radius?: number;
  fill?: Colour;
  stroke?: Colour;
  dash?: readonly number[];
  strokeWidth?: number;
  alpha?: number;
}

export interface Disc {
  kind: 'disc';
  x: number;
  y: number;
  r: number;
  fill?: Colour;
  stroke?: Colour;
  strokeWidth?: number;
  dash?: readonly number[];
  alpha?: number;
}

export interface Label {
  kind: 'label';
  x: number;
  y: number;
  text: string;
  size: number;
  fill: Colour;
  bold?: boolean;
  anchor?: 'start' | 'middle' | 'end';
  /** Colour around the letters, where they stand on something. */
  halo?: Colour;
  alpha?: number;
}

export interface Scene {
  width: number;
  height: number;
  /** What moves with time, cut off where the names of the lanes begin. */
  plot: Shape[];
  plotLeft: number;
  /** Names and scale. */
  frame: Shape[];
}

/** Collects lines and figures of the same look, so that a thousand arrows are a few strokes. */
export class Batch {
  readonly #lines = new Map<object, Lines>();
  readonly #polygons = new Map<string, Polygons>();

  /** The same object is the same look. */
  line(look: Omit<Lines, 'kind' | 'points'>, x1: number, y1: number, x2: number, y2: number): void {
    let lines = this.#lines.get(look);
    if (!lines) {
      lines = { kind: 'lines', points: [], ...look };
      this.#lines.set(look, lines);
    }
    lines.points.push(x1, y1, x2, y2);
  }

  polygon(look: Omit<Polygons, 'kind' | 'figures'>, points: number[]): void {
    const key = `${look.fill} ${look.stroke} ${look.alpha}`;
    let polygons = this.#polygons.get(key);
    if (!polygons) {
      polygons = { kind: 'polygons', figures: [], ...look };
      this.#polygons.set(key, polygons);
    }
    polygons.figures.push(points);
  }

  shapes(): Shape[] {
    return [...this.#lines.values(), ...this.#polygons.values()];
  }
}
