import { html, type TemplateResult } from 'lit';
import type { Action, Frame } from '../../model.js';
import { type LinkQualities, type LinkQuality, NO_FACTS, qualityOf } from '../ring/facts.js';
import { View } from '../view.js';

/** Which directions are meant, as seen from `a`. */
type Direction = 'both' | 'there' | 'back';

/** Longer than any election timeout: enough to make a link useless. */
const MAX_LATENCY_MS = 10_000;

export interface LinkFormState {
  frame: Frame;
  links: LinkQualities;
  a: number;
  b: number;
}

/** What can be wrong with a link: cut, slow or lossy, both ways or one way. */
export class LinkForm extends View {
  #direction: Direction = 'both';
  #about = '';
  #links: LinkQualities = NO_FACTS.links;
  /** What the fields say; the reader may be in the middle of writing it. */
  #draft = { min: '', max: '', loss: '' };

  template(state: LinkFormState): TemplateResult {
    const { t } = this;
    const { frame, links, a, b } = state;
    this.#links = links;
    const [from, to] = this.#direction === 'back' ? [b, a] : [a, b];
    const oneWay = this.#direction !== 'both';
    this.#show(`${a} ${b} ${this.#direction}`, qualityOf(links, from, to));
    const ends = frame.servers.map(({ id }) => id);
    const cut = oneWay ? frame.cut(from, to) : frame.cut(a, b) && frame.cut(b, a);
    const again = () => this.emit('select', { kind: 'link', a, b });
    return html`
      <form class="link-form" aria-label=${t.linkTitle(a, b)} @submit=${(event: Event) => this.#apply(event, from, to, oneWay)}>
        <span class="ends">
          <b aria-hidden="true">${t.cluster.linkForm}</b>
          ${end('from', t.cluster.linkFrom, ends, a, b, (id) => this.#join(id, b))}
          ${end('to', t.cluster.linkTo, ends, b, a, (id) => this.#join(a, id))}
          <select name="direction" aria-label=${t.cluster.direction} @change=${(event: Event) => {
            this.#direction = (event.target as HTMLSelectElement).value as Direction;
            again();
          }}>
            ${(['both', 'there', 'back'] as const).map(
              (way) =>
                html`<option value=${way} .selected=${way === this.#direction}>${this.#name(way, a, b)}</option>`,
            )}
          </select>
          <button type="button" class="small" data-act=${cut ? 'mend' : 'cut'} aria-pressed=${cut}
            @click=${() => this.emit('act', { type: cut ? 'mend' : 'cut', a: from, b: to, oneWay })}>${cut ? t.mend : t.cut}</button>
        </span>
        <span class="values">
          <span>${t.cluster.latency}</span>
          ${this.#field('min', t.cluster.shortest, MAX_LATENCY_MS)} – ${this.#field('max', t.cluster.longest, MAX_LATENCY_MS)}
          <label>${t.cluster.loss} ${this.#field('loss', t.cluster.loss, 100, '0.1')}</label>
          <button class="small primary" data-do="apply">${t.cluster.apply}</button>
          <button type="button" class="small" data-do="usual" @click=${() => this.#set(from, to, oneWay, links.usual)}>${t.cluster.asUsual}</button>
          <button type="button" class="small" data-do="closeLink" @click=${() => this.emit('select', { kind: 'server', id: a })}>${t.close}</button>
        </span>
      </form>
    `;
  }

  focus(): void {
    this.root.querySelector<HTMLElement>('.link-form [name="to"]')?.focus();
  }

  #name(way: Direction, a: number, b: number): string {
    if (way === 'both') return this.t.cluster.bothWays;
    return way === 'there' ? this.t.cluster.oneWay(a, b) : this.t.cluster.oneWay(b, a);
  }

  #field(name: 'min' | 'max' | 'loss', label: string, max: number, step = 'any'): TemplateResult {
    return html`<input type="number" name=${name} aria-label=${label} min="0" max=${max} step=${step} required inputmode="decimal" .value=${this.#draft[name]}
      @input=${(event: Event) => {
        this.#draft[name] = (event.target as HTMLInputElement).value;
      }} />`;
  }

  /** The fields follow the link until the reader writes into them. */
  #show(about: string, { latencyMs: [min, max], lossPermille }: LinkQuality): void {
    const now = `${about} ${min} ${max} ${lossPermille}`;
    if (now === this.#about) return;
    this.#about = now;
    this.#draft = { min: String(min), max: String(max), loss: String(lossPermille / 10) };
  }

  #join(a: number, b: number): void {
    if (a === b) return;
    this.emit('select', a < b ? { kind: 'link', a, b } : { kind: 'link', a: b, b: a });
  }

  #apply(event: Event, from: number, to: number, oneWay: boolean): void {
    event.preventDefault();
    const [low, high] = [Number(this.#draft.min), Number(this.#draft.max)];
    this.#set(from, to, oneWay, {
      latencyMs: [Math.min(low, high), Math.max(low, high)],
      lossPermille: Math.round(Number(this.#draft.loss) * 10),
    });
  }

  /** Changes what differs from how the link is. */
  #set(
    a: number,
    b: number,
    oneWay: boolean,
    { latencyMs: [minMs, maxMs], lossPermille: permille }: LinkQuality,
  ): void {
    const now = oneWay ? [this.#now(a, b)] : [this.#now(a, b), this.#now(b, a)];
    const actions: Action[] = [];
    if (now.some(({ latencyMs }) => latencyMs[0] !== minMs || latencyMs[1] !== maxMs)) {
      actions.push({ type: 'setLatency', a, b, minMs, maxMs, oneWay });
    }
    if (now.some(({ lossPermille }) => lossPermille !== permille)) {
      actions.push({ type: 'setLoss', a, b, permille, oneWay });
    }
    for (const action of actions) this.emit('act', action);
  }

  #now(from: number, to: number): LinkQuality {
    return qualityOf(this.#links, from, to);
  }
}

function end(
  name: string,
  label: string,
  ids: readonly number[],
  chosen: number,
  other: number,
  onChoose: (id: number) => void,
): TemplateResult {
  return html`<label>${label} <select name=${name} @change=${(event: Event) => onChoose(Number((event.target as HTMLSelectElement).value))}>
    ${ids.filter((id) => id !== other).map((id) => html`<option value=${id} .selected=${id === chosen}>S${id}</option>`)}
  </select></label>`;
}
