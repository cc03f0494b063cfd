// The simulator as the page runs it: one instance, with checker, trace and history on.

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { generated } from './lib/paths.mjs';

const ROUNDS = 15;
/** Time in which the engine only compiles what is hot. A page that has run for some seconds is past it. */
const WARM_UP_MS = 3_000;
const NO_LIMIT = 0xffff_ffff;

const { createGlue } = await import(pathToFileURL(join(generated, 'glue.js')));
const module = await WebAssembly.compile(await readFile(join(generated, 'raft_wasm_bg.wasm')));

/** CPU time of this process: other programs on the machine disturb it less than they disturb a clock. */
function cpuMs() {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

const median = (values) => values.toSorted((a, b) => a - b)[values.length >> 1];

/** Runs a fresh cluster `ROUNDS` times; `drive` returns how many steps it made. */
function measure(name, config, drive) {
  const times = [];
  let steps = 0;
  let events = 0;
  let memory = 0;
  const warm = performance.now() + WARM_UP_MS;
  while (times.length < ROUNDS) {
    const { Simulation, initSync } = createGlue(module);
    const simulation = Simulation.create(config);
    const layout = Simulation.frameLayout().header;
    const isWarm = performance.now() > warm;
    const start = cpuMs();
    steps = drive(simulation);
    if (isWarm) times.push(cpuMs() - start);
    events = simulation.frame()[layout.indexOf('events')];
    memory = initSync({ module }).memory.buffer.byteLength;
    simulation.free();
  }
  const ms = median(times);
  const perSecond = (count) => Math.round((count / ms) * 1000).toLocaleString('en');
  const mebibytes = (memory / 2 ** 20).toFixed(1);
  console.log(`| ${name} | ${ms.toFixed(1)} | ${perSecond(steps)} | ${perSecond(events)} | ${mebibytes} |`);
}

const seconds = (count) => (simulation) => simulation.advanceTo(count * 1000, NO_LIMIT);
const loaded = (requestsPerSecond, unchecked = false) => ({
  servers: 5,
  seed: 1,
  load: { requestsPerSecond },
  ...(unchecked && { unchecked }),
});

console.log('| run | CPU ms | steps/s | events/s | MiB of wasm memory |\n|---|---|---|---|---|');
measure('5 servers, 60 s at 10 requests/s', loaded(10), seconds(60));
measure('the same without the checker', loaded(10, true), seconds(60));
measure('5 servers, 60 s of heartbeats', loaded(0), seconds(60));
measure('5 servers, 10 s at 2,000 requests/s', loaded(2000), seconds(10));
measure('the same without the checker', loaded(2000, true), seconds(10));
measure('5 servers at 200 requests/s, 100,000 events', loaded(200), (simulation) => toEvents(simulation, 100_000));

const { Simulation } = createGlue(module);
const run = Simulation.create(loaded(200));
const steps = toEvents(run, 100_000);
const seeks = Array.from({ length: 200 }, (_, i) => {
  const step = Math.imul(i, 2_654_435_761) >>> 0;
  const start = performance.now();
  run.seek(step % steps);
  return performance.now() - start;
});
console.log(
  `\nseek in a run of 100,000 events: median ${median(seeks).toFixed(2)} ms, worst ${Math.max(...seeks).toFixed(2)} ms`,
);

/** Steps until so many events have happened; returns the number of steps. */
function toEvents(simulation, count) {
  const { header } = simulation.constructor.frameLayout();
  const at = header.indexOf('events');
  while (simulation.frame()[at] < count) for (let i = 0; i < 50; i++) simulation.step();
  return simulation.frame()[header.indexOf('step')];
}
