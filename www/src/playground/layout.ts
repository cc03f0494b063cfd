import { html, render } from 'lit';
import type { Strings } from '../i18n/index.js';
import { icon } from '../views/icons.js';

export const PANELS = [
  'inspect',
  'messages',
  'events',
  'why',
  'diagram',
  'rules',
  'history',
  'metrics',
  'chaos',
  'explorer',
  'branches',
  'breakpoints',
  'share',
] as const;
export type Panel = (typeof PANELS)[number];

/** How much is shown: `none` only plays, `mini` is for a column of text, `full` is everything. */
export type Controls = 'none' | 'mini' | 'full';

export interface Slots {
  scenario: HTMLElement;
  violations: HTMLElement;
  visit: HTMLElement;
  ring: HTMLElement;
  legend: HTMLElement;
  faults: HTMLElement;
  client: HTMLElement;
  logs: HTMLElement;
  transport: HTMLElement;
  help: HTMLElement;
  tour: HTMLElement;
  fatal: HTMLElement;
  notice: HTMLElement;
  live: HTMLElement;
  panels: Record<Panel, HTMLElement>;
}

/** Draws the empty frame of a playground and returns the places that the views fill. */
export function layOut(root: ShadowRoot, t: Strings, id: string, controls: Controls): Slots {
  // A root of its own for each: what Lit remembers of an earlier one does not count here.
  const container = document.createElement('div');
  root.replaceChildren(container);
  render(
    html`
      <div class="playground ${controls}" part="playground">
        <div class="main">
          <header class="top">
            <div class="group corner">
              <button type="button" class="icon-text" data-do="reset" title=${t.reset}>${icon('reset')} <span class="wide-only">${t.reset}</span></button>
              <button type="button" class="icon-button" data-do="copyLink" title=${t.copyLink} aria-label=${t.copyLink}>${icon('link')}</button>
              <button type="button" class="icon-button" data-do="help" title="${t.help} (?)" aria-label=${t.help}>${icon('help')}</button>
            </div>
            <div class="scenario" data-slot="scenario"></div>
          </header>
          <div class="visit" data-slot="visit" hidden></div>
          <div class="violations" data-slot="violations" hidden></div>
          <div class="body">
            <section class="stage-column">
              <div class="ring-view" data-slot="ring"></div>
              <div class="legend" data-slot="legend"></div>
              <div class="tools">
                <div class="faults" data-slot="faults"></div>
                <div class="client" data-slot="client"></div>
              </div>
              <button type="button" class="small ask-why">${t.stallTitle} <kbd>Y</kbd></button>
            </section>
            <section class="side">
              <div class="logs">
                <div class="log-view" data-slot="logs"></div>
              </div>
              <div class="panels">
                <div class="tabs" role="tablist" aria-label=${t.panelsLabel}>
                  ${PANELS.map(
                    (
                      panel,
                      i,
                    ) => html`<button type="button" role="tab" id="${id}-tab-${panel}" data-panel=${panel} aria-controls="${id}-panel-${panel}"
                      aria-selected=${i === 0} tabindex=${i === 0 ? 0 : -1}>${t.panels[panel]}</button>`,
                  )}
                </div>
                ${PANELS.map(
                  (
                    panel,
                    i,
                  ) => html`<div class="panel ${panel}" role="tabpanel" id="${id}-panel-${panel}" aria-labelledby="${id}-tab-${panel}" tabindex="-1" ?hidden=${i > 0}>
                    <div class=${panel === 'inspect' ? 'inspector' : ''} data-slot=${panel}></div>
                  </div>`,
                )}
              </div>
            </section>
          </div>
          <div class="dock">
            <p class="notice" role="status" data-slot="notice"></p>
            <div class="transport" part="toolbar" data-slot="transport"></div>
          </div>
        </div>
        <div class="fatal" data-slot="fatal" hidden></div>
        <div data-slot="help"></div>
        <div data-slot="tour"></div>
        <div class="visually-hidden" aria-live="polite" data-slot="live"></div>
      </div>
    `,
    container,
  );
  const slot = (name: string) => root.querySelector<HTMLElement>(`[data-slot="${name}"]`) as HTMLElement;
  return {
    scenario: slot('scenario'),
    violations: slot('violations'),
    visit: slot('visit'),
    ring: slot('ring'),
    legend: slot('legend'),
    faults: slot('faults'),
    client: slot('client'),
    logs: slot('logs'),
    transport: slot('transport'),
    help: slot('help'),
    tour: slot('tour'),
    fatal: slot('fatal'),
    notice: slot('notice'),
    live: slot('live'),
    panels: Object.fromEntries(PANELS.map((panel) => [panel, slot(panel)])) as Record<Panel, HTMLElement>,
  };
}
