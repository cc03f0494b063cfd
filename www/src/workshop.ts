import { RaftError } from './engine/error.js';
import type { ExportFormat } from './engine/export.js';
import { type WasmSource, workshopModule } from './engine/module.js';
import type {
  ExplorerConfig,
  ExplorerProgress,
  HistoryReport,
  Level,
  PlayedScenario,
  ReplayReport,
  RuleName,
  Run,
  Scenario,
  ShrinkProgress,
  ShrunkFailure,
  Style,
} from './generated/workshop-glue.js';
import { type Line, openLine } from './workshop/line.js';
import type {
  Exploration,
  JudgeProgress,
  PlayProgress,
  Reply,
  SweepProgress,
  SweepSummary,
  TaskName,
  Tasks,
} from './workshop/protocol.js';
import * as shapes from './workshop/shapes.js';

export { RaftError } from './engine/error.js';
export { EXPORT_FORMATS, type ExportFormat } from './engine/export.js';
export type { WasmSource } from './engine/module.js';
export { LEVELS } from './engine/shapes.js';
export type {
  Bounds,
  CounterexampleView as Counterexample,
  DivergenceView as Divergence,
  ExplorerConfig,
  ExplorerProgress,
  HistoryReport,
  Level,
  PlayedScenario,
  ReplayReport,
  RuleName,
  Run,
  Scenario,
  ShrinkProgress,
  ShrunkFailure,
  Style,
  SweepResult,
} from './generated/workshop-glue.js';
export type { Exploration, JudgeProgress, PlayProgress, SweepProgress, SweepSummary } from './workshop/protocol.js';
export { STYLES } from './workshop/shapes.js';

/** What goes with every task. */
export interface Hooks<Progress = never> {
  /** Told now and then how far it is, and once more before the end. */
  onProgress?: (progress: Progress) => void;
  /** Breaks it off: the promise is rejected with the signal's reason at once. */
  signal?: AbortSignal;
}

/** At which level of consistency, and with how much work at each. */
export interface JudgeOptions {
  /** One level; without it, all of them. */
  level?: Level;
  /** Most steps of a search at each level: by default ten million, some seconds. */
  budget?: number;
}

/** Which seeds are tried: so many from 0 on, or from one to before another. */
export interface SweepConfig {
  seeds: number | [first: number, end: number];
  /** The character of the trouble, `swarm` unless told; each seed is tried in each. */
  style?: Style | Style[] | 'all';
  /** Rules that are switched off. */
  without?: RuleName[];
}

/** The trial of a sweep that failed; a `SweepResult` and what was switched off say enough. */
export interface FailedTrial {
  style: Style;
  seed: number;
  without?: RuleName[];
}

/** A run: what `cluster.save()` returned, or the cluster itself. */
export type Recorded = string | { save(): string };

export interface WorkshopOptions extends WasmSource {
  /** `false`: in the page itself, in slices. Otherwise in a worker, if the page can have one. */
  worker?: boolean;
}

const DEFAULT_STEPS = 1_000_000;
/** About 64 MB of tables. */
const DEFAULT_STATES = 1_000_000;
const DEFAULT_RUNS = 4_000;

/**
 * What takes long or is seldom needed: judges of histories, exports, sweeps, the explorer.
 *
 * It works in a worker, several tasks side by side, and is loaded by the first one. Mistakes of the caller reject with `RaftError`,
 * whose `details.path` (and `details.line`) says where they are.
 */
export class Workshop {
  static #shared: Workshop | undefined;
  readonly #options: WorkshopOptions;
  readonly #tasks = new Map<number, Task>();
  #line: Promise<Line> | undefined;
  /** The line, once it is open. */
  #open: Line | undefined;
  #lastId = 0;
  #isDisposed = false;

  constructor(options: WorkshopOptions = {}) {
    this.#options = options;
  }

