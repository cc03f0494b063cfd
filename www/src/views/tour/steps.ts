import type { Strings } from '../../i18n/index.js';

export type StepName = keyof Strings['tour']['steps'];

/** What the tour points at, in its order: each a selector of a thing that is always there. */
export const STEPS: readonly { name: StepName; target: string }[] = [
  { name: 'play', target: '.transport [data-do="play"]' },
  { name: 'crash', target: '.faults [data-act="crash"], .faults [data-act="restart"]' },
  { name: 'lookBack', target: '.transport .scrubber' },
  { name: 'rules', target: '.tabs [data-panel="rules"]' },
  { name: 'why', target: '.ask-why' },
  { name: 'share', target: '.corner [data-do="copyLink"]' },
];
