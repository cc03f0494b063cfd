import { html, nothing, render, type TemplateResult } from 'lit';
import { View, type ViewHost } from '../view.js';
import { type Axis, capacity, centred, clampFirst, firstAt, lastFirst, reveal, scrollAt, travelOf } from './axis.js';
import { gridOf, indexOfCell, type Place } from './grid.js';
import { type Cell, cellsOf, LETTER, type LogRow, type LogState, type Mark } from './rows.js';

/** Narrower than this, servers stand side by side and indexes run down. */
const UPRIGHT_BELOW_PX = 480;
/** As in logs.css. */
const HEAD_PX = 150;
const CELL_WIDTH_PX = 47;
const CELL_HEIGHT_PX = 49;
const UPRIGHT_VISIBLE = 6;

/**
 * The logs of all servers, aligned by index; with what the leader knows about each of them.
 *
 * Only what fits is drawn: whoever feeds it asks `place` which part that is, and gives that part to `update`.
 */
export class LogsView extends View {
  readonly #onMove: () => void;
  readonly #resize: ResizeObserver;
  #state: LogState | null = null;
  #axis: Axis = { first: 1, last: 1, visible: 1 };
  #first = 1;
  /** The end stays in view while the logs grow. */
  #follow = true;
  /** The cell that the keyboard is at, and the one under the pointer. */
  #focus: Place | null = null;
  #hover: Place | null = null;
  #wantsFocus = false;
  #width = 0;
  #scroll = 0;
  #scrollFrame = 0;
  #remark = '';

