import { en } from './en.js';

/** All words of the interface. A language is one module of this type. */
export type Strings = typeof en;

const LANGUAGES: Record<string, Strings> = { en };

/** The words for a BCP 47 tag; English where a language is not there yet. */
export function stringsFor(tag: string): Strings {
  return LANGUAGES[tag.toLowerCase()] ?? LANGUAGES[tag.toLowerCase().split('-')[0] ?? 'en'] ?? en;
}