  /** The one that all clusters of a page share. */
  static shared(): Workshop {
    if (!Workshop.#shared || Workshop.#shared.#isDisposed) Workshop.#shared = new Workshop();
    return Workshop.#shared;
  }

  /**
   * Judges what clients saw of any store: a history as JSON lines, or as Jepsen writes it in EDN. Errors name the line.
   */
  async check(history: string, options: Level | (JudgeOptions & Hooks<JudgeProgress>) = {}): Promise<HistoryReport> {
    const [rest, hooks] = split(options);
    return this.#run('check', { text: shapes.text(history, 'history'), ...shapes.judging(rest) }, hooks);
  }

  /** Judges what clients saw in a run, whatever design its servers follow, up to the moment that it shows. */
  async judge(
    recording: Recorded,
    options: Level | (JudgeOptions & Hooks<JudgeProgress>) = {},
  ): Promise<HistoryReport> {
    const [rest, hooks] = split(options);
    return this.#run('judge', { recording: saved(recording), ...shapes.judging(rest) }, hooks);
  }

  /**
   * The present branch of a run, from its start to the moment that it shows, in the format of another tool. A run that the
   * format cannot tell is refused.
   */
  async export(recording: Recorded, format: ExportFormat, options: Hooks = {}): Promise<string> {
    const hooks = only(options);
    return this.#run('export', { recording: saved(recording), format: shapes.format(format, 'format') }, hooks);
  }

  /** Runs an exported `trace-json` again and compares everything that happens. */
  async replay(trace: string, options: Hooks = {}): Promise<ReplayReport> {
    return this.#run('replay', { trace: shapes.text(trace, 'trace') }, only(options));
  }

  /** Plays any scenario to the end of its script, whatever design its servers follow. */
  async playScenario(
    scenario: string | Scenario,
    options: { maxSteps?: number } & Hooks<PlayProgress> = {},
  ): Promise<PlayedScenario> {
    const [rest, hooks] = split(options);
    const { maxSteps = DEFAULT_STEPS } = shapes.playing(rest, 'options');
    return this.#run('play', { scenario: shapes.document(scenario, 'scenario'), maxSteps }, hooks);
  }

  /** All runs of an experiment: its own and those of its variants, each with the rule that it is about and without. */
  async runs(scenario: string | Scenario, options: Hooks = {}): Promise<Run[]> {
    return this.#run('runs', { scenario: shapes.document(scenario, 'scenario') }, only(options));
  }

  /** Puts clusters through random trouble, one for each seed. */
  async sweep(config: SweepConfig, options: Hooks<SweepProgress> = {}): Promise<SweepSummary> {
    const hooks = only(options);
    const { seeds, style = ['swarm'], without = [] } = shapes.sweep(config, 'config');
    return this.#run('sweep', { seeds: seeds ?? [0, 0], styles: style, without }, hooks);
  }

  /** Leaves out of a failing trial everything that it does not need in order to fail. */
  async shrink(trial: FailedTrial, options: { maxRuns?: number } & Hooks<ShrinkProgress> = {}): Promise<ShrunkFailure> {
    const [rest, hooks] = split(options);
    const { style = 'swarm', seed = 0, without = [] } = shapes.failedTrial(trial);
    const { maxRuns = DEFAULT_RUNS } = shapes.shrinking(rest, 'options');
    return this.#run('shrink', { style, seed, without, maxRuns }, hooks);
  }

  /**
   * Visits every state that a small cluster can reach, and finds the shortest way to a broken invariant. `maxStates` bounds the memory,
   * as `bounds.states` does: a million unless told.
   */
  async explore(
    config: string | ExplorerConfig,
    options: { maxStates?: number } & Hooks<ExplorerProgress> = {},
  ): Promise<Exploration> {
    const [rest, hooks] = split(options);
    const { maxStates = DEFAULT_STATES } = shapes.exploring(rest, 'options');
    return this.#run('explore', { config: shapes.document(config, 'config'), maxStates }, hooks);
  }

  /** Gives everything up: whatever is under way is rejected with code `disposed`, and so is every later call. */
  dispose(): void {
    this.#isDisposed = true;
    this.#hangUp();
    for (const id of [...this.#tasks.keys()]) this.#end(id)?.reject(disposed());
  }

  [Symbol.dispose](): void {
    this.dispose();
  }

  #run<T extends TaskName>(
    task: T,
    args: Tasks[T]['args'],
    { onProgress, signal }: Hooks<Tasks[T]['progress']>,
  ): Promise<Tasks[T]['result']> {
    if (this.#isDisposed) throw disposed();
    signal?.throwIfAborted();
    const id = ++this.#lastId;
    return new Promise((resolve, reject) => {
      const abort = () => {
        this.#end(id);
        this.#cancel(id);
        reject(signal?.reason);
      };
      signal?.addEventListener('abort', abort);
      this.#tasks.set(id, {
        resolve: resolve as (result: unknown) => void,
        reject,
        onProgress: onProgress as ((progress: unknown) => void) | undefined,
        end: () => signal?.removeEventListener('abort', abort),
      });
      this.#line ??= this.#dial();
      this.#line.then(
        (line) => {
          // The types of a task and its arguments belong together, which the compiler cannot see through `T`.
          const request = { type: 'start', id, task, args } as Parameters<Line['send']>[0];
          if (this.#tasks.has(id)) line.send(request);
        },
        (error: unknown) => this.#end(id)?.reject(error),
      );
    });
  }

  async #dial(): Promise<Line> {
    try {
      const module = await workshopModule(this.#options);
      const onReply = (reply: Reply) => this.#receive(reply);
      const onBroken = (reason: string) => this.#break(reason);
      const line = await openLine(module, { onReply, onBroken }, this.#options.worker ?? true);
      if (this.#isDisposed) {
        line.close();
        throw disposed();
      }
      this.#open = line;
      return line;
    } catch (error) {
      // A failed download may work the next time.
      this.#line = undefined;
      throw error;
    }
  }

  #receive(reply: Reply): void {
    if (reply.type === 'opened') return;
    if (reply.type === 'done') this.#end(reply.id)?.resolve(reply.result);
    if (reply.type === 'failed') {
      const { code, message, details } = reply.error;
      this.#end(reply.id)?.reject(new RaftError(code, message, details));
    }
    if (reply.type !== 'progress') return;
    try {
      this.#tasks.get(reply.id)?.onProgress?.(reply.progress);
    } catch (error) {
      this.#end(reply.id)?.reject(error);
      this.#cancel(reply.id);
    }
  }

  /** A worker that has nothing else to do is given up as a whole: so it stops at once, and its memory is free. */
  #cancel(id: number): void {
    if (this.#open?.isWorker && this.#tasks.size === 0) this.#hangUp();
    else this.#open?.send({ type: 'cancel', id });
  }

  #hangUp(): void {
    this.#open?.close();
    this.#open = undefined;
    this.#line = undefined;
  }

