import { html, nothing, render, type TemplateResult } from 'lit';
import type { MetricsReport } from '../../model.js';
import { adopt } from '../sheet.js';
import type { ViewHost } from '../view.js';
import { WideView } from '../wide-view.js';
import { type Chart, charts, windowOf } from './charts.js';
import { csv } from './csv.js';
import { DASHES, type Figure, figure, type Palette, toCanvas, toSvg } from './figure.js';
import css from './metrics.css?inline';
import { PLOT, plot } from './plot.js';
import { linear } from './scale.js';
import { table, windows } from './table.js';

/** The run that is laid under the shown one; its report may be on its way. */
export interface Overlay {
  name: string;
  report: MetricsReport | null;
}

export interface MetricsState {
  report: MetricsReport | null;
  /** The window that was asked for; 0: whatever fits. */
  windowMs: number;
  windows: readonly number[];
  timeMs: number;
  endTimeMs: number;
  error: string | null;
  overlay: Overlay | null;
  /** Id of what is laid under, or nothing. */
  chosen: string;
  sources: readonly { id: string; kind: 'branch' | 'pin'; name: string }[];
  /** So many rules of Raft are off. */
  rulesOff: number;
}

const TWO_COLUMNS = 520;
const GAP = 18;
/** Dots for each unit of an exported picture. */
const PICTURE_SCALE = 2;
const COLOURS = ['follower', 'candidate', 'leader', 'paused', 'danger', 'precandidate', 'muted', 'ink'];

/** What was measured over time, as small multiples or as tables. */
export class MetricsView extends WideView {
  #state: MetricsState | null = null;
  #charts: Chart[] = [];
  #idle: string[] = [];
  #drawn: { report: MetricsReport | null; other: MetricsReport | null } = { report: null, other: null };
  #crosshair: number | null = null;
  #asTable = false;
  #detail = '';

