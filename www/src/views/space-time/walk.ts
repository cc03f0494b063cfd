import type { Axis } from './axis.js';
import type { History } from './history.js';

export type Direction = 'before' | 'after' | 'back' | 'along' | 'up' | 'down' | 'first' | 'last';

/** Where a key leads from an event; -1: nowhere. What lies in a closed fold is passed over, but a message leads into it. */
export function walk(history: History, axis: Axis, from: number, direction: Direction): number {
  switch (direction) {
    case 'before':
      return onLane(axis, from, history.before);
    case 'after':
      return onLane(axis, from, history.after);
    case 'back':
      return origin(history, from);
    case 'along':
      return effect(history, from);
    case 'up':
      return otherLane(history, axis, from, -1);
    case 'down':
      return otherLane(history, axis, from, 1);
    case 'first':
    case 'last':
      return end(history, axis, from, direction);
  }
}

function onLane(axis: Axis, from: number, next: readonly number[]): number {
  let at = next[from] ?? -1;
  while (at >= 0 && axis.hides(at)) at = next[at] ?? -1;
  return at;
}

/** Where a message comes from, or what else an event follows from. */
function origin({ cause, arrowAt, arrows }: History, from: number): number {
  const arrow = arrows[arrowAt[from] as number];
  return arrow?.to === from ? arrow.from : (cause[from] ?? -1);
}

/** Where a message ends up, else the first event that follows from this one, on another lane if there is any. */
function effect({ arrowAt, arrows, cause, lane, events }: History, from: number): number {
  const arrow = arrows[arrowAt[from] as number];
  if (arrow && arrow.from === from && arrow.to >= 0) return arrow.to;
  let first = -1;
  for (let at = from + 1; at < events.length; at++) {
    if (cause[at] !== from) continue;
    if (lane[at] !== lane[from]) return at;
    if (first < 0) first = at;
  }
  return first;
}

/** The event of the nearest lane above or below that has one, which is nearest in the picture. */
function otherLane({ lane, lanes }: History, axis: Axis, from: number, by: 1 | -1): number {
  for (let wanted = (lane[from] as number) + by; wanted >= 0 && wanted < lanes.length; wanted += by) {
    const here = axis.eventU[from] as number;
    let best = -1;
    for (const [at, its] of lane.entries()) {
      if (its !== wanted || axis.hides(at)) continue;
      const nearer =
        best < 0 || Math.abs((axis.eventU[at] as number) - here) < Math.abs((axis.eventU[best] as number) - here);
      if (nearer) best = at;
    }
    if (best >= 0) return best;
  }
  return -1;
}

function end({ lane }: History, axis: Axis, from: number, which: 'first' | 'last'): number {
  const isThere = (its: number, at: number) => its === lane[from] && !axis.hides(at);
  if (which === 'first') return lane.findIndex(isThere);
  for (let at = lane.length - 1; at >= 0; at--) if (isThere(lane[at] as number, at)) return at;
  return -1;
}
