import { html, nothing, type TemplateResult } from 'lit';
import type { Strings } from '../../i18n/index.js';
import type { RuleName } from '../../model.js';

/** Why a form was not accepted, and at which of its fields. */
export interface Refusal {
  field: string;
  /** What the workshop says, in English; or which of our own sentences says it. */
  message: string | { own: 'wholeNumber' | 'oneAtLeast' };
}

export interface FormHost {
  t: Strings;
  id: string;
  refusal: Refusal | null;
}

/** The id of a field, for its label and for the focus. */
export const fieldId = (id: string, name: string): string => `${id}-${name}`;

/** A number, as text: what is typed stays, whatever it is. */
export function numberField(
  { t, id, refusal }: FormHost,
  name: string,
  label: string,
  value: string,
  onInput: (value: string) => void,
): TemplateResult {
  const wrong = refusal?.field === name;
  const key = fieldId(id, name);
  return html`<div class="field">
    <label for=${key}>${label}</label>
    <input id=${key} name=${name} type="text" inputmode="numeric" autocomplete="off" spellcheck="false" maxlength="20" .value=${value}
      aria-invalid=${wrong ? 'true' : nothing} aria-describedby=${wrong ? `${key}-error` : nothing}
      @input=${(event: Event) => onInput((event.target as HTMLInputElement).value)} />
    ${wrong ? refusalText(t, key, refusal) : nothing}
  </div>`;
}

export function choiceField<T extends string>(
  { t, id, refusal }: FormHost,
  name: string,
  label: string,
  choices: readonly (readonly [value: T, label: string])[],
  value: T,
  onChange: (value: T) => void,
): TemplateResult {
  const wrong = refusal?.field === name;
  const key = fieldId(id, name);
  return html`<div class="field">
    <label for=${key}>${label}</label>
    <select id=${key} name=${name} aria-invalid=${wrong ? 'true' : nothing} aria-describedby=${wrong ? `${key}-error` : nothing}
      @change=${(event: Event) => onChange((event.target as HTMLSelectElement).value as T)}>
      ${choices.map(([choice, text]) => html`<option value=${choice} ?selected=${choice === value}>${text}</option>`)}
    </select>
    ${wrong ? refusalText(t, key, refusal) : nothing}
  </div>`;
}

export function checkField(
  { id }: FormHost,
  name: string,
  label: string,
  checked: boolean,
  onChange: (checked: boolean) => void,
): TemplateResult {
  return html`<label class="check"><input id=${fieldId(id, name)} name=${name} type="checkbox" .checked=${checked}
    @change=${(event: Event) => onChange((event.target as HTMLInputElement).checked)} /> <span>${label}</span></label>`;
}

/** Which rules are off, folded away behind a line that names them. */
export function rulesField(
  host: FormHost,
  rules: readonly RuleName[],
  off: readonly RuleName[],
  onChange: (off: RuleName[]) => void,
): TemplateResult {
  const { t, id, refusal } = host;
  const wrong = refusal?.field === 'rules';
  const named = off.map((rule) => t.ruleName(rule)).join('; ');
  const toggle = (rule: RuleName, isOff: boolean) =>
    onChange(rules.filter((one) => (one === rule ? isOff : off.includes(one))));
  return html`<details class="rules-off">
      <summary>${t.lab.rulesOff}: <b>${named || t.lab.rulesNone}</b></summary>
      <div class="rule-checks" role="group" aria-label=${t.lab.rulesOff}>
        ${rules.map((rule) => checkField(host, `off-${rule}`, t.ruleName(rule), off.includes(rule), (isOff) => toggle(rule, isOff)))}
      </div>
    </details>
    ${wrong ? refusalText(t, fieldId(id, 'rules'), refusal) : nothing}`;
}

/** Both are always there, so that the focus stays on the one that was pressed. */
export function runButtons(t: Strings, name: string, busy: boolean, cancel: () => void): TemplateResult {
  return html`<div class="buttons">
    <button type="submit" class="primary" data-do="start-${name}" aria-disabled=${String(busy)}>${t.lab.start}</button>
    <button type="button" data-do="cancel-${name}" aria-disabled=${String(!busy)} @click=${cancel}>${t.lab.cancel}</button>
  </div>`;
}

/** What is wrong, in words, next to where it is. */
export function refusalText(t: Strings, key: string, { message }: Refusal): TemplateResult {
  const own = typeof message === 'string' ? t.lab.refused(message) : t.lab[message.own];
  return html`<p class="problem" id="${key}-error" lang=${own === null ? 'en' : nothing}>${own ?? (message as string)}</p>`;
}
