import type { Axis } from './axis.js';
import type { Geometry, Progress } from './geometry.js';
import type { History } from './history.js';

/** The few words in a picture. */
export interface PictureWords {
  termShort: (term: number) => string;
  roleLetter: { preCandidate: string; candidate: string; leader: string };
  tick: (timeMs: number) => string;
  worldLane: string;
  otherClients: string;
  foldShort: (ms: number) => string;
}

/** All that a picture shows. */
export interface Picture {
  history: History;
  axis: Axis;
  geometry: Geometry;
  /** Where the present is. */
  presentU: number;
  /** Where lanes end: with the last event that is known, or with the present. */
  endU: number;
  progress: Progress;
  /** How each event stands to the chosen one; `null` if none is chosen. */
  light: Uint8Array | null;
  chosen: number;
  hovered: number;
  words: PictureWords;
}

/** What does not belong to the chosen event's past or future. */
export const FADED = 0.13;
