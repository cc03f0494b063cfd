import { arrowLight, LIGHT } from './cone.js';
import type { Point } from './geometry.js';
import type { Arrow } from './history.js';
import { FADED, type Picture } from './picture.js';
import { Batch, type Colour, type Lines, type Shape } from './shapes.js';

/** Beyond this many arrows in view, heads and dashes would be a grey mass. */
const MOST_HEADS = 900;
/** Beyond this many, letters would. */
const MOST_LABELS = 70;
const LABEL_LENGTH = 56;
/** A steep arrow has no room beside it for a word. */
const LABEL_WIDTH = 26;
/** Beyond this many, even those in the light are thin. */
const MANY = 150;
const HEAD = 7;
const QUIET = 0.6;
const CROSS: Look = { stroke: 'danger', width: 2 };
const QUIET_CROSS: Look = { ...CROSS, alpha: QUIET };
const FADED_CROSS: Look = { ...CROSS, alpha: FADED };

type Look = Omit<Lines, 'kind' | 'points'>;

/** Messages as arrows from where they were sent to where they arrived; a cross ends the lost ones, those in flight are open. */
export function arrowShapes(picture: Picture): Shape[] {
  const { geometry, presentU, progress, light } = picture;
  const visible = visibleArrows(picture);
  const batch = new Batch();
  const lit = new Batch();
  const seen = new Set<number>();
  const looks = new Map<number, Look>();
  const labels: Shape[] = [];
  const boxes: Point[] = [];
  const crowd = visible.length;
  const loud = visible.reduce((count, { quiet }) => count + (quiet ? 0 : 1), 0);
  for (const arrow of visible) {
    const { start, end } = geometry.ends(arrow, presentU, progress);
    const its = light ? arrowLight(arrow, light) : LIGHT.none;
    // Arrows that would cover each other are drawn once.
    const kind = lookNumber(arrow, its);
    const key = placeNumber(arrow, start.x, end.x) * LOOKS + kind;
    if (seen.has(key)) continue;
    seen.add(key);
    const look = looks.get(kind) ?? lookOf(arrow, its, light !== null, crowd);
    looks.set(kind, look);
    const into = its === LIGHT.none ? batch : lit;
    into.line(look, start.x, start.y, end.x, end.y);
    if (visible.length <= MOST_HEADS || arrow.fate === 'lost') headOf(into, arrow, start, end, look);
    if (loud <= MOST_LABELS && !arrow.quiet && (its !== LIGHT.none || !light)) label(arrow, start, end, labels, boxes);
  }
  return [...batch.shapes(), ...lit.shapes(), ...labels];
}

/** A filled head for what has arrived, an open one for what has not, a cross for what never will. */
function headOf(into: Batch, { fate, quiet }: Arrow, start: Point, end: Point, look: Look): void {
  const length = Math.hypot(end.x - start.x, end.y - start.y);
  if (length < 4) return;
  if (fate === 'lost') {
    const cross = look.alpha === undefined ? CROSS : look.alpha === FADED ? FADED_CROSS : QUIET_CROSS;
    into.line(cross, end.x - 4.5, end.y - 4.5, end.x + 4.5, end.y + 4.5);
    into.line(cross, end.x - 4.5, end.y + 4.5, end.x + 4.5, end.y - 4.5);
    return;
  }
  const [dx, dy] = [(end.x - start.x) / length, (end.y - start.y) / length];
  const size = quiet ? HEAD - 2 : HEAD;
  const [bx, by] = [end.x - dx * size, end.y - dy * size];
  const wing = size * 0.42;
  const figure = [end.x, end.y, bx - dy * wing, by + dx * wing, bx + dy * wing, by - dx * wing];
  const alpha = look.alpha === undefined ? {} : { alpha: look.alpha };
  if (fate === 'flight') into.polygon({ fill: 'surface', stroke: look.stroke, ...alpha }, figure);
  else into.polygon({ fill: look.stroke, ...alpha }, figure);
}

