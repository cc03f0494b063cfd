import type { Keeper } from './keeping.js';
import { originOf, type Session } from './session.js';
import type { Source } from './source.js';
import { readTab } from './tab.js';

/** Keeps the session of a playground, if the page wants that; what it takes is fetched only then. */
export class Memory {
  readonly #read: () => Session | null;
  #keeping: Promise<Keeper | null> | null = null;
  #keeper: Keeper | null = null;

  /** `read` says what is to be kept. */
  constructor(read: () => Session | null) {
    this.#read = read;
  }

  /** From now on the session is kept under this name. What was kept of it before, if it is to be gone on with. */
  async begin(name: string, source: Source): Promise<Session | null> {
    if (this.#keeping) return null;
    // A tab that has kept nothing yet need not wait.
    const mayHave = readTab() !== null && !isFollowed(source);
    const keeping = import('./keeping.js').then(({ Keeper }) => Keeper.open(name, this.#read)).catch(() => null);
    this.#use(keeping);
    return mayHave ? ((await (await keeping)?.take(originOf(source))) ?? null) : null;
  }

  /** Something has changed. */
  ask(): void {
    this.#keeper?.ask();
  }

  forget(): void {
    void this.#keeper?.forget();
  }

  /** Goes on for another playground. */
  take(other: Memory): void {
    const keeping = other.#keeping;
    other.#keeping = null;
    other.#keeper = null;
    if (keeping) this.#use(keeping);
  }

  dispose(): void {
    void this.#keeping?.then((keeper) => keeper?.dispose());
    this.#keeping = null;
    this.#keeper = null;
  }

  #use(keeping: Promise<Keeper | null>): void {
    this.#keeping = keeping;
    void keeping.then((keeper) => {
      if (this.#keeping !== keeping) return;
      keeper?.readFrom(this.#read);
      this.#keeper = keeper;
      this.ask();
    });
  }
}

/** A link that somebody follows wins over what was kept; one that is only loaded again is what was gone on from. */
function isFollowed({ src }: Source): boolean {
  const [entry] = performance.getEntriesByType('navigation') as PerformanceNavigationTiming[];
  return (src?.startsWith('#') ?? false) && entry?.type === 'navigate';
}
