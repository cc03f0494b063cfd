import type {
  Action,
  EventRecord,
  KindName,
  MarkerRecord,
  MessageRecord,
  OperationView,
  RoleName,
  ServerRecord,
  ViolationRecord,
} from '../generated/glue.js';
import type { Fact } from './facts.js';

/**
 * What events, markers, messages and violations are made of, as data: a sentence in any language is made from it. The engine has
 * no sentences of its own.
 */

/** Nothing more is to be said. */
export type Nothing = Record<string, never>;

/** What is remembered of a message. */
export interface MessageData {
  kind: KindName;
  from: number;
  to: number;
  term: number;
  /** The last log index, the index before the entries, or the one that matches. */
  index: number;
  entries: number;
  /** What a reply says; `null` for requests, and for a piece of a snapshot. */
  success: boolean | null;
}

/** What a client asks for. Without a client the moment that is looked at comes before the call. */
export type AskedData = { operation: number } & (
  | { client: null }
  | {
      client: string;
      key: string;
      ask: OperationView['kind'];
      /** What is to be written. */
      value: string | null;
      /** What a compare-and-set asks for. */
      expected: string | null;
    }
);

export type FollowerReason =
  | { type: 'higherTerm'; from: number }
  | { type: 'leaderHeard' }
  | { type: 'noQuorum' }
  | { type: 'votesDenied' }
  | { type: 'notAVoter' };

export type VoteDenial =
  | { type: 'staleTerm'; currentTerm: number }
  | { type: 'alreadyVoted'; votedFor: number }
  | { type: 'logBehind'; myTerm: number; myIndex: number; theirTerm: number; theirIndex: number }
  | { type: 'leaderAlive'; ticks: number };

/** Why a leader does not commit. */
export type CommitReason =
  | { type: 'noQuorum'; index: number; have: number; need: number }
  | { type: 'olderTerm'; index: number; entryTerm: number };

/** Why a leader does not commit its next entry, and who is not known to hold it. */
export type CommitBlock = CommitReason & { missing: number[] };

/** Why a read waits. */
export type ReadBlock =
  | { type: 'nothingCommitted'; term: number }
  | { type: 'noQuorum'; have: number; need: number }
  | { type: 'noAnswer'; leader: number }
  | { type: 'notApplied'; readIndex: number; lastApplied: number };

/** What a transfer of leadership waits for. */
export type TransferBlock =
  | { type: 'logBehind'; target: number; matchIndex: number; lastIndex: number; ticks: number }
  | { type: 'noElection'; target: number; ticks: number };

export type IgnoreReason =
  | 'notForMe'
  | 'staleTerm'
  | 'notAsked'
  | 'outdated'
  | 'notAMember'
  | 'notAVoter'
  | 'notLeader'
  | 'impossible';

export type LossReason = 'chance' | 'cut' | 'crashed' | 'dropped' | 'full';

/** Why something that was asked for is not done, with the numbers of the reason. */
export interface Refusals {
  noLeader: Nothing;
  crashed: Nothing;
  paused: Nothing;
  takingSnapshot: Nothing;
  leadershipLost: Nothing;
  leaderChanged: Nothing;
  notLeader: Nothing;
  commandTooLarge: { bytes: number; limit: number };
  transferInProgress: { target: number };
  busy: { bytes: number; limit: number };
  alreadyLeader: { target: number };
  targetNotAVoter: { target: number };
  knowsNoLeader: Nothing;
  nothingOwn: { term: number };
  readsBusy: { limit: number };
  changePending: { index: number };
  nothingCommitted: { term: number };
  notCaughtUp: { node: number; matchIndex: number; lastIndex: number };
  nothingToChange: Nothing;
  notAMember: { node: number };
  noVoters: Nothing;
  tooManyMembers: { members: number };
  notApplied: { index: number; lastApplied: number };
  alreadyCompacted: { index: number };
  noConfiguration: { index: number };
  snapshotTooLarge: { bytes: number; limit: number };
  transferUnderway: { target: number };
}
export type Refusal = { [K in keyof Refusals]: { type: K } & Refusals[K] }[keyof Refusals];

/** A broken invariant; `null` where the moment that is looked at comes before it was found. */
export type ViolatedData = { invariant: null } | { invariant: string; name: string; facts: [Fact, Fact] };

