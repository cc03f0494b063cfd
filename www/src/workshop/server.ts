// The workshop's end of the line: tasks side by side, a slice of each in turn. It runs in a worker, or where there is none
// in the page itself.

import { isErrorShape } from '../engine/error.js';
import type { Failure, Reply, Request, TaskName } from './protocol.js';
import { begin } from './tasks.js';

/** Hands the thread to whatever else waits for it. */
export type Pause = () => Promise<void>;

interface Running {
  task: TaskName;
  work: Generator<unknown, unknown>;
}

export class Server {
  readonly #send: (reply: Reply) => void;
  readonly #pause: Pause;
  readonly #sliceMs: number;
  readonly #running = new Map<number, Running>();
  #module: WebAssembly.Module | undefined;
  #busy = false;
  #sliceEnds = 0;

  constructor(send: (reply: Reply) => void, options: { pause: Pause; sliceMs: number }) {
    this.#send = send;
    this.#pause = options.pause;
    this.#sliceMs = options.sliceMs;
  }

  receive(request: Request): void {
    switch (request.type) {
      case 'open':
        this.#module = request.module;
        this.#send({ type: 'opened' });
        return;
      case 'cancel':
        this.#running.delete(request.id);
        return;
      case 'start': {
        const { id, task, args } = request;
        // Nothing runs before its first turn, so that what goes wrong at the start is reported like anything else.
        this.#running.set(id, { task, work: this.#work(task, args) });
        if (!this.#busy) void this.#takeTurns();
      }
    }
  }

  *#work(task: TaskName, args: unknown): Generator<unknown, unknown> {
    if (!this.#module) throw new Error('the workshop was not opened');
    // Which arguments a task needs is settled by the types of the request.
    return yield* begin(task, this.#module, args as never, () => performance.now() < this.#sliceEnds);
  }

  async #takeTurns(): Promise<void> {
    this.#busy = true;
    while (this.#running.size > 0) {
      for (const [id, running] of [...this.#running]) {
        // A `cancel` is heard while the server pauses.
        await this.#pause();
        if (this.#running.get(id) === running) this.#slice(id, running);
      }
    }
    this.#busy = false;
  }

  #slice(id: number, { task, work }: Running): void {
    this.#sliceEnds = performance.now() + this.#sliceMs;
    try {
      const { done, value } = work.next();
      if (!done) {
        if (value !== undefined) this.#send({ type: 'progress', id, progress: value });
        return;
      }
      this.#send({ type: 'done', id, result: value });
    } catch (error) {
      this.#send({ type: 'failed', id, error: failure(task, error) });
    }
    this.#running.delete(id);
  }
}

/** Anything but the error shape of the Rust side is a bug of ours. */
function failure(task: TaskName, error: unknown): Failure {
  if (isErrorShape(error)) return { code: error.code, message: error.message, details: error.details };
  const trap = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  const message = `the workshop has failed at “${task}”, which is a bug in raft-playground (${trap})`;
  return { code: 'panic', message, details: { task, trap } };
}
