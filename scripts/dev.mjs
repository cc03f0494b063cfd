// npm run dev: Vite's development server; the engine is rebuilt whenever its Rust source changes.

import { watch } from 'node:fs';
import { at } from './lib/paths.mjs';
import { setUp } from './lib/setup.mjs';
import { explanation, main } from './lib/step.mjs';
import { buildWasm } from './lib/wasm.mjs';

/** Long enough for an editor to write all the files of one change. */
const QUIET_MS = 200;

main(async () => {
  const toolchain = await setUp();
  const { createServer } = await import('vite');
  const server = await createServer({ configFile: at('vite.config.ts') });
  await server.listen();
  server.printUrls();

  let timer;
  let building = Promise.resolve();
  const rebuild = () => {
    building = building.then(() => buildWasm(toolchain)).catch((error) => console.error(explanation(error)));
  };
  for (const room of ['raft-core/src', 'raft-sim/src', 'raft-wasm/src', 'scenarios']) {
    watch(at(room), { recursive: true }, () => {
      clearTimeout(timer);
      timer = setTimeout(rebuild, QUIET_MS);
    });
  }
});
