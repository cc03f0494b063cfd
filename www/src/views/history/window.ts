import type { Span } from '../metrics/scale.js';

/** Nobody looks closer than this. */
const MIN_SPAN_MS = 1;
/** Share of the window that stays free on the right while it follows the run. */
const LEAD = 0.06;

/** Makes a window longer or shorter by a factor; the moment `aroundMs` stays where it is. */
export function zoom(span: Span, factor: number, aroundMs: number, endMs: number): Span {
  const length = Math.max(MIN_SPAN_MS, (span.toMs - span.fromMs) * factor);
  const share = (aroundMs - span.fromMs) / (span.toMs - span.fromMs);
  const fromMs = aroundMs - share * length;
  return within({ fromMs, toMs: fromMs + length }, endMs);
}

export function pan(span: Span, byMs: number, endMs: number): Span {
  return within({ fromMs: span.fromMs + byMs, toMs: span.toMs + byMs }, endMs);
}

/** Moves a window no further than needed to show a stretch of time, and widens it only if the stretch does not fit. */
export function reveal(span: Span, fromMs: number, toMs: number, endMs: number): Span {
  const length = span.toMs - span.fromMs;
  const margin = length * LEAD;
  if (fromMs >= span.fromMs && toMs <= span.toMs) return span;
  if (toMs - fromMs + 2 * margin > length) return within({ fromMs: fromMs - margin, toMs: toMs + margin }, endMs);
  const start = fromMs < span.fromMs ? fromMs - margin : toMs + margin - length;
  return within({ fromMs: start, toMs: start + length }, endMs);
}

/** The window of a given length that shows a moment near its right end. */
export function follow(timeMs: number, lengthMs: number, endMs: number): Span {
  const toMs = timeMs + lengthMs * LEAD;
  return within({ fromMs: toMs - lengthMs, toMs }, endMs);
}

/** The whole run, with a little room after its end. */
export function everything(endMs: number): Span {
  return { fromMs: 0, toMs: Math.max(endMs, MIN_SPAN_MS) * (1 + LEAD) };
}

function within({ fromMs, toMs }: Span, endMs: number): Span {
  const all = everything(endMs);
  const length = Math.min(toMs - fromMs, all.toMs);
  const start = Math.min(Math.max(0, fromMs), all.toMs - length);
  return { fromMs: start, toMs: start + length };
}
