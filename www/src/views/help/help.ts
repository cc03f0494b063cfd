import { html, render } from 'lit';
import { View } from '../view.js';

export interface HelpState {
  open: boolean;
}

/** The sheet of keyboard shortcuts. */
export class HelpView extends View {
  update({ open }: HelpState): void {
    const { t, id } = this;
    render(
      html`
        <dialog class="sheet" aria-labelledby="${id}-help" @close=${() => this.emit('help', false)}>
          <h2 id="${id}-help">${t.keysTitle}</h2>
          <dl>
            ${t.keys.map(([keys, what]) => html`<div><dt>${keys.split(' ').map((key) => html`<kbd>${key}</kbd> `)}</dt><dd>${what}</dd></div>`)}
          </dl>
          <p class="quiet">${t.keysHint}</p>
          <form method="dialog">
            <button type="button" class="take-tour" data-do="takeTour" @click=${this.#takeTour}>${t.tour.again}</button>
            <button class="primary" autofocus>${t.close}</button>
          </form>
        </dialog>
      `,
      this.root,
    );
    const dialog = this.root.querySelector('dialog');
    if (open && dialog && !dialog.open) dialog.showModal();
    if (!open && dialog?.open) dialog.close();
  }

  readonly #takeTour = (): void => {
    // First the sheet closes, which gives the focus back: that is where it returns to after the tour.
    this.emit('help', false);
    this.emit('tour', 0);
  };
}
