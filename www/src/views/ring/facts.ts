import type { Scenario } from '../../model.js';

/** What the ring shows of a run besides its present frame. Plain data. */
export interface RingFacts {
  quorums: Quorums;
  links: LinkQualities;
}

/** The servers that decided last. */
export interface Quorums {
  election: Election | null;
  commit: Commit | null;
}

export interface Election {
  leader: number;
  term: number;
  /** Those whose votes it counted. */
  servers: readonly number[];
}

export interface Commit {
  leader: number;
  index: number;
  /** Those that the leader counted as holding the entry when it committed it. */
  servers: readonly number[];
}

/** The servers in both quorums: whoever was elected last has heard from one that holds what was committed last. */
export function sharedBy({ election, commit }: Quorums): number[] {
  return election && commit ? election.servers.filter((id) => commit.servers.includes(id)) : [];
}

/** How one direction between two servers carries messages. */
export interface LinkQuality {
  latencyMs: readonly [min: number, max: number];
  lossPermille: number;
}

export interface LinkQualities {
  /** How links are that nobody has changed. */
  usual: LinkQuality;
  /** Those that differ, by `directionKey`. */
  special: ReadonlyMap<number, LinkQuality>;
}

/** The network's own defaults, as the engine has them. */
const LATENCY_MS: readonly [number, number] = [10, 20];

export function usualQuality(network: Scenario['cluster']['network']): LinkQuality {
  return { latencyMs: network?.latencyMs ?? LATENCY_MS, lossPermille: network?.lossPermille ?? 0 };
}

export function directionKey(from: number, to: number): number {
  return from * 32 + to;
}

export function qualityOf({ usual, special }: LinkQualities, from: number, to: number): LinkQuality {
  return special.get(directionKey(from, to)) ?? usual;
}

export const isSlow = (quality: LinkQuality, usual: LinkQuality): boolean => quality.latencyMs[1] > usual.latencyMs[1];
export const isLossy = (quality: LinkQuality, usual: LinkQuality): boolean => quality.lossPermille > usual.lossPermille;
export const isSpecial = (quality: LinkQuality, usual: LinkQuality): boolean =>
  quality.lossPermille !== usual.lossPermille || quality.latencyMs.some((ms, i) => ms !== usual.latencyMs[i]);

/** A message that did not arrive. */
export interface Loss {
  message: number;
  kind: number;
  entries: number;
  from: number;
  to: number;
  why: 'chance' | 'cut' | 'crashed' | 'dropped' | 'full';
  timeMs: number;
  /** How far it had come: 0 at its sender, 1 at its receiver. */
  progress: number;
}

/** For so much simulated time one sees where a message was lost. */
export const LOSS_SHOWN_MS = 40;

/** Nothing is known yet. */
export const NO_FACTS: RingFacts = {
  quorums: { election: null, commit: null },
  links: { usual: usualQuality(undefined), special: new Map() },
};
