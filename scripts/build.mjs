// npm run build: dist/ from scratch or from what is there. `npm run build:wasm` stops after the two modules.

import { setUp } from './lib/setup.mjs';
import { buildSite } from './lib/site.mjs';
import { main } from './lib/step.mjs';

main(async () => {
  await setUp();
  if (process.argv[2] !== 'wasm') await buildSite();
});
