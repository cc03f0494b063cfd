/** Speaks through one polite live region, at most once a second, and only the latest of each kind. */
export class Announcer {
  readonly #region: HTMLElement;
  readonly #pending = new Map<string, string>();
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(region: HTMLElement) {
    this.#region = region;
  }

  say(kind: string, text: string): void {
    this.#pending.delete(kind);
    this.#pending.set(kind, text);
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      this.#region.textContent = [...this.#pending.values()].join(' ');
      this.#pending.clear();
    }, 1_000);
  }

  dispose(): void {
    clearTimeout(this.#timer);
  }
}
