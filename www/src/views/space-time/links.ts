import type { LinkChange } from './told.js';

/** Which links are cut, and how that is said in a few letters. */
export class Links {
  readonly #servers: number;
  readonly #cut = new Set<number>();

  constructor(servers: number) {
    this.#servers = servers;
  }

  change(change: LinkChange): void {
    if (change.kind === 'heal') this.#cut.clear();
    else if (change.kind === 'set') for (const [from, to] of change.pairs) this.#set(from, to, change.cut);
    else this.#partition(change.groups);
  }

  /** `S1 S2 | S3 S4 S5` for a clean partition, single links otherwise; empty when all links are whole. */
  label(most = 3): string {
    if (this.#cut.size === 0) return '';
    const groups = this.#groups();
    if (this.#isPartition(groups)) {
      return groups.map((group) => group.map((id) => `S${id}`).join(' ')).join(' | ');
    }
    const cuts: string[] = [];
    for (const [from, to] of this.#pairs()) {
      const both = this.#isCut(from, to) && this.#isCut(to, from);
      if (both ? from < to : this.#isCut(from, to)) cuts.push(both ? `S${from} ✕ S${to}` : `S${from} ✕→ S${to}`);
    }
    return cuts.length > most ? `${cuts.slice(0, most).join(', ')} +${cuts.length - most}` : cuts.join(', ');
  }

  #partition(groups: number[][]): void {
    const groupOf = (id: number) => groups.findIndex((group) => group.includes(id));
    for (const [from, to] of this.#pairs()) {
      if (groupOf(from) < 0 || groupOf(from) !== groupOf(to)) this.#set(from, to, true);
    }
  }

  #set(from: number, to: number, cut: boolean): void {
    const key = from * (this.#servers + 1) + to;
    if (cut) this.#cut.add(key);
    else this.#cut.delete(key);
  }

  #isCut(from: number, to: number): boolean {
    return this.#cut.has(from * (this.#servers + 1) + to);
  }

  *#pairs(): Generator<[number, number]> {
    for (let from = 1; from <= this.#servers; from++) {
      for (let to = 1; to <= this.#servers; to++) if (from !== to) yield [from, to];
    }
  }

  /** Servers that reach each other over some way. */
  #groups(): number[][] {
    const groups: number[][] = [];
    const seen = new Set<number>();
    for (let id = 1; id <= this.#servers; id++) {
      if (seen.has(id)) continue;
      const group = [id];
      seen.add(id);
      for (const at of group) {
        for (let to = 1; to <= this.#servers; to++) {
          if (seen.has(to) || (this.#isCut(at, to) && this.#isCut(to, at))) continue;
          seen.add(to);
          group.push(to);
        }
      }
      groups.push(group.sort((a, b) => a - b));
    }
    return groups;
  }

  #isPartition(groups: number[][]): boolean {
    const groupOf = (id: number) => groups.find((group) => group.includes(id));
    return groups.length > 1 && [...this.#pairs()].every(([a, b]) => this.#isCut(a, b) === (groupOf(a) !== groupOf(b)));
  }
}
