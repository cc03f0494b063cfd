import { html, nothing, render, type TemplateResult } from 'lit';
import type { ExportFormat } from '../../model.js';
import { adopt } from '../sheet.js';
import { View, type ViewHost } from '../view.js';
import css from './share.css?inline';

/** What a reader can ask for in the panel. */
export type ShareWish =
  | { do: 'link' }
  | { do: 'embed' }
  | { do: 'recording' }
  | { do: 'export'; format: ExportFormat }
  | { do: 'open'; files: readonly File[] };

export interface ShareState {
  /** The link, once it is known. */
  link: string | null;
  /** Longer links are cut off by many programs. */
  longLink: number;
  /** Longer links cannot be opened. */
  maxLink: number;
  /** HTML that embeds the run. */
  embed: string | null;
  formats: readonly ExportFormat[];
  /** What is being made just now. */
  making: ExportFormat | null;
  /** What makes the run another protocol than Raft; empty if it is Raft. */
  modified: string;
}

/** Takes a run along, as a link, a file or HTML, and opens one from a file. */
export class ShareView extends View {
  constructor(host: ViewHost) {
    super(host);
    adopt(this.root, css);
  }

  update(state: ShareState): void {
    const words = this.t.share;
    render(
      html`
        ${this.#link(state)}
        <section aria-labelledby="${this.id}-files">
          <h3 id="${this.id}-files">${words.files}</h3>
          ${state.modified === '' ? nothing : html`<p class="modified-mark">${words.modified(state.modified)}</p>`}
          <ul class="share-files">
            <li>
              <button type="button" class="small" data-do="save-recording" aria-label=${words.save(words.recording)} @click=${() => this.emit('share', { do: 'recording' })}>${words.recording}</button>
              <span>${words.recordingText}</span>
            </li>
            ${state.formats.map((format) => this.#format(format, state.making))}
          </ul>
          <p class="quiet">${words.untilNow}</p>
        </section>
        ${this.#figures()}
        <section aria-labelledby="${this.id}-open">
          <h3 id="${this.id}-open">${words.open}</h3>
          <div class="share-row">
            <button type="button" data-do="open-file" @click=${() => this.root.querySelector<HTMLInputElement>('input[type="file"]')?.click()}>${words.openFile}</button>
            <input type="file" hidden accept=".json,application/json" aria-label=${words.openFile} @change=${this.#onFile} />
          </div>
          <p class="quiet">${words.openText}</p>
        </section>
        ${this.#embed(state)}
      `,
      this.root,
    );
  }

  #link({ link, longLink, maxLink }: ShareState): TemplateResult {
    const words = this.t.share;
    const length = link?.length ?? 0;
    const isTooLong = length > maxLink;
    const isLong = length > longLink;
    const said = isTooLong
      ? words.linkTooLong(length, maxLink)
      : isLong
        ? words.linkLong(length, longLink)
        : link === null
          ? words.measuring
          : words.linkLength(length);
    return html`
      <section aria-labelledby="${this.id}-link">
        <h3 id="${this.id}-link">${words.link}</h3>
        <div class="share-row">
          <input type="text" readonly spellcheck="false" aria-label=${words.linkField} aria-describedby="${this.id}-length" .value=${isTooLong ? '' : (link ?? '')} @focus=${select} />
          <button type="button" class=${isLong ? '' : 'primary'} data-do="copy-link" ?disabled=${link === null || isTooLong} @click=${() => this.emit('share', { do: 'link' })}>${words.copy}</button>
          ${isLong ? html`<button type="button" class="primary" data-do="save-instead" @click=${() => this.emit('share', { do: 'recording' })}>${words.save(words.recording)}</button>` : nothing}
        </div>
        <p class="quiet link-length" id="${this.id}-length">${said}</p>
      </section>`;
  }

  #figures(): TemplateResult {
    const words = this.t.share;
    return html`
      <section aria-labelledby="${this.id}-figures">
        <h3 id="${this.id}-figures">${words.figures}</h3>
        <ul class="share-files">
          ${(['ring', 'logs'] as const).map(
            (of) => html`
              <li>
                <span class="group">${(['svg', 'png'] as const).map((format) => html`<button type="button" class="small" data-figure="${of}.${format}" aria-label=${words.figure(words.view[of], format.toUpperCase())} @click=${() => this.emit('figure', { of, format })}>${format.toUpperCase()}</button>`)}</span>
                <span>${words.view[of]}</span>
              </li>`,
          )}
        </ul>
        <p class="quiet">${words.otherFigures}</p>
      </section>`;
  }

  #format(format: ExportFormat, making: ExportFormat | null): TemplateResult {
    const words = this.t.share;
    return html`
      <li>
        <button type="button" class="small" data-export=${format} aria-label=${words.save(format)} aria-busy=${making === format}
          ?disabled=${making !== null} @click=${() => this.emit('share', { do: 'export', format })}>${format}</button>
        <span>${words.formats[format]}</span>
      </li>`;
  }

  #embed({ embed, link, maxLink }: ShareState): TemplateResult | typeof nothing {
    if (link !== null && link.length > maxLink) return nothing;
    const words = this.t.share;
    return html`
      <section aria-labelledby="${this.id}-embed">
        <h3 id="${this.id}-embed">${words.embed}</h3>
        <textarea readonly rows="3" spellcheck="false" aria-label=${words.embedField} .value=${embed ?? ''} @focus=${select}></textarea>
        <div class="share-row">
          <button type="button" data-do="copy-embed" ?disabled=${embed === null} @click=${() => this.emit('share', { do: 'embed' })}>${words.copyEmbed}</button>
        </div>
        <p class="quiet">${words.embedText}</p>
      </section>`;
  }

  readonly #onFile = (event: Event): void => {
    const input = event.target as HTMLInputElement;
    const files = [...(input.files ?? [])];
    // The same file may be chosen again.
    input.value = '';
    if (files.length > 0) this.emit('share', { do: 'open', files });
  };
}

function select(event: Event): void {
  (event.target as HTMLInputElement | HTMLTextAreaElement).select();
}
