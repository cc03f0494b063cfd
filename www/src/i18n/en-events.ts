import type {
  AskedData,
  CommitBlock,
  CommitReason,
  EventData,
  EventKind,
  FollowerReason,
  Happening,
  IgnoreReason,
  LossReason,
  MessageData,
  ReadBlock,
  Refusals,
  TransferBlock,
  ViolatedData,
  VoteDenial,
} from '../engine/happenings.js';
import { compareAndSet, englishAction } from './en-actions.js';
import { englishFact } from './en-facts.js';

/** Says a kind of event. `who` is the server's name. */
export type Say<K extends EventKind> = (data: EventData[K], who: string, server: number | null) => string;
/** A sentence for every kind of event. */
export type Sentences = { [K in EventKind]: Say<K> };

/** What happened, in English. */
export function englishEvent({ kind, data, server }: Happening): string {
  const say = SENTENCES[kind] as Say<EventKind>;
  return say(data, server === null ? 'the world' : `S${server}`, server);
}

/** A message in one line, such as `AppendEntries S1→S2 term 1 with 1 entry after 0`. */
export function englishMessage(message: MessageData): string {
  const { kind, from, to, term } = message;
  return `${kind} S${from}→S${to} term ${term}${tail(message)}`;
}

/** A broken invariant with the two facts that contradict each other. */
export function englishViolation(data: ViolatedData): string {
  if (data.invariant === null) return 'a violation';
  return `${data.name} (${data.invariant}) does not hold: ${data.facts.map(englishFact).join('; ')}`;
}

/** What waits at a server, in English. */
export const englishBlock = {
  commit: (server: number, block: CommitBlock): string => {
    const missing = block.missing.map((id) => `S${id}`).join(', ');
    return `S${server} ${blocked(block)}${missing === '' ? '' : `; not known to hold it: ${missing}`}`;
  },
  read: (server: number, block: ReadBlock): string => `S${server} ${waiting(block)}`,
  transfer: (server: number, block: TransferBlock): string =>
    block.type === 'logBehind'
      ? `S${server} hands over to S${block.target} once its log is complete: it is known to hold ${block.matchIndex} of ${block.lastIndex}; ${block.ticks} ticks are left`
      : `S${server} has asked S${block.target} to campaign and waits for it; ${block.ticks} ticks are left`,
};

const vote = (preVote: boolean): string => (preVote ? 'pre-vote' : 'vote');
const plural = (count: number, noun: string): string => (count === 1 ? noun : `${noun}s`);

