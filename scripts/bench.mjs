// npm run bench: every number of BENCHMARKS.md, on one machine, in one run.

import { cpus } from 'node:os';
import { at } from './lib/paths.mjs';
import { ask, run } from './lib/run.mjs';
import { setUp } from './lib/setup.mjs';
import { main } from './lib/step.mjs';

/** [title, program, arguments]. Ratios within one run are worth quoting, single absolute times are not. */
const BENCHMARKS = [
  ['raft-core and its peer', 'cargo', ['run', '--quiet', '--release', '-p', 'raft-bench']],
  ['raft-sim, native', 'cargo', ['run', '--quiet', '--release', '-p', 'raft-sim', '--', 'bench']],
  ['The explorer', process.execPath, [at('scripts/bench-explorer.mjs')]],
  ['Growth', process.execPath, [at('scripts/bench-growth.mjs')]],
  ['raft-sim, wasm under Node', process.execPath, [at('scripts/bench-wasm.mjs')]],
  ['Judge and explorer, native and wasm', process.execPath, [at('scripts/bench-workshop.mjs')]],
  ['The page', process.execPath, [at('scripts/bench-page.mjs')]],
  ['Sizes', process.execPath, [at('scripts/sizes.mjs')]],
];

main(async () => {
  await setUp();
  const [{ model }, ...others] = cpus();
  console.log(
    `\n${model}, ${others.length + 1} cores · ${ask('rustc', ['--version'])} · Node ${process.versions.node}`,
  );
  for (const [title, program, args] of BENCHMARKS) {
    console.log(`\n## ${title}\n`);
    await run(program, args, { inherit: true });
  }
});
