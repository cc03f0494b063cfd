// Checks of the Rust rooms.

import assert from 'node:assert/strict';
import { mkdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { at, raftSim, target } from './paths.mjs';
import { ask, run } from './run.mjs';
import { step } from './step.mjs';
import { wasmCargo } from './wasm.mjs';

/** What has tests; `xtask` has none, but many dependencies. */
const TESTED = ['--workspace', '--exclude', 'xtask'];

/** What has readers of its documentation: not the programs that build and measure. */
const ROOMS = [...TESTED, '--exclude', 'raft-bench'];

const DENY = ['--', '-D', 'warnings'];

export const lockFile = () => run('cargo', ['metadata', '--locked', '--format-version=1']).then(() => undefined);

export const format = () => run('cargo', ['fmt', '--all', '--check']);

export const clippyHost = () => run('cargo', ['clippy', '--workspace', '--all-targets', ...DENY]);

/**
 * Debian's clippy may be newer than the one that judges the rest: its newest pedantic lints are not ours yet.
 *
 * @param {import('./wasm-toolchain.mjs').WasmToolchain} toolchain
 */
export function clippyWasm(toolchain) {
  const { args, env } = wasmCargo(toolchain);
  const [program, deny] =
    toolchain.kind === 'debian' ? ['/usr/bin/cargo-clippy', [...DENY, '-A', 'clippy::pedantic']] : ['cargo', DENY];
  return run(program, ['clippy', '-p', 'raft-wasm', '-p', 'raft-sim', ...args, ...deny], { env });
}

const hasNextest = () => ask('cargo', ['nextest', '--version']) !== undefined;

/** Transcripts that differ fail; they are accepted by `cargo insta review`, never by a test run. */
const REVIEWED = { env: { INSTA_UPDATE: 'no' } };

export const tests = () =>
  hasNextest()
    ? run('cargo', ['nextest', 'run', ...TESTED, '--no-fail-fast', '--no-tests=pass', '--status-level=fail'], REVIEWED)
    : run('cargo', ['test', ...TESTED, '--no-fail-fast', '--lib', '--bins', '--tests', '--examples'], REVIEWED);

/** The program `raft-sim` with the features that the tests give it: after them there is nothing left to build. */
export const buildRaftSim = () =>
  step('program raft-sim', async (note) => {
    await run('cargo', ['test', ...TESTED, '--no-run', '--test', 'all']);
    note('ready');
  });

/** Runs `raft-sim sweep`, which fails if any trial does, and resolves to its summary. */
async function sweep(name, ...args) {
  const file = (ending) => join(target, `sweep-${name}.${ending}`);
  await buildRaftSim();
  await run(raftSim, ['sweep', '--jobs', '2', '--out', file('jsonl'), '--summary', file('json'), ...args]);
  return JSON.parse(readFileSync(file('json'), 'utf8'));
}

/** Ten thousand clusters under everything at once, in which each kind of fault occurs often enough. */
export async function chaos() {
  const { trials, harms, undecided, trialsWith } = await sweep('full', '--seeds', '0..10000', '--style', 'full');
  const counts = Object.values(trialsWith);
  assert.equal(counts.length, 14, 'every kind of fault occurs');
  assert.ok(Math.min(...counts) >= trials / 20, `a kind of fault is too rare: ${JSON.stringify(trialsWith)}`);
  assert.ok(harms >= 20 * trials, `${harms} faults in ${trials} runs are too few`);
  assert.ok(undecided <= trials / 1000, `${undecided} histories are undecided`);
}

/** Leaders that are watched while some servers stay away for good keep their office, in at least a thousand runs. */
export async function outsiders() {
  const { stayed } = await sweep('outsiders', '--seeds', '10000..12500', '--style', 'full', '--outsiders');
  assert.ok(stayed >= 1000, `only ${stayed} leaders were watched`);
}

// With the package that has no documentation too: without it other features would be chosen, and all be built again.
export const docTests = () => run('cargo', ['test', ...TESTED, '--doc']);

export const documentation = () =>
  run('cargo', ['doc', ...ROOMS, '--no-deps'], { env: { RUSTDOCFLAGS: '-D warnings' } });

/** The fuzz targets live outside of the workspace, because running them takes a nightly compiler. They build with any. */
export const fuzzTargets = () =>
  run('cargo', [
    'check',
    '--locked',
    '--manifest-path',
    at('raft-core/fuzz/Cargo.toml'),
    '--target-dir',
    join(target, 'fuzz'),
  ]);

/** Links raft-core, with every feature, into a program that cannot also hold the standard library. */
export async function noStd() {
  const messages = await run('cargo', ['build', '-p', 'raft-core', '--all-features', '--message-format=json', '-q']);
  const library = messages
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line))
    .filter((message) => message.reason === 'compiler-artifact' && message.target.name === 'raft_core')
    .flatMap((message) => message.filenames)
    .find((name) => name.endsWith('.rlib'));
  mkdirSync(join(target, 'no-std'), { recursive: true });
  await run('rustc', [
    ...['--edition=2024', '--crate-type=staticlib', '-C', 'panic=abort'],
    ...['--extern', `raft_core=${library}`, '-L', `dependency=${join(dirname(library), 'deps')}`],
    ...['-o', join(target, 'no-std/proof.a'), at('scripts/no-std-proof.rs')],
  ]);
}
