import type { Point } from './geometry.js';

/** How far apart the two directions of a link are drawn where they differ. */
export const APART = 5;
const WAVE = { length: 12, height: 3 };
/** A wave begins and ends as a straight line, under the servers. */
const STRAIGHT = 14;

/** A line from `a` to `b`, `aside` to the right of the straight one. Slow links are waves: their way is longer. */
export function linkPath(a: Point, b: Point, aside: number, wavy: boolean): string {
  const length = Math.hypot(b.x - a.x, b.y - a.y) || 1;
  const [ux, uy] = [(b.x - a.x) / length, (b.y - a.y) / length];
  const at = (along: number, off: number) =>
    `${(a.x + ux * along - uy * (off + aside)).toFixed(1)} ${(a.y + uy * along + ux * (off + aside)).toFixed(1)}`;
  if (!wavy || length < 4 * STRAIGHT) return `M${at(0, 0)}L${at(length, 0)}`;
  const halves = Math.max(2, Math.round((length - 2 * STRAIGHT) / WAVE.length) * 2);
  const half = (length - 2 * STRAIGHT) / halves;
  let path = `M${at(0, 0)}L${at(STRAIGHT, 0)}`;
  for (let i = 0; i < halves; i++) {
    const crest = (i % 2 === 0 ? 2 : -2) * WAVE.height;
    path += `Q${at(STRAIGHT + half * (i + 0.5), crest)} ${at(STRAIGHT + half * (i + 1), 0)}`;
  }
  return `${path}L${at(length, 0)}`;
}

/** Where signs and words of a direction stand: `fraction` of the way, and `aside`. */
export function alongLink(a: Point, b: Point, aside: number, fraction: number): Point {
  const length = Math.hypot(b.x - a.x, b.y - a.y) || 1;
  const [ux, uy] = [(b.x - a.x) / length, (b.y - a.y) / length];
  return { x: a.x + (b.x - a.x) * fraction - uy * aside, y: a.y + (b.y - a.y) * fraction + ux * aside };
}

/** A tip at the origin that points in the direction of a link. */
export function tip(a: Point, b: Point): string {
  const length = Math.hypot(b.x - a.x, b.y - a.y) || 1;
  const [ux, uy] = [(b.x - a.x) / length, (b.y - a.y) / length];
  const at = (along: number, off: number) =>
    `${(ux * along - uy * off).toFixed(1)} ${(uy * along + ux * off).toFixed(1)}`;
  return `M${at(-6, -4)}L${at(0, 0)}L${at(-6, 4)}`;
}

/** Where the words of a direction stand: to its right, growing away from the line. */
export function wordsBeside(
  a: Point,
  b: Point,
  aside: number,
  fraction: number,
): Point & { anchor: 'start' | 'middle' | 'end' } {
  const length = Math.hypot(b.x - a.x, b.y - a.y) || 1;
  const right = -(b.y - a.y) / length;
  const { x, y } = alongLink(a, b, aside, fraction);
  // Letters stand on their base line.
  return { x, y: y + 4, anchor: Math.abs(right) < 0.35 ? 'middle' : right > 0 ? 'start' : 'end' };
}
