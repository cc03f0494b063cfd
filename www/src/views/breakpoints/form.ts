import { html, nothing, type TemplateResult } from 'lit';
import type { Strings } from '../../i18n/index.js';
import { type Condition, KIND_NAMES, type MessageKind } from '../../model.js';
import { INVARIANTS } from '../invariants.js';
import { type Bound, type BreakWhen, EVENT_GROUPS, type EventGroup } from './when.js';

/** States that the form offers as a further condition, and what else they need. */
const STATES = {
  leads: 'server',
  noLeader: null,
  twoLeaders: null,
  down: 'server',
  behind: 'server',
  committed: 'index',
} as const;
type StateName = keyof typeof STATES;

/** What the fields say that others depend on. */
export interface FormFocus {
  state: StateName | '';
}

export function formFocus(root: HTMLElement): FormFocus {
  return { state: (root.querySelector<HTMLSelectElement>('[name="state"]')?.value ?? '') as StateName | '' };
}

/** The fields of a new breakpoint: what most want first, the rest folded away. */
export function form(servers: number, t: Strings, { state }: FormFocus): TemplateResult {
  const words = t.breakpoints;
  const needs = state === '' ? null : STATES[state];
  return html`
    <div class="fields">
      <label class="wide">${words.event} <select name="kind">
        <option value="">${words.anyEvent}</option>
        ${Object.entries(EVENT_GROUPS).map(
          ([group, kinds]) => html`<optgroup label=${words.group[group as EventGroup]}>
            ${kinds.map((kind) => html`<option value=${kind} ?selected=${kind === 'becomeLeader'}>${words.kind(kind)}</option>`)}
          </optgroup>`,
        )}
      </select></label>
      <label>${words.server} ${serverField('server', servers, words.anyServer)}</label>
      <button type="submit" class="primary" data-do="add">${words.add}</button>
    </div>
    <details class="more-conditions">
      <summary>${words.more}</summary>
      <p class="quiet">${words.moreHint}</p>
      <div class="fields">
        ${bound('term', words.term, t)}
        ${bound('index', words.index, t)}
        <label>${words.message} <select name="message">
          <option value="">${words.anyMessage}</option>
          ${KIND_NAMES.map((kind) => html`<option value=${kind}>${kind}</option>`)}
        </select></label>
        <label>${words.invariant} <select name="invariant">
          <option value="">${words.anyInvariant}</option>
          ${INVARIANTS.map(([id, name]) => html`<option value=${id}>${id} ${t.invariantName(id, name)}</option>`)}
        </select></label>
        <label>${words.only} <select name="state">
          <option value="">${words.always}</option>
          ${Object.keys(STATES).map((name) => html`<option value=${name}>${words.states[name as StateName]}</option>`)}
        </select></label>
        ${needs === 'server' ? html`<label>${words.stateServer} ${serverField('stateServer', servers, null)}</label>` : nothing}
        ${needs === 'index' ? html`<label>${words.stateIndex} <input type="number" name="stateIndex" min="1" max="1000000" value="1" required /></label>` : nothing}
        <label>${words.skip} <input type="number" name="skip" min="0" max="1000000" placeholder="0" /></label>
      </div>
    </details>
  `;
}

function serverField(name: string, servers: number, any: string | null): TemplateResult {
  return html`<select name=${name}>
    ${any === null ? nothing : html`<option value="">${any}</option>`}
    ${Array.from({ length: servers }, (_, i) => html`<option value=${i + 1}>S${i + 1}</option>`)}
  </select>`;
}

function bound(name: 'term' | 'index', label: string, t: Strings): TemplateResult {
  const words = t.breakpoints;
  return html`
    <div class="bound" role="group" aria-label=${label}>
      <span>${label}</span>
      <select name="${name}Is" aria-label=${label}>
        <option value="equal">${words.equal}</option>
        <option value="atLeast">${words.atLeast}</option>
      </select>
      <input type="number" name=${name} min="0" max="1000000" aria-label=${label} />
    </div>
  `;
}

/** What the fields say; those that are empty say nothing. */
export function readForm(form: HTMLFormElement): BreakWhen {
  const data = new FormData(form);
  return whenOf((name) => String(data.get(name) ?? ''));
}

export function whenOf(field: (name: string) => string): BreakWhen {
  const when: BreakWhen = {};
  if (field('kind') !== '') when.kind = field('kind');
  if (field('server') !== '') when.server = Number(field('server'));
  for (const name of ['term', 'index'] as const) {
    if (field(name) === '') continue;
    const value = Number(field(name));
    const found: Bound = field(`${name}Is`) === 'atLeast' ? { atLeast: value } : value;
    when[name] = found;
  }
  if (field('message') !== '') when.message = field('message') as MessageKind;
  if (field('invariant') !== '') when.invariant = field('invariant');
  const state = stateOf(field);
  if (state) when.while = state;
  if (Number(field('skip')) > 0) when.skip = Number(field('skip'));
  return when;
}

function stateOf(field: (name: string) => string): Condition | null {
  const server = Number(field('stateServer') || 1);
  switch (field('state') as StateName | '') {
    case 'leads':
      return { type: 'role', server, role: 'leader' };
    case 'noLeader':
      return { type: 'not', condition: { type: 'leader' } };
    case 'twoLeaders':
      return { type: 'roles', role: 'leader', atLeast: 2 };
    case 'down':
      return { type: 'status', server, status: 'crashed' };
    case 'behind':
      return { type: 'behind', server };
    case 'committed':
      return { type: 'committed', index: Number(field('stateIndex') || 1) };
    default:
      return null;
  }
}
