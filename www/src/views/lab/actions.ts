import type { Action, Scenario } from '../../model.js';

type Selector = Extract<Action, { type: 'deliver' }>['message'];
type Membership = Extract<Action, { type: 'changeMembership' }>;

/** What a line of a script does, as the engine says it of an event. */
export function actionInEnglish(action: Action): string {
  switch (action.type) {
    case 'deliver':
    case 'drop':
    case 'duplicate':
    case 'hold':
    case 'release':
      return `${action.type} ${which(action.message)}`;
    case 'delay':
      return `delay ${which(action.message)} by ${time(action.ms)}`;
    case 'cut':
    case 'mend':
      return `${action.type} the link ${link(action)}`;
    case 'holdLink':
      return `keep the messages ${link(action)}`;
    case 'releaseLink':
      return `let the messages ${link(action)} go`;
    case 'flap':
      return `let the link ${link(action)} work for ${time(action.upMs)} and be cut for ${time(action.downMs)}, again and again`;
    case 'partition':
      return `partition: ${action.groups.map((group) => ids(group)).join(' | ')}`;
    case 'heal':
      return 'mend all links';
    case 'crash':
      return `crash S${action.server}${(action.loseUnsynced ?? true) ? '' : ', its disk finishes'}`;
    case 'tear':
      return `crash S${action.server} in the middle of a write, of which ${action.entries} entries reach the disk`;
    case 'restart':
    case 'pause':
    case 'resume':
      return `${action.type} S${action.server}`;
    case 'timeout':
      return `fire the election timer of S${action.server}`;
    case 'heartbeat':
      return `fire the heartbeat timer of S${action.server}`;
    case 'propose':
      return `propose ${JSON.stringify(action.command)} at S${action.server}`;
    case 'clientWrite':
      return `client ${action.client} writes ${action.key} = ${action.value}${at(' at', action.server)}`;
    case 'clientAppend':
      return `client ${action.client} appends ${action.value} to ${action.key}${at(' at', action.server)}`;
    case 'clientCas':
      return `client ${action.client} sets ${action.key} to ${action.value} if it is ${action.expected ?? 'not set'}${at(', at', action.server)}`;
    case 'clientDelete':
      return `client ${action.client} deletes ${action.key}${at(' at', action.server)}`;
    case 'clientSync':
      return `client ${action.client} catches up with the leader${at(', asking', action.server)}`;
    case 'clientRetry':
      return `client ${action.client} sends its last write again${at(' at', action.server)}`;
    case 'clientRead':
      return `client ${action.client} reads ${action.key}${at(' at', action.server)}${READS[action.mode ?? 'readIndex']}`;
    case 'snapshot':
      return `let S${action.server} take a snapshot`;
    case 'changeMembership':
      return `${membership(action)}${at(', at', action.server)}`;
    case 'transferLeadership':
      return `hand leadership${at(' from', action.server)} to S${action.target}`;
    case 'setClockRate':
      return `let the clock of S${action.server} run at ${action.permille} ‰`;
    case 'jumpClock':
      return action.ms < 0
        ? `set the clock of S${action.server} back by ${-action.ms} ms: it stands still for so long`
        : `set the clock of S${action.server} forward by ${action.ms} ms`;
    case 'setLatency':
      return `latency ${time(action.minMs)} to ${time(action.maxMs)} ${link(action)}`;
    case 'setLoss':
      return `lose ${action.permille} ‰ of the messages ${link(action)}`;
    case 'setDuplication':
      return `deliver ${action.permille} ‰ of the messages ${link(action)} twice`;
    case 'setDiskLatency':
      return `let the disk of S${action.server} take ${time(action.ms)}${action.maxMs == null ? '' : ` to ${time(action.maxMs)}`}`;
    case 'setDiskLies':
      return `let the disk of S${action.server} ${action.on ? 'lie about what is durable' : 'keep what it says'}`;
    case 'setApplyLatency':
      return `let S${action.server} take ${time(action.ms)} to apply an entry`;
    case 'setRule':
      return `switch the rule ${dashed(action.rule)} ${action.on ? 'on' : 'off'}`;
    case 'note':
      return action.text;
  }
}

export interface Step {
  timeMs: number | null;
  action: Action;
}

/** What is done in a scenario, line by line. */
export function stepsOf({ script = [] }: Scenario): Step[] {
  return script.flatMap(({ atMs, do: action }) => (action ? [{ timeMs: atMs ?? null, action }] : []));
}

const READS = {
  readIndex: '',
  lease: ' under a lease',
  local: ' without asking who leads',
  session: ', not older than what it has seen',
};

/** A second has so many digits in the engine, too. */
const time = (ms: number): string => `${ms.toFixed(3)} ms`;

const at = (word: string, server: number | undefined): string => (server == null ? '' : `${word} S${server}`);

const ids = (servers: readonly number[]): string =>
  servers.length === 0 ? 'nobody' : servers.map((id) => `S${id}`).join(' ');

const dashed = (name: string): string => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

function link({ a, b, oneWay = false }: { a?: number; b?: number; oneWay?: boolean }): string {
  if (a == null || b == null) return 'everywhere';
  return oneWay ? `from S${a} to S${b}` : `between S${a} and S${b}`;
}

function which(message: Selector): string {
  if (typeof message === 'number') return `message ${message}`;
  const { kind = 'message', from, to, pick = 'oldest' } = message;
  return `the ${pick} ${kind}${at(' from', from)}${at(' to', to)}`;
}

function membership(change: Membership): string {
  if ('addLearner' in change) return `let S${change.addLearner} learn the log`;
  if ('addVoter' in change) return `make S${change.addVoter} a voter`;
  if ('demote' in change) return `take the vote from S${change.demote}`;
  if ('remove' in change) return `remove S${change.remove}`;
  const { voters, learners = [] } = change;
  const more = learners.length === 0 ? '' : ` and learners ${ids(learners)}`;
  return `change the configuration to voters ${ids(voters)}${more}`;
}
