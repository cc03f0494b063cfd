/** The words of the panel of branches. The engine calls them `main` and `branch 1` until somebody gives them a name. */
export const branches = {
  title: (name: string): string => name,
  treeLabel:
    'Branches of this run. Up and down move, left goes to the branch it left, Enter shows it, F2 renames, Delete deletes.',
  shown: 'shown',
  steps: (from: number, to: number): string => `${from}–${to}`,
  stepsHint: (from: number, to: number): string => `leaves at step ${from}, goes on to step ${to}`,
  only: 'There is one branch. Go back and do something else there, or press Fork (F): a second one opens and the first is kept.',
  rename: 'Rename',
  renameHint: 'Rename the branch that is shown (F2)',
  nameOf: (name: string): string => `Name of ${name}`,
  remove: 'Delete',
  removeHint: 'Delete the branch that is shown and those that left it (Delete); it can be taken back',
  keepFirst: 'The first branch cannot be deleted',
  removed: (name: string, others: number): string =>
    others === 0 ? `${name} is deleted.` : `${name} is deleted, and ${others} that left it.`,
  undo: 'Undo',
  undoHint: 'Take the latest deletion back (Ctrl+Z)',
  compareWith: 'Compare with',
  compareNone: 'nothing',
  sameSteps: (steps: number, at: string): string => `Both are the same for ${steps} steps, up to ${at}.`,
  sameSoFar: (steps: number, at: string): string =>
    `No difference: both are the same for ${steps} steps, up to ${at}, and one of them ends there.`,
  eventsLabel: (a: string, b: string): string => `Events of ${a} and of ${b}, from the first difference on`,
  firstDifference: 'first difference',
  alike: { same: 'the same on both', moved: 'at another time', differs: 'differs' },
  nothingHere: 'nothing',
  goThere: (name: string, step: number): string => `Go to step ${step} of ${name}`,
  serversAt: 'Servers',
  atDifference: 'after the first difference',
  atEnds: 'at the end of each',
  serversLabel: (a: string, b: string): string => `Servers on ${a} and on ${b}`,
  serverFacts: (term: number, last: number, lastTerm: number, commit: number): string =>
    `term ${term} · log ${last === 0 ? 'empty' : `${last} (T${lastTerm})`} · commit ${commit}`,
};
