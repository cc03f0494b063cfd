import type { Strings } from '../../i18n/index.js';
import type { Frame } from '../../model.js';
import { between, type RingGeometry } from './geometry.js';
import { cross } from './message-mark.js';
import { Attributes, svg } from './svg.js';

/** The link between two servers: a thin line, dashed and crossed out where it is cut. */
export class LinkMark {
  readonly element = svg('g', { part: 'link', tabindex: -1, role: 'button' });
  readonly #line = svg('line', { class: 'line' });
  readonly #target = svg('line', { class: 'target' });
  /** Crosses for a → b, for b → a, and for both ways. */
  readonly #crosses = [svg('path'), svg('path'), svg('path')];
  readonly #at = new Attributes(this.element);
  readonly a: number;
  readonly b: number;

  constructor(a: number, b: number) {
    this.a = a;
    this.b = b;
    this.element.dataset.link = `${a} ${b}`;
    this.element.append(this.#line, this.#target, ...this.#crosses);
  }

  place(geometry: RingGeometry): void {
    const from = geometry.places[this.a - 1] ?? { x: 0, y: 0 };
    const to = geometry.places[this.b - 1] ?? from;
    for (const line of [this.#line, this.#target]) {
      line.setAttribute('x1', from.x.toFixed(1));
      line.setAttribute('y1', from.y.toFixed(1));
      line.setAttribute('x2', to.x.toFixed(1));
      line.setAttribute('y2', to.y.toFixed(1));
    }
    // A cross nearer to the server that can no longer be reached.
    for (const [i, at] of [0.66, 0.34, 0.5].entries()) {
      const { x, y } = between(from, to, at);
      this.#crosses[i]?.setAttribute('transform', `translate(${x.toFixed(1)} ${y.toFixed(1)})`);
      this.#crosses[i]?.setAttribute('d', cross(5));
    }
  }

  update(frame: Frame, selected: boolean, t: Strings): void {
    const there = frame.cut(this.a, this.b);
    const back = frame.cut(this.b, this.a);
    const state = there && back ? 'cut' : there ? 'cut-there' : back ? 'cut-back' : 'whole';
    this.#at.set('class', `link ${state}${selected ? ' selected' : ''}`);
    this.#at.set('aria-label', t.linkLabel(this.a, this.b, state));
    this.#at.set('aria-pressed', String(selected));
  }
}
