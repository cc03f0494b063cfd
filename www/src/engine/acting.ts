import type { Action, ActOutcome, Membership, MessageSelector, RuleName } from '../generated/glue.js';
import * as is from './arguments.js';
import { Client } from './client.js';
import * as shapes from './shapes.js';

/** What a person can do to a cluster, each a method of its own. */
export abstract class Acting {
  /** Anything a person can do, as data. In the past this opens a new branch and leaves the old one untouched. */
  abstract act(action: Action): ActOutcome;

  deliver(message: MessageSelector): ActOutcome {
    return this.act({ type: 'deliver', message });
  }

  drop(message: MessageSelector): ActOutcome {
    return this.act({ type: 'drop', message });
  }

  duplicate(message: MessageSelector): ActOutcome {
    return this.act({ type: 'duplicate', message });
  }

  delay(message: MessageSelector, ms: number): ActOutcome {
    return this.act({ type: 'delay', message, ms });
  }

  /** Keeps a message in flight until it is released or delivered by hand. */
  hold(message: MessageSelector): ActOutcome {
    return this.act({ type: 'hold', message });
  }

  release(message: MessageSelector): ActOutcome {
    return this.act({ type: 'release', message });
  }

  crash(server: number, options: { loseUnsynced?: boolean } = {}): ActOutcome {
    return this.act({ type: 'crash', server, ...is.object({ loseUnsynced: is.boolean })(options, 'options') });
  }

  restart(server: number): ActOutcome {
    return this.act({ type: 'restart', server });
  }

  pause(server: number): ActOutcome {
    return this.act({ type: 'pause', server });
  }

  resume(server: number): ActOutcome {
    return this.act({ type: 'resume', server });
  }

  /** Cuts a link both ways, or with `oneWay` only a → b. */
  cut(a: number, b: number, options: { oneWay?: boolean } = {}): ActOutcome {
    return this.act({ type: 'cut', a, b, ...is.object({ oneWay: is.boolean })(options, 'options') });
  }

  mend(a: number, b: number, options: { oneWay?: boolean } = {}): ActOutcome {
    return this.act({ type: 'mend', a, b, ...is.object({ oneWay: is.boolean })(options, 'options') });
  }

  /** Servers that no group names form a group of their own each. */
  partition(groups: number[][]): ActOutcome {
    return this.act({ type: 'partition', groups });
  }

  /** Mends all links. */
  heal(): ActOutcome {
    return this.act({ type: 'heal' });
  }

  /** Lets a server's election timer run out now. */
  timeout(server: number): ActOutcome {
    return this.act({ type: 'timeout', server });
  }

  /** Lets a leader's heartbeat timer run out now. */
  heartbeat(server: number): ActOutcome {
    return this.act({ type: 'heartbeat', server });
  }

  propose(server: number, command: string): ActOutcome {
    return this.act({ type: 'propose', server, command });
  }

  /** Lets a server take a snapshot, which replaces its log up to there. */
  snapshot(server: number): ActOutcome {
    return this.act({ type: 'snapshot', server });
  }

  /**
   * Changes who belongs to the cluster: `{ addLearner: 6 }`, `{ addVoter: 6 }`, `{ demote: 2 }`, `{ remove: 2 }`, or any
   * change at once through joint consensus: `{ voters: [1, 2, 6], learners: [3] }`. The leader is asked unless a server
   * is named; when it refuses, the event `refused` says why.
   */
  changeMembership(change: Membership, options: { server?: number } = {}): ActOutcome {
    return this.act(shapes.membershipAction(change, shapes.at(options)));
  }

  /** Hands leadership to a server. When the leader refuses, the event `refused` says why. */
  transferLeadership(target: number, options: { server?: number } = {}): ActOutcome {
    return this.act({ type: 'transferLeadership', target, ...shapes.at(options) });
  }

  /** Switches one safeguard of Raft or of the servers around it on or off. */
  setRule(rule: RuleName, on: boolean): ActOutcome {
    return this.act({ type: 'setRule', rule, on });
  }

  client(name: string): Client {
    return new Client(this, is.text(name, 'name'));
  }
}
