import { MAX_JSON } from '../engine/arguments.js';
import type { Cluster } from '../engine.js';
import type { Strings } from '../i18n/index.js';
import { problemOf } from './refusal.js';
import { openSource, type Source } from './source.js';

/** Largest file that is opened, in bytes. */
export const MAX_FILE = MAX_JSON;
const TRACE_FORMAT = 'raft-playground-trace';

/** A run that was read from a file. */
export interface FromFile {
  cluster: Cluster;
  source: Source;
  /** What is to be said of it. */
  remark: string;
  isProblem: boolean;
}

export type FileKind = 'recording' | 'scenario' | 'trace';

/** Opens a recording, a scenario or a trace. Whatever is wrong with it is thrown in words for the reader. */
export async function openFile(file: File, t: Strings): Promise<FromFile> {
  const words = t.share;
  const { name, size } = file;
  if (size > MAX_FILE) throw new Error(words.tooLarge(name, size, MAX_FILE));
  const text = await file.text().catch(() => {
    throw new Error(words.unreadable(name));
  });
  const document = parse(text, name, t);
  const kind = kindOf(document);
  if (kind === null) throw new Error(words.foreign(name));
  try {
    if (kind === 'trace') return await openTrace(text, name, t);
    // A source without a script would be taken for a recording.
    const bare = kind === 'scenario' && !('script' in (document as object));
    const source = { text: bare ? JSON.stringify({ ...(document as object), script: [] }) : text };
    return { cluster: await openSource(source), source, remark: words.opened(name), isProblem: false };
  } catch (error) {
    throw new Error(words.refused(name, problemOf(error)));
  }
}

/** What a JSON document is, by what each of them cannot do without; `null`: something else. */
export function kindOf(document: unknown): FileKind | null {
  if (typeof document !== 'object' || document === null) return null;
  const { format, branches, scenario, script, cluster, title } = document as Record<string, unknown>;
  if (format === TRACE_FORMAT) return 'trace';
  if (Array.isArray(branches) && typeof scenario === 'object') return 'recording';
  if (Array.isArray(script) || (typeof cluster === 'object' && typeof title === 'object')) return 'scenario';
  return null;
}

function parse(text: string, name: string, t: Strings): unknown {
  if (text.trim() === '') throw new Error(t.share.emptyFile(name));
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new Error(t.share.notJson(name, problemOf(error)));
  }
}

/** A trace is run again, and compared with what happens. */
async function openTrace(trace: string, name: string, t: Strings): Promise<FromFile> {
  const { Workshop } = await import('../workshop.js');
  const { divergence, events, recording } = await Workshop.shared().replay(trace);
  const source = { text: recording };
  const remark = divergence
    ? t.share.diverged(name, divergence.event, divergence.expected, divergence.got)
    : t.share.replayed(name, events);
  return { cluster: await openSource(source), source, remark, isProblem: divergence !== null };
}
