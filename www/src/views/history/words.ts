import type { OperationView } from '../../model.js';

/** A value that a key does not have. */
const UNSET = '∅';

/** What an operation asks and what it was told, as short as on a bar; the same in every language. */
export function brief({ kind, key, value, expected, matched, outcome }: OperationView): string {
  switch (kind) {
    case 'get':
      return `${key} → ${outcome === 'ok' ? (value ?? UNSET) : '?'}`;
    case 'put':
      return `${key} = ${value}`;
    case 'append':
      return `${key} += ${value}`;
    case 'cas':
      return `${key}: ${expected ?? UNSET} ⇒ ${value}${matched === null ? '' : matched ? ' ✓' : ' ✗'}`;
    case 'delete':
      return `${key} = ${UNSET}`;
    case 'sync':
      return 'sync';
  }
}

/** As much of a text as fits into a width, at the size of the labels. */
export function shorten(text: string, width: number): string {
  const room = Math.floor(width / LETTER);
  if (room < Math.min(text.length, LEGIBLE)) return '';
  return text.length <= room ? text : `${text.slice(0, room - 1)}…`;
}

/** Fewer letters than that say nothing. */
const LEGIBLE = 4;
/** Width of a letter of a label. */
const LETTER = 6.2;
