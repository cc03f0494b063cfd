import type { ExportFormat } from '../model.js';

/** The words of the panel that takes a run along and brings one back. */
export const share = {
  link: 'Link',
  linkField: 'Link to this run',
  copy: 'Copy link',
  linkLength: (length: number): string =>
    `${length.toLocaleString('en')} characters: everything that was done, all branches, this moment and what is selected. The run itself stays in the link; nothing is uploaded.`,
  measuring: 'Measuring …',
  linkLong: (length: number, max: number): string =>
    `${length.toLocaleString('en')} characters. Many programs cut links off after ${max.toLocaleString('en')}: better send the recording as a file.`,
  linkTooLong: (length: number, max: number): string =>
    `This run needs ${length.toLocaleString('en')} characters and a link holds at most ${max.toLocaleString('en')}: send the recording as a file.`,
  copiedLong: (length: number): string =>
    `Link copied. It has ${length.toLocaleString('en')} characters, which some programs cut off; under Share there is the file.`,
  noClipboard: 'This browser lets no page copy: select the text and copy it by hand.',
  files: 'Files',
  recording: 'Recording',
  recordingText: 'the whole run with all branches, to open here again',
  formats: {
    'trace-json': 'everything that happened, to open here again or to check with raft-sim replay',
    shiviz: 'for ShiViz: a log with vector clocks',
    mermaid: 'a sequence diagram for Markdown pages',
    'chrome-trace': 'for Perfetto: tracks over time',
    tla: 'for TLC: etcd’s trace validation',
    'history-jsonl': 'what clients asked and were told, for raft-sim check',
    edn: 'the same, for Jepsen’s checkers',
  } as Record<ExportFormat, string>,
  save: (what: string): string => `Save ${what}`,
  untilNow: 'All but the recording tell the branch that is shown, up to this moment.',
  modified: (rules: string): string => `${rules}. The files say so in their names.`,
  making: (format: string): string => `Making ${format} …`,
  saved: (name: string): string => `Saved as ${name}.`,
  figures: 'Figures',
  view: { ring: 'the ring', logs: 'the logs', history: 'the clients' },
  figure: (view: string, format: string): string => `Save ${view} as ${format}`,
  otherFigures: 'As they look now. The diagram, the clients and the metrics are saved in their own tabs.',
  open: 'Open',
  openFile: 'Open a file …',
  openText:
    'A recording, a scenario or a trace. It can also be dropped anywhere on the playground. The run that is shown is kept.',
  dropHere: 'Drop a recording, a scenario or a trace here',
  opening: (name: string): string => `Opening ${name} …`,
  opened: (name: string): string => `${name} is open.`,
  replayed: (name: string, events: number): string =>
    `${name} was run again: all ${events.toLocaleString('en')} events happened as it says.`,
  diverged: (name: string, event: number, expected: string, got: string): string =>
    `${name} was run again, and from event ${event} on something else happens. The trace says “${expected}”; what happens is “${got}”.`,
  visiting: 'This run is from a file. Your own is kept.',
  resumed: 'Your run is as you left it. “Start over” forgets it.',
  oneFile: 'One file at a time, please.',
  tooLarge: (name: string, bytes: number, max: number): string =>
    `${name} has ${Math.ceil(bytes / 1e6).toLocaleString('en')} MB; files of up to ${(max / 1e6).toLocaleString('en')} MB can be opened.`,
  emptyFile: (name: string): string => `${name} is empty.`,
  unreadable: (name: string): string => `${name} could not be read.`,
  notJson: (name: string, why: string): string =>
    `${name} is not JSON, or was cut off while it was copied (${why}). A recording, a scenario or a trace can be opened.`,
  foreign: (name: string): string =>
    `${name} is JSON, but neither a recording, nor a scenario, nor a trace of this playground.`,
  refused: (name: string, why: string): string => `${name} cannot be opened: ${why}`,
  embed: 'Embed',
  embedText:
    'This puts the run into another page. The address of the script is that of this site; a copy of the built files works as well.',
  embedField: 'HTML to embed this run',
  copyEmbed: 'Copy HTML',
  embedCopied: 'HTML copied.',
};
