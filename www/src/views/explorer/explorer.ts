import { html, nothing, render, type TemplateResult } from 'lit';
import type { Strings } from '../../i18n/index.js';
import type { Bounds, Counterexample, Exploration, ExplorerProgress, RuleName, Scenario } from '../../model.js';
import {
  checkField,
  choiceField,
  type FormHost,
  fieldId,
  numberField,
  type Refusal,
  rulesField,
  runButtons,
} from '../lab/fields.js';
import { memory, pace } from '../lab/format.js';
import { steps, takes } from '../lab/found.js';
import labCss from '../lab/lab.css?inline';
import { adopt } from '../sheet.js';
import type { ViewHost } from '../view.js';
import { WideView } from '../wide-view.js';
import { chart, table } from './depths.js';
import { EXAMPLES, exampleOf } from './examples.js';
import css from './explorer.css?inline';
import { SEARCHED } from './invariants.js';

/** Bounds that count what happens. */
export const COUNTS = [
  'timeouts',
  'proposals',
  'crashes',
  'drops',
  'duplicates',
  'heartbeats',
  'reads',
  'snapshots',
  'changes',
  'transfers',
] as const satisfies readonly (keyof Bounds)[];
/** Bounds of sizes; empty means none. */
export const SIZES = ['depth', 'states', 'terms', 'entries', 'messages'] as const satisfies readonly (keyof Bounds)[];
export type Bound = (typeof COUNTS)[number] | (typeof SIZES)[number];

/** What the form says; numbers as they were typed. */
export interface ExplorerForm {
  servers: string;
  spares: string;
  begin: 'start' | 'led';
  /** An invariant, or nothing: any of them. */
  promise: string;
  slowDisks: boolean;
  symmetry: boolean;
  dropStale: boolean;
  bounds: Readonly<Record<Bound, string>>;
  without: readonly RuleName[];
}

export type ExplorerWish =
  | { do: 'form'; form: Partial<ExplorerForm> }
  | { do: 'start' }
  | { do: 'cancel' }
  | { do: 'link'; scenario: Scenario };

export interface Search {
  progress: ExplorerProgress;
  perSecond: number | null;
  status: 'running' | 'ended' | 'cancelled';
  /** Once it has ended. */
  result: Exploration | null;
}

export interface ExplorerState {
  form: ExplorerForm;
  rules: readonly RuleName[];
  refusal: Refusal | null;
  problem: string | null;
  /** A search is under way, if only just. */
  busy: boolean;
  search: Search | null;
}

/** All states of a small cluster, as they are found; and the shortest way to what is broken. */
export class ExplorerView extends WideView {
  #state: ExplorerState | null = null;
  #asTable = false;
  #refused: Refusal | null = null;
  /** The result that was last brought into view. */
  #seen: Exploration | null = null;

  constructor(host: ViewHost) {
    super(host);
    adopt(this.root, labCss);
    adopt(this.root, css);
    this.root.addEventListener('submit', (event) => {
      event.preventDefault();
      this.emit('explorer', { do: 'start' });
    });
  }

  update(state: ExplorerState): void {
    this.#state = state;
    this.draw();
    if (state.refusal && state.refusal !== this.#refused) this.#focus(state.refusal.field);
    this.#refused = state.refusal;
    this.#bringIntoView(state.search?.result ?? null);
  }

  /** What was found is below a long form; nothing moves for somebody who has turned to something else. */
  #bringIntoView(result: Exploration | null): void {
    if (result === this.#seen) return;
    this.#seen = result;
    const { activeElement } = this.root.getRootNode() as ShadowRoot;
    if (result && this.root.contains(activeElement)) {
      this.root.querySelector(result.counterexample ? '.found' : '.search-facts')?.scrollIntoView({ block: 'nearest' });
    }
  }

  protected draw(): void {
    const state = this.#state;
    if (!state) return;
    const { t } = this;
    render(
      html`
        <p class="quiet lab-intro">${t.explorer.intro}</p>
        ${this.#form(state)}
        ${state.problem === null ? nothing : html`<p class="lab-problem" role="alert">${t.lab.failed(state.problem)}</p>`}
        ${state.busy && state.search?.status !== 'running' ? html`<div class="lab-progress"><progress aria-label=${t.explorer.running}></progress></div>` : nothing}
        ${state.search ? this.#search(state.search) : nothing}
      `,
      this.root,
    );
  }

  #focus(field: string): void {
    const input = this.root.querySelector<HTMLElement>(`#${fieldId(this.id, field)}`);
    const folded = input?.closest('details');
    if (folded) folded.open = true;
    input?.focus();
  }

  // ---------------------------------------------------------------- form

