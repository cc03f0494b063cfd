import type { Cluster } from '../engine.js';
import type { OperationView } from '../model.js';
import type { Tick } from '../views/history/bars.js';

/** Operations fetched at once: each costs about ten microseconds. */
const CHUNK = 1_500;
/** Events looked at in one refresh; each costs somewhat more. */
const EVENTS_CHUNK = 400;
/** The latest operations are always looked at again: a client may send its last write once more. */
const MAX_RESENT = 200;
/** Of those before them, which still wait, at most so many. */
const MAX_WAITING = 500;
/** Older events are not searched for requests that were sent again. */
const MAX_EVENTS = 20_000;

/** The history of the shown branch, kept up to date by fetching only what may have changed. */
export class HistoryFeed {
  #cluster: Cluster | null = null;
  #branch = -1;
  #headStep = -1;
  #operations: OperationView[] = [];
  #ticks = new Map<string, Tick[]>();
  #nextEvent = 0;
  #isComplete = true;

  /** All operations of the branch. A long history arrives in parts: `complete` says whether this is all. */
  read(cluster: Cluster): {
    operations: readonly OperationView[];
    ticks: ReadonlyMap<string, readonly Tick[]>;
    complete: boolean;
  } {
    const { branch, headStep } = cluster.frame().header;
    if (cluster !== this.#cluster || branch !== this.#branch || headStep < this.#headStep) this.#forget();
    this.#cluster = cluster;
    this.#branch = branch;
    if (headStep !== this.#headStep || !this.#isComplete) {
      atHead(cluster, () => this.#fetch(cluster));
      this.#headStep = headStep;
    }
    return { operations: this.#operations, ticks: this.#ticks, complete: this.#isComplete };
  }

  #forget(): void {
    this.#headStep = -1;
    this.#operations = [];
    this.#ticks = new Map();
    this.#nextEvent = 0;
  }

  #fetch(cluster: Cluster): void {
    const known = this.#operations;
    const since = Math.max(0, known.length - MAX_RESENT);
    const fresh = cluster.history({ since, limit: CHUNK });
    this.#isComplete = fresh.length < CHUNK;
    const waiting = known.slice(0, since).filter(({ outcome }) => outcome === null);
    const answered = waiting.slice(0, MAX_WAITING).flatMap(({ id }) => cluster.history({ since: id, limit: 1 }));
    const changed = [...answered, ...fresh].filter((op) => !isSame(known[op.id], op));
    if (changed.length > 0) {
      const operations = [...known];
      for (const op of changed) operations[op.id] = op;
      this.#operations = operations;
    }
    this.#fetchTicks(cluster);
  }

  #fetchTicks(cluster: Cluster): void {
    const { events } = cluster.frame().header;
    const since = Math.max(this.#nextEvent, events - MAX_EVENTS);
    if (since >= events) return;
    const fresh = cluster.events({ since, limit: EVENTS_CHUNK });
    this.#nextEvent = since + fresh.length;
    const found = fresh.filter((event) => event.kind === 'resent' || event.kind === 'redirected');
    if (this.#nextEvent < events) this.#isComplete = false;
    if (found.length === 0) return;
    // A new map: views compare by identity.
    const ticks = new Map(this.#ticks);
    for (const { timeMs, kind, data } of found) {
      const { client } = data;
      if (client !== null) ticks.set(client, [...(ticks.get(client) ?? []), { timeMs, client, kind }]);
    }
    this.#ticks = ticks;
  }
}

function isSame(known: OperationView | undefined, fresh: OperationView): boolean {
  const { outcome, returnedMs, server } = fresh;
  return known?.outcome === outcome && known.returnedMs === returnedMs && known.server === server;
}

/** Looks at the end of the branch, then shows again what was shown. */
export function atHead<T>(cluster: Cluster, look: () => T): T {
  const { step, headStep } = cluster.frame().header;
  if (step === headStep) return look();
  cluster.seek(headStep);
  try {
    return look();
  } finally {
    cluster.seek(step);
    // Whoever holds the frame sees the present moment again.
    cluster.frame();
  }
}
