/** Messages in another language, recognised by their pattern. Events have data instead. */

export type Phrase = readonly [pattern: RegExp, say: (...groups: string[]) => string];

/** What the first phrase says that fits; `null` if none does, or if a part of the sentence is not recognised. */
export function first(phrases: readonly Phrase[], text: string): string | null {
  for (const [pattern, say] of phrases) {
    const found = pattern.exec(text);
    if (!found) continue;
    const said = say(...found.slice(1).map((group) => group ?? ''));
    return said.includes(UNKNOWN) ? null : said;
  }
  return null;
}

/** The same for a part of a sentence. */
export function part(phrases: readonly Phrase[], text: string | undefined): string {
  return first(phrases, text ?? '') ?? UNKNOWN;
}

/** Stands where a part was not recognised; never shown. */
export const UNKNOWN = '\u0000';
