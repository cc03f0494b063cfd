// The judge and the explorer as a page's worker runs them, next to the native program: CPU time, the median of some rounds.
// Reading the documents is part of it.

import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { busyHistory } from './lib/histories.mjs';
import { generated, target } from './lib/paths.mjs';
import { run } from './lib/run.mjs';

const ROUNDS = 7;
/** Times that a history is judged in one round, so that starting a program does not count. */
const REPEATS = 20;
const HISTORIES = [
  ['10,000 operations, 50 clients, 10 registers', busyHistory(10_000, 50, 10)],
  ['10,000 operations, 50 clients, one register', busyHistory(10_000, 50, 1)],
];
const EXPLORED = { servers: 3, bounds: { timeouts: 3, proposals: 1, states: 300_000 } };

const { createGlue } = await import(pathToFileURL(join(generated, 'workshop-glue.js')));
const module = await WebAssembly.compile(readFileSync(join(generated, 'raft_workshop_bg.wasm')));

const median = (values) => values.toSorted((a, b) => a - b)[values.length >> 1];

/** CPU time of this process: other programs on the machine disturb it less than they disturb a clock. */
function cpuMs(work) {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

/** CPU time of the native program. */
function cpuMsOf(...args) {
  const timed = ['-c', 'TIMEFORMAT="%U %S"; time "$@" >/dev/null', 'bash', join(target, 'release/raft-sim'), ...args];
  const { stderr } = spawnSync('bash', timed, { encoding: 'utf8' });
  const [user, system] = stderr.trim().split('\n').at(-1).split(' ').map(Number);
  return (user + system) * 1000;
}

/** Both in turn. The first round compiles what is hot. */
function compare(name, native, wasm) {
  const rounds = Array.from({ length: ROUNDS + 1 }, () => [native(), wasm()]).slice(1);
  const [nativeMs, wasmMs] = [0, 1].map((at) => median(rounds.map((round) => round[at])));
  console.log(`| ${name} | ${nativeMs.toFixed(1)} | ${wasmMs.toFixed(1)} | ${(wasmMs / nativeMs).toFixed(2)} |`);
}

await run('cargo', ['build', '--quiet', '--release', '-p', 'raft-sim'], { inherit: true });
const folder = mkdtempSync(join(tmpdir(), 'raft-workshop-'));
try {
  console.log('| | native, CPU ms | wasm, CPU ms | ratio |\n|---|---|---|---|');
  for (const [name, text] of HISTORIES) {
    const file = join(folder, 'history.jsonl');
    writeFileSync(file, text);
    const { Judging } = createGlue(module);
    const judge = () => {
      const judging = Judging.ofHistory(text, 'linearizable');
      judging.advance();
      judging.free();
    };
    compare(
      name,
      () => cpuMsOf('check', ...Array(REPEATS).fill(file)) / REPEATS,
      () => cpuMs(() => Array.from({ length: REPEATS }, judge)) / REPEATS,
    );
  }
  const file = join(folder, 'explored.json');
  writeFileSync(file, JSON.stringify(EXPLORED));
  let states = 0;
  const search = () => {
    const exploring = createGlue(module).Exploring.create(JSON.stringify(EXPLORED), EXPLORED.bounds.states);
    states = exploring.advance(2 ** 32 - 1).states;
    exploring.free();
  };
  search();
  compare(
    `${states.toLocaleString('en')} states, 3 servers, 3 timeouts, 1 command`,
    () => cpuMsOf('explore', file, '--jobs', '1'),
    () => cpuMs(search),
  );
} finally {
  rmSync(folder, { recursive: true });
}
