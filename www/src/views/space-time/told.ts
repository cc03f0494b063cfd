import type { EventView, Happening, MessageKind } from '../../model.js';

// What the diagram reads from the data of an event.

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

export function envelopeOf(event: EventView): Envelope | null {
  switch (event.kind) {
    case 'sent':
    case 'delivered':
    case 'duplicated':
    case 'lost': {
      const { kind, from, to, term, entries, success } = event.data;
      const isReply = kind.endsWith('Reply');
      // A received piece of a snapshot is neither yes nor no; it is not refused.
      return {
        kind,
        from,
        to,
        term,
        entries,
        heartbeat: kind === 'AppendEntries' && entries === 0,
        success: isReply ? (success ?? true) : null,
      };
    }
    default:
      return null;
  }
}

/** What an event does to the links between servers. */
export type LinkChange =
  | { kind: 'set'; cut: boolean; pairs: [from: number, to: number][] }
  | { kind: 'partition'; groups: number[][] }
  | { kind: 'heal' };

export function linkChangeOf(event: Happening): LinkChange | null {
  if (event.kind === 'linkBroke' || event.kind === 'linkRecovered') {
    if (event.server === null) return null;
    return { kind: 'set', cut: event.kind === 'linkBroke', pairs: [[event.server, event.data.to]] };
  }
  if (event.kind !== 'acted') return null;
  const action = event.data;
  switch (action.type) {
    case 'heal':
      return { kind: 'heal' };
    case 'partition':
      return { kind: 'partition', groups: action.groups };
    case 'cut':
    case 'mend': {
      const { a, b, oneWay } = action;
      const there: [number, number] = [a, b];
      return { kind: 'set', cut: action.type === 'cut', pairs: oneWay ? [there] : [there, [b, a]] };
    }
    default:
      return null;
  }
}

/** Whether a server stops for a while or goes on, by the reader's or the script's hand. */
export function pauseOf(event: EventView): boolean | null {
  if (event.kind !== 'acted') return null;
  if (event.data.type === 'pause') return true;
  return event.data.type === 'resume' ? false : null;
}

/** The client at which an event happens. */
export function clientOf(event: EventView): string | null {
  switch (event.kind) {
    case 'called':
    case 'returned':
    case 'redirected':
    case 'resent':
      return event.data.client ?? '?';
    default:
      return null;
  }
}
