import { html, render } from 'lit';
import type { RuleName, RuleView } from '../../model.js';
import { View } from '../view.js';

export interface RulesState {
  rules: readonly RuleView[];
  /** The rule that the scenario is about stands first. */
  focus: RuleName | undefined;
}

/** One switch per safeguard of Raft, each with what it protects. */
export class RulesView extends View {
  update({ rules, focus }: RulesState): void {
    const { t } = this;
    const sorted = [...rules].sort((a, b) => Number(b.name === focus) - Number(a.name === focus));
    render(
      html`
        <p class="quiet">${t.rulesIntro}</p>
        <ul class="rows rules">
          ${sorted.map(
            ({ name, on, section, protects }) => html`
              <li class="row rule ${on ? '' : 'off'} ${name === focus ? 'focus' : ''}">
                <label>
                  <input type="checkbox" role="switch" class="switch" data-rule=${name} .checked=${on}
                    @change=${(event: Event) => this.emit('act', { type: 'setRule', rule: name, on: (event.target as HTMLInputElement).checked })} />
                  <span class="rule-text"><b>${t.ruleName(name)}</b> <span class="section">${section}</span><br /><span class="quiet">${protects}</span></span>
                </label>
              </li>
            `,
          )}
        </ul>
      `,
      this.root,
    );
  }
}
