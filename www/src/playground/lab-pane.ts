import { Cluster } from '../engine.js';
import type { Strings } from '../i18n/index.js';
import type { Scenario } from '../model.js';

/** What a pane of a laboratory needs of the playground. */
export interface PaneHooks {
  /** Through the live region. */
  say: (kind: string, text: string) => void;
  /** In the line above the playback. */
  remark: (text: string, problem?: boolean) => void;
}

/** How often numbers on their way are drawn. */
export const SHOW_EVERY_MS = 150;
/** How often they are said aloud. */
export const SAY_EVERY_MS = 20_000;

/** Puts a link to the start of a scenario on the clipboard. */
export async function copyLink(scenario: Scenario, { remark }: PaneHooks, t: Strings): Promise<void> {
  try {
    const cluster = await Cluster.fromScenario(scenario);
    const url = new URL(location.href);
    url.hash = await cluster.link();
    cluster.dispose();
    await navigator.clipboard.writeText(url.href);
    remark(t.linkCopied);
  } catch (error) {
    remark(error instanceof Error ? error.message : String(error), true);
  }
}
