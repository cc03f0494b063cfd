// The generated glue gives instances that share nothing.

import { readFile } from 'node:fs/promises';
import { beforeAll, expect, test } from 'vitest';
import { createGlue } from './generated/glue.js';

let module: WebAssembly.Module;
beforeAll(async () => {
  module = await WebAssembly.compile(await readFile(new URL('./generated/raft_wasm_bg.wasm', import.meta.url)));
});

test('each call has classes of its own', () => {
  expect(createGlue(module).Simulation).not.toBe(createGlue(module).Simulation);
});

test('what one cluster does leaves another one alone', () => {
  const config = { servers: 3, seed: 1 };
  const busy = createGlue(module).Simulation.create(config);
  const idle = createGlue(module).Simulation.create(config);
  const before = idle.stateHash();
  while (busy.stateHash() === before) expect(busy.step()).toBe(true);
  expect(idle.stateHash()).toBe(before);
  busy.free();
  expect(idle.stateHash()).toBe(before);
});
