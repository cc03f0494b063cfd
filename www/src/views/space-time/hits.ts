import type { EventView } from '../../model.js';
import { visibleArrows } from './arrows.js';
import type { Axis, Fold } from './axis.js';
import type { Picture } from './picture.js';

/** How near is near enough, in pixels. */
const REACH = 13;
const ARROW_REACH = 6;
/** Where much lies in one place, what has the larger sign is meant. */
const BONUS: Partial<Record<EventView['level'], number>> = { normal: 2, important: 5, violation: 6 };

/** The event at a place: its own mark, or the end of the arrow there; -1: none. */
export function eventAt(picture: Picture, x: number, y: number): number {
  const { axis, geometry, history } = picture;
  const reach = REACH / geometry.scale;
  const u = geometry.u(x);
  const [first, last] = axis.range(u - reach, u + reach);
  let [best, distance] = [-1, REACH];
  for (let at = first; at < last; at++) {
    const point = geometry.event(at);
    const { kind, level } = history.events[at] as EventView;
    const bonus = kind === 'sent' || kind === 'delivered' ? 0 : (BONUS[level] ?? 0);
    const away = Math.hypot(point.x - x, point.y - y) - bonus;
    if (away < distance) [best, distance] = [at, away];
  }
  return best >= 0 ? best : arrowAt(picture, x, y);
}

function arrowAt(picture: Picture, x: number, y: number): number {
  const { geometry, presentU, progress } = picture;
  let [best, distance] = [-1, ARROW_REACH];
  for (const arrow of visibleArrows(picture)) {
    const { start, end } = geometry.ends(arrow, presentU, progress);
    if (x < start.x - ARROW_REACH || x > end.x + ARROW_REACH) continue;
    const [dx, dy] = [end.x - start.x, end.y - start.y];
    const along = Math.min(1, Math.max(0, ((x - start.x) * dx + (y - start.y) * dy) / (dx * dx + dy * dy || 1)));
    const away = Math.hypot(start.x + dx * along - x, start.y + dy * along - y);
    if (away < distance) [best, distance] = [arrow.to >= 0 ? arrow.to : arrow.from, away];
  }
  return best;
}

/** The fold at a place: anywhere on a closed one, at the foot of an open one. */
export function foldAtPoint(picture: Picture, axis: Axis, x: number, y: number): Fold | undefined {
  const fold = axis.foldAt(picture.geometry.u(x));
  return fold && (!fold.open || y > picture.geometry.height - 20) ? fold : undefined;
}
