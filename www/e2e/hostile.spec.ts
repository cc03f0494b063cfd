// A scenario, a recording or a link may say anything, and it stays text: no code runs, no markup appears.

import { readFile } from 'node:fs/promises';
import type { BrowserContextOptions, Locator, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { ready } from './element.js';
import { openSite, type Site, type Visit } from './harness.js';
import { type Planted, planted, replaced } from './planting.js';

type Element = HTMLElementTagNameMap['raft-playground'];

/** What code or markup would look like if it came through; each sets a global or leaves `data-hostile` behind. */
const MARKUP = [
  `"'>--></style></textarea><img src=x data-hostile onerror="globalThis.hostile=1">`,
  '<script data-hostile>globalThis.hostile=2</script><svg data-hostile onload="globalThis.hostile=3"></svg>',
  '<a data-hostile href="javascript:globalThis.hostile=4">a</a><iframe data-hostile srcdoc="<script>parent.hostile=5</script>">',
].join('');
const PAYLOADS = {
  markup: MARKUP,
  address: 'javascript:globalThis.hostile=6',
  // biome-ignore lint/suspicious/noTemplateCurlyInString: that is what is tried.
  template: '${globalThis.hostile=7}{{globalThis.hostile=8}}<!--?lit$1$--><?lit$1$>',
  style: 'x:expression(globalThis.hostile=9);background:url(//evil.invalid/x)',
  direction: '\u202e\u2066txet\u0000\u{10ffff}',
  half: '\ud800',
  proto: '__proto__',
  method: 'constructor',
  long: 'A<b data-hostile>'.repeat(400),
};
/** Enough for the script of any document here. */
const STEPS = 60;

let site: Site;
beforeAll(async () => {
  site = await openSite();
});
// A page that plays on would slow the next test down.
afterEach(() => Promise.all(site.browser.contexts().map((context) => context.close())));
afterAll(() => site.close());

/** A page on which everything that hostile text could achieve is noted. */
async function guarded(path: string, options: BrowserContextOptions = {}): Promise<Visit> {
  const visit = await site.visit('about:blank', { reducedMotion: 'reduce', ...options });
  await visit.page.addInitScript(() => {
    const noted: string[] = [];
    Object.assign(globalThis, { noted });
    document.addEventListener('securitypolicyviolation', ({ effectiveDirective, blockedURI, sample }) =>
      noted.push(`policy: ${effectiveDirective} ${blockedURI} ${sample}`),
    );
    addEventListener('unhandledrejection', ({ reason }) => noted.push(`rejection: ${reason}`));
    for (const name of ['alert', 'confirm', 'prompt', 'open'] as const)
      Object.assign(globalThis, { [name]: () => noted.push(name) });
  });
  visit.page.on('dialog', (dialog) => void dialog.dismiss().then(() => visit.problems.push('a dialog')));
  await visit.page.goto(new URL(path, site.url).href);
  return visit;
}

/** What came through; nothing should. */
function came(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const { noted, hostile } = globalThis as unknown as { noted: string[]; hostile?: number };
    const found = noted.splice(0);
    if (hostile !== undefined) found.push(`code ${hostile}`);
    const polluted = Object.keys(Object.prototype);
    if (polluted.length > 0) found.push(`prototype ${polluted}`);
    const bad = 'img,iframe,object,embed,base,style,body script,[data-hostile],[srcdoc],a[href^="javascript:" i]';
    const roots = [...document.querySelectorAll('raft-playground')].flatMap(({ shadowRoot }) => shadowRoot ?? []);
    for (const root of [document, ...roots]) {
      for (const { outerHTML } of root.querySelectorAll(bad)) found.push(outerHTML.slice(0, 200));
      for (const { tagName, attributes } of root.querySelectorAll('*'))
        for (const { name } of attributes) if (name.startsWith('on')) found.push(`${tagName} ${name}`);
    }
    return found;
  });
}

/** Shows a text, plays its script and looks at every panel. Returns why it was refused, if it was. */
function show(element: Locator, text: string | null): Promise<string | null> {
  return element.evaluate(
    async (node: Element, { text, steps }) => {
      if (text !== null) {
        const opened = new Promise<string | null>((resolve) => {
          node.addEventListener('ready', () => resolve(null), { once: true });
          node.addEventListener('error', (event: Event) => resolve((event as CustomEvent).detail.message), {
            once: true,
          });
        });
        node.load(text);
        const refusal = await opened;
        if (refusal !== null) return refusal;
        node.step(steps);
      }
      for (const tab of node.shadowRoot?.querySelectorAll<HTMLElement>('[data-panel]') ?? []) tab.click();
      return null;
    },
    { text, steps: STEPS },
  );
}

