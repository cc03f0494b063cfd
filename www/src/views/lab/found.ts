import { html, nothing, type TemplateResult } from 'lit';
import type { Strings } from '../../i18n/index.js';
import type { Scenario } from '../../model.js';
import { type Step, stepsOf } from './actions.js';

/** A run that was found, and whether it plays at once. */
export interface Visit {
  scenario: Scenario;
  /** What is broken in it, by number; a playing run stops there. */
  breaks: string | null;
  play: boolean;
}

/** More lines than these are read in the playground. */
const MAX_LINES = 120;

/** What is done in a run that was found, line by line. */
export function steps(scenario: Scenario, t: Strings): TemplateResult | typeof nothing {
  const all = stepsOf(scenario);
  if (all.length === 0) return nothing;
  const more = all.length - MAX_LINES;
  return html`
    <ol class="steps">${all.slice(0, MAX_LINES).map((step) => line(step, t))}</ol>
    ${more > 0 ? html`<p class="quiet">${t.lab.moreSteps(more)}</p>` : nothing}`;
}

function line({ timeMs, action }: Step, t: Strings): TemplateResult {
  return html`<li><div class="step">
    ${timeMs === null ? nothing : html`<span class="when">${t.ms(timeMs)}</span>`}
    <span>${t.happened({ kind: 'acted', data: action, server: null })}</span>
  </div></li>`;
}

/** What can be done with a run that was found. */
export interface Takes {
  open: (() => void) | null;
  play: (() => void) | null;
  link: () => void;
}

export function takes(scenario: Scenario, { open, play, link }: Takes, t: Strings): TemplateResult {
  return html`<div class="buttons takes">
    ${play ? html`<button type="button" class="primary" data-do="play-found" title=${t.lab.openHint} @click=${play}>${t.lab.play}</button>` : nothing}
    ${open ? html`<button type="button" class=${play ? '' : 'primary'} data-do="open-found" title=${t.lab.openHint} @click=${open}>${t.lab.open}</button>` : nothing}
    <button type="button" data-do="link-found" @click=${link}>${t.lab.copyLink}</button>
    <button type="button" data-do="save-found" @click=${() => save(scenario)}>${t.lab.saveJson}</button>
  </div>`;
}

function save(scenario: Scenario): void {
  const link = document.createElement('a');
  link.download = `${scenario.id}.json`;
  link.href = URL.createObjectURL(new Blob([`${JSON.stringify(scenario, null, 2)}\n`], { type: 'application/json' }));
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
