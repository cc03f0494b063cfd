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

function changeOf(marker: Marker): Change | null {
  if (marker.event !== 'acted') return null;
  const { step, data: action } = marker;
  if (action.type !== 'setLatency' && action.type !== 'setLoss') return null;
  const { a, b, oneWay = false } = action;
  const ends: Change['ends'] = a === undefined || b === undefined ? null : [a, b];
  const quality: Partial<LinkQuality> =
    action.type === 'setLoss' ? { lossPermille: action.permille } : { latencyMs: [action.minMs, action.maxMs] };
  return { step, ends, oneWay, quality };
}

function* directions({ ends, oneWay }: Change, servers: number): Generator<[number, number]> {
  if (ends) {
    yield ends;
    if (!oneWay) yield [ends[1], ends[0]];
    return;
  }
  for (let from = 1; from <= servers; from++) for (let to = 1; to <= servers; to++) if (from !== to) yield [from, to];
}
