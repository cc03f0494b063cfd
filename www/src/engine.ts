import * as is from './engine/arguments.js';
import { isErrorShape, type PanicDetails, RaftError, type RecordedCall } from './engine/error.js';
import { EXPORT_FORMATS, type ExportFormat } from './engine/export.js';
import { Frame } from './engine/frame.js';
import { decodeLink, encodeLink } from './engine/link.js';
import { type WasmSource, wasmModule } from './engine/module.js';
import { CallRecorder } from './engine/recording.js';
import * as shapes from './engine/shapes.js';
import {
  type Action,
  type ActOutcome,
  type BranchView,
  type ClusterConfig,
  type Condition,
  createGlue,
  type EventView,
  type ExpectationView,
  type Glue,
  type LogWindow,
  type Marker,
  type Membership,
  type MessageSelector,
  type MessageView,
  type MetricsReport,
  type OperationView,
  type RuleName,
  type RuleView,
  type Run,
  type Scenario,
  type ServerView,
  type Simulation,
  type ViolationView,
  type Vocabularies,
} from './generated/glue.js';

export { MAX_SERVERS } from './engine/arguments.js';
export { type PanicDetails, RaftError, type RecordedCall } from './engine/error.js';
export { EXPORT_FORMATS, type ExportFormat } from './engine/export.js';
export {
  Frame,
  type FrameHeader,
  type FrameMessage,
  type FrameProgress,
  type FrameServer,
  MEMBER,
  MESSAGE_KIND,
  ROLE,
  STATUS,
  TIMER,
} from './engine/frame.js';
export type { WasmSource } from './engine/module.js';
export { MESSAGE_KINDS } from './engine/shapes.js';
export type {
  Action,
  ActOutcome,
  BranchView,
  ClusterConfig,
  Condition,
  EventView,
  ExpectationView,
  KindName as MessageKind,
  LogEntryView,
  LogWindow,
  Marker,
  Membership,
  MessageSelector,
  MessageView,
  MetricsReport,
  OperationView,
  RoleName as Role,
  RuleName,
  RuleView,
  Run,
  Scenario,
  ScriptStep,
  ServerView,
  ViolationView,
  Vocabularies,
} from './generated/glue.js';

const MAX_JSON = 64_000_000;
const MAX_STEPS = 10_000_000;
const DEFAULT_STEPS = 1_000_000;

/**
 * One Raft cluster with its own engine, in a page, a worker or Node.
 *
 * Every method checks its arguments and throws `RaftError` without changing anything when one is wrong.
 * After a panic (`code: 'panic'`, a bug of this project) the cluster is dead and every call throws that
 * same error; other clusters go on.
 */
export class Cluster {
  #simulation: Simulation | undefined;
  #dead: RaftError | undefined;
  readonly #frame: Frame;
  readonly #vocabularies: Vocabularies;
  /** Whether the frame was read before the last change. */
  #stale = true;
  readonly #calls = new CallRecorder();
  #seed: number | null = null;

  private constructor(glue: Glue, made: RecordedCall, make: (glue: Glue) => Simulation) {
    this.#calls.add(made);
    try {
      this.#simulation = make(glue);
      this.#frame = new Frame(glue.Simulation.frameLayout());
      this.#vocabularies = glue.Simulation.vocabularies();
      this.#seed = this.#simulation.scenario().cluster.seed ?? null;
    } catch (error) {
      throw this.#translate(error);
    }
  }

  /** A fresh cluster: `Cluster.create({ servers: 5, seed: 42, rules: { preVote: false } })`. */
  static async create(config: ClusterConfig, source: WasmSource = {}): Promise<Cluster> {
    const checked = shapes.clusterConfig(config);
    const glue = await instantiate(source);
    return new Cluster(glue, ['create', checked], ({ Simulation }) => Simulation.create(checked));
  }

  /** A scenario file, as JSON text or as the parsed object. Errors name the JSON path. */
  static async fromScenario(scenario: string | Scenario, source: WasmSource = {}): Promise<Cluster> {
    const json = typeof scenario === 'string' ? scenario : JSON.stringify(scenario);
    is.longText(MAX_JSON)(json, 'scenario');
    const glue = await instantiate(source);
    return new Cluster(glue, ['fromScenario', json], ({ Simulation }) => Simulation.fromScenario(json));
  }

