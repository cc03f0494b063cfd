/** A figure as a list of marks, which are written as SVG and painted on a canvas alike. Later ones lie above earlier ones. */
export interface Drawing {
  width: number;
  height: number;
  background: string;
  marks: Mark[];
}

export type Mark = PathMark | TextMark;

/** a, b, c, d, e, f as in SVG's `matrix()`. */
export type Matrix = readonly [number, number, number, number, number, number];
export type Rectangle = readonly [x: number, y: number, width: number, height: number];

interface Paint {
  matrix: Matrix;
  fill: string | null;
  stroke: string | null;
  strokeWidth: number;
  opacity: number;
  fillOpacity: number;
  strokeOpacity: number;
  /** Nothing outside of it is drawn; in the units of the figure. */
  clip: Rectangle | null;
}

export interface PathMark extends Paint {
  kind: 'path';
  d: string;
  dash: readonly number[];
  cap: 'butt' | 'round' | 'square';
}

/** The stroke of a text lies behind its letters. */
export interface TextMark extends Paint {
  kind: 'text';
  text: string;
  x: number;
  y: number;
  size: number;
  weight: string;
  font: string;
  anchor: 'start' | 'middle' | 'end';
  /** Where the letters are by their y: on it, or around it. */
  baseline: 'alphabetic' | 'central';
}

export const IDENTITY: Matrix = [1, 0, 0, 1, 0, 0];
const PLAIN = {
  matrix: IDENTITY,
  fill: null,
  stroke: null,
  strokeWidth: 1,
  opacity: 1,
  fillOpacity: 1,
  strokeOpacity: 1,
  clip: null,
} as const;

export function path(d: string, look: Partial<PathMark>): PathMark {
  return { ...PLAIN, kind: 'path', d, dash: [], cap: 'butt', ...look };
}

export function text(words: string, x: number, y: number, look: Partial<TextMark>): TextMark {
  return {
    ...PLAIN,
    ...{ kind: 'text', text: words, x, y, size: 14, weight: '400', font: 'sans-serif', anchor: 'start' },
    baseline: 'alphabetic',
    ...look,
  };
}

/** A rectangle with round corners. */
export function box(x: number, y: number, width: number, height: number, radius = 0): string {
  const r = Math.max(0, Math.min(radius, width / 2, height / 2));
  if (r === 0) return `M${n(x)} ${n(y)}h${n(width)}v${n(height)}h${n(-width)}Z`;
  const arc = (dx: number, dy: number) => `a${n(r)} ${n(r)} 0 0 1 ${n(dx)} ${n(dy)}`;
  return `M${n(x + r)} ${n(y)}h${n(width - 2 * r)}${arc(r, r)}v${n(height - 2 * r)}${arc(-r, r)}h${n(2 * r - width)}${arc(-r, -r)}v${n(2 * r - height)}${arc(r, -r)}Z`;
}

/** Far outside of a figure a number need not be exact, but it must be one. */
export function n(value: number): string {
  return String(Number.isFinite(value) ? Math.round(value * 100) / 100 : 0);
}
