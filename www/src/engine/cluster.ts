import type {
  Action,
  ActOutcome,
  BranchView,
  ClusterConfig,
  Condition,
  ExpectationView,
  LogWindow,
  MetricsReport,
  OperationView,
  RuleView,
  Run,
  Scenario,
  Vocabularies,
} from '../generated/glue.js';
import { Acting } from './acting.js';
import * as is from './arguments.js';
import type { ExportFormat } from './export.js';
import type { Frame } from './frame.js';
import type { EventView, Marker, MessageView, ServerView, ViolationView } from './happenings.js';
import { type EngineSource, Instance } from './instance.js';
import { decodeLink, encodeLink } from './link.js';
import * as shapes from './shapes.js';
import { tellEvent, tellMarker, tellMessage, tellServer, tellViolation } from './telling.js';

const MAX_STEPS = 10_000_000;
const DEFAULT_STEPS = 1_000_000;

/**
 * One Raft cluster with its own engine, in a page, a worker or Node.
 *
 * Every method checks its arguments and throws `RaftError` without changing anything when one is wrong.
 * After a panic (`code: 'panic'`, a bug of this project) the cluster is dead and every call throws that
 * same error; other clusters go on.
 */
export class Cluster extends Acting {
  readonly #instance: Instance;

  private constructor(instance: Instance) {
    super();
    this.#instance = instance;
  }

  /** A fresh cluster: `Cluster.create({ servers: 5, seed: 42, rules: { preVote: false } })`. */
  static async create(config: ClusterConfig, source: EngineSource = {}): Promise<Cluster> {
    const checked = shapes.clusterConfig(config);
    return new Cluster(await Instance.make(source, ['create', checked], (simulations) => simulations.create(checked)));
  }

  /**
   * A scenario file, as JSON text or as the parsed object. Errors name the JSON path. One whose servers follow another design
   * than Raft is refused (`unsupportedByDesign`): `Workshop.playScenario` plays it.
   */
  static async fromScenario(scenario: string | Scenario, source: EngineSource = {}): Promise<Cluster> {
    const json = typeof scenario === 'string' ? scenario : JSON.stringify(scenario);
    is.longText(is.MAX_JSON)(json, 'scenario');
    return new Cluster(
      await Instance.make(source, ['fromScenario', json], (simulations) => simulations.fromScenario(json)),
    );
  }

  /** What `save()` returned. */
  static async load(recording: string, source: EngineSource = {}): Promise<Cluster> {
    is.longText(is.MAX_JSON)(recording, 'recording');
    return new Cluster(await Instance.make(source, ['load', recording], (simulations) => simulations.load(recording)));
  }

  /** What `link()` returned, with or without the `#`. */
  static async fromLink(hash: string, source: EngineSource = {}): Promise<Cluster> {
    is.longText(is.MAX_JSON)(hash, 'hash');
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
    return this.#instance.change('advance', [duration, max], (s) =>
      s.advanceTo(this.#instance.read(s).header.timeMs + duration, max),
    );
  }

  /** Runs every step due up to a moment; stops early after `maxSteps`. Returns the steps executed. */
  advanceTo(timeMs: number, limit: { maxSteps?: number } = {}): number {
    const time = is.milliseconds(timeMs, 'timeMs');
    const max = maxSteps(limit);
    return this.#instance.change('advanceTo', [time, max], (s) => s.advanceTo(time, max));
  }

  /** Executes the next delivery, timer, disk completion or action. `false`: nothing is scheduled. */
  step(): boolean {
    return this.#instance.change('step', [], (s) => s.step());
  }

  /** Goes back by `n` steps, to the beginning at most. Nothing is forgotten: `step()` repeats the recorded run. */
  stepBack(n = 1): void {
    const back = is.integer(0)(n, 'n');
    this.#instance.change('stepBack', [back], (s) => s.seek(Math.max(0, this.#instance.read(s).header.step - back)));
  }

