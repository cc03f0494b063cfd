// The engine and the workshop: Rust to wasm, wasm to glue, glue and optimised wasm to www/src/generated.

import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
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

/**
 * The two modules that crate raft-wasm becomes. `stem` names the wasm file and its types, `glue` the script that instantiates it;
 * the profiles of cargo say whether it is to be small or fast.
 *
 * In the workshop there is an engine, too: one with the judges of histories, for the few clusters that need them.
 */
export const MODULES = [
  { name: 'engine', profile: 'engine', features: 'engine', stem: 'raft_wasm', glue: 'glue' },
  {
    name: 'workshop',
    profile: 'release',
    features: 'engine,workshop',
    stem: 'raft_workshop',
    glue: 'workshop-glue',
  },
];

const outputsOf = ({ stem, glue }) => [`${stem}_bg.wasm`, `${stem}.d.ts`, `${glue}.js`, `${glue}.d.ts`];

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
export async function buildWasm(toolchain) {
  const print = fingerprint(INPUTS, [toolchain.kind, toolchain.version]);
  for (const module of MODULES) await buildModule(toolchain, module, print);
}

const buildModule = (toolchain, module, print) =>
  step(`${module.name} (wasm)`, async (note) => {
    const { name, profile, features, stem, glue } = module;
    const outputs = outputsOf(module);
    const published = outputs.map((name) => join(generated, name));
    const sizes = () => sizeOf(join(generated, `${stem}_bg.wasm`));
    if (isCurrent(name, print, published)) return note(`ready, ${sizes()}`);

    const { args, env } = wasmCargo(toolchain);
    const chosen = ['--no-default-features', '--features', features];
    await run(toolchain.cargo, ['build', '--profile', profile, '-p', 'raft-wasm', ...chosen, ...args], { env });

    const built = join(toolchain.targetDir, TRIPLE, profile, 'raft_wasm.wasm');
    const draft = join(target, 'glue', name);
    rmSync(draft, { recursive: true, force: true });
    await run('cargo', ['run', '--profile', 'xtask', '-p', 'xtask', '--', 'bindgen', built, draft, stem, glue]);

    const wasm = join(draft, `${stem}_bg.wasm`);
    await runTool('wasm-opt', ['-O3', wasm, '-o', wasm], { from: 'binaryen' });

    mkdirSync(generated, { recursive: true });
    for (const file of outputs) publish(join(draft, file), join(generated, file));
    remember(name, print);
    note(`built, ${sizes()}`);
  });

/** "812 kB, 240 kB gz": as a file, and as it travels. */
export function sizeOf(file) {
  const bytes = readFileSync(file);
  const kilobytes = (length) => `${(length / 1000).toFixed(0)} kB`;
  return `${kilobytes(bytes.length)}, ${kilobytes(gzipSync(bytes, { level: 9 }).length)} gz`;
}

/** Copies a file only when it differs, so that a watching dev server reloads for a reason. */
function publish(from, to) {
  if (existsSync(to) && readFileSync(from).equals(readFileSync(to))) return;
  copyFileSync(from, to);
}
