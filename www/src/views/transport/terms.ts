import type { Marker } from '../../model.js';

export interface TermSpan {
  term: number;
  fromMs: number;
  toMs: number;
}

/** The stretches of time during which each term was the highest one that anybody had begun. */
export function termSpans(markers: readonly Marker[], endMs: number): TermSpan[] {
  const spans: TermSpan[] = [{ term: 0, fromMs: 0, toMs: endMs }];
  for (const { term, timeMs } of markers) {
    const last = spans.at(-1) as TermSpan;
    if (term <= last.term) continue;
    last.toMs = timeMs;
    spans.push({ term, fromMs: timeMs, toMs: endMs });
  }
  return spans.filter(({ fromMs, toMs }) => toMs > fromMs);
}
