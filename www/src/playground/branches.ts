import { encodeLink } from '../engine/link.js';
import { type BranchView, type Cluster, RaftError } from '../engine.js';

/** Longest name of a branch. */
export const MAX_NAME = 60;

/** What the reader has done to the branches of one run. */
interface Notes {
  names: Map<number, string>;
  /** Ids that were deleted together, the latest deletion last. */
  deletions: number[][];
}

/** The same as plain data, to be kept beside the recording of the whole run. */
export interface BranchNotes {
  names: [branch: number, name: string][];
  deletions: number[][];
}

/** What a recording says of its branches, as far as it is changed here. */
interface Recording {
  branches: { name: string; parent?: number }[];
  current: number;
}

/**
 * The branches of a run as the reader keeps them: under names of their own, and without those that were deleted.
 *
 * The engine forgets no branch, so that a deletion can be taken back for as long as the run is there. What is saved or shared
 * has the names and lacks what was deleted.
 */
export class BranchBook {
  /** Runs that are left for another one are come back to. */
  readonly #notes = new WeakMap<Cluster, Notes>();

  /** All branches that are there, with their names. */
  list(cluster: Cluster): BranchView[] {
    const notes = this.#of(cluster);
    const all = cluster.branches();
    const current = all.find((branch) => branch.current)?.id;
    // A script may go to a branch that the reader had deleted: then it is there again.
    notes.deletions = notes.deletions.filter((ids) => current === undefined || !ids.includes(current));
    const gone = new Set(notes.deletions.flat());
    return all
      .filter(({ id }) => !gone.has(id))
      .map((branch) => ({ ...branch, name: notes.names.get(branch.id) ?? branch.name }));
  }

  current(cluster: Cluster): BranchView | undefined {
    return this.list(cluster).find((branch) => branch.current);
  }

  rename(cluster: Cluster, id: number, name: string): void {
    const branch = this.#find(cluster, id);
    const clean = name.replaceAll(/\s+/g, ' ').trim().slice(0, MAX_NAME);
    if (clean !== '') this.#of(cluster).names.set(branch.id, clean);
  }

  /** Deletes a branch and all that left it. One that is looked at is left for the moment at which it began. */
  remove(cluster: Cluster, id: number): void {
    const { parent, forkStep } = this.#find(cluster, id);
    if (parent === null) throw new RaftError('invalidArgument', 'the first branch cannot be deleted');
    const branches = this.list(cluster);
    const ids = family(branches, id);
    if (branches.some((branch) => branch.current && ids.includes(branch.id))) cluster.switchBranch(parent, forkStep);
    this.#of(cluster).deletions.push(ids);
  }

  /** What the latest deletion took: the branch that was meant and how many left it. */
  lastDeleted(cluster: Cluster): { name: string; others: number } | null {
    const { names, deletions } = this.#of(cluster);
    const ids = deletions.at(-1);
    const first = cluster.branches().find(({ id }) => id === ids?.[0]);
    return ids && first ? { name: names.get(first.id) ?? first.name, others: ids.length - 1 } : null;
  }

  /** Takes the latest deletion back. */
  restore(cluster: Cluster): void {
    this.#of(cluster).deletions.pop();
  }

  /** The run as JSON with these names, and without what was deleted. */
  save(cluster: Cluster): string {
    const kept = this.list(cluster);
    const recording = cluster.save();
    const { names, deletions } = this.#of(cluster);
    if (names.size === 0 && deletions.length === 0) return recording;
    const document = JSON.parse(recording) as Recording;
    const place = new Map(kept.map(({ id }, at) => [id, at]));
    const branches = kept.flatMap(({ id, name }) => {
      const branch = document.branches[id];
      if (!branch) return [];
      return { ...branch, name, ...(branch.parent === undefined ? {} : { parent: place.get(branch.parent) ?? 0 }) };
    });
    return JSON.stringify({ ...document, branches, current: place.get(document.current) ?? 0 });
  }

  /** What the reader has done to the branches of a run, for `recall`. */
  notes(cluster: Cluster): BranchNotes {
    const { names, deletions } = this.#of(cluster);
    return { names: [...names], deletions: [...deletions] };
  }

  /** Knows again what was done to the branches of a run that was saved as a whole. */
  recall(cluster: Cluster, { names, deletions }: BranchNotes): void {
    this.#notes.set(cluster, { names: new Map(names), deletions: [...deletions] });
  }

  /** The run as the hash of a URL, like `Cluster.link`. */
  async link(cluster: Cluster): Promise<string> {
    return encodeLink(this.save(cluster));
  }

  #find(cluster: Cluster, id: number): BranchView {
    const found = this.list(cluster).find((branch) => branch.id === id);
    if (!found) throw new RaftError('unknownMoment', `there is no branch ${id}`);
    return found;
  }

  #of(cluster: Cluster): Notes {
    let notes = this.#notes.get(cluster);
    if (!notes) {
      notes = { names: new Map(), deletions: [] };
      this.#notes.set(cluster, notes);
    }
    return notes;
  }
}

/** A branch and all that left it or one of them, itself first. Branches come after those that they left. */
function family(branches: readonly BranchView[], id: number): number[] {
  const ids = [id];
  for (const branch of branches) if (branch.parent !== null && ids.includes(branch.parent)) ids.push(branch.id);
  return ids;
}
