import { arrowShapes } from './arrows.js';
import { GUTTER, SCALE } from './geometry.js';
import { cutShapes, laneShapes } from './lanes.js';
import { fitted } from './letters.js';
import { markShapes, ringShapes } from './marks.js';
import type { Picture } from './picture.js';
import type { Scene, Shape } from './shapes.js';

/** Least distance of two numbers on the scale. */
const TICK_WIDTH = 78;

/** The whole picture as shapes; nothing that is out of view is among them. */
export function sceneOf(picture: Picture): Scene {
  const { width, height } = picture.geometry;
  return {
    width,
    height,
    plotLeft: GUTTER,
    plot: [
      ...foldShapes(picture),
      ...cutShapes(picture),
      ...laneShapes(picture),
      ...arrowShapes(picture),
      ...markShapes(picture),
      ...futureShapes(picture),
      ...ringShapes(picture),
    ],
    frame: [...nameShapes(picture), ...scaleShapes(picture)],
  };
}

/** A closed fold is a torn strip, an open one only has its edges. */
function foldShapes({ axis, geometry, words }: Picture): Shape[] {
  const shapes: Shape[] = [];
  for (const { fromU, toU, fromMs, toMs, open } of axis.folds) {
    const [left, right] = [geometry.x(fromU), geometry.x(toU)];
    if (right < GUTTER || left > geometry.width) continue;
    const points = [...zigzag(left, geometry.height), ...zigzag(right, geometry.height)];
    if (!open)
      shapes.push({
        kind: 'box',
        x: left,
        y: SCALE,
        width: right - left,
        height: geometry.height - SCALE,
        fill: 'sunken',
      });
    shapes.push({
      kind: 'lines',
      points,
      stroke: 'line-strong',
      width: 1,
      alpha: open ? 0.5 : 1,
      ...(open ? { dash: [2, 3] } : {}),
    });
    const room = Math.min(right, geometry.width) - Math.max(left, GUTTER);
    const text = room > 62 ? words.foldShort(toMs - fromMs) : '⋯';
    const x = (Math.min(right, geometry.width) + Math.max(left, GUTTER)) / 2;
    if (room > 10)
      shapes.push({
        kind: 'label',
        x,
        y: geometry.height - 9,
        text,
        size: 10,
        fill: 'muted',
        anchor: 'middle',
        halo: open ? 'surface' : 'sunken',
      });
  }
  return shapes;
}

function zigzag(x: number, height: number): number[] {
  const points: number[] = [];
  for (let y = SCALE, side = -1; y < height; y += 7, side = -side) points.push(x + side * 2, y, x - side * 2, y + 7);
  return points;
}

/** The present as a line; what has been seen of the future lies under a veil, unless a chosen event lights it. */
function futureShapes({ endU, geometry, presentU, light }: Picture): Shape[] {
  const x = geometry.x(presentU);
  const shapes: Shape[] = [];
  const end = geometry.x(endU);
  if (!light && end > x + 1)
    shapes.push({
      kind: 'box',
      x,
      y: SCALE,
      width: end - x + 40,
      height: geometry.height - SCALE,
      fill: 'surface',
      alpha: 0.55,
    });
  shapes.push({ kind: 'lines', points: [x, SCALE - 4, x, geometry.height], stroke: 'accent', width: 1.75 });
  shapes.push({ kind: 'polygons', figures: [[x - 6, SCALE - 10, x + 6, SCALE - 10, x, SCALE - 1]], fill: 'accent' });
  return shapes;
}

function nameShapes({ history, geometry, words }: Picture): Shape[] {
  const shapes: Shape[] = [
    { kind: 'lines', points: [GUTTER, SCALE, GUTTER, geometry.height], stroke: 'line', width: 1 },
  ];
  for (const [lane, { kind, name, ordered }] of history.lanes.entries()) {
    const full = kind === 'world' ? words.worldLane : ordered ? name : words.otherClients;
    const plain =
      kind === 'server'
        ? ({ size: 12.5, bold: true, fill: 'ink' } as const)
        : ({ size: 11, fill: kind === 'client' ? 'accent' : 'muted' } as const);
    const text = fitted(full, plain.size, GUTTER - 12);
    shapes.push({ kind: 'label', x: GUTTER - 7, y: geometry.y(lane), text, anchor: 'end', ...plain });
  }
  return shapes;
}

/** Round times at the top, only where no fold makes them crowd. */
function scaleShapes({ axis, geometry, words }: Picture): Shape[] {
  const shapes: Shape[] = [{ kind: 'lines', points: [0, SCALE, geometry.width, SCALE], stroke: 'line', width: 1 }];
  const { fromU, span } = geometry.view;
  const step = roundStep((span * TICK_WIDTH) / (geometry.width - GUTTER));
  const [from, to] = [axis.toTime(Math.max(0, fromU)), axis.toTime(fromU + span)];
  let lastX = Number.NEGATIVE_INFINITY;
  for (let time = Math.ceil(from / step) * step; time <= to; time += step) {
    const x = geometry.x(axis.toU(time));
    if (x < GUTTER || x > geometry.width) continue;
    if (x - lastX < TICK_WIDTH * 0.9) {
      // In a fold many round times share a place: the next one that counts lies behind it.
      const fold = axis.foldAt(axis.toU(time));
      if (fold && !fold.open) time = Math.max(time, Math.floor(fold.toMs / step) * step);
      continue;
    }
    lastX = x;
    shapes.push({ kind: 'lines', points: [x, SCALE - 4, x, SCALE], stroke: 'line-strong', width: 1 });
    const anchor = x > geometry.width - 34 ? 'end' : x < GUTTER + 30 ? 'start' : 'middle';
    shapes.push({ kind: 'label', x, y: SCALE - 13, text: words.tick(time), size: 10, fill: 'muted', anchor });
  }
  return shapes;
}

/** The next of 1, 2, 5, 10, 20 … */
export function roundStep(least: number): number {
  const power = 10 ** Math.floor(Math.log10(Math.max(least, 1e-3)));
  return power * ([1, 2, 5].find((factor) => factor * power >= least) ?? 10);
}
