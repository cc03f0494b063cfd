// The built site as its strictest host would serve it, and a browser to look at it.

import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll } from 'vitest';
import { findChromium } from '../../scripts/lib/chromium.mjs';
import { POLICY } from '../../scripts/lib/policy.mjs';
import { serveSite } from '../../scripts/lib/site.mjs';

/** Nothing in the site may assume that it lives at the root of its host. */
const SUB_PATH = '/some/sub/path/';

const FLAGS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

export interface Visit {
  page: Page;
  /** Console errors, uncaught exceptions, failed and foreign requests, in order of appearance. Should stay empty. */
  problems: string[];
}

export interface Site {
  /** Address of the site, ending in a slash. */
  url: string;
  browser: Browser;
  /**
   * Opens a page of the site in a context of its own.
   * `path` is relative to the site ("blog-post.html", "#s=…").
   */
  visit(path?: string, options?: BrowserContextOptions & { returning?: boolean }): Promise<Visit>;
  close(): Promise<void>;
}

/** The site for all tests of a file; each begins with a browser that shows nothing. */
export function useSite(): Site {
  const site = {} as Site;
  beforeAll(async () => {
    Object.assign(site, await openSite());
  });
  afterEach(() => Promise.all(site.browser.contexts().map((context) => context.close())));
  afterAll(() => site.close());
  return site;
}

/** Serves dist/ and starts a browser. Call once in each test file, and `close()` at its end. */
export async function openSite(): Promise<Site> {
  const executablePath = findChromium();
  if (!executablePath) throw new Error('no Chromium: run `npm run test:e2e`, which installs one where it can');
  const server = await serveSite({ port: 0, base: SUB_PATH, headers: { 'Content-Security-Policy': POLICY } });
  const browser = await chromium.launch({ executablePath, args: FLAGS });

  return {
    url: server.url,
    browser,
    async visit(path = '', { returning = true, ...options } = {}) {
      const context = await browser.newContext(options);
      // Readers who have been here before; who comes for the first time is shown around.
      if (returning)
        await context.addInitScript(() => {
          if (location.protocol === 'http:') localStorage.setItem('raft-playground-tour', 'over');
        });
      const page = await context.newPage();
      const problems = watch(page, new URL(server.url).origin);
      await page.goto(new URL(path, server.url).href);
      return { page, problems };
    },
    async close() {
      await browser.close();
      await server.close();
    },
  };
}

function watch(page: Page, origin: string): string[] {
  const problems: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error') problems.push(`console: ${message.text()} (${message.location().url})`);
  });
  page.on('pageerror', (error) => problems.push(`exception: ${error.message}`));
  page.on('requestfailed', (request) => problems.push(`failed: ${request.url()} ${request.failure()?.errorText}`));
  page.on('request', (request) => {
    const url = new URL(request.url());
    if (/^https?:$/.test(url.protocol) && url.origin !== origin) problems.push(`foreign: ${url.href}`);
  });
  page.on('response', (response) => {
    if (response.status() >= 400) problems.push(`${response.status()}: ${response.url()}`);
  });
  return problems;
}
