import type { Frame, FrameMessage, FrameServer, Selection } from '../../model.js';
import { View, type ViewHost } from '../view.js';
import { type Point, partedBy, type RingGeometry, ringGeometry } from './geometry.js';
import { LinkMark } from './link-mark.js';
import { MessageMark } from './message-mark.js';
import { ServerMark } from './server-mark.js';
import { svg } from './svg.js';

/** More messages than this are counted, not drawn. */
const MAX_DRAWN = 400;
/** Narrower or fuller rings name only the votes that are being counted. */
const TIGHT_WIDTH = 420;
const TIGHT_SERVERS = 7;

export interface RingState {
  frame: Frame;
  selection: Selection | null;
  /** Servers picked for one side of a partition, while that is being drawn. */
  picked: ReadonlySet<number> | null;
  /** The reader prefers no motion. */
  still: boolean;
}

/**
 * The cluster as a ring, drawn anew every frame from a pool of SVG elements.
 *
 * Servers, messages and links share one tab stop; up and down move within it, and Enter selects. While a side of a
 * partition is being picked, Enter is left to the playground, which cuts.
 */
export class RingView extends View {
  readonly #svg = svg('svg', { role: 'group', part: 'stage', class: 'ring' });
  readonly #links = svg('g', { class: 'links' });
  readonly #messages = svg('g', { class: 'messages' });
  readonly #servers = svg('g', { class: 'servers' });
  readonly #labels = svg('g');
  readonly #stroke = svg('path', { class: 'stroke' });
  readonly #linkMarks: LinkMark[] = [];
  readonly #serverMarks: ServerMark[] = [];
  readonly #messageMarks: MessageMark[] = [];
  readonly #resize: ResizeObserver;
  #geometry: RingGeometry = ringGeometry(0, 0, 0);
  #state: RingState | undefined;
  #drawn: Point[] | null = null;
  #messagesShown = 0;

