import type { RuleName, RuleView } from '../model.js';
import { ChaosView, type ChaosWish, propertyName } from '../views/chaos/chaos.js';
import type { ViewHost } from '../views/view.js';
import { ChaosLab, type ChaosNews } from './chaos-lab.js';
import { copyLink, type PaneHooks, SAY_EVERY_MS, SHOW_EVERY_MS } from './lab-pane.js';
import { Throttle } from './pace.js';

/** Shows a laboratory of random trouble, and tells it what the reader wants. */
export class ChaosPane {
  readonly #view: ChaosView;
  readonly #host: ViewHost;
  readonly #hooks: PaneHooks;
  readonly #lab: ChaosLab;
  readonly #show = new Throttle(() => this.#draw(), SHOW_EVERY_MS);
  #rules: readonly RuleView[] = [];
  #saidAt = 0;

  constructor(host: ViewHost, lab: ChaosLab, hooks: PaneHooks) {
    this.#host = host;
    this.#hooks = hooks;
    this.#view = new ChaosView(host);
    this.#lab = lab;
    lab.hooks = { onChange: () => this.#show.ask(), onNews: (news) => this.#say(news) };
  }

  update(rules: readonly RuleView[]): void {
    this.#rules = rules;
    this.#show.now();
  }

  fulfil(wish: ChaosWish): void {
    if (wish.do === 'link') void copyLink(wish.scenario, this.#hooks, this.#host.t);
    else this.#lab.fulfil(wish, this.#off());
    // What somebody does is shown at once.
    this.#show.now();
  }

  dispose(): void {
    this.#show.stop();
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

  #say(news: ChaosNews): void {
    const text = this.#words(news);
    if (text === null) return;
    this.#saidAt = performance.now();
    // What is found is not talked over by how far it is.
    this.#hooks.say(news.kind === 'failure' || news.kind === 'shrunk' ? `chaos ${news.kind}` : 'chaos', text);
  }

  /** `null`: it is too early to say something again. */
  #words(news: ChaosNews): string | null {
    const { t } = this.#host;
    const words = t.chaos;
    switch (news.kind) {
      case 'started':
        return words.saysStarted(news.sweep.total);
      case 'progress': {
        const { done, total, failed } = news.sweep;
        return performance.now() - this.#saidAt < SAY_EVERY_MS ? null : words.saysProgress(done, total, failed);
      }
      case 'failure': {
        const { seed, property = '', problem = '' } = news.trial;
        return words.saysFailure(seed, propertyName(t, property, problem));
      }
      case 'ended':
        return words.saysEnded(news.sweep.done, news.sweep.failed);
      case 'cancelled':
        return words.saysCancelled;
      case 'shrunk':
        return words.saysShrunk(news.failure.actions);
    }
  }
}

/** The laboratory together with what shows it, so that both are fetched at once. */
export { ChaosLab };
