import type { FrameLayout } from '../generated/glue.js';
import { RaftError } from './error.js';

/** What is drawn every frame, decoded from one flat array into objects that are reused from frame to frame. */

const HEADER = [
  'timeMs',
  'step',
  'headStep',
  'endTimeMs',
  'nextTimeMs',
  'branch',
  'servers',
  'messages',
  'events',
  'violations',
  'rulesOff',
  'logVersion',
  'clients',
  'joint',
] as const;
const SERVER = [
  'id',
  'status',
  'role',
  'term',
  'votedFor',
  'leader',
  'commitIndex',
  'lastApplied',
  'lastIndex',
  'lastTerm',
  'lastIncludedIndex',
  'durableIndex',
  'timerKind',
  'timerRemainingMs',
  'timerTotalMs',
  'clockRatePermille',
  'pendingWrites',
  'votesGranted',
  'voters',
  'member',
  'takingSnapshot',
  'transferTarget',
] as const;
const PROGRESS = ['nextIndex', 'matchIndex', 'state', 'inflight', 'snapshotSent', 'snapshotTotal'] as const;
const LINK = ['cut', 'held', 'flapping'] as const;
const MESSAGE = [
  'id',
  'kind',
  'from',
  'to',
  'term',
  'sentMs',
  'arrivesMs',
  'success',
  'entries',
  'prevIndex',
  'commit',
] as const;

type Fields<N extends readonly string[]> = { -readonly [K in N[number]]: number };
/** `nextTimeMs` is -1 when nothing is scheduled. */
export type FrameHeader = Fields<typeof HEADER>;
export type FrameServer = Fields<typeof SERVER>;
export type FrameProgress = Fields<typeof PROGRESS>;
/** One direction between two servers; each number is 0 or 1. */
export type FrameLink = Fields<typeof LINK>;
export type FrameMessage = Fields<typeof MESSAGE>;

/** Values of `FrameServer.status`. */
export const STATUS = { up: 0, crashed: 1, paused: 2 } as const;
/** Values of `FrameServer.role`. */
export const ROLE = { follower: 0, preCandidate: 1, candidate: 2, leader: 3 } as const;
/**
 * Bits of `FrameServer.member`, by the configuration of the leader: 0 is no member. Only while the configuration is
 * joint (`FrameHeader.joint`) may a server be a voter of C_old, and a voter of both halves.
 */
export const MEMBER = { voter: 1, outgoingVoter: 2, learner: 4 } as const;
/** Values of `FrameServer.timerKind`. */
export const TIMER = { none: 0, election: 1, heartbeat: 2 } as const;
/** Values of `FrameMessage.kind`; the order of `MessageKind`. */
export const MESSAGE_KIND = {
  requestVote: 0,
  requestVoteReply: 1,
  preVote: 2,
  preVoteReply: 3,
  appendEntries: 4,
  appendEntriesReply: 5,
  installSnapshot: 6,
  installSnapshotReply: 7,
  timeoutNow: 8,
  readIndex: 9,
  readIndexReply: 10,
} as const;

class Reader<N extends readonly string[]> {
  readonly width: number;
  readonly #fields: { name: N[number]; offset: number }[];

  constructor(names: N, layout: readonly string[], part: string) {
    this.width = layout.length;
    this.#fields = names.map((name: N[number]) => {
      const offset = layout.indexOf(name);
      if (offset < 0) throw new RaftError('internal', `the frame layout has no field ${part}.${name}`);
      return { name, offset };
    });
  }

  read(data: Float64Array, base: number, into: Fields<N>): void {
    for (const { name, offset } of this.#fields) into[name] = data[base + offset] as number;
  }

  blank(): Fields<N> {
    return Object.fromEntries(this.#fields.map(({ name }) => [name, 0])) as Fields<N>;
  }
}

/** The state that one frame shows. Valid until the next call of `Cluster.frame()`, which fills the same objects. */
export class Frame {
  readonly header: FrameHeader;
  readonly servers: FrameServer[] = [];
  /** Messages in flight; only the first `header.messages` are of this frame. */
  readonly messages: FrameMessage[] = [];
  readonly #progress: FrameProgress[] = [];
  readonly #links: FrameLink[] = [];
  readonly #readers;

  constructor(layout: FrameLayout) {
    this.#readers = {
      header: new Reader(HEADER, layout.header, 'header'),
      server: new Reader(SERVER, layout.server, 'server'),
      progress: new Reader(PROGRESS, layout.progress, 'progress'),
      link: new Reader(LINK, layout.link, 'link'),
      message: new Reader(MESSAGE, layout.message, 'message'),
    };
    this.header = this.#readers.header.blank();
  }

  /** What the leader `leader` knows about `peer`; meaningful only while it leads. */
  progress(leader: number, peer: number): FrameProgress {
    return this.#progress[(leader - 1) * this.header.servers + peer - 1] as FrameProgress;
  }

  /** Whether messages `from` → `to` are cut off. */
  cut(from: number, to: number): boolean {
    return this.link(from, to)?.cut === 1;
  }

  /** The direction `from` → `to`: whether it is cut now, keeps its messages, or breaks and recovers by itself. */
  link(from: number, to: number): FrameLink | undefined {
    return this.#links[(from - 1) * this.header.servers + to - 1];
  }

  decode(data: Float64Array): void {
    const { header, server, progress, link, message } = this.#readers;
    header.read(data, 0, this.header);
    const n = this.header.servers;
    let base = header.width;
    this.servers.length = n;
    for (let i = 0; i < n; i++, base += server.width) {
      this.servers[i] ??= server.blank();
      server.read(data, base, this.servers[i] as FrameServer);
    }
    this.#progress.length = n * n;
    for (let i = 0; i < n * n; i++, base += progress.width) {
      this.#progress[i] ??= progress.blank();
      progress.read(data, base, this.#progress[i] as FrameProgress);
    }
    this.#links.length = n * n;
    for (let i = 0; i < n * n; i++, base += link.width) {
      this.#links[i] ??= link.blank();
      link.read(data, base, this.#links[i] as FrameLink);
    }
    for (let i = 0; i < this.header.messages; i++, base += message.width) {
      this.messages[i] ??= message.blank();
      message.read(data, base, this.messages[i] as FrameMessage);
    }
  }
}
