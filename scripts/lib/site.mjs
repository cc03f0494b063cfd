// The site: everything under www/ bundled into dist/.

import { join } from 'node:path';
import { dist, root } from './paths.mjs';
import { runTool } from './run.mjs';
import { fingerprint, isCurrent, remember } from './stamp.mjs';
import { step } from './step.mjs';

const INPUTS = [
  'www',
  'www/src/generated',
  'scenarios',
  'vite.config.ts',
  'scripts/lib/policy.mjs',
  'tsconfig.json',
  'package.json',
  'package-lock.json',
];

export const buildSite = () =>
  step('site', async (note) => {
    const print = fingerprint(INPUTS);
    if (isCurrent('site', print, [join(dist, 'index.html'), join(dist, 'raft-playground.js')])) return note('ready');
    await runTool('vite', ['build', '--logLevel', 'warn']);
    remember('site', print);
    note('built into dist/');
  });

/**
 * Serves dist/ until the process ends.
 *
 * @param {{ port: number, base?: string, host?: string, headers?: Record<string, string> }} options
 * @returns {Promise<{ url: string, close(): Promise<void> }>}
 */
export async function serveSite({ port, base = '/', host = '127.0.0.1', headers = {} }) {
  const { preview } = await import('vite');
  const server = await preview({
    root: join(root, 'www'),
    configFile: join(root, 'vite.config.ts'),
    base,
    logLevel: 'silent',
    preview: { port, host, strictPort: port !== 0, headers, open: false },
  });
  const address = server.httpServer.address();
  return { url: `http://localhost:${address.port}${base}`, close: () => server.close() };
}
