import { html, svg, type TemplateResult } from 'lit';
import type { Strings } from '../../i18n/index.js';

export interface Bar {
  depth: number;
  count: number;
  x: number;
  y: number;
  width: number;
  height: number;
}

export const HEIGHT = 110;
const TOP = 14;
const FOOT = 16;
/** Wider bars would look like walls. */
const WIDEST = 34;
/** A state is a state: its bar can be seen. */
const LEAST = 1;
/** Between two numbers of the axis. */
const LABEL_WIDTH = 30;

/** One bar for each depth, as high as there are states. */
export function bars(counts: readonly number[], width: number): Bar[] {
  const step = Math.min(WIDEST, width / Math.max(1, counts.length));
  const most = Math.max(1, ...counts);
  const room = HEIGHT - TOP - FOOT;
  return counts.map((count, depth) => {
    const height = count === 0 ? 0 : Math.max(LEAST, (count / most) * room);
    return {
      depth,
      count,
      x: depth * step,
      y: TOP + room - height,
      width: Math.max(1, step - (step > 4 ? 2 : 0.5)),
      height,
    };
  });
}

/** Every how manieth depth has its number below it. */
export function labelEvery(count: number, width: number): number {
  const fit = Math.max(1, Math.floor(Math.min(WIDEST * count, width) / LABEL_WIDTH));
  return [1, 2, 5, 10, 20, 50, 100].find((every) => count / every <= fit) ?? 200;
}

/** Where most states are. */
export function peak(counts: readonly number[]): { depth: number; count: number } {
  const count = Math.max(0, ...counts);
  return { depth: Math.max(0, counts.indexOf(count)), count };
}

export function chart(counts: readonly number[], width: number, t: Strings): TemplateResult {
  const most = peak(counts);
  const all = bars(counts, width);
  const every = labelEvery(counts.length, width);
  const top = all[most.depth];
  const middle = (top?.x ?? 0) + (top?.width ?? 0) / 2;
  const anchor = middle < 40 ? 'start' : middle > width - 40 ? 'end' : 'middle';
  return html`<svg class="depths" role="img" width=${width} height=${HEIGHT} viewBox="0 0 ${width} ${HEIGHT}"
    aria-label=${t.explorer.perDepthLabel(counts.length, most.count, most.depth)}>
    ${all.map(({ x, y, width: wide, height, depth }) => svg`<rect class=${depth === most.depth ? 'most' : ''} x=${x} y=${y} width=${wide} height=${height}></rect>`)}
    ${all.filter(({ depth }) => depth % every === 0).map(({ x, width: wide, depth }) => svg`<text class="depth" x=${x + wide / 2} y=${HEIGHT - 3} text-anchor=${depth === 0 ? 'start' : 'middle'}>${depth}</text>`)}
    ${top ? svg`<text x=${anchor === 'start' ? top.x : anchor === 'end' ? top.x + top.width : middle} y=${TOP - 4} text-anchor=${anchor}>${most.count.toLocaleString('en')}</text>` : ''}
  </svg>`;
}

export function table(counts: readonly number[], t: Strings): TemplateResult {
  const words = t.explorer;
  return html`<div class="lab-table scroller" tabindex="0" role="region" aria-label=${words.perDepth}>
    <table>
      <thead><tr><th scope="col">${words.depth}</th><th scope="col">${words.states}</th></tr></thead>
      <tbody>${counts.map((count, depth) => html`<tr><th scope="row">${depth}</th><td>${count.toLocaleString('en')}</td></tr>`)}</tbody>
    </table>
  </div>`;
}
