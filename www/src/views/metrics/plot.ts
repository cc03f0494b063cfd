import { html, nothing, svg, type TemplateResult } from 'lit';
import type { Strings } from '../../i18n/index.js';
import { type Chart, short, stretches, valueAt } from './charts.js';
import { DASHES } from './figure.js';
import { linear, ticks } from './scale.js';

export const PLOT = { left: 46, right: 10, top: 8, bottom: 20, height: 132 };

/** What all plots of a panel share. */
export interface Grid {
  width: number;
  endMs: number;
  windowMs: number;
  /** The window under the crosshair. */
  at: number;
  /** The moment that the cluster shows. */
  timeMs: number;
  /** The crosshair was put there by the reader; otherwise it stands at the present moment. */
  isChosen: boolean;
}

/** One small multiple: title with unit, scales, lines, and the values at the crosshair. */
export function plot(chart: Chart, grid: Grid, t: Strings): TemplateResult {
  const { width, endMs, windowMs, at, timeMs } = grid;
  const words = t.metrics;
  const bottom = PLOT.height - PLOT.bottom;
  const right = width - PLOT.right;
  const x = linear(0, Math.max(endMs, 1), PLOT.left, right);
  const y = linear(0, chart.most, bottom, PLOT.top);
  const values = chart.lines.map(({ points }) => valueAt(points, at));
  const spoken = chart.lines.map(({ label }, i) => `${label} ${written(values[i] ?? null)}`).join(', ');
  const d = (part: readonly (readonly [number, number])[]) =>
    part.length === 1
      ? `M${x((part[0] as [number, number])[0]) - 1} ${y((part[0] as [number, number])[1])}h2`
      : part.map(([time, value], i) => `${i === 0 ? 'M' : 'L'}${x(time).toFixed(1)} ${y(value).toFixed(1)}`).join('');
  const isIn = timeMs <= endMs;
  return html`
    <figure class="plot" data-chart=${chart.id}>
      <figcaption><b>${chart.title}</b> <span class="quiet">${chart.unit}</span></figcaption>
      <svg width=${width} height=${PLOT.height} tabindex="0" role="slider" aria-label=${words.plotLabel(chart.title, chart.unit)}
        aria-valuemin="0" aria-valuemax=${Math.round(endMs)} aria-valuenow=${Math.round(at)} aria-valuetext="${words.at(at)}: ${spoken}">
        ${ticks(0, chart.most, 4).map((value) => svg`<g class="y-tick"><line x1=${PLOT.left} x2=${right} y1=${y(value)} y2=${y(value)}></line><text x=${PLOT.left - 5} y=${y(value) + 3.5}>${short(value)}</text></g>`)}
        ${ticks(0, Math.max(endMs, 1), Math.max(2, width / 70)).map((time) => svg`<g class="x-tick"><line x1=${x(time)} x2=${x(time)} y1=${bottom} y2=${bottom + 4}></line><text x=${x(time)} y=${PLOT.height - 4}>${short(time)}${time === 0 ? ' ms' : ''}</text></g>`)}
        ${chart.lines.map(({ other }, i) => (other ? svg`<path class="line line-${i % DASHES.length} other" d=${stretches(other, windowMs).map(d).join('')}></path>` : nothing))}
        ${chart.lines.map(({ points }, i) => svg`<path class="line line-${i % DASHES.length}" stroke-dasharray=${(DASHES[i % DASHES.length] ?? []).join(' ')} d=${stretches(points, windowMs).map(d).join('')}></path>`)}
        ${isIn ? svg`<line class="playhead" x1=${x(timeMs)} x2=${x(timeMs)} y1=${PLOT.top - 4} y2=${bottom}></line>` : nothing}
        ${
          grid.isChosen
            ? svg`<line class="crosshair" x1=${x(at)} x2=${x(at)} y1=${PLOT.top} y2=${bottom}></line>
              ${values.map((value, i) => (value === null ? nothing : svg`<circle class="line-${i % DASHES.length}" cx=${x(at)} cy=${y(value)} r="3"></circle>`))}`
            : nothing
        }
      </svg>
      <ul class="plot-legend">
        ${chart.lines.map(
          (
            { label, other },
            i,
          ) => html`<li><svg width="20" height="8" aria-hidden="true">${svg`<path class="line line-${i % DASHES.length}" stroke-dasharray=${(DASHES[i % DASHES.length] ?? []).join(' ')} d="M1 4H19"></path>`}</svg>
            ${label} <b>${written(values[i] ?? null)}</b>${other ? html` <span class="quiet">(${written(valueAt(other, at))})</span>` : nothing}</li>`,
        )}
      </ul>
    </figure>
  `;
}

function written(value: number | null): string {
  return value === null ? '–' : short(value);
}
