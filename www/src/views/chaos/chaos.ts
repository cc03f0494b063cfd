import { html, nothing, render, type TemplateResult } from 'lit';
import type { RuleName, Scenario, ShrinkProgress, ShrunkFailure, Style, SweepResult } from '../../model.js';
import { choiceField, fieldId, numberField, type Refusal, refusalText, rulesField, runButtons } from '../lab/fields.js';
import { contradiction, invariantNamed, pace } from '../lab/format.js';
import { steps, takes } from '../lab/found.js';
import css from '../lab/lab.css?inline';
import { adopt } from '../sheet.js';
import { View, type ViewHost } from '../view.js';

/** What the form says; numbers as they were typed. */
export interface ChaosForm {
  style: Style | 'all';
  first: string;
  count: string;
  without: readonly RuleName[];
}

/** A trial of a sweep, and what names it. */
export interface Trial {
  style: Style;
  seed: number;
}

export type ChaosWish =
  | { do: 'form'; form: Partial<ChaosForm> }
  | { do: 'start' }
  | { do: 'cancel' }
  | { do: 'choose'; trial: Trial }
  | { do: 'shrink'; trial: Trial }
  | { do: 'cancelShrink' }
  | { do: 'link'; scenario: Scenario };

export interface Sweep {
  status: 'running' | 'ended' | 'cancelled';
  done: number;
  total: number;
  failed: number;
  perSecond: number | null;
  failures: readonly SweepResult[];
  /** How often each kind of fault occurred in all trials together. */
  faults: Readonly<Record<string, number>>;
  without: readonly RuleName[];
}

export interface ChaosState {
  form: ChaosForm;
  /** All rules there are. */
  rules: readonly RuleName[];
  refusal: Refusal | null;
  /** What went wrong, if it is about no field. */
  problem: string | null;
  /** A sweep is under way, if only just. */
  busy: boolean;
  sweep: Sweep | null;
  /** The failure that is looked at. */
  chosen: SweepResult | null;
  shrinking: ShrinkProgress | 'starting' | null;
  /** What is left of failures, by `keyOf`. */
  shrunk: ReadonlyMap<string, ShrunkFailure>;
}

export const keyOf = ({ style, seed }: Trial): string => `${style} ${seed}`;

/** Rows of the table of failures. */
const MAX_ROWS = 100;

/** Random trouble for many clusters, and what is left of a failure after shrinking. */
export class ChaosView extends View {
  /** Only failures of clusters of so many servers; 0: all. */
  #servers = 0;
  #state: ChaosState | null = null;
  #refused: Refusal | null = null;
  /** The failure that was last brought into view, and what was left of it then. */
  #seen: readonly [chosen: SweepResult | null, small: ShrunkFailure | undefined] = [null, undefined];

  constructor(host: ViewHost) {
    super(host);
    adopt(this.root, css);
    this.root.addEventListener('submit', (event) => {
      event.preventDefault();
      this.emit('chaos', { do: 'start' });
    });
  }

  update(state: ChaosState): void {
    this.#state = state;
    render(
      html`
        <p class="quiet lab-intro">${this.t.chaos.intro}</p>
        ${this.#form(state)}
        ${state.problem === null ? nothing : html`<p class="lab-problem" role="alert">${this.t.lab.failed(state.problem)}</p>`}
        ${state.busy && state.sweep?.status !== 'running' ? html`<div class="lab-progress"><progress aria-label=${this.t.chaos.running}></progress></div>` : nothing}
        ${state.sweep ? this.#sweep(state.sweep, state) : nothing}
        ${state.chosen ? this.#found(state.chosen, state) : nothing}
      `,
      this.root,
    );
    if (state.refusal && state.refusal !== this.#refused) {
      this.root.querySelector<HTMLElement>(`#${fieldId(this.id, state.refusal.field)}`)?.focus();
    }
    this.#refused = state.refusal;
    this.#bringIntoView(state);
  }

