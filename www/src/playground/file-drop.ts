/** Files that are dragged over a playground and dropped on it. Anything else is left to the browser. */
export class FileDrop {
  readonly #root: HTMLElement;
  readonly #hint = document.createElement('p');
  readonly #onFiles: (files: readonly File[]) => void;

  constructor(root: HTMLElement, words: string, onFiles: (files: readonly File[]) => void) {
    this.#root = root;
    this.#onFiles = onFiles;
    this.#hint.className = 'drop-hint';
    this.#hint.textContent = words;
    this.#hint.hidden = true;
    root.append(this.#hint);
    root.addEventListener('dragenter', this.#onOver);
    root.addEventListener('dragover', this.#onOver);
    root.addEventListener('dragleave', this.#onLeave);
    root.addEventListener('drop', this.#onDrop);
  }

  readonly #onOver = (event: DragEvent): void => {
    if (!event.dataTransfer?.types.includes('Files')) return;
    event.preventDefault();
    event.dataTransfer.dropEffect = 'copy';
    this.#hint.hidden = false;
  };

  readonly #onLeave = (event: DragEvent): void => {
    // Between two parts of the playground it is not left.
    if (!this.#root.contains(event.relatedTarget as Node | null)) this.#hint.hidden = true;
  };

  readonly #onDrop = (event: DragEvent): void => {
    this.#hint.hidden = true;
    const files = [...(event.dataTransfer?.files ?? [])];
    if (files.length === 0) return;
    event.preventDefault();
    this.#onFiles(files);
  };
}
