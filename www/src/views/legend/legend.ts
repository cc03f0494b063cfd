import { html, nothing, render, svg, type TemplateResult } from 'lit';
import type { Frame } from '../../model.js';
import { type Quorums, sharedBy } from '../ring/facts.js';
import { bodyPath, cross, SIGNS, tick } from '../ring/message-mark.js';
import { star } from '../ring/server-mark.js';
import { View } from '../view.js';

export interface LegendState {
  frame: Frame;
  quorums: Quorums;
  /** Whether the ring shows them. */
  shown: boolean;
}

const VOTER = 1;
const OUTGOING = 2;
const LEARNER = 4;

/** What the shapes mean, in the same shapes; and in words who decided last and who must decide next. */
export class LegendView extends View {
  update(state: LegendState): void {
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
      </ul>
      ${this.#decided(state)}`,
      this.root,
    );
  }

  #decided({ frame, quorums, shown }: LegendState): TemplateResult {
    const { t } = this;
    const { election, commit } = quorums;
    const shared = sharedBy(quorums);
    const of = (bit: number) => frame.servers.filter(({ member }) => (member & bit) !== 0).map(({ id }) => id);
    const learners = of(LEARNER);
    return html`<div class="decided">
      <button type="button" class="small" data-do="quorums" aria-pressed=${shown} title=${t.cluster.quorumsHint}
        @click=${() => this.emit('quorums', !shown)}>${t.cluster.quorums} <kbd>Q</kbd></button>
      <ul>
        ${
          shown
            ? html`
                ${election ? badge('elected', BOX, t.cluster.electedBy(election)) : html`<li>${t.cluster.nothingDecided}</li>`}
                ${commit ? badge('commits', DISC, t.cluster.committedBy(commit)) : nothing}
                ${election && commit ? badge(shared.length > 0 ? 'star' : 'none', star(8), t.cluster.shared(shared)) : nothing}
              `
            : nothing
        }
        ${frame.header.joint === 1 ? html`<li class="joint">${t.cluster.joint(of(OUTGOING), of(VOTER))}</li>` : nothing}
        ${learners.length > 0 ? html`<li>${t.cluster.learners(learners)}</li>` : nothing}
      </ul>
    </div>`;
  }
}

const BOX = `M-7 -7h14v14h-14Z${tick(4)}`;
const DISC = `M-7 0A7 7 0 1 1 7 0A7 7 0 1 1 -7 0Z${tick(3.6)}`;

function badge(look: string, path: string, label: string): TemplateResult {
  return html`<li class=${look}>
    <svg viewBox="-10 -10 20 20" width="18" height="18" aria-hidden="true">${svg`<path class="badge ${look}" d=${path}></path>`}</svg>
    ${label}
  </li>`;
}

function item(look: string, shape: 'diamond' | 'box' | 'heart' | 'ring', sign: string, label: string): TemplateResult {
  return html`<li>
    <svg viewBox="-12 -10 24 20" width="24" height="20" aria-hidden="true">
      ${svg`<g class="message ${look}"><path class="shape" d=${bodyPath(shape, 8)}></path><path class="sign" d=${sign}></path></g>`}
    </svg>
    ${label}
  </li>`;
}
