/** What hands do on the diagram, in pixels from its left and top. */
export interface GestureHandlers {
  pan(byX: number): void;
  zoom(factor: number, x: number): void;
  /** A range is being drawn; `done` when it is let go, with `null` if it was given up. */
  brush(range: [number, number] | null, done: boolean): void;
  click(x: number, y: number): void;
  /** `null`: the pointer has left. */
  hover(at: { x: number; y: number } | null): void;
}

/** Less than this is a click. */
const CLICK_DISTANCE = 5;
/** Pixels of a wheel for twice the size. */
const WHEEL_DOUBLE = 180;
const LINE_PIXELS = 16;

/**
 * Drag pans, Shift and drag draws a range, two fingers zoom, Ctrl and wheel zoom as a pinch on a pad does. The plain wheel is
 * left to the page, which scrolls.
 */
export class Gestures {
  readonly #surface: HTMLElement;
  readonly #handlers: GestureHandlers;
  readonly #pointers = new Map<number, { x: number; y: number }>();
  #start: { x: number; y: number; brush: boolean } | null = null;
  #moved = false;

  constructor(surface: HTMLElement, handlers: GestureHandlers) {
    this.#surface = surface;
    this.#handlers = handlers;
    surface.addEventListener('pointerdown', this.#onDown);
    surface.addEventListener('pointermove', this.#onMove);
    surface.addEventListener('pointerup', this.#onUp);
    surface.addEventListener('pointercancel', this.#onUp);
    surface.addEventListener('pointerleave', () => handlers.hover(null));
    surface.addEventListener('wheel', this.#onWheel, { passive: false });
  }

  readonly #onDown = (event: PointerEvent): void => {
    if (event.button !== 0) return;
    const at = this.#point(event);
    this.#pointers.set(event.pointerId, at);
    this.#surface.setPointerCapture(event.pointerId);
    this.#moved = this.#pointers.size > 1;
    this.#start = { ...at, brush: event.shiftKey };
  };

  readonly #onMove = (event: PointerEvent): void => {
    const at = this.#point(event);
    const last = this.#pointers.get(event.pointerId);
    if (!last || !this.#start) {
      if (event.pointerType === 'mouse') this.#handlers.hover(at);
      return;
    }
    if (this.#pointers.size > 1) this.#pinch(event.pointerId, at);
    else if (this.#moved || Math.hypot(at.x - this.#start.x, at.y - this.#start.y) > CLICK_DISTANCE) {
      this.#moved = true;
      if (this.#start.brush) this.#handlers.brush([this.#start.x, at.x], false);
      else this.#handlers.pan(last.x - at.x);
    }
    if (this.#moved) this.#pointers.set(event.pointerId, at);
  };

  readonly #onUp = (event: PointerEvent): void => {
    const start = this.#start;
    const alone = this.#pointers.size === 1;
    if (!this.#pointers.delete(event.pointerId) || !start || !alone) return;
    this.#start = null;
    const at = this.#point(event);
    const isCancelled = event.type === 'pointercancel';
    if (start.brush && this.#moved) this.#handlers.brush(isCancelled ? null : [start.x, at.x], true);
    else if (!this.#moved && !isCancelled) this.#handlers.click(at.x, at.y);
  };

  #pinch(id: number, at: { x: number; y: number }): void {
    const last = this.#pointers.get(id);
    const other = [...this.#pointers].find(([its]) => its !== id)?.[1];
    if (!last || !other) return;
    this.#moved = true;
    const [before, now] = [Math.abs(last.x - other.x), Math.abs(at.x - other.x)];
    if (before > 10 && now > 10) this.#handlers.zoom(before / now, (at.x + other.x) / 2);
    this.#handlers.pan((last.x - at.x) / 2);
  }

  readonly #onWheel = (event: WheelEvent): void => {
    const unit = event.deltaMode === WheelEvent.DOM_DELTA_PIXEL ? 1 : LINE_PIXELS;
    if (event.ctrlKey || event.metaKey) {
      event.preventDefault();
      this.#handlers.zoom(2 ** ((event.deltaY * unit) / WHEEL_DOUBLE), this.#point(event).x);
      return;
    }
    const sideways = event.shiftKey ? event.deltaY : event.deltaX;
    if (Math.abs(sideways) <= (event.shiftKey ? 0 : Math.abs(event.deltaY))) return;
    event.preventDefault();
    this.#handlers.pan(sideways * unit);
  };

  #point(event: MouseEvent): { x: number; y: number } {
    const { left, top } = this.#surface.getBoundingClientRect();
    return { x: event.clientX - left, y: event.clientY - top };
  }
}
