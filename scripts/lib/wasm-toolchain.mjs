// A compiler that can build for wasm32-unknown-unknown.
//
// rustup's servers may be out of reach, so there is a second way: Debian ships a newer compiler together
// with the source of its standard library, from which cargo builds what is missing.

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { aptInstall, canInstall } from './apt.mjs';
import { target } from './paths.mjs';
import { ask, run } from './run.mjs';
import { Missing, step } from './step.mjs';

export const TRIPLE = 'wasm32-unknown-unknown';

const DEBIAN_PACKAGES = ['rustc-web', 'cargo-web', 'rust-web-src', 'rust-web-clippy', 'lld-22'];
const DEBIAN_LINKER = 'wasm-ld-22';

/**
 * @typedef {object} WasmToolchain
 * @property {'rustup' | 'debian'} kind
 * @property {string} cargo The program to run.
 * @property {string[]} args Arguments that every build for wasm needs.
 * @property {Record<string, string>} env
 * @property {string[]} rustflags
 * @property {string} targetDir Compilers must not share one.
 * @property {string} version What the compiler says about itself.
 */

/** @returns {WasmToolchain} */
const rustup = () => ({
  kind: 'rustup',
  cargo: 'cargo',
  args: [],
  env: {},
  rustflags: [],
  targetDir: target,
  version: ask('rustc', ['-vV']),
});

/** @returns {WasmToolchain} */
const debian = () => ({
  kind: 'debian',
  cargo: '/usr/bin/cargo',
  args: ['-Z', 'build-std=std,panic_abort'],
  env: {
    RUSTC: '/usr/bin/rustc',
    // clippy calls the cargo that is named here.
    CARGO: '/usr/bin/cargo',
    // Building the standard library is not yet a stable feature of cargo.
    RUSTC_BOOTSTRAP: '1',
    CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER: DEBIAN_LINKER,
  },
  rustflags: ['-C', 'linker-flavor=wasm-ld'],
  targetDir: join(target, 'debian'),
  version: ask('/usr/bin/rustc', ['-vV']),
});

function rustupHasTarget() {
  const dir = ask('rustc', ['--print', 'target-libdir', '--target', TRIPLE]);
  return dir !== undefined && existsSync(dir);
}

function debianIsComplete() {
  const sysroot = ask('/usr/bin/rustc', ['--print', 'sysroot']);
  return (
    sysroot !== undefined &&
    existsSync('/usr/bin/cargo') &&
    existsSync(join(sysroot, 'lib/rustlib/src/rust/library/std')) &&
    ask(DEBIAN_LINKER, ['--version']) !== undefined
  );
}

async function rustupCanAddTarget() {
  try {
    await run('rustup', ['target', 'add', TRIPLE], { timeoutMs: 120_000 });
  } catch {
    return false;
  }
  return rustupHasTarget();
}

/**
 * The first way that works. `RAFT_WASM_TOOLCHAIN=rustup` or `=debian` leaves only that one.
 *
 * @returns {Promise<WasmToolchain>}
 */
export const wasmToolchain = () =>
  step('wasm target', async (note) => {
    const only = process.env.RAFT_WASM_TOOLCHAIN;
    const found = (toolchain, text) => {
      note(text);
      return toolchain;
    };
    if (only !== 'debian') {
      if (rustupHasTarget()) return found(rustup(), 'ready');
    }
    if (only !== 'rustup') {
      if (debianIsComplete()) return found(debian(), "ready, by Debian's compiler");
    }
    if (only !== 'debian') {
      if (await rustupCanAddTarget()) return found(rustup(), 'installed by rustup');
    }
    if (only !== 'rustup' && canInstall()) {
      await aptInstall(DEBIAN_PACKAGES);
      if (debianIsComplete()) return found(debian(), "installed, by Debian's compiler");
    }
    throw new Missing(`Rust cannot build for WebAssembly yet: install its target by \`rustup target add ${TRIPLE}\`.`);
  });
