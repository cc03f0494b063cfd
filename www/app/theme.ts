/** The reader's choice of theme, kept in this browser. */
const KEY = 'raft-playground-theme';

export function followTheme(select: HTMLSelectElement | null): void {
  const apply = (theme: string) => {
    document.documentElement.dataset.theme = theme;
  };
  const stored = read();
  apply(stored);
  if (!select) return;
  select.value = stored;
  select.addEventListener('change', () => {
    apply(select.value);
    try {
      localStorage.setItem(KEY, select.value);
    } catch {
      // Storage may be forbidden; the choice then lasts for this visit.
    }
  });
}

function read(): string {
  try {
    const theme = localStorage.getItem(KEY);
    return theme === 'light' || theme === 'dark' ? theme : 'auto';
  } catch {
    return 'auto';
  }
}
