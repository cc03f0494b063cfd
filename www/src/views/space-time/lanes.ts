import { LIGHT } from './cone.js';
import type { Stretch } from './history.js';
import { fitted } from './letters.js';
import type { Picture } from './picture.js';
import type { Colour, Shape } from './shapes.js';

const BAND = 13;
/** Narrower stretches have no room for the number of their term. */
const TERM_LABEL_WIDTH = 24;

/** The lanes of servers and clients: terms as bands, roles as lines, crashes and pauses as gaps. */
export function laneShapes(picture: Picture): Shape[] {
  const { history, geometry } = picture;
  const shapes: Shape[] = [];
  for (const [lane, { kind }] of history.lanes.entries()) {
    if (kind === 'client')
      shapes.push(line(picture, lane, geometry.x(0), endX(picture), { stroke: 'accent', width: 1.25, dash: [1, 3] }));
    else if (kind === 'server') serverLane(picture, lane, shapes);
  }
  if (picture.light) litLanes(picture, picture.light, shapes);
  return shapes;
}

/** Which links are cut, as bars on the lane of the world, and when that changed. */
export function cutShapes({ history, endU, geometry }: Picture): Shape[] {
  const shapes: Shape[] = [];
  const y = geometry.cutsY;
  for (const [i, { at, label }] of history.cuts.entries()) {
    const [left, right] = [geometry.eventX(at), xOfNext(history.cuts, i, geometry, endU)];
    if (right < 0 || left > geometry.width) continue;
    const points = [left, y, left, geometry.height];
    shapes.push({ kind: 'lines', points, stroke: 'line-strong', width: 1, dash: label ? [6, 3] : [1, 4], alpha: 0.7 });
    if (label === '') continue;
    shapes.push({
      kind: 'box',
      x: left,
      y: y - 7.5,
      width: right - left,
      height: 15,
      radius: 4,
      fill: 'warn-soft',
      stroke: 'line-strong',
    });
    const [from, to] = [Math.max(left, geometry.x(geometry.view.fromU)), Math.min(right, geometry.width)];
    const text = fitted(label, 10.5, to - from - 8);
    if (text === '') continue;
    shapes.push({ kind: 'label', x: from + 5, y, text, size: 10.5, fill: 'ink', bold: true });
  }
  return shapes;
}

function serverLane(picture: Picture, lane: number, shapes: Shape[]): void {
  const { history, geometry, words } = picture;
  const stretches = history.stretches.get(lane) ?? [];
  const y = geometry.y(lane);
  const faded = picture.light ? 0.4 : 1;
  let termLeft = Number.NEGATIVE_INFINITY;
  for (const [i, stretch] of stretches.entries()) {
    const left = stretch.at < 0 ? geometry.x(0) : geometry.eventX(stretch.at);
    const right = xOfNext(stretches, i, geometry, picture.endU);
    const before = stretches[i - 1];
    if (right < 0 || left > geometry.width) continue;
    if (stretch.status === 1) {
      shapes.push(line(picture, lane, left, right, { stroke: 'crashed', width: 1.5, dash: [2, 5] }));
      continue;
    }
    if (stretch.term !== null) {
      const tint: Colour = `term-${stretch.term % 8}` as Colour;
      const edge: Colour = `term-${stretch.term % 8}-edge` as Colour;
      const paused = stretch.status === 2;
      shapes.push({
        kind: 'box',
        x: left,
        y: y - BAND / 2,
        width: right - left,
        height: BAND,
        fill: tint,
        alpha: paused ? 0.35 : faded,
      });
      const points = [left, y - BAND / 2, right, y - BAND / 2, left, y + BAND / 2, right, y + BAND / 2];
      shapes.push({ kind: 'lines', points, stroke: edge, width: 1, alpha: faded, ...(paused ? { dash: [3, 3] } : {}) });
    }
    if (stretch.status === 2) {
      const points = [left, y, right, y];
      shapes.push({ kind: 'lines', points, stroke: 'paused', width: 5, dash: [2, 4] });
    } else shapes.push(line(picture, lane, left, right, ROLE_LINES[stretch.role] ?? ROLE_LINES[0]));
    const begins = before?.term !== stretch.term || before?.status === 1;
    const from = Math.max(left, geometry.x(geometry.view.fromU));
    if (stretch.term !== null && (begins || left < from) && from - termLeft > TERM_LABEL_WIDTH) {
      const room = Math.min(termEndX(picture, stretches, i), geometry.width) - from;
      if (room > TERM_LABEL_WIDTH) {
        termLeft = from;
        const text = words.termShort(stretch.term);
        const edge: Colour = `term-${stretch.term % 8}-edge` as Colour;
        shapes.push({
          kind: 'label',
          x: from + 3,
          y: y - BAND / 2 - 6.5,
          text,
          size: 10,
          fill: 'ink',
          bold: true,
          halo: 'surface',
        });
        if (begins && stretch.at >= 0)
          shapes.push({ kind: 'lines', points: [left, y - BAND / 2 - 12, left, y + BAND / 2], stroke: edge, width: 2 });
      }
    }
  }
}

