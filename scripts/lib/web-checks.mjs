// Checks of the JavaScript and TypeScript rooms.

import { runTool } from './run.mjs';

/** What a compiler or linter prints does not count as tests. */
const silent = () => undefined;

export const types = () => runTool('tsc', ['--noEmit'], { from: 'typescript' }).then(silent);

export const lint = () =>
  runTool('biome', ['ci', '--colors=off', '--error-on-warnings', '.'], { from: '@biomejs/biome' }).then(silent);

export const unitTests = () => runTool('vitest', ['run', '--project', 'unit']);

export const endToEndTests = () => runTool('vitest', ['run', '--project', 'e2e']);