/** Arrows of which anything is in view. */
export function visibleArrows({ history, axis, geometry, presentU }: Picture): Arrow[] {
  const { fromU, span } = geometry.view;
  const place = axis.eventU;
  return history.arrows.filter(({ from, to }) => {
    // What begins and ends in a closed fold would be one dark strip.
    if (to >= 0 && axis.hides(from) && axis.hides(to)) return false;
    const end = to < 0 ? Math.max(presentU, place[from] as number) : (place[to] as number);
    return (place[from] as number) <= fromU + span && end >= fromU;
  });
}

export function colourOf({ kind, quiet }: Arrow): Colour {
  if (kind === null) return 'accent';
  if (kind === 'PreVote' || kind === 'PreVoteReply') return 'precandidate';
  if (kind === 'RequestVote' || kind === 'RequestVoteReply' || kind === 'TimeoutNow') return 'candidate';
  return quiet ? 'line-strong' : 'leader';
}

const FATES = ['arrived', 'lost', 'flight'] as const;
const COLOURS_OF_ARROWS: readonly Colour[] = ['accent', 'precandidate', 'candidate', 'line-strong', 'leader'];
const LOOKS = COLOURS_OF_ARROWS.length * FATES.length * 4 * 2 * 2;
/** Pixels beyond which places need not be told apart. */
const FAR = 8_000;
const LANES = 64;

/** Arrows with the same number look the same. */
function lookNumber(arrow: Arrow, its: number): number {
  const colour = COLOURS_OF_ARROWS.indexOf(colourOf(arrow));
  const sort = (colour * FATES.length + FATES.indexOf(arrow.fate)) * 4 + its;
  return (sort * 2 + Number(arrow.quiet)) * 2 + Number(arrow.success !== null);
}

function placeNumber({ fromLane, toLane }: Arrow, fromX: number, toX: number): number {
  const pixel = (x: number) => Math.round(Math.min(Math.max(x, -FAR), FAR)) + FAR;
  return ((fromLane * LANES + toLane) * 2 * FAR + pixel(fromX)) * 2 * FAR + pixel(toX);
}

function lookOf(arrow: Arrow, its: number, fades: boolean, crowd: number): Look {
  const isMass = crowd > MOST_HEADS;
  const width = isMass ? 1 : crowd > MANY ? 1.4 : 2.1;
  if (its === LIGHT.past) return { stroke: 'accent', width };
  if (its === LIGHT.future) return { stroke: 'paused', width, ...(isMass ? {} : { dash: [8, 3] }) };
  const stroke = colourOf(arrow);
  const alpha = fades ? FADED : arrow.quiet ? QUIET : undefined;
  const dash = isMass ? undefined : arrow.fate === 'flight' ? [2, 3] : arrow.success !== null ? [5, 3] : undefined;
  return {
    stroke,
    width: arrow.quiet ? 0.9 : isMass ? 1 : 1.5,
    ...(dash ? { dash } : {}),
    ...(alpha === undefined ? {} : { alpha }),
  };
}

/** A request says what it is, a reply says yes or no. */
function label(arrow: Arrow, start: Point, end: Point, labels: Shape[], taken: Point[]): void {
  const text = textOf(arrow);
  const length = Math.hypot(end.x - start.x, end.y - start.y);
  const isSign = text.length <= 3;
  if (text === '' || length < (isSign ? LABEL_LENGTH / 2 : LABEL_LENGTH)) return;
  if (!isSign && end.x - start.x < LABEL_WIDTH) return;
  const along = arrow.success === null ? 0.4 : 0.7;
  const [x, y] = [start.x + (end.x - start.x) * along, start.y + (end.y - start.y) * along];
  const width = text.length * 5.5;
  if (taken.some((other) => Math.abs(other.x - x) < width && Math.abs(other.y - y) < 11)) return;
  taken.push({ x, y });
  const fill: Colour = arrow.success === false ? 'danger' : 'ink';
  labels.push({ kind: 'label', x, y, text, size: 9.5, fill, anchor: 'middle', halo: 'surface', bold: isSign });
}

function textOf({ kind, success, entries }: Arrow): string {
  if (kind === null) return '';
  if (success !== null) return success ? '✓' : '✗';
  if (kind === 'AppendEntries') return entries > 0 ? `+${entries}` : '';
  return kind;
}
