import {
  type Action,
  countBits,
  type Frame,
  type FrameServer,
  type LogEntryView,
  type Marker,
  type ReadBlock,
  type ServerView,
} from '../../model.js';

/** Why a cluster does not get on, found from what the frame and the servers themselves say. */

/** Why a server does not help. `disk`: its disk is not ready; `underway`: it has just not answered yet. */
export type Absence = 'crashed' | 'paused' | 'cut' | 'held' | 'disk' | 'underway';

export interface Missing {
  server: number;
  why: Absence;
}

export interface Side {
  servers: number[];
  /** Whether it can decide. */
  enough: boolean;
}

export type Finding =
  | { kind: 'nobodyUp'; missing: Missing[] }
  /** No server reaches enough voters; `joint` if it is so in one half of a joint configuration only. */
  | { kind: 'noQuorum'; have: number; need: number; missing: Missing[]; joint: boolean }
  | { kind: 'parted'; sides: Side[] }
  | { kind: 'oneWay'; from: number; to: number }
  /** Messages that wait for a hand. */
  | { kind: 'held'; count: number }
  | { kind: 'frozenLeader'; server: number; term: number }
  /** It takes itself for the leader, and is not any more. */
  | { kind: 'staleLeader'; server: number; term: number; newer: number; newerTerm: number }
  | { kind: 'electing'; server: number; term: number; have: number; need: number; pre: boolean }
  /** Nobody leads, and nobody campaigns yet. */
  | { kind: 'leaderless'; next: number; ms: number }
  | { kind: 'notCommitted'; leader: number; index: number; have: number; need: number; missing: Missing[] }
  | { kind: 'olderTerm'; leader: number; index: number; term: number; current: number }
  | { kind: 'handingOver'; leader: number; target: number; match: number; last: number }
  | { kind: 'readWaits'; server: number; reads: number; block: ReadBlock }
  | { kind: 'idle'; leader: number; term: number }
  | { kind: 'nothingScheduled' };

export interface Scene {
  frame: Frame;
  /** All servers, in order. */
  servers: readonly ServerView[];
  /** Whether a majority decides; without that rule nobody can say what is enough. */
  majority: boolean;
  /** The first entries that are not committed, by leader. */
  waiting: ReadonlyMap<number, readonly LogEntryView[]>;
}

/** Everything that hinders, the gravest first; then, if nothing does, what the cluster waits for. */
export function findings(scene: Scene): Finding[] {
  const { frame } = scene;
  const up = frame.servers.filter(({ status }) => status === 0);
  if (up.length === 0) return [{ kind: 'nobodyUp', missing: frame.servers.map((server) => missing(scene, server, 0)) }];
  const leader = leaderOf(up);
  const found = [
    ...quorum(scene, up, leader),
    ...network(scene, up),
    ...impostors(frame, leader),
    ...(leader ? [...commit(scene, leader), ...transfer(frame, leader)] : election(scene, up)),
    ...reads(scene),
  ];
  if (frame.header.nextTimeMs < 0) found.push({ kind: 'nothingScheduled' });
  else if (found.length === 0 && leader) found.push({ kind: 'idle', leader: leader.id, term: leader.term });
  return found;
}

/** Whether the cluster cannot get on before somebody does something about it. */
export function stops(finding: Finding): boolean {
  switch (finding.kind) {
    case 'nobodyUp':
    case 'noQuorum':
    case 'held':
    case 'nothingScheduled':
    case 'olderTerm':
      return true;
    case 'notCommitted':
      return (
        finding.have + finding.missing.filter(({ why }) => why === 'underway' || why === 'disk').length < finding.need
      );
    default:
      return false;
  }
}

/** What would help, as actions. */
export function remedies(finding: Finding, frame: Frame): Action[] {
  if (finding.kind === 'parted' || finding.kind === 'oneWay') return [{ type: 'heal' }];
  if (finding.kind === 'frozenLeader') return [{ type: 'resume', server: finding.server }];
  if (finding.kind === 'held') {
    const message = frame.messages.slice(0, frame.header.messages).find(({ arrivesMs }) => arrivesMs < 0);
    return message ? [{ type: 'deliver', message: message.id }] : [];
  }
  if (!('missing' in finding)) return [];
  const helped = finding.missing.flatMap(({ server, why }): Action[] => {
    if (why === 'crashed') return [{ type: 'restart', server }];
    return why === 'paused' ? [{ type: 'resume', server }] : [];
  });
  return finding.missing.some(({ why }) => why === 'cut') ? [...helped, { type: 'heal' }] : helped;
}