  /** Runs until the condition holds. `held: false` when `maxSteps` were used up or nothing is scheduled. */
  runUntil(condition: Condition, limit: { maxSteps?: number } = {}): { held: boolean; steps: number } {
    const checked = shapes.condition(condition);
    const max = maxSteps(limit);
    return this.#instance.change('runUntil', [checked, max], (s) => s.runUntil(checked, max));
  }

  /** Runs until the script is over. `false` when `maxSteps` were used up. */
  runScript(limit: { maxSteps?: number } = {}): boolean {
    const max = maxSteps(limit);
    return this.#instance.change('runScript', [max], (s) => s.runScript(max));
  }

  /** Shows any recorded step of the current branch. */
  seek(step: number): void {
    const to = is.integer(0)(step, 'step');
    this.#instance.change('seek', [to], (s) => s.seek(to));
  }

  seekTime(timeMs: number): void {
    const time = is.milliseconds(timeMs, 'timeMs');
    this.#instance.change('seekTime', [time], (s) => s.seekTime(time));
  }

  /** The latest recorded step at or before a moment. */
  stepAt(timeMs: number): number {
    const time = is.milliseconds(timeMs, 'timeMs');
    return this.#instance.look((s) => s.stepAt(time));
  }

  // ---------------------------------------------------------------- acting

  override act(action: Action): ActOutcome {
    const checked = shapes.action(action);
    return this.#instance.change('act', [checked], (s) => s.act(checked));
  }

  // ---------------------------------------------------------------- branches

  /** Opens a new branch at the present position and returns its id. */
  fork(): number {
    return this.#instance.change('fork', [], (s) => s.fork());
  }

  branches(): BranchView[] {
    return this.#instance.look((s) => s.branches());
  }

  switchBranch(id: number, step?: number): void {
    const branch = shapes.id(id, 'id');
    const to = step === undefined ? undefined : is.integer(0)(step, 'step');
    this.#instance.change('switchBranch', [branch, to], (s) => s.switchBranch(branch, to));
  }

  // ---------------------------------------------------------------- looking

  /** What is drawn every frame. The same object is filled again by the first call after a change. */
  frame(): Frame {
    return this.#instance.look((s) => this.#instance.read(s));
  }

