import type { Strings } from '../../i18n/index.js';
import { type FrameMessage, KIND_NAMES } from '../../model.js';
import { between, lane, type RingGeometry } from './geometry.js';
import { Attributes, svg, Text, translation } from './svg.js';

/**
 * One message on its way: votes are diamonds, appends are boxes, other requests are boxes with a sign, replies are hollow
 * rings with a tick or a cross.
 */
export class MessageMark {
  readonly element = svg('g', { part: 'message', tabindex: -1, role: 'button' });
  readonly #tail = svg('line', { class: 'tail' });
  readonly #body = svg('g');
  readonly #target = svg('circle', { class: 'target', r: 16 });
  readonly #shape = svg('path', { class: 'shape' });
  readonly #sign = svg('path', { class: 'sign' });
  readonly #label = svg('text', { class: 'label' });
  readonly #at = new Attributes(this.element);
  readonly #place = translation(this.#body);
  readonly #tailAt = new Attributes(this.#tail);
  readonly #labelText = new Text(this.#label);
  /** The drawing in which it was last seen. */
  turn = 0;
  #id = 0;
  #look: Look = lookOf({ kind: 4, entries: 0 });
  #geometry: RingGeometry | null = null;
  #lane = { start: { x: 0, y: 0 }, end: { x: 0, y: 0 } };
  #state = '';
  #behind = -1;

