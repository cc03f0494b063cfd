import { html, nothing, render } from 'lit';
import type { ViolationView } from '../../model.js';
import { View } from '../view.js';

export interface ViolationsState {
  violations: readonly ViolationView[];
  /** The invariant that the experiment is about. */
  focus: string | undefined;
}

/** What the independent checker found broken, with the two facts that contradict each other. */
export class ViolationsView extends View {
  update({ violations, focus }: ViolationsState): void {
    const { t } = this;
    const kinds = firstOfEach(violations);
    const first = kinds.find(({ invariant }) => invariant === focus) ?? kinds[0];
    const others = kinds.filter((violation) => violation !== first);
    this.root.hidden = first === undefined;
    render(
      first === undefined
        ? nothing
        : html`
            <div class="violation-card" role="group" aria-label=${t.violationLabel}>
              <h3><span class="badge">${first.invariant}</span> ${t.violated(t.invariantName(first.invariant, first.name))}</h3>
              <ul class="contradiction">${first.contradiction.map((fact) => html`<li>${t.fact(fact)}</li>`)}</ul>
              <div class="buttons">
                <button type="button" class="small" @click=${() => this.emit('seekStep', first.step)}>${t.goThere(first.timeMs)}</button>
                <button type="button" class="small" @click=${() => this.emit('explain', first.event)}>${t.why}</button>
                ${
                  others.length === 0
                    ? nothing
                    : html`<span class="quiet">${t.alsoViolated}</span>
                        ${others.map(({ invariant, name, step }) => html`<button type="button" class="small" @click=${() => this.emit('seekStep', step)}><span class="badge">${invariant}</span> ${t.invariantName(invariant, name)}</button>`)}`
                }
              </div>
            </div>
          `,
      this.root,
    );
  }
}

/** A broken invariant is usually broken again at every step that follows; the first time is the one to see. */
function firstOfEach(violations: readonly ViolationView[]): ViolationView[] {
  const seen = new Set<string>();
  return violations.filter(({ invariant }) => !seen.has(invariant) && seen.add(invariant));
}
