import type { Quorums } from './facts.js';
import { type RingGeometry, spanOf } from './geometry.js';
import { Attributes, svg } from './svg.js';

/** The quorums of the last election (dashed) and of the last commit (solid) as the polygons that they span. */
export class QuorumMarks {
  readonly element = svg('g', { class: 'quorums', 'aria-hidden': 'true' });
  readonly #election = svg('path', { class: 'quorum election' });
  readonly #commit = svg('path', { class: 'quorum commit' });
  readonly #electionAt = new Attributes(this.#election);
  readonly #commitAt = new Attributes(this.#commit);

  constructor() {
    this.element.append(this.#commit, this.#election);
  }

  update({ election, commit }: Quorums, geometry: RingGeometry): void {
    draw(this.#electionAt, 'election', election?.servers ?? [], geometry);
    draw(this.#commitAt, 'commit', commit?.servers ?? [], geometry);
  }
}

function draw(path: Attributes, name: string, servers: readonly number[], geometry: RingGeometry): void {
  path.set('class', `quorum ${name}${servers.length === 2 ? ' pair' : ''}`);
  path.set('d', spanOf(geometry, servers));
}
