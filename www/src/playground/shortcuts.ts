/** What a key asks for. */
export type Command =
  | 'togglePlay'
  | 'back'
  | 'forward'
  | 'back10'
  | 'forward10'
  | 'start'
  | 'end'
  | 'crash'
  | 'timeout'
  | 'partition'
  | 'heal'
  | 'write'
  | 'fork'
  | 'help'
  | 'confirm'
  | 'cancel'
  | { server: number };

const KEYS: Record<string, Command> = {
  ' ': 'togglePlay',
  k: 'togglePlay',
  arrowleft: 'back',
  arrowright: 'forward',
  home: 'start',
  end: 'end',
  c: 'crash',
  t: 'timeout',
  p: 'partition',
  h: 'heal',
  w: 'write',
  f: 'fork',
  '?': 'help',
  enter: 'confirm',
  escape: 'cancel',
};

/** Keys that the focused control needs for itself. */
function ownKeys(target: HTMLElement): (key: string) => boolean {
  if (target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement || target.isContentEditable)
    return () => true;
  if (target instanceof HTMLInputElement) {
    if (target.type === 'range') return (key) => key.startsWith('arrow') || key === 'home' || key === 'end';
    if (target.type === 'checkbox') return (key) => key === ' ';
    return () => true;
  }
  if (target.closest('button, a, [role="tab"]')) return (key) => key === ' ' || key === 'enter';
  if (target.closest('.scroller')) return (key) => key.startsWith('arrow');
  return () => false;
}

/** Reads a key press that reached the playground; `null` when it is not for it. */
export function commandFor(event: KeyboardEvent): Command | null {
  if (event.defaultPrevented || event.altKey || event.ctrlKey || event.metaKey) return null;
  const target = event.composedPath()[0];
  const key = event.key.toLowerCase();
  if (target instanceof HTMLElement && ownKeys(target)(key)) return null;
  if (/^[1-9]$/.test(key)) return { server: Number(key) };
  const command = KEYS[key] ?? null;
  if (event.shiftKey && command === 'back') return 'back10';
  if (event.shiftKey && command === 'forward') return 'forward10';
  return command;
}
