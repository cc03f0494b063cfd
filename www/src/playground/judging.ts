import type { Cluster } from '../engine.js';
import type { Judgement } from '../views/history/history.js';
import { atHead } from './history-feed.js';

/** Lets the workshop judge what clients saw, and keeps what it says until the branch is left. */
export class Judging {
  readonly #onChange: () => void;
  #abort: AbortController | null = null;
  #judgement: Judgement = { status: 'none' };
  /** What was judged. */
  #cluster: Cluster | null = null;
  #branch = -1;

  constructor(onChange: () => void) {
    this.#onChange = onChange;
  }

  /** What is known of the branch that is shown. */
  of(cluster: Cluster): Judgement {
    const isOther = cluster !== this.#cluster || cluster.frame().header.branch !== this.#branch;
    return isOther ? { status: 'none' } : this.#judgement;
  }

  start(cluster: Cluster): void {
    this.cancel();
    const abort = new AbortController();
    this.#abort = abort;
    this.#cluster = cluster;
    this.#branch = cluster.frame().header.branch;
    this.#set({ status: 'judging', decided: 0 });
    const recording = atHead(cluster, () => cluster.save());
    this.#judge(recording, abort.signal).then(
      (judgement) => this.#abort === abort && this.#end(judgement),
      (error: unknown) =>
        this.#abort === abort &&
        this.#end({ status: 'failed', message: error instanceof Error ? error.message : String(error) }),
    );
  }

  cancel(): void {
    if (!this.#abort) return;
    this.#abort.abort();
    this.#end({ status: 'none' });
  }

  async #judge(recording: string, signal: AbortSignal): Promise<Judgement> {
    const { Workshop } = await import('../workshop.js');
    const onProgress = ({ decided }: { decided: number }) => this.#set({ status: 'judging', decided });
    return { status: 'judged', report: await Workshop.shared().judge(recording, { signal, onProgress }) };
  }

  #end(judgement: Judgement): void {
    this.#abort = null;
    this.#set(judgement);
  }

  #set(judgement: Judgement): void {
    this.#judgement = judgement;
    this.#onChange();
  }
}
