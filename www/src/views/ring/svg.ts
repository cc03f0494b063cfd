const NAMESPACE = 'http://www.w3.org/2000/svg';

/** An SVG element with its attributes. */
export function svg<K extends keyof SVGElementTagNameMap>(
  name: K,
  attributes: Record<string, string | number> = {},
  ...children: SVGElement[]
): SVGElementTagNameMap[K] {
  const element = document.createElementNS(NAMESPACE, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, String(value));
  element.append(...children);
  return element;
}

/** What moves an element to a place, in numbers: an attribute would be parsed again at every frame. */
export function translation(element: SVGGraphicsElement): SVGTransform {
  const transform = svg('svg').createSVGTransform();
  transform.setTranslate(0, 0);
  return element.transform.baseVal.appendItem(transform);
}

/** Writes an attribute only when it changed, since most stay as they are from frame to frame. */
export class Attributes {
  readonly #element: Element;
  readonly #written = new Map<string, string>();

  constructor(element: Element) {
    this.#element = element;
  }

  set(name: string, value: string): void {
    if (this.#written.get(name) === value) return;
    this.#written.set(name, value);
    this.#element.setAttribute(name, value);
  }
}

export class Text {
  readonly #element: Element;
  #written = '';

  constructor(element: Element) {
    this.#element = element;
  }

  set(value: string): void {
    if (this.#written === value) return;
    this.#written = value;
    this.#element.textContent = value;
  }
}
