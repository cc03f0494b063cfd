import type { EventView, MessageKind } from '../../model.js';

// The engine tells kind, receiver and what was done to links in the sentence of an event only. All reading of sentences is here.

/** What is known of a message from the event that it is about. */
export interface Envelope {
  kind: MessageKind;
  from: number;
  to: number;
  term: number;
  /** AppendEntries without entries. */
  heartbeat: boolean;
  /** How many entries an AppendEntries carries. */
  entries: number;
  /** What a reply says; `null` for requests. */
  success: boolean | null;
}

const ENVELOPE = /(\w+) S(\d+)→S(\d+) term (\d+)(?: (\w+)(?: (\d+))?)?/;
const YES = new Set(['granted', 'accepted', 'installed', 'received', 'read']);

export function envelopeOf({ message, text }: EventView): Envelope | null {
  const found = message === null ? null : ENVELOPE.exec(text);
  if (!found) return null;
  const [, kind = '', from, to, term, word = '', count] = found;
  return {
    kind: kind as MessageKind,
    from: Number(from),
    to: Number(to),
    term: Number(term),
    heartbeat: word === 'heartbeat',
    entries: word === 'with' ? Number(count) : 0,
    success: kind.endsWith('Reply') ? YES.has(word) : null,
  };
}

/** What an event does to the links between servers. */
export type LinkChange =
  | { kind: 'set'; cut: boolean; pairs: [from: number, to: number][] }
  | { kind: 'partition'; groups: number[][] }
  | { kind: 'heal' };

const LINK = /^(cut|mend) the link (between|from) S(\d+) (?:and|to) S(\d+)$/;
const FLAPPED = /^the link from S(\d+) to S(\d+) /;

export function linkChangeOf({ kind, text }: Pick<EventView, 'kind' | 'text'>): LinkChange | null {
  if (kind === 'linkBroke' || kind === 'linkRecovered') {
    const found = FLAPPED.exec(text);
    return found && { kind: 'set', cut: kind === 'linkBroke', pairs: [[Number(found[1]), Number(found[2])]] };
  }
  if (kind !== 'acted') return null;
  if (text === 'mend all links') return { kind: 'heal' };
  if (text.startsWith('partition: ')) {
    const groups = text.slice('partition: '.length).split(' | ');
    return {
      kind: 'partition',
      groups: groups.map((group) => [...group.matchAll(/S(\d+)/g)].map(([, id]) => Number(id))),
    };
  }
  const found = LINK.exec(text);
  if (!found) return null;
  const [a, b] = [Number(found[3]), Number(found[4])];
  return {
    kind: 'set',
    cut: found[1] === 'cut',
    pairs:
      found[2] === 'from'
        ? [[a, b]]
        : [
            [a, b],
            [b, a],
          ],
  };
}

/** Whether a server stops for a while or goes on, by the reader's or the script's hand. */
export function pauseOf({ kind, server, text }: EventView): boolean | null {
  if (kind !== 'acted' || server === null) return null;
  if (text === `pause S${server}`) return true;
  return text === `resume S${server}` ? false : null;
}

const CLIENT =
  /^client (.+?) (?:\([^)]*\) )?(?:reads|writes|appends|sets|deletes|catches|turns|asks|is told|is not told|gets|has caught) /;
const OF_CLIENTS = new Set(['called', 'returned', 'redirected', 'resent']);

/** The client at which an event happens. */
export function clientOf({ kind, text }: EventView): string | null {
  return OF_CLIENTS.has(kind) ? (CLIENT.exec(`${text} `)?.[1] ?? '?') : null;
}