  /** What `save()` returned. */
  static async load(recording: string, source: WasmSource = {}): Promise<Cluster> {
    is.longText(MAX_JSON)(recording, 'recording');
    const glue = await instantiate(source);
    return new Cluster(glue, ['load', recording], ({ Simulation }) => Simulation.load(recording));
  }

  /** What `link()` returned, with or without the `#`. */
  static async fromLink(hash: string, source: WasmSource = {}): Promise<Cluster> {
    is.longText(MAX_JSON)(hash, 'hash');
    return Cluster.load(await decodeLink(hash), source);
  }

  // ---------------------------------------------------------------- time

  /** Lets `n` milliseconds of simulated time pass (one tick of a server with an exact clock is one). */
  tick(n = 1): number {
    return this.advance(is.integer(0, 1_000_000_000)(n, 'n'));
  }

  /** Lets simulated time pass. Returns the steps executed. */
  advance(ms: number, limit: { maxSteps?: number } = {}): number {
    const duration = is.milliseconds(ms, 'ms');
    const max = maxSteps(limit);
    return this.#change('advance', [duration, max], (s) => s.advanceTo(this.#read(s).header.timeMs + duration, max));
  }

  /** Runs every step due up to a moment; stops early after `maxSteps`. Returns the steps executed. */
  advanceTo(timeMs: number, limit: { maxSteps?: number } = {}): number {
    const time = is.milliseconds(timeMs, 'timeMs');
    const max = maxSteps(limit);
    return this.#change('advanceTo', [time, max], (s) => s.advanceTo(time, max));
  }

  /** Executes the next delivery, timer, disk completion or action. `false`: nothing is scheduled. */
  step(): boolean {
    return this.#change('step', [], (s) => s.step());
  }

  /** Goes back by `n` steps, to the beginning at most. Nothing is forgotten: `step()` repeats the recorded run. */
  stepBack(n = 1): void {
    const back = is.integer(0)(n, 'n');
    this.#change('stepBack', [back], (s) => s.seek(Math.max(0, this.#read(s).header.step - back)));
  }

  /** Runs until the condition holds. `held: false` when `maxSteps` were used up or nothing is scheduled. */
  runUntil(condition: Condition, limit: { maxSteps?: number } = {}): { held: boolean; steps: number } {
    const checked = shapes.condition(condition);
    const max = maxSteps(limit);
    return this.#change('runUntil', [checked, max], (s) => s.runUntil(checked, max));
  }

  /** Runs until the script is over. `false` when `maxSteps` were used up. */
  runScript(limit: { maxSteps?: number } = {}): boolean {
    const max = maxSteps(limit);
    return this.#change('runScript', [max], (s) => s.runScript(max));
  }

  /** Shows any recorded step of the current branch. */
  seek(step: number): void {
    const to = is.integer(0)(step, 'step');
    this.#change('seek', [to], (s) => s.seek(to));
  }

  seekTime(timeMs: number): void {
    const time = is.milliseconds(timeMs, 'timeMs');
    this.#change('seekTime', [time], (s) => s.seekTime(time));
  }

  /** The latest recorded step at or before a moment. */
  stepAt(timeMs: number): number {
    const time = is.milliseconds(timeMs, 'timeMs');
    return this.#look((s) => s.stepAt(time));
  }

  // ---------------------------------------------------------------- acting

  /** Anything a person can do, as data. In the past this opens a new branch and leaves the old one untouched. */
  act(action: Action): ActOutcome {
    const checked = shapes.action(action);
    return this.#change('act', [checked], (s) => s.act(checked));
  }

  deliver(message: MessageSelector): ActOutcome {
    return this.act({ type: 'deliver', message });
  }

  drop(message: MessageSelector): ActOutcome {
    return this.act({ type: 'drop', message });
  }

  duplicate(message: MessageSelector): ActOutcome {
    return this.act({ type: 'duplicate', message });
  }

  delay(message: MessageSelector, ms: number): ActOutcome {
    return this.act({ type: 'delay', message, ms });
  }

  /** Keeps a message in flight until it is released or delivered by hand. */
  hold(message: MessageSelector): ActOutcome {
    return this.act({ type: 'hold', message });
  }

  release(message: MessageSelector): ActOutcome {
    return this.act({ type: 'release', message });
  }

