import type {
  Appearance,
  BranchView,
  Fact,
  FrameMessage,
  FrameServer,
  Happening,
  MessageKind,
  MessageView,
  RuleName,
  RuleView,
  ServerView,
  Words,
} from '../model.js';
import type { Finding } from '../views/explain/stalls.js';
import type { Mark } from '../views/transport/marks.js';
import { branches } from './en-branches.js';
import { breakpoints } from './en-breakpoints.js';
import { client } from './en-client.js';
import { cluster } from './en-cluster.js';
import { englishEvent, englishMessage } from './en-events.js';
import { englishFact } from './en-facts.js';
import { findingInEnglish } from './en-findings.js';
import { history } from './en-history.js';
import { chaos, explorer, lab } from './en-lab.js';
import { logs } from './en-logs.js';
import { metrics } from './en-metrics.js';
import { share } from './en-share.js';
import { tour } from './en-tour.js';

/** The English words. Those of the protocol itself (RequestVote, nextIndex …) are the paper's in every language. */
export const en = {
  /** The text of a scenario in this language. */
  words: (text: Words): string => text.en,

  // ------------------------------------------------------------ servers
  role: {
    follower: 'Follower',
    preCandidate: 'Pre-candidate',
    candidate: 'Candidate',
    leader: 'Leader',
    crashed: 'Crashed',
    paused: 'Paused',
  } as Record<Appearance, string>,
  roleLetter: { follower: 'F', preCandidate: 'P', candidate: 'C', leader: 'L', crashed: '✕', paused: '‖' } as Record<
    Appearance,
    string
  >,
  term: 'Term',
  termShort: (term: number): string => `T${term}`,
  votedFor: (id: number): string => `voted S${id}`,
  votes: (granted: number, voters: number): string => `${granted} of ${voters} votes`,
  serverLabel: (server: FrameServer, look: Appearance): string =>
    `S${server.id}, ${en.role[look].toLowerCase()}, term ${server.term}, log ${server.lastIndex}, commit ${server.commitIndex}`,
  serverTitle: (id: number, look: Appearance): string => `Server ${id} · ${en.role[look]}`,
  ringLabel:
    'The cluster. Up and down move between servers, messages and links; drag around some servers or between them to cut them off, and from one server to another to change their link.',

  // ------------------------------------------------------------ messages and links
  messageLabel: (message: FrameMessage, kind: string): string =>
    `${kind} from server ${message.from} to ${message.to}, term ${message.term}${message.success < 0 ? '' : message.success === 1 ? ', yes' : ', no'}${message.entries > 0 ? `, ${message.entries} entries` : ''}`,
  messageName: (message: { kind: MessageKind; from: number; to: number; id: number }): string =>
    `${message.kind} S${message.from} to S${message.to} (message ${message.id})`,
  linkTitle: (a: number, b: number): string => `Link S${a} – S${b}`,
  messagesLabel: 'Messages in flight',
  noMessages: 'No message is in flight.',
  messageGone: 'This message has arrived or was lost.',
  more: (count: number): string => `and ${count} more`,
  held: 'held',
  arrives: (timeMs: number): string => `arrives at ${en.ms(timeMs)}`,
  deliver: 'Deliver',
  drop: 'Drop',
  duplicate: 'Duplicate',
  delay: (ms: number): string => `+${ms} ms`,
  hold: 'Hold',
  release: 'Release',
  cut: 'Cut',
  mend: 'Mend',
  cutOneWay: (a: number, b: number): string => `Cut S${a} → S${b} only`,
  mendOneWay: (a: number, b: number): string => `Mend S${a} → S${b}`,
  legendLabel: 'Shapes of messages',
  legend: {
    requestVote: 'RequestVote',
    preVote: 'PreVote',
    appendEntries: 'AppendEntries',
    heartbeat: 'heartbeat',
    yes: 'reply: yes',
    no: 'reply: no',
    installSnapshot: 'InstallSnapshot',
    timeoutNow: 'TimeoutNow',
    readIndex: 'ReadIndex',
  },

  // ------------------------------------------------------------ inspector
  nothingSelected: 'Select a server, a message or a link.',
  crash: 'Crash',
  restart: 'Restart',
  pauseServer: 'Freeze',
  resume: 'Thaw',
  timeout: 'Time out',
  heartbeat: 'Heartbeat now',
  propose: 'Propose here',
  proposal: (index: number): string => `p=${index}`,
  none: 'none',
  onDisk: (value: string | number): string => `(on disk: ${value})`,
  lastEntry: (index: number, term: number): string => (index === 0 ? 'empty' : `index ${index}, term ${term}`),
  leaderKnown: 'leader it knows',
  voters: 'voters',
  configuration: ({ voters, votersOutgoing, learners }: ServerView['configuration']): string =>
    [
      servers(voters),
      votersOutgoing.length > 0 ? `and a majority of ${servers(votersOutgoing)} (joint)` : '',
      learners.length > 0 ? `learners ${servers(learners)}` : '',
    ]
      .filter((part) => part !== '')
      .join(' · ') || 'no cluster',
  snapshot: 'snapshot',
  snapshotFact: ({ lastIncludedIndex, lastIncludedTerm, bytes }: NonNullable<ServerView['snapshot']>): string =>
    `up to index ${lastIncludedIndex}, term ${lastIncludedTerm}, ${bytes} bytes`,
  takingSnapshot: 'taking a snapshot',
  upTo: (index: number): string => `up to index ${index}`,
  lease: 'lease',
  leaseHeld: 'held: reads need no round of heartbeats',
  progressWord: ({ state, snapshot, catchUp }: ServerView['progress'][number]): string =>
    [
      snapshot ? `${state} ${snapshot.sent} of ${snapshot.total} bytes` : state,
      catchUp ? `learner, ${catchUp.rounds} rounds${catchUp.caughtUp ? ', caught up' : ''}` : '',
    ]
      .filter((part) => part !== '')
      .join(' · '),
  progressCaption: 'What this leader knows about the others',
  peer: 'peer',
  progressState: 'state',
  stateMachine: 'State machine',
  empty: 'empty',
  sentAt: 'sent at',
  arrivesAt: 'arrives at',
  whySent: 'Why was it sent?',

  // ------------------------------------------------------------ events
  eventsLabel: 'Events, newest first',
  noEvents: 'Nothing has happened yet.',
  showDetails: 'show every detail',
  whyTitle: 'Why did this happen?',
  whyHint: 'First cause first. Select a line to go to that moment.',
  why: 'Why?',
  /** What happened, in a sentence. */
  happened: (event: Happening): string => englishEvent(event),
  messageLine: ({ data }: MessageView): string => englishMessage(data),
  /** What waits at a server. */
  hindrances: ({ commitBlocked, transferBlocked, readBlocked }: ServerView): string[] =>
    [commitBlocked, transferBlocked, readBlocked].filter((text) => text !== null),
  /** One of the two that contradict each other. */
  fact: (fact: Fact): string => englishFact(fact),
  close: 'Close',

  // ------------------------------------------------------------ space-time diagram
  diagram: {
    label:
      'Space-time diagram. Left and right move between the events of a lane, up to the cause and down along the message, Page Up and Page Down between lanes, Enter goes to the moment.',
    hint: 'Select an event: what happened before it and what followed from it light up. Drag to pan, Ctrl and wheel to zoom, Shift and drag for a range.',
    worldLane: 'acts',
    otherClients: 'others',
    tick: (timeMs: number): string => `${timeMs.toLocaleString('en', { maximumFractionDigits: 1 })} ms`,
    foldShort: (ms: number): string => `quiet ${ms < 1_000 ? `${Math.round(ms)} ms` : `${(ms / 1_000).toFixed(1)} s`}`,
    zoomIn: 'Zoom in',
    zoomOut: 'Zoom out',
    fit: 'Whole run',
    fitHint: 'Show the whole run',
    wide: 'Enlarge',
    wideHint: 'Give the diagram the whole width',
    follow: 'Follow',
    fold: 'Fold quiet stretches',
    exportHint: (format: string): string => `Save what is shown as ${format}`,
    range: (fromMs: number, toMs: number): string => `${en.ms(fromMs)} to ${en.ms(toMs)}`,
    cones: (past: Cone, future: Cone): string =>
      `Before it: ${events(past.events)} on ${past.lanes} ${past.lanes === 1 ? 'lane' : 'lanes'} (solid blue). After it: ${events(future.events)} on ${future.lanes} ${future.lanes === 1 ? 'lane' : 'lanes'} (dashed violet).`,
    ways: { back: 'caused by', along: 'leads to', before: 'before, here', after: 'after, here' },
    go: 'Go to this moment',
  },

  // ------------------------------------------------------------ why
  whyHow: 'Select a server, a message or an event and press “Why?” to follow it back to where it began.',
  earlierCauses: (count: number): string => `${count} earlier ${count === 1 ? 'cause' : 'causes'}`,
  youAreHere: 'you are here',
  sinceStart: (id: number): string => `S${id} has been a follower since the start: nothing has happened to it yet.`,
  stallTitle: 'Why is nothing happening?',
  nothingStuck: 'Nothing is stuck.',
  stopsAll: 'This stops everything: ',
  sinceStep: (step: number): string => `since step ${step}`,
  finding: (found: Finding): string => findingInEnglish(found),

  // ------------------------------------------------------------ transport
  transportLabel: 'Playback',
  play: 'Play',
  pause: 'Pause',
  toStart: 'To the start',
  toEnd: 'To the end of what has been run',
  stepBack: 'Step back',
  stepForward: 'Step',
  stepOf: (step: number, head: number): string => `step ${step} of ${head}`,
  scrubber: 'Moment of the run',
  speed: 'Speed',
  speedValue: (speed: number): string => {
    if (speed === Number.POSITIVE_INFINITY) return 'full speed';
    if (speed < 0.95) return `1/${Math.round(1 / speed)} real time`;
    return speed < 1.05 ? 'real time' : `${Math.round(speed)} × real time`;
  },
  hurry: 'quiet, faster',
  hurryHint: 'Nothing is in flight: this stretch passes six times as fast',
  ms: (timeMs: number): string =>
    `${timeMs.toLocaleString('en', { minimumFractionDigits: 1, maximumFractionDigits: 1 })} ms`,
  fork: 'Fork',
  markName: ({ kind, term, server }: Mark): string =>
    `${MARKS[kind]}${kind === 'election' || kind === 'leader' ? `, term ${term}` : ''}${server === null ? '' : `, S${server}`}`,
  noMark: (direction: number): string => (direction > 0 ? 'No mark after this.' : 'No mark before this.'),
  forkHint: 'Open a new branch at this moment; the old one is kept',
  branch: 'Branch',
  branchName: (branch: BranchView): string => `${branch.name} (${branch.headStep} steps)`,

  // ------------------------------------------------------------ faults and clients
  faultsLabel: 'Faults',
  partition: 'Partition',
  heal: 'Heal',
  partitionTitle: 'Cut the cluster apart',
  partitionHint:
    'Pick one side, by number keys or here, then Enter. Or drag a line across the ring or a loop around some servers. M picks the server that has the focus.',
  cutApart: 'Cut apart',
  cancel: 'Cancel',
  client: 'Client',
  writeLabel: 'Ask as a client',
  key: 'Key',
  value: 'Value',

  cluster,
  form: client,
  history,
  logs,
  metrics,
  tour,
  lab,
  chaos,
  explorer,
  branches,
  breakpoints,
  share,

  // ------------------------------------------------------------ rules, violations, expectations
  rulesIntro: 'Every safeguard of Raft can be switched off. An independent checker then shows what breaks.',
  modified: (count: number): string =>
    count === 1 ? 'Modified Raft: 1 rule off' : `Modified Raft: ${count} rules off`,
  modifiedHint: (rules: string[]): string => `This is not Raft as published. Off: ${rules.join('; ')}`,
  tryRule: (name: string, on: boolean): string => `${name}: ${on ? 'on' : 'off'}`,
  ruleName: (rule: RuleName): string => RULES[rule] ?? rule,
  ruleProtects: ({ protects }: RuleView): string => protects,
  /** Where a rule comes from: `§5.4.1`, `dissertation §9.6`. */
  section: (text: string): string => text,
  invariantName: (_id: string, name: string): string => name,
  violationLabel: 'A safety property is broken',
  violated: (name: string): string => `${name} is violated`,
  goThere: (timeMs: number): string => `Go to ${en.ms(timeMs)}`,
  alsoViolated: 'Broken too:',
  claims: (held: number, all: number): string => `${held} of ${all} claims have held`,
  expectation: { pending: 'not decided yet', held: 'held', failed: 'failed' },

  // ------------------------------------------------------------ the whole
  panels: {
    inspect: 'Inspect',
    messages: 'Messages',
    events: 'Events',
    why: 'Why',
    diagram: 'Diagram',
    rules: 'Rules',
    history: 'Clients',
    metrics: 'Metrics',
    chaos: 'Chaos',
    explorer: 'Explorer',
    branches: 'Branches',
    breakpoints: 'Breakpoints',
    share: 'Share',
  },
  panelsLabel: 'Details',
  reset: 'Start over',
  copyLink: 'Copy a link to this run',
  linkCopied: 'Link copied.',
  copied: 'Copied',
  help: 'Keyboard shortcuts',
  loading: 'Starting the cluster …',
  longRun: (steps: number, full: boolean): string =>
    `${steps.toLocaleString('en')} steps are recorded. ${full ? 'That is all a page can keep: start over, or go back and act there.' : 'Press play to go on.'}`,
  ended: 'The experiment is over. Press play to see what happens next.',
  forked: (branch: string): string => `You changed the past: this is now ${branch}.`,
  panicTitle: 'This is a bug in raft-playground',
  panicText:
    'The engine of this cluster has stopped in the middle of its work. What it shows can no longer be trusted, so it is shown no longer. Please report it with the text below; it makes the same run again.',
  freshInstance: 'Start a fresh cluster',
  reportLabel: 'Seed and actions for the report',
  copyReport: 'Copy the report',
  loadTitle: 'This cluster could not be started',
  loadText: 'The engine or the scenario could not be loaded.',
  tryAgain: 'Try again',
  keysTitle: 'Keyboard',
  keysHint: 'Shortcuts work while the focus is inside the playground.',
  keys: [
    ['Space K', 'play, pause'],
    ['← →', 'step back, step'],
    ['Shift ← →', 'ten steps'],
    ['Home End', 'to the start, to the end'],
    [', .', 'to the mark before, to the next: elections, faults, violations'],
    ['N', 'run to the next breakpoint'],
    ['1–9', 'select a server'],
    ['↑ ↓', 'in the ring: next server, message or link'],
    ['C', 'crash or restart the selected server'],
    ['T', 'let its election timer run out'],
    ['P', 'partition: pick a side, Enter cuts'],
    ['M', 'mark the focused or selected server for one side of a partition'],
    ['L', 'the link of the selected server: cut, one way, slow, lossy'],
    ['Q', 'show or hide the quorums of the last election and commit'],
    ['H', 'heal all links'],
    ['+ − 0', 'among the operations of clients: closer, further, the whole run'],
    ['W', 'send what the form of the client says'],
    ['Y', 'why is it so, and why is nothing happening'],
    ['F', 'fork: open a new branch here'],
    ['← → ↑ ↓', 'in the diagram: along the lane, to the cause, along the message'],
    ['+ − 0 [ ]', 'in the diagram: zoom, whole run, begin and end of the range'],
    ['O Enter', 'in the diagram: open a fold, go to the moment'],
    ['F2 Delete', 'among the branches: rename, delete; Ctrl+Z takes it back'],
    ['← → ↑ ↓ Page Home End', 'among the logs: from entry to entry, by windows, to the first and the last'],
    ['?', 'this sheet'],
  ] as [string, string][],

  // ------------------------------------------------------------ spoken announcements
  saysLeader: (id: number, term: number): string => `Server ${id} became leader in term ${term}.`,
  saysNoLeader: 'There is no leader.',
  saysViolation: (name: string): string => `${name} is violated.`,
  saysState: (playing: boolean): string => (playing ? 'Playing.' : 'Paused.'),
};

