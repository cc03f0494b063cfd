import type { Label, Palette, Scene, Shape } from './shapes.js';

/** Lines in one path. */
const PATH_LINES = 64;

/** Paints a picture. One unit is a CSS pixel; `ratio` is how many the canvas has for each. */
export function paint(
  context: CanvasRenderingContext2D,
  scene: Scene,
  palette: Palette,
  font: string,
  ratio: number,
): void {
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.globalAlpha = 1;
  context.fillStyle = palette.surface;
  context.fillRect(0, 0, scene.width, scene.height);
  context.save();
  context.beginPath();
  context.rect(scene.plotLeft, 0, scene.width - scene.plotLeft, scene.height);
  context.clip();
  for (const shape of scene.plot) paintShape(context, shape, palette, font);
  context.restore();
  for (const shape of scene.frame) paintShape(context, shape, palette, font);
}

function paintShape(context: CanvasRenderingContext2D, shape: Shape, palette: Palette, font: string): void {
  context.globalAlpha = shape.alpha ?? 1;
  if (shape.kind === 'label') {
    paintLabel(context, shape, palette, font);
    return;
  }
  context.beginPath();
  context.setLineDash(('dash' in shape && (shape.dash as number[])) || []);
  switch (shape.kind) {
    case 'lines': {
      const { points } = shape;
      context.lineWidth = shape.width;
      context.strokeStyle = palette[shape.stroke];
      for (let i = 0; i < points.length; i += 4) {
        // One path of thousands of lines that cross each other takes far longer than many short ones.
        if (i > 0 && i % (PATH_LINES * 4) === 0) {
          context.stroke();
          context.beginPath();
        }
        context.moveTo(points[i] as number, points[i + 1] as number);
        context.lineTo(points[i + 2] as number, points[i + 3] as number);
      }
      context.stroke();
      return;
    }
    case 'polygons':
      for (const figure of shape.figures) {
        context.moveTo(figure[0] as number, figure[1] as number);
        for (let i = 2; i < figure.length; i += 2) context.lineTo(figure[i] as number, figure[i + 1] as number);
        context.closePath();
      }
      context.lineWidth = 1.4;
      break;
    case 'box':
      context.roundRect(shape.x, shape.y, Math.max(0, shape.width), shape.height, shape.radius ?? 0);
      context.lineWidth = shape.strokeWidth ?? 1;
      break;
    case 'disc':
      context.arc(shape.x, shape.y, shape.r, 0, Math.PI * 2);
      context.lineWidth = shape.strokeWidth ?? 1;
      break;
  }
  if (shape.fill) {
    context.fillStyle = palette[shape.fill];
    context.fill();
  }
  if (shape.stroke) {
    context.strokeStyle = palette[shape.stroke];
    context.stroke();
  }
}

function paintLabel(context: CanvasRenderingContext2D, shape: Label, palette: Palette, font: string): void {
  context.setLineDash([]);
  context.font = `${shape.bold ? 650 : 450} ${shape.size}px ${font}`;
  context.textAlign = shape.anchor === 'middle' ? 'center' : (shape.anchor ?? 'start');
  context.textBaseline = 'middle';
  if (shape.halo) {
    context.lineJoin = 'round';
    context.lineWidth = 3.5;
    context.strokeStyle = palette[shape.halo];
    context.strokeText(shape.text, shape.x, shape.y);
  }
  context.fillStyle = palette[shape.fill];
  context.fillText(shape.text, shape.x, shape.y);
}
