import { box, type Mark, type Matrix, path, type Rectangle, type TextMark, text } from './marks.js';

interface Place {
  /** Where the figure begins on the page. */
  left: number;
  top: number;
  opacity: number;
  clip: Rectangle | null;
}

/** What an element and all in it look like just now: SVG and HTML, with the colours of the theme. */
export function portrait(root: Element): Mark[] {
  const { left, top } = root.getBoundingClientRect();
  const marks: Mark[] = [];
  visit(root, { left, top, opacity: 1, clip: null }, marks);
  return marks;
}

function visit(element: Element, place: Place, marks: Mark[]): void {
  const style = getComputedStyle(element);
  if (style.display === 'none' || style.visibility === 'hidden' || element.classList.contains('visually-hidden'))
    return;
  if (element instanceof SVGClipPathElement || element instanceof SVGDefsElement) return;
  const opacity = place.opacity * Number(style.opacity);
  if (opacity === 0) return;
  const here = { ...place, opacity, clip: clipOf(element, style, place) };
  if (element instanceof SVGTextElement) return void letters(element, style, here, marks);
  if (element instanceof SVGGeometryElement) return void shape(element, style, here, marks);
  if (element instanceof HTMLElement) plate(element.getBoundingClientRect(), style, here, marks);
  for (const node of element.childNodes) {
    if (node instanceof Element) visit(node, here, marks);
    else if (node instanceof Text && element instanceof HTMLElement) words(node, style, here, marks);
  }
  if (element instanceof HTMLElement)
    for (const side of ['::before', '::after'] as const) added(element, side, here, marks);
}

// ---------------------------------------------------------------- SVG

function shape(element: SVGGeometryElement, style: CSSStyleDeclaration, place: Place, marks: Mark[]): void {
  const matrix = matrixOf(element, place);
  const d = outline(element);
  const fill = element instanceof SVGLineElement ? null : colour(style.fill);
  const stroke = Number.parseFloat(style.strokeWidth) > 0 ? colour(style.stroke) : null;
  if (!matrix || d === '' || (fill === null && stroke === null)) return;
  marks.push(
    path(d, {
      ...{ matrix, fill, stroke, opacity: place.opacity, clip: place.clip },
      fillOpacity: Number(style.fillOpacity),
      strokeOpacity: Number(style.strokeOpacity),
      strokeWidth: Number.parseFloat(style.strokeWidth),
      dash: style.strokeDasharray === 'none' ? [] : style.strokeDasharray.split(/[\s,]+/).map(Number.parseFloat),
      cap: style.strokeLinecap as CanvasLineCap,
    }),
  );
}

function outline(element: SVGGeometryElement): string {
  if (element instanceof SVGCircleElement) {
    const [x, y, r] = [element.cx, element.cy, element.r].map(({ baseVal }) => baseVal.value) as [
      number,
      number,
      number,
    ];
    return box(x - r, y - r, 2 * r, 2 * r, r);
  }
  if (element instanceof SVGRectElement) {
    const { x, y, width, height, rx } = element;
    return box(x.baseVal.value, y.baseVal.value, width.baseVal.value, height.baseVal.value, rx.baseVal.value);
  }
  if (element instanceof SVGLineElement) {
    const { x1, y1, x2, y2 } = element;
    return `M${x1.baseVal.value} ${y1.baseVal.value}L${x2.baseVal.value} ${y2.baseVal.value}`;
  }
  if (element instanceof SVGPolygonElement || element instanceof SVGPolylineElement) {
    const points = [...element.points].map(({ x, y }) => `${x} ${y}`).join('L');
    return points && `M${points}${element instanceof SVGPolygonElement ? 'Z' : ''}`;
  }
  return element.getAttribute('d') ?? '';
}

/** The parts of a text one by one, since each may have a place and a look of its own. */
function letters(element: SVGTextElement, whole: CSSStyleDeclaration, place: Place, marks: Mark[]): void {
  const matrix = matrixOf(element, place);
  if (!matrix || element.getNumberOfChars() === 0) return;
  const walker = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
  let at = 0;
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const said = node.textContent ?? '';
    if (said.trim() === '') continue;
    const style = node.parentElement ? getComputedStyle(node.parentElement) : whole;
    const first = Math.min(at, element.getNumberOfChars() - 1);
    const { x, y } = element.getStartPositionOfChar(first);
    // Where another font is at hand, a text in the middle stays there.
    const isMiddle = style.textAnchor === 'middle';
    const half = isMiddle ? element.getSubStringLength(first, said.length) / 2 : 0;
    at += said.length;
    const central = ['central', 'middle'].includes(style.dominantBaseline);
    const stroke = Number.parseFloat(style.strokeWidth) > 0 ? colour(style.stroke) : null;
    marks.push(
      text(said, x + half, y, {
        ...{ matrix, stroke, fill: colour(style.fill), opacity: place.opacity, clip: place.clip, ...fontOf(style) },
        fillOpacity: Number(style.fillOpacity),
        strokeWidth: Number.parseFloat(style.strokeWidth),
        anchor: isMiddle ? 'middle' : 'start',
        baseline: central ? 'central' : 'alphabetic',
      }),
    );
  }
}

function matrixOf(element: SVGGraphicsElement, { left, top }: Place): Matrix | null {
  const matrix = element.getScreenCTM();
  return matrix && [matrix.a, matrix.b, matrix.c, matrix.d, matrix.e - left, matrix.f - top];
}

