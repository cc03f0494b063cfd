import type { RuleName, ShrinkProgress, ShrunkFailure, SweepResult } from '../model.js';
import {
  type ChaosForm,
  type ChaosState,
  type ChaosWish,
  keyOf,
  type Sweep,
  type Trial,
} from '../views/chaos/chaos.js';
import type { Refusal } from '../views/lab/fields.js';
import { wholeNumber } from '../views/lab/format.js';
import type { SweepConfig, SweepProgress } from '../workshop.js';
import { Pace } from './pace.js';
import { FormError, problemOf, refusalOf } from './refusal.js';

/** What is worth saying aloud. */
export type ChaosNews =
  | { kind: 'started' | 'progress' | 'ended'; sweep: Sweep }
  | { kind: 'failure'; trial: SweepResult }
  | { kind: 'cancelled' }
  | { kind: 'shrunk'; failure: ShrunkFailure };

export interface ChaosHooks {
  onChange: () => void;
  onNews: (news: ChaosNews) => void;
}

/** Failures that are kept. A sweep may find a million; nobody reads so many. */
const MAX_FAILURES = 1_000;

/** Sweeps and shrinks in the workshop, and keeps what came of it. It outlives the words and views that show it. */
export class ChaosLab {
  hooks: ChaosHooks | null = null;
  #form: Omit<ChaosForm, 'without'> = { style: 'swarm', first: '0', count: '200' };
  /** Rules that the reader has switched off here; `null`: as in the run. */
  #without: readonly RuleName[] | null = null;
  #refusal: Refusal | null = null;
  #problem: string | null = null;
  #sweep: Sweep | null = null;
  #sweeping: AbortController | null = null;
  #chosen: SweepResult | null = null;
  #shrinkingNow: AbortController | null = null;
  #shrinkProgress: ShrinkProgress | 'starting' | null = null;
  #shrunk = new Map<string, ShrunkFailure>();

