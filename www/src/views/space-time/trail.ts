import type { BranchView, EventView } from '../../model.js';
import { History } from './history.js';

/** Events that are kept; a longer run loses its beginning. */
const MOST_EVENTS = 20_000;
/** Events that are kept when that happens. */
const KEPT_EVENTS = 12_000;
/** Events that are fetched at once: a fraction of a frame's time. */
const CHUNK = 400;

/** Where events come from. */
export interface EventSource {
  events(options: { since: number; limit: number }): EventView[];
}

export interface Position {
  /** Events up to the present moment. */
  count: number;
  servers: number;
  branch: BranchView | undefined;
}

/**
 * The events of the current branch as they become known. Those after the present are kept: a recorded stretch stays as it is,
 * and one who goes back still sees what came of it.
 */
export class Trail {
  history = new History(0);
  #source: EventSource | null = null;
  #branch = -1;

  /** Takes in some events that are new. `true`: there are more. */
  follow(source: EventSource, { count, servers, branch }: Position): boolean {
    if (source !== this.#source || servers !== this.history.servers) this.#begin(servers, first(count), []);
    else if (branch && branch.id !== this.#branch) this.#turn(branch, count);
    this.#source = source;
    this.#branch = branch?.id ?? -1;
    const { firstId, events } = this.history;
    const isFarAway = count < firstId || count - firstId - events.length > KEPT_EVENTS;
    if (isFarAway) this.#begin(servers, first(count), []);
    else if (events.length > MOST_EVENTS) {
      const kept = events.slice(-KEPT_EVENTS);
      this.#begin(servers, kept[0]?.id ?? 0, kept);
    }
    const since = this.history.firstId + this.history.events.length;
    if (since >= count) return false;
    const limit = Math.min(CHUNK, count - since);
    for (const event of source.events({ since, limit })) this.history.add(event);
    return since + limit < count;
  }

  /** A branch that leaves the one that is known shares its beginning. */
  #turn({ parent, forkStep }: BranchView, count: number): void {
    const { events, firstId, servers } = this.history;
    const isShared = parent === this.#branch && firstId <= count;
    const shared = isShared ? events.filter(({ step }) => step <= forkStep) : [];
    this.#begin(servers, shared.length > 0 ? firstId : first(count), shared);
  }

  #begin(servers: number, firstId: number, events: readonly EventView[]): void {
    this.history = new History(servers, firstId);
    for (const event of events) this.history.add(event);
  }
}

function first(count: number): number {
  return count > KEPT_EVENTS ? count - KEPT_EVENTS : 0;
}
