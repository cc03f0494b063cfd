import type { Strings } from '../i18n/index.js';
import type { Action, Selection } from '../model.js';
import type { BreakpointWish } from './breakpoints/when.js';
import type { ChaosWish } from './chaos/chaos.js';
import type { ExplorerWish } from './explorer/explorer.js';
import type { FigureWish } from './figure/wish.js';
import type { Visit } from './lab/found.js';
import type { ShareWish } from './share/share.js';

/** What a reader can ask for through a view. The playground listens; no view acts by itself. */
export interface Intents {
  act: Action;
  select: Selection;
  seekStep: number;
  seekTime: number;
  togglePlay: undefined;
  /** Number of steps; negative goes back. */
  step: number;
  speed: number;
  /** Write what the client's form says. */
  write: undefined;
  fork: undefined;
  branch: number;
  /** Show a moment of a branch. */
  goTo: { branch: number; step: number };
  renameBranch: { branch: number; name: string };
  /** Delete a branch and all that left it. */
  deleteBranch: number;
  /** Take the latest deletion back. */
  restoreBranch: undefined;
  /** Lay another branch beside the one that is shown; `null` ends the comparison. */
  compareBranch: number | null;
  breakpoint: BreakpointWish;
  /** Play as fast as it goes to the next hit: of this breakpoint, or of any that is enabled. */
  runToNext: number | null;
  /** Go to the next mark of the scrubber, or to the one before. */
  mark: 1 | -1;
  /** Show why an event happened; `null` closes the explanation. */
  explain: number | null;
  /** Show why something is as it is; `null` asks why nothing happens. */
  why: Selection | null;
  /** Servers picked for one side of a partition; `null` leaves the mode. */
  pick: number[] | null;
  /** Choose the link between two servers and go on in its form. */
  editLink: { a: number; b: number };
  /** Show or hide the quorums of the last election and commit. */
  quorums: boolean;
  reset: undefined;
  /** Begin the experiment again with the rule that it is about on or off. */
  tryRule: boolean;
  copyLink: undefined;
  /** Let the judges look at what clients saw, or stop them. */
  judge: boolean;
  /** What is compared with the metrics of the run: `branch:ID`, the id of a pinned run, or nothing. */
  overlay: string;
  /** How long a window of the metrics is; 0: whatever fits. */
  metricsWindow: number;
  /** Keep the metrics of this run. */
  pin: undefined;
  chaos: ChaosWish;
  explorer: ExplorerWish;
  /** Show a run that was found; the present one is kept for the way back. */
  visit: Visit;
  back: undefined;
  share: ShareWish;
  /** Save what a view shows. */
  figure: FigureWish;
  help: boolean;
  /** Go to a step of the tour; `null` ends it. */
  tour: number | null;
}

/** An intent on its own. */
export type Wish = { [K in keyof Intents]: { name: K; detail: Intents[K] } }[keyof Intents];

/** Which part of the page a view owns, its words, and the prefix that keeps its ids unique. */
export interface ViewHost {
  root: HTMLElement;
  t: Strings;
  id: string;
}

export abstract class View {
  readonly root: HTMLElement;
  protected readonly t: Strings;
  protected readonly id: string;

  constructor(host: ViewHost) {
    this.root = host.root;
    this.t = host.t;
    this.id = host.id;
  }

  protected emit<K extends keyof Intents>(name: K, ...detail: Intents[K] extends undefined ? [] : [Intents[K]]): void {
    this.root.dispatchEvent(new CustomEvent(`raft-${name}`, { detail: detail[0], bubbles: true }));
  }
}
