import { type Cluster, EXPORT_FORMATS, type ExportFormat } from '../engine.js';
import type { RuleView, Selection } from '../model.js';
import { ShareView, type ShareWish } from '../views/share/share.js';
import { download } from '../views/space-time/export.js';
import type { ViewHost } from '../views/view.js';
import { addressOf, copy, copyAddress, LONG_LINK, MAX_LINK } from './addresses.js';
import type { BranchBook } from './branches.js';
import { fileName } from './file-name.js';
import type { PaneHooks } from './lab-pane.js';
import { Throttle } from './pace.js';
import { problemOf } from './refusal.js';

/** What is shared. */
export interface Shared {
  cluster: Cluster;
  branches: BranchBook;
  selection: Selection | null;
  rules: readonly RuleView[];
}

/** While a run plays, its link is made anew at this distance. */
const MEASURE_EVERY_MS = 500;

const ENDINGS: Record<ExportFormat, string> = {
  'trace-json': 'trace.json',
  shiviz: 'shiviz.log',
  mermaid: 'mmd',
  'chrome-trace': 'chrome.json',
  tla: 'tla.ndjson',
  'history-jsonl': 'history.jsonl',
  edn: 'history.edn',
};

/** What the panel of sharing needs: the link of the run as it is now, and files made of it. */
export class SharePane {
  readonly #view: ShareView;
  readonly #host: ViewHost;
  readonly #hooks: PaneHooks;
  readonly #measure = new Throttle(() => void this.#address(), MEASURE_EVERY_MS);
  #shared: Shared | null = null;
  /** What the link was made for. */
  #made = '';
  #link: string | null = null;
  #making: ExportFormat | null = null;

  constructor(host: ViewHost, hooks: PaneHooks) {
    this.#host = host;
    this.#hooks = hooks;
    this.#view = new ShareView(host);
  }

  update(shared: Shared): void {
    if (shared.cluster !== this.#shared?.cluster) this.#link = null;
    this.#shared = shared;
    this.#draw();
    this.#measure.ask();
  }

  async fulfil(wish: Exclude<ShareWish, { do: 'open' }>): Promise<void> {
    const shared = this.#shared;
    if (!shared) return;
    const { t } = this.#host;
    const { remark } = this.#hooks;
    try {
      switch (wish.do) {
        case 'link':
          remark(await copyAddress(await addressOf(shared.cluster, shared), t));
          return;
        case 'embed':
          await copy(embedOf(await addressOf(shared.cluster, shared)), t);
          remark(t.share.embedCopied);
          return;
        case 'recording':
          this.#save(shared.branches.save(shared.cluster), 'recording.json', 'application/json');
          return;
        case 'export':
          await this.#export(shared.cluster, wish.format);
      }
    } catch (error) {
      remark(problemOf(error), true);
    }
  }

  dispose(): void {
    this.#measure.stop();
  }

  async #export(cluster: Cluster, format: ExportFormat): Promise<void> {
    this.#making = format;
    this.#draw();
    this.#hooks.remark(this.#host.t.share.making(format));
    try {
      this.#save(await cluster.export(format), ENDINGS[format], 'text/plain');
    } finally {
      this.#making = null;
      this.#draw();
    }
  }

  /** The name of a file tells when the run is not Raft as published. */
  #save(text: string, ending: string, type: string): void {
    const { cluster } = this.#shared as Shared;
    const name = fileName(cluster.scenario().id, this.#off().length > 0, ending);
    download(new Blob([text], { type }), name);
    this.#hooks.remark(this.#host.t.share.saved(name));
  }

  #off(): RuleView[] {
    return this.#shared?.rules.filter(({ on, kind }) => !on && kind === 'raft') ?? [];
  }

  async #address(): Promise<void> {
    const shared = this.#shared;
    if (!shared) return;
    try {
      const { branch, step, headStep } = shared.cluster.frame().header;
      const made = `${branch} ${step} ${headStep} ${JSON.stringify(shared.selection)} ${JSON.stringify(shared.branches.list(shared.cluster))}`;
      if (made === this.#made && this.#link !== null) return;
      const link = await addressOf(shared.cluster, shared);
      if (shared.cluster !== this.#shared?.cluster) return;
      this.#made = made;
      this.#link = link;
      this.#draw();
    } catch {
      // The run was replaced in the meantime; the next one is measured when it is shown.
    }
  }

  #draw(): void {
    const off = this.#off();
    this.#view.update({
      link: this.#link,
      longLink: LONG_LINK,
      maxLink: MAX_LINK,
      embed: this.#link === null ? null : embedOf(this.#link),
      formats: EXPORT_FORMATS,
      making: this.#making,
      modified: off.length > 0 ? this.#host.t.modified(off.length) : '',
    });
  }
}

/** The element and its script, with the run in an attribute: a link has no signs that HTML would take for its own. */
function embedOf(address: string): string {
  // In the built site this part lies one folder below the element.
  const here = import.meta.url;
  const script = new URL('../raft-playground.js', here).href.replaceAll('&', '&amp;').replaceAll('"', '&quot;');
  const hash = address.slice(address.indexOf('#')).replaceAll('&', '&amp;');
  return `<script type="module" src="${script}"></script>\n<raft-playground src="${hash}" controls></raft-playground>`;
}
