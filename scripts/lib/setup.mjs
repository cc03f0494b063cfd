// Everything that must be there before the site or the tests can run.

import { installPackages } from './packages.mjs';
import { requireNode, requireRust } from './prerequisites.mjs';
import { buildWasm, fetchCrates } from './wasm.mjs';
import { wasmToolchain } from './wasm-toolchain.mjs';

/** Packages and the engine; what is there already is left alone. */
export async function setUp() {
  requireNode();
  requireRust();
  await installPackages();
  const toolchain = await wasmToolchain();
  await fetchCrates();
  await buildWasm(toolchain);
  return toolchain;
}
