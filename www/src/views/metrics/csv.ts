import type { MetricsReport } from '../../model.js';

/** One line for each point, with a header; `run` says which of the runs it is of. */
export function csv(runs: readonly { name: string; report: MetricsReport }[]): string {
  const lines = runs.flatMap(({ name: run, report }) =>
    report.series.flatMap(({ name, unit, server, points }) =>
      points.map(([time, value]) => [run, name, unit, server ?? '', time, value].map(cell).join(',')),
    ),
  );
  return `${['run,name,unit,server,time_ms,value', ...lines].join('\n')}\n`;
}

/** A text that a spreadsheet would take for a formula is none. */
function cell(value: string | number): string {
  const text = typeof value === 'string' && /^[=+\-@\t\r]/.test(value) ? `'${value}` : String(value);
  return /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
