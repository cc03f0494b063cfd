import * as is from '../engine/arguments.js';
import * as shapes from '../engine/shapes.js';
import { type Cluster, type Condition, type EventView, MESSAGE_KINDS, type MessageKind, RaftError } from '../engine.js';
import {
  type Bound,
  type BreakpointWish,
  type BreakWhen,
  EVENT_GROUPS,
  type Hit,
  type ListedBreakpoint,
} from '../views/breakpoints/when.js';
import { INVARIANTS } from '../views/invariants.js';
import { envelopeOf } from '../views/space-time/told.js';

/** Most breakpoints of a playground. */
export const MAX_BREAKPOINTS = 50;
/** More than any step brings. */
const MAX_EVENTS = 100_000;

interface Breakpoint {
  id: number;
  when: BreakWhen;
  enabled: boolean;
  hits: number;
  /** Without events to look at, it stops when its condition has become true: whether it was before. */
  was: boolean;
}

/**
 * Where a playing run is to stop.
 *
 * A breakpoint names what must be true of one event and, if it likes, of the state right after it. They outlive the cluster:
 * starting over begins to count anew.
 */
export class Breakpoints {
  readonly #all: Breakpoint[] = [];
  #lastId = 0;
  /** The only one that counts for now. */
  #only: number | null = null;
  #cluster: Cluster | null = null;
  #latest: Hit | null = null;
  #untold: Hit | null = null;

  /** Adds one that is enabled and returns its number. */
  add(when: BreakWhen): number {
    const checked = check(when);
    if (this.#all.length >= MAX_BREAKPOINTS)
      throw new RaftError('invalidArgument', `there are at most ${MAX_BREAKPOINTS} breakpoints`);
    const id = ++this.#lastId;
    this.#all.push({ id, when: checked, enabled: true, hits: 0, was: false });
    return id;
  }

  remove(id: number): void {
    this.#all.splice(this.#all.indexOf(this.#find(id)), 1);
  }

  enable(id: number, on: boolean): void {
    this.#find(id).enabled = is.boolean(on, 'on');
  }

  /** Counts hits from 0 again. */
  clearHits(): void {
    for (const breakpoint of this.#all) breakpoint.hits = 0;
    this.#latest = null;
  }

  /** Does what the panel asks for. */
  fulfil(wish: BreakpointWish): void {
    switch (wish.do) {
      case 'add':
        this.add(wish.when);
        return;
      case 'remove':
        this.remove(wish.id);
        return;
      case 'enable':
        this.enable(wish.id, wish.on);
        return;
      case 'clearHits':
        this.clearHits();
        return;
    }
  }

  /** All, in the order in which they were added; `here` are those at which the cluster stands. */
  list(cluster: Cluster): ListedBreakpoint[] {
    const { branch, step } = cluster.frame().header;
    const latest = cluster === this.#cluster ? this.#latest : null;
    const here = latest?.branch === branch && latest.step === step ? latest.ids : [];
    return this.#all.map(({ id, when, enabled, hits }) => ({ id, when, enabled, hits, here: here.includes(id) }));
  }

  /** What was hit last, on this cluster. */
  latest(cluster: Cluster): Hit | null {
    return cluster === this.#cluster ? this.#latest : null;
  }

  /** What has been hit since this was last asked. */
  take(): Hit | null {
    const hit = this.#untold;
    this.#untold = null;
    return hit;
  }

  /** Only this one counts until the next hit or the next call. `null`: all that are enabled. `false`: there is none. */
  aim(id: number | null): boolean {
    this.#only = id;
    return this.#armed().length > 0;
  }

  /** Like `Cluster.advanceTo`, but stops right after the step at which a breakpoint is hit. */
  advance(cluster: Cluster, timeMs: number, maxSteps: number): number {
    this.#meet(cluster);
    const armed = this.#armed();
    if (armed.length === 0) return cluster.advanceTo(timeMs, { maxSteps });
    let since = cluster.frame().header.events;
    for (const breakpoint of armed) breakpoint.was = isStateOnly(breakpoint.when) && holds(cluster, breakpoint.when);
    for (let steps = 0; steps < maxSteps; steps++) {
      // One at a time: what has been run too far could not be taken back, and acting there would be acting in the past.
      if (cluster.advanceTo(timeMs, { maxSteps: 1 }) === 0) return steps;
      const events = cluster.events({ since, limit: MAX_EVENTS });
      since += events.length;
      if (this.#look(cluster, armed, events)) return steps + 1;
    }
    return maxSteps;
  }

  /** Counts what is hit by the events of one step. Whether it is to stop. */
  #look(cluster: Cluster, armed: readonly Breakpoint[], events: readonly EventView[]): boolean {
    const ids: number[] = [];
    let first: EventView | null = null;
    for (const breakpoint of armed) {
      const event = hitBy(cluster, breakpoint, events);
      if (event === undefined) continue;
      breakpoint.hits++;
      if (breakpoint.hits <= (breakpoint.when.skip ?? 0)) continue;
      ids.push(breakpoint.id);
      first ??= event;
    }
    if (ids.length === 0) return false;
    const { branch, step, timeMs } = cluster.frame().header;
    this.#latest = { ids, event: first, branch, step, timeMs };
    this.#untold = this.#latest;
    this.#only = null;
    return true;
  }

  #armed(): Breakpoint[] {
    return this.#all.filter(({ id, enabled }) => (this.#only === null ? enabled : id === this.#only));
  }

  #meet(cluster: Cluster): void {
    if (cluster === this.#cluster) return;
    this.#cluster = cluster;
    this.clearHits();
  }

  #find(id: number): Breakpoint {
    const found = this.#all.find((breakpoint) => breakpoint.id === id);
    if (!found) throw new RaftError('invalidArgument', `there is no breakpoint ${id}`);
    return found;
  }
}

