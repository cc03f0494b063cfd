/** Widths in parts of the size of the letters: those of Chinese, Japanese and Korean are square. */
const LETTER = 0.56;
const SQUARE = 1;
const IS_SQUARE = /[\u2E80-\uFFEF]/;

/** About how wide a text is, wherever it is drawn: a figure must not depend on the fonts of who reads it. */
export function widthOf(text: string, size: number): number {
  let parts = 0;
  for (const letter of text) parts += IS_SQUARE.test(letter) ? SQUARE : LETTER;
  return parts * size;
}

/** As much of a text as there is room for; nothing if there is none for a letter. */
export function fitted(text: string, size: number, room: number): string {
  if (widthOf(text, size) <= room) return text;
  let part = '';
  for (const letter of text) {
    if (widthOf(`${part}${letter}…`, size) > room) break;
    part += letter;
  }
  return part === '' ? '' : `${part}…`;
}
