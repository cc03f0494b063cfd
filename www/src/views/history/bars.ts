import { nothing, svg, type TemplateResult } from 'lit';
import { repeat } from 'lit/directives/repeat.js';
import type { Strings } from '../../i18n/index.js';
import type { OperationView } from '../../model.js';
import { linear, lowerBound, type Span } from '../metrics/scale.js';
import { type Bar, type Clump, draw, type Lane, type Placed } from './lanes.js';
import type { Point } from './points.js';
import { brief, shorten } from './words.js';

/** A client turned to another server, or asked once more. */
export interface Tick {
  timeMs: number;
  client: string;
  kind: 'resent' | 'redirected';
}

export const ROW = 22;
const BAR = 17;
const LANE_GAP = 7;
/** Drawn beyond the visible part, so that a quick scroll shows no gap. */
const OVERSCAN = 80;

/** What is drawn of all lanes. */
export interface Scene {
  lanes: readonly Lane[];
  ticks: ReadonlyMap<string, readonly Tick[]>;
  span: Span;
  /** Of the part that shows time, without the names of the clients. */
  width: number;
  gutter: number;
  /** Id of the shape that keeps bars out of the names. */
  clip: string;
  /** The part of the lanes that is scrolled into view. */
  top: number;
  height: number;
  /** The operation that has the focus or was chosen. */
  active: number | null;
  points: ReadonlyMap<number, Point>;
  unplaced: ReadonlySet<number>;
  timeMs: number;
}

/** Where each lane begins, and at the end of the list where the last one ends. */
export function tops(lanes: readonly Lane[]): number[] {
  const starts = [LANE_GAP / 2];
  for (const { rows } of lanes) starts.push((starts.at(-1) as number) + Math.max(1, rows.length) * ROW + LANE_GAP);
  return starts;
}

export function bars(scene: Scene, t: Strings): TemplateResult {
  const starts = tops(scene.lanes);
  const whole = new Set(scene.active === null ? scene.unplaced : [scene.active, ...scene.unplaced]);
  const first = Math.max(0, lowerBound(starts, scene.top - OVERSCAN, (start) => start) - 1);
  const shown: number[] = [];
  for (let i = first; i < scene.lanes.length && (starts[i] as number) < scene.top + scene.height + OVERSCAN; i++)
    shown.push(i);
  const past = linear(scene.span.fromMs, scene.span.toMs, 0, scene.width)(scene.timeMs);
  // The first operation in view is the way in by the keyboard, unless one was chosen that is in view.
  const drawn = shown.map((i) => (scene.lanes[i] as Lane).rows.map((row) => draw(row, scene.span, scene.width, whole)));
  const all = drawn.flat(2).filter((item): item is Bar => item.kind === 'bar');
  const entry = all.some(({ placed }) => placed.op.id === scene.active) ? scene.active : (all[0]?.placed.op.id ?? null);
  return svg`${shown.map((i, at) => {
    const lane = scene.lanes[i] as Lane;
    const top = starts[i] as number;
    return svg`
      <line class="lane-line" x1="0" x2=${scene.gutter + scene.width} y1=${top - LANE_GAP / 2} y2=${top - LANE_GAP / 2}></line>
      <text class="lane-name" x="2" y=${top + 14}>${shorten(lane.client, scene.gutter - 6)}<title>${lane.client}</title></text>
      <g transform="translate(${scene.gutter} ${top})" clip-path="url(#${scene.clip})">
        ${(drawn[at] ?? []).map(
          (items, row) =>
            svg`<g transform="translate(0 ${row * ROW})">${repeat(
              items,
              (item) => (item.kind === 'bar' ? item.placed.op.id : `c${item.fromMs}`),
              (item) => (item.kind === 'bar' ? bar(item, scene, past, entry, t) : clump(item, past, t)),
            )}</g>`,
        )}
        ${ticksOf(scene, lane.client, t)}
      </g>`;
  })}`;
}

function bar(item: Bar, scene: Scene, past: number, entry: number | null, t: Strings): TemplateResult {
  const { placed, x, width, tail } = item;
  const { op } = placed;
  const outcome = outcomeOf(op);
  const right = x + width;
  const left = Math.max(0, x);
  const classes = [
    'op',
    op.kind === 'get' || op.kind === 'sync' ? 'read' : 'write',
    outcome,
    x > past ? 'future' : '',
    op.id === scene.active ? 'active' : '',
    scene.unplaced.has(op.id) ? 'unplaced' : '',
  ];
  const mark = outcome === 'fail' ? '✕' : outcome === 'unknown' ? '?' : outcome === 'pending' ? '…' : '';
  const room = Math.min(right, scene.width) - left - 8 - (mark ? 12 : 0);
  return svg`<g class=${classes.join(' ')} data-op=${op.id} role="button" tabindex=${op.id === entry ? 0 : -1}
      aria-label=${t.history.operationLabel(op.client, wordsOf(op, t), t.history.outcome[outcome], op.calledMs)}>
    <rect class="hit" x=${x - 2} y="-1" width=${width + 4} height=${ROW - 2}></rect>
    ${tail === null ? nothing : svg`<line class="tail" x1=${right} x2=${tail} y1=${BAR / 2} y2=${BAR / 2}></line>`}
    <rect class="bar" x=${x} y="0" width=${width} height=${BAR} rx="3"></rect>
    ${outcome === 'unknown' || outcome === 'pending' ? svg`<line class="open-end" x1=${right} x2=${right} y1="1" y2=${BAR - 1}></line>` : nothing}
    <text class="label" x=${left + 5} y="12.5">${shorten(brief(op).replaceAll(' ', ''), room)}</text>
    ${mark && width > 12 ? svg`<text class="mark" x=${Math.min(right, scene.width) - 11} y="12.5">${mark}</text>` : nothing}
    ${mark && width <= 12 ? svg`<text class="mark" x=${right + 1} y="12.5">${mark}</text>` : nothing}
    ${pointOf(item, scene)}
  </g>`;
}

