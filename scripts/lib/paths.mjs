// Where things are, relative to the repository's root.

import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

// `import.meta.dirname` would be shorter, but a Node too old to know it must live to be told so.
export const root = resolve(fileURLToPath(import.meta.url), '../../..');

/** Absolute path of something in the repository. */
export const at = (...parts) => join(root, ...parts);

export const generated = at('www/src/generated');
export const dist = at('dist');

/** Cargo's output. `CARGO_TARGET_DIR` is honoured because cargo itself honours it. */
export const target = resolve(root, process.env.CARGO_TARGET_DIR ?? 'target');

/** The program `raft-sim`, once cargo has built it. */
export const raftSim = join(target, 'debug', process.platform === 'win32' ? 'raft-sim.exe' : 'raft-sim');
