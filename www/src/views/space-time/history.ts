import type { EventView, MessageKind } from '../../model.js';
import { Links } from './links.js';
import { clientOf, type Envelope, envelopeOf, linkChangeOf, pauseOf } from './told.js';

export interface Lane {
  kind: 'world' | 'server' | 'client';
  name: string;
  /** Whether each event of it happens before the next one. Not so where nobody notices them all. */
  ordered: boolean;
}

/** What holds on a server's lane from an event on. */
export interface Stretch {
  /** Index of the event with which it begins; -1: it held before the first one. */
  at: number;
  term: number | null;
  /** 0 follower, 1 pre-candidate, 2 candidate, 3 leader. */
  role: number;
  /** 0 up, 1 crashed, 2 paused. */
  status: number;
}

export interface Cut {
  at: number;
  /** Empty: all links are whole from here on. */
  label: string;
}

export interface Arrow {
  /** Index of the event where it begins. */
  from: number;
  /** Index of the event where it ends; -1 while it is in flight. */
  to: number;
  fromLane: number;
  toLane: number;
  fate: 'arrived' | 'lost' | 'flight';
  /** `null`: not a message of Raft but a client's request or its answer. */
  kind: MessageKind | null;
  message: number | null;
  entries: number;
  success: boolean | null;
  quiet: boolean;
}

/** All events of one step. */
export interface Step {
  step: number;
  timeMs: number;
  /** Index of its first event. */
  first: number;
  /** Nothing but heartbeats and their answers. */
  quiet: boolean;
}

/** The lane of what no server and no client notices: acts of the reader, verdicts, losses. */
export const WORLD = 0;
/** More clients share the last lane. */
const MAX_CLIENTS = 8;
const QUIET_KINDS = new Set(['appendAccepted', 'electionTimeoutDrawn', 'progressChanged']);
const ROLES: Record<string, number> = { becomeFollower: 0, becomePreCandidate: 1, becomeCandidate: 2, becomeLeader: 3 };

/**
 * A run as lanes, arrows and stretches, grown event by event.
 *
 * Events are named by their index, which is their id less that of the first one that is kept.
 */
export class History {
  readonly servers: number;
  readonly firstId: number;
  readonly events: EventView[] = [];
  readonly lanes: Lane[] = [];
  /** By event: its lane, its neighbours there, what it follows from. -1: none. */
  readonly lane: number[] = [];
  readonly before: number[] = [];
  readonly after: number[] = [];
  readonly cause: number[] = [];
  /** By event: the arrow that begins or ends there. -1: none. */
  readonly arrowAt: number[] = [];
  readonly arrows: Arrow[] = [];
  readonly steps: Step[] = [];
  /** By lane of a server. */
  readonly stretches = new Map<number, Stretch[]>();
  readonly cuts: Cut[] = [];
  readonly #links: Links;
  readonly #last: number[] = [];
  readonly #clients = new Map<string, number>();
  readonly #inFlight = new Map<number, number>();
  readonly #quietEvents = new Set<number>();
  readonly #joined = new Set<string>();

  constructor(servers: number, firstId = 0) {
    this.servers = servers;
    this.firstId = firstId;
    this.#links = new Links(servers);
    this.#addLane({ kind: 'world', name: '', ordered: false });
    for (let id = 1; id <= servers; id++) {
      const lane = this.#addLane({ kind: 'server', name: `S${id}`, ordered: true });
      this.stretches.set(lane, [{ at: -1, term: firstId === 0 ? 0 : null, role: 0, status: 0 }]);
    }
  }

  /** Index of an event; -1 if it is not kept. */
  indexOf(id: number | null): number {
    const index = id === null ? -1 : id - this.firstId;
    return index < this.events.length ? Math.max(-1, index) : -1;
  }

  add(event: EventView): void {
    const at = this.events.length;
    const envelope = envelopeOf(event);
    const lane = this.#laneOf(event);
    const cause = this.indexOf(event.cause);
    this.events.push(event);
    this.lane.push(lane);
    this.cause.push(cause);
    this.after.push(-1);
    this.arrowAt.push(-1);
    const before = this.#last[lane] ?? -1;
    this.before.push(before);
    if (before >= 0) this.after[before] = at;
    this.#last[lane] = at;
    const quiet = this.#isQuiet(event, envelope, at);
    if (quiet) this.#quietEvents.add(at);
    this.#addToStep(event, at, quiet);
    if (envelope) this.#message(event, envelope, at, quiet);
    else this.#request(at);
    this.#follow(event, envelope, at);
  }

  /** The event where a copy of a message was sent: a second copy follows from the sending. */
  origin(at: number): number {
    let from = this.cause[at] ?? -1;
    while (from >= 0 && this.events[from]?.kind === 'duplicated') from = this.cause[from] ?? -1;
    return from;
  }

