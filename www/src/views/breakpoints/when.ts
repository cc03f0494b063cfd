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
