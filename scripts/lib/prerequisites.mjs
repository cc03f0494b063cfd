// What the user must have installed before anything can be set up.

import { readFileSync } from 'node:fs';
import { at } from './paths.mjs';
import { ask, run } from './run.mjs';
import { Missing, step } from './step.mjs';

/** Whether dotted version `have` is at least `want`. */
function atLeast(have, want) {
  const parse = (version) => version.split('.').map((part) => Number.parseInt(part, 10));
  const [a, b] = [parse(have), parse(want)];
  for (let i = 0; i < b.length; i++) {
    if ((a[i] ?? 0) !== b[i]) return (a[i] ?? 0) > b[i];
  }
  return true;
}

export function requireNode() {
  const want = JSON.parse(readFileSync(at('package.json'), 'utf8')).engines.node.replace('>=', '');
  const have = process.versions.node;
  if (!atLeast(have, want)) {
    throw new Missing(`Node ${have} is too old: install Node ${want} or newer from https://nodejs.org.`);
  }
  if (ask('npm', ['--version']) === undefined) {
    throw new Missing('npm was not found: install it (it comes with Node from https://nodejs.org).');
  }
}

export function requireRust() {
  const want = /rust-version = "([\d.]+)"/.exec(readFileSync(at('Cargo.toml'), 'utf8'))[1];
  const cargo = ask('cargo', ['--version']);
  const rustc = ask('rustc', ['--version']);
  if (cargo === undefined || rustc === undefined) {
    throw new Missing(`Rust was not found: install Rust ${want} or newer from https://rustup.rs.`);
  }
  const have = rustc.split(' ')[1];
  if (!atLeast(have, want)) {
    throw new Missing(
      `Rust ${have} is too old: install Rust ${want} or newer, for example by \`rustup update stable\`.`,
    );
  }
  if (ask('cc', ['--version']) === undefined) {
    throw new Missing('No C linker was found: install one (on Debian: `apt-get install gcc libc6-dev`).');
  }
}

/** What the checks need beyond a compiler: rustup's minimal profile leaves it out. */
export async function ensureRustComponents() {
  const missing = () =>
    ['rustfmt', 'clippy'].filter((name) => ask('cargo', [name.replace('rust', ''), '--version']) === undefined);
  if (missing().length === 0) return;
  await step('rustfmt and clippy', async (note) => {
    await run('rustup', ['component', 'add', ...missing()]).catch(() => undefined);
    if (missing().length > 0) {
      const names = missing().join(' ');
      throw new Missing(`${names} could not be installed: install it by \`rustup component add ${names}\`.`);
    }
    note('installed');
  });
}
