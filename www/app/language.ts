import type { Language } from '../src/i18n/index.js';

/** The language of the site: the browser's at first, then the reader's choice, kept in this browser and in no link. */
const KEY = 'raft-playground-language';

/** Words of the page in another language than the one it is written in, by the name in `data-t`. */
export type SiteWords = Record<string, string>;

/** What `<html lang>` says. */
const TAGS: Record<Language, string> = { en: 'en', zh: 'zh-Hans' };
const LANGUAGES = Object.keys(TAGS) as Language[];

/** The page is written in English; any other language is fetched when it is asked for. */
const WORDS: Record<Language, (() => Promise<SiteWords>) | null> = {
  en: null,
  zh: async () => (await import('./zh.js')).zh,
};

/**
 * Follows the control, and says the whole page in its language.
 *
 * `onChange` is called with each language before its words are there, so that others can fetch theirs meanwhile.
 */
export function followLanguage(select: HTMLSelectElement | null, onChange: (language: Language) => void): void {
  const page = new Page(document);
  let latest: Language = 'en';
  const apply = async (language: Language) => {
    latest = language;
    onChange(language);
    const words = (await WORDS[language]?.()) ?? null;
    // The reader may have chosen another one meanwhile.
    if (language === latest) page.say(words);
  };
  const first = choose(read(), navigator.languages);
  document.documentElement.lang = TAGS[first];
  void apply(first);
  if (!select) return;
  select.value = first;
  select.addEventListener('change', () => {
    const language = known(select.value) ?? 'en';
    document.documentElement.lang = TAGS[language];
    void apply(language);
    try {
      localStorage.setItem(KEY, language);
    } catch {
      // Storage may be forbidden; the choice then lasts for this visit.
    }
  });
}

/** The stored choice, or else the first of the browser's languages that the site speaks. */
export function choose(stored: string | null, preferred: readonly string[]): Language {
  return known(stored) ?? preferred.map(known).find((language) => language !== null) ?? 'en';
}

function known(tag: string | null): Language | null {
  return LANGUAGES.find((language) => language === tag?.toLowerCase().split('-')[0]) ?? null;
}

function read(): string | null {
  try {
    return localStorage.getItem(KEY);
  } catch {
    return null;
  }
}

/** Every element with `data-t`, and what it said in English. */
class Page {
  readonly #texts: [element: Element, english: string][];
  readonly #labels: [element: Element, english: string][];

  constructor(root: Document) {
    this.#texts = [...root.querySelectorAll('[data-t]')].map((element) => [element, written(element)]);
    this.#labels = [...root.querySelectorAll('[data-t-label]')].map((element) => [
      element,
      element.getAttribute('aria-label') ?? '',
    ]);
  }

  say(words: SiteWords | null): void {
    for (const [element, english] of this.#texts)
      write(element, words?.[element.getAttribute('data-t') ?? ''] ?? english);
    for (const [element, english] of this.#labels)
      element.setAttribute('aria-label', words?.[element.getAttribute('data-t-label') ?? ''] ?? english);
  }
}

/** What an element says; a child element is written in braces. */
export function written(element: Element): string {
  return [...element.childNodes]
    .map((node) => (node.nodeType === Node.ELEMENT_NODE ? `{${node.textContent}}` : (node.textContent ?? '')))
    .join('');
}

/** Makes an element say a text. What stands in braces goes into its children, one after the other. */
export function write(element: Element, text: string): void {
  const children = [...element.children];
  const parts = text.split(/[{}]/);
  element.replaceChildren(
    ...parts.map((part, i) => {
      const child = i % 2 === 1 ? children.shift() : undefined;
      if (!child) return part;
      child.textContent = part;
      return child;
    }),
  );
}
