/** The speed slider: logarithmic from 1/100 to 100 times real time; its last notch is as fast as it goes. */
const SLOWEST = 0.01;
const DECADES = 4;
const NOTCHES_PER_DECADE = 12;

export const SLIDER_MAX = DECADES * NOTCHES_PER_DECADE + 1;

export function speedAt(notch: number): number {
  return notch >= SLIDER_MAX ? Number.POSITIVE_INFINITY : SLOWEST * 10 ** (notch / NOTCHES_PER_DECADE);
}

export function sliderAt(speed: number): number {
  if (speed === Number.POSITIVE_INFINITY) return SLIDER_MAX;
  return Math.round(Math.min(DECADES, Math.max(0, Math.log10(speed / SLOWEST))) * NOTCHES_PER_DECADE);
}
