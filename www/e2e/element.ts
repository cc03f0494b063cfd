// What the tests ask of the element on a page: its real parts, found as a reader finds them.

import type { Locator, Page } from 'playwright-core';
import type { RaftPlayground } from '../src/raft-playground.js';

export interface Position {
  step: number;
  headStep: number;
  timeMs: number;
  branch: number;
  violations: number;
  messages: number;
  statuses: number[];
  roles: number[];
  hash: string;
}

/** Waits until the element has its cluster. */
export async function ready(page: Page, selector = 'raft-playground'): Promise<Locator> {
  const element = page.locator(selector);
  await element.scrollIntoViewIfNeeded();
  await page.waitForFunction((wanted) => document.querySelector<RaftPlayground>(wanted)?.cluster != null, selector);
  return element;
}

export function position(element: Locator): Promise<Position> {
  return element.evaluate((node: RaftPlayground) => {
    if (!node.cluster) throw new Error('no cluster');
    const { header, servers } = node.cluster.frame();
    return {
      step: header.step,
      headStep: header.headStep,
      timeMs: header.timeMs,
      branch: header.branch,
      violations: header.violations,
      messages: header.messages,
      statuses: servers.map(({ status }) => status),
      roles: servers.map(({ role }) => role),
      hash: node.cluster.stateHash(),
    };
  });
}

/** Plays as fast as it goes until the element stops by itself. */
export async function playToTheEnd(element: Locator): Promise<void> {
  await element.evaluate((node: RaftPlayground) => node.setAttribute('speed', '1000'));
  await element.locator('[data-do="play"]').click();
  await element
    .page()
    .waitForFunction((node) => !(node as RaftPlayground).playing, await element.elementHandle(), { timeout: 30_000 });
}
