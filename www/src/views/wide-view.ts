import { View, type ViewHost } from './view.js';

/** A view that draws to measure: anew, in the next frame, when its width or something in it has changed. */
export abstract class WideView extends View {
  protected width = 0;
  #frame = 0;
  readonly #resize: ResizeObserver;

  constructor(host: ViewHost) {
    super(host);
    this.#resize = new ResizeObserver(([entry]) => {
      const width = Math.floor(entry?.contentRect.width ?? 0);
      if (width === this.width || width === 0) return;
      this.width = width;
      this.redraw();
    });
    this.#resize.observe(this.root);
  }

  dispose(): void {
    this.#resize.disconnect();
    cancelAnimationFrame(this.#frame);
  }

  protected redraw(): void {
    cancelAnimationFrame(this.#frame);
    this.#frame = requestAnimationFrame(() => this.draw());
  }

  /** Shows what the view was last told. */
  protected abstract draw(): void;
}
