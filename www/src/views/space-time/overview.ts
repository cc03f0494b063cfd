import type { Axis } from './axis.js';
import type { History } from './history.js';
import type { Colour, Scene, Shape } from './shapes.js';
import type { Viewport } from './viewport.js';

export const OVERVIEW_HEIGHT = 34;
const MARKS: Record<string, [colour: Colour, top: number]> = {
  becomeLeader: ['leader', 9],
  becomeCandidate: ['candidate', 17],
  crashed: ['danger', 13],
  violated: ['danger', 4],
  acted: ['muted', 19],
};

export interface OverviewState {
  history: History;
  axis: Axis;
  view: Viewport;
  presentU: number;
  width: number;
  /** A range that is being drawn. */
  brush: readonly [number, number] | null;
}

/** The whole run in one strip, with the part that is shown as a window in it. */
export class Overview {
  #run: Shape[] = [];
  #axis: Axis | null = null;
  #width = 0;

  scene({ history, axis, view, presentU, width, brush }: OverviewState): Scene {
    if (axis !== this.#axis || width !== this.#width) this.#run = runShapes(history, axis, width);
    this.#axis = axis;
    this.#width = width;
    const x = (u: number) => (u / Math.max(axis.endU, 1)) * width;
    const points = [x(presentU), 0, x(presentU), OVERVIEW_HEIGHT];
    const [from, to] = brush ? [Math.min(...brush), Math.max(...brush)] : [view.fromU, view.fromU + view.span];
    const left = Math.max(1, x(from));
    const window = { kind: 'box', x: left, y: 1, radius: 3, height: OVERVIEW_HEIGHT - 2 } as const;
    const size = Math.max(4, Math.min(width - 1, x(to)) - left);
    const plot: Shape[] = [
      ...this.#run,
      { kind: 'lines', points, stroke: 'accent', width: 1.5 },
      { ...window, width: size, fill: 'accent', alpha: brush ? 0.3 : 0.12 },
      { ...window, width: size, stroke: 'accent', strokeWidth: 1.75 },
    ];
    return { width, height: OVERVIEW_HEIGHT, plotLeft: 0, plot, frame: [] };
  }
}

/** Terms, folds and the turns of the story, which stay where they are. */
function runShapes(history: History, axis: Axis, width: number): Shape[] {
  const x = (u: number) => (u / Math.max(axis.endU, 1)) * width;
  const shapes: Shape[] = [{ kind: 'box', x: 0, y: 0, width, height: OVERVIEW_HEIGHT, fill: 'sunken' }];
  for (const { term, from, to } of terms(history, axis)) {
    const tint: Colour = `term-${term % 8}` as Colour;
    shapes.push({ kind: 'box', x: x(from), y: 22, width: Math.max(1, x(to) - x(from)), height: 9, fill: tint });
    const stroke = `term-${term % 8}-edge` as Colour;
    shapes.push({ kind: 'lines', points: [x(from), 22, x(from), 31], stroke, width: 1 });
  }
  for (const { fromU, toU, open } of axis.folds) {
    const middle = x((fromU + toU) / 2);
    const points = [middle, 24, middle, 30];
    if (!open) shapes.push({ kind: 'lines', points, stroke: 'line-strong', width: 2, dash: [2, 2] });
  }
  const lines = new Map<string, number[]>();
  for (const [at, { kind }] of history.events.entries()) {
    if (!(kind in MARKS)) continue;
    const points = lines.get(kind) ?? [];
    lines.set(kind, points);
    const here = Math.round(x(axis.eventU[at] as number));
    if (points.at(-2) !== here) points.push(here, MARKS[kind]?.[1] as number, here, 22);
  }
  for (const [kind, points] of lines) {
    shapes.push({ kind: 'lines', points, stroke: MARKS[kind]?.[0] as Colour, width: 1.5 });
  }
  return shapes;
}

/** The stretches in which each term was the highest that any server had begun. */
function terms({ events, firstId }: History, axis: Axis): { term: number; from: number; to: number }[] {
  const spans: { term: number; from: number; to: number }[] = [
    { term: firstId === 0 ? 0 : -1, from: 0, to: axis.endU },
  ];
  for (const [at, { kind, term }] of events.entries()) {
    const last = spans.at(-1);
    if (!last || term === null || term <= last.term || (kind !== 'becomeCandidate' && kind !== 'becomeLeader'))
      continue;
    last.to = axis.eventU[at] as number;
    spans.push({ term, from: last.to, to: axis.endU });
  }
  return spans.filter(({ term }) => term >= 0);
}
