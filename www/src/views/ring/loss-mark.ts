import type { Strings } from '../../i18n/index.js';
import { LOSS_SHOWN_MS, type Loss } from './facts.js';
import { between, lane, type RingGeometry } from './geometry.js';
import { bodyPath, cross, lookOf } from './message-mark.js';
import { Attributes, svg, Text } from './svg.js';

/** Where a message was lost: its outline, crossed out, growing fainter with the time of the run. */
export class LossMark {
  readonly element = svg('g');
  readonly #shape = svg('path', { class: 'shape' });
  readonly #cross = svg('path', { class: 'cross' });
  readonly #word = svg('text', { class: 'why' });
  readonly #at = new Attributes(this.element);
  readonly #shapeAt = new Attributes(this.#shape);
  readonly #crossAt = new Attributes(this.#cross);
  readonly #wordAt = new Attributes(this.#word);
  readonly #text = new Text(this.#word);

  constructor() {
    this.element.append(this.#shape, this.#cross, this.#word);
  }

  update(loss: Loss, timeMs: number, geometry: RingGeometry, t: Strings): void {
    const size = geometry.message;
    const look = lookOf(loss);
    const { start, end } = lane(geometry, loss.from, loss.to);
    const { x, y } = between(start, end, loss.progress);
    const age = Math.min(1, Math.max(0, (timeMs - loss.timeMs) / LOSS_SHOWN_MS));
    this.#at.set('class', `loss ${look.family} ${loss.why}`);
    this.#at.set('transform', `translate(${x.toFixed(1)} ${y.toFixed(1)})`);
    this.#at.set('opacity', (1 - 0.65 * age).toFixed(2));
    this.#shapeAt.set('d', bodyPath(look.shape, size));
    this.#crossAt.set('d', cross(size * 0.8));
    this.#text.set(t.cluster.lost[loss.why]);
    this.#wordAt.set('y', (-size - 5).toFixed(1));
  }
}
