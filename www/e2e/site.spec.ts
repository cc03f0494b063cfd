// What must hold for every page of the site, whatever it shows.

import { afterAll, beforeAll, expect, test } from 'vitest';
import { openSite, type Site } from './harness.js';

let site: Site;
beforeAll(async () => {
  site = await openSite();
});
afterAll(() => site.close());

for (const path of ['', 'blog-post.html']) {
  test(`/${path} loads under a sub-path and a strict content security policy`, async () => {
    const { page, problems } = await site.visit(path);
    await page.waitForFunction(() => customElements.get('raft-playground') !== undefined);
    await page.waitForLoadState('networkidle');
    expect(problems).toEqual([]);
  });
}

test('the files that embedders name keep their names and types', async () => {
  for (const [name, type] of [
    ['raft-playground.js', 'text/javascript'],
    ['engine.js', 'text/javascript'],
    ['workshop.js', 'text/javascript'],
    ['raft_wasm_bg.wasm', 'application/wasm'],
    ['raft_workshop_bg.wasm', 'application/wasm'],
  ] as const) {
    const response = await fetch(new URL(name, site.url));
    expect(response.status, name).toBe(200);
    expect(response.headers.get('content-type'), name).toContain(type);
  }
});
