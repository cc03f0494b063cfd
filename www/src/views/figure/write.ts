import { type Drawing, type Mark, n, type PathMark, type Rectangle, type TextMark } from './marks.js';

/** Dots of a picture for each unit. */
export const PICTURE_SCALE = 2;

/** The figure as a document of its own, with a title for who cannot see it. */
export function toSvg({ width, height, background, marks }: Drawing, title: string): string {
  const clips: Rectangle[] = [];
  const drawn = marks.map((mark) => clipped(mark, element(mark), clips)).join('\n');
  const defined = clips.map((clip, i) => {
    const [x, y, w, h] = clip.map(n);
    return `<clipPath id="clip-${i}"><rect x="${x}" y="${y}" width="${w}" height="${h}"/></clipPath>`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${n(width)} ${n(height)}" width="${n(width)}" height="${n(height)}" role="img">
<title>${escaped(title)}</title>
${defined.join('')}<rect width="100%" height="100%" fill="${escaped(background)}"/>
${drawn}
</svg>
`;
}

/** The figure in dots. */
export async function toPng({ width, height, background, marks }: Drawing): Promise<Blob> {
  const canvas = new OffscreenCanvas(Math.ceil(width * PICTURE_SCALE), Math.ceil(height * PICTURE_SCALE));
  const pen = canvas.getContext('2d');
  if (!pen) throw new Error('this browser paints no pictures');
  pen.scale(PICTURE_SCALE, PICTURE_SCALE);
  pen.fillStyle = background;
  pen.fillRect(0, 0, width, height);
  for (const mark of marks) {
    pen.save();
    if (mark.clip) {
      pen.beginPath();
      pen.rect(...mark.clip);
      pen.clip();
    }
    pen.transform(...mark.matrix);
    pen.lineWidth = mark.strokeWidth;
    if (mark.kind === 'path') paintPath(pen, mark);
    else paintText(pen, mark);
    pen.restore();
  }
  return canvas.convertToBlob({ type: 'image/png' });
}

function paintPath(pen: OffscreenCanvasRenderingContext2D, mark: PathMark): void {
  const outline = new Path2D(mark.d);
  if (mark.fill !== null) {
    pen.fillStyle = mark.fill;
    pen.globalAlpha = mark.opacity * mark.fillOpacity;
    pen.fill(outline);
  }
  if (mark.stroke === null) return;
  pen.strokeStyle = mark.stroke;
  pen.globalAlpha = mark.opacity * mark.strokeOpacity;
  pen.lineCap = mark.cap;
  pen.lineJoin = mark.cap === 'round' ? 'round' : 'miter';
  pen.setLineDash([...mark.dash]);
  pen.stroke(outline);
}

function paintText(pen: OffscreenCanvasRenderingContext2D, mark: TextMark): void {
  pen.font = `${mark.weight} ${mark.size}px ${mark.font}`;
  pen.textAlign = mark.anchor === 'middle' ? 'center' : mark.anchor;
  pen.textBaseline = mark.baseline === 'central' ? 'middle' : 'alphabetic';
  if (mark.stroke !== null) {
    pen.strokeStyle = mark.stroke;
    pen.globalAlpha = mark.opacity * mark.strokeOpacity;
    pen.lineJoin = 'round';
    pen.strokeText(mark.text, mark.x, mark.y);
  }
  if (mark.fill === null) return;
  pen.fillStyle = mark.fill;
  pen.globalAlpha = mark.opacity * mark.fillOpacity;
  pen.fillText(mark.text, mark.x, mark.y);
}

function clipped({ clip }: Mark, drawn: string, clips: Rectangle[]): string {
  if (!clip) return drawn;
  let at = clips.findIndex((known) => known.every((value, i) => value === clip[i]));
  if (at < 0) at = clips.push(clip) - 1;
  return `<g clip-path="url(#clip-${at})">${drawn}</g>`;
}

function element(mark: Mark): string {
  const attributes: Record<string, string | number | null> = {
    transform: mark.matrix.join(' ') === '1 0 0 1 0 0' ? null : `matrix(${mark.matrix.map(n).join(' ')})`,
    fill: mark.fill ?? 'none',
    'fill-opacity': mark.fillOpacity === 1 ? null : mark.fillOpacity,
    stroke: mark.stroke,
    'stroke-width': mark.stroke === null ? null : n(mark.strokeWidth),
    'stroke-opacity': mark.stroke === null || mark.strokeOpacity === 1 ? null : mark.strokeOpacity,
    opacity: mark.opacity === 1 ? null : n(mark.opacity),
  };
  if (mark.kind === 'path') {
    Object.assign(attributes, {
      'stroke-dasharray': mark.dash.length > 0 ? mark.dash.map(n).join(' ') : null,
      'stroke-linecap': mark.stroke === null || mark.cap === 'butt' ? null : mark.cap,
      'stroke-linejoin': mark.stroke !== null && mark.cap === 'round' ? 'round' : null,
    });
    return `<path d="${escaped(mark.d)}"${written(attributes)}/>`;
  }
  Object.assign(attributes, {
    x: n(mark.x),
    y: n(mark.y),
    'font-size': n(mark.size),
    'font-weight': mark.weight,
    'font-family': mark.font,
    'text-anchor': mark.anchor === 'start' ? null : mark.anchor,
    'dominant-baseline': mark.baseline === 'central' ? 'central' : null,
    'paint-order': mark.stroke === null ? null : 'stroke',
    'stroke-linejoin': mark.stroke === null ? null : 'round',
  });
  return `<text${written(attributes)}>${escaped(mark.text)}</text>`;
}

function written(attributes: Record<string, string | number | null>): string {
  return Object.entries(attributes)
    .filter(([, value]) => value !== null)
    .map(([name, value]) => ` ${name}="${escaped(String(value))}"`)
    .join('');
}

/** What XML does not allow at all becomes a sign that says so. */
function escaped(words: string): string {
  return words
    .replace(/[^\t\n\r -\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu, '\uFFFD')
    .replace(/[&<>"]/g, (sign) => `&#${sign.charCodeAt(0)};`);
}
