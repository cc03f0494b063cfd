import { html, nothing, type TemplateResult } from 'lit';
import type { Strings } from '../../i18n/index.js';
import type { EventView } from '../../model.js';
import { countLight, LIGHT } from './cone.js';
import type { Picture } from './picture.js';
import { type Direction, walk } from './walk.js';

/** The ways from an event to its neighbours, in the order in which they are listed. */
const WAYS = ['back', 'along', 'before', 'after'] as const satisfies readonly Direction[];

export interface DetailHandlers {
  choose(at: number): void;
  explain(id: number): void;
  seek(step: number): void;
  close(): void;
}

/** The chosen event in words, with its neighbours to go to: what the picture shows, for who does not see it. */
export function detail(picture: Picture, t: Strings, handlers: DetailHandlers): TemplateResult {
  const { history, axis, chosen, light } = picture;
  const event = history.events[chosen];
  if (!event || !light) return html`<p class="quiet hint">${t.diagram.hint}</p>`;
  const ways = WAYS.map((way) => ({ way, at: walk(history, axis, chosen, way) })).filter(({ at }) => at >= 0);
  return html`
    <div class="chosen-event">
      <p><span class="when">${t.ms(event.timeMs)}</span> <b>${said(event, t)}</b> ${event.section ? html`<span class="section">${event.section}</span>` : nothing}</p>
      <p class="quiet cones">${t.diagram.cones(countLight(history, light, LIGHT.past), countLight(history, light, LIGHT.future))}</p>
      <ul class="neighbours">
        ${ways.map(
          ({ way, at }) => html`<li>
            <span class="quiet">${t.diagram.ways[way]}</span>
            <button type="button" class="plain" data-way=${way} @click=${() => handlers.choose(at)}>${said(history.events[at], t)}</button>
          </li>`,
        )}
      </ul>
      <div class="buttons">
        <button type="button" class="small" data-do="go" @click=${() => handlers.seek(event.step)}>${t.diagram.go}</button>
        <button type="button" class="small" data-do="why" @click=${() => handlers.explain(event.id)}>${t.why}</button>
        <button type="button" class="small" data-do="clear" @click=${handlers.close}>${t.close}</button>
      </div>
    </div>
  `;
}

/** The same in one breath, for the live region. */
export function spoken(picture: Picture, t: Strings): string {
  const { history, axis, chosen, light } = picture;
  const event = history.events[chosen];
  if (!event || !light) return '';
  const ways = WAYS.map((way) => {
    const at = walk(history, axis, chosen, way);
    return at < 0 ? '' : `${t.diagram.ways[way]}: ${said(history.events[at], t)}.`;
  });
  const cones = t.diagram.cones(countLight(history, light, LIGHT.past), countLight(history, light, LIGHT.future));
  return [`${said(event, t)}, ${t.ms(event.timeMs)}.`, ...ways, cones].filter((part) => part !== '').join(' ');
}

/** What happened, in the reader's language. */
const said = (event: EventView | undefined, t: Strings): string => (event ? t.happened(event) : '');