  constructor(host: ViewHost) {
    super(host);
    this.#svg.setAttribute('aria-label', this.t.ringLabel);
    this.#svg.append(this.#links, this.#servers, this.#labels, this.#messages, this.#stroke);
    this.root.append(this.#svg);
    this.#resize = new ResizeObserver(() => this.#layOut());
    this.#resize.observe(this.root);
    this.root.addEventListener('pointerdown', this.#onPointerDown);
    this.root.addEventListener('click', this.#onClick);
    this.root.addEventListener('keydown', this.#onKey);
  }

  update(state: RingState): void {
    this.#state = state;
    const { frame, selection, picked } = state;
    if (this.#serverMarks.length !== frame.header.servers) this.#populate(frame.header.servers);
    if (this.#geometry.width === 0) this.#layOut();
    for (const link of this.#linkMarks) {
      link.update(frame, selection?.kind === 'link' && selection.a === link.a && selection.b === link.b, this.t);
    }
    for (const [i, mark] of this.#serverMarks.entries()) {
      const server = frame.servers[i] as FrameServer;
      mark.update(
        server,
        this.t,
        selection?.kind === 'server' && selection.id === server.id,
        picked?.has(server.id) ?? false,
      );
    }
    this.#svg.classList.toggle('picking', picked !== null);
    this.#updateMessages(state);
    this.#updateTabStop();
  }

  focusServer(id: number): void {
    this.#serverMarks[id - 1]?.element.focus();
  }

  dispose(): void {
    this.#resize.disconnect();
  }

  #updateMessages({ frame, selection, still }: RingState): void {
    const shown = Math.min(frame.header.messages, MAX_DRAWN);
    for (let i = 0; i < shown; i++) {
      const message = frame.messages[i] as FrameMessage;
      let mark = this.#messageMarks[i];
      if (!mark) {
        mark = new MessageMark();
        this.#messageMarks.push(mark);
      }
      if (i >= this.#messagesShown) this.#messages.append(mark.element);
      mark.update(message, frame.header.timeMs, this.#geometry, this.t, {
        selected: selection?.kind === 'message' && selection.id === message.id,
        cut: frame.cut(message.from, message.to),
        still,
      });
    }
    for (let i = shown; i < this.#messagesShown; i++) this.#messageMarks[i]?.element.remove();
    this.#messagesShown = shown;
  }

  #populate(servers: number): void {
    this.#links.replaceChildren();
    this.#servers.replaceChildren();
    this.#linkMarks.length = 0;
    this.#serverMarks.length = 0;
    for (let a = 1; a <= servers; a++) {
      for (let b = a + 1; b <= servers; b++) this.#linkMarks.push(new LinkMark(a, b));
      this.#serverMarks.push(new ServerMark(a));
    }
    this.#links.append(...this.#linkMarks.map(({ element }) => element));
    this.#servers.append(...this.#serverMarks.map(({ element }) => element));
    this.#labels.replaceChildren(...this.#serverMarks.map(({ labels }) => labels));
    this.#geometry.width = 0;
  }

  #layOut(): void {
    const { width, height } = this.root.getBoundingClientRect();
    if (width === 0 || height === 0) return;
    this.#svg.setAttribute('viewBox', `0 0 ${width} ${height}`);
    this.#svg.classList.toggle('tight', width < TIGHT_WIDTH || this.#serverMarks.length > TIGHT_SERVERS);
    this.#geometry = ringGeometry(this.#serverMarks.length, width, height);
    for (const link of this.#linkMarks) link.place(this.#geometry);
    for (const [i, mark] of this.#serverMarks.entries()) mark.place(this.#geometry, i + 1);
    if (this.#state) this.update(this.#state);
  }

  /** Exactly one mark can be reached with Tab: the focused one, else the selected one, else the first server. */
  #updateTabStop(): void {
    const marks = [...this.#serverMarks, ...this.#messageMarks.slice(0, this.#messagesShown), ...this.#linkMarks];
    const focused = (this.root.getRootNode() as ShadowRoot).activeElement;
    const stop =
      marks.find(({ element }) => element === focused) ??
      marks.find(({ element }) => element.classList.contains('selected')) ??
      marks[0];
    for (const mark of marks) {
      const tabindex = mark === stop ? '0' : '-1';
      if (mark.element.getAttribute('tabindex') !== tabindex) mark.element.setAttribute('tabindex', tabindex);
    }
  }

  readonly #onKey = (event: KeyboardEvent): void => {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const marks = [...this.#servers.children, ...this.#messages.children, ...this.#links.children] as SVGElement[];
    const at = marks.indexOf(event.target as SVGElement);
    if (at < 0) return;
    if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
      const next = (at + (event.key === 'ArrowDown' ? 1 : -1) + marks.length) % marks.length;
      marks[next]?.focus();
      this.#updateTabStop();
    } else if (event.key === 'Enter' && !this.#state?.picked) {
      this.#pick(event.target as Element);
    } else {
      return;
    }
    event.preventDefault();
    event.stopPropagation();
  };

  readonly #onClick = (event: MouseEvent): void => {
    if (event.target instanceof Element) this.#pick(event.target);
  };

  #pick(target: Element): void {
    const mark = target.closest<SVGElement>('[data-server], [data-message], [data-link]');
    if (!mark) return;
    const { server, message, link } = mark.dataset;
    const picked = this.#state?.picked;
    if (server && picked) {
      const group = new Set(picked);
      if (!group.delete(Number(server))) group.add(Number(server));
      this.emit(
        'pick',
        [...group].sort((a, b) => a - b),
      );
    } else if (server) this.emit('select', { kind: 'server', id: Number(server) });
    else if (message) this.emit('select', { kind: 'message', id: Number(message) });
    else if (link) {
      const [a = 0, b = 0] = link.split(' ').map(Number);
      this.emit('select', { kind: 'link', a, b });
    }
  }

  // ---------------------------------------------------------------- drawing a partition

  readonly #onPointerDown = (event: PointerEvent): void => {
    // On a touch screen a stroke scrolls the page, unless the reader has asked to draw a partition.
    const drawing = event.pointerType !== 'touch' || this.#state?.picked;
    const mark = event.target instanceof Element && event.target.closest('[data-server], [data-message]');
    if (!drawing || mark || event.button !== 0) return;
    this.#drawn = [this.#point(event)];
    this.root.setPointerCapture(event.pointerId);
    this.root.addEventListener('pointermove', this.#onPointerMove);
    this.root.addEventListener('pointerup', this.#onPointerUp);
    this.root.addEventListener('pointercancel', this.#onPointerUp);
  };

  readonly #onPointerMove = (event: PointerEvent): void => {
    if (!this.#drawn) return;
    this.#drawn.push(this.#point(event));
    const [first, ...rest] = this.#drawn.map(({ x, y }) => `${x.toFixed(0)} ${y.toFixed(0)}`);
    this.#stroke.setAttribute('d', `M${first}${rest.map((point) => `L${point}`).join('')}`);
  };

  readonly #onPointerUp = (event: PointerEvent): void => {
    const group = event.type === 'pointerup' && this.#drawn ? partedBy(this.#drawn, this.#geometry.places) : null;
    this.#drawn = null;
    this.#stroke.removeAttribute('d');
    this.root.removeEventListener('pointermove', this.#onPointerMove);
    this.root.removeEventListener('pointerup', this.#onPointerUp);
    this.root.removeEventListener('pointercancel', this.#onPointerUp);
    if (!group) return;
    const others = this.#serverMarks.map((_, i) => i + 1).filter((id) => !group.includes(id));
    this.emit('act', { type: 'partition', groups: [group, others] });
    this.emit('pick', null);
  };

  #point(event: PointerEvent): Point {
    const { left, top } = this.root.getBoundingClientRect();
    return { x: event.clientX - left, y: event.clientY - top };
  }
}