/** A page whose panels are all there already. */
async function warm(options: BrowserContextOptions = {}): Promise<Visit & { element: Locator }> {
  const visit = await guarded('#servers=3&seed=1', options);
  const element = await ready(visit.page);
  await show(element, null);
  await visit.page.waitForLoadState('networkidle');
  await show(element, null);
  return { ...visit, element };
}

/** Shows one document after the other. Returns the places whose documents were refused. */
async function showAll(documents: Iterable<Planted>, options?: BrowserContextOptions): Promise<Set<Planted>> {
  const { page, problems, element } = await warm(options);
  const refused = new Set<Planted>();
  for (const one of documents) {
    if ((await show(element, JSON.stringify(one.document))) !== null) refused.add(one);
    expect(await came(page), one.place).toEqual([]);
  }
  expect(problems).toEqual([]);
  return refused;
}

/** An experiment that says a text wherever one may be said. */
function saying(text: string): object {
  const words = { en: text, zh: text };
  return {
    version: 1,
    id: text,
    title: words,
    question: words,
    rule: 'preVote',
    breaks: 'I1',
    cluster: { servers: 3, seed: 1, rules: { preVote: true } },
    script: [
      { do: { type: 'timeout', server: 1 }, caption: words },
      { do: { type: 'note', text }, caption: words },
      { afterMs: 100, do: { type: 'clientWrite', client: text, key: text, value: text, server: 1 }, caption: words },
      {
        do: { type: 'clientRead', client: text, key: text, server: 1 },
        expect: { type: 'read', client: text, value: text },
      },
      { afterMs: 100, do: { type: 'propose', server: 1, command: text } },
    ],
    variants: [{ id: 'one', title: words }],
  };
}

test('hostile text in any place of a scenario file stays text', { timeout: 300_000 }, async () => {
  const schema = JSON.parse(await readFile(new URL('../../schemas/scenario.schema.json', import.meta.url), 'utf8'));
  const documents = [...planted(schema, MARKUP)];
  const refused = await showAll(documents);
  const shown = documents.filter((one) => !refused.has(one)).map(({ place }) => place);
  for (const place of ['/title/en', '/title/zh', '/question/zh', '/script/caption/en', '/script/do/note/text'])
    expect(shown).toContain(place);
  for (const place of ['/script/do/clientCas/expected', '/script/do/clientWrite/client', '/variants/title/zh'])
    expect(shown).toContain(place);
  // Whatever the engine refuses has a name or a form of its own.
  const free = documents.filter((one) => one.isFree && refused.has(one)).map(({ place }) => place);
  for (const place of free) expect(place).toMatch(/\/(id|habit|invariant)$/);
});

test('hostile text in any place of a recording stays text', { timeout: 300_000 }, async () => {
  const { element } = await warm();
  await show(element, JSON.stringify(saying('text')));
  const recording = await element.evaluate((node: Element) => {
    node.cluster?.fork();
    node.cluster?.act({ type: 'clientWrite', client: 'c', key: 'k', value: 'v', server: 1 });
    node.cluster?.act({ type: 'note', text: 'n' });
    return node.cluster?.save() ?? '';
  });
  const documents = [...replaced(JSON.parse(recording), MARKUP)];
  const refused = await showAll(documents);
  const shown = documents.filter((one) => !refused.has(one)).map(({ place }) => place);
  expect(shown).toContain('/branches/1/name');
  expect(shown).toContain('/branches/1/actions/0/do/client');
});

