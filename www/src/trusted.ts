// Trusted Types: under a policy that asks for them, a script's address must come from one checked place, which is here.

import measure from './playground/measure-worker.ts?worker&url';
import workshop from './workshop/worker.ts?worker&url';

/** What a Content-Security-Policy calls it. */
export const POLICY = 'raft-playground';

/** The only scripts that are ever started by their address. */
const WORKERS = { measure, workshop } as const;

/** As much of the browser's interface as is used; where it is missing, an address is a string. */
interface TrustedTypes {
  createPolicy(name: string, rules: { createScriptURL(url: string): string }): { createScriptURL(url: string): string };
}

const { trustedTypes } = globalThis as { trustedTypes?: TrustedTypes };
let policy: { createScriptURL(url: string): string } | undefined;

/** Starts one of the playground's own workers. Throws where the page may not have it. */
export function startWorker(name: keyof typeof WORKERS): Worker {
  policy ??= trustedTypes?.createPolicy(POLICY, { createScriptURL: ours }) ?? { createScriptURL: ours };
  return new Worker(policy.createScriptURL(addressOf(name)), { type: 'module' });
}

function addressOf(name: keyof typeof WORKERS): string {
  return new URL(WORKERS[name], import.meta.url).href;
}

function ours(url: string): string {
  if (url !== addressOf('measure') && url !== addressOf('workshop')) throw new TypeError(`no worker of ours: ${url}`);
  return url;
}
