import { type Frame, type FrameServer, termTint } from '../../model.js';
import { type RingGeometry, stretchOf } from './geometry.js';
import { Attributes, svg } from './svg.js';

/** How far C_new runs outside of the ring and C_old inside, while both must agree. */
const APART = 9;
const VOTER = 1;
const OUTGOING = 2;
const LEARNER = 4;

/** Whether the engine says who belongs to the cluster. */
export const knowsMembers = ({ servers }: Frame): boolean => servers.some(({ member }) => member !== 0);

/**
 * The cluster as a ribbon through its servers, painted in the tints of their terms. While the configuration is joint there are
 * two: the voters of C_new on the outer one, those of C_old on the inner one. Learners are on a dotted one.
 */
export class Ribbon {
  readonly element = svg('g', { class: 'ribbons', 'aria-hidden': 'true' });
  #stretches: { outer: Stretch; inner: Stretch }[] = [];
  /** The two rings of a joint configuration, whoever is on them. */
  readonly #rails = [svg('ellipse'), svg('ellipse')];
  #geometry: RingGeometry | null = null;
  #key = '';

  populate(servers: number): void {
    this.#stretches = Array.from({ length: servers }, () => ({ outer: new Stretch(), inner: new Stretch() }));
    const parts = this.#stretches.flatMap(({ outer, inner }) => [...inner.parts, ...outer.parts]);
    this.element.replaceChildren(...this.#rails, ...parts);
    this.#key = '';
  }

  place(geometry: RingGeometry): void {
    this.#geometry = geometry;
    const { centre, rx, ry } = geometry.ellipse;
    for (const [i, rail] of this.#rails.entries()) {
      const outward = i === 0 ? APART : -APART;
      rail.setAttribute('cx', centre.x.toFixed(1));
      rail.setAttribute('cy', centre.y.toFixed(1));
      rail.setAttribute('rx', Math.max(0, rx + outward).toFixed(1));
      rail.setAttribute('ry', Math.max(0, ry + outward).toFixed(1));
    }
    this.#key = '';
  }

  update(frame: Frame): void {
    const { servers, header } = frame;
    const joint = header.joint === 1;
    const known = knowsMembers(frame);
    const key = `${joint} ${servers.map(({ member, term }) => `${member}/${term}`).join(' ')}`;
    if (key === this.#key || !this.#geometry) return;
    this.#key = key;
    for (const rail of this.#rails) rail.setAttribute('class', joint ? 'rail' : 'none');
    const outer = (i: number): Kind => {
      const member = known ? (servers.at(i % servers.length)?.member ?? 0) : VOTER;
      return has(member, VOTER) ? 'voter' : has(member, LEARNER) ? 'learner' : null;
    };
    const inner = (i: number): Kind =>
      joint && has(servers.at(i % servers.length)?.member ?? 0, OUTGOING) ? 'outgoing' : null;
    for (const [i, stretch] of this.#stretches.entries()) {
      const { term } = servers[i] as FrameServer;
      const path = (kindOf: (i: number) => Kind, outward: number) => {
        const goesOn = { before: kindOf(i - 1) !== null, after: kindOf(i + 1) !== null };
        return stretchOf(this.#geometry as RingGeometry, i + 1, outward, goesOn);
      };
      stretch.outer.update(path(outer, joint ? APART : 0), term, outer(i));
      stretch.inner.update(path(inner, -APART), term, inner(i));
    }
  }
}

type Kind = 'voter' | 'outgoing' | 'learner' | null;

/** One server's part of a ribbon: its tint, and an edge in a stronger one. */
class Stretch {
  readonly parts = [svg('path'), svg('path')] as const;
  readonly #at = this.parts.map((part) => new Attributes(part));

  update(d: string, term: number, kind: Kind): void {
    for (const at of this.#at) at.set('d', d);
    const tint = termTint(term);
    this.#at[0]?.set('class', kind ? `ribbon-edge ${kind} ${tint}` : 'ribbon-edge none');
    this.#at[1]?.set('class', kind ? `ribbon ${kind} ${tint}` : 'ribbon none');
  }
}

function has(bits: number, bit: number): boolean {
  return (bits & bit) !== 0;
}
