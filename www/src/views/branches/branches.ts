import { html, nothing, render, svg, type TemplateResult } from 'lit';
import { repeat } from 'lit/directives/repeat.js';
import type { Appearance, BranchView } from '../../model.js';
import { adopt } from '../sheet.js';
import { View, type ViewHost } from '../view.js';
import type { AlignedRow } from './align.js';
import css from './branches.css?inline';
import { comparison } from './comparison.js';
import { rowAfter, type TreeRow, treeRows } from './tree.js';

/** What is compared of a server. */
export interface ServerState {
  id: number;
  look: Appearance;
  term: number;
  lastIndex: number;
  lastTerm: number;
  commitIndex: number;
}

/** A moment of one of two branches. */
export interface ServersAt {
  timeMs: number;
  servers: readonly ServerState[];
}

/** What two branches have in common and what not. */
export interface Comparison {
  /** Steps that are the same, and the moment after them. */
  steps: number;
  timeMs: number;
  /** Whether the next step differs; if not, one of the branches ends there. */
  parted: boolean;
  /** The events around the first difference. */
  rows: readonly AlignedRow[];
  /** The servers after the first step that differs, and at the ends. */
  difference: readonly [ServersAt, ServersAt];
  ends: readonly [ServersAt, ServersAt];
}

export interface BranchesState {
  branches: readonly BranchView[];
  step: number;
  /** The latest deletion that can be taken back. */
  deleted: { name: string; others: number } | null;
  /** Two branches side by side, of which one is shown. */
  compared: { a: BranchView; b: BranchView; comparison: Comparison } | null;
}

/** Height of a line of the tree, as in the style sheet. */
const ROW = 34;

/** The branches of a run as a tree, drawn over its steps: to go to, to name, to delete and to lay beside each other. */
export class BranchesView extends View {
  #state: BranchesState | null = null;
  /** The line that the keyboard is at, by the id of its branch. */
  #focused: number | null = null;
  #renamed: number | null = null;
  #atEnds = false;

