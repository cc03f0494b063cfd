import { type DBSchema, type IDBPDatabase, openDB } from 'idb';
import type { Session } from './session.js';
import { readTab, writeTab } from './tab.js';

const DATABASE = 'raft-playground';
/** Sessions of other tabs that are kept, the latest ones. */
export const MAX_SESSIONS = 20;
/** Older sessions are dropped. */
export const MAX_AGE_MS = 30 * 24 * 3_600_000;
/** So long nothing more is asked to be kept before it is written. */
const QUIET_MS = 300;
/** While a run plays, it is written at this distance. */
const LONGEST_MS = 2_000;
/** A browser that says nothing for so long keeps nothing. */
const PATIENCE_MS = 1_500;
/** A page that is loaded again may find its former self still going. */
const HANDOVER_MS = 400;

interface Stored extends Session {
  key: string;
  at: number;
}

interface Schema extends DBSchema {
  sessions: { key: string; value: Stored; indexes: { at: number } };
}

/**
 * Keeps the session of one playground of one tab in this browser.
 *
 * Storage that is forbidden, full or broken costs the session and nothing else.
 */
export class Keeper {
  readonly #db: IDBPDatabase<Schema>;
  readonly #key: string;
  readonly #cameFrom: string;
  #read: () => Session | null;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #dueAt = 0;
  #isDirty = false;

  private constructor(db: IDBPDatabase<Schema>, key: string, cameFrom: string, read: () => Session | null) {
    this.#db = db;
    this.#key = key;
    this.#cameFrom = cameFrom;
    this.#read = read;
    addEventListener('pagehide', this.#onLeave);
    document.addEventListener('visibilitychange', this.#onLeave);
  }

  /** `name` tells the playgrounds of a page apart; `read` says what is to be kept. `null`: nothing can be kept. */
  static async open(name: string, read: () => Session | null): Promise<Keeper | null> {
    try {
      const database = openDB<Schema>(DATABASE, 1, {
        upgrade: (db) => void db.createObjectStore('sessions', { keyPath: 'key' }).createIndex('at', 'at'),
      });
      const db = await Promise.race([database, new Promise<null>((done) => setTimeout(done, PATIENCE_MS, null))]);
      if (!db) return null;
      const { own, cameFrom } = await tab();
      const key = (id: string) => `${id} ${location.pathname} ${name}`;
      const keeper = new Keeper(db, key(own), key(cameFrom), read);
      void keeper.#dropOld().catch(() => {});
      return keeper;
    } catch {
      return null;
    }
  }

  /** What was kept for this tab, or for the one that it is a copy of, if it began with what is asked for now. */
  async take(origin: string): Promise<Session | null> {
    try {
      const stored = await this.#db.get('sessions', this.#cameFrom);
      return stored?.origin === origin ? stored : null;
    } catch {
      return null;
    }
  }

  /** Something has changed. It is written when it has been quiet for a while. */
  ask(): void {
    const now = performance.now();
    if (!this.#isDirty) this.#dueAt = now + LONGEST_MS;
    this.#isDirty = true;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#write(), Math.max(0, Math.min(QUIET_MS, this.#dueAt - now)));
  }

  async forget(): Promise<void> {
    this.#settle();
    await this.#db.delete('sessions', this.#key).catch(() => {});
  }

  /** Goes on for another playground. */
  readFrom(read: () => Session | null): void {
    this.#read = read;
  }

  dispose(): void {
    this.#settle();
    removeEventListener('pagehide', this.#onLeave);
    document.removeEventListener('visibilitychange', this.#onLeave);
    this.#db.close();
  }

  readonly #onLeave = (): void => {
    if (this.#isDirty) this.#write();
  };

  #settle(): void {
    clearTimeout(this.#timer);
    this.#isDirty = false;
  }

  /** Everything up to the commit happens at once, since the page may be gone the next moment. */
  #write(): void {
    this.#settle();
    try {
      const session = this.#read();
      if (!session) return;
      const change = this.#db.transaction('sessions', 'readwrite');
      const put = change.store.put({ ...session, key: this.#key, at: Date.now() });
      change.commit();
      Promise.all([put, change.done]).catch(() => {});
    } catch {
      // A run that has failed is not worth keeping, and what cannot be kept is lost quietly.
    }
  }

  async #dropOld(): Promise<void> {
    const change = this.#db.transaction('sessions', 'readwrite');
    let kept = 0;
    for (
      let cursor = await change.store.index('at').openCursor(null, 'prev');
      cursor;
      cursor = await cursor.continue()
    ) {
      const isOwn = cursor.value.key === this.#key || cursor.value.key === this.#cameFrom;
      const isOld = Date.now() - cursor.value.at > MAX_AGE_MS;
      if (!isOwn && (isOld || ++kept > MAX_SESSIONS)) await cursor.delete();
    }
    await change.done;
  }
}

let shared: Promise<{ own: string; cameFrom: string }> | undefined;

/** The name of this tab. A copy of a tab comes with its name, and gets one of its own as long as the other is there. */
function tab(): Promise<{ own: string; cameFrom: string }> {
  shared ??= (async () => {
    const before = readTab();
    if (before !== null && (await hold(before))) return { own: before, cameFrom: before };
    const own = crypto.randomUUID();
    await hold(own);
    writeTab(own);
    return { own, cameFrom: before ?? own };
  })();
  return shared;
}

/** Holds a name for as long as the page lives; `false`: another page does. */
function hold(id: string): Promise<boolean> {
  if (!navigator.locks) return Promise.resolve(true);
  return new Promise((resolve) => {
    navigator.locks
      .request(`raft-playground ${id}`, { signal: AbortSignal.timeout(HANDOVER_MS) }, () => {
        resolve(true);
        return new Promise<never>(() => {});
      })
      .catch(() => resolve(false));
  });
}