  crash(server: number, options: { loseUnsynced?: boolean } = {}): ActOutcome {
    return this.act({ type: 'crash', server, ...is.object({ loseUnsynced: is.boolean })(options, 'options') });
  }

  restart(server: number): ActOutcome {
    return this.act({ type: 'restart', server });
  }

  pause(server: number): ActOutcome {
    return this.act({ type: 'pause', server });
  }

  resume(server: number): ActOutcome {
    return this.act({ type: 'resume', server });
  }

  /** Cuts a link both ways, or with `oneWay` only a → b. */
  cut(a: number, b: number, options: { oneWay?: boolean } = {}): ActOutcome {
    return this.act({ type: 'cut', a, b, ...is.object({ oneWay: is.boolean })(options, 'options') });
  }

  mend(a: number, b: number, options: { oneWay?: boolean } = {}): ActOutcome {
    return this.act({ type: 'mend', a, b, ...is.object({ oneWay: is.boolean })(options, 'options') });
  }

  /** Servers that no group names form a group of their own each. */
  partition(groups: number[][]): ActOutcome {
    return this.act({ type: 'partition', groups });
  }

  /** Mends all links. */
  heal(): ActOutcome {
    return this.act({ type: 'heal' });
  }

  /** Lets a server's election timer run out now. */
  timeout(server: number): ActOutcome {
    return this.act({ type: 'timeout', server });
  }

  /** Lets a leader's heartbeat timer run out now. */
  heartbeat(server: number): ActOutcome {
    return this.act({ type: 'heartbeat', server });
  }

  propose(server: number, command: string): ActOutcome {
    return this.act({ type: 'propose', server, command });
  }

  /** Lets a server take a snapshot, which replaces its log up to there. */
  snapshot(server: number): ActOutcome {
    return this.act({ type: 'snapshot', server });
  }

  /**
   * Changes who belongs to the cluster: `{ addLearner: 6 }`, `{ addVoter: 6 }`, `{ demote: 2 }`, `{ remove: 2 }`, or any
   * change at once through joint consensus: `{ voters: [1, 2, 6], learners: [3] }`. The leader is asked unless a server
   * is named; when it refuses, the event `refused` says why.
   */
  changeMembership(change: Membership, options: { server?: number } = {}): ActOutcome {
    return this.act(shapes.membershipAction(change, onServer(options)));
  }

  /** Hands leadership to a server. When the leader refuses, the event `refused` says why. */
  transferLeadership(target: number, options: { server?: number } = {}): ActOutcome {
    return this.act({ type: 'transferLeadership', target, ...onServer(options) });
  }

  /** Switches one safeguard of Raft or of the servers around it on or off. */
  setRule(rule: RuleName, on: boolean): ActOutcome {
    return this.act({ type: 'setRule', rule, on });
  }

  client(name: string): Client {
    return new Client(this, is.text(name, 'name'));
  }

  // ---------------------------------------------------------------- branches

  /** Opens a new branch at the present position and returns its id. */
  fork(): number {
    return this.#change('fork', [], (s) => s.fork());
  }

  branches(): BranchView[] {
    return this.#look((s) => s.branches());
  }

  switchBranch(id: number, step?: number): void {
    const branch = shapes.id(id, 'id');
    const to = step === undefined ? undefined : is.integer(0)(step, 'step');
    this.#change('switchBranch', [branch, to], (s) => s.switchBranch(branch, to));
  }

  // ---------------------------------------------------------------- looking

  /** What is drawn every frame. The same object is filled again by the first call after a change. */
  frame(): Frame {
    return this.#look((s) => this.#read(s));
  }

