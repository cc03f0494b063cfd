import type { Cluster } from '../engine.js';
import type { Strings } from '../i18n/index.js';
import type { Player } from '../player.js';
import { nextMark } from '../views/transport/marks.js';
import type { Wish } from '../views/view.js';
import type { BranchBook } from './branches.js';
import type { Breakpoints } from './breakpoints.js';

/** The playground, as far as it takes to go somewhere else in a run. */
export interface Traveller {
  cluster: Cluster;
  player: Player;
  sight: { branches: BranchBook; breakpoints: Breakpoints };
  t: Strings;
  /** Lays a branch beside the one that is shown, or none. */
  compare(other: number | null): void;
  say(text: string): void;
  /** The reader lets the run go on. */
  begin(): void;
  refresh(): void;
}

/** Goes to other branches, to marks and to breakpoints, and keeps the lists of them. Knows no other wishes. */
export function takeRoute({ name, detail }: Wish, to: Traveller): void {
  const { cluster, player, sight, t } = to;
  switch (name) {
    case 'mark': {
      const mark = nextMark(cluster.markers({ commits: false }), cluster.frame().header.step, detail);
      if (mark) player.seek(mark.step);
      to.say(mark ? t.markName(mark) : t.noMark(detail));
      return;
    }
    case 'runToNext':
      to.begin();
      if (sight.breakpoints.aim(detail)) player.rush();
      else to.say(t.breakpoints.noneEnabled);
      return;
    case 'fork':
      cluster.fork();
      to.say(forkedNotice(cluster, sight.branches, t));
      break;
    case 'branch':
      player.pause();
      cluster.switchBranch(detail);
      break;
    case 'goTo':
      player.pause();
      cluster.switchBranch(detail.branch, detail.step);
      break;
    case 'renameBranch':
      sight.branches.rename(cluster, detail.branch, detail.name);
      break;
    case 'deleteBranch':
      player.pause();
      sight.branches.remove(cluster, detail);
      break;
    case 'restoreBranch':
      sight.branches.restore(cluster);
      break;
    case 'compareBranch':
      to.compare(detail);
      break;
    case 'breakpoint':
      sight.breakpoints.fulfil(detail);
      break;
    default:
      return;
  }
  to.refresh();
}

export function forkedNotice(cluster: Cluster, branches: BranchBook, t: Strings): string {
  const branch = branches.current(cluster);
  return branch ? t.forked(t.branches.title(branch.name)) : '';
}