export const SENTENCES: Sentences = {
  electionTimeout: (_, who) => `${who} has waited long enough: its election timer ran out`,
  electionTimeoutDrawn: ({ ticks }, who) => `${who} will wait ${ticks} ticks`,
  becomeFollower: ({ term, leader, reason }, who) =>
    `${who} is a follower in term ${term}${leader === null ? '' : ` of leader S${leader}`}: ${follows(reason)}`,
  becomePreCandidate: ({ term }, who) => `${who} asks who would vote for it in term ${term}`,
  becomeCandidate: ({ term }, who) => `${who} is a candidate in term ${term} and votes for itself`,
  becomeLeader: ({ term }, who) => `${who} has a quorum of votes: it leads term ${term}`,
  voteGranted: ({ candidate, term, preVote }, who) =>
    `${who} gives S${candidate} its ${vote(preVote)} for term ${term}`,
  voteDenied: ({ candidate, term, preVote, reason }, who) =>
    `${who} refuses S${candidate} its ${vote(preVote)} for term ${term}: ${denies(reason)}`,
  voteCounted: ({ voter, granted, preVote }, who) =>
    granted
      ? `${who} counts the ${vote(preVote)} of S${voter}`
      : `${who} learns that S${voter} refuses its ${vote(preVote)}`,
  entriesAppended: ({ first, last, term }, who) =>
    first === last
      ? `${who} appends entry ${first} of term ${term}`
      : `${who} appends entries ${first} to ${last}, the last of term ${term}`,
  entriesTruncated: ({ first, last, committed }, who) =>
    `${who} removes its entries ${first} to ${last}, which conflict with the leader's${committed ? ' although they were committed' : ''}`,
  appendAccepted: ({ leader, matchIndex }, who) => `${who} has the same log as leader S${leader} up to ${matchIndex}`,
  appendRejected: ({ prevLogIndex, prevLogTerm, conflictIndex, conflictTerm }, who) =>
    `${who} refuses the entries: it needs entry ${prevLogIndex} of term ${prevLogTerm} before them, but ${
      conflictTerm === null
        ? `its log ends at ${Math.max(0, conflictIndex - 1)}`
        : `has one of term ${conflictTerm}, which starts at ${conflictIndex}`
    }`,
  nextIndexMovedBack: ({ follower, nextIndex }, who) =>
    `${who} goes back in the log of S${follower}: next index ${nextIndex}`,
  progressChanged: ({ follower, state }, who) =>
    ({
      probe: `${who} sends to S${follower} one message at a time`,
      replicate: `${who} sends to S${follower} without waiting`,
      snapshot: `${who} sends its snapshot to S${follower}: what S${follower} needs is no longer in the log`,
    })[state],
  commitAdvanced: ({ from, to }, who) => `${who} commits up to ${to} (before: ${from})`,
  commitBlocked: ({ reason }, who) => `${who} ${blocked(reason)}`,
  logCompacted: ({ index }, who) => `${who} replaces its log up to ${index} by a snapshot`,
  snapshotReceived: ({ index, bytes }, who) => `${who} has received ${bytes} bytes of the snapshot up to ${index}`,
  snapshotInstalled: ({ index, keptSuffix }, who) =>
    `${who} installs the leader's snapshot up to ${index}, ${keptSuffix ? 'and keeps what follows in its log' : 'and nothing of its log is left'}`,
  configurationChanged: ({ index, joint }, who) =>
    `${who} goes by the ${joint ? 'joint ' : ''}configuration at ${index} from now on, committed or not`,
  caughtUp: ({ learner, rounds }, who) =>
    `${who} finds that S${learner} has caught up, in ${rounds} ${plural(rounds, 'round')}`,
  transferStarted: ({ target }, who) => `${who} prepares to hand over to S${target} and takes no commands meanwhile`,
  transferRequested: ({ target }, who) => `${who} asks S${target}, whose log is complete, to campaign at once`,
  transferAborted: ({ target }, who) => `${who} gives up handing over to S${target} and takes commands again`,
  readWaiting: ({ reason }, who) => `${who} ${waiting(reason)}`,
  readsConfirmed: ({ readIndex, reads }, who) =>
    `${who} may serve ${reads} ${plural(reads, 'read')} once entry ${readIndex} is applied`,
  messageIgnored: ({ from, kind, reason }, who) => `${who} ignores ${kind} from S${from}: ${IGNORED[reason]}`,
  sent: (message, who) => `${who} sends ${englishMessage(message)}`,
  delivered: (message, who) => `${who} receives ${englishMessage(message)}`,
  duplicated: (message) => `a second copy is on its way: ${englishMessage(message)}`,
  lost: (message) => `${englishMessage(message)} does not arrive: ${LOST[message.reason]}`,
  writeStarted: ({ write }, who) => `${who} starts to write to disk (write ${write})`,
  writeDurable: ({ write }, who) => `everything up to write ${write} is on the disk of ${who}`,
  applied: ({ index }, who) => `${who} applies entries up to ${index}`,
  acted: (action) => englishAction(action),
  crashed: ({ writes }, who) => `${who} is down${writes === 0 ? '' : `; ${writes} unfinished writes are lost`}`,
  restarted: (_, who) => `${who} starts from its disk`,
  called: (op) => (op.client === null ? '' : `client ${op.client} ${asks(op)}`),
  asked: (op, who) => (op.client === null ? '' : `${who} hears that client ${op.client} ${asks(op)}`),
  resent: (op) => (op.client === null ? '' : `client ${op.client} asks once more: it ${asks(op)}`),
  redirected: ({ client, to }) => (client === null ? '' : `client ${client} turns to S${to}`),
  returned: (data) => (data.client === null ? '' : answered(data)),
  expected: ({ held }) => (held ? 'as expected' : 'not as expected'),
  violated: (data) => englishViolation(data),
  refused: ({ reason }, who, server) => {
    const why = (REFUSED[reason.type] as (numbers: unknown) => string)(reason);
    return server === null ? `nobody takes it: ${why}` : `${who} refuses: ${why}`;
  },
  snapshotBegun: ({ index }, who) => `${who} begins a snapshot of its state up to ${index}`,
  restored: ({ index }, who) => `${who} takes over the state of the snapshot up to ${index}`,
  torn: ({ index }, who) => `the last write of ${who} is torn: its disk holds entries up to ${index}`,
  forgotten: ({ writes }, who) =>
    `the disk of ${who} has lied: it has lost ${writes} writes that it had called durable`,
  linkBroke: ({ to }, who) => `the link from ${who} to S${to} breaks`,
  linkRecovered: ({ to }, who) => `the link from ${who} to S${to} works again`,
};

