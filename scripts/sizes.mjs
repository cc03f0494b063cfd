// How large the two modules are, as files and as they travel, and what a page loads before it can be used.

import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { dist, generated } from './lib/paths.mjs';
import { MODULES } from './lib/wasm.mjs';

function row(name, files) {
  const contents = files.map((file) => readFileSync(file));
  const sum = (lengths) => (lengths.reduce((a, b) => a + b, 0) / 1000).toFixed(0);
  const packed = contents.map((bytes) => gzipSync(bytes, { level: 9 }).length);
  console.log(`| ${name} | ${sum(contents.map(({ length }) => length))} | ${sum(packed)} |`);
}

console.log('| | kB | kB gz |\n|---|---|---|');
for (const { name, stem } of MODULES) row(`${name} (wasm)`, [join(generated, `${stem}_bg.wasm`)]);
if (existsSync(dist)) {
  const files = readdirSync(dist, { recursive: true })
    .map((name) => join(dist, name))
    .filter((file) => statSync(file).isFile());
  const scripts = (ofWorkshop) =>
    files.filter((file) => file.endsWith('.js') && /(workshop|worker|server)[^/]*\.js$/.test(file) === ofWorkshop);
  row('scripts of the site', scripts(false));
  row('scripts of the workshop', scripts(true));
}