  #addLane(lane: Lane): number {
    this.#last.push(-1);
    return this.lanes.push(lane) - 1;
  }

  #laneOf(event: EventView): number {
    switch (event.kind) {
      case 'acted':
      case 'expected':
      case 'violated':
      case 'lost':
      case 'duplicated':
        return WORLD;
    }
    const client = clientOf(event);
    if (client !== null) return this.#clientLane(client);
    return event.server !== null && event.server <= this.servers ? event.server : WORLD;
  }

  #clientLane(name: string): number {
    const known = this.#clients.get(name);
    if (known !== undefined) return known;
    const shared = this.#clients.size >= MAX_CLIENTS;
    const last = this.lanes.length - 1;
    if (shared) Object.assign(this.lanes[last] as Lane, { name: '…', ordered: false });
    const lane = shared ? last : this.#addLane({ kind: 'client', name, ordered: true });
    this.#clients.set(name, lane);
    return lane;
  }

  #isQuiet(event: EventView, envelope: Envelope | null, at: number): boolean {
    if (!envelope) return QUIET_KINDS.has(event.kind);
    if (event.kind !== 'sent') return this.#quietEvents.has(this.origin(at));
    if (envelope.heartbeat) return true;
    if (envelope.kind !== 'AppendEntriesReply' || !envelope.success) return false;
    // The answer to a heartbeat: what it follows from in its own step is the arrival of one.
    let from = this.cause[at] ?? -1;
    while (from >= 0 && this.events[from]?.step === event.step && this.events[from]?.kind !== 'delivered') {
      from = this.cause[from] ?? -1;
    }
    return this.#quietEvents.has(from);
  }

  #addToStep({ step, timeMs }: EventView, at: number, quiet: boolean): void {
    const last = this.steps.at(-1);
    if (last?.step === step) last.quiet &&= quiet;
    else this.steps.push({ step, timeMs, first: at, quiet });
  }

  #message(event: EventView, envelope: Envelope, at: number, quiet: boolean): void {
    const message = event.message as number;
    if (event.kind === 'sent' || event.kind === 'duplicated') {
      const from = event.kind === 'sent' ? at : this.origin(at);
      if (from < 0) return;
      this.#inFlight.set(message, this.arrows.length);
      this.#arrow(at, {
        from,
        to: -1,
        fromLane: envelope.from,
        toLane: envelope.to,
        fate: 'flight',
        kind: envelope.kind,
        message,
        entries: envelope.entries,
        success: envelope.success,
        quiet,
      });
      return;
    }
    const arrow = this.arrows[this.#inFlight.get(message) ?? -1];
    if (!arrow) return;
    this.arrowAt[at] = this.#inFlight.get(message) as number;
    this.#inFlight.delete(message);
    arrow.to = at;
    arrow.fate = event.kind === 'lost' ? 'lost' : 'arrived';
  }

  /** What passes between a client and a server is one arrow, however much follows from it. */
  #request(at: number): void {
    const from = this.cause[at] ?? -1;
    if (from < 0) return;
    const [fromLane, toLane] = [this.lane[from] as number, this.lane[at] as number];
    if (fromLane === toLane || fromLane === WORLD || toLane === WORLD) return;
    const joins = `${from} ${toLane}`;
    if (this.#joined.has(joins)) return;
    this.#joined.add(joins);
    const ends = { fromLane, toLane, from, to: at, fate: 'arrived' as const };
    this.#arrow(at, { ...ends, kind: null, message: null, entries: 0, success: null, quiet: false });
  }

  #arrow(at: number, arrow: Arrow): void {
    const number = this.arrows.push(arrow) - 1;
    this.arrowAt[at] = number;
    if ((this.arrowAt[arrow.from] as number) < 0) this.arrowAt[arrow.from] = number;
  }

  #follow(event: EventView, envelope: Envelope | null, at: number): void {
    const links = linkChangeOf(event);
    if (links) {
      this.#links.change(links);
      const label = this.#links.label();
      if (label !== (this.cuts.at(-1)?.label ?? '')) this.cuts.push({ at, label });
    }
    const all = event.server === null ? undefined : this.stretches.get(event.server);
    const now = all?.at(-1);
    if (!all || !now) return;
    const next: Stretch = { ...now, at };
    const role = ROLES[event.kind];
    const paused = pauseOf(event);
    if (role !== undefined) {
      next.role = role;
      // Who only asks whether it would be elected has not begun that term.
      if (role !== 1) next.term = event.term;
    } else if (event.kind === 'crashed') Object.assign(next, { status: 1, role: 0 });
    else if (event.kind === 'restarted') Object.assign(next, { status: 0, role: 0 });
    else if (paused !== null) next.status = paused ? 2 : 0;
    else if (event.kind === 'sent' && envelope && !envelope.kind.startsWith('PreVote')) {
      if (now.term === null) now.term = envelope.term;
      next.term = envelope.term;
    }
    if (next.term !== now.term || next.role !== now.role || next.status !== now.status) all.push(next);
  }
}
