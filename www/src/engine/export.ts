// The formats that a run can be exported in. `docs/formats.md` describes them.

export const EXPORT_FORMATS = [
  'trace-json',
  'shiviz',
  'mermaid',
  'chrome-trace',
  'tla',
  'history-jsonl',
  'edn',
] as const;

/** `trace-json` can be run again and compared by `raft-sim replay`; the others are for other tools. */
export type ExportFormat = (typeof EXPORT_FORMATS)[number];
