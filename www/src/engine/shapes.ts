import type {
  Action,
  ClusterConfig,
  Condition,
  KindName,
  Level,
  Membership,
  MessageSelector,
  RuleName,
} from '../generated/glue.js';
import * as is from './arguments.js';
import { RaftError } from './error.js';

/** The shapes of what callers may hand in. The names are those of the Rust types; Rust checks the meaning. */

const RULE_NAMES = [
  'persistVote',
  'persistTerm',
  'persistLog',
  'majority',
  'randomisedTimeout',
  'redrawTimeout',
  'stepDownOnHigherTerm',
  'preVote',
  'checkQuorum',
  'voteStickiness',
  'consistencyCheck',
  'fastBackup',
  'truncateOnConflict',
  'electionRestriction',
  'commitCurrentTermOnly',
  'noOp',
  'flowControl',
  'readIndex',
  'retainSuffix',
  'jointConsensus',
  'noOpBeforeConfig',
  'catchUpBeforeVote',
  'honestNodes',
  'copyOnWrite',
  'groupCommit',
  'clientSessions',
  'sessionGuarantee',
] as const satisfies readonly RuleName[];

export const MESSAGE_KINDS = [
  'RequestVote',
  'RequestVoteReply',
  'PreVote',
  'PreVoteReply',
  'AppendEntries',
  'AppendEntriesReply',
  'InstallSnapshot',
  'InstallSnapshotReply',
  'TimeoutNow',
  'ReadIndex',
  'ReadIndexReply',
] as const satisfies readonly KindName[];

/** Levels of consistency, from strong to weak. The first implies all others. */
export const LEVELS = [
  'linearizable',
  'sequential',
  'monotonic-reads',
  'monotonic-writes',
  'read-your-writes',
  'writes-follow-reads',
] as const satisfies readonly Level[];

export const id = is.integer(0);
export const server = is.integer(1, is.MAX_SERVERS);
const named = is.object({ server });
/** Where something is done, if that is said. */
export const at = (options: { server?: number }): { server?: number } => named(options, 'options');
const permille = is.integer(0, 1_000);
export const rule: is.Check<RuleName> = (value, path) => {
  const found = RULE_NAMES.find((name) => name === value);
  if (!found)
    throw new RaftError('unknownRule', `${path}: there is no rule ${JSON.stringify(value) ?? 'undefined'}`, {
      path,
      rules: RULE_NAMES,
    });
  return found;
};
/** Whatever unit it has. */
const amount = is.milliseconds;
const kind = is.oneOf(...MESSAGE_KINDS);
const range = is.pair(is.milliseconds);

const weight = is.integer(0, 1_000_000);
const readMode = is.oneOf('readIndex', 'lease', 'local', 'session');

const clusterShape = is.object(
  {
    servers: is.integer(1, is.MAX_SERVERS),
    spares: is.integer(0, is.MAX_SERVERS - 1),
    seed: is.integer(0),
    rules: is.record(rule, is.boolean),
    options: is.object({
      electionTimeoutMs: range,
      heartbeatMs: is.milliseconds,
      maxAppendEntries: is.integer(1, 1_000_000),
      maxInflightMessages: is.integer(1, 1_000_000),
      maxUncommittedBytes: is.integer(1),
      maxSnapshotChunkBytes: is.integer(1),
      leaseDriftPermille: permille,
      compactEvery: is.integer(1, 1_000_000_000),
      snapshotMs: is.milliseconds,
    }),
    network: is.object({ latencyMs: range, lossPermille: permille, duplicatePermille: permille, manual: is.boolean }),
    disk: is.object({ latencyMs: is.milliseconds, maxLatencyMs: is.milliseconds }),
    clients: is.object({
      latencyMs: range,
      timeoutMs: is.milliseconds,
      retries: is.integer(0, 1_000),
      backoffMs: is.milliseconds,
    }),
    load: is.object({
      requestsPerSecond: is.integer(0, 1_000_000),
      clients: is.integer(0, 1_000),
      thinkMs: is.milliseconds,
      operations: is.object({ get: weight, put: weight, append: weight, cas: weight, delete: weight }),
      keys: is.integer(1, 1_000),
      readMode,
      startMs: is.milliseconds,
      endMs: is.milliseconds,
    }),
  },
  'servers',
);