/** Clip paths that are one rectangle, and boxes that let nothing out. */
function clipOf(element: Element, style: CSSStyleDeclaration, place: Place): Rectangle | null {
  const id = /url\(["']?#([^"')]+)/.exec(element.getAttribute('clip-path') ?? '')?.[1];
  const cut = id && (element.getRootNode() as Document | ShadowRoot).getElementById(id)?.querySelector('rect');
  if (cut && element instanceof SVGGraphicsElement) {
    const matrix = matrixOf(element, place);
    const { x, y, width, height } = cut;
    if (!matrix) return place.clip;
    const [a, , , d, e, f] = matrix;
    const own = [a * x.baseVal.value + e, d * y.baseVal.value + f, a * width.baseVal.value, d * height.baseVal.value];
    return common(own as unknown as Rectangle, place.clip);
  }
  if (!(element instanceof HTMLElement) || style.overflowX === 'visible') return place.clip;
  const { left, top, width, height } = element.getBoundingClientRect();
  return common([left - place.left, top - place.top, width, height], place.clip);
}

function common(a: Rectangle, b: Rectangle | null): Rectangle {
  if (!b) return a;
  const [x, y] = [Math.max(a[0], b[0]), Math.max(a[1], b[1])];
  const right = Math.min(a[0] + a[2], b[0] + b[2]);
  return [x, y, Math.max(0, right - x), Math.max(0, Math.min(a[1] + a[3], b[1] + b[3]) - y)];
}

// ---------------------------------------------------------------- HTML

/** Background and border of a box. Borders are of one look all around, or a triangle where the box has no size. */
function plate(at: DOMRect, style: CSSStyleDeclaration, place: Place, marks: Mark[]): void {
  const [x, y] = [at.x - place.left, at.y - place.top];
  const fill = colour(style.backgroundColor);
  const width = style.borderTopStyle === 'none' ? 0 : Number.parseFloat(style.borderTopWidth);
  const stroke = width > 0 ? colour(style.borderTopColor) : null;
  if (fill === null && stroke === null) return;
  const dash = style.borderTopStyle === 'dashed' ? [4, 3] : style.borderTopStyle === 'dotted' ? [1.5, 2.5] : [];
  const d = box(
    x + width / 2,
    y + width / 2,
    at.width - width,
    at.height - width,
    Number.parseFloat(style.borderTopLeftRadius) * (style.borderTopLeftRadius.endsWith('%') ? at.width / 100 : 1),
  );
  marks.push(path(d, { fill, stroke, strokeWidth: width, dash, opacity: place.opacity, clip: place.clip }));
}

/** One line of a text after the other; what is cut off on the page is cut off here. */
function words(node: Text, style: CSSStyleDeclaration, place: Place, marks: Mark[]): void {
  const said = node.data.replaceAll(/\s+/g, ' ').trim();
  if (said === '') return;
  const range = document.createRange();
  range.selectNodeContents(node);
  const [first] = range.getClientRects();
  if (!first) return;
  marks.push(
    text(said, first.x - place.left, first.y - place.top + first.height / 2, {
      ...{ fill: colour(style.color), opacity: place.opacity, clip: place.clip, ...fontOf(style) },
      baseline: 'central',
    }),
  );
}

/** What a style sheet adds to an element: a word behind its own, or a small mark at a place of its own. */
function added(element: HTMLElement, side: '::before' | '::after', place: Place, marks: Mark[]): void {
  const style = getComputedStyle(element, side);
  const content = /^"(.*)"$/.exec(style.content)?.[1];
  if (content === undefined || style.display === 'none') return;
  const outer = element.getBoundingClientRect();
  if (content.trim() !== '') {
    const range = document.createRange();
    range.selectNodeContents(element);
    const own = range.getBoundingClientRect();
    const size = Number.parseFloat(style.fontSize);
    marks.push(
      text(content.trim(), own.right - place.left + size / 4, own.y - place.top + own.height / 2, {
        ...{ fill: colour(style.color), opacity: place.opacity, clip: place.clip, ...fontOf(style) },
        baseline: 'central',
      }),
    );
    return;
  }
  if (style.position !== 'absolute') return;
  const px = (value: string) => Number.parseFloat(value) || 0;
  const [left, bottom] = [outer.left + px(style.left), outer.bottom - px(style.bottom)];
  const sides = [style.borderLeftWidth, style.borderRightWidth, style.borderTopWidth, style.borderBottomWidth].map(px);
  const [l = 0, r = 0, t = 0, b = 0] = sides;
  // With `border-box` the size has the borders in it; a triangle is nothing but borders.
  const width = Math.max(px(style.width), l + r);
  const height = Math.max(px(style.height), t + b);
  const tip = colour(style.borderBottomColor);
  if (t === 0 && b > 0 && tip !== null) {
    const [x, y] = [left - place.left, bottom - place.top];
    const d = `M${x} ${y}h${width}l${-width / 2} ${-height}Z`;
    marks.push(path(d, { fill: tip, opacity: place.opacity, clip: place.clip }));
  } else {
    plate(new DOMRect(left, bottom - height, width, height), style, place, marks);
  }
}

// ---------------------------------------------------------------- looks

function fontOf(style: CSSStyleDeclaration): Pick<TextMark, 'size' | 'weight' | 'font'> {
  return { size: Number.parseFloat(style.fontSize), weight: style.fontWeight, font: style.fontFamily };
}

/** `null`: nothing is to be seen. */
function colour(value: string): string | null {
  return value === 'none' || value === 'transparent' || /^rgba\(.*, 0\)$/.test(value) ? null : value;
}
