// The shapes of what the workshop is asked for. Rust checks the meaning of documents.

import * as is from '../engine/arguments.js';
import { RaftError } from '../engine/error.js';
import { EXPORT_FORMATS } from '../engine/export.js';
import { LEVELS, rule } from '../engine/shapes.js';
import type { Level, Style } from '../generated/workshop-glue.js';

/** The characters of random trouble. */
export const STYLES = [
  'swarm',
  'leader-crashes',
  'power-loss',
  'late-messages',
  'late-snapshots',
  'reconfiguration',
  'reads',
  'schemes',
  'calm',
  'full',
] as const satisfies readonly Style[];

/** In characters: more than any document within the limits of `raft-sim` has. */
const MAX_DOCUMENT = 256 << 20;
/** Deepest nesting of a document. */
const MAX_DEPTH = 64;
const MAX_STEPS = 100_000_000;
const MAX_STATES = 50_000_000;

export const text = is.longText(MAX_DOCUMENT);
export const format = is.oneOf(...EXPORT_FORMATS);

const level = is.oneOf(...LEVELS);
const depth = is.object({ level, budget: is.integer(0) });

/** How deep a judge looks; a level alone is enough. */
export function judging(value: unknown): { level: Level | undefined; budget: number | undefined } {
  const { level: only, budget } = depth(typeof value === 'string' ? { level: value } : value, 'options');
  return { level: only, budget };
}

export const playing = is.object({ maxSteps: is.integer(0, MAX_STEPS) });
export const exploring = is.object({ maxStates: is.integer(1, MAX_STATES) });
export const nothing = is.object({});

const seed = is.integer(0);
const style = is.oneOf(...STYLES);
const without = is.list(rule);

const seeds: is.Check<[first: number, end: number]> = (value, path) =>
  typeof value === 'number' ? [0, seed(value, path)] : is.pair(seed)(value, path);

const styles: is.Check<Style[]> = (value, path) => {
  if (value === 'all') return [...STYLES];
  return Array.isArray(value) ? is.list(style)(value, path) : [style(value, path)];
};

export const sweep = is.object({ seeds, style: styles, without }, 'seeds');
const failure = is.object({ style, seed, without }, 'style', 'seed');

/** Which trial it was; what else the result of a trial says does not count. */
export function failedTrial(value: unknown) {
  const { style, seed, without } = Object(value);
  return failure({ style, seed, without }, 'trial');
}

export const shrinking = is.object({ maxRuns: is.integer(0, 1_000_000) });

/**
 * A document as JSON text. `JSON.stringify` alone would turn NaN into `null`, which counts as absent, and leave out what it does
 * not know.
 */
export function document(value: unknown, path: string): string {
  return typeof value === 'string' ? text(value, path) : text(JSON.stringify(plain(value, path, 0)), path);
}

function plain(value: unknown, path: string, depth: number): unknown {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return value;
  if (typeof value === 'number' && Number.isFinite(value)) return value;
  if (depth > MAX_DEPTH) return refuse(path, `nested more than ${MAX_DEPTH} deep`);
  if (Array.isArray(value)) return value.map((item: unknown, at) => plain(item, `${path}[${at}]`, depth + 1));
  if (typeof value !== 'object') return refuse(path, `a ${typeof value} that JSON does not know`);
  const fields = Object.entries(value).filter(([, field]) => field !== undefined);
  return Object.fromEntries(fields.map(([name, field]) => [name, plain(field, `${path}.${name}`, depth + 1)]));
}

function refuse(path: string, what: string): never {
  throw new RaftError('invalidArgument', `${path} is ${what}`, { path });
}
