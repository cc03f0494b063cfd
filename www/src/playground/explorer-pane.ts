import type { RuleName, RuleView } from '../model.js';
import { ExplorerView, type ExplorerWish, verdictOf } from '../views/explorer/explorer.js';
import type { ViewHost } from '../views/view.js';
import { ExplorerLab, type ExplorerNews } from './explorer-lab.js';
import { copyLink, type PaneHooks, SAY_EVERY_MS, SHOW_EVERY_MS } from './lab-pane.js';
import { Throttle } from './pace.js';

/** Shows a search through all states, and tells it what the reader wants. */
export class ExplorerPane {
  readonly #view: ExplorerView;
  readonly #host: ViewHost;
  readonly #hooks: PaneHooks;
  readonly #lab: ExplorerLab;
  readonly #show = new Throttle(() => this.#draw(), SHOW_EVERY_MS);
  #rules: readonly RuleView[] = [];
  #saidAt = 0;

  constructor(host: ViewHost, lab: ExplorerLab, hooks: PaneHooks) {
    this.#host = host;
    this.#hooks = hooks;
    this.#view = new ExplorerView(host);
    this.#lab = lab;
    lab.hooks = { onChange: () => this.#show.ask(), onNews: (news) => this.#say(news) };
  }

  /** Rules of the world around the nodes are nothing to a search over nodes. */
  update(rules: readonly RuleView[]): void {
    this.#rules = rules.filter(({ kind }) => kind === 'raft');
    this.#show.now();
  }

  fulfil(wish: ExplorerWish): void {
    if (wish.do === 'link') void copyLink(wish.scenario, this.#hooks, this.#host.t);
    else this.#lab.fulfil(wish, this.#off());
    // What somebody does is shown at once.
    this.#show.now();
  }

  dispose(): void {
    this.#show.stop();
    this.#view.dispose();
  }

  #draw(): void {
    this.#view.update(
      this.#lab.state(
        this.#rules.map(({ name }) => name),
        this.#off(),
      ),
    );
  }

  #off(): RuleName[] {
    return this.#rules.filter(({ on }) => !on).map(({ name }) => name);
  }

  #say(news: ExplorerNews): void {
    const text = this.#words(news);
    if (text === null) return;
    this.#saidAt = performance.now();
    this.#hooks.say('explorer', text);
  }

  /** `null`: it is too early to say something again. */
  #words(news: ExplorerNews): string | null {
    const { t } = this.#host;
    switch (news.kind) {
      case 'started':
        return t.explorer.saysStarted;
      case 'progress': {
        const { states, depth } = news.search.progress;
        return performance.now() - this.#saidAt < SAY_EVERY_MS ? null : t.explorer.saysProgress(states, depth);
      }
      case 'ended':
        return verdictOf(news.search, t).text;
      case 'cancelled':
        return t.chaos.saysCancelled;
    }
  }
}

/** The laboratory together with what shows it, so that both are fetched at once. */
export { ExplorerLab };