  /** `onMove` asks for `place` and `update`, since another part is to be seen. */
  constructor(host: ViewHost, onMove: () => void) {
    super(host);
    this.#onMove = onMove;
    this.#resize = new ResizeObserver(([entry]) => {
      const width = Math.floor(entry?.contentRect.width ?? 0);
      if (width === this.#width) return;
      this.#width = width;
      this.#onMove();
    });
    this.#resize.observe(this.root);
  }

  /** Forgets where the reader was: what comes next is another cluster. */
  reset(): void {
    this.#follow = true;
    this.#focus = null;
    this.#hover = null;
    this.#remark = '';
  }

  /** The part to be shown of all that there is; `null` if nothing can be seen. */
  place({ first, last }: { first: number; last: number }): { first: number; count: number } | null {
    if (this.#width === 0) this.#width = this.root.clientWidth;
    if (this.#width === 0) return null;
    const visible = this.#upright ? UPRIGHT_VISIBLE : capacity(this.#width, HEAD_PX, CELL_WIDTH_PX);
    this.#axis = { first, last, visible };
    this.#first = this.#follow ? lastFirst(this.#axis) : clampFirst(this.#axis, this.#first);
    // What the keyboard is at does not run away.
    if (this.#focus && this.#hasFocus()) this.#first = reveal(this.#axis, this.#first, this.#focus.index);
    return { first: this.#first, count: visible };
  }

  update(state: LogState): void {
    this.#state = state;
    this.#draw();
    this.#placeFocus();
    if (firstAt(this.#axis, this.#scroll, this.#cellPx) !== this.#first) {
      cancelAnimationFrame(this.#scrollFrame);
      this.#scrollFrame = requestAnimationFrame(() => this.#placeScrollbar());
    }
  }

  dispose(): void {
    this.#resize.disconnect();
    cancelAnimationFrame(this.#scrollFrame);
  }

  get #upright(): boolean {
    return this.#width < UPRIGHT_BELOW_PX;
  }

  get #cellPx(): number {
    return this.#upright ? CELL_HEIGHT_PX : CELL_WIDTH_PX;
  }

  // ---------------------------------------------------------------- drawing

  #draw(): void {
    const state = this.#state;
    if (!state) return;
    const { t } = this;
    const window = { first: this.#first, count: this.#axis.visible };
    const cells = state.rows.map((row) => cellsOf(row, state.leader, window));
    const seen = this.#hover ?? this.#focus;
    const travel = travelOf(this.#axis, this.#cellPx);
    render(
      html`
        ${this.#jumps(state)}
        <div class="log-scroller ${this.#upright ? 'upright' : 'level'}" @scroll=${this.#onScroll}>
          <div class="log-extent">
            ${this.#spacer(travel)}
            <div class="log-stage" @pointerover=${this.#onPointer} @pointerleave=${this.#onPointer} @focusin=${this.#onFocus} @keydown=${this.#onKey} @click=${this.#onClick}>
              ${gridOf({ t, state, cells, axis: this.#axis, first: this.#first, upright: this.#upright, stop: this.#stop(state), current: seen?.index ?? null })}
            </div>
          </div>
        </div>
        ${this.#detail(state, cells, seen)}
        <p class="quiet log-legend">${t.logs.legend}
          ${MARKS.map((mark) => html`<span class="log-key"><b class="log-mark ${mark}">${LETTER[mark]}</b> ${t.logs.mark[mark]}</span> `)}
          <span class="log-key"><i class="log-swatch" aria-hidden="true"></i> ${t.logs.legendConflict}</span>
        </p>
      `,
      this.root,
    );
  }

  /** Makes the scrollbar as long as the logs. An SVG, since its size is no inline style. */
  #spacer(travel: number): TemplateResult {
    return this.#upright
      ? html`<svg class="log-spacer" aria-hidden="true" width="1" height=${travel}></svg>`
      : html`<svg class="log-spacer" aria-hidden="true" width=${travel + this.#width} height="1"></svg>`;
  }

  #jumps(state: LogState): TemplateResult {
    const { t } = this;
    const conflicts = state.rows.filter(({ firstConflict }) => firstConflict !== null);
    return html`
      <form class="log-jumps" novalidate aria-label=${t.logs.jumps} @submit=${this.#onSubmit}>
        <label>${t.logs.index} <input name="index" type="number" inputmode="numeric" min=${this.#axis.first} max=${this.#axis.last} autocomplete="off" /></label>
        <button type="submit" class="small">${t.logs.go}</button>
        <button type="button" class="small" data-jump="commit" @click=${() => this.#jumpToCommit(state)}>${t.logs.toCommit}</button>
        <button type="button" class="small" data-jump="end" @click=${() => this.#jumpToEnd(state)}>${t.logs.toEnd}</button>
        <button type="button" class="small" data-jump="conflict" ?disabled=${conflicts.length === 0} @click=${() => this.#jumpToConflict(conflicts)}>
          ${t.logs.toConflict(conflicts.length)}
        </button>
      </form>
    `;
  }

  /** Everything about a cell, in words. */
  #detail(state: LogState, cells: readonly Cell[][], seen: Place | null): TemplateResult {
    const { t } = this;
    const at = seen ? state.rows.findIndex(({ id }) => id === seen.server) : -1;
    const row = state.rows[at];
    const cell = seen && cells[at]?.find(({ first, last }) => first <= seen.index && seen.index <= last);
    const say = (text: TemplateResult | string, more: TemplateResult | typeof nothing = nothing) => html`
      <div class="log-detail"><p>${text}</p>${more}</div>
      <p class="visually-hidden" role="status">${this.#remark}</p>
    `;
    if (this.#remark) return say(html`<span class="log-remark">${this.#remark}</span>`);
    if (!row || !cell) return say(html`<span class="quiet">${t.logs.hint}</span>`);
    // Somebody who knows it to be committed answers the question.
    const known = Math.max(...state.rows.map(({ commitIndex }) => commitIndex));
    const asks = cell.kind === 'entry' && cell.conflict === null && cell.first > known;
    return say(
      html`<b>${t.logs.place(row.id, cell.first, cell.last)}</b> ${t.logs.cell(cell, state.leader?.id ?? 0)}`,
      asks
        ? html`<button type="button" class="small" data-do="why-not" @click=${() => this.emit('why', null)}>${t.logs.whyNot}</button>`
        : nothing,
    );
  }

  // ---------------------------------------------------------------- moving

  readonly #onScroll = (event: Event): void => {
    const { scrollLeft, scrollTop } = event.currentTarget as HTMLElement;
    const to = this.#upright ? scrollTop : scrollLeft;
    // Not the reader has moved it, but this view, and it may be about to do so again.
    if (Math.abs(to - this.#scroll) < 1) return;
    this.#scroll = to;
    const first = firstAt(this.#axis, this.#scroll, this.#cellPx);
    if (first === this.#first) return;
    this.#first = first;
    this.#follow = first === lastFirst(this.#axis);
    this.#hover = null;
    // The focus goes along: its cell would show another entry.
    if (this.#focus) {
      const index = Math.min(Math.max(this.#focus.index, first), first + this.#axis.visible - 1);
      this.#focus = { ...this.#focus, index };
    }
    this.#onMove();
  };

  #placeScrollbar(): void {
    const scroller = this.root.querySelector('.log-scroller');
    if (!scroller) return;
    const to = scrollAt(this.#axis, this.#first, this.#cellPx);
    if (this.#upright) scroller.scrollTop = to;
    else scroller.scrollLeft = to;
    this.#scroll = this.#upright ? scroller.scrollTop : scroller.scrollLeft;
  }

  /** Where the keyboard comes in: at the cell it was at, or at the end of the leader's log. */
  #stop({ rows, leader, chosen }: LogState): Place {
    const server = this.#focus?.server ?? leader?.id ?? chosen ?? 1;
    const row = rows.find(({ id }) => id === server) ?? rows[0];
    const index = this.#focus?.index ?? row?.lastIndex ?? 1;
    const last = this.#first + this.#axis.visible - 1;
    return { server: row?.id ?? 1, index: Math.min(Math.max(index, this.#first), last) };
  }

  /** Goes to a cell. A jump puts it in the middle, a step no further than it takes. */
  #goTo(server: number, index: number, jump: boolean): void {
    const { first, last } = this.#axis;
    const to = Math.min(Math.max(index, first), Math.max(last, first + this.#axis.visible - 1));
    this.#focus = { server, index: to };
    this.#remark = '';
    this.#hover = null;
    const isSeen = to >= this.#first && to < this.#first + this.#axis.visible;
    this.#first = jump && !isSeen ? centred(this.#axis, to) : reveal(this.#axis, this.#first, to);
    this.#follow = this.#first === lastFirst(this.#axis);
    this.#wantsFocus = true;
    this.#onMove();
  }

  #hasFocus(): boolean {
    const { activeElement } = this.root.getRootNode() as ShadowRoot;
    return activeElement instanceof HTMLTableCellElement && this.root.contains(activeElement);
  }

  #placeFocus(): void {
    if (!this.#wantsFocus && !(this.#focus && this.#hasFocus())) return;
    this.#wantsFocus = false;
    const cell = this.root.querySelector<HTMLElement>('td[tabindex="0"]');
    if (!cell || cell === (this.root.getRootNode() as ShadowRoot).activeElement) return;
    // Along the indexes everything is in view; across them it may not be.
    cell.focus({ preventScroll: true });
    this.#revealAcross(cell);
  }

  #revealAcross(cell: HTMLElement): void {
    const scroller = this.root.querySelector<HTMLElement>('.log-scroller');
    const head = scroller?.querySelector('.corner-cell')?.getBoundingClientRect();
    if (!scroller || !head) return;
    const [box, view] = [cell.getBoundingClientRect(), scroller.getBoundingClientRect()];
    if (this.#upright) {
      scroller.scrollLeft += Math.min(0, box.left - head.right) + Math.max(0, box.right - view.right);
    } else scroller.scrollTop += Math.min(0, box.top - head.bottom) + Math.max(0, box.bottom - view.bottom);
    scroller.scrollIntoView({ block: 'nearest' });
  }

  readonly #onKey = (event: KeyboardEvent): void => {
    const state = this.#state;
    if (!state || event.altKey || event.ctrlKey || event.metaKey) return;
    if (!(event.target instanceof HTMLTableCellElement)) return;
    const at = this.#stop(state);
    if (event.key === 'Enter') {
      this.emit('select', { kind: 'server', id: at.server });
      event.preventDefault();
      return;
    }
    const to = this.#afterKey(event, at, state);
    if (!to) return;
    event.preventDefault();
    this.#goTo(to.server, to.index, false);
  };

  #afterKey({ key, shiftKey }: KeyboardEvent, { server, index }: Place, { rows }: LogState): Place | null {
    const [back, forth, previous, next] = this.#upright
      ? ['ArrowUp', 'ArrowDown', 'ArrowLeft', 'ArrowRight']
      : ['ArrowLeft', 'ArrowRight', 'ArrowUp', 'ArrowDown'];
    const at = rows.findIndex(({ id }) => id === server);
    const row = rows[at];
    const by = shiftKey ? 10 : 1;
    const snapshot = row?.log.lastIncludedIndex ?? 0;
    switch (key) {
      case back:
        return { server, index: index - by };
      case forth:
        // A snapshot is one cell, however much it stands for.
        return { server, index: Math.max(index, snapshot) + by };
      case previous:
        return { server: rows[at - 1]?.id ?? server, index };
      case next:
        return { server: rows[at + 1]?.id ?? server, index };
      case 'PageUp':
        return { server, index: index - this.#axis.visible };
      case 'PageDown':
        return { server, index: index + this.#axis.visible };
      case 'Home':
        return { server, index: this.#axis.first };
      case 'End':
        return { server, index: Math.max(1, this.#axis.last - 1) };
      default:
        return null;
    }
  }

  readonly #onFocus = (event: Event): void => {
    const at = indexOfCell(event.target);
    if (!at) return;
    const focus = this.#focus;
    const isSame = focus && focus.server === at.server && at.index <= focus.index && focus.index <= at.last;
    this.#remark = '';
    if (!isSame) this.#focus = { server: at.server, index: at.index };
    this.#draw();
  };

  readonly #onPointer = (event: Event): void => {
    const at = event.type === 'pointerleave' ? null : indexOfCell(event.target);
    if (at?.server === this.#hover?.server && at?.index === this.#hover?.index) return;
    this.#hover = at;
    this.#remark = '';
    this.#draw();
  };

  readonly #onClick = (event: Event): void => {
    const button = event.target instanceof Element ? event.target.closest<HTMLElement>('[data-who]') : null;
    if (button) this.emit('select', { kind: 'server', id: Number(button.dataset.who) });
  };

  // ---------------------------------------------------------------- jumping

  readonly #onSubmit = (event: SubmitEvent): void => {
    event.preventDefault();
    const state = this.#state;
    if (!state) return;
    const input = (event.currentTarget as HTMLFormElement).elements.namedItem('index') as HTMLInputElement;
    const index = input.value === '' ? Number.NaN : Number(input.value);
    const { first, last } = this.#axis;
    if (Number.isInteger(index) && index >= first && index <= last) {
      this.#goTo(this.#stop(state).server, index, true);
      return;
    }
    this.#remark = this.t.logs.noIndex(first, last);
    this.#draw();
  };

  #jumpToCommit({ rows, leader }: LogState): void {
    const row = leader ?? [...rows].sort((a, b) => b.commitIndex - a.commitIndex)[0];
    if (row) this.#goTo(row.id, row.commitIndex, true);
  }

  #jumpToEnd({ rows }: LogState): void {
    const row = [...rows].sort((a, b) => b.lastIndex - a.lastIndex)[0];
    if (!row) return;
    this.#first = lastFirst(this.#axis);
    this.#goTo(row.id, row.lastIndex, true);
  }

  #jumpToConflict(conflicts: readonly LogRow[]): void {
    const row = [...conflicts].sort((a, b) => (a.firstConflict ?? 0) - (b.firstConflict ?? 0))[0];
    if (row) this.#goTo(row.id, row.firstConflict ?? 1, true);
  }
}

const MARKS: readonly Mark[] = ['commit', 'applied', 'durable', 'match', 'next'];
