import { html, nothing, render, type TemplateResult } from 'lit';
import type { ExpectationView, RuleView, Scenario, Words } from '../../model.js';
import { View } from '../view.js';

export interface ScenarioState {
  scenario: Scenario;
  /** What the script says about the present moment. */
  caption: Words | null;
  expectations: readonly ExpectationView[];
  /** Rules that are switched off. */
  rulesOff: readonly RuleView[];
  /** The rule that the experiment is about. */
  rule: RuleView | null;
}

/** The experiment: its title and question, what is happening now, and what it claims. */
export class ScenarioView extends View {
  update({ scenario, caption, expectations, rulesOff, rule }: ScenarioState): void {
    const { t } = this;
    render(
      html`
        <div class="headline">
          <h2 part="title">${t.words(scenario.title)}</h2>
          ${
            rulesOff.length > 0
              ? html`<span class="modified" title=${t.modifiedHint(rulesOff.map(({ name }) => t.ruleName(name)))}>⚠ ${t.modified(rulesOff.length)}</span>`
              : nothing
          }
        </div>
        ${scenario.question ? html`<p class="question">${t.words(scenario.question)}</p>` : nothing}
        ${
          rule
            ? html`<label class="try-rule">
                <input type="checkbox" role="switch" class="switch" data-do="tryRule" .checked=${rule.on}
                  @change=${(event: Event) => this.emit('tryRule', (event.target as HTMLInputElement).checked)} />
                <span>${t.tryRule(t.ruleName(rule.name), rule.on)} <span class="section">${t.section(rule.section)}</span></span>
              </label>`
            : nothing
        }
        ${caption ? html`<p class="caption" part="caption">${t.words(caption)}</p>` : nothing}
        ${expectations.length > 0 ? this.#expectations(expectations) : nothing}
      `,
      this.root,
    );
  }

  /** The claims at a glance, one mark each; in words when opened. */
  #expectations(expectations: readonly ExpectationView[]): TemplateResult {
    const { t } = this;
    const mark = ({ result }: ExpectationView) =>
      html`<span class="mark ${result}" aria-hidden="true">${result === 'held' ? '✓' : result === 'failed' ? '✗' : '…'}</span>`;
    const held = expectations.filter(({ result }) => result === 'held').length;
    return html`
      <details class="expectations">
        <summary>${t.claims(held, expectations.length)} ${expectations.map(mark)}</summary>
        <ul>
          ${expectations.map(
            (expectation) => html`<li class=${expectation.result}>
              ${mark(expectation)}
              <span class="visually-hidden">${t.expectation[expectation.result]}: </span>
              ${expectation.step === null ? expectation.text : html`<button type="button" class="plain" @click=${() => this.emit('seekStep', expectation.step as number)}>${expectation.text}</button>`}
            </li>`,
          )}
        </ul>
      </details>
    `;
  }
}
