import type { Condition } from '../model.js';
import type { Bound, BreakWhen, EventGroup, EventKindName, Hit } from '../views/breakpoints/when.js';

const KINDS: Record<EventKindName, string> = {
  becomeLeader: 'becomes leader',
  becomeCandidate: 'becomes candidate',
  becomePreCandidate: 'becomes pre-candidate',
  becomeFollower: 'becomes follower',
  electionTimeout: 'election timer runs out',
  electionTimeoutDrawn: 'election timeout is drawn',
  voteGranted: 'vote is given',
  voteDenied: 'vote is refused',
  voteCounted: 'vote is counted',
  transferStarted: 'leadership transfer begins',
  transferRequested: 'leadership transfer is asked for',
  transferAborted: 'leadership transfer is given up',
  commitAdvanced: 'commitIndex moves on',
  commitBlocked: 'commit is blocked',
  entriesAppended: 'entries are appended',
  entriesTruncated: 'entries are truncated',
  appendAccepted: 'AppendEntries is accepted',
  appendRejected: 'AppendEntries is rejected',
  nextIndexMovedBack: 'nextIndex moves back',
  progressChanged: 'progress of a follower changes',
  applied: 'entries are applied',
  sent: 'message is sent',
  delivered: 'message arrives',
  lost: 'message is lost',
  duplicated: 'message is duplicated',
  messageIgnored: 'message is ignored',
  crashed: 'server crashes',
  restarted: 'server restarts',
  torn: 'torn write is found',
  forgotten: 'disk forgets writes',
  linkBroke: 'flapping link breaks',
  linkRecovered: 'flapping link recovers',
  acted: 'reader or script acts',
  writeStarted: 'write to disk begins',
  writeDurable: 'write is durable',
  called: 'client calls',
  asked: 'request reaches a server',
  redirected: 'client turns to another server',
  resent: 'client asks again',
  returned: 'client is answered',
  readWaiting: 'read waits',
  readsConfirmed: 'reads are confirmed',
  refused: 'something is refused',
  configurationChanged: 'configuration changes',
  caughtUp: 'learner has caught up',
  snapshotBegun: 'snapshot begins',
  snapshotReceived: 'piece of a snapshot arrives',
  snapshotInstalled: 'snapshot is installed',
  restored: 'state machine takes over a snapshot',
  logCompacted: 'log is compacted',
  violated: 'safety property is broken',
  expected: 'claim is decided',
};

/** The words of the panel of breakpoints. */
export const breakpoints = {
  group: {
    elections: 'Elections',
    replication: 'Replication',
    messages: 'Messages',
    faults: 'Faults and actions',
    disk: 'Disk',
    clients: 'Clients',
    membership: 'Membership and snapshots',
    judgement: 'Judgement',
  } as Record<EventGroup, string>,
  kind: (kind: string): string => (Object.hasOwn(KINDS, kind) ? KINDS[kind as EventKindName] : kind),
  formLabel: 'New breakpoint',
  event: 'Pause when',
  anyEvent: 'any event',
  server: 'Server',
  anyServer: 'any',
  term: 'Term',
  index: 'Index',
  equal: 'is',
  atLeast: 'at least',
  message: 'Message',
  anyMessage: 'any',
  invariant: 'Invariant',
  anyInvariant: 'any',
  only: 'Only while',
  always: 'always',
  states: {
    leads: 'a server leads',
    noLeader: 'nobody leads',
    twoLeaders: 'two servers lead',
    down: 'a server is down',
    behind: 'a server lacks entries',
    committed: 'a majority has committed',
  },
  stateServer: 'Which server',
  stateIndex: 'Up to index',
  skip: 'Hits to let pass',
  more: 'More conditions',
  moreHint: 'All that is filled in must be true together.',
  add: 'Add',
  needsOne: 'Name at least one thing to stop at.',
  listLabel: 'Breakpoints',
  none: 'No breakpoints yet. A playing run stops right after the step that hits one.',
  number: (id: number): string => `Breakpoint ${id}`,
  hits: (count: number): string => (count === 1 ? '1 hit' : `${count} hits`),
  here: 'stopped here',
  runTo: 'Run to',
  runToHint: (id: number): string => `Run to the next hit of breakpoint ${id}`,
  runToNext: 'Run to next',
  runToNextHint: 'Play as fast as it goes to the next hit of any enabled breakpoint (N)',
  remove: (id: number): string => `Delete breakpoint ${id}`,
  clearHits: 'Count anew',
  why: 'Why?',
  noneEnabled: 'No breakpoint is enabled.',
  stopped: ({ ids, step }: Hit): string =>
    `Stopped at ${ids.length === 1 ? 'breakpoint' : 'breakpoints'} ${ids.join(', ')}, step ${step}.`,
  /** What it stops at, in one line. */
  when: ({ kind, server, term, index, message, invariant, while: state, skip }: BreakWhen): string =>
    [
      kind === undefined ? '' : breakpoints.kind(kind),
      message ?? '',
      server === undefined ? '' : `S${server}`,
      term === undefined ? '' : `term ${bound(term)}`,
      index === undefined ? '' : `index ${bound(index)}`,
      invariant ?? '',
      state === undefined ? '' : `${kind === undefined ? 'when' : 'while'} ${stateInEnglish(state)}`,
      skip ? `after ${skip} ${skip === 1 ? 'hit' : 'hits'}` : '',
    ]
      .filter((part) => part !== '')
      .join(' · '),
};

function bound(value: Bound): string {
  return typeof value === 'number' ? String(value) : `≥ ${value.atLeast}`;
}

/** States that the form offers; those that a script asks for are shown as they are. */
function stateInEnglish(state: Condition): string {
  switch (state.type) {
    case 'role':
      return `S${state.server} is ${state.role}`;
    case 'roles':
      return 'two servers lead';
    case 'not':
      return state.condition.type === 'leader' ? 'nobody leads' : JSON.stringify(state);
    case 'status':
      return `S${state.server} is ${state.status === 'crashed' ? 'down' : state.status}`;
    case 'behind':
      return `S${state.server} lacks entries`;
    case 'committed':
      return `a majority has committed ${state.index}`;
    default:
      return JSON.stringify(state);
  }
}