  constructor(host: ViewHost) {
    super(host);
    adopt(this.root, css);
    this.root.addEventListener('keydown', (event) => this.#onKey(event));
    this.root.addEventListener('pointermove', (event) => this.#onMove(event));
    this.root.addEventListener('pointerleave', () => this.#point(null));
    this.root.addEventListener('click', (event) => this.#onClick(event));
  }

  update(state: MetricsState): void {
    this.#state = state;
    const drawn = { report: state.report, other: state.overlay?.report ?? null };
    if (drawn.report !== this.#drawn.report || drawn.other !== this.#drawn.other) {
      const made = drawn.report ? charts(drawn.report, drawn.other, this.t) : { busy: [], idle: [] };
      [this.#charts, this.#idle, this.#drawn] = [made.busy, made.idle, drawn];
    }
    this.#render(state);
  }

  protected draw(): void {
    if (this.#state) this.#render(this.#state);
  }

  #render(state: MetricsState): void {
    const words = this.t.metrics;
    const { report } = state;
    render(
      html`
        <div class="metrics-bar">
          <span class="group" role="group">
            <button type="button" class="small" data-do="as-plots" aria-pressed=${!this.#asTable} @click=${() => this.#show(false)}>${words.asPlots}</button>
            <button type="button" class="small" data-do="as-table" aria-pressed=${this.#asTable} @click=${() => this.#show(true)}>${words.asTable}</button>
          </span>
          <label>${words.window} <select name="window" @change=${(event: Event) => this.emit('metricsWindow', Number(chosen(event)))}>
            <option value="0" ?selected=${state.windowMs === 0}>${report ? words.windowValue(report.windowMs) : '–'}</option>
            ${state.windows.map((windowMs) => html`<option value=${windowMs} ?selected=${windowMs === state.windowMs}>${words.windowValue(windowMs)}</option>`)}
          </select></label>
          <label>${words.overlay} <select name="overlay" @change=${(event: Event) => this.emit('overlay', chosen(event))}>
            <option value="" ?selected=${state.chosen === ''}>${words.overlayNone}</option>
            ${state.sources.map(({ id, kind, name }) => html`<option value=${id} ?selected=${id === state.chosen}>${kind === 'branch' ? words.overlayBranch(name) : words.overlayPin(name)}</option>`)}
          </select></label>
          <button type="button" class="small" data-do="pin" title=${words.pinHint} ?disabled=${!report} @click=${() => this.emit('pin')}>${words.pin}</button>
          <span class="group" role="group" aria-label=${words.exportLabel}>
            ${(['csv', 'svg', 'png'] as const).map((format) => html`<button type="button" class="small" data-export=${format} ?disabled=${!report} @click=${() => this.#export(format)}>${format.toUpperCase()}</button>`)}
          </span>
        </div>
        ${state.error === null ? nothing : html`<p class="problem" role="alert">${words.failed(state.error)}</p>`}
        ${report ? this.#body(state, report) : html`<p class="quiet">${words.loading}</p>`}
      `,
      this.root,
    );
  }

  #body(state: MetricsState, report: MetricsReport): TemplateResult {
    const words = this.t.metrics;
    const { overlay } = state;
    const at = this.#at(state, report);
    const idle = this.#idle.length > 0 ? html`<p class="quiet">${words.nothingIn(this.#idle)}</p>` : nothing;
    const note = overlay
      ? html`<p class="quiet overlay-note">${words.thisRun} · ${words.otherRun(overlay.name)}</p>`
      : nothing;
    if (this.#asTable) {
      const detail = this.#charts.find(({ id }) => id === this.#detail) ?? this.#charts[0];
      return html`
        ${table(this.#charts, report, overlay?.report ?? null, at, this.t)}
        <label class="windows-of">${words.windowsOf} <select name="detail" @change=${(event: Event) => this.#choose(chosen(event))}>
          ${this.#charts.map(({ id, title }) => html`<option value=${id} ?selected=${id === detail?.id}>${title}</option>`)}
        </select></label>
        ${detail ? windows(detail, report, this.t) : nothing}
        ${idle}`;
    }
    const columns = this.width >= TWO_COLUMNS ? 2 : 1;
    const grid = {
      width: Math.floor((Math.max(this.width, 240) - (columns - 1) * GAP) / columns),
      endMs: this.#endMs(report),
      windowMs: report.windowMs,
      at,
      timeMs: state.timeMs,
      isChosen: this.#crosshair !== null,
    };
    return html`${note}<div class="plots ${columns === 2 ? 'two' : ''}">${this.#charts.map((chart) => plot(chart, grid, this.t))}</div>${idle}`;
  }

  #endMs(report: MetricsReport): number {
    return Math.max(report.spanMs, this.#state?.overlay?.report?.spanMs ?? 0);
  }

  /** The window of the crosshair, or of the present moment. */
  #at({ timeMs }: MetricsState, report: MetricsReport): number {
    return windowOf(this.#crosshair ?? timeMs, report.windowMs, this.#endMs(report));
  }

  #show(asTable: boolean): void {
    this.#asTable = asTable;
    this.redraw();
  }

  #choose(id: string): void {
    this.#detail = id;
    this.redraw();
  }

  // ---------------------------------------------------------------- crosshair

  #point(timeMs: number | null): void {
    if (timeMs === this.#crosshair) return;
    this.#crosshair = timeMs;
    this.redraw();
  }

  #timeAt(event: MouseEvent): number | null {
    const target = event.target instanceof Element ? event.target.closest('[role="slider"]') : null;
    const report = this.#state?.report;
    if (!target || !report) return null;
    const { left, width } = target.getBoundingClientRect();
    const time = linear(left + PLOT.left, left + width - PLOT.right, 0, this.#endMs(report))(event.clientX);
    return Math.min(this.#endMs(report), Math.max(0, time));
  }

  #onMove(event: PointerEvent): void {
    this.#point(this.#timeAt(event));
  }

  #onClick(event: MouseEvent): void {
    const time = this.#timeAt(event);
    if (time !== null) this.emit('seekTime', time);
  }

  #onKey(event: KeyboardEvent): void {
    const { report } = this.#state ?? {};
    const isPlot = event.target instanceof Element && event.target.matches('[role="slider"]');
    if (!isPlot || !report || !this.#state || event.altKey || event.ctrlKey || event.metaKey) return;
    const at = this.#at(this.#state, report);
    const by = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1, PageDown: -10, PageUp: 10 }[event.key];
    if (by !== undefined) this.#point(Math.max(0, Math.min(this.#endMs(report), at + by * report.windowMs)));
    else if (event.key === 'Home') this.#point(0);
    else if (event.key === 'End') this.#point(this.#endMs(report));
    else if (event.key === 'Enter' || event.key === ' ') this.emit('seekTime', at);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  // ---------------------------------------------------------------- export

  #export(format: 'csv' | 'svg' | 'png'): void {
    const { report, overlay } = this.#state ?? {};
    if (!report) return;
    const runs = [{ name: this.t.metrics.thisRun, report }];
    if (overlay?.report) runs.push({ name: overlay.name, report: overlay.report });
    if (format === 'csv') save('metrics.csv', new Blob([csv(runs)], { type: 'text/csv' }));
    else if (format === 'svg') save('metrics.svg', new Blob([toSvg(this.#figure(report))], { type: 'image/svg+xml' }));
    else toCanvas(this.#figure(report), PICTURE_SCALE).toBlob((blob) => blob && save('metrics.png', blob), 'image/png');
  }

  #figure(report: MetricsReport): Figure {
    const { rulesOff = 0 } = this.#state ?? {};
    const options = {
      title: rulesOff > 0 ? `${this.t.panels.metrics} · ${this.t.modified(rulesOff)}` : this.t.panels.metrics,
      windowMs: report.windowMs,
      endMs: this.#endMs(report),
      other: this.#state?.overlay?.name ?? null,
    };
    return figure(this.#charts, this.#palette(), options, this.t);
  }

  /** The colours of the theme as they are now: what a token is made of cannot be read, only what comes of it. */
  #palette(): Palette {
    const probe = document.createElement('span');
    this.root.append(probe);
    const colour = (token: string) => {
      probe.style.color = `var(--raft-${token})`;
      return getComputedStyle(probe).color;
    };
    const palette = {
      background: colour('surface'),
      ink: colour('ink'),
      muted: colour('muted'),
      grid: colour('line'),
      lines: COLOURS.slice(0, DASHES.length).map(colour),
    };
    probe.remove();
    return palette;
  }
}

function chosen(event: Event): string {
  return (event.target as HTMLSelectElement).value;
}

function save(name: string, blob: Blob): void {
  const link = document.createElement('a');
  link.download = name;
  link.href = URL.createObjectURL(blob);
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
