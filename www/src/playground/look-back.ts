import type { Cluster } from '../engine.js';
import type { Selection } from '../model.js';

/** Events are fetched in pieces of this size, the latest first, and not without end. */
const PIECE = 2_000;
const MAX_PIECES = 25;

/** What makes a server what it is. */
const TURNS = new Set([
  'becomeFollower',
  'becomePreCandidate',
  'becomeCandidate',
  'becomeLeader',
  'crashed',
  'restarted',
]);

/** The event that made something what it is now: the last change of a server, the sending of a message. */
export function eventBehind(cluster: Cluster, selection: Selection): number | null {
  switch (selection.kind) {
    case 'server':
      return lastEvent(cluster, ({ server, kind }) => server === selection.id && TURNS.has(kind));
    case 'message':
      return (
        cluster.messages().find(({ id }) => id === selection.id)?.sentEvent ??
        // It is no longer in flight: how it ended says more.
        lastEvent(cluster, ({ message }) => message === selection.id)
      );
    case 'link':
      return null;
  }
}

function lastEvent(cluster: Cluster, fits: (event: ReturnType<Cluster['events']>[number]) => boolean): number | null {
  let end = cluster.frame().header.events;
  for (let piece = 0; piece < MAX_PIECES && end > 0; piece++) {
    const since = Math.max(0, end - PIECE);
    const found = cluster.events({ since, limit: end - since }).findLast(fits);
    if (found) return found.id;
    end = since;
  }
  return null;
}
