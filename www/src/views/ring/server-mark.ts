import type { Strings } from '../../i18n/index.js';
import { type Appearance, appearance, countBits, type FrameServer, termTint } from '../../model.js';
import { type RingGeometry, SMALL } from './geometry.js';
import { tick } from './message-mark.js';
import { Attributes, svg, Text } from './svg.js';

/** What is known of a server besides its state. */
export interface ServerNotes {
  selected: boolean;
  picked: boolean;
  /** It belongs to the quorum of the last election, of the last commit. */
  elected: boolean;
  commits: boolean;
  /** What it is in the cluster, unless that goes without saying. */
  member: Membership | null;
}

export type Membership = 'old' | 'new' | 'both' | 'learner' | 'outsider';

/** One server of the ring: its role as shape, letter and word, its timer as an arc that runs out. */
export class ServerMark {
  readonly element = svg('g', { part: 'node', tabindex: -1, role: 'button' });
  /** The words around it. They are no part of the button, whose name says the same in a sentence. */
  readonly labels = svg('g', { 'aria-hidden': 'true' });
  readonly #timer = svg('circle', { class: 'timer', pathLength: 100 });
  readonly #track = svg('circle', { class: 'timer-track' });
  readonly #halo = svg('circle', { class: 'halo' });
  readonly #shape = svg('path', { class: 'shape' });
  readonly #sign = svg('path', { class: 'sign' });
  readonly #name = svg('text', { class: 'name' });
  readonly #letter = svg('text', { class: 'letter' });
  readonly #word = svg('text', { class: 'word' });
  readonly #chip = svg('rect', { class: 'term-chip', rx: 5, height: 17 });
  readonly #term = svg('text', { class: 'term' });
  readonly #vote = svg('text', { class: 'vote' });
  readonly #elected = svg('path', { class: 'badge elected' });
  readonly #commits = svg('path', { class: 'badge commits' });
  readonly #star = svg('path', { class: 'badge star' });
  readonly #shared = svg('circle', { class: 'shared-ring' });
  readonly #at = new Attributes(this.element);
  readonly #labelsAt = new Attributes(this.labels);
  readonly #timerAt = new Attributes(this.#timer);
  readonly #chipAt = new Attributes(this.#chip);
  readonly #letterText = new Text(this.#letter);
  readonly #wordText = new Text(this.#word);
  readonly #termText = new Text(this.#term);
  readonly #voteText = new Text(this.#vote);
  #radius = 0;
  #shown: Appearance | undefined;