  #form({ form, rules, refusal, busy }: ExplorerState): TemplateResult {
    const { t, id } = this;
    const words = t.explorer;
    const host = { t, id, refusal };
    const change = (patch: Partial<ExplorerForm>) => this.emit('explorer', { do: 'form', form: patch });
    const bound = (name: Bound) =>
      numberField(host, name, words.bound[name], form.bounds[name], (value) =>
        change({ bounds: { ...form.bounds, [name]: value } }),
      );
    const promises = SEARCHED.map(([one, name]) => [one, `${t.invariantName(one, name)} (${one})`] as const);
    return html`<form class="lab-form" novalidate aria-label=${t.panels.explorer}>
      <div class="fields">
        ${this.#examples(form, host, change)}
        ${numberField(host, 'servers', words.servers, form.servers, (servers) => change({ servers }))}
        ${numberField(host, 'spares', words.spares, form.spares, (spares) => change({ spares }))}
        ${choiceField(host, 'begin', words.begin, Object.entries(words.begins) as [ExplorerForm['begin'], string][], form.begin, (begin) => change({ begin }))}
        ${choiceField(host, 'promise', words.promise, [['', words.anyPromise], ...promises], form.promise, (promise) => change({ promise }))}
      </div>
      ${rulesField(host, rules, form.without, (without) => change({ without }))}
      <fieldset>
        <legend>${words.often}</legend>
        <div class="fields narrow">${COUNTS.map(bound)}</div>
      </fieldset>
      <details>
        <summary>${words.sizes}</summary>
        <p class="quiet style-hint">${words.sizesHint}</p>
        <div class="fields narrow">${SIZES.map(bound)}</div>
      </details>
      <details>
        <summary>${words.reductions}</summary>
        <div class="lab-checks">
          ${checkField(host, 'symmetry', words.symmetry, form.symmetry, (symmetry) => change({ symmetry }))}
          ${checkField(host, 'dropStale', words.dropStale, form.dropStale, (dropStale) => change({ dropStale }))}
        </div>
      </details>
      ${checkField(host, 'slowDisks', words.slowDisks, form.slowDisks, (slowDisks) => change({ slowDisks }))}
      ${runButtons(t, 'explorer', busy, () => this.emit('explorer', { do: 'cancel' }))}
    </form>`;
  }

  /** Searches that are worth seeing, for who does not know yet what to ask. */
  #examples(form: ExplorerForm, host: FormHost, change: (form: ExplorerForm) => void): TemplateResult {
    const { t } = this;
    const words = t.explorer;
    const choices = EXAMPLES.map(({ rule }, i): [string, string] => [
      String(i),
      rule === null ? words.exampleAllRules : words.exampleWithout(t.ruleName(rule)),
    ]);
    const known = exampleOf(form);
    const chosen = known ? String(EXAMPLES.indexOf(known)) : '';
    return choiceField(host, 'example', words.example, [['', words.exampleOwn], ...choices], chosen, (value) => {
      const picked = EXAMPLES[Number(value)];
      if (value !== '' && picked) change(picked.form);
    });
  }

  // ---------------------------------------------------------------- results

  #search(search: Search): TemplateResult {
    const { t } = this;
    const words = t.explorer;
    const { progress, perSecond, status, result } = search;
    const found = result?.counterexample ?? null;
    return html`
      ${status === 'running' ? html`<div class="lab-progress"><progress aria-label=${words.running}></progress></div>` : this.#verdict(search)}
      ${found ? this.#found(found) : nothing}
      <dl class="search-facts">
        ${fact(words.states, progress.states.toLocaleString('en'))}
        ${fact(words.depth, String(progress.depth))}
        ${fact(words.waiting, progress.frontier.toLocaleString('en'))}
        ${fact(words.pace, perSecond === null ? '–' : pace(perSecond))}
        ${fact(words.memory, memory(progress.bytes + progress.tableBytes))}
      </dl>
      <div class="table-bar">
        <h3>${words.perDepth}</h3>
        <span class="group" role="group" aria-label=${words.perDepth}>
          <button type="button" class="small" data-do="depths-chart" aria-pressed=${!this.#asTable} @click=${() => this.#showAs(false)}>${words.asChart}</button>
          <button type="button" class="small" data-do="depths-table" aria-pressed=${this.#asTable} @click=${() => this.#showAs(true)}>${words.asTable}</button>
        </span>
      </div>
      ${this.#asTable ? table(progress.perDepth, t) : chart(progress.perDepth, Math.max(200, this.width), t)}`;
  }

  #verdict(search: Search): TemplateResult {
    const { kind, text } = verdictOf(search, this.t);
    return html`<div class="lab-verdict ${kind}"><p>${text}</p></div>`;
  }

  #found({ scenario, invariants: [promise] }: Counterexample): TemplateResult {
    const { t } = this;
    return html`<section class="found" aria-label=${t.explorer.counterexample}>
      <h3>${t.explorer.counterexample}</h3>
      ${promise ? html`<p class="quiet" lang="en">${promise.statement}</p>` : nothing}
      ${steps(scenario, t)}
      ${takes(
        scenario,
        {
          play: () => this.emit('visit', { scenario, breaks: promise?.id ?? null, play: true }),
          open: () => this.emit('visit', { scenario, breaks: promise?.id ?? null, play: false }),
          link: () => this.emit('explorer', { do: 'link', scenario }),
        },
        t,
      )}
    </section>`;
  }

  #showAs(asTable: boolean): void {
    this.#asTable = asTable;
    this.draw();
  }
}

/** How a search ended, in a sentence. */
export function verdictOf(
  { progress, status, result }: Search,
  t: Strings,
): { kind: 'ok' | 'broken' | 'limit'; text: string } {
  const words = t.explorer;
  const { states, depth, verdict } = progress;
  if (status === 'cancelled') return { kind: 'limit', text: words.cancelled(states) };
  if (verdict === 'exhausted') return { kind: 'ok', text: words.exhausted(states) };
  if (verdict === 'depthReached') return { kind: 'limit', text: words.depthReached(depth) };
  if (verdict === 'statesReached') return { kind: 'limit', text: words.statesReached(states) };
  const { invariants = [], steps: count = 0 } = result?.counterexample ?? {};
  const names = invariants.map(({ id, name }) => `${t.invariantName(id, name)} (${id})`).join(', ');
  return { kind: 'broken', text: words.violated(names, count) };
}

function fact(name: string, value: string): TemplateResult {
  return html`<div><dt>${name}</dt><dd>${value}</dd></div>`;
}
