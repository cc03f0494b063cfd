import { type Point, partedBy, type RingGeometry, serverAt } from './geometry.js';
import { svg } from './svg.js';

export interface Drawing {
  geometry(): RingGeometry;
  /** Whether strokes on a touch screen draw, and servers are picked rather than joined. */
  picking(): boolean;
  parted(group: number[]): void;
  joined(from: number, to: number): void;
}

/** Less than this is a click. */
const SLACK = 8;

/**
 * Strokes across the ring: around some servers or between them, which parts them from the rest; and from one server to another,
 * which picks the link between them.
 */
export class Gestures {
  readonly element = svg('path', { class: 'stroke' });
  readonly #root: HTMLElement;
  readonly #drawing: Drawing;
  #from: number | null = null;
  #points: Point[] = [];

  constructor(root: HTMLElement, drawing: Drawing) {
    this.#root = root;
    this.#drawing = drawing;
    root.addEventListener('pointerdown', this.#onDown);
  }

  readonly #onDown = (event: PointerEvent): void => {
    if (event.button !== 0) return;
    const target = event.target instanceof Element ? event.target : null;
    const server = target?.closest<SVGElement>('[data-server]');
    const picking = this.#drawing.picking();
    // On a touch screen a stroke scrolls the page, unless it begins at a server or the reader has asked to draw a partition.
    if (target?.closest('[data-message]') || (event.pointerType === 'touch' && !server && !picking)) return;
    if (server && picking) return;
    this.#from = server ? Number(server.dataset.server) : null;
    this.#points = [this.#point(event)];
    // From a server a click is as likely as a stroke: it stays a click until the pointer has moved.
    if (!server) this.#root.setPointerCapture(event.pointerId);
    this.#root.addEventListener('pointermove', this.#onMove);
    this.#root.addEventListener('pointerup', this.#onUp);
    this.#root.addEventListener('pointercancel', this.#onUp);
  };

  readonly #onMove = (event: PointerEvent): void => {
    const first = this.#points[0];
    if (!first) return;
    const here = this.#point(event);
    if (this.#from === null) this.#points.push(here);
    else {
      const isStroke = this.#points.length > 1 || Math.hypot(here.x - first.x, here.y - first.y) > SLACK;
      if (!isStroke) return;
      if (this.#points.length === 1) this.#root.setPointerCapture(event.pointerId);
      const from = this.#drawing.geometry().places[this.#from - 1] ?? first;
      const to = serverAt(this.#drawing.geometry(), here);
      this.#points = [from, to === null ? here : (this.#drawing.geometry().places[to - 1] ?? here)];
    }
    this.element.setAttribute('class', this.#from === null ? 'stroke' : 'stroke wire');
    this.element.setAttribute('d', pathOf(this.#points));
  };

  readonly #onUp = (event: PointerEvent): void => {
    const [from, points] = [this.#from, this.#points];
    this.#from = null;
    this.#points = [];
    this.element.removeAttribute('d');
    this.#root.removeEventListener('pointermove', this.#onMove);
    this.#root.removeEventListener('pointerup', this.#onUp);
    this.#root.removeEventListener('pointercancel', this.#onUp);
    if (event.type !== 'pointerup') return;
    const geometry = this.#drawing.geometry();
    if (from === null) {
      const group = partedBy(points, geometry.places);
      if (group) this.#drawing.parted(group);
    } else if (points.length > 1) {
      const to = serverAt(geometry, this.#point(event));
      if (to !== null && to !== from) this.#drawing.joined(from, to);
    }
  };

  #point(event: PointerEvent): Point {
    const { left, top } = this.#root.getBoundingClientRect();
    return { x: event.clientX - left, y: event.clientY - top };
  }
}

function pathOf(points: readonly Point[]): string {
  return `M${points.map(({ x, y }) => `${x.toFixed(0)} ${y.toFixed(0)}`).join('L')}`;
}