const MARKS: Record<Mark['kind'], string> = {
  election: 'Election',
  leader: 'New leader',
  fault: 'Fault',
  violation: 'Violation',
};

interface Cone {
  events: number;
  lanes: number;
}

function events(count: number): string {
  return count === 1 ? '1 event' : `${count} events`;
}

function servers(ids: readonly number[]): string {
  return ids.map((id) => `S${id}`).join(' ');
}

const RULES: Record<RuleName, string> = {
  persistVote: 'Votes are on disk before they are sent',
  persistTerm: 'Terms are on disk before they are used',
  persistLog: 'Entries are on disk before they are acknowledged',
  majority: 'A majority decides',
  randomisedTimeout: 'Election timeouts are random',
  redrawTimeout: 'Timeouts are drawn anew each time',
  stepDownOnHigherTerm: 'A higher term makes anyone a follower',
  preVote: 'Pre-vote',
  checkQuorum: 'A leader without a quorum steps down',
  voteStickiness: 'No vote while the leader is heard',
  consistencyCheck: 'AppendEntries consistency check',
  fastBackup: 'Fast backup of nextIndex',
  truncateOnConflict: 'Truncate only on conflict',
  electionRestriction: 'Election restriction',
  commitCurrentTermOnly: 'Count replicas only for the current term',
  noOp: 'A new leader commits a no-op',
  flowControl: 'Flow control',
  readIndex: 'A leader confirms that it leads before it answers a read',
  retainSuffix: 'Entries after a snapshot are kept',
  jointConsensus: 'Joint consensus',
  noOpBeforeConfig: 'A leader commits an entry before it changes the membership',
  catchUpBeforeVote: 'A new server catches up before it votes',
  honestNodes: 'No server votes twice',
  copyOnWrite: 'A server goes on while it takes a snapshot',
  groupCommit: 'Waiting writes share one sync',
  clientSessions: 'A repeated command is carried out once',
  sessionGuarantee: 'A client never reads backwards',
};
