// Checks of the JavaScript and TypeScript rooms.

import { run } from './run.mjs';

const tool = (...args) => run('npm', ['exec', '--', ...args], { env: { NO_COLOR: '1' } });

export const types = () => tool('tsc', '--noEmit').then(() => undefined);

export const lint = () => tool('biome', 'ci', '--error-on-warnings', '.').then(() => undefined);

export const unitTests = () => tool('vitest', 'run', '--project', 'unit');

export const endToEndTests = () => tool('vitest', 'run', '--project', 'e2e');