  /** What somebody has asked for is below a table. */
  #bringIntoView({ chosen, shrunk }: ChaosState): void {
    const small = chosen ? shrunk.get(keyOf(chosen)) : undefined;
    const [lastChosen, lastSmall] = this.#seen;
    this.#seen = [chosen, small];
    if (chosen && (chosen !== lastChosen || small !== lastSmall)) {
      this.root.querySelector('.found')?.scrollIntoView({ block: 'nearest' });
    }
  }

  // ---------------------------------------------------------------- form

  #form({ form, rules, refusal, busy }: ChaosState): TemplateResult {
    const { t, id } = this;
    const words = t.chaos;
    const host = { t, id, refusal };
    const change = (patch: Partial<ChaosForm>) => this.emit('chaos', { do: 'form', form: patch });
    return html`<form class="lab-form" novalidate aria-label=${t.panels.chaos}>
      <div class="fields">
        ${choiceField(host, 'style', words.style, Object.entries(words.styles) as [Style | 'all', string][], form.style, (style) => change({ style }))}
        ${numberField(host, 'first', words.first, form.first, (first) => change({ first }))}
        ${numberField(host, 'count', words.count, form.count, (count) => change({ count }))}
      </div>
      <p class="quiet style-hint">${words.styleHint[form.style]}</p>
      ${rulesField(host, rules, form.without, (without) => change({ without }))}
      ${refusal?.field === 'form' ? refusalText(t, fieldId(id, 'form'), refusal) : nothing}
      ${runButtons(t, 'chaos', busy, () => this.emit('chaos', { do: 'cancel' }))}
    </form>`;
  }

  // ---------------------------------------------------------------- results

  #sweep(sweep: Sweep, state: ChaosState): TemplateResult {
    const words = this.t.chaos;
    const { status, done, total, failed, perSecond } = sweep;
    const isRunning = status === 'running';
    const parts = [
      words.progress(done, total),
      ...(perSecond === null ? [] : [words.pace(pace(perSecond))]),
      words.failures(failed),
    ];
    return html`
      ${
        isRunning
          ? html`<div class="lab-progress">
              <progress max=${total} value=${done} aria-label=${words.running}></progress>
              <p>${parts.join(' · ')}</p>
            </div>`
          : html`<div class="lab-verdict ${failed > 0 ? 'broken' : status === 'ended' ? 'ok' : 'limit'}">
              <p>${status === 'ended' ? words.ended(done) : words.cancelled(done, total)} ${failed > 0 ? html`<b>${words.failures(failed)}</b>` : words.allHeld}
                ${perSecond === null ? nothing : html`<span class="quiet">${words.pace(pace(perSecond))}</span>`}</p>
            </div>`
      }
      ${failed > 0 ? this.#table(sweep, state) : nothing}
      ${isRunning ? nothing : this.#faults(sweep)}`;
  }

  #faults({ faults }: Sweep): TemplateResult | typeof nothing {
    const words = this.t.chaos;
    const all = Object.entries(faults).sort(([, a], [, b]) => b - a);
    if (all.length === 0) return nothing;
    const sum = all.reduce((total, [, count]) => total + count, 0);
    return html`<details class="faults-done"><summary class="quiet">${words.faults(sum)}</summary>
      <ul class="quiet">${all.map(([kind, count]) => html`<li>${words.fault[kind] ?? kind}: ${count.toLocaleString('en')}</li>`)}</ul>
    </details>`;
  }

  #table({ failures, failed }: Sweep, state: ChaosState): TemplateResult {
    const { t } = this;
    const words = t.chaos;
    const { column } = words;
    const sizes = [...new Set(failures.map(({ servers }) => servers))].sort((a, b) => a - b);
    const fitting = failures.filter(({ servers }) => this.#servers === 0 || servers === this.#servers);
    const rows = fitting.slice(0, MAX_ROWS);
    const isMixed = failures.some(({ style }) => style !== failures[0]?.style);
    const all = this.#servers === 0 ? failed : fitting.length;
    return html`
      <div class="table-bar">
        <h3>${words.table}</h3>
        <label class="quiet">${words.servers} <select name="servers-of" @change=${(event: Event) => this.#choose(Number((event.target as HTMLSelectElement).value))}>
          <option value="0" ?selected=${this.#servers === 0}>${words.anyServers}</option>
          ${sizes.map((size) => html`<option value=${size} ?selected=${size === this.#servers}>${size}</option>`)}
        </select></label>
      </div>
      <div class="lab-table scroller" tabindex="0" role="region" aria-label=${words.table}>
        <table>
          <thead><tr><th scope="col">${column.seed}</th><th scope="col" class="words">${column.broken}</th><th scope="col"><span class="visually-hidden">${words.shrink}</span></th>${isMixed ? html`<th scope="col" class="words">${column.style}</th>` : nothing}<th scope="col">${column.servers}</th><th scope="col">${column.actions}</th><th scope="col">${column.steps}</th></tr></thead>
          <tbody>${rows.map((trial) => this.#row(trial, state, isMixed))}</tbody>
        </table>
      </div>
      ${rows.length < all ? html`<p class="quiet">${words.rows(rows.length, all)}</p>` : nothing}`;
  }

  #row(trial: SweepResult, { chosen, shrunk, shrinking }: ChaosState, isMixed: boolean): TemplateResult {
    const words = this.t.chaos;
    const isChosen = chosen !== null && keyOf(chosen) === keyOf(trial);
    const small = shrunk.get(keyOf(trial));
    const isBusy = isChosen && shrinking !== null;
    // One button for both, so that the focus stays where it is.
    const button = html`<button type="button" class="small" data-do=${small ? 'choose' : 'shrink'} aria-pressed=${small ? String(isChosen) : nothing} aria-disabled=${isBusy ? 'true' : nothing}
      aria-label=${small ? words.shrunkLabel(trial.seed, small.actions) : words.shrinkLabel(trial.seed)}
      @click=${() => isBusy || this.emit('chaos', { do: small ? 'choose' : 'shrink', trial })}>${small ? words.shrunkTo(small.actions) : words.shrink}</button>`;
    return html`<tr class=${isChosen ? 'chosen' : ''} data-seed=${trial.seed}>
      <th scope="row">${trial.seed}</th><td class="words">${this.#broken(trial)}</td><td>${button}</td>
      ${isMixed ? html`<td class="words">${words.styles[trial.style]}</td>` : nothing}<td>${trial.servers}</td><td>${trial.actions.toLocaleString('en')}</td><td>${trial.steps.toLocaleString('en')}</td>
    </tr>`;
  }

  #broken({ property = '', problem = '' }: { property?: string; problem?: string }): string {
    return propertyName(this.t, property, problem);
  }

  #choose(servers: number): void {
    this.#servers = servers;
    if (this.#state) this.update(this.#state);
  }

  // ---------------------------------------------------------------- one failure

  #found(trial: SweepResult, { shrinking, shrunk }: ChaosState): TemplateResult {
    const { t } = this;
    const words = t.chaos;
    const small = shrunk.get(keyOf(trial));
    const problem = small?.problem ?? trial.problem ?? '';
    return html`<section class="found" aria-label=${words.found(trial.seed)}>
      <h3>${words.found(trial.seed)} · ${this.#broken(small ?? trial)}</h3>
      <p lang="en">${contradiction(problem)}</p>
      ${shrinking === null ? nothing : this.#shrinking(shrinking)}
      ${small ? this.#small(small) : nothing}
    </section>`;
  }

  #shrinking(progress: ShrinkProgress | 'starting'): TemplateResult {
    const words = this.t.chaos;
    const known = progress === 'starting' ? null : progress;
    return html`<div class="lab-progress">
      <progress aria-label=${words.shrink} max=${known?.actionsBefore || 1} value=${known ? known.actionsBefore - known.actions : 0}></progress>
      <p>${known ? words.shrinking(known.runs, known.actions, known.actionsBefore) : '…'}
        <button type="button" class="small" data-do="cancel-shrink" @click=${() => this.#cancelShrink()}>${this.t.lab.cancel}</button></p>
    </div>`;
  }

  #cancelShrink(): void {
    this.emit('chaos', { do: 'cancelShrink' });
    // The button is gone; the one that began it takes the focus.
    this.root.querySelector<HTMLElement>('tr.chosen button')?.focus();
  }

  #small({ scenario, property, actions, actionsBefore, runs }: ShrunkFailure): TemplateResult {
    const { t } = this;
    const words = t.chaos;
    const { servers, seed = null } = scenario.cluster;
    return html`
      <p class="quiet">${words.shrunk(actions, actionsBefore, runs)} ${words.cluster(servers, seed)}</p>
      ${actions === 0 ? html`<p>${words.noActions}</p>` : steps(scenario, t)}
      ${takes(
        scenario,
        {
          play: () => this.emit('visit', { scenario, breaks: property, play: true }),
          open: () => this.emit('visit', { scenario, breaks: property, play: false }),
          link: () => this.emit('chaos', { do: 'link', scenario }),
        },
        t,
      )}`;
  }
}

/** What is broken, in words: a promise about data, a hope that did not come true, a level of consistency. */
export function propertyName(t: ViewHost['t'], property: string, problem: string): string {
  const named = invariantNamed(problem);
  const name = named === null ? (t.chaos.property[property] ?? property) : t.invariantName(property, named);
  return /^[A-Z]\d+$/.test(property) ? `${name} (${property})` : name;
}