  #break(reason: string): void {
    this.#hangUp();
    const error = new RaftError('panic', `the workshop has stopped, which is a bug in raft-playground (${reason})`, {
      trap: reason,
    });
    for (const id of [...this.#tasks.keys()]) this.#end(id)?.reject(error);
  }

  #end(id: number): Task | undefined {
    const task = this.#tasks.get(id);
    this.#tasks.delete(id);
    task?.end();
    return task;
  }
}

/** Somebody who waits for an answer. */
interface Task {
  resolve: (result: unknown) => void;
  reject: (error: unknown) => void;
  onProgress: ((progress: unknown) => void) | undefined;
  /** Called when no answer is waited for any more. */
  end: () => void;
}

function disposed(): RaftError {
  return new RaftError('disposed', 'this workshop has been disposed of');
}

function saved(recording: Recorded): string {
  return shapes.text(typeof recording === 'object' ? recording?.save?.() : recording, 'recording');
}

/** The hooks among the options, and the others. */
function split<P>(options: string | Hooks<P>): [unknown, Hooks<P>] {
  if (typeof options !== 'object' || options === null) return [options, {}];
  const { onProgress, signal, ...rest } = options;
  if (onProgress !== undefined && typeof onProgress !== 'function') throw wrong('onProgress', 'a function');
  if (signal !== undefined && !(signal instanceof AbortSignal)) throw wrong('signal', 'an AbortSignal');
  return [rest, { ...(onProgress && { onProgress }), ...(signal && { signal }) }];
}

/** The hooks where there are no other options. */
function only<P>(options: Hooks<P>): Hooks<P> {
  const [rest, hooks] = split(options);
  shapes.nothing(rest, 'options');
  return hooks;
}

function wrong(name: string, wanted: string): RaftError {
  return new RaftError('invalidArgument', `options.${name} must be ${wanted}`, { path: `options.${name}` });
}
