import type { Strings } from '../../i18n/index.js';
import type { Frame } from '../../model.js';
import { isLossy, isSlow, type LinkQualities, type LinkQuality, qualityOf } from './facts.js';
import type { Point, RingGeometry } from './geometry.js';
import { APART, alongLink, linkPath, tip, wordsBeside } from './link-path.js';
import { cross } from './message-mark.js';
import { Attributes, svg, Text } from './svg.js';

/** How one direction is: what is wrong with it, and in which numbers. */
export interface WayState {
  cut: boolean;
  held: boolean;
  flapping: boolean;
  slow: boolean;
  lossy: boolean;
  /** In numbers, what differs from the network. */
  latencyMs: LinkQuality['latencyMs'] | null;
  lossPermille: number | null;
}

export function wayState(frame: Frame, links: LinkQualities, from: number, to: number): WayState {
  const link = frame.link(from, to);
  const { usual } = links;
  const quality = qualityOf(links, from, to);
  const { latencyMs, lossPermille } = quality;
  return {
    cut: link?.cut === 1,
    held: link?.held === 1,
    flapping: link?.flapping === 1,
    slow: isSlow(quality, usual),
    lossy: isLossy(quality, usual),
    latencyMs: latencyMs.some((ms, i) => ms !== usual.latencyMs[i]) ? latencyMs : null,
    lossPermille: lossPermille === usual.lossPermille ? null : lossPermille,
  };
}

/** One direction of a link, or both where they are alike. */
class Way {
  readonly parts = svg('g');
  readonly words = svg('text', { class: 'link-words' });
  readonly #line = svg('path', { class: 'line' });
  readonly #tip = svg('path', { class: 'tip' });
  readonly #sign = svg('path', { class: 'sign' });
  readonly #lineAt = new Attributes(this.#line);
  readonly #tipAt = new Attributes(this.#tip);
  readonly #signAt = new Attributes(this.#sign);
  readonly #at = new Attributes(this.parts);
  readonly #wordsAt = new Attributes(this.words);
  readonly #text = new Text(this.words);

  constructor() {
    this.parts.append(this.#line, this.#tip, this.#sign);
  }

  hide(): void {
    this.#at.set('class', 'way hidden');
    this.#text.set('');
  }

  show(state: WayState, from: Point, to: Point, alone: boolean, selected: boolean, t: Strings): void {
    const aside = alone ? 0 : APART;
    const sign = state.cut ? cross(5) : state.held ? BARS : state.flapping ? ZIGZAG : '';
    // A sign stands nearer to the server that cannot be reached.
    const middle = alongLink(from, to, aside, alone ? 0.5 : 0.66);
    const place = `translate(${middle.x.toFixed(1)} ${middle.y.toFixed(1)})`;
    this.#at.set('class', `way ${namesOf(state).join(' ')}`);
    this.#lineAt.set('d', linkPath(from, to, aside, state.slow));
    this.#signAt.set('d', sign);
    this.#signAt.set('transform', place);
    const end = alongLink(from, to, aside, 0.78);
    this.#tipAt.set('d', alone ? '' : tip(from, to));
    this.#tipAt.set('transform', `translate(${end.x.toFixed(1)} ${end.y.toFixed(1)})`);
    this.#text.set(t.cluster.linkQuality(state));
    const words = alone ? wordsBeside(from, to, APART + 3, 0.5) : wordsBeside(from, to, 2 * APART + 3, 0.4);
    this.#wordsAt.set('class', `link-words ${words.anchor}${selected ? ' selected' : ''}`);
    this.#wordsAt.set('x', words.x.toFixed(1));
    this.#wordsAt.set('y', words.y.toFixed(1));
  }
}

const BARS = 'M-3 -6V6M3 -6V6';
const ZIGZAG = 'M-8 3L-4 -4L0 3L4 -4L8 3';
const USUAL: WayState = {
  cut: false,
  held: false,
  flapping: false,
  slow: false,
  lossy: false,
  latencyMs: null,
  lossPermille: null,
};

function namesOf(state: WayState): string[] {
  return (['cut', 'held', 'flapping', 'slow', 'lossy'] as const).filter((name) => state[name]);
}

/** The link between two servers: a thin line; where its two directions differ, one line for each. */
export class LinkMark {
  readonly element = svg('g', { part: 'link', tabindex: -1, role: 'button' });
  /** What is unusual about it, in numbers; above all lines. */
  readonly words = svg('g', { 'aria-hidden': 'true' });
  readonly #target = svg('path', { class: 'target' });
  readonly #ways = [new Way(), new Way()] as const;
  readonly #at = new Attributes(this.element);
  readonly a: number;
  readonly b: number;
  #from: Point = { x: 0, y: 0 };
  #to: Point = { x: 0, y: 0 };
  #shown = '';

  constructor(a: number, b: number) {
    this.a = a;
    this.b = b;
    this.element.dataset.link = `${a} ${b}`;
    this.element.append(this.#target, ...this.#ways.map(({ parts }) => parts));
    this.words.append(...this.#ways.map(({ words }) => words));
  }

  place(geometry: RingGeometry): void {
    this.#from = geometry.places[this.a - 1] ?? { x: 0, y: 0 };
    this.#to = geometry.places[this.b - 1] ?? this.#from;
    this.#target.setAttribute('d', linkPath(this.#from, this.#to, 0, false));
    this.#shown = '';
  }

  update(frame: Frame, links: LinkQualities, selected: boolean, t: Strings): void {
    const { a, b } = this;
    const [one, other] = [frame.link(a, b), frame.link(b, a)];
    const [there, back] = [qualityOf(links, a, b), qualityOf(links, b, a)];
    const key = `${selected} ${bits(one)} ${bits(other)} ${there.latencyMs} ${there.lossPermille} ${back.latencyMs} ${back.lossPermille}`;
    if (key === this.#shown) return;
    this.#shown = key;
    const states = [wayState(frame, links, a, b), wayState(frame, links, b, a)] as const;
    const alike = JSON.stringify(states[0]) === JSON.stringify(states[1]);
    this.#ways[0].show(states[0], this.#from, this.#to, alike, selected, t);
    if (alike) this.#ways[1].hide();
    else this.#ways[1].show(states[1], this.#to, this.#from, false, selected, t);
    const cut = states[0].cut && states[1].cut ? 'cut' : states[0].cut ? 'cut-there' : states[1].cut ? 'cut-back' : '';
    const whole = alike && JSON.stringify(states[0]) === JSON.stringify(USUAL);
    this.#at.set('class', `link ${whole ? 'whole' : 'special'} ${cut}${selected ? ' selected' : ''}`);
    this.#at.set('aria-label', t.cluster.linkLabel(a, b, ...states));
    this.#at.set('aria-pressed', String(selected));
  }
}

function bits(link: { cut: number; held: number; flapping: number } | undefined): number {
  return link ? link.cut + 2 * link.held + 4 * link.flapping : 0;
}
