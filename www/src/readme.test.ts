// What README.md shows must work.

import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import * as engine from './engine.js';

const README = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');

test('the JavaScript example of the README runs as it stands', async () => {
  const [, code = ''] = /```js\n(import [^`]*?raft-playground\/engine[^`]*)```/.exec(README) ?? [];
  const [line = '', names = ''] = /^import \{(.*)\} from 'raft-playground\/engine';$/m.exec(code) ?? [];
  expect(names).toContain('Cluster');
  const AsyncFunction = (async () => {}).constructor as FunctionConstructor;
  const run = AsyncFunction('engine', `const {${names}} = engine;\n${code.replace(line, '')}`);
  await expect(run(engine)).resolves.toBeUndefined();
});
