import { type EventView, type Frame, KIND_NAMES } from '../model.js';
import { LOSS_SHOWN_MS, type Loss } from '../views/ring/facts.js';
import type { EventSource } from './quorum-finder.js';

/** Events that are looked through between two frames; at full speed nobody could see more. */
const MOST_EVENTS = 240;
/** The messages that were lost a moment ago, by the time of the run: the same at every visit of that moment. */
export class Losses {
  #source: EventSource | null = null;
  #branch = -1;
  #count = 0;
  #timeMs = 0;
  #recent: Loss[] = [];
  /** How far each message in flight had come when it was last seen: sent at, arrives at. */
  #seen = new Map<number, readonly [number, number]>();

  recent(source: EventSource, frame: Frame): readonly Loss[] {
    const { branch, events: count, timeMs } = frame.header;
    const goesOn = source === this.#source && branch === this.#branch && count >= this.#count && timeMs >= this.#timeMs;
    if (!goesOn) this.#recent = [];
    const since = Math.max(goesOn ? this.#count : 0, count - MOST_EVENTS);
    if (since < count) {
      for (const event of source.events({ since, limit: count - since })) {
        if (event.kind === 'lost' && event.timeMs >= timeMs - LOSS_SHOWN_MS) this.#add(event);
      }
    }
    if (this.#recent.length > 0) {
      this.#recent = this.#recent.filter((loss) => loss.timeMs >= timeMs - LOSS_SHOWN_MS);
    }
    if (source !== this.#source) this.#seen.clear();
    if (count !== this.#count || source !== this.#source) this.#remember(frame);
    this.#source = source;
    this.#branch = branch;
    this.#count = count;
    this.#timeMs = timeMs;
    return this.#recent;
  }

  #add(event: EventView): void {
    if (event.kind !== 'lost' || event.message === null) return;
    const { from, to, entries, reason: why } = event.data;
    const kind = KIND_NAMES.indexOf(event.data.kind);
    const loss: Loss = {
      message: event.message,
      kind,
      entries,
      from,
      to,
      why,
      timeMs: event.timeMs,
      progress: this.#progress(why, event.message, event.timeMs),
    };
    this.#recent = [...this.#recent, loss];
  }

  /** Links and receivers lose a message when it would arrive; a hand may take it out on its way. */
  #progress(why: Loss['why'], message: number, timeMs: number): number {
    if (why === 'full') return 0;
    if (why !== 'dropped') return 1;
    const [sentMs, arrivesMs] = this.#seen.get(message) ?? [0, -1];
    return arrivesMs > sentMs ? Math.min(1, Math.max(0, (timeMs - sentMs) / (arrivesMs - sentMs))) : 0.5;
  }

  #remember({ header, messages }: Frame): void {
    this.#seen.clear();
    for (let i = 0; i < header.messages; i++) {
      const message = messages[i];
      if (message) this.#seen.set(message.id, [message.sentMs, message.arrivesMs]);
    }
  }
}
