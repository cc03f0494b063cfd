import type { Action, ActOutcome } from '../generated/glue.js';
import * as is from './arguments.js';
import * as shapes from './shapes.js';

/** Whoever carries out what a client asks for. */
interface Acts {
  act(action: Action): ActOutcome;
}

/** A client of the cluster, which finds the leader itself unless a server is named. */
export class Client {
  readonly #cluster: Acts;
  readonly name: string;

  constructor(cluster: Acts, name: string) {
    this.#cluster = cluster;
    this.name = name;
  }

  put(key: string, value: string, options: { server?: number } = {}): ActOutcome {
    return this.#cluster.act({
      type: 'clientWrite',
      client: this.name,
      key,
      value,
      ...shapes.at(options),
    });
  }

  /** Adds to the end of the value; a key that is not set counts as empty. */
  append(key: string, value: string, options: { server?: number } = {}): ActOutcome {
    return this.#cluster.act({ type: 'clientAppend', client: this.name, key, value, ...shapes.at(options) });
  }

  /**
   * Sets a key if it has the expected value, or with `null` if it is not set (compare and set). Whether it had stands in
   * `cluster.history()` at `outcome.operation`, as `matched`.
   */
  cas(key: string, expected: string | null, value: string, options: { server?: number } = {}): ActOutcome {
    const condition = expected === null ? {} : { expected };
    return this.#cluster.act({ type: 'clientCas', client: this.name, key, value, ...condition, ...shapes.at(options) });
  }

  /** Unsets a key. */
  delete(key: string, options: { server?: number } = {}): ActOutcome {
    return this.#cluster.act({ type: 'clientDelete', client: this.name, key, ...shapes.at(options) });
  }

  /** Catches up with the leader: the next session read is not older than what is committed now, whichever server it asks. */
  sync(options: { server?: number } = {}): ActOutcome {
    return this.#cluster.act({ type: 'clientSync', client: this.name, ...shapes.at(options) });
  }

  /** Sends the last write again, in the same session: it is carried out once. */
  retry(options: { server?: number } = {}): ActOutcome {
    return this.#cluster.act({ type: 'clientRetry', client: this.name, ...shapes.at(options) });
  }

  /**
   * Reads a key. The answer may take a while: it stands in `cluster.history()` at `outcome.operation`. A linearizable
   * read is up to date, a lease spares the round of heartbeats where clocks can be trusted, and a local read is
   * answered at once from a state that may be old; a session read waits until it is not older than what the client has
   * seen before.
   */
  get(key: string, options: { consistency?: Consistency; server?: number } = {}): ActOutcome {
    const { consistency = 'linearizable', ...at } = is.object({
      consistency: is.oneOf('linearizable', 'lease', 'local', 'session'),
      server: shapes.server,
    })(options, 'options');
    const mode = consistency === 'linearizable' ? 'readIndex' : consistency;
    return this.#cluster.act({ type: 'clientRead', client: this.name, key, mode, ...at });
  }
}

/** What a read promises. */
export type Consistency = 'linearizable' | 'lease' | 'local' | 'session';
