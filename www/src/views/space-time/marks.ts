import { LIGHT } from './cone.js';
import { FADED, type Picture } from './picture.js';
import type { Colour, Shape } from './shapes.js';

/** Beyond this many events in view, only the turns of the story are marked. */
const MOST_DOTS = 1_500;
/** Pixels for each unit of the axis from which on every detail has its dot. */
const DETAIL_SCALE = 6;

const TURNS = new Set([
  'becomeLeader',
  'becomeCandidate',
  'becomePreCandidate',
  'crashed',
  'restarted',
  'violated',
  'acted',
  'entriesTruncated',
  'called',
  'returned',
]);
const REFUSALS = new Set([
  'voteDenied',
  'appendRejected',
  'refused',
  'entriesTruncated',
  'commitBlocked',
  'torn',
  'forgotten',
]);

/** What happened on the lanes: elections as lettered signs, crashes and restarts, commits and refusals, the rest as dots. */
export function markShapes(picture: Picture): Shape[] {
  const { history, axis, geometry, light } = picture;
  const { fromU, span } = geometry.view;
  const [first, last] = axis.range(fromU - 20 / geometry.scale, fromU + span + 20 / geometry.scale);
  const isDense = last - first > MOST_DOTS;
  const dots: Shape[] = [];
  const signs: Shape[] = [];
  const lastX: number[] = [];
  for (let at = first; at < last; at++) {
    const event = history.events[at];
    if (!event || event.kind === 'sent' || event.kind === 'delivered' || event.kind === 'lost') continue;
    const isTurn = TURNS.has(event.kind);
    if (isDense && !isTurn) continue;
    const lane = history.lane[at] as number;
    const { x, y } = geometry.event(at);
    const alpha = light && light[at] === LIGHT.none ? FADED * 1.5 : 1;
    if (!isTurn) {
      // Of marks in one place the first is enough.
      if (x - (lastX[lane] ?? Number.NEGATIVE_INFINITY) < 4) continue;
      lastX[lane] = x;
    }
    mark(picture, event.kind, event.level, x, y, alpha, isTurn ? signs : dots);
  }
  return [...dots, ...signs];
}

/** Rings around what is chosen and what the pointer is on. */
export function ringShapes({ geometry, chosen, hovered }: Picture): Shape[] {
  const shapes: Shape[] = [];
  if (hovered >= 0 && hovered !== chosen)
    shapes.push({ kind: 'disc', ...geometry.event(hovered), r: 8, stroke: 'accent', strokeWidth: 1.5, dash: [3, 2] });
  if (chosen >= 0) {
    const point = geometry.event(chosen);
    shapes.push({ kind: 'disc', ...point, r: 3.5, fill: 'accent' });
    shapes.push({ kind: 'disc', ...point, r: 10, stroke: 'accent', strokeWidth: 2.5 });
  }
  return shapes;
}

function mark(
  picture: Picture,
  kind: string,
  level: string,
  x: number,
  y: number,
  alpha: number,
  shapes: Shape[],
): void {
  const { roleLetter } = picture.words;
  const sign = (text: string, fill: Colour, dy = -13, size = 12) =>
    shapes.push({
      kind: 'label',
      x,
      y: y + dy,
      text,
      size,
      fill,
      bold: true,
      anchor: 'middle',
      halo: 'surface',
      alpha,
    });
  const letter = (text: string, colour: Colour, radius: number, hollow = false) => {
    shapes.push({
      kind: 'box',
      x: x - 8,
      y: y - 8,
      width: 16,
      height: 16,
      radius,
      alpha,
      fill: hollow ? 'surface' : colour,
      stroke: hollow ? colour : 'surface',
      strokeWidth: 1.5,
      ...(hollow ? { dash: [3, 2] } : {}),
    });
    shapes.push({
      kind: 'label',
      x,
      y: y + 0.5,
      text,
      size: 10.5,
      fill: hollow ? colour : 'on-role',
      bold: true,
      anchor: 'middle',
      alpha,
    });
  };
  switch (kind) {
    case 'becomeLeader':
      letter(roleLetter.leader, 'leader', 4);
      return;
    case 'becomeCandidate':
      letter(roleLetter.candidate, 'candidate', 2);
      return;
    case 'becomePreCandidate':
      letter(roleLetter.preCandidate, 'precandidate', 8, true);
      return;
    case 'crashed':
      sign('✕', 'danger', 0, 17);
      return;
    case 'restarted':
      shapes.push({
        kind: 'polygons',
        figures: [[x - 4, y - 7, x + 7, y, x - 4, y + 7]],
        fill: 'follower',
        stroke: 'surface',
        alpha,
      });
      return;
    case 'violated':
      shapes.push({ kind: 'polygons', figures: [[x, y - 9, x + 9, y + 7, x - 9, y + 7]], fill: 'danger', alpha });
      shapes.push({
        kind: 'label',
        x,
        y: y + 2,
        text: '!',
        size: 11,
        fill: 'surface',
        bold: true,
        anchor: 'middle',
        alpha,
      });
      return;
    case 'acted':
      shapes.push({
        kind: 'polygons',
        figures: [[x - 5, y - 6, x + 5, y - 6, x, y + 5]],
        fill: 'muted',
        stroke: 'surface',
        alpha,
      });
      return;
    case 'called':
    case 'returned':
      shapes.push({
        kind: 'disc',
        x,
        y,
        r: 4,
        fill: kind === 'called' ? 'surface' : 'accent',
        stroke: 'accent',
        strokeWidth: 1.75,
        alpha,
      });
      return;
    case 'commitAdvanced':
      sign('✓', 'leader');
      return;
    case 'electionTimeout':
      shapes.push({ kind: 'disc', x, y, r: 4.5, fill: 'surface', stroke: 'candidate', strokeWidth: 1.75, alpha });
      return;
  }
  if (REFUSALS.has(kind)) sign('✗', 'danger');
  else if (level !== 'detail' || picture.geometry.scale >= DETAIL_SCALE) {
    shapes.push({
      kind: 'disc',
      x,
      y,
      r: level === 'detail' ? 1.6 : 2.6,
      fill: level === 'detail' ? 'muted' : 'ink',
      alpha,
    });
  }
}
