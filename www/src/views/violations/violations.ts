import { html, nothing, render } from 'lit';
import type { ViolationView } from '../../model.js';
import { View } from '../view.js';

export interface ViolationsState {
  violations: readonly ViolationView[];
}

/** What the independent checker found broken, with the two facts that contradict each other. */
export class ViolationsView extends View {
  update({ violations }: ViolationsState): void {
    const { t } = this;
    const [first, ...others] = violations;
    this.root.hidden = first === undefined;
    render(
      first === undefined
        ? nothing
        : html`
            <div class="violation-card" role="group" aria-label=${t.violationLabel}>
              <h3><span class="badge">${first.invariant}</span> ${t.violated(first.name)}</h3>
              <p>${first.text}</p>
              <ul class="contradiction"><li>${first.facts[0]}</li><li>${first.facts[1]}</li></ul>
              <div class="buttons">
                <button type="button" class="small" @click=${() => this.emit('seekStep', first.step)}>${t.goThere(first.timeMs)}</button>
                <button type="button" class="small" @click=${() => this.emit('explain', first.event)}>${t.why}</button>
                ${others.length > 0 ? html`<span class="quiet">${t.moreViolations(others.length)}</span>` : nothing}
              </div>
            </div>
          `,
      this.root,
    );
  }
}
