import { html, nothing, type TemplateResult } from 'lit';
import type { Strings } from '../../i18n/index.js';
import type { BranchView, EventView } from '../../model.js';
import type { AlignedRow } from './align.js';
import type { Comparison, ServerState, ServersAt } from './branches.js';

interface Options {
  /** Whether the servers are compared at the ends, or else after the first difference. */
  atEnds: boolean;
  show(atEnds: boolean): void;
  visit(branch: number, step: number): void;
}

const SIGNS = { same: '=', moved: '≈', differs: '≠' } as const;

/** Two branches side by side: where they part, the events around it, and the servers. */
export function comparison(
  { a, b, comparison: found }: { a: BranchView; b: BranchView; comparison: Comparison },
  t: Strings,
  options: Options,
): TemplateResult {
  const words = t.branches;
  const [nameA, nameB] = [words.title(a.name), words.title(b.name)];
  const at = t.ms(found.timeMs);
  return html`
    <section class="comparison">
      <p class="compared" role="status">${found.parted ? words.sameSteps(found.steps, at) : words.sameSoFar(found.steps, at)}</p>
      ${
        found.parted
          ? html`<table class="beside">
              <caption class="visually-hidden">${words.eventsLabel(nameA, nameB)}</caption>
              <thead><tr><th scope="col">${nameA}</th><td class="sign"></td><th scope="col">${nameB}</th></tr></thead>
              <tbody>${found.rows.map((row) => eventRow(row, a, b, t, options))}</tbody>
            </table>`
          : nothing
      }
      <div class="servers-at group" role="group" aria-label=${words.serversAt}>
        <span>${words.serversAt}</span>
        <button type="button" class="small" data-do="at-difference" aria-pressed=${!options.atEnds} @click=${() => options.show(false)}>${words.atDifference}</button>
        <button type="button" class="small" data-do="at-ends" aria-pressed=${options.atEnds} @click=${() => options.show(true)}>${words.atEnds}</button>
      </div>
      ${servers(options.atEnds ? found.ends : found.difference, nameA, nameB, t)}
    </section>
  `;
}

function eventRow(row: AlignedRow, a: BranchView, b: BranchView, t: Strings, { visit }: Options): TemplateResult {
  const words = t.branches;
  const cell = (event: EventView | null, branch: BranchView) =>
    event
      ? html`<button type="button" class="plain" title=${words.goThere(words.title(branch.name), event.step)} @click=${() => visit(branch.id, event.step)}>
          <span class="when">${t.ms(event.timeMs)}</span> ${t.happened(event)}</button>`
      : html`<span class="quiet" aria-hidden="true">–</span><span class="visually-hidden">${words.nothingHere}</span>`;
  return html`
    <tr class="${row.kind} ${row.first ? 'first' : ''}">
      <td>${row.first ? html`<span class="first-label">${words.firstDifference}</span>` : nothing}${cell(row.a, a)}</td>
      <td class="sign" title=${words.alike[row.kind]}><span aria-hidden="true">${SIGNS[row.kind]}</span><span class="visually-hidden">${words.alike[row.kind]}</span></td>
      <td>${cell(row.b, b)}</td>
    </tr>
  `;
}

function servers([atA, atB]: readonly [ServersAt, ServersAt], a: string, b: string, t: Strings): TemplateResult {
  const words = t.branches;
  return html`
    <table class="beside">
      <caption class="visually-hidden">${words.serversLabel(a, b)}</caption>
      <thead>
        <tr><th scope="col">${a} <span class="quiet">${t.ms(atA.timeMs)}</span></th><td class="sign"></td><th scope="col">${b} <span class="quiet">${t.ms(atB.timeMs)}</span></th></tr>
      </thead>
      <tbody>
        ${atA.servers.map((server, i) => {
          const other = atB.servers[i];
          const kind = other && facts(server, t) === facts(other, t) ? 'same' : 'differs';
          return html`<tr class=${kind}>
            <td>${serverCell(server, t)}</td>
            <td class="sign" title=${words.alike[kind]}><span aria-hidden="true">${SIGNS[kind]}</span><span class="visually-hidden">${words.alike[kind]}</span></td>
            <td>${other ? serverCell(other, t) : nothing}</td>
          </tr>`;
        })}
      </tbody>
    </table>
  `;
}

function serverCell(server: ServerState, t: Strings): TemplateResult {
  return html`<span class="dot ${server.look}" aria-hidden="true">${t.roleLetter[server.look]}</span> <b>S${server.id}</b> ${facts(server, t)}`;
}

function facts({ look, term, lastIndex, lastTerm, commitIndex }: ServerState, t: Strings): string {
  return `${t.role[look]} · ${t.branches.serverFacts(term, lastIndex, lastTerm, commitIndex)}`;
}
