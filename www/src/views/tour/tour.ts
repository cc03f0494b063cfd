import { html, nothing, render } from 'lit';
import { adopt } from '../sheet.js';
import { View } from '../view.js';
import { type Box, place } from './place.js';
import { STEPS } from './steps.js';
import css from './tour.css?inline';

export interface TourState {
  /** Which step is shown; `null` when the tour is over. */
  step: number | null;
  /** Nothing may glide. */
  still: boolean;
  /** The reader has asked for this step: the focus goes there. */
  asked: boolean;
}

/** A few words beside the real thing, one thing after the other. It is no modal: everything can be tried meanwhile. */
export class TourView extends View {
  #state: TourState = { step: null, still: false, asked: false };
  /** Where the focus was before. */
  #before: HTMLElement | null = null;
  #watched: AbortController | null = null;

  update(state: TourState): void {
    const { step } = state;
    const shown = this.#state.step;
    this.#state = state;
    if (shown === null && step !== null) this.#open();
    this.#draw();
    if (step === null) {
      if (shown !== null) this.#close();
    } else if (shown !== step) {
      this.#bringUp(state.still);
      // The heading is read aloud, and Tab goes on to the buttons.
      if (state.asked) this.root.querySelector<HTMLElement>('h2')?.focus({ preventScroll: true });
      this.#follow();
    }
  }

  dispose(): void {
    this.#watched?.abort();
  }

  #draw(): void {
    const { t, id } = this;
    const { step } = this.#state;
    const name = step === null ? undefined : STEPS[step]?.name;
    if (step === null || !name) {
      render(nothing, this.root);
      return;
    }
    const [title, text] = t.tour.steps[name];
    const last = step === STEPS.length - 1;
    const go = (to: number | null) => () => this.emit('tour', to);
    render(
      html`
        <div class="tour-frame" aria-hidden="true"></div>
        <dialog open class="tour-card" aria-labelledby="${id}-title" aria-describedby="${id}-text" @keydown=${this.#onKey}>
          <p class="quiet">${t.tour.step(step + 1, STEPS.length)}</p>
          <h2 id="${id}-title" tabindex="-1">${title}</h2>
          <p id="${id}-text">${text}</p>
          <div class="buttons">
            ${last ? nothing : html`<button type="button" class="quiet-button" data-do="skipTour" @click=${go(null)}>${t.tour.skip}</button>`}
            <span class="gap"></span>
            ${step === 0 ? nothing : html`<button type="button" data-do="tourBack" @click=${go(step - 1)}>${t.tour.back}</button>`}
            <button type="button" class="primary" data-do="tourNext" @click=${go(last ? null : step + 1)}>${last ? t.tour.done : t.tour.next}</button>
          </div>
        </dialog>
      `,
      this.root,
    );
  }

  #open(): void {
    this.#before = this.#scope().activeElement as HTMLElement | null;
    this.#watched = new AbortController();
    adopt(this.root, css);
    const { signal } = this.#watched;
    const follow = () => this.#follow();
    addEventListener('scroll', follow, { capture: true, passive: true, signal });
    addEventListener('resize', follow, { signal });
    const sizes = new ResizeObserver(follow);
    sizes.observe(this.#room());
    signal.addEventListener('abort', () => sizes.disconnect());
  }

  #close(): void {
    this.#watched?.abort();
    this.#watched = null;
    const back = this.#before?.isConnected
      ? this.#before
      : this.#scope().querySelector<HTMLElement>(STEPS[0]?.target ?? '');
    this.#before = null;
    back?.focus({ preventScroll: true });
  }

  #bringUp(still: boolean): void {
    const target = this.#target();
    const dock = this.#scope().querySelector('.dock');
    // Whatever is no part of the dock may be behind it.
    const end = target?.closest('.dock') ? innerHeight : (dock?.getBoundingClientRect().top ?? innerHeight);
    const box = target?.getBoundingClientRect();
    if (box && (box.top < 0 || box.bottom > end))
      target?.scrollIntoView({ block: 'center', behavior: still ? 'instant' : 'smooth' });
  }

  /** Puts frame and card beside the thing, wherever that has gone. */
  #follow(): void {
    const target = this.#target()?.getBoundingClientRect();
    const card = this.root.querySelector<HTMLElement>('.tour-card');
    const frame = this.root.querySelector<HTMLElement>('.tour-frame');
    if (!target || !card || !frame) return;
    const room = this.#room().getBoundingClientRect();
    const here = ({ x, y, width, height }: Box): Box => ({ x: x - room.x, y: y - room.y, width, height });
    const box = here(target);
    const size = { width: card.offsetWidth, height: card.offsetHeight };
    const seen = here({ x: room.x, y: 0, width: room.width, height: innerHeight });
    const { x, y, side, tip } = place(box, size, seen);
    move(frame, { '--x': box.x, '--y': box.y, '--w': box.width, '--h': box.height });
    move(card, { '--x': x, '--y': y, '--tip': tip });
    card.classList.toggle('above', side === 'above');
  }

  readonly #onKey = (event: KeyboardEvent): void => {
    // The keys of the playground work outside of the card.
    event.stopPropagation();
    const { step } = this.#state;
    if (step === null) return;
    if (event.key === 'Escape') this.emit('tour', null);
    else if (event.key === 'ArrowRight' && step < STEPS.length - 1) this.emit('tour', step + 1);
    else if (event.key === 'ArrowLeft' && step > 0) this.emit('tour', step - 1);
    else return;
    event.preventDefault();
  };

  #target(): HTMLElement | null {
    const { step } = this.#state;
    return step === null ? null : this.#scope().querySelector<HTMLElement>(STEPS[step]?.target ?? '');
  }

  #scope(): ShadowRoot {
    return this.root.getRootNode() as ShadowRoot;
  }

  #room(): HTMLElement {
    return this.root.parentElement as HTMLElement;
  }
}

function move(element: HTMLElement, to: Record<string, number>): void {
  for (const [name, value] of Object.entries(to)) element.style.setProperty(name, `${value}px`);
}
