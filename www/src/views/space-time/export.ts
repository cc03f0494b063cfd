import { svgFigure } from './figure.js';
import { widthOf } from './letters.js';
import { paint } from './paint.js';
import type { Palette, Scene, Shape } from './shapes.js';

/** Width of an exported figure: it is read in a page of text or on a slide. */
export const FIGURE_WIDTH = 1_200;
const TITLE_HEIGHT = 36;
/** Pixels of a PNG for each unit. */
const RATIO = 2;

export interface Caption {
  title: string;
  /** The part of the run. */
  range: string;
  /** What makes it another protocol than Raft; empty if it is Raft. */
  modified: string;
}

export type FigureFormat = 'svg' | 'png';

/** The picture with a line above it that says what it shows. */
export function captioned(scene: Scene, { title, range, modified }: Caption): Scene {
  const { width } = scene;
  const y = TITLE_HEIGHT / 2 + 2;
  const frame: Shape[] = [
    { kind: 'label', x: 12, y, text: `${title} · ${range}`, size: 14, fill: 'ink', bold: true },
    ...scene.frame.map(lowered),
  ];
  if (modified !== '') {
    const length = widthOf(modified, 12) + 28;
    frame.push({
      kind: 'box',
      x: width - length - 10,
      y: y - 11,
      width: length,
      height: 22,
      radius: 6,
      fill: 'danger-soft',
      stroke: 'danger',
    });
    frame.push({
      kind: 'label',
      x: width - length / 2 - 10,
      y,
      text: modified,
      size: 12,
      fill: 'danger',
      bold: true,
      anchor: 'middle',
    });
  }
  return { ...scene, height: scene.height + TITLE_HEIGHT, plot: scene.plot.map(lowered), frame };
}

export async function figureBlob(
  scene: Scene,
  caption: Caption,
  palette: Palette,
  font: string,
  format: FigureFormat,
): Promise<Blob> {
  const whole = captioned(scene, caption);
  if (format === 'svg') {
    const title = [caption.title, caption.range, caption.modified].filter((part) => part !== '').join(' · ');
    return new Blob([svgFigure(whole, palette, font, title)], { type: 'image/svg+xml' });
  }
  const canvas = new OffscreenCanvas(whole.width * RATIO, whole.height * RATIO);
  const context = canvas.getContext('2d') as unknown as CanvasRenderingContext2D;
  paint(context, whole, palette, font, RATIO);
  return canvas.convertToBlob({ type: 'image/png' });
}

/** Hands a file to the reader. */
export function download(blob: Blob, name: string): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  // The download has its own hold on the data once it has begun.
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

function lowered(shape: Shape): Shape {
  switch (shape.kind) {
    case 'lines':
      return { ...shape, points: shape.points.map(loweredY) };
    case 'polygons':
      return { ...shape, figures: shape.figures.map((figure) => figure.map(loweredY)) };
    default:
      return { ...shape, y: shape.y + TITLE_HEIGHT };
  }
}

/** Places are written as x and y in turn. */
function loweredY(value: number, i: number): number {
  return i % 2 === 1 ? value + TITLE_HEIGHT : value;
}
