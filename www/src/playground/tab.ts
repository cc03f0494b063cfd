/** The name of this tab, which survives a reload and goes with a copy of the tab. */
const TAB = 'raft-playground-tab';

/** `null`: the tab has none yet, or may have none. */
export function readTab(): string | null {
  try {
    return sessionStorage.getItem(TAB);
  } catch {
    return null;
  }
}

/** Throws where storage is forbidden. */
export function writeTab(id: string): void {
  sessionStorage.setItem(TAB, id);
}
