import type { Frame, FrameMessage, FrameServer, Selection } from '../../model.js';
import { View, type ViewHost } from '../view.js';
import { type Loss, NO_FACTS, type RingFacts } from './facts.js';
import { CROWD, type RingGeometry, ringGeometry } from './geometry.js';
import { Gestures } from './gestures.js';
import { LinkMark } from './link-mark.js';
import { LossMark } from './loss-mark.js';
import { MessageMark } from './message-mark.js';
import { QuorumMarks } from './quorum-marks.js';
import { knowsMembers, Ribbon } from './ribbon.js';
import { type Membership, ServerMark } from './server-mark.js';
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
  /** The quorums of the last election and commit are drawn. */
  quorums: boolean;
  /** Messages that were lost a moment ago. */
  losses: readonly Loss[];
  facts: RingFacts;
}

const NO_QUORUMS = NO_FACTS.quorums;

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
  readonly #linkWords = svg('g');
  readonly #losses = svg('g', { class: 'losses', 'aria-hidden': 'true' });
  readonly #ribbon = new Ribbon();
  readonly #quorums = new QuorumMarks();
  readonly #gestures: Gestures;
  readonly #linkMarks: LinkMark[] = [];
  readonly #serverMarks: ServerMark[] = [];
  readonly #messageMarks = new Map<number, MessageMark>();
  readonly #spareMarks: MessageMark[] = [];
  readonly #lossMarks: LossMark[] = [];
  readonly #resize: ResizeObserver;
  #geometry: RingGeometry = ringGeometry(0, 0, 0);
  #state: RingState | undefined;
  #turn = 0;
  #stop: Element | null = null;
  #lossesShown = 0;

  constructor(host: ViewHost) {
    super(host);
    this.#svg.setAttribute('aria-label', this.t.ringLabel);
    this.#gestures = new Gestures(this.root, {
      geometry: () => this.#geometry,
      picking: () => this.#state?.picked != null,
      parted: (group) => this.#part(group),
      joined: (from, to) => this.emit('editLink', { a: from, b: to }),
    });
    this.#svg.append(this.#ribbon.element, this.#quorums.element, this.#links, this.#servers, this.#labels);
    this.#svg.append(this.#linkWords, this.#losses, this.#messages, this.#gestures.element);
    this.root.append(this.#svg);
    this.#resize = new ResizeObserver(() => this.#layOut());
    this.#resize.observe(this.root);
    this.root.addEventListener('click', this.#onClick);
    this.root.addEventListener('keydown', this.#onKey);
  }

  update(state: RingState): void {
    this.#state = state;
    const { frame, selection, picked } = state;
    if (this.#serverMarks.length !== frame.header.servers) this.#populate(frame.header.servers);
    if (this.#geometry.width === 0) this.#layOut();
    const quorums = state.quorums ? state.facts.quorums : NO_QUORUMS;
    for (const link of this.#linkMarks) {
      const selected = selection?.kind === 'link' && selection.a === link.a && selection.b === link.b;
      link.update(frame, state.facts.links, selected, this.t);
    }
    this.#ribbon.update(frame);
    this.#quorums.update(quorums, this.#geometry);
    const known = knowsMembers(frame);
    for (const [i, mark] of this.#serverMarks.entries()) {
      const server = frame.servers[i] as FrameServer;
      mark.update(server, this.t, {
        selected: selection?.kind === 'server' && selection.id === server.id,
        picked: picked?.has(server.id) ?? false,
        elected: quorums.election?.servers.includes(server.id) ?? false,
        commits: quorums.commit?.servers.includes(server.id) ?? false,
        member: known ? membership(server.member, frame.header.joint === 1) : null,
      });
    }
    this.#svg.classList.toggle('picking', picked !== null);
    this.#updateMessages(state);
    this.#updateLosses(state);
    this.#updateTabStop();
  }

  dispose(): void {
    this.#resize.disconnect();
  }

  #updateMessages({ frame, selection, still }: RingState): void {
    const shown = Math.min(frame.header.messages, MAX_DRAWN);
    const turn = ++this.#turn;
    for (let i = 0; i < shown; i++) {
      const message = frame.messages[i] as FrameMessage;
      const mark = this.#messageMarks.get(message.id) ?? this.#newMessage(message.id);
      mark.turn = turn;
      mark.update(message, frame.header.timeMs, this.#geometry, this.t, {
        selected: selection?.kind === 'message' && selection.id === message.id,
        cut: frame.cut(message.from, message.to),
        still,
      });
    }
    if (this.#messageMarks.size === shown) return;
    for (const [id, mark] of this.#messageMarks) {
      if (mark.turn === turn) continue;
      mark.element.remove();
      this.#messageMarks.delete(id);
      this.#spareMarks.push(mark);
    }
  }

  /** A message keeps its mark while it is in flight, and with it the focus. */
  #newMessage(id: number): MessageMark {
    const mark = this.#spareMarks.pop() ?? new MessageMark();
    this.#messageMarks.set(id, mark);
    this.#messages.append(mark.element);
    return mark;
  }

  #updateLosses({ frame, losses }: RingState): void {
    for (const [i, loss] of losses.entries()) {
      let mark = this.#lossMarks[i];
      if (!mark) {
        mark = new LossMark();
        this.#lossMarks.push(mark);
      }
      if (i >= this.#lossesShown) this.#losses.append(mark.element);
      mark.update(loss, frame.header.timeMs, this.#geometry, this.t);
    }
    for (let i = losses.length; i < this.#lossesShown; i++) this.#lossMarks[i]?.element.remove();
    this.#lossesShown = losses.length;
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
    this.#linkWords.replaceChildren(...this.#linkMarks.map(({ words }) => words));
    this.#ribbon.populate(servers);
    this.#svg.classList.toggle('crowd', servers >= CROWD);
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
    this.#ribbon.place(this.#geometry);
    if (this.#state) this.update(this.#state);
  }

  /** Exactly one mark can be reached with Tab: the focused one, else the selected one, else the first server. */
  #updateTabStop(): void {
    const focused = (this.root.getRootNode() as ShadowRoot).activeElement;
    const { selection } = this.#state ?? {};
    const stop =
      (focused && this.#svg.contains(focused) ? focused : null) ??
      (selection && this.#markOf(selection)?.element) ??
      this.#serverMarks[0]?.element ??
      null;
    if (stop === this.#stop) return;
    this.#stop?.setAttribute('tabindex', '-1');
    stop?.setAttribute('tabindex', '0');
    this.#stop = stop;
  }

  #markOf(selection: Selection): { element: Element } | undefined {
    switch (selection.kind) {
      case 'server':
        return this.#serverMarks[selection.id - 1];
      case 'message':
        return this.#messageMarks.get(selection.id);
      case 'link':
        return this.#linkMarks.find(({ a, b }) => a === selection.a && b === selection.b);
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
    } else if (/^[1-9]$/.test(event.key)) {
      // The playground selects it; the focus goes along, so that the next key is about the same server.
      this.#serverMarks[Number(event.key) - 1]?.element.focus();
      return;
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

  #part(group: number[]): void {
    const others = this.#serverMarks.map((_, i) => i + 1).filter((id) => !group.includes(id));
    this.emit('act', { type: 'partition', groups: [group, others] });
    this.emit('pick', null);
  }
}

/** What a server is in the cluster, where that does not go without saying. */
function membership(member: number, joint: boolean): Membership | null {
  if (member === 0) return 'outsider';
  if ((member & 3) === 0) return 'learner';
  if (!joint) return null;
  return member === 1 ? 'new' : member === 2 ? 'old' : 'both';
}
