// npm run screenshots: the README's pictures, taken from the built site.

import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import { ensureChromium, findChromium } from './lib/chromium.mjs';
import { root } from './lib/paths.mjs';
import { setUp } from './lib/setup.mjs';
import { buildSite, serveSite } from './lib/site.mjs';
import { main, step } from './lib/step.mjs';

const OUT = join(root, 'docs');

/** Simulated time, in milliseconds, at which Figure 8 shows two rival entries in the logs and messages under way. */
const MOMENT_MS = 4_130;

main(async () => {
  await setUp();
  await buildSite();
  await ensureChromium();
  await step('pictures', async (note) => {
    mkdirSync(OUT, { recursive: true });
    const site = await serveSite({ port: 0 });
    const browser = await chromium.launch({ executablePath: findChromium(), args: ['--no-sandbox', '--disable-gpu'] });
    for (const colorScheme of /** @type {const} */ (['light', 'dark'])) {
      const page = await browser.newPage({
        colorScheme,
        viewport: { width: 1280, height: 900 },
        deviceScaleFactor: 1.5,
      });
      await page.goto(`${site.url}#scenario=figure-8`);
      await page.waitForFunction(() => document.querySelector('raft-playground')?.cluster);
      await page.evaluate((time) => {
        const playground = document.querySelector('raft-playground');
        playground.pause();
        playground.cluster.advanceTo(time);
        playground.refresh();
      }, MOMENT_MS);
      await page.waitForTimeout(500);
      await page.screenshot({ path: join(OUT, `playground-${colorScheme}.png`) });
    }
    await browser.close();
    await site.close();
    note(`docs/playground-light.png, docs/playground-dark.png at ${MOMENT_MS} ms`);
  });
});