/** The event that hits a breakpoint; `null` if its state alone does; `undefined` if it is not hit. */
function hitBy(cluster: Cluster, breakpoint: Breakpoint, events: readonly EventView[]): EventView | null | undefined {
  const { when } = breakpoint;
  if (isStateOnly(when)) {
    const was = breakpoint.was;
    breakpoint.was = holds(cluster, when);
    return breakpoint.was && !was ? (events[0] ?? null) : undefined;
  }
  const event = events.find((event) => isMeant(cluster, when, event));
  return event && holds(cluster, when) ? event : undefined;
}

function isStateOnly({ while: condition, skip: _, ...ofEvent }: BreakWhen): boolean {
  return Object.keys(ofEvent).length === 0;
}

/** Whether the state is as the breakpoint wants it. */
function holds(cluster: Cluster, { while: condition }: BreakWhen): boolean {
  if (condition === undefined) return true;
  try {
    return cluster.runUntil(condition, { maxSteps: 0 }).held;
  } catch (error) {
    // It may have been made for a larger cluster.
    if (error instanceof RaftError && error.code === 'unknownServer') return false;
    throw error;
  }
}

function isMeant(cluster: Cluster, when: BreakWhen, event: EventView): boolean {
  const { kind, server, message, term, index, invariant } = when;
  return (
    (kind === undefined || event.kind === kind) &&
    (server === undefined || event.server === server) &&
    (message === undefined || envelopeOf(event)?.kind === message) &&
    (index === undefined || isWithin(event.index, index)) &&
    (term === undefined || isWithin(event.term ?? termAt(cluster, event.server), term)) &&
    (invariant === undefined || invariantOf(cluster, event) === invariant)
  );
}

/** Of an event that names no term, the one in which its server is. */
function termAt(cluster: Cluster, server: number | null): number | null {
  return cluster.frame().servers.find(({ id }) => id === server)?.term ?? null;
}

function invariantOf(cluster: Cluster, { id, kind }: EventView): string | undefined {
  if (kind !== 'violated') return undefined;
  return cluster.violations().find(({ event }) => event === id)?.invariant;
}

function isWithin(value: number | null, bound: Bound): boolean {
  if (value === null) return false;
  return typeof bound === 'number' ? value === bound : value >= bound.atLeast;
}

const atLeast = is.object({ atLeast: shapes.id }, 'atLeast');
const bound: is.Check<Bound> = (value, path) =>
  typeof value === 'object' ? (atLeast(value, path) as Bound) : shapes.id(value, path);
const shape = is.object({
  kind: is.oneOf(...Object.values(EVENT_GROUPS).flat()),
  server: shapes.server,
  term: bound,
  index: bound,
  message: is.oneOf(...MESSAGE_KINDS) as is.Check<MessageKind>,
  invariant: is.oneOf(...INVARIANTS.map(([id]) => id)),
  while: (value) => shapes.condition(value) as Condition,
  skip: is.integer(0, 1_000_000),
});

function check(value: BreakWhen): BreakWhen {
  const when = shape(value, 'when') as BreakWhen;
  const { skip: _, ...rest } = when;
  if (Object.keys(rest).length === 0)
    throw new RaftError('invalidArgument', 'a breakpoint must name something to stop at');
  return when;
}
