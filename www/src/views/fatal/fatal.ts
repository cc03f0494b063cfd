import { html, render } from 'lit';
import { View, type ViewHost } from '../view.js';

export interface FatalState {
  message: string;
  /** What to paste into a report; empty when the failure is no bug of the engine. */
  report: string;
  /** `panic`: a bug; `load`: the engine or the scenario could not be fetched or read. */
  kind: 'panic' | 'load';
}

/** Shown instead of a cluster that cannot go on. Nothing broken is ever shown as if it were Raft. */
export class FatalView extends View {
  #report = '';

  constructor(host: ViewHost) {
    super(host);
    this.root.addEventListener('click', (event) => {
      const button = event.target instanceof Element ? event.target.closest<HTMLElement>('[data-do]') : null;
      if (button?.dataset.do === 'fresh') this.emit('reset');
      if (button?.dataset.do === 'copy') void this.#copy(button);
    });
  }

  update({ message, report, kind }: FatalState): void {
    const { t, id } = this;
    this.#report = report;
    render(
      html`
        <div class="fatal-card" role="alert">
          <h2>${kind === 'panic' ? t.panicTitle : t.loadTitle}</h2>
          <p>${kind === 'panic' ? t.panicText : t.loadText}</p>
          <p class="quiet">${message}</p>
          ${
            report
              ? html`<label for="${id}-report">${t.reportLabel}</label>
                  <textarea id="${id}-report" readonly rows="7" .value=${report} spellcheck="false"></textarea>`
              : ''
          }
          <div class="buttons">
            <button type="button" class="primary" data-do="fresh">${kind === 'panic' ? t.freshInstance : t.tryAgain}</button>
            ${report ? html`<button type="button" data-do="copy">${t.copyReport}</button>` : ''}
          </div>
        </div>
      `,
      this.root,
    );
  }

  async #copy(button: HTMLElement): Promise<void> {
    try {
      await navigator.clipboard.writeText(this.#report);
      button.textContent = this.t.copied;
    } catch {
      // Without permission for the clipboard the reader can still copy by hand.
      this.root.querySelector('textarea')?.select();
    }
  }
}
