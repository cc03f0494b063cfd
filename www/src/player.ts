/**
 * Wall time → simulated time.
 *
 * Knows neither the DOM nor Raft: what it plays and what wakes it up are handed in.
 */
export interface Playable {
  readonly timeMs: number;
  readonly step: number;
  readonly headStep: number;
  /** Runs every step due up to a moment, at most `maxSteps`; returns the steps executed. */
  advanceTo(timeMs: number, maxSteps: number): number;
  /** Executes the next step; `false` when nothing is scheduled. */
  stepOnce(): boolean;
  seek(step: number): void;
  /** Moment of the next step, or -1 when nothing is scheduled. */
  readonly nextTimeMs: number;
  /** Nothing is under way that one could watch; only timers run. */
  readonly quiet: boolean;
}

/** Something that calls back once per frame, such as `requestAnimationFrame`. */
export interface Scheduler {
  now(): number;
  request(callback: () => void): number;
  cancel(handle: number): void;
}

/** `steps` when the position changed, `state` when it began or stopped playing or the speed changed. */
export type PlayerChange = 'steps' | 'state';

export interface PlayerOptions {
  scheduler: Scheduler;
  /** Called after each change. */
  onChange: (change: PlayerChange) => void;
  /** Called when the playable throws; the player has stopped by then. */
  onError: (error: unknown) => void;
  /** Asked after each batch of steps; `true` stops the player. */
  shouldStop?: () => boolean;
  speed?: number;
}

/** Slowest and fastest ratio of simulated to real time; above the fastest it runs as fast as it goes. */
export const MIN_SPEED = 0.01;
export const MAX_SPEED = 100;
/** As fast as the machine allows. */
export const FULL_SPEED = Number.POSITIVE_INFINITY;

/** Script time that one frame may take. */
const BUDGET_MS = 8;
const BATCH = 256;
/** Simulated time that one batch may cross at full speed. */
const FULL_STRIDE_MS = 1_000;
/** Slow motion is for watching messages: a quiet stretch at least this long passes that much faster. */
const QUIET_MS = 30;
const HURRY = 6;
/** Faster than this there is nothing to hurry through. */
const HURRY_BELOW = 0.5;
/** A frame that comes late (a hidden tab, a breakpoint) must not turn into a leap. */
const MAX_FRAME_MS = 100;

export class Player {
  readonly #run: Playable;
  readonly #options: PlayerOptions;
  #speed: number;
  #handle: number | undefined;
  #wanted = false;
  #suspended = false;
  #last = 0;
  #hurrying = false;
  #rushing = false;

  constructor(run: Playable, options: PlayerOptions) {
    this.#run = run;
    this.#options = options;
    this.#speed = options.speed ?? 1;
  }

  /** Whether it plays or will go on as soon as it is no longer suspended. */
  get playing(): boolean {
    return this.#wanted;
  }

  /** Whether it is passing through a quiet stretch faster than its speed says. */
  get hurrying(): boolean {
    return this.#hurrying;
  }

  /** Simulated milliseconds per real millisecond. */
  get speed(): number {
    return this.#speed;
  }

  set speed(value: number) {
    if (!(value > 0)) throw new RangeError('speed must be above 0');
    this.#speed = value > MAX_SPEED ? FULL_SPEED : Math.max(MIN_SPEED, value);
    this.#options.onChange('state');
  }

  play(): void {
    if (this.#wanted) return;
    this.#wanted = true;
    this.#start();
    this.#options.onChange('state');
  }

  /** Plays as fast as it goes until it stops; the speed stays what it was. */
  rush(): void {
    this.#rushing = true;
    this.play();
  }

  pause(): void {
    this.#rushing = false;
    if (!this.#wanted) return;
    this.#wanted = false;
    this.#hurrying = false;
    this.#stop();
    this.#options.onChange('state');
  }

  /** Holds still while nobody can see it, and goes on afterwards. */
  suspend(suspended: boolean): void {
    if (this.#suspended === suspended) return;
    this.#suspended = suspended;
    if (suspended) this.#stop();
    else if (this.#wanted) this.#start();
  }

  /** Pauses and executes `n` steps. Returns how many there were to execute. */
  step(n = 1): number {
    this.pause();
    let done = 0;
    this.#guard(() => {
      while (done < n && this.#run.stepOnce()) done++;
    });
    this.#options.onChange('steps');
    return done;
  }

  stepBack(n = 1): void {
    this.seek(Math.max(0, this.#run.step - n));
  }

  /** Pauses and shows a recorded step; steps beyond the recorded ones show the last. */
  seek(step: number): void {
    this.pause();
    this.#guard(() => this.#run.seek(Math.min(Math.max(0, step), this.#run.headStep)));
    this.#options.onChange('steps');
  }

  dispose(): void {
    this.#wanted = false;
    this.#stop();
  }

  #start(): void {
    if (this.#suspended || this.#handle !== undefined) return;
    this.#last = this.#options.scheduler.now();
    this.#handle = this.#options.scheduler.request(this.#tick);
  }

  #stop(): void {
    if (this.#handle !== undefined) this.#options.scheduler.cancel(this.#handle);
    this.#handle = undefined;
  }

  readonly #tick = (): void => {
    this.#handle = undefined;
    const { scheduler } = this.#options;
    const now = scheduler.now();
    const elapsed = Math.min(now - this.#last, MAX_FRAME_MS);
    this.#last = now;
    let stop = false;
    const ok = this.#guard(() => {
      stop = this.#advance(now, elapsed);
    });
    this.#options.onChange('steps');
    if (!ok || !this.#wanted) return;
    if (stop) this.pause();
    else if (!this.#suspended) this.#handle = scheduler.request(this.#tick);
  };

  /** Moves on by one frame. `true`: there is nothing more to play, or it was asked to stop. */
  #advance(now: number, elapsed: number): boolean {
    const { scheduler, shouldStop } = this.#options;
    const full = this.#rushing || this.#speed === FULL_SPEED;
    const target = full ? 0 : this.#target(elapsed);
    for (;;) {
      if (this.#run.nextTimeMs < 0) return true;
      const steps = this.#run.advanceTo(full ? this.#run.timeMs + FULL_STRIDE_MS : target, BATCH);
      if (steps > 0 && shouldStop?.()) return true;
      if ((!full && steps < BATCH) || scheduler.now() - now > BUDGET_MS) return false;
    }
  }

  /** Where one frame leads to. A hurry never leads beyond the next step. */
  #target(elapsed: number): number {
    const { timeMs, nextTimeMs, quiet } = this.#run;
    const target = timeMs + elapsed * this.#speed;
    const far = quiet && nextTimeMs - timeMs > QUIET_MS;
    // Once begun, a hurry lasts until the step that ends the quiet.
    this.#hurrying = this.#speed < HURRY_BELOW && quiet && nextTimeMs > timeMs && (far || this.#hurrying);
    if (!this.#hurrying) return target;
    return Math.max(target, Math.min(nextTimeMs, timeMs + elapsed * this.#speed * HURRY));
  }

  #guard(work: () => void): boolean {
    try {
      work();
      return true;
    } catch (error) {
      this.#wanted = false;
      this.#rushing = false;
      this.#stop();
      this.#options.onError(error);
      return false;
    }
  }
}
