import type { EventView, Frame, Marker } from '../model.js';
import type { Commit, Election, Quorums } from '../views/ring/facts.js';

/** Where events come from. */
export interface EventSource {
  events(options: { since: number; limit: number }): EventView[];
}

/** Events are read in pieces of this size, backwards, and not without end. */
const PIECE = 250;
const MAX_PIECES = 16;

/**
 * Finds in the events of a run who elected the last leader and who held the last committed entry when it was committed.
 *
 * Markers tell in which step that was; only the few events before it are read.
 */
export class QuorumFinder {
  #source: EventSource | null = null;
  #markers: readonly Marker[] = [];
  #elections: Marker[] = [];
  #commits: (Marker & { index: number })[] = [];
  #election: Found<Election> = NOTHING;
  #commit: Found<Commit> = NOTHING;

  find(source: EventSource, { header, servers }: Frame, markers: readonly Marker[]): Quorums {
    if (source !== this.#source || markers !== this.#markers) this.#meet(source, markers);
    const election = this.#elections.findLast(({ step }) => step <= header.step);
    const commit = this.#commits.findLast(({ step }) => step <= header.step);
    const reader = new Reader(source, header.events);
    if (election?.step !== this.#election.step || header.branch !== this.#election.branch) {
      this.#election = { ...at(election, header), value: election ? reader.election(election) : null };
    }
    if (commit?.step !== this.#commit.step || header.branch !== this.#commit.branch) {
      // Learners acknowledge entries too, but nobody counts them.
      const learners = new Set(servers.filter(({ member }) => member === LEARNER).map(({ id }) => id));
      this.#commit = { ...at(commit, header), value: commit ? reader.commit(commit, learners) : null };
    }
    return { election: this.#election.value, commit: this.#commit.value };
  }

  #meet(source: EventSource, markers: readonly Marker[]): void {
    if (source !== this.#source) {
      this.#election = NOTHING;
      this.#commit = NOTHING;
    }
    this.#source = source;
    this.#markers = markers;
    this.#elections = markers.filter(({ kind }) => kind === 'leader');
    this.#commits = [];
    // Followers hear of a commit later: whoever is first with an index has decided it.
    let highest = 0;
    for (const marker of markers) {
      const index = marker.event === 'commitAdvanced' ? marker.data.to : 0;
      if (index <= highest) continue;
      highest = index;
      this.#commits.push({ ...marker, index });
    }
  }
}

const LEARNER = 4;

interface Found<T> {
  step: number | undefined;
  branch: number;
  value: T | null;
}

const NOTHING = { step: undefined, branch: -1, value: null };

const at = (marker: Marker | undefined, { branch }: Frame['header']) => ({ step: marker?.step, branch });

/** Reads backwards from something that happened. */
class Reader {
  readonly #source: EventSource;
  readonly #count: number;

  constructor(source: EventSource, count: number) {
    this.#source = source;
    this.#count = count;
  }

  election({ step, server, term }: Marker): Election | null {
    if (server === null) return null;
    const servers = new Set<number>();
    let elected: EventView | undefined;
    for (const event of this.#backwards(step)) {
      if (event.server !== server) continue;
      if (!elected) {
        if (event.kind === 'becomeLeader' && event.step === step) elected = event;
      } else if (event.kind === 'becomeCandidate') break;
      else if (event.kind === 'voteCounted') {
        const { voter, granted, preVote } = event.data;
        if (granted && !preVote) servers.add(voter);
      }
    }
    return elected ? { leader: server, term: elected.term ?? term, servers: sorted(servers) } : null;
  }

  commit({ step, server, index }: Marker & { index: number }, learners: ReadonlySet<number>): Commit | null {
    if (server === null) return null;
    const servers = new Set<number>();
    /** The writes of the leader's own disk after it appended the entry, the last one first. */
    const writes: DiskEvent[] = [];
    let committed = false;
    for (const event of this.#backwards(step)) {
      if (event.server !== server) continue;
      if (!committed) {
        committed = event.kind === 'commitAdvanced' && event.step === step && event.index === index;
      } else if (event.kind === 'delivered') {
        const { kind, from, index: upTo, success } = event.data;
        const holds = success === true && (kind === 'AppendEntriesReply' || kind === 'InstallSnapshotReply');
        if (holds && upTo >= index && !learners.has(from)) servers.add(from);
      } else if (event.kind === 'writeStarted' || event.kind === 'writeDurable') writes.push(event);
      else if (
        event.kind === 'becomeLeader' ||
        (event.kind === 'entriesAppended' && event.data.first <= index && index <= event.data.last)
      )
        break;
    }
    if (!committed) return null;
    if (isDurable(writes)) servers.add(server);
    return { leader: server, index, servers: sorted(servers) };
  }

  /** All events up to those of a step, the last one first. */
  *#backwards(step: number): Generator<EventView> {
    let end = this.#endOf(step);
    for (let piece = 0; piece < MAX_PIECES && end > 0; piece++) {
      const since = Math.max(0, end - PIECE);
      yield* this.#source.events({ since, limit: end - since }).reverse();
      end = since;
    }
  }

  /** Id of the first event after a step. */
  #endOf(step: number): number {
    let [low, high] = [0, this.#count];
    while (low < high) {
      const middle = (low + high) >> 1;
      const event = this.#source.events({ since: middle, limit: 1 })[0];
      if (event && event.step <= step) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

type DiskEvent = Extract<EventView, { kind: 'writeStarted' | 'writeDurable' }>;

/** Whether the first of these writes is done; a disk that takes no time tells of none. */
function isDurable(writes: readonly DiskEvent[]): boolean {
  if (writes.length === 0) return true;
  const started = writes.findLast(({ kind }) => kind === 'writeStarted');
  return (
    started !== undefined &&
    writes.some((write) => write.kind === 'writeDurable' && write.data.write >= started.data.write)
  );
}

function sorted(ids: ReadonlySet<number>): number[] {
  return [...ids].sort((a, b) => a - b);
}
