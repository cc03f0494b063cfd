// npm test: sets up what is missing, then runs every check there is.
//
// `node scripts/test.mjs rust web` runs only the checks of these groups: rust, web, e2e, lint.
// The last line counts the tests, each other check as one: "412 passed, 0 failed".

import { ensureChromium } from './lib/chromium.mjs';
import { installPackages } from './lib/packages.mjs';
import { ensureRustComponents, requireNode, requireRust } from './lib/prerequisites.mjs';
import * as rust from './lib/rust-checks.mjs';
import { buildSite } from './lib/site.mjs';
import { explanation } from './lib/step.mjs';
import { Tally } from './lib/tally.mjs';
import { buildWasm, fetchCrates } from './lib/wasm.mjs';
import { wasmToolchain } from './lib/wasm-toolchain.mjs';
import * as web from './lib/web-checks.mjs';

const GROUPS = ['lint', 'rust', 'web', 'e2e'];
const chosen = process.argv.slice(2);
const wanted = (...groups) => chosen.length === 0 || groups.some((group) => chosen.includes(group));

const tally = new Tally();

async function checks() {
  requireNode();
  requireRust();
  await ensureRustComponents();
  await installPackages();
  const toolchain = await wasmToolchain();
  await fetchCrates();

  if (wanted('lint')) {
    await tally.check('Cargo.lock is up to date', rust.lockFile);
    await tally.check('cargo fmt', rust.format);
    await tally.check('biome', web.lint);
    await tally.check('clippy', rust.clippyHost);
    await tally.check('clippy for wasm', () => rust.clippyWasm(toolchain));
  }
  if (wanted('rust')) {
    await tally.check('raft-core without std', rust.noStd);
    await tally.check('Rust tests', rust.tests);
    await tally.check('ten thousand seeds of chaos', rust.chaos);
    await tally.check('leaders stay without the others', rust.outsiders);
    await tally.check('Rust doc tests', rust.docTests);
    await tally.check('Rust documentation', rust.documentation);
    await tally.check('fuzz targets', rust.fuzzTargets);
  }
  if (wanted('web', 'e2e')) {
    await buildWasm(toolchain);
    if (wanted('web')) {
      await tally.check('TypeScript types', web.types);
      await tally.check('unit tests', web.unitTests);
    }
    if (wanted('e2e')) {
      await buildSite();
      await ensureChromium();
      await rust.buildRaftSim();
      await tally.check('end-to-end tests', web.endToEndTests);
    }
  }
}

const unknown = chosen.filter((group) => !GROUPS.includes(group));
if (unknown.length > 0) {
  console.error(`there is no group of checks named ${unknown.join(', ')}: choose among ${GROUPS.join(', ')}`);
  process.exit(2);
}

try {
  await checks();
} catch (error) {
  // Without what could not be set up, the checks that follow would only fail for the same reason.
  console.log(explanation(error));
  tally.failed += 1;
}
console.log(`\n${tally.passed} passed, ${tally.failed} failed`);
process.exitCode = tally.failed > 0 ? 1 : 0;
