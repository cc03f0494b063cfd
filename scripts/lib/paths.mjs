// Where things are, relative to the repository's root.

import { join, resolve } from 'node:path';

export const root = resolve(import.meta.dirname, '../..');

/** Absolute path of something in the repository. */
export const at = (...parts) => join(root, ...parts);

export const generated = at('www/src/generated');
export const dist = at('dist');

/** Cargo's output. `CARGO_TARGET_DIR` is honoured because cargo itself honours it. */
export const target = resolve(root, process.env.CARGO_TARGET_DIR ?? 'target');