for (const [locale, title] of [
  ['en', 'Branches'],
  ['zh-CN', '分支'],
] as const) {
  test(`any hostile text stays text, in all places at once and in a link (${locale})`, {
    timeout: 300_000,
  }, async () => {
    const { page, problems, element } = await warm({ locale });
    expect(await element.locator('[data-panel="branches"]').textContent()).toBe(title);
    const refused: string[] = [];
    for (const [kind, payload] of Object.entries(PAYLOADS)) {
      if ((await show(element, JSON.stringify(saying(payload)))) !== null) {
        refused.push(kind);
      } else {
        expect(await element.locator('.scenario').textContent()).toContain(payload.trim().slice(0, 20));
        expect(await came(page), kind).toEqual([]);
        await element.evaluate(async (node: Element) => {
          const opened = new Promise((resolve) => node.addEventListener('ready', resolve, { once: true }));
          location.hash = (await node.cluster?.link()) ?? '';
          await opened;
        });
        await show(element, null);
      }
      expect(await came(page), kind).toEqual([]);
    }
    // Half of a character is no text.
    expect(refused).toEqual(['half']);
    expect(problems).toEqual([]);

    const link = await element.evaluate(
      (node: Element, text) => {
        node.load(text);
        return new Promise<string>((resolve) =>
          node.addEventListener('ready', () => resolve(node.cluster?.link() ?? ''), { once: true }),
        );
      },
      JSON.stringify(saying(MARKUP)),
    );
    const other = await guarded(link, { locale });
    await show(await ready(other.page), null);
    await other.page.waitForLoadState('networkidle');
    expect(await came(other.page)).toEqual([]);
    expect(other.problems).toEqual([]);
  });
}

test('hostile addresses are refused in words, and the next good one opens', { timeout: 120_000 }, async () => {
  const { page, problems, element } = await warm();
  const names = ['scenario', 'servers', 'seed', 'rule', 'variant', 'src'];
  const hashes = Object.values(PAYLOADS).flatMap((payload) => {
    const text = encodeURIComponent(payload.replace('\ud800', '%d800'));
    return [
      text,
      `v1:${text}`,
      ...names.map((name) =>
        name === 'scenario' || name === 'servers' ? `${name}=${text}` : `servers=3&${name}=${text}`,
      ),
      `scenario=figure-8&seed=${text}`,
      `scenario=two-f-plus-one&variant=${text}`,
    ];
  });
  for (const hash of hashes) {
    await page.evaluate((hash) => {
      location.hash = hash;
    }, hash);
    await page.waitForTimeout(30);
    // What is asked from another origin is never even sent.
    const found = (await came(page)).filter((one) => !one.startsWith('policy: connect-src '));
    expect(found, hash).toEqual([]);
  }
  await page.goto(new URL(`?${encodeURIComponent(MARKUP)}#servers=abc`, site.url).href);
  await expect.poll(() => element.locator('.fatal-card').textContent()).toContain('got "abc"');
  expect(await came(page)).toEqual([]);
  await page.evaluate(() => {
    location.hash = 'servers=3';
  });
  await ready(page);
  await expect.poll(() => element.locator('.fatal-card').isVisible()).toBe(false);
  expect(problems.filter((problem) => !/^(console|failed|404)/.test(problem))).toEqual([]);
});

for (const where of ['header', 'page'] as const) {
  test(`text becomes neither markup nor a worker, and the own workers start: the policy in the ${where} alone`, async () => {
    const { page, problems } = await site.visit('about:blank', { reducedMotion: 'reduce' });
    await page.route('**/*', async (route) => {
      const response = await route.fetch();
      const { 'content-security-policy': policy, ...headers } = response.headers();
      expect(policy).toContain("require-trusted-types-for 'script'");
      if (where === 'page') return route.fulfill({ response, headers });
      if (!headers['content-type']?.startsWith('text/html')) return route.fulfill({ response });
      const body = await response.text();
      expect(body).toContain('<meta http-equiv="Content-Security-Policy"');
      await route.fulfill({ response, body: body.replace(/<meta http-equiv[^>]*>/, '') });
    });
    await page.goto(new URL('#servers=3&seed=1', site.url).href);
    const element = await ready(page);
    const outcomes = await page.evaluate(() => {
      const attempts = [
        () => document.body.insertAdjacentHTML('beforeend', '<b>markup</b>'),
        () => new Worker('./raft-playground.js', { type: 'module' }),
        () => Object.assign(document.createElement('script'), { src: './raft-playground.js' }),
        () => Object.assign(document.createElement('iframe'), { srcdoc: 'text' }),
      ];
      return attempts.map((attempt) => {
        try {
          attempt();
          return 'done';
        } catch (error) {
          return (error as Error).name;
        }
      });
    });
    expect(outcomes).toEqual(['TypeError', 'TypeError', 'TypeError', 'TypeError']);
    problems.length = 0;
    await element.evaluate((node: Element) => node.step(100));
    const started = page.waitForEvent('worker');
    await element.locator('[data-panel="metrics"]').click();
    expect((await started).url()).toContain('/measure-worker');
    await expect.poll(() => element.locator('.panel.metrics svg').count()).toBeGreaterThan(0);
    expect(problems).toEqual([]);
  });
}