function tail({ kind, index, entries, success }: MessageData): string {
  switch (kind) {
    case 'AppendEntries':
      return entries === 0
        ? ` heartbeat after ${index}`
        : ` with ${entries} ${entries === 1 ? 'entry' : 'entries'} after ${index}`;
    case 'AppendEntriesReply':
      return success ? ` accepted up to ${index}` : ' refused';
    case 'RequestVote':
    case 'PreVote':
      return ` last index ${index}`;
    case 'InstallSnapshot':
      return ` up to ${index}`;
    case 'InstallSnapshotReply':
      return success === null ? ' received a piece' : success ? ` installed up to ${index}` : ' denied';
    case 'ReadIndexReply':
      return ` read index ${index}`;
    case 'TimeoutNow':
    case 'ReadIndex':
      return '';
    case 'RequestVoteReply':
    case 'PreVoteReply':
      return success ? ' granted' : ' denied';
  }
}

function follows(reason: FollowerReason): string {
  switch (reason.type) {
    case 'higherTerm':
      return `S${reason.from} knows this higher term`;
    case 'leaderHeard':
      return 'it heard the leader';
    case 'noQuorum':
      return 'as leader it heard no quorum for an election timeout';
    case 'votesDenied':
      return 'a quorum refused its vote';
    case 'notAVoter':
      return 'it has committed a configuration without its own vote';
  }
}

function denies(reason: VoteDenial): string {
  switch (reason.type) {
    case 'staleTerm':
      return `the term is over, mine is ${reason.currentTerm}`;
    case 'alreadyVoted':
      return `already voted for S${reason.votedFor} in this term`;
    case 'logBehind':
      return reason.myTerm === reason.theirTerm
        ? `same last log term ${reason.myTerm}, but my log is longer: ${reason.myIndex} > ${reason.theirIndex}`
        : `my last log term ${reason.myTerm} > ${reason.theirTerm}`;
    case 'leaderAlive':
      return `a leader is alive; its lease lasts ${reason.ticks} more ticks`;
  }
}

function blocked(reason: CommitReason): string {
  return reason.type === 'noQuorum'
    ? `may not commit entry ${reason.index} yet: ${reason.have} of the ${reason.need} voters needed hold it`
    : `may not commit entry ${reason.index} by counting: it is of older term ${reason.entryTerm}`;
}

function waiting(block: ReadBlock): string {
  switch (block.type) {
    case 'nothingCommitted':
      return `lets a read wait: it has committed nothing in its term ${block.term} and so cannot know what is`;
    case 'noQuorum':
      return `lets a read wait: ${block.have} of the ${block.need} voters needed have confirmed that it still leads`;
    case 'noAnswer':
      return `lets a read wait for an answer from leader S${block.leader}`;
    case 'notApplied':
      return `lets a read wait: entry ${block.readIndex} must be applied, ${block.lastApplied} is`;
  }
}

/** What a client asks for, as the end of a sentence that begins with its name. */
function asks({ key, ask, value, expected }: Exclude<AskedData, { client: null }>): string {
  switch (ask) {
    case 'get':
      return `reads ${key}`;
    case 'put':
      return `writes ${key} = ${value}`;
    case 'append':
      return `appends ${value} to ${key}`;
    case 'cas':
      return compareAndSet(key, expected, value);
    case 'delete':
      return `deletes ${key}`;
    case 'sync':
      return 'catches up with the leader';
  }
}

