import { html, nothing, render, type TemplateResult } from 'lit';
import { type Action, appearance, type Frame, type FrameServer, type Selection } from '../../model.js';
import type { LinkQualities } from '../ring/facts.js';
import { View, type ViewHost } from '../view.js';
import { LinkForm } from './link-form.js';

export interface FaultsState {
  frame: Frame;
  selection: Selection | null;
  picked: ReadonlySet<number> | null;
  links: LinkQualities;
}

/** What can go wrong: crashes, pauses, timeouts, partitions and bad links, by pointer or by keyboard. */
export class FaultsView extends View {
  readonly #linkForm: LinkForm;
  #picking = false;

  constructor(host: ViewHost) {
    super(host);
    this.#linkForm = new LinkForm(host);
  }

  /** Goes on in the form of the selected link. */
  focusLink(): void {
    this.#linkForm.focus();
  }

  update({ frame, selection, picked, links }: FaultsState): void {
    const { t } = this;
    const server = selection?.kind === 'server' ? frame.servers[selection.id - 1] : undefined;
    const anyCut = frame.servers.some((a) => frame.servers.some((b) => frame.cut(a.id, b.id)));
    const act = (action: Action) => () => this.emit('act', action);
    const button = (name: string, label: string, key: string, run: () => void, disabled = false) =>
      html`<button type="button" data-act=${name} ?disabled=${disabled} @click=${run}>${label}${key ? html` <kbd>${key}</kbd>` : nothing}</button>`;
    const opening = picked !== null && !this.#picking;
    this.#picking = picked !== null;
    render(
      html`
        <div class="buttons" role="group" aria-label=${t.faultsLabel}>
          ${server ? this.#forServer(server, button, act) : nothing}
          <button type="button" data-act="partition" aria-pressed=${picked !== null} @click=${() => this.emit('pick', picked ? null : [])}>${t.partition} <kbd>P</kbd></button>
          ${button('heal', t.heal, 'H', act({ type: 'heal' }), !anyCut)}
        </div>
        ${picked ? this.#picker(frame, picked) : nothing}
        ${selection?.kind === 'link' ? this.#linkForm.template({ frame, links, a: selection.a, b: selection.b }) : nothing}
      `,
      this.root,
    );
    if (opening) this.root.querySelector('.picker')?.scrollIntoView({ block: 'nearest' });
  }

  #forServer(
    server: FrameServer,
    button: (name: string, label: string, key: string, run: () => void, disabled?: boolean) => TemplateResult,
    act: (action: Action) => () => void,
  ): TemplateResult {
    const { t } = this;
    const id = server.id;
    const look = appearance(server);
    return html`
      <span class="about"><span class="dot ${look}" aria-hidden="true">${t.roleLetter[look]}</span> <b>S${id}</b></span>
      ${server.status === 1 ? button('restart', t.restart, 'C', act({ type: 'restart', server: id })) : button('crash', t.crash, 'C', act({ type: 'crash', server: id }))}
      ${server.role === 3 && server.status === 0 ? button('heartbeat', t.heartbeat, '', act({ type: 'heartbeat', server: id })) : button('timeout', t.timeout, 'T', act({ type: 'timeout', server: id }), server.status !== 0)}
      <span class="divider" aria-hidden="true"></span>
    `;
  }

  #picker(frame: Frame, picked: ReadonlySet<number>): TemplateResult {
    const { t } = this;
    const others = frame.servers.map(({ id }) => id).filter((id) => !picked.has(id));
    const possible = picked.size > 0 && others.length > 0;
    const toggle = (id: number) => {
      const group = new Set(picked);
      if (!group.delete(id)) group.add(id);
      this.emit(
        'pick',
        [...group].sort((a, b) => a - b),
      );
    };
    return html`
      <fieldset class="picker">
        <legend>${t.partitionTitle}</legend>
        <p class="quiet">${t.partitionHint}</p>
        <div class="buttons">
          ${frame.servers.map(
            ({ id }) =>
              html`<label class="check"><input type="checkbox" .checked=${picked.has(id)} @change=${() => toggle(id)} /> S${id}</label>`,
          )}
          <button type="button" class="primary" data-act="cut-partition" ?disabled=${!possible}
            @click=${() => {
              this.emit('act', { type: 'partition', groups: [[...picked], others] });
              this.emit('pick', null);
            }}>${t.cutApart}</button>
          <button type="button" @click=${() => this.emit('pick', null)}>${t.cancel}</button>
        </div>
      </fieldset>
    `;
  }
}