/** The step at which it began to be so, as far as a marker of the timeline tells. */
export function since(finding: Finding, markers: readonly Marker[], step: number): number | null {
  const past = markers.filter((marker) => marker.step <= step);
  const last = (fits: (marker: Marker) => boolean) => past.findLast(fits)?.step ?? null;
  const acted = (fits: (action: Action) => boolean) => last((marker) => marker.event === 'acted' && fits(marker.data));
  const paused = (server: number) => acted((action) => action.type === 'pause' && action.server === server);
  const cut = () => acted(({ type }) => type === 'partition' || type === 'cut');
  switch (finding.kind) {
    case 'nobodyUp':
    case 'noQuorum':
    case 'notCommitted': {
      const steps = finding.missing.map(({ server, why }) => {
        if (why === 'crashed') return last((marker) => marker.kind === 'fault' && marker.server === server);
        if (why === 'paused') return paused(server);
        return why === 'cut' ? cut() : null;
      });
      const known = steps.filter((one) => one !== null);
      return known.length > 0 ? Math.max(...known) : null;
    }
    case 'parted':
    case 'oneWay':
      return cut();
    case 'frozenLeader':
      return paused(finding.server);
    case 'electing':
      return last(({ kind, server }) => kind === 'election' && server === finding.server);
    case 'staleLeader':
      return last(({ kind, server }) => kind === 'leader' && server === finding.newer);
    case 'olderTerm':
    case 'idle':
      return last(({ kind, server }) => kind === 'leader' && server === finding.leader);
    default:
      return null;
  }
}

// ---------------------------------------------------------------- who reaches whom

/** Messages go both ways at once. */
function reach(frame: Frame, a: number, b: number): boolean {
  if (a === b) return true;
  const open = (from: number, to: number) => {
    const link = frame.link(from, to);
    return link !== undefined && link.cut === 0 && link.held === 0;
  };
  return open(a, b) && open(b, a);
}

function missing({ frame }: Scene, server: FrameServer, hub: number): Missing {
  if (server.status === 1) return { server: server.id, why: 'crashed' };
  if (server.status === 2) return { server: server.id, why: 'paused' };
  const cut = hub > 0 && (frame.cut(server.id, hub) || frame.cut(hub, server.id));
  return { server: server.id, why: cut ? 'cut' : 'held' };
}

/** The sets of voters of which each must agree: one, or two while the configuration is joint. */
function halves({ servers }: Scene, of: FrameServer | undefined): number[][] {
  const view = servers.find(({ id }) => id === of?.id);
  const { voters = [], votersOutgoing = [] } = view?.configuration ?? {};
  return [voters, votersOutgoing].filter(({ length }) => length > 0);
}

function majorityOf(voters: readonly number[]): number {
  return Math.floor(voters.length / 2) + 1;
}

/** Who knows the newest configuration. */
function wisest(up: readonly FrameServer[], leader: FrameServer | undefined): FrameServer | undefined {
  return leader ?? [...up].sort((a, b) => b.lastTerm - a.lastTerm || b.lastIndex - a.lastIndex)[0];
}

function quorum(scene: Scene, up: readonly FrameServer[], leader: FrameServer | undefined): Finding[] {
  const sets = halves(scene, wisest(up, leader));
  if (!scene.majority || sets.length === 0) return [];
  const { frame } = scene;
  const lackAt = (hub: number) =>
    sets
      .map((voters) => {
        const lacking = voters.filter((id) => frame.servers[id - 1]?.status !== 0 || !reach(frame, hub, id));
        const [have, need] = [voters.length - lacking.length, majorityOf(voters)];
        return { hub, have, need, lack: need - have, lacking };
      })
      .sort((a, b) => b.lack - a.lack)[0];
  const hubs = up.filter(({ id }) => sets.some((voters) => voters.includes(id)));
  const best = (hubs.length > 0 ? hubs : up)
    .map(({ id }) => lackAt(id))
    .filter((lack) => lack !== undefined)
    .sort((a, b) => a.lack - b.lack || Number(b.hub === leader?.id) - Number(a.hub === leader?.id))[0];
  if (!best || best.lack <= 0) return [];
  const lacking = best.lacking.map((id) => missing(scene, frame.servers[id - 1] as FrameServer, best.hub));
  return [{ kind: 'noQuorum', have: best.have, need: best.need, missing: lacking, joint: sets.length > 1 }];
}

function network(scene: Scene, up: readonly FrameServer[]): Finding[] {
  const { frame } = scene;
  const found: Finding[] = [];
  const groups: number[][] = [];
  for (const { id } of up) {
    const joined = groups.filter((group) => group.some((other) => reach(frame, id, other)));
    const merged = [...joined.flat(), id].sort((a, b) => a - b);
    groups.splice(0, groups.length, ...groups.filter((group) => !joined.includes(group)), merged);
  }
  if (groups.length > 1) {
    const sets = halves(scene, wisest(up, leaderOf(up)));
    const enough = (group: readonly number[]) =>
      sets.every((voters) => voters.filter((id) => group.includes(id)).length >= majorityOf(voters));
    const sides = groups
      .sort((a, b) => (a[0] ?? 0) - (b[0] ?? 0))
      .map((servers) => ({ servers, enough: enough(servers) }));
    found.push({ kind: 'parted', sides });
  } else {
    for (const a of up)
      for (const b of up)
        if (frame.cut(a.id, b.id) && !frame.cut(b.id, a.id)) found.push({ kind: 'oneWay', from: a.id, to: b.id });
  }
  const held = frame.messages.slice(0, frame.header.messages).filter(({ arrivesMs }) => arrivesMs < 0).length;
  // While others still travel, something does happen.
  if (held > 0 && held === frame.header.messages) found.push({ kind: 'held', count: held });
  return found;
}

