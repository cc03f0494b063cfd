import type { Strings } from '../../i18n/index.js';
import { type Chart, short, stretches } from './charts.js';
import { linear, ticks } from './scale.js';

/** What a figure consists of, before it is an SVG or a picture of dots. */
export type Mark =
  | { type: 'path'; points: [number, number][]; stroke: string; width: number; dash: readonly number[] }
  | {
      type: 'text';
      x: number;
      y: number;
      text: string;
      size: number;
      fill: string;
      anchor: 'start' | 'middle' | 'end';
      bold: boolean;
    };

export interface Figure {
  width: number;
  height: number;
  background: string;
  marks: Mark[];
}

/** Colours of a figure, which stands alone and knows no style sheet. */
export interface Palette {
  background: string;
  ink: string;
  muted: string;
  grid: string;
  lines: readonly string[];
}

/** Lines differ in colour and in how they are broken. */
export const DASHES: readonly (readonly number[])[] = [
  [],
  [7, 3],
  [2, 3],
  [9, 3, 2, 3],
  [12, 2, 2, 2, 2, 2],
  [5, 2],
  [1, 3],
  [14, 4],
];
const OTHER_DASH = [1, 2.5];
const CARD = { width: 460, height: 230, columns: 2, gap: 24, margin: 24 };
const PLOT = { left: 56, right: 12, top: 30, bottom: 62 };

export interface FigureOptions {
  title: string;
  windowMs: number;
  endMs: number;
  /** The run that is laid under. */
  other: string | null;
}

/** All charts on one sheet, with title, scales, units and legends. */
export function figure(
  charts: readonly Chart[],
  palette: Palette,
  { title, windowMs, endMs, other }: FigureOptions,
  t: Strings,
): Figure {
  const rows = Math.ceil(charts.length / CARD.columns);
  const header = 40;
  const marks: Mark[] = [text(CARD.margin, 30, title, 16, palette.ink, 'start', true)];
  const note = other === null ? '' : `${t.metrics.thisRun} · ${t.metrics.otherRun(other)}`;
  const width = 2 * CARD.margin + CARD.columns * CARD.width + (CARD.columns - 1) * CARD.gap;
  marks.push(text(width - CARD.margin, 30, note, 11, palette.muted, 'end', false));
  for (const [i, chart] of charts.entries()) {
    const left = CARD.margin + (i % CARD.columns) * (CARD.width + CARD.gap);
    const top = header + Math.floor(i / CARD.columns) * CARD.height;
    marks.push(...card(chart, palette, left, top, windowMs, endMs));
  }
  return { width, height: header + rows * CARD.height + CARD.margin, background: palette.background, marks };
}

function card(
  { title, unit, lines, most }: Chart,
  palette: Palette,
  left: number,
  top: number,
  windowMs: number,
  endMs: number,
): Mark[] {
  const right = left + CARD.width - PLOT.right;
  const bottom = top + CARD.height - PLOT.bottom;
  const x = linear(0, Math.max(endMs, 1), left + PLOT.left, right);
  const y = linear(0, most, bottom, top + PLOT.top);
  const marks: Mark[] = [text(left, top + 18, `${title} (${unit})`, 13, palette.ink, 'start', true)];
  for (const value of ticks(0, most, 4)) {
    marks.push(
      path(
        [
          [left + PLOT.left, y(value)],
          [right, y(value)],
        ],
        palette.grid,
        1,
        [],
      ),
    );
    marks.push(text(left + PLOT.left - 6, y(value) + 4, short(value), 11, palette.muted, 'end', false));
  }
  for (const time of ticks(0, Math.max(endMs, 1), 5))
    marks.push(text(x(time), bottom + 16, `${short(time)} ms`, 11, palette.muted, 'middle', false));
  let legend = left + PLOT.left;
  for (const [i, line] of lines.entries()) {
    const stroke = palette.lines[i % palette.lines.length] as string;
    const place = (points: readonly (readonly [number, number])[]) =>
      points.map(([time, value]): [number, number] => [x(time), y(value)]);
    for (const part of stretches(line.other ?? [], windowMs)) marks.push(path(place(part), stroke, 1, OTHER_DASH));
    for (const part of stretches(line.points, windowMs))
      marks.push(path(place(part), stroke, 1.8, DASHES[i % DASHES.length] ?? []));
    const room = 38 + line.label.length * 6.4;
    if (legend + room > right) continue;
    marks.push(
      path(
        [
          [legend, bottom + 34],
          [legend + 20, bottom + 34],
        ],
        stroke,
        2,
        DASHES[i % DASHES.length] ?? [],
      ),
    );
    marks.push(text(legend + 24, bottom + 38, line.label, 11, palette.ink, 'start', false));
    legend += room;
  }
  return marks;
}

function path(points: [number, number][], stroke: string, width: number, dash: readonly number[]): Mark {
  return { type: 'path', points, stroke, width, dash };
}

function text(
  x: number,
  y: number,
  words: string,
  size: number,
  fill: string,
  anchor: 'start' | 'middle' | 'end',
  bold: boolean,
): Mark {
  return { type: 'text', x, y, text: words, size, fill, anchor, bold };
}

const FONT = 'Inter, system-ui, sans-serif';

/** The figure as a document of its own. */
export function toSvg({ width, height, background, marks }: Figure): string {
  const drawn = marks.map((mark) => {
    if (mark.type === 'text') {
      const weight = mark.bold ? ' font-weight="600"' : '';
      return `<text x="${round(mark.x)}" y="${round(mark.y)}" font-size="${mark.size}" fill="${escaped(mark.fill)}" text-anchor="${mark.anchor}"${weight}>${escaped(mark.text)}</text>`;
    }
    const d = mark.points.map(([x, y], i) => `${i === 0 ? 'M' : 'L'}${round(x)} ${round(y)}`).join('');
    const dash = mark.dash.length > 0 ? ` stroke-dasharray="${mark.dash.join(' ')}"` : '';
    return `<path d="${d}" fill="none" stroke="${escaped(mark.stroke)}" stroke-width="${mark.width}" stroke-linecap="round"${dash}/>`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family="${FONT}"><rect width="100%" height="100%" fill="${escaped(background)}"/>${drawn.join('')}</svg>\n`;
}

/** The figure on a canvas, `scale` dots for each unit. */
export function toCanvas({ width, height, background, marks }: Figure, scale: number): HTMLCanvasElement {
  const canvas = document.createElement('canvas');
  canvas.width = Math.ceil(width * scale);
  canvas.height = Math.ceil(height * scale);
  const pen = canvas.getContext('2d');
  if (!pen) return canvas;
  pen.scale(scale, scale);
  pen.fillStyle = background;
  pen.fillRect(0, 0, width, height);
  pen.lineCap = 'round';
  for (const mark of marks) {
    if (mark.type === 'text') {
      pen.font = `${mark.bold ? 600 : 400} ${mark.size}px ${FONT}`;
      pen.fillStyle = mark.fill;
      pen.textAlign = mark.anchor === 'middle' ? 'center' : mark.anchor;
      pen.fillText(mark.text, mark.x, mark.y);
      continue;
    }
    pen.strokeStyle = mark.stroke;
    pen.lineWidth = mark.width;
    pen.setLineDash([...mark.dash]);
    pen.beginPath();
    for (const [i, [x, y]] of mark.points.entries()) {
      if (i === 0) pen.moveTo(x, y);
      else pen.lineTo(x, y);
    }
    pen.stroke();
  }
  return canvas;
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}

function escaped(value: string): string {
  return value.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);
}