  /** What is shown; `off` are the rules that are off in the run. */
  state(rules: readonly RuleName[], off: readonly RuleName[]): ChaosState {
    return {
      form: { ...this.#form, without: this.#without ?? off },
      rules,
      refusal: this.#refusal,
      problem: this.#problem,
      busy: this.#sweeping !== null,
      sweep: this.#sweep,
      chosen: this.#chosen,
      shrinking: this.#shrinkProgress,
      shrunk: this.#shrunk,
    };
  }

  fulfil(wish: Exclude<ChaosWish, { do: 'link' }>, off: readonly RuleName[]): void {
    switch (wish.do) {
      case 'form': {
        const { without, ...form } = wish.form;
        Object.assign(this.#form, form);
        if (without) this.#without = without;
        this.#changed();
        return;
      }
      case 'start':
        void this.#start(this.#without ?? off);
        return;
      case 'cancel':
        this.#sweeping?.abort();
        return;
      case 'choose':
        this.#choose(wish.trial);
        this.#changed();
        return;
      case 'shrink':
        void this.#shrink(wish.trial);
        return;
      case 'cancelShrink':
        this.#stopShrinking();
        this.#changed();
    }
  }

  dispose(): void {
    this.hooks = null;
    this.#sweeping?.abort();
    this.#stopShrinking();
  }

  // ---------------------------------------------------------------- sweeping

  async #start(without: readonly RuleName[]): Promise<void> {
    if (this.#sweeping) return;
    [this.#refusal, this.#problem, this.#without] = [null, null, without];
    const abort = new AbortController();
    this.#sweeping = abort;
    const before = this.#sweep;
    try {
      const config = configOf(this.#form, without);
      this.#changed();
      await this.#run(config, without, abort.signal);
      this.#end('ended');
    } catch (error) {
      if (abort.signal.aborted) this.#end('cancelled');
      else this.#fail(error, before);
    } finally {
      this.#sweeping = null;
      this.#changed();
    }
  }

  async #run(config: SweepConfig, without: readonly RuleName[], signal: AbortSignal): Promise<void> {
    const { Workshop } = await import('../workshop.js');
    const pace = new Pace();
    const began = performance.now();
    const failures: SweepResult[] = [];
    const faults: Record<string, number> = {};
    const onProgress = ({ done, total, failed, results }: SweepProgress) => {
      const status = 'running';
      const sweep: Sweep = { status, done, total, failed, perSecond: null, failures, faults, without };
      if (this.#sweep?.failures !== failures) this.#begin(sweep);
      for (const result of results) {
        for (const [kind, count] of Object.entries(result.faults)) faults[kind] = (faults[kind] ?? 0) + (count ?? 0);
        if (result.outcome === 'ok') continue;
        if (failures.length === 0) this.hooks?.onNews({ kind: 'failure', trial: result });
        if (failures.length < MAX_FAILURES) failures.push(result);
      }
      const now = performance.now();
      // A sweep that is over before it could be timed took at least as long as it was waited for.
      const perSecond = pace.read(done, now) ?? (done === total ? (done / Math.max(1, now - began)) * 1_000 : null);
      this.#sweep = { ...sweep, perSecond };
      this.hooks?.onNews({ kind: 'progress', sweep: this.#sweep });
      this.#changed();
    };
    await Workshop.shared().sweep(config, { onProgress, signal });
  }

  /** Only now is it known that nothing was wrong with the form, and what there was before may go. */
  #begin(sweep: Sweep): void {
    this.#stopShrinking();
    this.#sweep = sweep;
    this.#chosen = null;
    this.#shrunk = new Map();
    this.hooks?.onNews({ kind: 'started', sweep });
  }

  #end(status: 'ended' | 'cancelled'): void {
    if (this.#sweep?.status === 'running') this.#sweep = { ...this.#sweep, status };
    if (status === 'cancelled') this.hooks?.onNews({ kind: 'cancelled' });
    else if (this.#sweep) this.hooks?.onNews({ kind: 'ended', sweep: this.#sweep });
  }

  #fail(error: unknown, before: Sweep | null): void {
    this.#sweep = before;
    this.#refusal = error instanceof FormError ? error.refusal : refusalOf(error, fieldAt);
    if (!this.#refusal) this.#problem = problemOf(error);
  }

  // ---------------------------------------------------------------- one failure

  #choose(trial: Trial): void {
    const found = this.#sweep?.failures.find((one) => keyOf(one) === keyOf(trial));
    if (!found) return;
    if (this.#chosen !== found) this.#stopShrinking();
    this.#chosen = found;
  }

  async #shrink(trial: Trial): Promise<void> {
    this.#choose(trial);
    this.#stopShrinking();
    const abort = new AbortController();
    [this.#shrinkingNow, this.#shrinkProgress, this.#problem] = [abort, 'starting', null];
    this.#changed();
    const without = [...(this.#sweep?.without ?? [])];
    const { style, seed } = trial;
    try {
      const { Workshop } = await import('../workshop.js');
      const onProgress = (progress: ShrinkProgress) => {
        this.#shrinkProgress = progress;
        this.#changed();
      };
      const failure = await Workshop.shared().shrink({ style, seed, without }, { onProgress, signal: abort.signal });
      this.#shrunk.set(keyOf(trial), failure);
      this.hooks?.onNews({ kind: 'shrunk', failure });
    } catch (error) {
      if (!abort.signal.aborted) this.#problem = problemOf(error);
    }
    if (this.#shrinkingNow === abort) [this.#shrinkingNow, this.#shrinkProgress] = [null, null];
    this.#changed();
  }

  #stopShrinking(): void {
    this.#shrinkingNow?.abort();
    [this.#shrinkingNow, this.#shrinkProgress] = [null, null];
  }

  #changed(): void {
    this.hooks?.onChange();
  }
}

/** What the workshop is asked for. */
export function configOf(
  { style, first, count }: Omit<ChaosForm, 'without'>,
  without: readonly RuleName[],
): SweepConfig {
  const from = wholeNumber(first);
  if (from === null) throw new FormError('first', 'wholeNumber');
  const seeds = wholeNumber(count);
  if (seeds === null) throw new FormError('count', 'wholeNumber');
  if (seeds === 0) throw new FormError('count', 'oneAtLeast');
  return { seeds: [from, from + seeds], style, without: [...without] };
}

function fieldAt(path: string): string | null {
  if (path === 'seeds[0]') return 'first';
  if (path.startsWith('seeds')) return 'count';
  if (path.startsWith('style')) return 'style';
  return path.startsWith('without') ? 'rules' : null;
}
