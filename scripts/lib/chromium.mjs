// A Chromium for the end-to-end tests: found, or installed where that needs no question.

import { existsSync } from 'node:fs';
import { delimiter, isAbsolute, join } from 'node:path';
import { aptInstall, canInstall } from './apt.mjs';
import { Missing, step } from './step.mjs';

const CANDIDATES = [
  'chromium',
  'chromium-browser',
  'google-chrome',
  'google-chrome-stable',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
];

/** Path of an installed Chromium or Chrome, or `undefined`. `CHROME_PATH` goes before everything else. */
export function findChromium() {
  if (process.env.CHROME_PATH) return process.env.CHROME_PATH;
  const dirs = (process.env.PATH ?? '').split(delimiter);
  return CANDIDATES.flatMap((name) => (isAbsolute(name) ? [name] : dirs.map((dir) => join(dir, name)))).find(
    existsSync,
  );
}

export const ensureChromium = () =>
  step('Chromium', async (note) => {
    if (findChromium()) return note('ready');
    if (canInstall()) await aptInstall(['chromium']);
    if (!findChromium()) {
      throw new Missing(
        'No browser was found for the end-to-end tests: install Chromium or Chrome, or set CHROME_PATH.',
      );
    }
    note('installed');
  });