  /** The present state as fresh plain objects, friendly to `console.table`. */
  view(): ClusterView {
    return this.#look((s) => {
      const { header } = this.#read(s);
      const servers = Array.from({ length: header.servers }, (_, i) => s.inspect(i + 1));
      return {
        timeMs: header.timeMs,
        step: header.step,
        headStep: header.headStep,
        branch: header.branch,
        servers,
        messages: s.messages(),
      };
    });
  }

  log(server: number, firstIndex = 1, count = 1_000): LogWindow {
    const id = shapes.server(server, 'server');
    const first = is.integer(0)(firstIndex, 'firstIndex');
    const length = is.integer(0, 1_000_000)(count, 'count');
    return this.#look((s) => s.log(id, first, length));
  }

  inspect(server: number): ServerView {
    const id = shapes.server(server, 'server');
    return this.#look((s) => s.inspect(id));
  }

  messages(): MessageView[] {
    return this.#look((s) => s.messages());
  }

  /** Events up to the present position, from event id `since`. */
  events(options: { since?: number; limit?: number } = {}): EventView[] {
    const { since = 0, limit = 1_000 } = is.object({ since: is.integer(0), limit: is.integer(0, 1_000_000) })(
      options,
      'options',
    );
    return this.#look((s) => s.events(since, limit));
  }

  /** What clients asked for and were answered, in the order of their calls, from operation `since`. */
  history(options: { since?: number; limit?: number } = {}): OperationView[] {
    const { since = 0, limit = 1_000 } = is.object({ since: is.integer(0), limit: is.integer(0, 1_000_000) })(
      options,
      'options',
    );
    return this.#look((s) => s.history(since, limit));
  }

  /** The chain of causes of an event, first cause first. */
  explain(eventId: number): EventView[] {
    const id = shapes.id(eventId, 'eventId');
    return this.#look((s) => s.explain(id));
  }

  /**
   * Throughput, latency, messages, syncs, sizes and downtime up to the present position: in total, and over time in windows of
   * `windowMs`, or longer ones if there would be too many. The run is repeated for that.
   */
  metrics(options: { windowMs?: number } = {}): MetricsReport {
    const { windowMs = 100 } = is.object({ windowMs: is.milliseconds })(options, 'options');
    return this.#look((s) => s.metrics(windowMs));
  }

  violations(): ViolationView[] {
    return this.#look((s) => s.violations());
  }

  /** Elections, faults, commits and actions of the whole current branch. */
  markers(): Marker[] {
    return this.#look((s) => s.markers());
  }

  /** What the scenario claims, as far as it has been decided. */
  expectations(): ExpectationView[] {
    return this.#look((s) => s.expectations());
  }

  /**
   * All runs of the experiment: its own and those of its variants, each with the rule that it is about and without. Each
   * is a scenario for `fromScenario`.
   */
  runs(): Run[] {
    return this.#look((s) => s.runs());
  }

  /** What did not go as the scenario says, for a person to read; empty if all went well. */
  problems(): string[] {
    return this.#look((s) => s.problems());
  }

  /** How many lines of the scenario's script are done. */
  scriptPosition(): number {
    return this.#look((s) => s.scriptPosition());
  }

  scenario(): Scenario {
    return this.#look((s) => s.scenario());
  }

  rules(): RuleView[] {
    return this.#look((s) => s.rules());
  }

  /** 16 hexadecimal digits, equal to those of the native test at the same step. */
  stateHash(): string {
    return this.#look((s) => s.stateHash());
  }

  traceHash(): string {
    return this.#look((s) => s.traceHash());
  }

  /** The names of messages, roles and state in the words of the paper and in those of etcd. */
  vocabularies(): Vocabularies {
    return this.#vocabularies;
  }

  /** The seed that makes this run; `null` only when the engine died before it could say. */
  get seed(): number | null {
    return this.#seed;
  }

  // ---------------------------------------------------------------- keeping

  /** The whole run as JSON: configuration, script, what was done by hand, branches. */
  save(): string {
    return this.#look((s) => s.save());
  }

  /**
   * The present branch, from its start to the present moment, in the format of another tool. A run that the format cannot
   * tell is refused.
   */
  export(format: ExportFormat): string {
    const name = is.oneOf(...EXPORT_FORMATS)(format, 'format');
    return this.#look((s) => s.export(name));
  }

  /** The run as the hash of a URL. */
  async link(): Promise<string> {
    return encodeLink(this.save());
  }

  /** Frees the engine's memory. Every later call throws `RaftError` with code `disposed`. */
  dispose(): void {
    const simulation = this.#simulation;
    this.#simulation = undefined;
    if (this.#dead || !simulation) return;
    try {
      simulation.free();
    } catch {
      // The instance is given up either way.
    }
  }

  [Symbol.dispose](): void {
    this.dispose();
  }

  #read(simulation: Simulation): Frame {
    if (this.#stale) this.#frame.decode(simulation.frame());
    this.#stale = false;
    return this.#frame;
  }

  #change<T>(method: string, args: unknown[], call: (simulation: Simulation) => T): T {
    this.#calls.add([method, ...args]);
    try {
      return this.#look(call);
    } finally {
      this.#stale = true;
    }
  }

  #look<T>(call: (simulation: Simulation) => T): T {
    if (this.#dead) throw this.#dead;
    if (!this.#simulation) throw new RaftError('disposed', 'this cluster has been disposed of');
    try {
      return call(this.#simulation);
    } catch (error) {
      throw this.#translate(error);
    }
  }

  /** Anything but the error shape of the Rust side means that the instance can no longer be trusted. */
  #translate(error: unknown): RaftError {
    if (error instanceof RaftError) return error;
    if (isErrorShape(error)) return new RaftError(error.code, error.message, error.details);
    const trap = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
    const details: PanicDetails = {
      seed: this.#seed,
      ...this.#calls.report(),
      trap,
    };
    this.#dead = new RaftError(
      'panic',
      `the engine of this cluster has failed, which is a bug in raft-playground (${trap})`,
      details,
    );
    return this.#dead;
  }
}

