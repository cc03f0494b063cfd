import { type Cluster, RaftError } from '../engine.js';
import { appearance, type Frame, type FrameServer, type LogWindow, type Selection } from '../model.js';
import { extentOf } from '../views/logs/axis.js';
import { LogsView } from '../views/logs/logs.js';
import type { LogRow } from '../views/logs/rows.js';
import type { ViewHost } from '../views/view.js';
import { type Comparable, firstConflict } from './log-conflicts.js';

/** Asks the cluster for the part of the logs that is seen, and where they differ. */
export class LogsPane {
  readonly #view: LogsView;
  #cluster: Cluster | null = null;
  #selection: Selection | null = null;
  #conflicts = new Map<number, number | null>();
  #conflictsOf = '';

  constructor(host: ViewHost) {
    this.#view = new LogsView(host, () => this.#move());
  }

  refresh(cluster: Cluster, selection: Selection | null): void {
    if (cluster !== this.#cluster) {
      this.#cluster = cluster;
      this.#conflictsOf = '';
      this.#view.reset();
    }
    this.#selection = selection;
    this.#show(cluster);
  }

  dispose(): void {
    this.#view.dispose();
  }

  /** Another part is to be seen. */
  #move(): void {
    try {
      if (this.#cluster) this.#show(this.#cluster);
    } catch (error) {
      // Until the next cluster is there, the last one can still be seen. Who talks to it says what has happened.
      if (!(error instanceof RaftError && (error.code === 'disposed' || error.code === 'panic'))) throw error;
    }
  }

  #show(cluster: Cluster): void {
    const frame = cluster.frame();
    const window = this.#view.place(extentOf(frame.servers));
    if (!window) return;
    const leader = leaderOf(frame);
    this.#compare(cluster, frame, leader);
    const rows = frame.servers.map((server) =>
      this.#row(frame, server, leader, cluster.log(server.id, window.first, window.count)),
    );
    this.#view.update({
      rows,
      leader: rows.find(({ id }) => id === leader?.id) ?? null,
      chosen: this.#selection?.kind === 'server' ? this.#selection.id : null,
    });
  }

  #row(frame: Frame, server: FrameServer, leader: FrameServer | undefined, log: LogWindow): LogRow {
    const { id, commitIndex, lastApplied, durableIndex, lastIndex } = server;
    const known = leader && leader.id !== id ? frame.progress(leader.id, id) : undefined;
    return {
      id,
      look: appearance(server),
      commitIndex,
      lastApplied,
      durableIndex,
      lastIndex,
      // Of a server that the leader does not know it knows nothing.
      progress: known && known.state > 0 ? { matchIndex: known.matchIndex, nextIndex: known.nextIndex } : null,
      firstConflict: this.#conflicts.get(id) ?? null,
      log,
    };
  }

  /** Looks for the first conflicts, once for each state of the logs. */
  #compare(cluster: Cluster, frame: Frame, leader: FrameServer | undefined): void {
    const { branch, logVersion, rulesOff, violations } = frame.header;
    const matching = rulesOff === 0 && violations === 0;
    const compacted = frame.servers.map(({ lastIncludedIndex }) => lastIncludedIndex);
    const key = `${branch} ${logVersion} ${matching} ${leader?.id} ${leader?.term} ${compacted}`;
    if (key === this.#conflictsOf) return;
    this.#conflictsOf = key;
    this.#conflicts = new Map();
    if (!leader) return;
    const own = comparable(cluster, leader);
    for (const server of frame.servers) {
      if (server.id === leader.id) continue;
      const { matchIndex, state } = frame.progress(leader.id, server.id);
      const agreed = state > 0 ? Math.min(matchIndex, server.lastIndex) : 0;
      this.#conflicts.set(server.id, firstConflict(own, comparable(cluster, server), agreed, matching));
    }
  }
}

function comparable(cluster: Cluster, { id, lastIndex, lastTerm, lastIncludedIndex }: FrameServer): Comparable {
  return {
    first: lastIncludedIndex + 1,
    last: lastIndex,
    termAt: (index) => (index === lastIndex ? lastTerm : cluster.log(id, index, 1).entries[0]?.term),
  };
}

function leaderOf(frame: Frame): FrameServer | undefined {
  return frame.servers.filter(({ role, status }) => role === 3 && status === 0).sort((a, b) => b.term - a.term)[0];
}