/** The data of each kind of event. */
export interface EventData {
  electionTimeout: Nothing;
  electionTimeoutDrawn: { ticks: number };
  becomeFollower: { term: number; leader: number | null; reason: FollowerReason };
  becomePreCandidate: { term: number };
  becomeCandidate: { term: number };
  becomeLeader: { term: number };
  voteGranted: { candidate: number; term: number; preVote: boolean };
  voteDenied: { candidate: number; term: number; preVote: boolean; reason: VoteDenial };
  voteCounted: { voter: number; granted: boolean; preVote: boolean };
  entriesAppended: { first: number; last: number; term: number };
  entriesTruncated: { first: number; last: number; committed: boolean };
  appendAccepted: { leader: number; matchIndex: number };
  appendRejected: {
    leader: number;
    prevLogIndex: number;
    prevLogTerm: number;
    conflictIndex: number;
    conflictTerm: number | null;
  };
  nextIndexMovedBack: { follower: number; nextIndex: number };
  progressChanged: { follower: number; state: 'probe' | 'replicate' | 'snapshot' };
  commitAdvanced: { from: number; to: number };
  commitBlocked: { reason: CommitReason };
  logCompacted: { index: number };
  snapshotReceived: { index: number; bytes: number };
  snapshotInstalled: { index: number; keptSuffix: boolean };
  configurationChanged: { index: number; joint: boolean };
  caughtUp: { learner: number; rounds: number };
  transferStarted: { target: number };
  transferRequested: { target: number };
  transferAborted: { target: number };
  readWaiting: { reason: ReadBlock };
  readsConfirmed: { readIndex: number; reads: number };
  messageIgnored: { from: number; kind: KindName; reason: IgnoreReason };
  sent: MessageData;
  delivered: MessageData;
  duplicated: MessageData;
  lost: MessageData & { reason: LossReason };
  writeStarted: { write: number };
  writeDurable: { write: number };
  applied: { index: number };
  acted: Action;
  crashed: { writes: number };
  restarted: Nothing;
  called: AskedData;
  asked: AskedData;
  resent: AskedData;
  redirected: AskedData & { to: number };
  returned: AskedData & {
    outcome: 'ok' | 'fail' | 'unknown';
    /** What was read; `null` if the key was not set. */
    result: string | null;
    /** Whether a compare-and-set found what it asked for. */
    matched: boolean | null;
  };
  expected: { number: number; held: boolean };
  violated: ViolatedData;
  refused: { reason: Refusal };
  snapshotBegun: { index: number };
  restored: { index: number };
  torn: { index: number };
  forgotten: { writes: number };
  linkBroke: { to: number };
  linkRecovered: { to: number };
}

/** The kind of an event: a stable identifier. */
export type EventKind = keyof EventData;

/** A kind of event with its data. */
type Of<Name extends string> = { [K in EventKind]: { [N in Name]: K } & { data: EventData[K] } }[EventKind];

/** What a sentence is made from. */
export type Happening = Of<'kind'> & { server: number | null };

/** One thing that happened. `text` says it in English; `data` is what `kind` and `server` do not say. */
export type EventView = Omit<EventRecord, 'kind' | 'data'> & Of<'kind'> & { text: string };

/** Something that a reader may want to jump to; `event` is the kind of the event, `id` its number. */
export type Marker = Omit<MarkerRecord, 'event' | 'data'> & Of<'event'> & { text: string };

/** A message in flight. */
export type MessageView = Omit<MessageRecord, 'data'> & { data: MessageData; summary: string };

/** A contradiction that the checker found, as data and in English. */
export type ViolationView = Omit<ViolationRecord, 'facts'> & {
  contradiction: [Fact, Fact];
  text: string;
  facts: [string, string];
};

/** Everything about one server. What waits there stands here as data, and in English. */
export type ServerView = Omit<ServerRecord, 'commitBlock' | 'readBlock' | 'transferBlock'> & {
  commitBlock: CommitBlock | null;
  readBlock: ReadBlock | null;
  transferBlock: TransferBlock | null;
  commitBlocked: string | null;
  readBlocked: string | null;
  transferBlocked: string | null;
};

export type { RoleName };
