// The work itself, in slices. Each task has an instance of its own: a panic in one disturbs no other, and its memory goes when
// it ends.

import { createGlue, type Glue, type Judging, type SweepResult } from '../generated/workshop-glue.js';
import type { SweepSummary, TaskName, Tasks } from './protocol.js';

/** Ends a slice after each `yield`, telling how far it is if there is something to tell. */
type Work<T extends TaskName> = Generator<Tasks[T]['progress'] | undefined, Tasks[T]['result']>;

/** Whether there is time left in this slice. */
export type Clock = () => boolean;

/** States that are left between two looks at the clock: some milliseconds. */
const STATES = 512;
/** Steps of a scenario between two looks at the clock. */
const STEPS = 5_000;
/** Failures that a summary names; each has been reported with the progress. */
const MAX_FAILURES = 1_000;

/** Begins a task. */
export function begin<T extends TaskName>(
  task: T,
  module: WebAssembly.Module,
  args: Tasks[T]['args'],
  hasTime: Clock,
): Work<T> {
  return TASKS[task](createGlue(module), args, hasTime);
}

const TASKS: { [T in TaskName]: (glue: Glue, args: Tasks[T]['args'], hasTime: Clock) => Work<T> } = {
  *check(glue, { text, level, budget }) {
    return yield* judged(glue.Judging.ofHistory(text, level, budget));
  },

  *judge(glue, { recording, level, budget }) {
    return yield* judged(glue.Judging.ofRecording(recording, level, budget));
  },

  // biome-ignore lint/correctness/useYield: it cannot be paused.
  *export(glue, { recording, format }) {
    return glue.exportRecording(recording, format);
  },

  // biome-ignore lint/correctness/useYield: it cannot be paused.
  *replay(glue, { trace }) {
    return glue.replayTrace(trace);
  },

  *play(glue, { scenario, maxSteps }, hasTime) {
    const playing = glue.Playing.create(scenario);
    while (playing.steps() < maxSteps && playing.advance(Math.min(STEPS, maxSteps - playing.steps()))) {
      if (!hasTime()) yield { steps: playing.steps() };
    }
    return playing.report();
  },

  // biome-ignore lint/correctness/useYield: it takes no time.
  *runs(glue, { scenario }) {
    return glue.scenarioRuns(scenario);
  },

  *sweep(glue, { seeds: [first, end], styles, without }, hasTime) {
    const sweeping = glue.Sweeping.create(first, end, styles, without);
    const total = sweeping.total();
    const summary: SweepSummary = { done: 0, failed: 0, faults: 0, events: 0, simMs: 0, failures: [] };
    let results: SweepResult[] = [];
    const progress = () => {
      const told = results;
      results = [];
      return { done: summary.done, total, failed: summary.failed, results: told };
    };
    while (summary.done < total) {
      for (const result of sweeping.advance(1)) {
        add(summary, result);
        results.push(result);
      }
      if (!hasTime()) yield progress();
    }
    yield progress();
    return summary;
  },

  *explore(glue, { config, maxStates }, hasTime) {
    const exploring = glue.Exploring.create(config, maxStates);
    let progress = exploring.advance(0);
    yield progress;
    while (progress.verdict === undefined) {
      progress = exploring.advance(STATES);
      if (!hasTime()) yield progress;
    }
    yield progress;
    return { ...progress, counterexample: exploring.counterexample() };
  },

  *shrink(glue, { style, seed, without, maxRuns }, hasTime) {
    const shrinking = glue.Shrinking.create(style, seed, without);
    let progress = shrinking.advance(0);
    yield progress;
    while (!progress.isOver && progress.runs < maxRuns) {
      progress = shrinking.advance(1);
      if (!hasTime()) yield progress;
    }
    yield progress;
    return shrinking.best();
  },
};

/** A level is one slice: the search for an order cannot be paused. */
function* judged(judging: Judging): Work<'check'> {
  for (let decided = 1; judging.advance(); decided++) yield { decided };
  return judging.report();
}

function add(summary: SweepSummary, result: SweepResult): void {
  summary.done += 1;
  for (const count of Object.values(result.faults)) summary.faults += count ?? 0;
  summary.events += result.events;
  summary.simMs += result.simMs;
  if (result.outcome === 'ok') return;
  summary.failed += 1;
  if (summary.failures.length < MAX_FAILURES) summary.failures.push(result);
}
