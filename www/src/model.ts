import type { Happening, Marker, Scenario } from './engine.js';

/** What the views are given. Types only: no view touches the engine itself. */
export type {
  Action,
  BranchView,
  Condition,
  EventView,
  ExpectationView,
  ExportFormat,
  Fact,
  Frame,
  FrameMessage,
  FrameServer,
  Happening,
  LogEntryView,
  LogWindow,
  Marker,
  MessageKind,
  MessageView,
  MetricsReport,
  OperationView,
  ReadBlock,
  Role,
  RuleName,
  RuleView,
  Scenario,
  ServerView,
  ViolationView,
} from './engine.js';
export type {
  Bounds,
  Counterexample,
  Exploration,
  ExplorerConfig,
  ExplorerProgress,
  HistoryReport,
  Level,
  ShrinkProgress,
  ShrunkFailure,
  Style,
  SweepResult,
} from './workshop.js';

/** A text of a scenario, in English and perhaps in other languages. */
export type Words = Scenario['title'];

/** The event of a marker, as a sentence is made from it. */
export function happeningOf({ event: kind, data, server }: Marker): Happening {
  return { kind, data, server } as Happening;
}

/** What the reader has picked out. */
export type Selection =
  | { kind: 'server'; id: number }
  | { kind: 'message'; id: number }
  | { kind: 'link'; a: number; b: number };

/** Numbers of a frame that mean something, as in `engine/frame.ts`. */
export const ROLE_NAMES = ['follower', 'preCandidate', 'candidate', 'leader'] as const;
export const STATUS_NAMES = ['up', 'crashed', 'paused'] as const;
export const KIND_NAMES = [
  'RequestVote',
  'RequestVoteReply',
  'PreVote',
  'PreVoteReply',
  'AppendEntries',
  'AppendEntriesReply',
  'InstallSnapshot',
  'InstallSnapshotReply',
  'TimeoutNow',
  'ReadIndex',
  'ReadIndexReply',
] as const;

/** How a server looks: down and paused hide its role. */
export type Appearance = (typeof ROLE_NAMES)[number] | 'crashed' | 'paused';

export function appearance(server: { status: number; role: number }): Appearance {
  if (server.status === 1) return 'crashed';
  if (server.status === 2) return 'paused';
  return ROLE_NAMES[server.role] ?? 'follower';
}

/** Terms are painted in eight tints, always together with their number. */
export function termTint(term: number): string {
  return `term-${term % 8}`;
}

/** How many servers a set of a frame has. Bits beyond 31 do not survive JavaScript's bit operators, hence the division; there are at most 25 servers. */
export function countBits(bits: number): number {
  let count = 0;
  for (let rest = bits; rest > 0; rest = Math.floor(rest / 2)) count += rest % 2;
  return count;
}
