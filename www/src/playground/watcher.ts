import type { Cluster } from '../engine.js';
import type { Strings } from '../i18n/index.js';
import type { Frame, FrameServer } from '../model.js';
import type { Hit } from '../views/breakpoints/when.js';
import type { Announcer } from './announcer.js';

/** What the page is told about. The detail is always plain data. */
export interface PlaygroundEvents {
  ready: { servers: number; seed: number | null; scenario: string };
  step: { step: number; headStep: number; timeMs: number };
  leaderchange: { leader: number | null; term: number };
  violation: { invariant: string; name: string; step: number; text: string };
  breakpoint: Hit;
  error: { code: string; message: string };
}

export type Notify = <K extends keyof PlaygroundEvents>(type: K, detail: PlaygroundEvents[K]) => void;

/** A run records all that happens. After this many steps it asks before it goes on, since at full speed that is a second. */
const STRETCH_STEPS = 100_000;
/** Beyond this a run would take memory that a page should leave to others. */
const MAX_STEPS = 1_000_000;

/** Follows one cluster: says what changes, and knows where a reader would want the run to stop. */
export class Watcher {
  readonly #cluster: Cluster;
  readonly #t: Strings;
  readonly #announcer: Announcer;
  readonly #notify: Notify;
  readonly #breaks: string | null;
  #leader: number | null = null;
  #violations = 0;
  /** It has stopped at a violation once; after that the reader knows that something is broken. */
  #shocked = false;
  /** The claims of the scenario had all been decided when it last looked. */
  #ended = false;
  #stepLimit = STRETCH_STEPS;

  /** `breaks`: what the run was made to break, where its scenario does not say so. */
  constructor(cluster: Cluster, t: Strings, announcer: Announcer, notify: Notify, breaks: string | null = null) {
    this.#cluster = cluster;
    this.#breaks = breaks;
    this.#t = t;
    this.#announcer = announcer;
    this.#notify = notify;
  }

  /** Tells the page and the live region what has changed. */
  look(frame: Frame): void {
    const leader = leaderOf(frame);
    const id = leader?.id ?? null;
    if (id !== this.#leader) {
      this.#leader = id;
      this.#announcer.say('leader', leader ? this.#t.saysLeader(leader.id, leader.term) : this.#t.saysNoLeader);
      this.#notify('leaderchange', { leader: id, term: leader?.term ?? 0 });
    }
    const count = frame.header.violations;
    const violation = count > this.#violations ? this.#cluster.violations().at(-1) : undefined;
    if (violation) {
      const { invariant, name, step, text } = violation;
      this.#announcer.say('violation', this.#t.saysViolation(this.#t.invariantName(invariant, name)));
      this.#notify('violation', { invariant, name, step, text });
    }
    this.#violations = count;
  }

  /** The reader plays on: another stretch may be recorded. */
  allowMore(): void {
    const { step } = this.#cluster.frame().header;
    while (this.#stepLimit <= step && this.#stepLimit < MAX_STEPS) this.#stepLimit += STRETCH_STEPS;
  }

  /** Why a playing run should stop here: `null` if it should not, else what to say, which may be nothing. */
  reasonToStop(): string | null {
    const { step, violations } = this.#cluster.frame().header;
    if (step >= this.#stepLimit) return this.#t.longRun(step, this.#stepLimit >= MAX_STEPS);
    if (!this.#shocked && violations > this.#violations && this.#stopAtViolation()) return '';
    const before = this.#ended;
    this.#ended = this.#isDecided();
    return this.#ended && !before ? this.#t.ended : null;
  }

  /** Of an experiment that breaks a named invariant, that one is the point. */
  #stopAtViolation(): boolean {
    const breaks = this.#cluster.scenario().breaks ?? this.#breaks;
    const violations = this.#cluster.violations();
    const found = violations.find(({ invariant }) => !breaks?.startsWith('I') || invariant === breaks);
    if (!found) return false;
    this.#shocked = true;
    this.#cluster.seek(found.step);
    return true;
  }

  #isDecided(): boolean {
    const claims = this.#cluster.expectations();
    return claims.length > 0 && claims.every(({ result }) => result !== 'pending');
  }
}

function leaderOf(frame: Frame): FrameServer | undefined {
  return frame.servers.filter(({ role, status }) => role === 3 && status === 0).sort((a, b) => b.term - a.term)[0];
}
