import { svg, type TemplateResult } from 'lit';
import type { Strings } from '../../i18n/index.js';
import { happeningOf, type Marker } from '../../model.js';
import { linear, type Span, ticks } from '../metrics/scale.js';
import { termSpans } from '../transport/terms.js';

/** Marks of one kind nearer than this are drawn as one. */
const APART = 5;
export const AXIS_HEIGHT = 50;

/** What no client is told: elections, leaders, faults, what a person did to the cluster, broken promises. */
export type WorldMark = Marker & { kind: Exclude<Marker['kind'], 'commit'> };

export function worldMarks(markers: readonly Marker[]): WorldMark[] {
  const faults = new Set(markers.filter(({ kind }) => kind === 'fault').map(({ step }) => step));
  return markers.filter((marker): marker is WorldMark => {
    // What a client asks has its own lane, and what made a fault is told by the fault.
    if (marker.kind === 'action') return !('client' in marker.data) && !faults.has(marker.step);
    return marker.kind !== 'commit';
  });
}

/** The marks of a window that do not lie upon one another, with their places. */
export function marksInView(marks: readonly WorldMark[], span: Span, width: number): { mark: WorldMark; x: number }[] {
  const x = linear(span.fromMs, span.toMs, 0, width);
  const last = new Map<string, number>();
  return marks.flatMap((mark) => {
    const at = x(mark.timeMs);
    if (at < 0 || at > width || at - (last.get(mark.kind) ?? Number.NEGATIVE_INFINITY) < APART) return [];
    last.set(mark.kind, at);
    return [{ mark, x: at }];
  });
}

const SHAPES: Record<WorldMark['kind'], string> = {
  leader: 'M0 -5 5 0 0 5 -5 0z',
  election: 'M0 -4.5 4.5 4 -4.5 4z',
  fault: 'M-4 -4 4 4M-4 4 4 -4',
  action: 'M-3.5 -3.5H3.5V3.5H-3.5z',
  violation: 'M0 -6V2M0 4.5V6',
};

export function shape(kind: WorldMark['kind']): string {
  return SHAPES[kind];
}

/** Terms as painted spans, what happened to the servers, and the scale of time. */
export function axis(
  marks: readonly WorldMark[],
  span: Span,
  width: number,
  endMs: number,
  t: Strings,
): TemplateResult {
  const x = linear(span.fromMs, span.toMs, 0, width);
  const clip = (value: number) => Math.min(width, Math.max(0, value));
  const terms = termSpans(marks, Math.max(endMs, span.toMs)).filter(
    ({ fromMs, toMs }) => toMs > span.fromMs && fromMs < span.toMs,
  );
  return svg`
    ${terms.map(({ term, fromMs, toMs }) => {
      const [left, right] = [clip(x(fromMs)), clip(x(toMs))];
      return svg`<rect class="span term-${term % 8}" x=${left} y="0" width=${Math.max(0, right - left)} height="15"></rect>
        ${right - left > 22 ? svg`<text class="term" x=${left + 4} y="11.5">${t.termShort(term)}</text>` : ''}`;
    })}
    ${marksInView(marks, span, width).map(
      ({
        mark,
        x: at,
      }) => svg`<g class="world ${mark.kind}" transform="translate(${at} 23)"><title>${t.happened(happeningOf(mark))}</title>
        <path d=${shape(mark.kind)}></path>
        ${mark.kind === 'leader' && mark.server !== null ? svg`<text x="7" y="4">${`S${mark.server}`}</text>` : ''}</g>`,
    )}
    ${ticks(span.fromMs, span.toMs, Math.max(2, width / 90)).map(
      (time) =>
        svg`<g class="tick" transform="translate(${x(time)} 0)"><line y1="33" y2="37"></line><text y="47">${tickText(time)}</text></g>`,
    )}
  `;
}

function tickText(time: number): string {
  return `${time.toLocaleString('en')} ms`;
}
