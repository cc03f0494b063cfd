import { html, render, svg, type TemplateResult } from 'lit';
import { bodyPath, cross, SIGNS, tick } from '../ring/message-mark.js';
import { View } from '../view.js';

/** What the shapes mean, in the same shapes. */
export class LegendView extends View {
  update(): void {
    const { t } = this;
    render(
      html`<ul class="legend-list" aria-label=${t.legendLabel}>
        ${item('vote diamond', 'diamond', 'M-3.2 -1.8L0 3.4L3.2 -1.8', t.legend.requestVote)}
        ${item('prevote diamond', 'diamond', '', t.legend.preVote)} ${item('append box', 'box', '', t.legend.appendEntries)}
        ${item('append heart', 'heart', '', t.legend.heartbeat)} ${item('append ring', 'ring', tick(3.4), t.legend.yes)}
        ${item('append ring', 'ring', cross(2.9), t.legend.no)}
        ${item('append box', 'box', SIGNS.snapshot(8), t.legend.installSnapshot)}
        ${item('vote box', 'box', SIGNS.now(8), t.legend.timeoutNow)}
        ${item('append box', 'box', SIGNS.question(8), t.legend.readIndex)}
      </ul>`,
      this.root,
    );
  }
}

function item(look: string, shape: 'diamond' | 'box' | 'heart' | 'ring', sign: string, label: string): TemplateResult {
  return html`<li>
    <svg viewBox="-12 -10 24 20" width="24" height="20" aria-hidden="true">
      ${svg`<g class="message ${look}"><path class="shape" d=${bodyPath(shape, 8)}></path><path class="sign" d=${sign}></path></g>`}
    </svg>
    ${label}
  </li>`;
}
