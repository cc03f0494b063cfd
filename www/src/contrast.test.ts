// Other designs in the compiled workshop: the same runs as natively, and every moment can be visited again.

import { readFileSync } from 'node:fs';
import { beforeAll, expect, test } from 'vitest';
import { createGlue, type Glue, type Scenario } from './generated/workshop-glue.js';

interface Pinned {
  scenario: Scenario;
  steps: number;
  traceHash: string;
  stateHash: string;
}

const read = (path: string) => readFileSync(new URL(path, import.meta.url));
const PINNED: Pinned[] = JSON.parse(read('../../raft-sim/tests/all/contrast/pinned.json').toString());

let glue: Glue;
beforeAll(async () => {
  glue = await createGlue(await WebAssembly.compile(read('generated/raft_workshop_bg.wasm')));
});

test('a run is the native run, bit for bit', () => {
  for (const { scenario, steps, traceHash, stateHash } of PINNED) {
    const playing = glue.Playing.create(JSON.stringify(scenario));
    while (playing.advance(100));
    expect(playing.report()).toMatchObject({ isOver: true, steps, traceHash, stateHash });
  }
});

test('any moment can be visited again, and what is done there opens a branch', () => {
  for (const { scenario, steps, stateHash } of PINNED) {
    const run = glue.ContrastSimulation.fromScenario(JSON.stringify(scenario));
    for (let i = 0; i < steps; i++) run.step();
    expect(run.stateHash()).toBe(stateHash);
    run.seek(Math.floor(steps / 2));
    expect(run.view().servers.map(({ id }) => id)).toEqual([1, 2, 3]);
    expect(run.events(0, 10).every(({ sentence }) => sentence.length > 0)).toBe(true);
    expect(run.act({ type: 'note', text: 'otherwise' })).toMatchObject({ branch: 1, forked: true });
    run.switchBranch(0, steps);
    expect(run.stateHash()).toBe(stateHash);
    const again = glue.ContrastSimulation.load(run.save());
    expect(again.stateHash()).toBe(stateHash);
    run.free();
    again.free();
  }
});

test('Raft and the others do not run in the world of each other, and the error says so', () => {
  const json = JSON.stringify(PINNED[0]?.scenario);
  expect(() => glue.Simulation.fromScenario(json)).toThrow(expect.objectContaining({ code: 'unsupportedByDesign' }));
});