/** A client of the cluster, which finds the leader itself unless a server is named. */
export class Client {
  readonly #cluster: Cluster;
  readonly name: string;

  constructor(cluster: Cluster, name: string) {
    this.#cluster = cluster;
    this.name = name;
  }

  put(key: string, value: string, options: { server?: number } = {}): ActOutcome {
    return this.#cluster.act({
      type: 'clientWrite',
      client: this.name,
      key,
      value,
      ...onServer(options),
    });
  }

  /** Adds to the end of the value; a key that is not set counts as empty. */
  append(key: string, value: string, options: { server?: number } = {}): ActOutcome {
    return this.#cluster.act({ type: 'clientAppend', client: this.name, key, value, ...onServer(options) });
  }

  /**
   * Sets a key if it has the expected value, or with `null` if it is not set (compare and set). Whether it had stands in
   * `cluster.history()` at `outcome.operation`, as `matched`.
   */
  cas(key: string, expected: string | null, value: string, options: { server?: number } = {}): ActOutcome {
    const condition = expected === null ? {} : { expected };
    return this.#cluster.act({ type: 'clientCas', client: this.name, key, value, ...condition, ...onServer(options) });
  }

  /** Unsets a key. */
  delete(key: string, options: { server?: number } = {}): ActOutcome {
    return this.#cluster.act({ type: 'clientDelete', client: this.name, key, ...onServer(options) });
  }

  /** Catches up with the leader: the next session read is not older than what is committed now, whichever server it asks. */
  sync(options: { server?: number } = {}): ActOutcome {
    return this.#cluster.act({ type: 'clientSync', client: this.name, ...onServer(options) });
  }

  /** Sends the last write again, in the same session: it is carried out once. */
  retry(options: { server?: number } = {}): ActOutcome {
    return this.#cluster.act({ type: 'clientRetry', client: this.name, ...onServer(options) });
  }

  /**
   * Reads a key. The answer may take a while: it stands in `cluster.history()` at `outcome.operation`. A linearizable
   * read is up to date, a lease spares the round of heartbeats where clocks can be trusted, and a local read is
   * answered at once from a state that may be old; a session read waits until it is not older than what the client has
   * seen before.
   */
  get(key: string, options: { consistency?: Consistency; server?: number } = {}): ActOutcome {
    const { consistency = 'linearizable', ...at } = is.object({
      consistency: is.oneOf('linearizable', 'lease', 'local', 'session'),
      server: shapes.server,
    })(options, 'options');
    const mode = consistency === 'linearizable' ? 'readIndex' : consistency;
    return this.#cluster.act({ type: 'clientRead', client: this.name, key, mode, ...at });
  }
}

/** What a read promises. */
export type Consistency = 'linearizable' | 'lease' | 'local' | 'session';

export interface ClusterView {
  timeMs: number;
  step: number;
  headStep: number;
  branch: number;
  servers: ServerView[];
  messages: MessageView[];
}

async function instantiate(source: WasmSource): Promise<Glue> {
  return createGlue(await wasmModule(source, new URL('./generated/raft_wasm_bg.wasm', import.meta.url)));
}

function onServer(options: { server?: number }): { server?: number } {
  return is.object({ server: shapes.server })(options, 'options');
}

function maxSteps(limit: { maxSteps?: number }): number {
  return is.object({ maxSteps: is.integer(0, MAX_STEPS) })(limit, 'options').maxSteps ?? DEFAULT_STEPS;
}