export function clusterConfig(value: unknown): ClusterConfig {
  return clusterShape(value, 'config') as ClusterConfig;
}

const selectorShape = is.object({ kind, from: server, to: server, pick: is.oneOf('oldest', 'newest') });
const selector: is.Check<MessageSelector> = (value, path) =>
  (typeof value === 'number' ? id(value, path) : selectorShape(value, path)) as MessageSelector;

const type = is.text;
const onMessage = is.object({ type, message: selector }, 'message');
const onServer = is.object({ type, server }, 'server');
const onLink = is.object({ type, a: server, b: server, oneWay: is.boolean }, 'a', 'b');

const servers = is.list(server, is.MAX_SERVERS);
const membershipShape = {
  addLearner: server,
  addVoter: server,
  demote: server,
  remove: server,
  voters: servers,
  learners: servers,
};

const ACTIONS: Record<Action['type'], is.Check<unknown>> = {
  deliver: onMessage,
  drop: onMessage,
  duplicate: onMessage,
  hold: onMessage,
  release: onMessage,
  delay: is.object({ type, message: selector, ms: is.milliseconds }, 'message', 'ms'),
  cut: onLink,
  mend: onLink,
  partition: is.object({ type, groups: is.list(servers, is.MAX_SERVERS) }, 'groups'),
  heal: is.object({ type }),
  holdLink: onLink,
  releaseLink: onLink,
  flap: is.object(
    { type, a: server, b: server, upMs: is.milliseconds, downMs: is.milliseconds, oneWay: is.boolean },
    'a',
    'b',
    'upMs',
    'downMs',
  ),
  crash: is.object({ type, server, loseUnsynced: is.boolean }, 'server'),
  tear: is.object({ type, server, entries: is.integer(0, 1_000_000_000) }, 'server', 'entries'),
  restart: onServer,
  pause: onServer,
  resume: onServer,
  timeout: onServer,
  heartbeat: onServer,
  propose: is.object({ type, server, command: is.text }, 'server', 'command'),
  clientWrite: is.object({ type, client: is.text, key: is.text, value: is.text, server }, 'client', 'key', 'value'),
  clientAppend: is.object({ type, client: is.text, key: is.text, value: is.text, server }, 'client', 'key', 'value'),
  clientCas: is.object(
    { type, client: is.text, key: is.text, expected: is.text, value: is.text, server },
    'client',
    'key',
    'value',
  ),
  clientDelete: is.object({ type, client: is.text, key: is.text, server }, 'client', 'key'),
  clientSync: is.object({ type, client: is.text, server }, 'client'),
  clientRetry: is.object({ type, client: is.text, server }, 'client'),
  clientRead: is.object({ type, client: is.text, key: is.text, server, mode: readMode }, 'client', 'key'),
  snapshot: onServer,
  changeMembership: is.object({ type, server, ...membershipShape }),
  transferLeadership: is.object({ type, server, target: server }, 'target'),
  setClockRate: is.object({ type, server, permille: is.integer(0, 1_000_000) }, 'server', 'permille'),
  jumpClock: is.object({ type, server, ms: is.integer(-60_000, 60_000) }, 'server', 'ms'),
  setLatency: is.object(
    { type, a: server, b: server, minMs: is.milliseconds, maxMs: is.milliseconds, oneWay: is.boolean },
    'minMs',
    'maxMs',
  ),
  setLoss: is.object({ type, a: server, b: server, permille, oneWay: is.boolean }, 'permille'),
  setDuplication: is.object({ type, a: server, b: server, permille, oneWay: is.boolean }, 'permille'),
  setDiskLatency: is.object({ type, server, ms: is.milliseconds, maxMs: is.milliseconds }, 'server', 'ms'),
  setDiskLies: is.object({ type, server, on: is.boolean }, 'server', 'on'),
  setApplyLatency: is.object({ type, server, ms: is.milliseconds }, 'server', 'ms'),
  setRule: is.object({ type, rule, on: is.boolean }, 'rule', 'on'),
  note: is.object({ type, text: is.text }, 'text'),
};

