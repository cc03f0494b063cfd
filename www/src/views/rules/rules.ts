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
            (rule) => html`
              <li class="row rule ${rule.on ? '' : 'off'} ${rule.name === focus ? 'focus' : ''}">
                <label>
                  <input type="checkbox" role="switch" class="switch" data-rule=${rule.name} .checked=${rule.on}
                    @change=${(event: Event) => this.emit('act', { type: 'setRule', rule: rule.name, on: (event.target as HTMLInputElement).checked })} />
                  <span class="rule-text"><b>${t.ruleName(rule.name)}</b> <span class="section">${t.section(rule.section)}</span><br /><span class="quiet">${t.ruleProtects(rule)}</span></span>
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
