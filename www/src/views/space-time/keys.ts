import type { Direction } from './walk.js';

export type KeyCommand =
  | { name: 'walk'; direction: Direction }
  | { name: 'zoom'; factor: number }
  | { name: 'pan'; by: number }
  | { name: 'edge'; side: 'from' | 'to' }
  | { name: 'jump' | 'fit' | 'fold' | 'clear' };

const ZOOM = 1.5;
const PAN = 0.25;
const WALKS: Record<string, Direction> = {
  ArrowLeft: 'before',
  ArrowRight: 'after',
  ArrowUp: 'back',
  ArrowDown: 'along',
  PageUp: 'up',
  PageDown: 'down',
  Home: 'first',
  End: 'last',
};

/** What a key means on the diagram; `null` leaves it to the playground. */
export function commandFor({ key, shiftKey, altKey, ctrlKey, metaKey }: KeyboardEvent): KeyCommand | null {
  if (altKey || ctrlKey || metaKey) return null;
  if (shiftKey && (key === 'ArrowLeft' || key === 'ArrowRight'))
    return { name: 'pan', by: key === 'ArrowLeft' ? -PAN : PAN };
  const direction = WALKS[key];
  if (direction) return { name: 'walk', direction };
  switch (key) {
    case '+':
    case '=':
      return { name: 'zoom', factor: 1 / ZOOM };
    case '-':
    case '_':
      return { name: 'zoom', factor: ZOOM };
    case '0':
      return { name: 'fit' };
    case '[':
      return { name: 'edge', side: 'from' };
    case ']':
      return { name: 'edge', side: 'to' };
    case 'Enter':
      return { name: 'jump' };
    case 'o':
    case 'O':
      return { name: 'fold' };
    case 'Escape':
      return { name: 'clear' };
    default:
      return null;
  }
}
