/** Where the card of a tour stands beside the thing that it points at. All in pixels of one frame. */
export interface Box {
  x: number;
  y: number;
  width: number;
  height: number;
}

/** Room between the thing and its card: the frame around the thing and the tip of the card. */
export const GAP = 14;
/** The card stays so far from the edges. */
export const MARGIN = 8;

export interface Place {
  x: number;
  y: number;
  /** Which side of the thing the card is at. */
  side: 'above' | 'below';
  /** Where along the card its tip is. */
  tip: number;
}

/** Below the thing if there is room in what can be seen, otherwise above it, or else where there is more room. */
export function place(target: Box, card: { width: number; height: number }, seen: Box): Place {
  const needed = card.height + GAP + MARGIN;
  const below = seen.y + seen.height - (target.y + target.height);
  const above = target.y - seen.y;
  const side = below >= needed || below >= above ? 'below' : 'above';
  const middle = target.x + target.width / 2;
  const x = within(middle - card.width / 2, seen.x + MARGIN, seen.x + seen.width - card.width - MARGIN);
  const y = side === 'below' ? target.y + target.height + GAP : target.y - card.height - GAP;
  return { x, y, side, tip: within(middle - x, 2 * GAP, card.width - 2 * GAP) };
}

/** Where both bounds cannot be kept, the lower one counts. */
function within(value: number, low: number, high: number): number {
  return Math.max(low, Math.min(high, value));
}
