import type { EventView, Frame, Marker } from '../model.js';
import type { Commit, Election, Quorums } from '../views/ring/facts.js';

/** Where events come from. */
export interface EventSource {
  events(options: { since: number; limit: number }): EventView[];
}

/** Events are read in pieces of this size, backwards, and not without end. */
const PIECE = 250;
const MAX_PIECES = 16;

const COUNTED = /counts the vote of S(\d+)$/;
const HOLDS = /Reply S(\d+)→S\d+ term \d+ (?:accepted|installed) up to (\d+)$/;
const APPENDED = /appends entr(?:y (\d+)|ies (\d+) to (\d+))/;
const COMMITS = /commits up to (\d+) /;
const WRITE = /write (\d+)/;

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
      const index = marker.kind === 'commit' ? Number(COMMITS.exec(marker.text)?.[1] ?? 0) : 0;
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
        const voter = COUNTED.exec(event.text)?.[1];
        if (voter) servers.add(Number(voter));
      }
    }
    return elected ? { leader: server, term: elected.term ?? term, servers: sorted(servers) } : null;
  }

  commit({ step, server, index }: Marker & { index: number }, learners: ReadonlySet<number>): Commit | null {
    if (server === null) return null;
    const servers = new Set<number>();
    /** The writes of the leader's own disk after it appended the entry, the last one first. */
    const writes: EventView[] = [];
    let committed = false;
    for (const event of this.#backwards(step)) {
      if (event.server !== server) continue;
      if (!committed) {
        committed = event.kind === 'commitAdvanced' && event.step === step && event.index === index;
      } else if (event.kind === 'delivered') {
        const [, from, upTo] = HOLDS.exec(event.text) ?? [];
        if (Number(upTo) >= index && !learners.has(Number(from))) servers.add(Number(from));
      } else if (event.kind === 'writeStarted' || event.kind === 'writeDurable') writes.push(event);
      else if (event.kind === 'becomeLeader' || (event.kind === 'entriesAppended' && covers(event, index))) break;
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

function covers({ text }: EventView, index: number): boolean {
  const [, only, first, last] = APPENDED.exec(text) ?? [];
  return Number(only ?? first) <= index && index <= Number(only ?? last);
}

/** Whether the first of these writes is done; a disk that takes no time tells of none. */
function isDurable(writes: readonly EventView[]): boolean {
  if (writes.length === 0) return true;
  const numberOf = ({ text }: EventView) => Number(WRITE.exec(text)?.[1] ?? 0);
  const started = writes.findLast(({ kind }) => kind === 'writeStarted');
  return (
    started !== undefined &&
    writes.some((write) => write.kind === 'writeDurable' && numberOf(write) >= numberOf(started))
  );
}

function sorted(ids: ReadonlySet<number>): number[] {
  return [...ids].sort((a, b) => a - b);
}
