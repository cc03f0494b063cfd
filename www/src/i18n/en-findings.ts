import type { Absence, Finding, Missing } from '../views/explain/stalls.js';
import { englishBlock } from './en-events.js';

/** Why a cluster does not get on, in English. */
export function findingInEnglish(found: Finding): string {
  switch (found.kind) {
    case 'nobodyUp':
      return `No server is up: ${missing(found.missing)}.`;
    case 'noQuorum':
      return `No quorum${found.joint ? ' in one half of the joint configuration' : ''}: have ${found.have}, need ${found.need}, missing ${missing(found.missing)}.`;
    case 'parted':
      return `The network is cut apart: ${found.sides.map(({ servers, enough }) => `${list(servers)} ${enough ? 'can decide' : 'cannot decide'}`).join('; ')}.`;
    case 'oneWay':
      return `S${found.from} hears S${found.to}, but not the other way round: that direction is cut.`;
    case 'held':
      return `${found.count === 1 ? 'The only message in flight waits' : `All ${found.count} messages in flight wait`} for your hand.`;
    case 'frozenLeader':
      return `S${found.server}, the leader of term ${found.term}, is frozen: its heartbeats have stopped, and the others wait for their election timers.`;
    case 'staleLeader':
      return `S${found.server} still takes itself for the leader of term ${found.term}; S${found.newer} leads term ${found.newerTerm}.`;
    case 'electing':
      return `S${found.server} ${found.pre ? `asks who would vote for it in term ${found.term}` : `campaigns in term ${found.term}`}: has ${found.have} of the ${found.need} votes needed.`;
    case 'leaderless':
      return `Nobody leads. The next to campaign is S${found.next}: its election timer runs out in ${Math.round(found.ms)} ms.`;
    case 'notCommitted':
      return `Leader S${found.leader} cannot commit entry ${found.index} yet: ${found.have} of the ${found.need} voters needed hold it, not known of ${missing(found.missing)}.`;
    case 'olderTerm':
      return `Leader S${found.leader} may not commit entry ${found.index} by counting: it is of term ${found.term}, older than ${found.current} (§5.4.2). An entry of term ${found.current} would commit it.`;
    case 'handingOver':
      return `S${found.leader} hands over to S${found.target} and takes no commands meanwhile: S${found.target} holds ${found.match} of ${found.last} entries.`;
    case 'readWaits':
      return `${englishBlock.read(found.server, found.block)}.`;
    case 'idle':
      return `S${found.leader} leads term ${found.term}, and all that was asked for is committed. The cluster waits for a client.`;
    case 'nothingScheduled':
      return 'Nothing is scheduled: no timer runs, no disk works, no message travels.';
  }
}

const WHY: Record<Absence, string> = {
  crashed: 'crashed',
  paused: 'frozen',
  cut: 'cut off',
  held: 'its link is held',
  disk: 'its disk is not done',
  underway: 'no answer yet',
};

function missing(servers: readonly Missing[]): string {
  return servers.map(({ server, why }) => `S${server} (${WHY[why]})`).join(', ');
}

function list(servers: readonly number[]): string {
  return servers.map((id) => `S${id}`).join(' ');
}
