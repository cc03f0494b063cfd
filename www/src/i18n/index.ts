import { en } from './en.js';

/** All words of the interface. A language is one module of this type. */
export type Strings = typeof en;

export type Language = 'en' | 'zh';

/** English comes with the playground; any other language is fetched when it is asked for. */
const LANGUAGES: Record<Language, () => Promise<Strings>> = {
  en: async () => en,
  zh: async () => (await import('./zh.js')).zh,
};

/** The words for a BCP 47 tag; English where a language is not there yet. */
export async function loadStrings(tag: string): Promise<Strings> {
  const language = tag.toLowerCase().split('-')[0] ?? '';
  return (Object.hasOwn(LANGUAGES, language) ? LANGUAGES[language as Language] : LANGUAGES.en)();
}
