import type { Action, MessageSelector } from '../engine.js';

type Kind = Action['type'];
type ActionOf<K extends Kind> = Extract<Action, { type: K }>;
/** A sentence for every kind of action. */
export type ActionSentences = { [K in Kind]: (action: ActionOf<K>) => string };

/** What a person does, in English. */
export function englishAction(action: Action): string {
  return (SENTENCES[action.type] as (action: Action) => string)(action);
}

/** What a client does that compares and sets. */
export const compareAndSet = (key: string, expected: string | null | undefined, value: string | null): string =>
  `sets ${key} to ${value} if it is ${expected ?? 'not set'}`;

/** The name of a rule as the command line spells it: `pre-vote`. */
export const ruleInWords = (rule: string): string => rule.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

/** A stretch of time, to the microsecond. */
export const exactMs = (ms: number): string => `${ms.toFixed(3)} ms`;

/** Servers of a list. */
export const serverList = (ids: readonly number[]): string => ids.map((id) => `S${id}`).join(' ');

const at = (server: number | undefined, word = ' at'): string => (server === undefined ? '' : `${word} S${server}`);
const servers = (ids: readonly number[]): string => (ids.length === 0 ? 'nobody' : serverList(ids));

interface OnLink {
  a?: number;
  b?: number;
  oneWay?: boolean;
}
function link({ a, b, oneWay }: OnLink): string {
  if (a === undefined || b === undefined) return 'everywhere';
  return oneWay ? `from S${a} to S${b}` : `between S${a} and S${b}`;
}

function which(message: MessageSelector): string {
  if (typeof message === 'number') return `message ${message}`;
  const { kind, from, to, pick } = message;
  return `the ${pick ?? 'oldest'} ${kind ?? 'message'}${from === undefined ? '' : ` from S${from}`}${to === undefined ? '' : ` to S${to}`}`;
}

const READS = {
  readIndex: '',
  lease: ' under a lease',
  local: ' without asking who leads',
  session: ', not older than what it has seen',
};

export const SENTENCES: ActionSentences = {
  deliver: ({ message }) => `deliver ${which(message)}`,
  drop: ({ message }) => `drop ${which(message)}`,
  duplicate: ({ message }) => `duplicate ${which(message)}`,
  delay: ({ message, ms }) => `delay ${which(message)} by ${exactMs(ms)}`,
  hold: ({ message }) => `hold ${which(message)}`,
  release: ({ message }) => `release ${which(message)}`,
  cut: (on) => `cut the link ${link(on)}`,
  mend: (on) => `mend the link ${link(on)}`,
  partition: ({ groups }) => `partition: ${groups.map(serverList).join(' | ')}`,
  heal: () => 'mend all links',
  holdLink: (on) => `keep the messages ${link(on)}`,
  releaseLink: (on) => `let the messages ${link(on)} go`,
  flap: (on) =>
    `let the link ${link(on)} work for ${exactMs(on.upMs)} and be cut for ${exactMs(on.downMs)}, again and again`,
  crash: ({ server, loseUnsynced }) => `crash S${server}${loseUnsynced === false ? ', its disk finishes' : ''}`,
  tear: ({ server, entries }) =>
    `crash S${server} in the middle of a write, of which ${entries} entries reach the disk`,
  restart: ({ server }) => `restart S${server}`,
  pause: ({ server }) => `pause S${server}`,
  resume: ({ server }) => `resume S${server}`,
  timeout: ({ server }) => `fire the election timer of S${server}`,
  heartbeat: ({ server }) => `fire the heartbeat timer of S${server}`,
  propose: ({ server, command }) => `propose ${JSON.stringify(command)} at S${server}`,
  clientWrite: ({ client, key, value, server }) => `client ${client} writes ${key} = ${value}${at(server)}`,
  clientAppend: ({ client, key, value, server }) => `client ${client} appends ${value} to ${key}${at(server)}`,
  clientCas: ({ client, key, expected, value, server }) =>
    `client ${client} ${compareAndSet(key, expected, value)}${at(server, ', at')}`,
  clientDelete: ({ client, key, server }) => `client ${client} deletes ${key}${at(server)}`,
  clientSync: ({ client, server }) => `client ${client} catches up with the leader${at(server, ', asking')}`,
  clientRetry: ({ client, server }) => `client ${client} sends its last write again${at(server)}`,
  clientRead: ({ client, key, server, mode = 'readIndex' }) =>
    `client ${client} reads ${key}${at(server)}${READS[mode]}`,
  snapshot: ({ server }) => `let S${server} take a snapshot`,
  changeMembership: (change) => `${membership(change)}${at(change.server, ', at')}`,
  transferLeadership: ({ server, target }) => `hand leadership${at(server, ' from')} to S${target}`,
  setClockRate: ({ server, permille }) => `let the clock of S${server} run at ${permille} ‰`,
  jumpClock: ({ server, ms }) =>
    ms < 0
      ? `set the clock of S${server} back by ${-ms} ms: it stands still for so long`
      : `set the clock of S${server} forward by ${ms} ms`,
  setLatency: (on) => `latency ${exactMs(on.minMs)} to ${exactMs(on.maxMs)} ${link(on)}`,
  setLoss: (on) => `lose ${on.permille} ‰ of the messages ${link(on)}`,
  setDuplication: (on) => `deliver ${on.permille} ‰ of the messages ${link(on)} twice`,
  setDiskLatency: ({ server, ms, maxMs }) =>
    `let the disk of S${server} take ${exactMs(ms)}${maxMs === undefined ? '' : ` to ${exactMs(maxMs)}`}`,
  setDiskLies: ({ server, on }) =>
    on ? `let the disk of S${server} lie about what is durable` : `let the disk of S${server} keep what it says`,
  setApplyLatency: ({ server, ms }) => `let S${server} take ${exactMs(ms)} to apply an entry`,
  setRule: ({ rule, on }) => `switch the rule ${ruleInWords(rule)} ${on ? 'on' : 'off'}`,
  note: ({ text }) => text,
};

function membership(change: ActionOf<'changeMembership'>): string {
  if ('addLearner' in change) return `let S${change.addLearner} learn the log`;
  if ('addVoter' in change) return `make S${change.addVoter} a voter`;
  if ('demote' in change) return `take the vote from S${change.demote}`;
  if ('remove' in change) return `remove S${change.remove}`;
  const { voters, learners = [] } = change;
  return `change the configuration to voters ${servers(voters)}${learners.length === 0 ? '' : ` and learners ${servers(learners)}`}`;
}