  /** The present state as fresh plain objects, friendly to `console.table`. */
  view(): ClusterView {
    return this.#instance.look((s) => {
      const { header } = this.#instance.read(s);
      const servers = Array.from({ length: header.servers }, (_, i) => tellServer(s.inspect(i + 1)));
      return {
        timeMs: header.timeMs,
        step: header.step,
        headStep: header.headStep,
        branch: header.branch,
        servers,
        messages: s.messages().map(tellMessage),
      };
    });
  }

  log(server: number, firstIndex = 1, count = 1_000): LogWindow {
    const id = shapes.server(server, 'server');
    const first = is.integer(0)(firstIndex, 'firstIndex');
    const length = is.integer(0, 1_000_000)(count, 'count');
    return this.#instance.look((s) => s.log(id, first, length));
  }

  inspect(server: number): ServerView {
    const id = shapes.server(server, 'server');
    return this.#instance.look((s) => tellServer(s.inspect(id)));
  }

  messages(): MessageView[] {
    return this.#instance.look((s) => s.messages().map(tellMessage));
  }

  /** Events up to the present position, from event id `since`. */
  events(options: { since?: number; limit?: number } = {}): EventView[] {
    const { since = 0, limit = 1_000 } = is.object({ since: is.integer(0), limit: is.integer(0, 1_000_000) })(
      options,
      'options',
    );
    return this.#instance.look((s) => s.events(since, limit).map(tellEvent));
  }

  /** What clients asked for and were answered, in the order of their calls, from operation `since`. */
  history(options: { since?: number; limit?: number } = {}): OperationView[] {
    const { since = 0, limit = 1_000 } = is.object({ since: is.integer(0), limit: is.integer(0, 1_000_000) })(
      options,
      'options',
    );
    return this.#instance.look((s) => s.history(since, limit));
  }

  /** The chain of causes of an event, first cause first. */
  explain(eventId: number): EventView[] {
    const id = shapes.id(eventId, 'eventId');
    return this.#instance.look((s) => s.explain(id).map(tellEvent));
  }

  /**
   * Throughput, latency, messages, syncs, sizes and downtime up to the present position: in total, and over time in windows of
   * `windowMs`, or longer ones if there would be too many. The run is repeated for that.
   */
  metrics(options: { windowMs?: number } = {}): MetricsReport {
    const { windowMs = 100 } = is.object({ windowMs: is.milliseconds })(options, 'options');
    return this.#instance.look((s) => s.metrics(windowMs));
  }

  violations(): ViolationView[] {
    return this.#instance.look((s) => s.violations().map(tellViolation));
  }

  /**
   * Elections, faults, commits and actions of the whole current branch, from event id `since`: to go on, pass the id of the last
   * marker that is known, plus one. Commits can be left out, of which there are as many as commands.
   */
  markers(options: { since?: number; commits?: boolean } = {}): Marker[] {
    const { since = 0, commits = true } = is.object({ since: is.integer(0), commits: is.boolean })(options, 'options');
    return this.#instance.look((s) => s.markers(since, commits).map(tellMarker));
  }

  /** What the scenario claims, as far as it has been decided. */
  expectations(): ExpectationView[] {
    return this.#instance.look((s) => s.expectations());
  }

  /**
   * All runs of the experiment: its own and those of its variants, each with the rule that it is about and without. Each
   * is a scenario for `fromScenario`.
   */
  runs(): Run[] {
    return this.#instance.look((s) => s.runs());
  }

  /** What did not go as the scenario says, for a person to read; empty if all went well. */
  problems(): string[] {
    return this.#instance.look((s) => [
      ...s.problems(),
      ...(s.mayNotBreak() ? s.violations().map((found) => tellViolation(found).text) : []),
    ]);
  }

  /** How many lines of the scenario's script are done. */
  scriptPosition(): number {
    return this.#instance.look((s) => s.scriptPosition());
  }

  scenario(): Scenario {
    return this.#instance.look((s) => s.scenario());
  }

  rules(): RuleView[] {
    return this.#instance.look((s) => s.rules());
  }

  /** 16 hexadecimal digits, equal to those of the native test at the same step. */
  stateHash(): string {
    return this.#instance.look((s) => s.stateHash());
  }

  traceHash(): string {
    return this.#instance.look((s) => s.traceHash());
  }

  /** The names of messages, roles and state in the words of the paper and in those of etcd. */
  vocabularies(): Vocabularies {
    return this.#instance.vocabularies;
  }

  /** The seed that makes this run; `null` only when the engine died before it could say. */
  get seed(): number | null {
    return this.#instance.seed;
  }

  // ---------------------------------------------------------------- keeping

  /** The whole run as JSON: configuration, script, what was done by hand, branches. */
  save(): string {
    return this.#instance.look((s) => s.save());
  }

  /**
   * The present branch, from its start to the present moment, in the format of another tool. A run that the format cannot
   * tell is refused. The page's shared workshop does it, which the first export loads.
   */
  async export(format: ExportFormat): Promise<string> {
    const recording = this.save();
    const { Workshop } = await import('../workshop.js');
    return Workshop.shared().export(recording, format);
  }

  /** The run as the hash of a URL. */
  async link(): Promise<string> {
    return encodeLink(this.save());
  }

  /** Frees the engine's memory. Every later call throws `RaftError` with code `disposed`. */
  dispose(): void {
    this.#instance.dispose();
  }

  [Symbol.dispose](): void {
    this.dispose();
  }
}

export interface ClusterView {
  timeMs: number;
  step: number;
  headStep: number;
  branch: number;
  servers: ServerView[];
  messages: MessageView[];
}

function maxSteps(limit: { maxSteps?: number }): number {
  return is.object({ maxSteps: is.integer(0, MAX_STEPS) })(limit, 'options').maxSteps ?? DEFAULT_STEPS;
}