function answered(data: Exclude<EventData['returned'], { client: null }>): string {
  const { client, key, ask, outcome, result, matched } = data;
  if (ask === 'sync')
    return outcome === 'ok'
      ? `client ${client} has caught up with the leader`
      : `client ${client} is not told how far the leader is`;
  if (ask === 'get' && outcome === 'ok' && result !== null) return `client ${client} reads ${key} = ${result}`;
  const how =
    ask === 'get'
      ? outcome === 'ok'
        ? 'is told that the key is not set'
        : 'gets no answer to its read'
      : ask === 'cas' && matched === false && outcome === 'ok'
        ? 'is told that the key has another value, and that nothing was changed'
        : {
            ok: 'is told that the write was carried out',
            fail: 'is told that the write was refused',
            unknown: 'gets no answer: the write may or may not have been carried out',
          }[outcome];
  return `client ${client} (${key}) ${how}`;
}

const IGNORED: Record<IgnoreReason, string> = {
  notForMe: 'it is addressed to another server',
  staleTerm: 'its term is over',
  notAsked: 'nobody is waiting for it any more',
  outdated: 'it is older than what is already known',
  notAMember: 'its sender is not a member',
  notAVoter: 'this server is no voter',
  notLeader: 'only a leader can answer it',
  impossible: 'no correct server can say this',
};

const LOST: Record<LossReason, string> = {
  chance: 'the network lost it',
  cut: 'the link is cut',
  crashed: 'the receiver is crashed',
  dropped: 'it was dropped by hand',
  full: 'too many messages are in flight',
};

export const REFUSED: { [K in keyof Refusals]: (numbers: Refusals[K]) => string } = {
  noLeader: () => 'no running server leads; try again after an election',
  crashed: () => 'it is crashed',
  paused: () => 'it is paused',
  takingSnapshot: () => 'it does nothing but take a snapshot',
  leadershipLost: () => 'it no longer leads, so nobody knows whether its state is up to date',
  leaderChanged: () => 'the leader that it asked about the read is gone',
  notLeader: () => 'this server is not the leader; ask the leader it names, or try another server',
  commandTooLarge: ({ bytes, limit }) => `the command has ${bytes} bytes, but at most ${limit} are allowed`,
  transferInProgress: ({ target }) =>
    `leadership is being handed to S${target}; try again when that has succeeded or failed`,
  transferUnderway: ({ target }) => `leadership is being handed to S${target}; wait until that has succeeded or failed`,
  busy: ({ bytes, limit }) => `${bytes} bytes wait to be committed, the limit is ${limit}; try again when some are`,
  alreadyLeader: ({ target }) => `S${target} leads already`,
  targetNotAVoter: ({ target }) => `S${target} is no voter; make it one first`,
  knowsNoLeader: () => 'this server knows no leader; try again after an election, or ask another server',
  nothingOwn: ({ term }) =>
    `no entry of term ${term} is in the log, so the leader does not know what is committed; propose one first`,
  readsBusy: ({ limit }) => `${limit} reads wait already; try again when some are answered`,
  changePending: ({ index }) =>
    `the configuration at index ${index} is not settled; wait until the cluster has committed and left it`,
  nothingCommitted: ({ term }) => `the leader has committed nothing in term ${term} yet; wait until it has`,
  notCaughtUp: ({ node, matchIndex, lastIndex }) =>
    `S${node} has caught up to ${matchIndex} of ${lastIndex}; add it as a learner and wait until it has caught up`,
  nothingToChange: () => 'this would change nothing',
  notAMember: ({ node }) => `S${node} is not a member that can be changed this way`,
  noVoters: () => 'no voter would be left',
  tooManyMembers: ({ members }) => `${members} members are too many, at most 64 are allowed`,
  notApplied: ({ index, lastApplied }) => `entry ${index} is not applied yet, only ${lastApplied} is`,
  alreadyCompacted: ({ index }) => `the log is already compacted up to ${index}`,
  noConfiguration: ({ index }) =>
    `no configuration is known as of entry ${index}; wait for the entry that adds this server`,
  snapshotTooLarge: ({ bytes, limit }) => `the snapshot has ${bytes} bytes, but at most ${limit} are allowed`,
};