export function action(value: unknown): Action {
  return tagged(ACTIONS, value, 'action') as Action;
}

/** A change of the membership as an action; its fields are checked again with the rest of it. */
export function membershipAction(change: Membership, at: { server?: number }): Action {
  return { type: 'changeMembership', ...at, ...is.object(membershipShape)(change, 'change') } as Action;
}

const role = is.oneOf('follower', 'preCandidate', 'candidate', 'leader');
const outcome = is.oneOf('ok', 'fail', 'unknown', 'pending');

const CONDITIONS: Record<Condition['type'], is.Check<unknown>> = {
  leader: is.object({ type, server, term: id }),
  role: is.object({ type, server, role }, 'server', 'role'),
  committed: is.object({ type, server, index: id, term: id }, 'index'),
  log: is.object({ type, server, terms: is.list(id, 10_000) }, 'server', 'terms'),
  state: is.object({ type, server, key: is.text, value: is.text }, 'server', 'key'),
  term: is.object({ type, server, term: id }, 'server', 'term'),
  converged: is.object({ type }),
  config: is.object({ type, server, voters: servers, outgoing: servers, learners: servers }, 'server', 'voters'),
  snapshot: is.object({ type, server, index: id }, 'server', 'index'),
  read: is.object({ type, client: is.text, value: is.text }, 'client'),
  message: is.object({ type, kind, from: server, to: server, atLeast: id, atMost: id }),
  roles: is.object({ type, role, atLeast: id, atMost: id }, 'role'),
  status: is.object({ type, server, status: is.oneOf('up', 'crashed', 'paused') }, 'server', 'status'),
  voted: is.object({ type, server, candidate: server }, 'server'),
  entry: is.object({ type, server, index: id, term: id, command: is.text }, 'server'),
  durable: is.object({ type, server, index: id }, 'server', 'index'),
  unsynced: is.object({ type, server, atLeast: id, atMost: id }, 'server'),
  behind: is.object({ type, server, atLeast: id, atMost: id }, 'server'),
  progress: is.object({ type, leader: server, follower: server, matchIndex: id, nextIndex: id }, 'leader', 'follower'),
  agree: is.object({ type, servers }),
  operation: is.object({ type, client: is.text, number: id, outcome }, 'client', 'outcome'),
  operations: is.object({ type, client: is.text, outcome, atLeast: id, atMost: id }, 'outcome'),
  tally: is.object({ type, of: is.oneOf('staleReads', 'conflicts'), atLeast: id, atMost: id }, 'of'),
  lapse: is.object({ type, habit: is.text }),
  violation: is.object({ type, invariant: is.text }),
  metric: is.object({ type, name: is.text, server, atLeast: amount, atMost: amount }, 'name'),
  history: is.object({ type, level: is.oneOf(...LEVELS), holds: is.boolean }, 'level'),
  not: is.object({ type, condition: (value, path) => tagged(CONDITIONS, value, path) }, 'condition'),
  all: is.object({ type, conditions: is.list((value, path) => tagged(CONDITIONS, value, path)) }, 'conditions'),
  any: is.object({ type, conditions: is.list((value, path) => tagged(CONDITIONS, value, path)) }, 'conditions'),
};

export function condition(value: unknown): Condition {
  return tagged(CONDITIONS, value, 'condition') as Condition;
}

function tagged(shapes: Record<string, is.Check<unknown>>, value: unknown, path: string): unknown {
  const tag: unknown = typeof value === 'object' && value !== null ? (value as { type?: unknown }).type : undefined;
  const shape = typeof tag === 'string' && Object.hasOwn(shapes, tag) ? shapes[tag] : undefined;
  if (!shape) {
    throw new RaftError('invalidArgument', `${path}.type must be one of ${Object.keys(shapes).join(', ')}`, {
      path: `${path}.type`,
    });
  }
  return shape(value, path);
}