  constructor(host: ViewHost) {
    super(host);
    adopt(this.root, css);
    this.root.addEventListener('keydown', (event) => this.#onKey(event));
  }

  update(state: BranchesState): void {
    this.#state = state;
    const rows = treeRows(state.branches);
    const current = state.branches.find((branch) => branch.current);
    if (!rows.some(({ branch }) => branch.id === this.#focused)) this.#focused = current?.id ?? null;
    const hadFocus = this.#treeHasFocus();
    render(
      html`
        ${this.#toolbar(state, current)}
        <div class="branch-tree">
          <ul class="rows" role="tree" aria-label=${this.t.branches.treeLabel}>
            ${repeat(
              rows,
              ({ branch }) => branch.id,
              (row) => this.#row(row),
            )}
          </ul>
          ${this.#drawing(rows, state)}
        </div>
        ${rows.length === 1 ? html`<p class="quiet">${this.t.branches.only}</p>` : nothing}
        ${
          state.compared
            ? comparison(state.compared, this.t, {
                atEnds: this.#atEnds,
                show: (atEnds) => {
                  this.#atEnds = atEnds;
                  if (this.#state) this.update(this.#state);
                },
                visit: (branch, step) => this.emit('goTo', { branch, step }),
              })
            : nothing
        }
      `,
      this.root,
    );
    // The line that had the focus may have been deleted.
    if (hadFocus && !this.#treeHasFocus()) this.#focus(this.#focused);
  }

  #toolbar(state: BranchesState, current: BranchView | undefined): TemplateResult {
    const words = this.t.branches;
    const others = state.branches.filter((branch) => !branch.current);
    const { a, b } = state.compared ?? {};
    const isFirst = current?.parent === null;
    return html`
      <div class="branch-bar">
        <button type="button" class="small" data-do="rename" title=${words.renameHint} @click=${() => current && this.#rename(current.id)}>${words.rename}</button>
        <button type="button" class="small" data-do="delete" title=${isFirst ? words.keepFirst : words.removeHint} ?disabled=${isFirst}
          @click=${() => current && this.emit('deleteBranch', current.id)}>${words.remove}</button>
        <label>${words.compareWith} <select name="compare" ?disabled=${others.length === 0} @change=${(event: Event) => this.#compare((event.target as HTMLSelectElement).value)}>
          <option value="" ?selected=${!state.compared}>${words.compareNone}</option>
          ${others.map(({ id, name }) => html`<option value=${id} ?selected=${id === a?.id || id === b?.id}>${words.title(name)}</option>`)}
        </select></label>
      </div>
      ${
        state.deleted
          ? html`<p class="deleted" role="status">${words.removed(words.title(state.deleted.name), state.deleted.others)}
              <button type="button" class="small" data-do="undo" title=${words.undoHint} @click=${() => this.emit('restoreBranch')}>${words.undo}</button></p>`
          : nothing
      }
    `;
  }

  #row({ branch, level, place, count }: TreeRow): TemplateResult {
    const words = this.t.branches;
    const { id, name, forkStep, headStep, current } = branch;
    const title = words.title(name);
    return html`
      <li class="branch-row ${current ? 'chosen' : ''}" role="treeitem" data-branch=${id} data-level=${Math.min(level, 6)} aria-level=${level} aria-posinset=${place}
        aria-setsize=${count} aria-selected=${current} tabindex=${id === this.#focused ? 0 : -1}
        @focus=${() => this.#moveTo(id)} @click=${(event: Event) => this.#onRowClick(event, branch)} @dblclick=${() => this.#rename(id)}>
        ${
          this.#renamed === id
            ? html`<input class="branch-name" name="branch-name" maxlength="60" .value=${title} aria-label=${words.nameOf(title)}
                @keydown=${(event: KeyboardEvent) => this.#onNameKey(event, branch)} @blur=${(event: Event) => this.#named(event, branch)} />`
            : html`<span class="branch-name">${title}</span>`
        }
        <span class="quiet" title=${words.stepsHint(forkStep, headStep)}>${words.steps(forkStep, headStep)}${current ? html`<span class="shown"> · <b>${words.shown}</b></span>` : nothing}</span>
      </li>
    `;
  }

  /** Each branch as a line over its steps, from where it left another. A click shows that step. */
  #drawing(rows: readonly TreeRow[], { step }: BranchesState): TemplateResult {
    const last = Math.max(1, ...rows.map(({ branch }) => branch.headStep));
    const x = (at: number) => `${(at / last) * 100}%`;
    const y = (row: number) => row * ROW + ROW / 2;
    return html`
      <svg class="branch-lines" height=${rows.length * ROW} aria-hidden="true">
        ${rows.map(({ branch: { id, forkStep, headStep, current }, parentRow }, i) => {
          const from = x(forkStep);
          return svg`
            <rect class="branch-lane" data-lane=${id} x="0" y=${i * ROW} width="100%" height=${ROW} @click=${(event: MouseEvent) => this.#onLaneClick(event, id, headStep, last)}></rect>
            ${parentRow === null ? nothing : svg`<line class="branch-line" x1=${from} x2=${from} y1=${y(parentRow)} y2=${y(i)}></line>`}
            <line class="branch-line ${current ? 'current' : ''}" x1=${from} x2=${x(headStep)} y1=${y(i)} y2=${y(i)}></line>
            ${parentRow === null ? nothing : svg`<circle class="branch-fork" cx=${from} cy=${y(parentRow)} r="3.5"></circle>`}
            <circle class="branch-end ${current ? 'current' : ''}" cx=${x(headStep)} cy=${y(i)} r="4"></circle>
            ${current ? svg`<rect class="branch-now" x=${x(step)} y=${y(i) - 9} width="3" height="18" rx="1.5" transform="translate(-1.5 0)"></rect>` : nothing}
          `;
        })}
      </svg>
    `;
  }

  // ---------------------------------------------------------------- by hand

  #onRowClick(event: Event, { id, current, headStep }: BranchView): void {
    if (event.target instanceof HTMLInputElement) return;
    this.#focus(id);
    if (!current) this.emit('goTo', { branch: id, step: headStep });
  }

  #onLaneClick(event: MouseEvent, branch: number, headStep: number, last: number): void {
    const box = (event.currentTarget as Element).getBoundingClientRect();
    const step = Math.round(((event.clientX - box.left) / Math.max(1, box.width)) * last);
    this.emit('goTo', { branch, step: Math.max(0, Math.min(headStep, step)) });
  }

  #compare(value: string): void {
    this.emit('compareBranch', value === '' ? null : Number(value));
  }

  #onKey(event: KeyboardEvent): void {
    if (event.target instanceof HTMLInputElement || !this.#state) return;
    if ((event.ctrlKey || event.metaKey) && !event.shiftKey && event.key.toLowerCase() === 'z') {
      if (!this.#state.deleted) return;
      event.preventDefault();
      this.emit('restoreBranch');
      return;
    }
    const item = event.target instanceof Element ? event.target.closest<HTMLElement>('[role="treeitem"]') : null;
    if (!item || event.ctrlKey || event.metaKey || event.altKey) return;
    const rows = treeRows(this.#state.branches);
    const at = rows.findIndex(({ branch }) => String(branch.id) === item.dataset.branch);
    const row = rows[at];
    if (!row) return;
    const next = rowAfter(rows, at, event.key);
    if (next !== null) this.#focus(rows[next]?.branch.id ?? null);
    else if (event.key === 'Enter' || event.key === ' ')
      this.emit('goTo', { branch: row.branch.id, step: row.branch.headStep });
    else if (event.key === 'F2') this.#rename(row.branch.id);
    else if (event.key === 'Delete' && row.branch.parent !== null) this.emit('deleteBranch', row.branch.id);
    else return;
    event.preventDefault();
  }

  #moveTo(id: number): void {
    if (this.#focused === id) return;
    this.#focused = id;
    for (const item of this.root.querySelectorAll('[role="treeitem"]'))
      item.setAttribute('tabindex', item.getAttribute('data-branch') === String(id) ? '0' : '-1');
  }

  #focus(id: number | null): void {
    this.root.querySelector<HTMLElement>(`[data-branch="${id}"]`)?.focus();
  }

  #treeHasFocus(): boolean {
    const scope = this.root.getRootNode() as ShadowRoot | Document;
    return scope.activeElement !== null && this.root.contains(scope.activeElement);
  }

  // ---------------------------------------------------------------- names

  #rename(id: number): void {
    this.#renamed = id;
    this.#focused = id;
    if (this.#state) this.update(this.#state);
    const input = this.root.querySelector<HTMLInputElement>('input.branch-name');
    input?.focus();
    input?.select();
  }

  #onNameKey(event: KeyboardEvent, branch: BranchView): void {
    event.stopPropagation();
    if (event.key !== 'Enter' && event.key !== 'Escape') return;
    event.preventDefault();
    if (event.key === 'Escape') (event.target as HTMLInputElement).value = '';
    this.#named(event, branch);
    this.#focus(branch.id);
  }

  /** Takes the name over, unless it is empty or as before. */
  #named(event: Event, { id, name }: BranchView): void {
    if (this.#renamed !== id) return;
    this.#renamed = null;
    const wanted = (event.target as HTMLInputElement).value.trim();
    if (wanted !== '' && wanted !== this.t.branches.title(name))
      this.emit('renameBranch', { branch: id, name: wanted });
    else if (this.#state) this.update(this.#state);
  }
}
