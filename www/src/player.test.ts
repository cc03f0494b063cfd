// The player turns wall time into simulated time, whatever it plays and whatever wakes it up.

import { beforeEach, expect, test } from 'vitest';
import { FULL_SPEED, MIN_SPEED, type Playable, Player, type PlayerChange, type Scheduler } from './player.js';

/** Wall time that only passes when a test says so. */
class Clock implements Scheduler {
  time = 1_000;
  pending: (() => void) | null = null;
  now = () => this.time;
  request(callback: () => void): number {
    this.pending = callback;
    return 1;
  }
  cancel(): void {
    this.pending = null;
  }
  frame(ms: number): void {
    this.time += ms;
    const callback = this.pending;
    this.pending = null;
    callback?.();
  }
}

/** One step at each stride of simulated time, up to `last`. */
class Steps implements Playable {
  timeMs = 0;
  step = 0;
  headStep = 0;
  last = 1_000_000;
  onStep: () => void = () => {};
  quiet = false;
  /** Simulated milliseconds from one step to the next. */
  stride = 10;
  get nextTimeMs(): number {
    return this.step < this.last ? (this.step + 1) * this.stride : -1;
  }
  advanceTo(timeMs: number, maxSteps: number): number {
    let done = 0;
    while (done < maxSteps && this.nextTimeMs >= 0 && this.nextTimeMs <= timeMs) {
      this.stepOnce();
      done++;
    }
    if (done < maxSteps) this.timeMs = timeMs;
    return done;
  }
  stepOnce(): boolean {
    if (this.nextTimeMs < 0) return false;
    this.onStep();
    this.step++;
    this.timeMs = this.step * this.stride;
    this.headStep = Math.max(this.headStep, this.step);
    return true;
  }
  seek(step: number): void {
    this.step = step;
    this.timeMs = step * this.stride;
  }
}

let clock: Clock;
let run: Steps;
let changes: PlayerChange[];
let errors: unknown[];
let stop: boolean;
let player: Player;

beforeEach(() => {
  clock = new Clock();
  run = new Steps();
  changes = [];
  errors = [];
  stop = false;
  player = new Player(run, {
    scheduler: clock,
    onChange: (change) => changes.push(change),
    onError: (error) => errors.push(error),
    shouldStop: () => stop,
  });
});

test('simulated time passes at the chosen ratio to real time', () => {
  player.speed = 0.1;
  player.play();
  for (let i = 0; i < 10; i++) clock.frame(16);
  expect(run.timeMs).toBeCloseTo(16);
  player.speed = 10;
  for (let i = 0; i < 10; i++) clock.frame(16);
  expect(run.timeMs).toBeCloseTo(1_616);
});

test('a rush is as fast as it goes, and the speed stays what it was', () => {
  run.last = 2_000;
  run.onStep = () => {
    clock.time += 0.05;
  };
  player.speed = 0.1;
  player.rush();
  clock.frame(16);
  expect(run.timeMs).toBeGreaterThan(1_000);
  player.pause();
  expect(player.speed).toBe(0.1);
  const { timeMs } = run;
  player.play();
  clock.frame(10);
  expect(run.timeMs).toBeCloseTo(timeMs + 1);
  // It can begin while the run plays, and ends like any other.
  player.rush();
  for (let i = 0; i < 50; i++) clock.frame(16);
  expect(player.playing).toBe(false);
});

test('slow motion hurries through a quiet stretch, but never beyond the step that ends it', () => {
  run.quiet = true;
  run.stride = 100;
  player.speed = 0.1;
  player.play();
  clock.frame(100);
  expect(run.timeMs).toBeCloseTo(60);
  expect(player.hurrying).toBe(true);
  clock.frame(100);
  expect(run.timeMs).toBe(100);
  run.quiet = false;
  clock.frame(100);
  expect(run.timeMs).toBeCloseTo(110);
  expect(player.hurrying).toBe(false);
});

test('short pauses and real time are not hurried through', () => {
  run.quiet = true;
  player.speed = 0.1;
  player.play();
  clock.frame(50);
  expect(run.timeMs).toBeCloseTo(5);
  run.stride = 1_000;
  player.speed = 1;
  clock.frame(50);
  expect(run.timeMs).toBeCloseTo(55);
});

test('speed has a lower bound, and above the upper one it is as fast as it goes', () => {
  player.speed = 1e-9;
  expect(player.speed).toBe(MIN_SPEED);
  player.speed = 101;
  expect(player.speed).toBe(FULL_SPEED);
  expect(() => {
    player.speed = Number.NaN;
  }).toThrow(RangeError);
});

test('full speed works until its share of the frame is used up', () => {
  run.onStep = () => {
    clock.time += 0.01;
  };
  player.speed = FULL_SPEED;
  player.play();
  const begin = clock.time;
  clock.frame(0);
  expect(clock.time - begin).toBeGreaterThan(8);
  expect(clock.time - begin).toBeLessThan(12);
  expect(run.step).toBeGreaterThan(500);
});

test('a late frame is no leap in time', () => {
  player.play();
  clock.frame(60_000);
  expect(run.timeMs).toBeLessThanOrEqual(100);
});

test('it pauses when nothing is scheduled any more', () => {
  run.last = 3;
  player.play();
  for (let i = 0; i < 10; i++) clock.frame(16);
  expect(run.step).toBe(3);
  expect(player.playing).toBe(false);
  expect(clock.pending).toBeNull();
});

test('it pauses when it is asked to stop', () => {
  player.play();
  stop = true;
  clock.frame(16);
  expect(player.playing).toBe(false);
});

test('it pauses at the first yes, even if the next answer would be no', () => {
  let asked = 0;
  const once = new Player(run, {
    scheduler: clock,
    onChange: () => {},
    onError: () => {},
    shouldStop: () => ++asked === 1,
  });
  once.speed = FULL_SPEED;
  once.play();
  clock.frame(16);
  expect(asked).toBe(1);
  expect(once.playing).toBe(false);
});

test('while it is suspended no time passes, and it goes on afterwards', () => {
  player.play();
  player.suspend(true);
  expect(clock.pending).toBeNull();
  clock.time += 5_000;
  player.suspend(false);
  clock.frame(16);
  expect(player.playing).toBe(true);
  expect(run.timeMs).toBeCloseTo(16);
});

test('stepping and seeking pause and stay within what has been recorded', () => {
  player.play();
  expect(player.step(5)).toBe(5);
  expect(player.playing).toBe(false);
  player.stepBack(2);
  expect(run.step).toBe(3);
  player.stepBack(50);
  expect(run.step).toBe(0);
  player.seek(1_000);
  expect(run.step).toBe(5);
  expect(changes.filter((change) => change === 'steps')).toHaveLength(4);
});

test('when the run fails it stops and says so, once', () => {
  run.onStep = () => {
    throw new Error('broken');
  };
  player.play();
  clock.frame(50);
  expect(errors).toEqual([new Error('broken')]);
  expect(player.playing).toBe(false);
  expect(clock.pending).toBeNull();
});
