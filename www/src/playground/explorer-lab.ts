import type { ExplorerConfig, ExplorerProgress, RuleName } from '../model.js';
import { ABOUT_TIME, PLAIN } from '../views/explorer/examples.js';
import {
  COUNTS,
  type ExplorerForm,
  type ExplorerState,
  type ExplorerWish,
  type Search,
  SIZES,
} from '../views/explorer/explorer.js';
import type { Refusal } from '../views/lab/fields.js';
import { wholeNumber } from '../views/lab/format.js';
import { Pace } from './pace.js';
import { FormError, problemOf, refusalOf } from './refusal.js';

/** What is worth saying aloud. */
export type ExplorerNews = { kind: 'started' | 'cancelled' } | { kind: 'progress' | 'ended'; search: Search };

export interface ExplorerHooks {
  onChange: () => void;
  onNews: (news: ExplorerNews) => void;
}

/** Nothing is drawn where no time passes, so this one cannot be on. */
const NEVER_ON: RuleName = 'randomisedTimeout';

/** Searches in the workshop, and keeps what came of it. It outlives the words and views that show it. */
export class ExplorerLab {
  hooks: ExplorerHooks | null = null;
  #form = PLAIN;
  /** Rules that the reader has switched off here; `null`: as in the run. */
  #without: readonly RuleName[] | null = null;
  #refusal: Refusal | null = null;
  #problem: string | null = null;
  #search: Search | null = null;
  #searching: AbortController | null = null;

  /** What is shown; `off` are the rules that are off in the run. */
  state(rules: readonly RuleName[], off: readonly RuleName[]): ExplorerState {
    return {
      form: { ...this.#form, without: this.#off(off) },
      rules: rules.filter((rule) => rule !== NEVER_ON),
      refusal: this.#refusal,
      problem: this.#problem,
      busy: this.#searching !== null,
      search: this.#search,
    };
  }

  fulfil(wish: Exclude<ExplorerWish, { do: 'link' }>, off: readonly RuleName[]): void {
    switch (wish.do) {
      case 'form': {
        const { without, ...form } = wish.form;
        this.#form = { ...this.#form, ...form };
        if (without) this.#without = without;
        this.#changed();
        return;
      }
      case 'start':
        void this.#start(this.#off(off));
        return;
      case 'cancel':
        this.#searching?.abort();
    }
  }

  dispose(): void {
    this.hooks = null;
    this.#searching?.abort();
  }

  #off(off: readonly RuleName[]): readonly RuleName[] {
    return this.#without ?? [...new Set([...off.filter((rule) => rule !== NEVER_ON), ...ABOUT_TIME])];
  }

  async #start(without: readonly RuleName[]): Promise<void> {
    if (this.#searching) return;
    [this.#refusal, this.#problem, this.#without] = [null, null, without];
    const abort = new AbortController();
    this.#searching = abort;
    try {
      const config = configOf({ ...this.#form, without });
      this.#changed();
      await this.#run(config, abort.signal);
    } catch (error) {
      if (abort.signal.aborted) this.#cancelled();
      else this.#fail(error);
    } finally {
      this.#searching = null;
      this.#changed();
    }
  }

  async #run(config: ExplorerConfig, signal: AbortSignal): Promise<void> {
    const { Workshop } = await import('../workshop.js');
    const pace = new Pace();
    const began = performance.now();
    let search: Search | null = null;
    const onProgress = (progress: ExplorerProgress) => {
      const isFirst = search === null;
      search = { progress, perSecond: pace.read(progress.states, performance.now()), status: 'running', result: null };
      this.#search = search;
      this.hooks?.onNews(isFirst ? { kind: 'started' } : { kind: 'progress', search });
      this.#changed();
    };
    const { states: maxStates } = config.bounds ?? {};
    const limit = maxStates === undefined ? {} : { maxStates };
    const result = await Workshop.shared().explore(config, { ...limit, onProgress, signal });
    // A search that is over before it could be timed took at least as long as it was waited for.
    const perSecond =
      pace.read(result.states, performance.now()) ?? (result.states / Math.max(1, performance.now() - began)) * 1_000;
    this.#search = { progress: result, perSecond, status: 'ended', result };
    this.hooks?.onNews({ kind: 'ended', search: this.#search });
  }

  #cancelled(): void {
    if (this.#search?.status === 'running') this.#search = { ...this.#search, status: 'cancelled' };
    this.hooks?.onNews({ kind: 'cancelled' });
  }

  #fail(error: unknown): void {
    if (this.#search?.status === 'running') this.#search = { ...this.#search, status: 'cancelled' };
    this.#refusal = error instanceof FormError ? error.refusal : refusalOf(error, fieldAt);
    if (!this.#refusal) this.#problem = problemOf(error);
  }

  #changed(): void {
    this.hooks?.onChange();
  }
}

/** What the workshop is asked for. */
export function configOf(form: ExplorerForm): ExplorerConfig {
  const number = (field: string, text: string): number => {
    const value = wholeNumber(text);
    if (value === null) throw new FormError(field, 'wholeNumber');
    return value;
  };
  const servers = number('servers', form.servers);
  const spares = number('spares', form.spares);
  const bounds: NonNullable<ExplorerConfig['bounds']> = {};
  for (const name of COUNTS) bounds[name] = number(name, form.bounds[name]);
  for (const name of SIZES) {
    // Without a limit of states a search would take all the memory that there is.
    if (name === 'states' || form.bounds[name].trim() !== '') bounds[name] = number(name, form.bounds[name]);
  }
  return {
    servers,
    spares,
    rules: rulesOf(form.without),
    bounds,
    changes: bounds.changes ? changes(servers, spares) : [],
    slowDisks: form.slowDisks,
    symmetry: form.symmetry,
    dropStale: form.dropStale,
    invariants: form.promise === '' ? [] : [form.promise],
    start: form.begin === 'led' ? [{ type: 'timeout', server: 1 }, { settle: true }] : [],
  };
}

/** Only what is different from what a search does by itself. */
function rulesOf(without: readonly RuleName[]): NonNullable<ExplorerConfig['rules']> {
  const off = without.filter((rule) => !ABOUT_TIME.includes(rule)).map((rule) => [rule, false]);
  const on = ABOUT_TIME.filter((rule) => !without.includes(rule)).map((rule) => [rule, true]);
  return Object.fromEntries([...off, ...on]);
}

/** More servers than any search takes are refused before it looks at the changes. */
const MAX_CHANGING = 25;

/** A leader may be asked to add any spare server, and to remove any other. */
function changes(servers: number, spares: number): NonNullable<ExplorerConfig['changes']> {
  const numbers = (first: number, count: number) =>
    Array.from({ length: Math.min(count, MAX_CHANGING) }, (_, i) => first + i);
  return [
    ...numbers(servers + 1, spares).map((addVoter) => ({ addVoter })),
    ...numbers(1, servers).map((remove) => ({ remove })),
  ];
}

const FIELDS = new Set<string>([...COUNTS, ...SIZES, 'servers', 'spares']);

function fieldAt(path: string): string | null {
  if (path.startsWith('rules')) return 'rules';
  if (path.startsWith('invariants')) return 'promise';
  const name = path.replace(/^bounds\./, '').replace('maxStates', 'states');
  return FIELDS.has(name) ? name : null;
}
