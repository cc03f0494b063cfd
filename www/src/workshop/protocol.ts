// What a page and its workshop say to each other. Both ends are of one build, so no version is needed.

import type {
  CounterexampleView,
  ExplorerProgress,
  HistoryReport,
  Level,
  PlayedScenario,
  ReplayReport,
  RuleName,
  Run,
  ShrinkProgress,
  ShrunkFailure,
  Style,
  SweepResult,
} from '../generated/workshop-glue.js';

/** Every kind of work: what it needs, what it tells on the way, what comes of it. Documents travel as text. */
export interface Tasks {
  check: { args: { text: string } & Depth; progress: JudgeProgress; result: HistoryReport };
  judge: { args: { recording: string } & Depth; progress: JudgeProgress; result: HistoryReport };
  export: { args: { recording: string; format: string }; progress: never; result: string };
  replay: { args: { trace: string }; progress: never; result: ReplayReport };
  play: { args: { scenario: string; maxSteps: number }; progress: PlayProgress; result: PlayedScenario };
  runs: { args: { scenario: string }; progress: never; result: Run[] };
  sweep: {
    args: { seeds: [first: number, end: number]; styles: Style[]; without: RuleName[] };
    progress: SweepProgress;
    result: SweepSummary;
  };
  explore: {
    args: { config: string; maxStates: number };
    progress: ExplorerProgress;
    result: Exploration;
  };
  shrink: {
    args: { style: Style; seed: number; without: RuleName[]; maxRuns: number };
    progress: ShrinkProgress;
    result: ShrunkFailure;
  };
}

export type TaskName = keyof Tasks;

/** How deep a judge looks. */
interface Depth {
  level: Level | undefined;
  budget: number | undefined;
}

export interface JudgeProgress {
  /** Levels that are decided. */
  decided: number;
}

export interface PlayProgress {
  steps: number;
}

export interface SweepProgress {
  /** Trials that are done. */
  done: number;
  total: number;
  /** How many of them failed. */
  failed: number;
  /** The trials that were done since the last progress. */
  results: SweepResult[];
}

export interface SweepSummary {
  done: number;
  failed: number;
  /** Faults, events and simulated time of all trials together. */
  faults: number;
  events: number;
  simMs: number;
  /** The first failures. */
  failures: SweepResult[];
}

/** How a search ended. */
export interface Exploration extends ExplorerProgress {
  /** The shortest way to what is broken, if something is. */
  counterexample: CounterexampleView | null;
}

/** From the page. `open` comes first and once. */
export type Request =
  | { type: 'open'; module: WebAssembly.Module }
  | { [T in TaskName]: { type: 'start'; id: number; task: T; args: Tasks[T]['args'] } }[TaskName]
  | { type: 'cancel'; id: number };

/** To the page. Of each task comes any number of `progress`, then `done` or `failed`; nothing after a `cancel`. */
export type Reply =
  | { type: 'opened' }
  | { type: 'progress'; id: number; progress: unknown }
  | { type: 'done'; id: number; result: unknown }
  | { type: 'failed'; id: number; error: Failure };

/** An error on its way: what `RaftError` is made of. */
export interface Failure {
  code: string;
  message: string;
  details: unknown;
}