const ROLE_LINES = [
  { stroke: 'ink', width: 1.1 },
  { stroke: 'precandidate', width: 2, dash: [3, 2] },
  { stroke: 'candidate', width: 2.5, dash: [7, 3] },
  { stroke: 'leader', width: 4.5 },
] as const;

type Look = { stroke: Colour; width: number; dash?: readonly number[] };

function line(
  { geometry, light }: Picture,
  lane: number,
  left: number,
  right: number,
  look: Look = ROLE_LINES[0],
): Shape {
  const y = geometry.y(lane);
  return { kind: 'lines', points: [left, y, right, y], ...look, alpha: light ? 0.55 : 1 };
}

function endX({ endU, geometry }: Picture): number {
  return geometry.x(endU);
}

function xOfNext(all: readonly { at: number }[], i: number, geometry: Picture['geometry'], endU: number): number {
  const next = all[i + 1];
  return next ? geometry.eventX(next.at) : geometry.x(endU);
}

function termEndX(picture: Picture, stretches: readonly Stretch[], i: number): number {
  const term = stretches[i]?.term;
  let last = i;
  while (stretches[last + 1]?.term === term && stretches[last + 1]?.status !== 1) last++;
  return xOfNext(stretches, last, picture.geometry, picture.endU);
}

/** How much of each lane happened before the chosen event, and how much of it follows. */
function litLanes({ history, geometry }: Picture, light: Uint8Array, shapes: Shape[]): void {
  const past: number[] = [];
  const future: number[] = [];
  for (const [lane, ends] of litEnds(history.lanes.length, history.lane, light).entries()) {
    if (!history.lanes[lane]?.ordered) continue;
    const y = geometry.y(lane) + 10;
    if (ends.past >= 0) past.push(geometry.x(0), y, geometry.eventX(ends.past), y);
    if (ends.future >= 0) future.push(geometry.eventX(ends.future), y, geometry.eventX(ends.last), y);
  }
  shapes.push({ kind: 'lines', points: past, stroke: 'accent', width: 3 });
  shapes.push({ kind: 'lines', points: future, stroke: 'paused', width: 3, dash: [8, 3] });
}

/** The last event of each lane's past, the first and the last one of its future; -1: none. */
function litEnds(count: number, lanes: readonly number[], light: Uint8Array): Ends[] {
  const all = Array.from({ length: count }, () => ({ past: -1, future: -1, last: -1 }));
  for (let at = 0; at < light.length; at++) {
    const its = light[at];
    const ends = all[lanes[at] as number];
    if (its === LIGHT.none || !ends) continue;
    if (its !== LIGHT.future) ends.past = at;
    if (its === LIGHT.past) continue;
    if (ends.future < 0) ends.future = at;
    ends.last = at;
  }
  return all;
}

interface Ends {
  past: number;
  future: number;
  last: number;
}
