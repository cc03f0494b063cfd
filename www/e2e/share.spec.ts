// Taking a run along and opening one: links, files out, files in by button and by drop, and what is no run at all.

import { readFile } from 'node:fs/promises';
import type { Locator, Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { faults } from './axe.js';
import { position, ready } from './element.js';
import { useSite } from './harness.js';

type Element = HTMLElementTagNameMap['raft-playground'];

const site = useSite();
let page: Page;
let problems: string[];
let element: Locator;

/** A run of some steps with a crash in it; the panel is open. */
async function open(path = '#servers=5&seed=11', options = {}): Promise<void> {
  ({ page, problems } = await site.visit(path, { reducedMotion: 'reduce', ...options }));
  element = await ready(page);
  await element.evaluate((node: Element) => {
    node.pause();
    node.cluster?.advance(400);
    node.cluster?.crash(2);
    node.cluster?.advance(100);
    node.refresh();
  });
  await element.locator('[data-panel="share"]').click();
  await expect.poll(() => element.locator('.panel.share input').first().inputValue()).toContain('#v1:');
}

async function take(button: string): Promise<{ name: string; text: string }> {
  const [download] = await Promise.all([
    page.waitForEvent('download', { timeout: 60_000 }),
    element.locator(button).click(),
  ]);
  return { name: download.suggestedFilename(), text: (await readFile(await download.path())).toString() };
}

/** Holds a file over the ring and lets it go. */
async function drop(name: string, text: string, size = 0): Promise<void> {
  await element.evaluate(
    (node: Element, [name, text, size]) => {
      const file = new File([text as string], name as string, { type: 'application/json' });
      if (size) Object.defineProperty(file, 'size', { value: size });
      const dataTransfer = new DataTransfer();
      dataTransfer.items.add(file);
      const carried = size ? { files: [file], types: ['Files'], dropEffect: 'none' } : dataTransfer;
      const target = node.shadowRoot?.querySelector('.ring-view');
      for (const type of ['dragenter', 'dragover', 'drop']) {
        const event = new DragEvent(type, { bubbles: true, cancelable: true, dataTransfer });
        if (size) Object.defineProperty(event, 'dataTransfer', { value: carried });
        target?.dispatchEvent(event);
      }
    },
    [name, text, size] as const,
  );
}

const notice = () => element.locator('.notice');

test('the copied link says its length and opens the run at its moment with what was selected', async () => {
  await open();
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
  await element.locator('[data-server="4"]').first().click();
  await element.locator('[data-panel="share"]').click();
  await expect.poll(() => element.locator('.panel.share input').first().inputValue()).toContain('&select=S4');
  const length = (await element.locator('.panel.share input').first().inputValue()).length;
  expect(await element.locator('.link-length').textContent()).toContain(`${length.toLocaleString('en')} characters`);
  await element.evaluate((node: Element) => node.seek(40));
  const { hash, step } = await position(element);
  expect(step).toBe(40);
  await element.locator('[data-do="copy-link"]').focus();
  await page.keyboard.press('Enter');
  await expect.poll(() => notice().textContent()).toBe('Link copied.');
  const link = await page.evaluate(() => navigator.clipboard.readText());
  const other = await site.visit(link, { reducedMotion: 'reduce' });
  const there = await ready(other.page);
  expect(await position(there)).toMatchObject({ step: 40, hash });
  await expect.poll(() => there.locator('.inspector h3').first().textContent()).toContain('Server 4');
  expect([...problems, ...other.problems]).toEqual([]);
});

test('a run that is too long for a link is offered as a file', async () => {
  await open();
  await element.evaluate((node: Element) => {
    // Notes change nothing and are kept, and no two of them can be packed into one.
    for (let i = 0; i < 2_000; i++) node.cluster?.act({ type: 'note', text: `${Math.sin(i)} ${Math.cos(i)}` });
    node.refresh();
  });
  await expect
    .poll(() => element.locator('.link-length').textContent(), { timeout: 20_000 })
    .toContain('cut links off');
  const { name, text } = await take('[data-do="save-instead"]');
  expect(name).toMatch(/\.recording\.json$/);
  expect(JSON.parse(text).branches[0].actions.length).toBeGreaterThan(2_000);
  expect(problems).toEqual([]);
});

test('every format is saved under a name of its own', async () => {
  await open('#scenario=split-brain');
  const begin: Record<string, RegExp> = {
    'trace-json': /^\{"format":"raft-playground-trace"/,
    shiviz: /^\S+ \{/,
    mermaid: /^(%%.*\n)*sequenceDiagram/,
    'chrome-trace': /"ph"/,
    tla: /^\{/,
    'history-jsonl': /^\{"type":"history"/,
    edn: /^/,
  };
  const names = new Set<string>();
  for (const [format, starts] of Object.entries(begin)) {
    const { name, text } = await take(`.panel.share [data-export="${format}"]`);
    expect(text).toMatch(starts);
    expect(name).toMatch(/^split-brain\./);
    names.add(name);
    await expect.poll(() => notice().textContent()).toContain(name);
  }
  expect(names.size).toBe(7);
  expect(problems).toEqual([]);
});

test('without a rule the panel and the names of files say that it is modified Raft', async () => {
  await open();
  await element.evaluate((node: Element) => {
    const rule = node.cluster?.rules().find(({ kind }) => kind === 'raft');
    if (rule) node.cluster?.setRule(rule.name, false);
    node.refresh();
  });
  await expect.poll(() => element.locator('.panel.share .modified-mark').textContent()).toContain('Modified Raft');
  expect((await take('[data-do="save-recording"]')).name).toMatch(/\.modified-raft\.recording\.json$/);
});

test('a recording that is dropped is shown, and the run before is one click away', async () => {
  await open();
  const { name, text } = await take('[data-do="save-recording"]');
  const saved = await position(element);
  await element.evaluate((node: Element) => {
    node.cluster?.advance(300);
    node.refresh();
  });
  const before = await position(element);
  await drop(name, text);
  await expect.poll(() => notice().textContent()).toBe(`${name} is open.`);
  expect(await position(element)).toMatchObject({ hash: saved.hash, step: saved.step });
  expect(await element.locator('.visit').textContent()).toContain('from a file');
  await element.locator('[data-do="come-back"]').click();
  expect(await position(element)).toMatchObject({ hash: before.hash, step: before.step });
  expect(problems).toEqual([]);
});

test('a scenario is opened by the button', async () => {
  await open();
  const scenario = { version: 1, id: 'mine', title: { en: 'My own' }, cluster: { servers: 3, seed: 4 } };
  const [chooser] = await Promise.all([
    page.waitForEvent('filechooser'),
    element.locator('[data-do="open-file"]').click(),
  ]);
  await chooser.setFiles({
    name: 'mine.json',
    mimeType: 'application/json',
    buffer: Buffer.from(JSON.stringify(scenario)),
  });
  await expect.poll(() => notice().textContent()).toBe('mine.json is open.');
  expect((await position(element)).roles).toHaveLength(3);
  expect(problems).toEqual([]);
});

test('a trace is run again; where it differs from what happens is told in words', async () => {
  await open();
  const { name, text } = await take('.panel.share [data-export="trace-json"]');
  const { step, hash } = await position(element);
  await drop(name, text);
  await expect.poll(() => notice().textContent(), { timeout: 20_000 }).toMatch(/run again: all [\d,]+ events happened/);
  expect(await position(element)).toMatchObject({ step, hash });
  await drop(name, text.replace('"name":"becomeLeader"', '"name":"becomeFollower"'));
  await expect
    .poll(() => notice().textContent(), { timeout: 20_000 })
    .toMatch(/from event \d+ on something else happens/);
  expect(problems).toEqual([]);
});

test('what is no run gives a readable message, and the page keeps its state', async () => {
  await open();
  const { text } = await take('[data-do="save-recording"]');
  const before = await position(element);
  const bad: [name: string, text: string, says: RegExp, size?: number][] = [
    ['cut.json', text.slice(0, text.length / 2), /cut\.json is not JSON, or was cut off/],
    ['foreign.json', '{"traceEvents":[]}', /neither a recording, nor a scenario, nor a trace/],
    ['empty.json', ' ', /empty\.json is empty/],
    ['huge.json', '{}', /huge\.json has 65 MB; files of up to 64 MB/, 64_000_001],
    [
      'broken.json',
      '{"version":1,"id":"x","title":{"en":"x"},"cluster":{"servers":99},"script":[]}',
      /cannot be opened: .*servers/,
    ],
    ['trace.json', '{"format":"raft-playground-trace","version":1}', /trace\.json cannot be opened/],
    ['<img src=x onerror=alert(1)>.json', 'x', /<img src=x onerror=alert\(1\)>\.json is not JSON/],
  ];
  for (const [name, content, says, size] of bad) {
    await drop(name, content, size);
    await expect.poll(() => notice().textContent(), { timeout: 20_000 }).toMatch(says);
    expect(await notice().evaluate((node) => node.classList.contains('problem'))).toBe(true);
    expect(await position(element)).toEqual(before);
  }
  expect(await element.locator('img').count()).toBe(0);
  expect(await element.locator('.visit').isHidden()).toBe(true);
  expect(problems).toEqual([]);
});

test('the embed code shows the same run in another page', async () => {
  await open();
  const html = await element.locator('.panel.share textarea').inputValue();
  expect(html).toMatch(
    /^<script type="module" src="http.*\/raft-playground\.js"><\/script>\n<raft-playground src="#v1:/,
  );
  const { hash } = await position(element);
  const src = /<script type="module" src="([^"]+)"/.exec(html)?.[1] ?? '';
  expect((await page.request.get(src)).ok()).toBe(true);
  const other = await page.context().newPage();
  await other.route('**/embedding.html', (route) => route.fulfill({ contentType: 'text/html', body: html }));
  await other.goto(new URL('embedding.html', site.url).href);
  expect((await position(await ready(other))).hash).toBe(hash);
});

for (const colorScheme of ['light', 'dark'] as const) {
  test(`the panel has no accessibility fault that axe can find, and fits into 360 px, ${colorScheme}`, async () => {
    await open('#servers=5&seed=11', { colorScheme, viewport: { width: 360, height: 800 } });
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(360);
    expect(await faults(page)).toEqual([]);
    expect(problems).toEqual([]);
  });
}

test('what the views show is saved as SVG and PNG, with the mark of modified Raft while a rule is off', async () => {
  await open('#scenario=split-brain');
  await element.evaluate((node: Element) => {
    node.cluster?.runScript();
    const rule = node.cluster?.rules().find(({ kind, on }) => kind === 'raft' && on);
    if (rule) node.cluster?.setRule(rule.name, false);
    node.refresh();
  });
  for (const of of ['ring', 'logs', 'history']) {
    if (of === 'history') {
      await element.locator('[data-panel="history"]').click();
      await element.locator('.lanes-drawn').waitFor();
    }
    const svg = await take(`[data-figure="${of}.svg"]`);
    expect(svg.name).toMatch(new RegExp(`^split-brain\\.modified-raft\\.${of}\\.svg$`));
    expect(svg.text).toMatch(/^<svg xmlns/);
    expect(svg.text).toMatch(/<title>Split brain.* · Modified Raft: /);
    expect(svg.text).not.toMatch(/NaN|undefined|var\(|light-dark/);
    const count = svg.text.match(/<path/g)?.length;
    expect(count).toBeGreaterThan(8);
    expect(svg.text).toMatch({ ring: />S5</, logs: />Logs</, history: /ms</ }[of] as RegExp);
    // A browser reads it as a document of its own.
    const image = await page.context().newPage();
    await image.route('**/figure.svg', (route) => route.fulfill({ contentType: 'image/svg+xml', body: svg.text }));
    await image.goto(new URL('figure.svg', site.url).href);
    expect(await image.evaluate(() => document.documentElement.tagName)).toBe('svg');
    expect(await image.locator('parsererror').count()).toBe(0);
    await image.close();
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      element.locator(`[data-figure="${of}.png"]`).click(),
    ]);
    const png = await readFile(await download.path());
    expect(png.subarray(1, 4).toString()).toBe('PNG');
    expect(png.readUInt32BE(16)).toBe(Math.ceil(2 * Number(/ width="([\d.]+)"/.exec(svg.text)?.[1])));
  }
  expect(problems).toEqual([]);
});
