import { Cluster } from '../engine.js';
import type { Selection } from '../model.js';
import type { BreakWhen } from '../views/breakpoints/when.js';
import type { BranchNotes } from './branches.js';
import { PANELS, type Panel } from './layout.js';
import type { Sight } from './panes.js';
import type { Source } from './source.js';
import type { Stay } from './visits.js';

/** A run as it is kept: the recording has the actions, the branches and the moment. */
export interface KeptRun {
  recording: string;
  source: Source;
  notes: BranchNotes;
  selection: Selection | null;
  explained: readonly [branch: number, event: number] | null;
  subject: Selection | null;
  /** What it was left for; `null` is the run that is shown. */
  leftFor: Stay['leftFor'] | null;
}

/** What survives a reload. */
export interface Session {
  /** What the page asked for. A page that asks for something else gets that. */
  origin: string;
  /** The runs that were left, oldest first, and at the end the one that is shown. */
  runs: KeptRun[];
  panel: Panel;
  speed: number;
  quorums: boolean;
  playing: boolean;
  breakpoints: { when: BreakWhen; enabled: boolean }[];
}

/** Recordings that are longer together than this are not kept, in characters. */
export const MAX_SESSION = 16_000_000;

/** What a playground is at, to be kept; `null`: it is too much. */
export function sessionOf(origin: Source, shown: Omit<Stay, 'leftFor'>, stays: readonly Stay[]): Session | null {
  const { cluster, sight } = shown;
  const runs = [...stays.map((stay) => keptRun(stay, stay.leftFor, sight)), keptRun(shown, null, sight)];
  if (runs.reduce((length, { recording }) => length + recording.length, 0) > MAX_SESSION) return null;
  return {
    origin: originOf(origin),
    runs,
    panel: sight.panel,
    speed: sight.speed,
    quorums: sight.quorums,
    playing: sight.playing,
    breakpoints: sight.breakpoints.list(cluster).map(({ when, enabled }) => ({ when, enabled })),
  };
}

/** What a page asks for, to be compared. */
export function originOf(source: Source): string {
  return JSON.stringify(Object.entries(source).filter(([, value]) => value !== undefined));
}

/** The runs of a session, the shown one last. What cannot be opened any more, as after an update, is left out. */
export async function reopen(session: Session, sight: Sight): Promise<{ shown: Stay; stays: Stay[] } | null> {
  const { panel, speed, quorums } = session;
  const stays: Stay[] = [];
  for (const kept of session.runs) {
    try {
      const cluster = await Cluster.load(kept.recording);
      sight.branches.recall(cluster, kept.notes);
      const { source, selection, explained, subject } = kept;
      stays.push({
        cluster,
        source,
        sight: { ...sight, selection, explained, subject, speed, quorums, picked: null },
        leftFor: kept.leftFor ?? 'file',
      });
    } catch {
      if (kept.leftFor !== null) continue;
      for (const { cluster } of stays) cluster.dispose();
      return null;
    }
  }
  const shown = stays.pop();
  if (!shown) return null;
  Object.assign(sight, { speed, quorums, panel: PANELS.includes(panel) ? panel : 'inspect' });
  for (const { when, enabled } of session.breakpoints) {
    const id = sight.breakpoints.add(when);
    sight.breakpoints.enable(id, enabled);
  }
  return { shown, stays };
}

function keptRun(
  { cluster, source, sight }: Omit<Stay, 'leftFor'>,
  leftFor: Stay['leftFor'] | null,
  { branches }: Sight,
): KeptRun {
  const { selection, explained, subject } = sight;
  return { recording: cluster.save(), source, notes: branches.notes(cluster), selection, explained, subject, leftFor };
}