// ---------------------------------------------------------------- who leads

function leaderOf(up: readonly FrameServer[]): FrameServer | undefined {
  return up.filter(({ role }) => role === LEADER).sort((a, b) => b.term - a.term)[0];
}

function impostors(frame: Frame, leader: FrameServer | undefined): Finding[] {
  return frame.servers
    .filter(({ id, role, status }) => role === LEADER && status !== 1 && id !== leader?.id)
    .flatMap(({ id, term, status }): Finding[] => {
      if (leader && term < leader.term)
        return [{ kind: 'staleLeader', server: id, term, newer: leader.id, newerTerm: leader.term }];
      return status === 2 ? [{ kind: 'frozenLeader', server: id, term }] : [];
    });
}

function election(scene: Scene, up: readonly FrameServer[]): Finding[] {
  const running = up.filter(({ role }) => role === CANDIDATE || role === PRE_CANDIDATE);
  if (running.length > 0 && scene.majority) {
    return running.map(({ id, role, term, votesGranted, voters }) => ({
      kind: 'electing',
      server: id,
      // A pre-candidate asks for the next term, and stays in its own.
      term: role === PRE_CANDIDATE ? term + 1 : term,
      have: countBits(votesGranted),
      need: Math.floor(countBits(voters) / 2) + 1,
      pre: role === PRE_CANDIDATE,
    }));
  }
  const next = up
    .filter(({ timerKind }) => timerKind === ELECTION_TIMER)
    .sort((a, b) => a.timerRemainingMs - b.timerRemainingMs)[0];
  return next ? [{ kind: 'leaderless', next: next.id, ms: next.timerRemainingMs }] : [];
}

// ---------------------------------------------------------------- what waits at a leader

function commit(scene: Scene, leader: FrameServer): Finding[] {
  const { frame, waiting } = scene;
  const index = leader.commitIndex + 1;
  if (index > leader.lastIndex || !scene.majority) return [];
  const sets = halves(scene, leader);
  const holdersOf = (voters: readonly number[], upTo: number) =>
    voters.filter((id) => holds(frame, leader, id) >= upTo).length;
  const worst = sets
    .map((voters) => ({
      have: holdersOf(voters, index),
      need: majorityOf(voters),
      lacking: voters.filter((id) => holds(frame, leader, id) < index),
    }))
    .sort((a, b) => b.need - b.have - (a.need - a.have))[0];
  if (!worst) return [];
  const { have, need } = worst;
  if (have < need) {
    const lacking = worst.lacking.map((id) => laggard(scene, leader, id, index));
    return [{ kind: 'notCommitted', leader: leader.id, index, have, need, missing: lacking }];
  }
  // The last of them that a quorum holds says why it does not count.
  const onQuorum = waiting
    .get(leader.id)
    ?.findLast(({ index: one }) => sets.every((voters) => holdersOf(voters, one) >= majorityOf(voters)));
  if (!onQuorum || onQuorum.term >= leader.term) return [];
  return [{ kind: 'olderTerm', leader: leader.id, index: onQuorum.index, term: onQuorum.term, current: leader.term }];
}

/** As far as the leader may count a server. */
function holds(frame: Frame, leader: FrameServer, id: number): number {
  return id === leader.id ? leader.durableIndex : frame.progress(leader.id, id).matchIndex;
}

function laggard(scene: Scene, leader: FrameServer, id: number, index: number): Missing {
  const server = scene.frame.servers[id - 1] as FrameServer;
  if (server.status !== 0 || !reach(scene.frame, leader.id, id)) return missing(scene, server, leader.id);
  return { server: id, why: server.lastIndex >= index && server.durableIndex < index ? 'disk' : 'underway' };
}

function transfer(frame: Frame, leader: FrameServer): Finding[] {
  const target = leader.transferTarget;
  if (target <= 0) return [];
  const match = frame.progress(leader.id, target).matchIndex;
  return [{ kind: 'handingOver', leader: leader.id, target, match, last: leader.lastIndex }];
}

function reads({ servers }: Scene): Finding[] {
  return servers.flatMap(({ id, waitingReads, readBlock }): Finding[] =>
    readBlock === null ? [] : [{ kind: 'readWaits', server: id, reads: waitingReads, block: readBlock }],
  );
}

/** Numbers of a frame, as in `engine/frame.ts`. */
const PRE_CANDIDATE = 1;
const CANDIDATE = 2;
const LEADER = 3;
const ELECTION_TIMER = 1;
