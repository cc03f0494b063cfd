import { html, nothing, type TemplateResult } from 'lit';
import type { Strings } from '../../i18n/index.js';
import type { MetricsReport } from '../../model.js';
import { type Chart, type Line, short, valueAt } from './charts.js';

/** The same numbers as in the plots, for those who would rather read them. */
export function table(
  charts: readonly Chart[],
  report: MetricsReport,
  other: MetricsReport | null,
  at: number,
  t: Strings,
): TemplateResult {
  const { column } = t.metrics;
  return html`
    <div class="table-scroller" tabindex="0" role="region" aria-label=${t.metrics.tableCaption}>
      <table class="metrics-table">
        <caption>${t.metrics.tableCaption} (${t.metrics.at(at)})</caption>
        <thead><tr><th scope="col">${column.metric}</th><th scope="col">${column.unit}</th><th scope="col">${column.here}</th><th scope="col">${column.least}</th><th scope="col">${column.most}</th><th scope="col">${column.total}</th>${other ? html`<th scope="col">${column.other}</th>` : nothing}</tr></thead>
        <tbody>
          ${charts.flatMap(({ title, lines }) =>
            lines.map(
              (line) => html`<tr>
                <th scope="row">${title}: ${line.label}</th><td class="unit">${line.unit}</td>
                <td>${written(valueAt(line.points, at))}</td>
                <td>${extreme(line, Math.min)}</td><td>${extreme(line, Math.max)}</td>
                <td>${totalOf(report, line)}</td>${other ? html`<td>${totalOf(other, line)}</td>` : nothing}
              </tr>`,
            ),
          )}
        </tbody>
      </table>
    </div>`;
}

/** All windows of one chart, a column for each line. */
export function windows(chart: Chart, report: MetricsReport, t: Strings): TemplateResult {
  const times = [...new Set(chart.lines.flatMap(({ points }) => points.map(([time]) => time)))].sort((a, b) => a - b);
  return html`
    <div class="table-scroller" tabindex="0" role="region" aria-label="${chart.title}, ${chart.unit}">
      <table class="metrics-table">
        <caption>${chart.title} (${chart.unit}) · ${t.metrics.windowNow(report.windowMs)}</caption>
        <thead><tr><th scope="col">${t.metrics.time}</th>${chart.lines.map(({ label }) => html`<th scope="col">${label}</th>`)}</tr></thead>
        <tbody>${times.map((time) => html`<tr><th scope="row">${short(time)}</th>${chart.lines.map(({ points }) => html`<td>${written(valueAt(points, time))}</td>`)}</tr>`)}</tbody>
      </table>
    </div>`;
}

function extreme({ points }: Line, pick: (...values: number[]) => number): string {
  return points.length === 0 ? '–' : short(points.reduce((best, [, value]) => pick(best, value), points[0]?.[1] ?? 0));
}

function totalOf({ totals }: MetricsReport, { name, server }: Line): string {
  const total = totals.find((one) => one.name === name && (one.server ?? null) === server);
  return total ? `${short(total.value)} ${total.unit}` : '–';
}

function written(value: number | null): string {
  return value === null ? '–' : short(value);
}
