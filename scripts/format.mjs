// npm run format: puts every file into the house format and applies the linter's safe fixes.

import { installPackages } from './lib/packages.mjs';
import { ensureRustComponents, requireNode, requireRust } from './lib/prerequisites.mjs';
import { run, runTool } from './lib/run.mjs';
import { main, step } from './lib/step.mjs';

main(async () => {
  requireNode();
  requireRust();
  await ensureRustComponents();
  await installPackages();
  await step('Rust', () => run('cargo', ['fmt', '--all']));
  await step('TypeScript', () => runTool('biome', ['check', '--write', '.'], { from: '@biomejs/biome' }));
});