  constructor() {
    this.#label.setAttribute('aria-hidden', 'true');
    this.#body.append(this.#tail, this.#target, this.#shape, this.#sign, this.#label);
    this.element.append(this.#body);
  }

  /** What does not move is written once; from frame to frame it is one transform. */
  update(message: FrameMessage, timeMs: number, geometry: RingGeometry, t: Strings, state: MessageState): void {
    if (message.id !== this.#id || geometry !== this.#geometry) this.#become(message, geometry, t);
    const held = message.arrivesMs < 0;
    const { start, end } = this.#lane;
    const progress = state.still || held ? 0.5 : fraction(message, timeMs);
    const here = between(start, end, progress);
    this.#place.setTranslate(here.x, here.y);
    const tail = state.still ? progress : Math.min(progress, TAIL);
    if (tail !== this.#behind) {
      this.#behind = tail;
      this.#tailAt.set('x1', (-(end.x - start.x) * tail).toFixed(1));
      this.#tailAt.set('y1', (-(end.y - start.y) * tail).toFixed(1));
    }
    const now = `${held ? ' held' : ''}${state.cut ? ' cut' : ''}${state.selected ? ' selected' : ''}`;
    if (now === this.#state) return;
    this.#state = now;
    this.#at.set('class', `message ${this.#look.family} ${this.#look.shape}${now}`);
    this.#at.set('aria-pressed', String(state.selected));
  }

  #become(message: FrameMessage, geometry: RingGeometry, t: Strings): void {
    const size = geometry.message;
    const look = lookOf(message);
    this.#id = message.id;
    this.#look = look;
    this.#geometry = geometry;
    this.#lane = lane(geometry, message.from, message.to);
    this.#state = 'new';
    this.#behind = -1;
    this.#shape.setAttribute('d', bodyPath(look.shape, size));
    this.#sign.setAttribute('d', signPath(look, message, size));
    this.#labelText.set(look.shape === 'box' && message.entries > 0 ? `+${message.entries}` : '');
    this.#label.setAttribute('font-size', Math.min(11, size * 1.35).toFixed(1));
    this.#target.setAttribute('r', String(size < 7 ? 12 : 16));
    this.#at.set('data-message', String(message.id));
    this.#at.set('aria-label', t.messageLabel(message, KIND_NAMES[message.kind] ?? 'AppendEntries'));
  }
}

/** The part of its way that a message draws behind it. */
const TAIL = 0.16;

export interface MessageState {
  selected: boolean;
  cut: boolean;
  /** Nothing moves by itself: messages stand in the middle of their lane. */
  still: boolean;
}

type Look = {
  family: 'vote' | 'prevote' | 'append';
  shape: 'diamond' | 'box' | 'heart' | 'ring';
  /** What stands on a box instead of a number of entries. */
  sign?: keyof typeof SIGNS;
};

/** Signs on boxes, for half a box of this size. */
export const SIGNS = {
  /** A stack of lines: the state in place of the log. */
  snapshot: (s: number): string => [-0.4, 0, 0.4].map((y) => `M${-s * 0.7} ${s * y}h${s * 1.4}`).join(''),
  /** Forward: go and campaign. */
  now: (s: number): string => `M${-s * 0.35} ${-s * 0.45}L${s * 0.4} 0L${-s * 0.35} ${s * 0.45}`,
  /** A question: up to where may I read? */
  question: (s: number): string =>
    `M${-s * 0.3} ${-s * 0.25}A${s * 0.3} ${s * 0.3} 0 1 1 0 ${s * 0.05}V${s * 0.2}M0 ${s * 0.5}v${s * 0.05}`,
};

export function lookOf(message: { kind: number; entries: number }): Look {
  switch (message.kind) {
    case 0:
      return { family: 'vote', shape: 'diamond' };
    case 1:
      return { family: 'vote', shape: 'ring' };
    case 2:
      return { family: 'prevote', shape: 'diamond' };
    case 3:
      return { family: 'prevote', shape: 'ring' };
    case 4:
      return { family: 'append', shape: message.entries > 0 ? 'box' : 'heart' };
    case 6:
      return { family: 'append', shape: 'box', sign: 'snapshot' };
    case 8:
      return { family: 'vote', shape: 'box', sign: 'now' };
    case 9:
      return { family: 'append', shape: 'box', sign: 'question' };
    default:
      return { family: 'append', shape: 'ring' };
  }
}

function fraction(message: FrameMessage, timeMs: number): number {
  const whole = message.arrivesMs - message.sentMs;
  return whole > 0 ? Math.min(1, Math.max(0, (timeMs - message.sentMs) / whole)) : 1;
}

export function bodyPath(shape: Look['shape'], s: number): string {
  switch (shape) {
    case 'diamond':
      return `M0 ${-s * 1.15}L${s * 1.15} 0L0 ${s * 1.15}L${-s * 1.15} 0Z`;
    case 'box':
      return `M${-s * 1.25} ${-s * 0.85}h${s * 2.5}v${s * 1.7}h${-s * 2.5}Z`;
    case 'heart':
      return heart(s * 1.08);
    case 'ring':
      return `M${-s * 0.85} 0A${s * 0.85} ${s * 0.85} 0 1 1 ${s * 0.85} 0A${s * 0.85} ${s * 0.85} 0 1 1 ${-s * 0.85} 0Z`;
  }
}

function signPath(look: Look, message: { success: number }, s: number): string {
  if (look.sign) return SIGNS[look.sign](s);
  if (look.shape === 'ring') return message.success === 0 ? cross(s * 0.36) : tick(s * 0.42);
  if (look.shape === 'diamond') return `M${-s * 0.4} ${-s * 0.22}L0 ${s * 0.42}L${s * 0.4} ${-s * 0.22}`;
  return '';
}

function heart(s: number): string {
  const at = (x: number, y: number) => `${(x * s).toFixed(2)} ${(y * s).toFixed(2)}`;
  return `M${at(0, 0.9)}C${at(-1.35, 0)} ${at(-1.1, -0.95)} ${at(-0.52, -0.88)}Q${at(-0.12, -0.84)} ${at(0, -0.42)}Q${at(0.12, -0.84)} ${at(0.52, -0.88)}C${at(1.1, -0.95)} ${at(1.35, 0)} ${at(0, 0.9)}Z`;
}

export function tick(s: number): string {
  return `M${-s} 0L${-s * 0.25} ${s * 0.75}L${s} ${-s * 0.7}`;
}

export function cross(s: number): string {
  return `M${-s} ${-s}L${s} ${s}M${s} ${-s}L${-s} ${s}`;
}
