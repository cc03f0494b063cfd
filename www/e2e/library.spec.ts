// The files of dist/ as programs without a page load them.

import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { dist } from '../../scripts/lib/paths.mjs';

/** Runs a module in a Node of its own, with nothing of a browser in it; resolves to what it printed. */
async function inNode(code: string): Promise<string> {
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', code]);
  return stdout.trim();
}

test('the built engine runs, exports and judges in Node', async () => {
  const code = `
    const { Cluster } = await import(${JSON.stringify(join(dist, 'engine.js'))});
    const cluster = await Cluster.create({ servers: 3, seed: 1 });
    cluster.runUntil({ type: 'leader' });
    const diagram = await cluster.export('mermaid');
    console.log(diagram.split('\\n')[0]);
    process.exit(0);`;
  expect(await inNode(code)).toContain('sequenceDiagram');
});

test('the built workshop judges a history in Node', async () => {
  const operations = [
    { id: 0, client: 0, op: 'write', key: 'r', value: 1, call: 0, return: 2, status: 'ok', result: null },
    { id: 1, client: 1, op: 'read', key: 'r', value: null, call: 3, return: 4, status: 'ok', result: 0 },
  ];
  const lines = [{ type: 'history', name: 'stale', model: 'cas-register', initial: 0 }, ...operations];
  const text = lines.map((line) => JSON.stringify(line)).join('\n');
  const code = `
    const { Workshop } = await import(${JSON.stringify(join(dist, 'workshop.js'))});
    const judged = await new Workshop().check(${JSON.stringify(text)}, {});
    console.log(JSON.stringify(judged));
    process.exit(0);`;
  expect(await inNode(code)).toContain('"level":"linearizable","verdict":"violated"');
});