  constructor(id: number) {
    this.#name.textContent = `S${id}`;
    this.element.dataset.server = String(id);
    this.element.append(this.#shared, this.#halo, this.#track, this.#timer, this.#shape, this.#sign);
    this.labels.append(this.#name, this.#letter, this.#word, this.#chip, this.#term, this.#vote);
    this.labels.append(this.#elected, this.#commits, this.#star);
  }

  place(geometry: RingGeometry, id: number): void {
    const { x, y } = geometry.places[id - 1] ?? { x: 0, y: 0 };
    const r = geometry.radius;
    for (const part of [this.element, this.labels]) {
      part.setAttribute('transform', `translate(${x.toFixed(1)} ${y.toFixed(1)})`);
    }
    for (const circle of [this.#timer, this.#track]) circle.setAttribute('r', String(r + geometry.timer));
    this.#timer.setAttribute('transform', 'rotate(-90)');
    const small = r < SMALL;
    this.#halo.setAttribute('r', String(r + (small ? geometry.timer + 3.5 : 12)));
    this.#shared.setAttribute('r', String(r + (small ? geometry.timer + 1 : 11)));
    this.#placeBadges(r);
    this.#name.setAttribute('y', (r * (small ? 0.02 : 0.06)).toFixed(1));
    this.#name.setAttribute('font-size', (r * (small ? 0.68 : 0.44)).toFixed(1));
    this.#letter.setAttribute('y', (r * (small ? 0.5 : 0.54)).toFixed(1));
    this.#letter.setAttribute('font-size', (r * (small ? 0.52 : 0.3)).toFixed(1));
    this.#word.setAttribute('y', String(r + 24));
    this.#chip.setAttribute('y', String(r + 29));
    this.#term.setAttribute('y', String(r + 41.5));
    this.#vote.setAttribute('y', String(-r - 16));
    if (r !== this.#radius) this.#shown = undefined;
    this.#radius = r;
  }

  #placeBadges(r: number): void {
    const [x, y, s] = [0.84 * (r + 6), -0.66 * (r + 6), 7];
    this.#elected.setAttribute('d', `M${-s} ${-s}h${2 * s}v${2 * s}h${-2 * s}Z${tick(s * 0.55)}`);
    this.#commits.setAttribute('d', `M${-s} 0A${s} ${s} 0 1 1 ${s} 0A${s} ${s} 0 1 1 ${-s} 0Z${tick(s * 0.5)}`);
    this.#star.setAttribute('d', star(8.5));
    this.#elected.setAttribute('transform', at(-x, y));
    this.#commits.setAttribute('transform', at(x, y));
    this.#star.setAttribute('transform', at(x, -y));
  }

  update(server: FrameServer, t: Strings, { selected, picked, elected, commits, member }: ServerNotes): void {
    const look = appearance(server);
    if (look !== this.#shown) {
      this.#shown = look;
      this.#shape.setAttribute('d', shapeOf(look, this.#radius));
      this.#sign.setAttribute('d', signOf(look, this.#radius));
      this.#wordText.set(t.role[look]);
    }
    const size = this.#radius < SMALL ? ' small' : '';
    const outside = member === 'outsider' ? ' outsider' : '';
    const quorum = elected && commits ? ' elected commits shared' : elected ? ' elected' : commits ? ' commits' : '';
    this.#at.set(
      'class',
      `server ${look}${size}${selected ? ' selected' : ''}${picked ? ' picked' : ''}${outside}${quorum}`,
    );
    this.#labelsAt.set('class', `server labels ${look}${size}${outside}${quorum}${member ? ' member' : ''}`);
    const left = server.timerTotalMs > 0 ? Math.min(1, server.timerRemainingMs / server.timerTotalMs) : 0;
    const running = server.timerKind !== 0 && server.status === 0;
    this.#timerAt.set(
      'class',
      running ? (server.timerKind === 1 ? 'timer election' : 'timer heartbeat') : 'timer none',
    );
    this.#timerAt.set('stroke-dasharray', `${(left * 100).toFixed(1)} 101`);

    const term = t.termShort(server.term);
    const width = 12 + term.length * 6.6;
    this.#termText.set(term);
    this.#letterText.set(size ? term : t.roleLetter[look]);
    this.#chipAt.set('class', `term-chip ${termTint(server.term)}`);
    this.#chipAt.set('width', width.toFixed(1));
    this.#chipAt.set('x', (-width / 2).toFixed(1));
    this.#voteText.set(voteLine(server, t) || (member ? t.cluster.memberShort[member] : ''));
    const notes = t.cluster.serverNotes({ elected, commits, member, picked });
    this.#at.set('aria-label', [t.serverLabel(server, look), ...notes].join(', '));
    this.#at.set('aria-pressed', String(selected));
  }
}

function voteLine(server: FrameServer, t: Strings): string {
  if (server.status === 1) return '';
  if (server.role === 1 || server.role === 2) return t.votes(countBits(server.votesGranted), countBits(server.voters));
  return server.votedFor > 0 && server.votedFor !== server.id ? t.votedFor(server.votedFor) : '';
}

export function shapeOf(look: Appearance, r: number): string {
  switch (look) {
    case 'leader':
      return polygon(6, r * 1.06, Math.PI / 6);
    case 'candidate':
      return polygon(4, r * 1.16, 0);
    case 'preCandidate':
      return polygon(8, r * 1.02, Math.PI / 8);
    default:
      return circle(r);
  }
}

function signOf(look: Appearance, r: number): string {
  const s = r * 0.26;
  if (look === 'leader') {
    const y = -r * 0.62;
    return `M${-s} ${y + s * 0.5}L${-s} ${y - s * 0.5}L${-s * 0.45} ${y}L0 ${y - s * 0.8}L${s * 0.45} ${y}L${s} ${y - s * 0.5}L${s} ${y + s * 0.5}Z`;
  }
  if (look === 'crashed') {
    const d = r * 0.68;
    return `M${-d} ${-d}L${d} ${d}M${d} ${-d}L${-d} ${d}`;
  }
  if (look === 'paused') {
    const y = -r * 0.72;
    return `M${-s * 0.6} ${y}V${y + s * 1.1}M${s * 0.6} ${y}V${y + s * 1.1}`;
  }
  return '';
}

function at(x: number, y: number): string {
  return `translate(${x.toFixed(1)} ${y.toFixed(1)})`;
}

export function star(r: number): string {
  const points = Array.from({ length: 10 }, (_, i) => {
    const angle = (i * Math.PI) / 5 - Math.PI / 2;
    const out = i % 2 === 0 ? r : r * 0.45;
    return `${n(out * Math.cos(angle))} ${n(out * Math.sin(angle))}`;
  });
  return `M${points.join('L')}Z`;
}

function circle(r: number): string {
  return `M${-r} 0A${r} ${r} 0 1 1 ${r} 0A${r} ${r} 0 1 1 ${-r} 0Z`;
}

/** A polygon with softly rounded corners. */
function polygon(corners: number, r: number, turn: number): string {
  const point = (i: number) => {
    const angle = turn + (2 * Math.PI * i) / corners - Math.PI / 2;
    return { x: r * Math.cos(angle), y: r * Math.sin(angle) };
  };
  let path = '';
  for (let i = 0; i < corners; i++) {
    const [before, corner, after] = [point(i - 1), point(i), point(i + 1)];
    const soft = 0.16;
    const from = { x: corner.x + (before.x - corner.x) * soft, y: corner.y + (before.y - corner.y) * soft };
    const to = { x: corner.x + (after.x - corner.x) * soft, y: corner.y + (after.y - corner.y) * soft };
    path += `${i === 0 ? 'M' : 'L'}${n(from.x)} ${n(from.y)}Q${n(corner.x)} ${n(corner.y)} ${n(to.x)} ${n(to.y)}`;
  }
  return `${path}Z`;
}

function n(value: number): string {
  return value.toFixed(2);
}
