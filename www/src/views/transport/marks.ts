import { happeningOf, type Marker } from '../../model.js';
import { linkChangeOf } from '../space-time/told.js';

/** What the scrubber marks: what the engine does, with the reader's faults in the network among the faults. */
export type MarkKind = 'election' | 'leader' | 'commit' | 'fault' | 'violation';

/** One that a reader may jump to. */
export interface Mark {
  kind: Exclude<MarkKind, 'commit'>;
  step: number;
  timeMs: number;
  term: number;
  server: number | null;
}

/** Places on the track at which marks of one kind can be told apart. */
const PLACES = 500;

/** Where each kind is drawn, in tenths of a percent of the track; of several at one place only one. */
export function markPlaces(markers: readonly Marker[], endMs: number): Record<MarkKind, number[]> {
  const places: Record<MarkKind, Set<number>> = {
    election: new Set(),
    leader: new Set(),
    commit: new Set(),
    fault: new Set(),
    violation: new Set(),
  };
  for (const marker of markers) {
    const kind = markKind(marker);
    if (kind) places[kind].add((Math.round((Math.min(marker.timeMs, endMs) / endMs) * PLACES) * 1_000) / PLACES);
  }
  return Object.fromEntries(Object.entries(places).map(([kind, at]) => [kind, [...at]])) as Record<MarkKind, number[]>;
}

/** The next mark after a step, or the last one before it. Commits are too many to jump to. */
export function nextMark(markers: readonly Marker[], step: number, direction: 1 | -1): Mark | null {
  const fits = (marker: Marker) => (direction > 0 ? marker.step > step : marker.step < step) && isMark(marker);
  const found = direction > 0 ? markers.find(fits) : markers.findLast(fits);
  return found ? markOf(found) : null;
}

/** The mark nearest to a moment, not further away than so much. */
export function markNear(markers: readonly Marker[], timeMs: number, withinMs: number): Mark | null {
  let [found, best]: [Marker | null, number] = [null, withinMs];
  for (const marker of markers) {
    const distance = Math.abs(marker.timeMs - timeMs);
    if (distance > best || !isMark(marker)) continue;
    // Of several at one moment the gravest is meant, which comes last.
    [found, best] = [marker, distance];
  }
  return found && markOf(found);
}

function markKind(marker: Marker): MarkKind | null {
  if (marker.kind !== 'action') return marker.kind;
  // The engine files partitions and cut links under what the reader or the script did.
  return linkChangeOf(happeningOf(marker)) ? 'fault' : null;
}

function isMark(marker: Marker): boolean {
  const kind = markKind(marker);
  return kind !== null && kind !== 'commit';
}

function markOf(marker: Marker): Mark {
  const { step, timeMs, term, server } = marker;
  return { kind: markKind(marker) as Mark['kind'], step, timeMs, term, server };
}
