const sheets = new Map<string, CSSStyleSheet>();

/** The style sheet of a text, one for all that share it; adopted, because a strict policy allows no style elements. */
export function sheetOf(css: string): CSSStyleSheet {
  let sheet = sheets.get(css);
  if (!sheet) {
    sheet = new CSSStyleSheet();
    sheet.replaceSync(css);
    sheets.set(css, sheet);
  }
  return sheet;
}

/** Gives a view that is loaded late its styles, once. */
export function adopt(root: HTMLElement, css: string): void {
  const scope = root.getRootNode() as ShadowRoot | Document;
  const sheet = sheetOf(css);
  if (!scope.adoptedStyleSheets.includes(sheet)) scope.adoptedStyleSheets.push(sheet);
}
