import { RaftError } from './error.js';

/**
 * Checks every argument before it reaches wasm, where NaN, null and 2³² would all silently become server 0.
 *
 * A checker returns the checked value as fresh plain data, so that a getter or a later change of the
 * caller's object cannot slip in between the check and the call.
 */
export type Check<T> = (value: unknown, path: string) => T;

/** Largest number of servers in one cluster. */
export const MAX_SERVERS = 25;
/** Longest scenario or recording, in characters. */
export const MAX_JSON = 64_000_000;
const MAX_TEXT = 8_192;
const MAX_MS = 1e12;
const MAX_LIST = 256;

function refuse(path: string, wanted: string, value: unknown): never {
  throw new RaftError('invalidArgument', `${path} must be ${wanted}, got ${describe(value)}`, { path });
}

function describe(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value.length > 40 ? `${value.slice(0, 40)}…` : value);
  if (typeof value === 'number' || typeof value === 'bigint' || typeof value === 'boolean') return String(value);
  if (value === null || value === undefined) return String(value);
  return Array.isArray(value) ? 'an array' : `a ${typeof value}`;
}

export function integer(min: number, max = Number.MAX_SAFE_INTEGER): Check<number> {
  return (value, path) => {
    if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < min || value > max) {
      refuse(path, `an integer from ${min} to ${max}`, value);
    }
    return value;
  };
}

/** A duration or a moment in simulated milliseconds; fractions are allowed. */
export const milliseconds: Check<number> = (value, path) => {
  if (typeof value !== 'number' || !(value >= 0 && value <= MAX_MS))
    refuse(path, `a number from 0 to ${MAX_MS}`, value);
  return value;
};

export const boolean: Check<boolean> = (value, path) =>
  typeof value === 'boolean' ? value : refuse(path, 'true or false', value);

export const text: Check<string> = (value, path) => {
  if (typeof value !== 'string' || value.length > MAX_TEXT)
    refuse(path, `a string of at most ${MAX_TEXT} characters`, value);
  return value;
};

export function longText(limit: number): Check<string> {
  return (value, path) =>
    typeof value === 'string' && value.length <= limit
      ? value
      : refuse(path, `a string of at most ${limit} characters`, value);
}

export function oneOf<const T extends string>(...allowed: readonly T[]): Check<T> {
  return (value, path) => {
    const found = allowed.find((name) => name === value);
    return found ?? refuse(path, `one of ${allowed.join(', ')}`, value);
  };
}

export function list<T>(item: Check<T>, max = MAX_LIST): Check<T[]> {
  return (value, path) => {
    if (!Array.isArray(value) || value.length > max) refuse(path, `an array of at most ${max} items`, value);
    const source: unknown[] = value;
    return Array.from({ length: source.length }, (_, i) => item(source[i], `${path}[${i}]`));
  };
}

export function pair(item: Check<number>): Check<[number, number]> {
  return (value, path) => {
    if (!Array.isArray(value) || value.length !== 2) refuse(path, 'an array of two numbers', value);
    const low = item(value[0], `${path}[0]`);
    const high = item(value[1], `${path}[1]`);
    if (low > high) refuse(path, 'a range whose first number is not above the second', value);
    return [low, high];
  };
}

type Shape = Record<string, Check<unknown>>;
type Checked<S extends Shape> = { [K in keyof S]: S[K] extends Check<infer T> ? T : never };

/** A plain object with exactly these keys; those in `required` must be there. */
export function object<S extends Shape>(shape: S, ...required: (keyof S & string)[]): Check<Partial<Checked<S>>> {
  return (value, path) => {
    const source = plain(value, path);
    const result: Record<string, unknown> = {};
    for (const key of Object.keys(source)) {
      const check = Object.hasOwn(shape, key) ? shape[key] : undefined;
      if (!check) refuse(`${path}.${key}`, `left out (known keys: ${Object.keys(shape).join(', ')})`, source[key]);
      const field = source[key];
      if (field !== undefined) result[key] = check(field, `${path}.${key}`);
    }
    for (const key of required) if (!Object.hasOwn(result, key)) refuse(`${path}.${key}`, 'given', undefined);
    return result as Partial<Checked<S>>;
  };
}

/** An object whose keys are all from one set, such as rule names. */
export function record<T>(key: Check<string>, item: Check<T>): Check<Record<string, T>> {
  return (value, path) => {
    const source = plain(value, path);
    const result: Record<string, T> = {};
    for (const name of Object.keys(source)) result[key(name, `key of ${path}`)] = item(source[name], `${path}.${name}`);
    return result;
  };
}

function plain(value: unknown, path: string): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) refuse(path, 'a plain object', value);
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null && Object.getPrototypeOf(prototype) !== null) {
    refuse(path, 'a plain object', value);
  }
  return value as Record<string, unknown>;
}
