// Debian packages, on machines where they can be installed without asking anybody.

import { ask, run } from './run.mjs';

/** The command prefix that gives root rights, or `undefined`. */
function asRoot() {
  if (process.getuid?.() === 0) return [];
  return ask('sudo', ['-n', 'true']) === undefined ? undefined : ['sudo', '-n'];
}

export const canInstall = () => ask('apt-get', ['--version']) !== undefined && asRoot() !== undefined;

/** Installs packages; only call when `canInstall()`. */
export async function aptInstall(packages) {
  const apt = async (...args) => {
    const [program, ...rest] = [...asRoot(), 'env', 'DEBIAN_FRONTEND=noninteractive', 'apt-get', ...args];
    await run(program, rest);
  };
  // Two installations at a time wait for each other instead of failing.
  const patience = ['-o', 'DPkg::Lock::Timeout=300'];
  await apt('update', ...patience);
  await apt('install', '-y', '--no-install-recommends', ...patience, ...packages);
}
