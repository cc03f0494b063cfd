import type { Frame, Selection } from '../model.js';
import type { Intents, Wish } from '../views/view.js';

/** What a key press depends on. */
export interface Situation {
  frame: Frame;
  selection: Selection | null;
  /** Servers picked for one side of a partition, while that mode lasts. */
  picked: ReadonlySet<number> | null;
  /** The quorums of the last election and commit are shown. */
  quorums: boolean;
  /** Only playback can be controlled. */
  compact: boolean;
}

/**
 * What a key press asks for, in the order in which it is to be done; `null` leaves the key to the browser.
 *
 * An empty list is a key of the playground that means nothing at the moment.
 */
export function wishesFor(event: KeyboardEvent, situation: Situation): Wish[] | null {
  if (event.defaultPrevented || event.altKey || event.ctrlKey || event.metaKey) return null;
  const target = event.composedPath()[0];
  const key = event.key.toLowerCase();
  if (target instanceof HTMLElement && needsForItself(target, key)) return null;
  const played = playback(key, event.shiftKey ? 10 : 1, situation);
  if (played || situation.compact) return played;
  const focused = target instanceof SVGElement ? Number(target.dataset.server ?? 0) : 0;
  return action(key, situation, focused);
}

/** The link between two servers as a selection. */
export function linkOf({ a, b }: { a: number; b: number }): Selection {
  return { kind: 'link', a: Math.min(a, b), b: Math.max(a, b) };
}

function wish<K extends keyof Intents>(name: K, detail: Intents[K]): Wish {
  return { name, detail } as Wish;
}

function playback(key: string, steps: number, { frame, quorums }: Situation): Wish[] | null {
  switch (key) {
    case ' ':
    case 'k':
      return [wish('togglePlay', undefined)];
    case 'arrowleft':
      return [wish('step', -steps)];
    case 'arrowright':
      return [wish('step', steps)];
    case 'home':
      return [wish('seekStep', 0)];
    case 'end':
      return [wish('seekStep', frame.header.headStep)];
    case '.':
    case ',':
      return [wish('mark', key === '.' ? 1 : -1)];
    case 'q':
      return [wish('quorums', !quorums)];
    case '?':
      return [wish('help', true)];
    default:
      return /^[1-9]$/.test(key) && Number(key) > frame.header.servers ? [] : null;
  }
}

function action(key: string, { frame, selection, picked }: Situation, focused: number): Wish[] | null {
  const server = selection?.kind === 'server' ? frame.servers[selection.id - 1] : undefined;
  switch (key) {
    case 'c':
      return server ? [wish('act', { type: server.status === 1 ? 'restart' : 'crash', server: server.id })] : [];
    case 't':
      return server ? [wish('act', { type: 'timeout', server: server.id })] : [];
    case 'h':
      return [wish('act', { type: 'heal' })];
    case 'w':
      return [wish('write', undefined)];
    case 'f':
      return [wish('fork', undefined)];
    case 'n':
      return [wish('runToNext', null)];
    case 'y':
      return [wish('why', selection)];
    case 'p':
      return [wish('pick', picked ? null : [])];
    case 'm': {
      const id = focused || server?.id;
      return id ? [toggled(id, picked)] : [];
    }
    case 'l': {
      if (selection?.kind === 'link') return [wish('editLink', selection)];
      const a = focused || server?.id || 1;
      return frame.header.servers > 1 ? [wish('editLink', { a, b: (a % frame.header.servers) + 1 })] : [];
    }
    case 'escape':
      if (picked) return [wish('pick', null)];
      return selection?.kind === 'link' ? [wish('select', { kind: 'server', id: selection.a })] : null;
    case 'enter': {
      if (!picked || picked.size === 0) return null;
      const others = frame.servers.map(({ id }) => id).filter((id) => !picked.has(id));
      return [wish('act', { type: 'partition', groups: [[...picked], others] }), wish('pick', null)];
    }
    default:
      return /^[1-9]$/.test(key) ? number(Number(key), picked) : null;
  }
}

function number(id: number, picked: ReadonlySet<number> | null): Wish[] {
  return [picked ? toggled(id, picked) : wish('select', { kind: 'server', id })];
}

/** Puts a server on the side that is picked, or takes it back. */
function toggled(id: number, picked: ReadonlySet<number> | null): Wish {
  const group = new Set(picked);
  if (!group.delete(id)) group.add(id);
  return wish(
    'pick',
    [...group].sort((a, b) => a - b),
  );
}

/** Keys that the focused control needs for itself. */
function needsForItself(target: HTMLElement, key: string): boolean {
  const moves = key.startsWith('arrow') || key === 'home' || key === 'end';
  if (target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement) return true;
  if (target instanceof HTMLInputElement) {
    if (target.type === 'range') return moves;
    return target.type === 'checkbox' ? key === ' ' : true;
  }
  if (target.closest('button, a, summary')) return key === ' ' || key === 'enter';
  return target.closest('.scroller') !== null && moves;
}
