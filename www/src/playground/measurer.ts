import type { BranchView, Cluster } from '../engine.js';
import type { MetricsReport } from '../model.js';
import { startWorker } from '../trusted.js';
import type { MetricsState, Overlay } from '../views/metrics/metrics.js';
import type { MeasureRequest } from './measure.js';

/** At most this share of the time is spent on measuring a run that goes on: one part in so many. */
const SHARE = 3;
const MIN_PAUSE_MS = 400;
const MAX_PINS = 4;
/** Points of a plot that are worth having. */
const WANTED_POINTS = 50;
const WINDOWS_MS = [5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000];

interface Pin {
  id: string;
  name: string;
  report: MetricsReport;
}

interface Job {
  request: MeasureRequest;
  done: (report: MetricsReport) => void;
}

/** Measures the shown run, and another one to compare it with, in a worker. */
export class Measurer {
  readonly #onChange: () => void;
  readonly #pins: Pin[] = [];
  #pinned = 0;
  #worker: Worker | null = null;
  #hasWorker = typeof Worker === 'function';
  #jobs: Job[] = [];
  #running: { id: number; job: Job; since: number } | null = null;
  #lastId = 0;
  #quietUntil = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #cluster: Cluster | null = null;
  #wanted = '';
  #report: MetricsReport | null = null;
  #otherWanted = '';
  #other: MetricsReport | null = null;
  #overlay = '';
  #error: string | null = null;
  #windowMs = 0;

  constructor(onChange: () => void) {
    this.#onChange = onChange;
  }

  /** What is known of the shown run; what is missing is on its way. */
  read(cluster: Cluster, branches: readonly BranchView[]): Omit<MetricsState, 'rulesOff'> {
    const { branch, headStep, timeMs, endTimeMs } = cluster.frame().header;
    if (cluster !== this.#cluster) this.#meet(cluster);
    const windowMs = this.#windowMs || fitting(endTimeMs);
    const wanted = `${branch} ${headStep} ${windowMs}`;
    if (wanted !== this.#wanted && this.#mayAsk()) {
      this.#wanted = wanted;
      this.#ask({ recording: cluster.save(), branch: null, windowMs }, (report) => {
        this.#report = report;
      });
    }
    const overlay = this.#overlayOf(cluster, branches, windowMs);
    return {
      report: this.#report,
      windowMs: this.#windowMs,
      windows: WINDOWS_MS,
      timeMs,
      endTimeMs,
      error: this.#error,
      overlay,
      chosen: overlay ? this.#overlay : '',
      sources: [
        ...branches
          .filter(({ current }) => !current)
          .map(({ id, name }) => ({ id: `branch:${id}`, kind: 'branch' as const, name })),
        ...this.#pins.map(({ id, name }) => ({ id, kind: 'pin' as const, name })),
      ],
    };
  }

  /** Chooses what is laid under the shown run: `branch:ID`, the id of a pin, or nothing. */
  overlay(id: string): void {
    this.#overlay = id;
    this.#other = null;
    this.#otherWanted = '';
    this.#onChange();
  }

  /** How long a window is; 0: whatever fits. */
  window(windowMs: number): void {
    this.#windowMs = windowMs;
    this.#quietUntil = 0;
    this.#onChange();
  }

  /** Keeps what was measured of the shown run. Returns the name that it is kept under. */
  pin(title: string): string | null {
    if (!this.#report) return null;
    const name = `${title} #${++this.#pinned}`;
    this.#pins.push({ id: `pin:${this.#pinned}`, name, report: this.#report });
    if (this.#pins.length > MAX_PINS) this.#pins.shift();
    this.#onChange();
    return name;
  }

  dispose(): void {
    clearTimeout(this.#timer);
    this.#jobs = [];
    this.#running = null;
    this.#worker?.terminate();
    this.#worker = null;
  }

  #meet(cluster: Cluster): void {
    this.dispose();
    this.#cluster = cluster;
    this.#report = null;
    this.#other = null;
    this.#wanted = '';
    this.#otherWanted = '';
    this.#error = null;
    this.#quietUntil = 0;
    if (this.#overlay.startsWith('branch:')) this.#overlay = '';
  }

  #overlayOf(cluster: Cluster, branches: readonly BranchView[], windowMs: number): Overlay | null {
    const pin = this.#pins.find(({ id }) => id === this.#overlay);
    if (pin) return { name: pin.name, report: pin.report };
    const branch = branches.find(({ id, current }) => !current && `branch:${id}` === this.#overlay);
    if (!branch) return null;
    const wanted = `${branch.id} ${branch.headStep} ${windowMs}`;
    if (wanted !== this.#otherWanted) {
      this.#otherWanted = wanted;
      this.#ask({ recording: cluster.save(), branch: branch.id, windowMs }, (report) => {
        this.#other = report;
      });
    }
    return { name: branch.name, report: this.#other };
  }

  /** Not while it is at work, and not too often; then it says itself when it may be asked again. */
  #mayAsk(): boolean {
    if (this.#running) return false;
    const wait = this.#quietUntil - performance.now();
    if (wait <= 0) return true;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#onChange(), wait);
    return false;
  }

  #ask(request: MeasureRequest, done: Job['done']): void {
    this.#jobs.push({ request, done });
    this.#next();
  }

  #next(): void {
    const job = this.#running ? undefined : this.#jobs.shift();
    if (!job) return;
    const id = ++this.#lastId;
    this.#running = { id, job, since: performance.now() };
    const worker = this.#open();
    if (worker) {
      worker.postMessage({ id, request: job.request });
      return;
    }
    void import('./measure.js')
      .then(({ measure }) => measure(job.request))
      .then(
        (report) => this.#receive({ id, report }),
        (error: unknown) => this.#receive({ id, error: error instanceof Error ? error.message : String(error) }),
      );
  }

  #open(): Worker | null {
    if (this.#worker || !this.#hasWorker) return this.#worker;
    try {
      this.#worker = startWorker('measure');
    } catch {
      this.#hasWorker = false;
      return null;
    }
    this.#worker.onmessage = ({ data }: MessageEvent<Answer>) => this.#receive(data);
    this.#worker.onerror = (event) => {
      // A page on another origin may not have a worker from here: then it is done in the page.
      event.preventDefault();
      this.#worker?.terminate();
      this.#worker = null;
      this.#hasWorker = false;
      const job = this.#running?.job;
      this.#running = null;
      if (job) this.#jobs.unshift(job);
      this.#next();
    };
    return this.#worker;
  }

  #receive({ id, report, error }: Answer): void {
    const running = this.#running;
    if (running?.id !== id) return;
    const now = performance.now();
    this.#quietUntil = now + Math.max(MIN_PAUSE_MS, (now - running.since) * SHARE);
    this.#running = null;
    this.#error = error ?? null;
    if (report) running.job.done(report);
    this.#next();
    this.#onChange();
  }
}

interface Answer {
  id: number;
  report?: MetricsReport;
  error?: string;
}

/** The window with which a run of this length has neither too many points nor too few. */
export function fitting(endTimeMs: number): number {
  return WINDOWS_MS.find((windowMs) => endTimeMs / windowMs <= WANTED_POINTS) ?? (WINDOWS_MS.at(-1) as number);
}
