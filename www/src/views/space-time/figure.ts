import type { Palette, Scene, Shape } from './shapes.js';

/** Writes a picture as an SVG document that needs nothing else: its own colours, and a title for who cannot see it. */
export function svgFigure(scene: Scene, palette: Palette, font: string, title: string): string {
  const { width, height, plotLeft } = scene;
  const write = (shapes: readonly Shape[]) => shapes.map((shape) => element(shape, palette)).join('\n');
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${n(width)} ${n(height)}" width="${n(width)}" height="${n(height)}" role="img" font-family="${escaped(font)}">
<title>${escaped(title)}</title>
<clipPath id="plot"><rect x="${n(plotLeft)}" y="0" width="${n(width - plotLeft)}" height="${n(height)}"/></clipPath>
<rect width="100%" height="100%" fill="${palette.surface}"/>
<g clip-path="url(#plot)">
${write(scene.plot)}
</g>
${write(scene.frame)}
</svg>
`;
}

function element(shape: Shape, palette: Palette): string {
  const paint = look(shape, palette);
  switch (shape.kind) {
    case 'lines':
      return `<path d="${segments(shape.points)}" ${paint}/>`;
    case 'polygons':
      return `<path d="${shape.figures.map(outline).join('')}" ${paint}/>`;
    case 'box':
      return `<rect x="${n(shape.x)}" y="${n(shape.y)}" width="${n(Math.max(0, shape.width))}" height="${n(shape.height)}"${shape.radius ? ` rx="${shape.radius}"` : ''} ${paint}/>`;
    case 'disc':
      return `<circle cx="${n(shape.x)}" cy="${n(shape.y)}" r="${n(shape.r)}" ${paint}/>`;
    case 'label':
      return `<text x="${n(shape.x)}" y="${n(shape.y)}" ${paint}>${escaped(shape.text)}</text>`;
  }
}

function look(shape: Shape, palette: Palette): string {
  const paint: string[] = [];
  const add = (name: string, value: string | number | undefined) => {
    if (value !== undefined) paint.push(`${name}="${value}"`);
  };
  if (shape.kind === 'label') {
    add('font-size', shape.size);
    add('font-weight', shape.bold ? 650 : undefined);
    add('text-anchor', shape.anchor);
    add('dominant-baseline', 'central');
    add('fill', palette[shape.fill]);
    if (shape.halo) {
      paint.push(`stroke="${palette[shape.halo]}" stroke-width="3.5" stroke-linejoin="round" paint-order="stroke"`);
    }
  } else {
    add('fill', 'fill' in shape && shape.fill ? palette[shape.fill] : 'none');
    add('stroke', shape.stroke && palette[shape.stroke]);
    if (shape.stroke)
      add('stroke-width', 'width' in shape && shape.kind === 'lines' ? shape.width : strokeWidth(shape));
    add('stroke-dasharray', 'dash' in shape ? shape.dash?.join(' ') : undefined);
  }
  add('opacity', shape.alpha);
  return paint.join(' ');
}

function strokeWidth(shape: Shape): number {
  return 'strokeWidth' in shape ? (shape.strokeWidth ?? 1) : 1.4;
}

function segments(points: readonly number[]): string {
  let path = '';
  for (let i = 0; i < points.length; i += 4) {
    path += `M${n(points[i])} ${n(points[i + 1])}L${n(points[i + 2])} ${n(points[i + 3])}`;
  }
  return path;
}

function outline(figure: readonly number[]): string {
  let path = '';
  for (let i = 0; i < figure.length; i += 2) path += `${i === 0 ? 'M' : 'L'}${n(figure[i])} ${n(figure[i + 1])}`;
  return `${path}Z`;
}

/** Far outside of the picture a number need not be exact, but it must be one. */
function n(value: number | undefined): string {
  const whole = Number.isFinite(value) ? (value as number) : 0;
  return String(Math.round(whole * 10) / 10);
}

/** What XML does not allow at all becomes a sign that says so. */
function escaped(text: string): string {
  return text
    .replace(/[^\t\n\r -\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu, '\uFFFD')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}
