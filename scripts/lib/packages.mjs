// npm packages: installed exactly as the lock file says.

import { existsSync, readFileSync } from 'node:fs';
import { at } from './paths.mjs';
import { run } from './run.mjs';
import { step } from './step.mjs';

/** Whether node_modules holds what the lock file lists. npm keeps its own record of what it installed. */
function installed() {
  const record = at('node_modules/.package-lock.json');
  if (!existsSync(record)) return false;
  const have = JSON.parse(readFileSync(record, 'utf8')).packages;
  const want = JSON.parse(readFileSync(at('package-lock.json'), 'utf8')).packages;
  // Optional packages are binaries for other platforms; the entry "" is this project itself.
  return Object.entries(want).every(
    ([path, { version, optional }]) =>
      path === '' || have[path]?.version === version || (optional && have[path] === undefined),
  );
}

export const installPackages = () =>
  step('npm packages', async (note) => {
    if (installed()) return note('ready');
    await run('npm', ['ci', '--no-audit', '--no-fund']);
    note('installed');
  });
