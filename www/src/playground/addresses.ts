import { MAX_HASH } from '../engine/link.js';
import type { Cluster } from '../engine.js';
import type { Strings } from '../i18n/index.js';
import type { Selection } from '../model.js';
import type { BranchBook } from './branches.js';

/** Chat programs, trackers and mail cut longer links off. */
export const LONG_LINK = 8_000;
/** Longer links are refused when they are opened. */
export const MAX_LINK = MAX_HASH;

/** The selection in a link: `S3`, `m17`, `S1-S2`. */
export function selectionText(selection: Selection): string {
  switch (selection.kind) {
    case 'server':
      return `S${selection.id}`;
    case 'message':
      return `m${selection.id}`;
    case 'link':
      return `S${selection.a}-S${selection.b}`;
  }
}

/** What a link says is selected; `null` if it says nothing, or of a server that is not there. */
export function selectionIn(link: string, servers: number): Selection | null {
  if (!link.startsWith('#')) return null;
  const text = new URLSearchParams(link.slice(link.indexOf('&') + 1)).get('select');
  const [, server, message, a, b] = /^(?:S(\d+)|m(\d+)|S(\d+)-S(\d+))$/.exec(text ?? '') ?? [];
  const isThere = (id: number) => id >= 1 && id <= servers;
  if (server && isThere(Number(server))) return { kind: 'server', id: Number(server) };
  if (message) return { kind: 'message', id: Number(message) };
  const ends = [Number(a), Number(b)].sort((x, y) => x - y) as [number, number];
  return a && ends.every(isThere) && ends[0] !== ends[1] ? { kind: 'link', a: ends[0], b: ends[1] } : null;
}

/** The address of a run at its present moment, with what is selected. */
export async function addressOf(
  cluster: Cluster,
  { branches, selection }: { branches: BranchBook; selection: Selection | null },
): Promise<string> {
  const url = new URL(location.href);
  const run = await branches.link(cluster);
  url.hash = selection ? `${run}&select=${selectionText(selection)}` : run;
  return url.href;
}

/** Puts a link on the clipboard. What is to be said of it; a reason why not is thrown. */
export async function copyAddress(address: string, t: Strings): Promise<string> {
  if (address.length > MAX_LINK) throw new Error(t.share.linkTooLong(address.length, MAX_LINK));
  await copy(address, t);
  return address.length > LONG_LINK ? t.share.copiedLong(address.length) : t.linkCopied;
}

/** Pages without a secure connection have no clipboard. */
export async function copy(text: string, t: Strings): Promise<void> {
  if (!navigator.clipboard) throw new Error(t.share.noClipboard);
  await navigator.clipboard.writeText(text);
}
