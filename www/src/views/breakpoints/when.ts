import type { Condition, EventView, MessageKind } from '../../model.js';

/** This number, or this one and any above it. */
export type Bound = number | { atLeast: number };

/** What a breakpoint stops at: all that is named must be true. */
export interface BreakWhen {
  /** Kind of the event, such as `becomeLeader`. */
  kind?: string;
  /** Where it happens; for a message that is sent, the sender, for one that arrives, the receiver. */
  server?: number;
  /** The term that the event names, or else the one in which its server is. */
  term?: Bound;
  /** The index that the event names. */
  index?: Bound;
  /** Kind of the message that the event is about. */
  message?: MessageKind;
  /** Which invariant is broken, such as `I4`. */
  invariant?: string;
  /** What must be true of the cluster right after the event. On its own it stops when this has become true. */
  while?: Condition;
  /** So many hits are counted before the first that stops. */
  skip?: number;
}

/** A breakpoint as it is listed. */
export interface ListedBreakpoint {
  id: number;
  when: BreakWhen;
  enabled: boolean;
  hits: number;
  /** The run stands at it. */
  here: boolean;
}

/** Where and at what a run has stopped. */
export interface Hit {
  ids: readonly number[];
  /** The event that did it, if it was one. */
  event: EventView | null;
  branch: number;
  step: number;
  timeMs: number;
}

/** What a reader can ask of breakpoints. */
export type BreakpointWish =
  | { do: 'add'; when: BreakWhen }
  | { do: 'remove'; id: number }
  | { do: 'enable'; id: number; on: boolean }
  | { do: 'clearHits' };

/** Kinds of event, in the groups in which they are offered. */
export const EVENT_GROUPS = {
  elections: [
    'becomeLeader',
    'becomeCandidate',
    'becomePreCandidate',
    'becomeFollower',
    'electionTimeout',
    'electionTimeoutDrawn',
    'voteGranted',
    'voteDenied',
    'voteCounted',
    'transferStarted',
    'transferRequested',
    'transferAborted',
  ],
  replication: [
    'commitAdvanced',
    'commitBlocked',
    'entriesAppended',
    'entriesTruncated',
    'appendAccepted',
    'appendRejected',
    'nextIndexMovedBack',
    'progressChanged',
    'applied',
  ],
  messages: ['sent', 'delivered', 'lost', 'duplicated', 'messageIgnored'],
  faults: ['crashed', 'restarted', 'torn', 'forgotten', 'linkBroke', 'linkRecovered', 'acted'],
  disk: ['writeStarted', 'writeDurable'],
  clients: ['called', 'asked', 'redirected', 'resent', 'returned', 'readWaiting', 'readsConfirmed', 'refused'],
  membership: [
    'configurationChanged',
    'caughtUp',
    'snapshotBegun',
    'snapshotReceived',
    'snapshotInstalled',
    'restored',
    'logCompacted',
  ],
  judgement: ['violated', 'expected'],
} as const;

export type EventGroup = keyof typeof EVENT_GROUPS;
export type EventKindName = (typeof EVENT_GROUPS)[EventGroup][number];

/** The invariants of the checker. */
export const INVARIANTS: readonly (readonly [id: string, name: string])[] = [
  ['I1', 'Election Safety'],
  ['I2', 'Leader Append-Only'],
  ['I3', 'Log Matching'],
  ['I4', 'Leader Completeness'],
  ['I5', 'State Machine Safety'],
  ['I6', 'Committed on a Quorum'],
  ['I7', 'Commit Own Term Only'],
  ['I8', 'Commit What Is Durable'],
  ['I9', 'Monotone Numbers'],
  ['I10', 'Vote Once'],
  ['I11', 'Order of Indices'],
  ['I12', 'Monotone Log'],
  ['I13', 'Messages Never Outrun Their Sender'],
  ['I14', 'A Won Term Is Fresh'],
  ['I15', 'Committed Prefixes Agree'],
  ['I16', 'Match Index Is Sound'],
  ['I17', 'Match Index Is Monotone'],
  ['I18', 'Progress Is Consistent'],
  ['I19', 'Permitted Log Changes'],
  ['I20', 'Permitted Transitions'],
  ['I21', 'A Leader Is Its Own'],
  ['I22', 'One Leader per Term Seen'],
  ['I23', 'Configuration Comes From the Log'],
  ['I24', 'One Reconfiguration at a Time'],
  ['I25', 'Quorums Overlap'],
  ['I26', 'Removed Servers Are Inert'],
  ['I27', 'Committed Logs Never Diverge'],
  ['I28', 'Acknowledged Writes Last'],
  ['I29', 'Linearizable Reads'],
  ['I30', 'Applied Once and in Order'],
  ['I31', 'What Is Accepted Matches'],
  ['I32', 'Commit Only What Is Verified'],
  ['I33', 'Faithful Snapshots'],
  ['I34', 'Persist Before Talking'],
  ['I35', 'Provenance'],
  ['I36', 'Restart Equivalence'],
];
