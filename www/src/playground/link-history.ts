import type { Marker } from '../model.js';
import { directionKey, isSpecial, type LinkQualities, type LinkQuality } from '../views/ring/facts.js';

/** A change of how links carry messages. */
interface Change {
  step: number;
  /** `null`: all links. */
  ends: [a: number, b: number] | null;
  oneWay: boolean;
  quality: Partial<LinkQuality>;
}

// The engine tells what was done to links in a sentence only.
const WHERE = String.raw`(everywhere|(between|from) S(\d+) (?:and|to) S(\d+))`;
const LATENCY = new RegExp(String.raw`^latency ([\d.]+) ms to ([\d.]+) ms ${WHERE}$`);
const LOSS = new RegExp(String.raw`^lose (\d+) ‰ of the messages ${WHERE}$`);

/** How the links are at any moment of a run, by what was done to them before it. */
export class LinkHistory {
  #markers: readonly Marker[] = [];
  #changes: Change[] = [];

  at(step: number, servers: number, markers: readonly Marker[], usual: LinkQuality): LinkQualities {
    if (markers !== this.#markers) {
      this.#markers = markers;
      this.#changes = markers.flatMap((marker) => changeOf(marker) ?? []);
    }
    const special = new Map<number, LinkQuality>();
    for (const change of this.#changes) {
      if (change.step > step) break;
      for (const [from, to] of directions(change, servers)) {
        const key = directionKey(from, to);
        special.set(key, { ...(special.get(key) ?? usual), ...change.quality });
      }
    }
    for (const [key, quality] of special) if (!isSpecial(quality, usual)) special.delete(key);
    return { usual, special };
  }
}

function changeOf({ kind, step, text }: Marker): Change | null {
  if (kind !== 'action') return null;
  const latency = LATENCY.exec(text);
  if (latency) {
    const [, min, max, ...where] = latency;
    return { step, ...placeOf(where), quality: { latencyMs: [Number(min), Number(max)] } };
  }
  const loss = LOSS.exec(text);
  if (!loss) return null;
  const [, permille, ...where] = loss;
  return { step, ...placeOf(where), quality: { lossPermille: Number(permille) } };
}

function placeOf([, way, a, b]: string[]): Pick<Change, 'ends' | 'oneWay'> {
  return { ends: way ? [Number(a), Number(b)] : null, oneWay: way === 'from' };
}

function* directions({ ends, oneWay }: Change, servers: number): Generator<[number, number]> {
  if (ends) {
    yield ends;
    if (!oneWay) yield [ends[1], ends[0]];
    return;
  }
  for (let from = 1; from <= servers; from++) for (let to = 1; to <= servers; to++) if (from !== to) yield [from, to];
}
