// The engine: Rust to wasm, wasm to glue, glue and optimised wasm to www/src/generated.

import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { generated, root, target } from './paths.mjs';
import { ask, run, runTool } from './run.mjs';
import { fingerprint, isCurrent, remember } from './stamp.mjs';
import { step } from './step.mjs';
import { TRIPLE } from './wasm-toolchain.mjs';

const INPUTS = [
  'Cargo.toml',
  'Cargo.lock',
  'raft-core/Cargo.toml',
  'raft-core/src',
  'raft-sim/Cargo.toml',
  'raft-sim/src',
  'raft-wasm/Cargo.toml',
  'raft-wasm/src',
  'xtask',
  'scenarios',
  'scripts/lib/wasm.mjs',
  'scripts/lib/wasm-toolchain.mjs',
];

const OUTPUTS = ['raft_wasm_bg.wasm', 'raft_wasm.d.ts', 'glue.js', 'glue.d.ts'];

/** Paths of this machine that panic messages would otherwise carry, and what stands there instead. */
function remapping(toolchain) {
  const pairs = [[root, '/raft-playground']];
  const registry = join(process.env.CARGO_HOME ?? join(homedir(), '.cargo'), 'registry/src');
  if (existsSync(registry)) {
    for (const name of readdirSync(registry)) pairs.push([join(registry, name), '/crates']);
  }
  const sysroot = ask(toolchain.env.RUSTC ?? 'rustc', ['--print', 'sysroot']);
  pairs.push([join(sysroot, 'lib/rustlib/src/rust'), '/rust']);
  return pairs.map(([from, to]) => `--remap-path-prefix=${from}=${to}`);
}

/** The arguments and environment with which `cargo <subcommand>` builds for wasm. */
export function wasmCargo(toolchain) {
  const user = (process.env.RUSTFLAGS ?? '').split(' ').filter(Boolean);
  // Nothing recurses deeply; the default stack of 1 MiB would be most of what a small cluster needs.
  const stack = ['-C', 'link-arg=-zstack-size=262144'];
  const flags = [...user, ...toolchain.rustflags, ...stack, ...remapping(toolchain)];
  return {
    args: ['--target', TRIPLE, '--target-dir', toolchain.targetDir, ...toolchain.args],
    env: { ...toolchain.env, CARGO_ENCODED_RUSTFLAGS: flags.join('\x1f') },
  };
}

/** Downloads the crates first: their place on disk must be known before the build can hide it. */
export const fetchCrates = () =>
  step('Rust crates', async (note) => {
    await run('cargo', ['fetch']);
    note('ready');
  });

/** @param {import('./wasm-toolchain.mjs').WasmToolchain} toolchain */
export const buildWasm = (toolchain) =>
  step('engine (wasm)', async (note) => {
    const outputs = OUTPUTS.map((name) => join(generated, name));
    const print = fingerprint(INPUTS, [toolchain.kind, toolchain.version]);
    if (isCurrent('wasm', print, outputs)) return note('ready');

    const { args, env } = wasmCargo(toolchain);
    await run(toolchain.cargo, ['build', '--release', '-p', 'raft-wasm', ...args], { env });

    const built = join(toolchain.targetDir, TRIPLE, 'release/raft_wasm.wasm');
    const draft = join(target, 'glue');
    rmSync(draft, { recursive: true, force: true });
    await run('cargo', ['run', '--profile', 'xtask', '-p', 'xtask', '--', 'bindgen', built, draft]);

    const wasm = join(draft, 'raft_wasm_bg.wasm');
    await runTool('wasm-opt', ['-O3', wasm, '-o', wasm], { from: 'binaryen' });

    mkdirSync(generated, { recursive: true });
    for (const name of OUTPUTS) publish(join(draft, name), join(generated, name));
    remember('wasm', print);
    note(`built, ${(readFileSync(wasm).length / 1000).toFixed(0)} kB`);
  });

/** Copies a file only when it differs, so that a watching dev server reloads for a reason. */
function publish(from, to) {
  if (existsSync(to) && readFileSync(from).equals(readFileSync(to))) return;
  copyFileSync(from, to);
}
