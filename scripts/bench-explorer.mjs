// The explorer: whole runs of `raft-sim explore`, with one thread and with two, and next to them a peer.
//
//   node scripts/bench-explorer.mjs [PEER [ROUNDS]]
//
// PEER is the example `raft` of the crate stateright as it is published:
//
//   cargo install stateright --version =0.31.0 --locked --example raft --root target/peer
//   node scripts/bench-explorer.mjs target/peer/bin/raft
//
// Runs take turns, round by round. CPU time and memory are read from /proc while a program runs, so this needs Linux.

import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { target } from './lib/paths.mjs';
import { run } from './lib/run.mjs';

const [peer, rounds = '3'] = process.argv.slice(2);
const raftSim = join(target, 'release/raft-sim');
/** Time between two looks at a running program. The last one misses at most this much of it. */
const LOOK_MS = 4;
const TICKS_PER_SECOND = 100;

const SEARCHES = [
  ['3 servers, 2 timeouts, 1 command, 1 crash', ['--crashes', '1']],
  ['3 servers, 3 timeouts, 1 command, 2 terms', ['--timeouts', '3', '--terms', '2']],
  ['3 servers, 2 timeouts, 2 commands, 1 copy', ['--proposals', '2', '--duplicates', '1']],
  ['3 servers, slow disks, 2 commands, 1 crash', ['--slow-disks', '--proposals', '2', '--crashes', '1']],
  ['4 servers, 2 timeouts, 1 command', ['--servers', '4']],
  ['5 servers, 2 timeouts, 2 terms', ['--servers', '5', '--proposals', '0', '--terms', '2']],
].map(([name, more]) => [name, ['explore', ...more, '--max-states', '1000000']]);

/** Runs a program to its end: what it printed, its CPU time, that of its first thread, wall time, and most memory. */
function watch(program, args) {
  return new Promise((resolve, reject) => {
    const start = performance.now();
    const child = spawn(program, args, {
      stdio: ['ignore', 'pipe', 'ignore'],
      env: { ...process.env, RUST_LOG: 'off' },
    });
    const seen = { output: '', cpu: 0, first: 0, bytes: 0 };
    const look = () => {
      try {
        const proc = `/proc/${child.pid}`;
        const [user, system] = readFileSync(`${proc}/stat`, 'utf8').split(') ')[1].split(' ').slice(11, 13).map(Number);
        const first = Number(readFileSync(`${proc}/task/${child.pid}/schedstat`, 'utf8').split(' ')[0]) / 1e9;
        const memory = /VmHWM:\s+(\d+) kB/.exec(readFileSync(`${proc}/status`, 'utf8'));
        Object.assign(seen, { cpu: (user + system) / TICKS_PER_SECOND, first });
        if (memory) seen.bytes = Number(memory[1]) * 1024;
      } catch {
        // It has just ended.
      }
    };
    const timer = setInterval(look, LOOK_MS);
    child.stdout.on('data', (chunk) => {
      look();
      seen.output += chunk;
    });
    child.on('error', reject);
    child.on('close', () => {
      clearInterval(timer);
      resolve({ ...seen, wall: (performance.now() - start) / 1000 });
    });
  });
}

const median = (values) => values.toSorted((a, b) => a - b)[values.length >> 1];
const number = (value) => Math.round(value).toLocaleString('en');

/** What `raft-sim explore` counted. */
function counted({ output }) {
  const [, states, generated] = /(\d+) states \(.*, (\d+) steps,/.exec(output);
  const [, tables] = /([\d.]+) bytes per state/.exec(output);
  return { states: Number(states), generated: Number(generated), tables: Number(tables) };
}

/** What the peer counted. */
function countedByPeer({ output }) {
  const [, generated, states] = /Done\. states=(\d+), unique=(\d+)/.exec(output);
  return { states: Number(states), generated: Number(generated), tables: undefined };
}

const programs = SEARCHES.map(([name, args]) => ({
  name,
  counted,
  ones: [],
  twos: [],
  one: () => watch(raftSim, [...args, '--jobs', '1']),
  two: () => watch(raftSim, [...args, '--jobs', '2']),
}));
if (peer)
  programs.push({
    name: 'stateright, 3 servers, depth 10',
    counted: countedByPeer,
    ones: [],
    twos: [],
    one: () => watch(peer, ['check', '3', '10']),
  });

await run('cargo', ['build', '--quiet', '--release', '-p', 'raft-sim'], { inherit: true });
for (let round = 0; round < Number(rounds); round += 1) {
  for (const program of programs) {
    program.ones.push(await program.one());
    if (program.two) program.twos.push(await program.two());
  }
}
console.log(
  '| search | states | steps | steps/s of CPU | kept, B/state | memory, B/state | 2 threads: wall | own cores | CPU |',
);
console.log('|---|---|---|---|---|---|---|---|---|');
for (const { name, counted, ones, twos } of programs) {
  const { states, generated, tables } = counted(ones[0]);
  const perSecond = generated / median(ones.map((it) => it.cpu));
  const memory = median(ones.map((it) => it.bytes)) / states;
  const ratio = (of) => (twos.length > 0 ? median(twos.map((two, at) => of(ones[at], two))).toFixed(2) : '');
  const cells = [
    ...[name, number(states), number(generated), number(perSecond), tables?.toFixed(1) ?? '', memory.toFixed(0)],
    ratio((one, two) => one.wall / two.wall),
    // The first thread does its share and all that cannot be shared; how much faster it is done if no thread waits.
    ratio((one, two) => one.cpu / two.first),
    ratio((one, two) => two.cpu / one.cpu),
  ];
  console.log(`| ${cells.join(' | ')} |`);
}