/** Bars narrower than this have no room for the number of their point. */
const NUMBERED = 26;

function pointOf({ placed, width: room }: Bar, { points, span, width }: Scene): TemplateResult | typeof nothing {
  const point = points.get(placed.op.id);
  if (!point) return nothing;
  const x = linear(span.fromMs, span.toMs, 0, width)(point.timeMs);
  return svg`<g class="point" transform="translate(${x} ${BAR - 1})"><circle r="3.4"></circle>${
    room < NUMBERED ? nothing : svg`<text x="5" y="4">${point.number}</text>`
  }</g>`;
}

function clump({ x, width, count, troubled, fromMs, toMs }: Clump, past: number, t: Strings): TemplateResult {
  const text = t.history.clump(count, troubled);
  return svg`<g class="clump ${troubled > 0 ? 'troubled' : ''} ${x > past ? 'future' : ''}" data-from=${fromMs} data-to=${toMs}>
    <title>${text}</title>
    <rect x=${x} y="2" width=${width} height=${BAR - 4} rx="2"></rect>
    ${width > 30 ? svg`<text x=${Math.max(0, x) + 4} y="12.5">${shorten(`${count} ×`, width)}</text>` : nothing}
    ${troubled > 0 ? svg`<text class="mark" x=${x + width - 10} y="12.5">✕</text>` : nothing}
  </g>`;
}

/** Ticks nearer than this would be one blot. */
const TICKS_APART = 3;

function ticksOf({ ticks, span, width }: Scene, client: string, t: Strings): TemplateResult[] {
  const x = linear(span.fromMs, span.toMs, 0, width);
  const mine = ticks.get(client) ?? [];
  const drawn: TemplateResult[] = [];
  let last = Number.NEGATIVE_INFINITY;
  for (let i = lowerBound(mine, span.fromMs, ({ timeMs }) => timeMs); i < mine.length; i++) {
    const { timeMs, kind } = mine[i] as Tick;
    if (timeMs > span.toMs) break;
    const at = x(timeMs);
    if (at - last < TICKS_APART) continue;
    last = at;
    drawn.push(
      svg`<path class="tick-mark ${kind}" d=${kind === 'resent' ? 'M0 -3V4' : 'M-3 -3H3L0 2z'} transform="translate(${at} 0)"><title>${t.history.tick[kind]}</title></path>`,
    );
  }
  return drawn;
}

export function outcomeOf({ outcome }: OperationView): NonNullable<OperationView['outcome']> | 'pending' {
  return outcome ?? 'pending';
}

export function wordsOf(op: OperationView, t: Strings): string {
  const kind = t.history.kind[op.kind];
  const mode = op.mode && op.mode !== 'readIndex' ? ` (${t.history.mode[op.mode]})` : '';
  return op.kind === 'sync' ? kind : `${kind}${mode} ${brief(op)}`;
}

/** Through which points the order of a judge leads, as far as it is in view; null when it would be a scribble. */
export function orderPath(scene: Scene): string | null {
  if (scene.points.size === 0) return null;
  const starts = tops(scene.lanes);
  const x = linear(scene.span.fromMs, scene.span.toMs, 0, scene.width);
  const seen: { key: string | null; number: number; x: number; y: number }[] = [];
  for (const { all, rows } of scene.lanes) {
    if (rows.length === 0) continue;
    const from = Math.max(0, lowerBound(all, scene.span.fromMs, ({ endMs }) => endMs) - 1);
    for (let i = from; i < all.length; i++) {
      const { op, lane, row } = all[i] as Placed;
      if (op.calledMs > scene.span.toMs) break;
      const point = scene.points.get(op.id);
      if (!point) continue;
      if (seen.length >= MAX_PATH) return null;
      seen.push({ ...point, x: x(point.timeMs), y: (starts[lane] as number) + row * ROW + BAR - 1 });
    }
  }
  const keys = [...new Set(seen.map(({ key }) => key))];
  return keys
    .map((key) => seen.filter((stop) => stop.key === key).sort((a, b) => a.number - b.number))
    .map((stops) => stops.map((stop, i) => `${i === 0 ? 'M' : 'L'}${stop.x} ${stop.y}`).join(''))
    .join('');
}

const MAX_PATH = 60;
