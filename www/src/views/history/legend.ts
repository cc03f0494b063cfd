import { html, svg, type TemplateResult } from 'lit';
import type { Strings } from '../../i18n/index.js';
import { shape } from './axis.js';

/** A sample of each shape with its word. */
export function legend(t: Strings): TemplateResult {
  const words = t.history.legend;
  const bar = (classes: string) =>
    svg`<g class="op ${classes}"><rect class="bar" x="1" y="2" width="16" height="11" rx="3"></rect></g>`;
  const items: [TemplateResult, string][] = [
    [bar('write ok'), words.write],
    [bar('read ok'), words.read],
    [bar('write fail'), words.fail],
    [
      svg`<g class="op write unknown"><rect class="bar" x="1" y="2" width="9" height="11" rx="3"></rect><line class="tail" x1="10" x2="19" y1="7.5" y2="7.5"></line></g>`,
      words.unknown,
    ],
    [svg`<g class="point" transform="translate(9 7.5)"><circle r="3.6"></circle></g>`, words.point],
    [svg`<g class="world leader" transform="translate(9 7.5)"><path d=${shape('leader')}></path></g>`, words.leader],
    [
      svg`<g class="world election" transform="translate(9 7.5)"><path d=${shape('election')}></path></g>`,
      words.election,
    ],
    [svg`<g class="world fault" transform="translate(9 7.5)"><path d=${shape('fault')}></path></g>`, words.fault],
    [svg`<g class="world action" transform="translate(9 7.5)"><path d=${shape('action')}></path></g>`, words.action],
    [svg`<path class="tick-mark resent" d="M0 -3V4" transform="translate(9 7)"></path>`, words.retry],
    [svg`<path class="tick-mark redirected" d="M-3 -3H3L0 2z" transform="translate(9 8)"></path>`, words.redirect],
  ];
  return html`<ul class="history-legend quiet" aria-label=${t.history.legendLabel}>
    ${items.map(([sample, word]) => html`<li><svg width="20" height="15" aria-hidden="true">${sample}</svg> ${word}</li>`)}
  </ul>`;
}
