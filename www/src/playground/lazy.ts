/** A part that is fetched when it is first needed. */
export class Lazy<T> {
  readonly #load: () => Promise<T>;
  readonly #onLoaded: () => void;
  readonly #onFailed: (error: unknown) => void;
  #loading: Promise<void> | undefined;
  #value: T | undefined;

  constructor(load: () => Promise<T>, onLoaded: () => void, onFailed: (error: unknown) => void) {
    this.#load = load;
    this.#onLoaded = onLoaded;
    this.#onFailed = onFailed;
  }

  /** What is there already. */
  get loaded(): T | undefined {
    return this.#value;
  }

  /** The part, if it is there; otherwise it is on its way, and `onLoaded` is called when it has come. */
  get(): T | undefined {
    if (this.#value === undefined) {
      this.#loading ??= this.#load().then(
        (value) => {
          this.#value = value;
          this.#onLoaded();
        },
        (error: unknown) => {
          // A failed download may work the next time.
          this.#loading = undefined;
          this.#onFailed(error);
        },
      );
    }
    return this.#value;
  }
}
