// Stamps remember from which inputs something was built, so that nothing is built twice.

import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { at, root, target } from './paths.mjs';

const UNTRACKED = new Set(['node_modules', 'target', 'dist', 'generated', '.git']);

/** All files under a path, sorted; a path that does not exist gives none. */
function filesUnder(path) {
  if (!existsSync(path)) return [];
  if (!statSync(path).isDirectory()) return [path];
  return readdirSync(path, { withFileTypes: true })
    .filter((entry) => !UNTRACKED.has(entry.name))
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => filesUnder(join(path, entry.name)));
}

/** A hash over names and contents of everything under `paths` (relative to the root), and over `facts`. */
export function fingerprint(paths, facts = []) {
  const hash = createHash('sha256');
  for (const fact of facts) hash.update(`${fact}\0`);
  for (const file of paths.flatMap((path) => filesUnder(at(path)))) {
    hash
      .update(`${relative(root, file)}\0`)
      .update(readFileSync(file))
      .update('\0');
  }
  return hash.digest('hex');
}

const stampFile = (name) => join(target, 'stamps', name);

/** Whether the last successful build of `name` had this fingerprint and its outputs are still there. */
export function isCurrent(name, print, outputs) {
  const file = stampFile(name);
  return existsSync(file) && readFileSync(file, 'utf8') === print && outputs.every((output) => existsSync(output));
}

export function remember(name, print) {
  mkdirSync(join(target, 'stamps'), { recursive: true });
  writeFileSync(stampFile(name), print);
}
