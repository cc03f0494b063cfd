import { html, nothing, render } from 'lit';
import type { ExpectationView, Scenario } from '../../model.js';
import { View } from '../view.js';

export interface ScenarioState {
  scenario: Scenario;
  /** What the script says about the present moment. */
  caption: string;
  expectations: readonly ExpectationView[];
  /** Rules that are switched off. */
  rulesOff: number;
}

/** The experiment: its title and question, what is happening now, and what it claims. */
export class ScenarioView extends View {
  update({ scenario, caption, expectations, rulesOff }: ScenarioState): void {
    const { t } = this;
    render(
      html`
        <div class="headline">
          <h2 part="title">${scenario.title.en}</h2>
          ${rulesOff > 0 ? html`<span class="modified" title=${t.modifiedHint}>⚠ ${t.modified(rulesOff)}</span>` : nothing}
        </div>
        ${scenario.question ? html`<p class="question">${scenario.question.en}</p>` : nothing}
        ${caption ? html`<p class="caption" part="caption">${caption}</p>` : nothing}
        ${
          expectations.length > 0
            ? html`<ul class="expectations" aria-label=${t.expectationsLabel}>
                ${expectations.map(
                  ({ text, result, step }) => html`<li class=${result}>
                    <span class="mark" aria-hidden="true">${result === 'held' ? '✓' : result === 'failed' ? '✗' : '…'}</span>
                    <span class="visually-hidden">${t.expectation[result]}: </span>
                    ${step === null ? text : html`<button type="button" class="plain" @click=${() => this.emit('seekStep', step)}>${text}</button>`}
                  </li>`,
                )}
              </ul>`
            : nothing
        }
      `,
      this.root,
    );
  }
}
