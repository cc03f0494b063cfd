/** The part of the axis that is shown. */
export interface Viewport {
  fromU: number;
  span: number;
}

export const DEFAULT_SPAN = 400;
const MIN_SPAN = 4;
/** While following, the present stands at this part of the width. */
const PRESENT_AT = 0.86;

export function zoomed({ fromU, span }: Viewport, factor: number, anchorU: number, endU: number): Viewport {
  const next = Math.min(Math.max(span * factor, MIN_SPAN), Math.max(DEFAULT_SPAN, endU * 1.1));
  return clamped({ fromU: anchorU - ((anchorU - fromU) * next) / span, span: next }, endU);
}

export function panned({ fromU, span }: Viewport, byU: number, endU: number): Viewport {
  return clamped({ fromU: fromU + byU, span }, endU);
}

/** Shows a range, whichever end is given first. */
export function ranged(a: number, b: number, endU: number): Viewport {
  const span = Math.max(MIN_SPAN, Math.abs(b - a));
  return clamped({ fromU: Math.min(a, b), span }, endU);
}

export function fitted(endU: number): Viewport {
  const span = Math.max(MIN_SPAN, endU * 1.04);
  return { fromU: -span * 0.02, span };
}

/** Moves only as far as it must to keep the present in sight. */
export function following({ fromU, span }: Viewport, presentU: number): Viewport {
  if (presentU > fromU + span * PRESENT_AT) return { fromU: presentU - span * PRESENT_AT, span };
  if (presentU < fromU) return { fromU: Math.max(-span * 0.02, presentU - span * (1 - PRESENT_AT)), span };
  return { fromU, span };
}

/** Brings a place into view, with some room around it. */
export function revealing({ fromU, span }: Viewport, u: number): Viewport {
  const room = span * 0.08;
  if (u < fromU + room) return { fromU: u - room, span };
  if (u > fromU + span - room) return { fromU: u - span + room, span };
  return { fromU, span };
}

/** Some of the run is always in sight. */
function clamped({ fromU, span }: Viewport, endU: number): Viewport {
  return { fromU: Math.min(Math.max(fromU, -span * 0.5), Math.max(0, endU - span * 0.1)), span };
}
