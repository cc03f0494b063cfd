import type { BranchView, Cluster } from '../engine.js';
import { appearance } from '../model.js';
import { align } from '../views/branches/align.js';
import type { Comparison, ServerState } from '../views/branches/branches.js';

/** Events that are shown before the first difference. */
const BEFORE = 2;
/** Rows that are shown. More events than that are laid beside each other, so that the last rows, too, have found what fits. */
const ROWS = 24;
const AFTER = 64;
const STEPS_AFTER = 64;
/** The engine keeps a copy of its world after so many steps, or after a multiple of that. */
const COPY_EVERY = 1_024;
const END_OF_TIME = 1e9;

/** How many steps two branches have in common, and whether the next one is known to differ. */
interface Parting {
  steps: number;
  parted: boolean;
}

/** Compares two branches of a run. Remembers where they part, which does not change any more. */
export class Comparer {
  #cluster: Cluster | null = null;
  /** What is known of each pair. */
  readonly #shared = new Map<string, Parting>();

  /** Leaves the cluster at the moment at which it was. */
  compare(cluster: Cluster, a: BranchView, b: BranchView, branches: readonly BranchView[]): Comparison {
    if (cluster !== this.#cluster) this.#shared.clear();
    this.#cluster = cluster;
    return keepingPlace(cluster, () => {
      const { steps, parted } = this.#parting(cluster, a, b, branches);
      cluster.switchBranch(a.id, steps);
      const { timeMs, events } = cluster.frame().header;
      const since = Math.max(0, events - BEFORE);
      const later = ({ id, headStep }: BranchView) => {
        cluster.switchBranch(id, Math.min(headStep, steps + STEPS_AFTER));
        return cluster.events({ since, limit: events - since + AFTER });
      };
      const statesAt = ({ id, headStep }: BranchView, step: number) => {
        cluster.switchBranch(id, Math.min(headStep, step));
        return states(cluster);
      };
      return {
        steps,
        timeMs,
        parted,
        rows: parted ? align(later(a), later(b)).slice(0, ROWS) : [],
        difference: [statesAt(a, steps + 1), statesAt(b, steps + 1)],
        ends: [statesAt(a, a.headStep), statesAt(b, b.headStep)],
      };
    });
  }

  /** After how many steps two branches part, by the hashes of what has happened. */
  #parting(cluster: Cluster, a: BranchView, b: BranchView, branches: readonly BranchView[]) {
    const key = a.id < b.id ? `${a.id} ${b.id}` : `${b.id} ${a.id}`;
    const known = this.#shared.get(key) ?? { steps: commonSteps(branches, a.id, b.id), parted: false };
    if (!known.parted) {
      Object.assign(known, parting(cluster, a.id, b.id, known.steps, Math.min(a.headStep, b.headStep)));
      this.#shared.set(key, known);
    }
    return known;
  }
}

/**
 * The last step up to `end` that two branches have in common, given that `from` is one.
 *
 * Looks first at steps of which the engine has a copy, then at each step between two of them: any other step is run anew from
 * the copy before it, and a search by halves would run the same steps many times.
 */
function parting(cluster: Cluster, a: number, b: number, from: number, end: number): Parting {
  const at = (place: number) => Math.min(end, Math.max(from, place * COPY_EVERY));
  const isSame = (place: number) => hashAt(cluster, a, at(place)) === hashAt(cluster, b, at(place));
  const { steps: place, parted } = lastSame(Math.floor(from / COPY_EVERY), Math.ceil(end / COPY_EVERY), isSame);
  if (!parted) return { steps: end, parted };
  const [first, last] = [at(place), at(place + 1)];
  const hashes = [...hashesFrom(cluster, a, first, last)];
  let steps = first;
  for (const hash of hashesFrom(cluster, b, first, last)) {
    if (hash !== hashes[steps - first]) break;
    steps++;
  }
  return { steps, parted };
}

/** The hashes of what has happened after each of the steps that follow one. */
function* hashesFrom(cluster: Cluster, branch: number, from: number, to: number): Generator<string> {
  cluster.switchBranch(branch, from);
  for (let step = from; step < to; step++) {
    cluster.advanceTo(END_OF_TIME, { maxSteps: 1 });
    yield cluster.traceHash();
  }
}

/** The last step up to `end` that is the same, given that `from` is: first in growing strides, then by halves. */
export function lastSame(from: number, end: number, isSame: (step: number) => boolean): Parting {
  let same = from;
  let differs = end + 1;
  for (let stride = 1; same < end && differs > end; stride *= 2) {
    const step = Math.min(end, same + stride);
    if (isSame(step)) same = step;
    else differs = step;
  }
  while (differs - same > 1) {
    const middle = Math.floor((same + differs) / 2);
    if (isSame(middle)) same = middle;
    else differs = middle;
  }
  return { steps: same, parted: differs <= end };
}

/** How many steps two branches have in common because both left the same one. */
export function commonSteps(branches: readonly BranchView[], a: number, b: number): number {
  // The way from each to the first branch: up to which step each branch on it counts.
  const way = (id: number) => {
    const reach = new Map<number, number>();
    let steps = Number.POSITIVE_INFINITY;
    for (let at = branches.find((branch) => branch.id === id); at; ) {
      reach.set(at.id, steps);
      steps = Math.min(steps, at.forkStep);
      const { parent } = at;
      at = parent === null ? undefined : branches.find((branch) => branch.id === parent);
    }
    return reach;
  };
  const [ofA, ofB] = [way(a), way(b)];
  for (const [id, steps] of ofA) {
    const other = ofB.get(id);
    if (other !== undefined) return Math.min(steps, other, headOf(branches, id));
  }
  return 0;
}

function headOf(branches: readonly BranchView[], id: number): number {
  return branches.find((branch) => branch.id === id)?.headStep ?? 0;
}

function hashAt(cluster: Cluster, branch: number, step: number): string {
  cluster.switchBranch(branch, step);
  return cluster.traceHash();
}

function states(cluster: Cluster): { timeMs: number; servers: ServerState[] } {
  const { header, servers } = cluster.frame();
  return {
    timeMs: header.timeMs,
    servers: servers.map((server) => ({
      id: server.id,
      look: appearance(server),
      term: server.term,
      lastIndex: server.lastIndex,
      lastTerm: server.lastTerm,
      commitIndex: server.commitIndex,
    })),
  };
}

/** Goes elsewhere and comes back to the same branch, step and time. */
export function keepingPlace<T>(cluster: Cluster, work: () => T): T {
  const { branch, step, timeMs } = cluster.frame().header;
  try {
    return work();
  } finally {
    cluster.switchBranch(branch, step);
    // Between two steps time may have gone on; only the end of a branch is shown as it was left.
    if (cluster.frame().header.timeMs !== timeMs && cluster.stepAt(timeMs) === step) cluster.seekTime(timeMs);
    cluster.frame();
  }
}
