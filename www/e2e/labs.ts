// What the tests of the panels for long work have in common.

import type { Locator, Page } from 'playwright-core';
import type { RuleName } from '../src/engine.js';

type Element = HTMLElementTagNameMap['raft-playground'];

/** Watches for tasks that keep the page from answering; the longest one since, in milliseconds. */
export async function watchTasks(page: Page): Promise<() => Promise<number>> {
  await page.evaluate(() => {
    const tasks: number[] = [];
    Object.assign(globalThis, { longTasks: tasks });
    new PerformanceObserver((list) => tasks.push(...list.getEntries().map(({ duration }) => duration))).observe({
      type: 'longtask',
    });
  });
  return () =>
    page.evaluate(() => Math.max(0, ...(globalThis as unknown as { longTasks: number[] }).longTasks.splice(0)));
}

/** How long the page was busy, for who reads the output; a busy machine proves nothing. */
export function printTask(what: string, longestMs: number): void {
  const busy = longestMs === 0 ? 'no task over 50 ms' : `longest task ${longestMs.toFixed(0)} ms`;
  process.stdout.write(`${what}: ${busy}\n`);
}

/** Switches a rule off in the run, as the panel of rules does. */
export function withoutRule(element: Locator, rule: RuleName): Promise<void> {
  return element.evaluate((node: Element, rule) => {
    node.pause();
    node.cluster?.act({ type: 'setRule', rule, on: false });
    node.refresh();
  }, rule);
}

/** Which invariants are broken in the run that is shown. */
export function broken(element: Locator): Promise<string[]> {
  return element.evaluate((node: Element) => node.cluster?.violations().map(({ invariant }) => invariant) ?? []);
}

/** What the live region has said since, joined. */
export async function listen(element: Locator): Promise<() => Promise<string>> {
  await element.evaluate((node) => {
    const said: string[] = [];
    const region = node.shadowRoot?.querySelector('[data-slot="live"]') as HTMLElement;
    new MutationObserver(() => said.push(region.textContent ?? '')).observe(region, { childList: true });
    Object.assign(globalThis, { said });
  });
  return () => element.evaluate(() => (globalThis as unknown as { said: string[] }).said.join(' '));
}
