/** The words of the tour for who is here for the first time. */
export const tour = {
  step: (step: number, of: number): string => `Tour · ${step} of ${of}`,
  skip: 'Skip the tour',
  back: 'Back',
  next: 'Next',
  done: 'Done',
  again: 'Take the tour',
  steps: {
    play: [
      'Let it run',
      'Five servers agree on one log. Play and pause here or with Space, and watch them elect a leader: every shape that moves is a message.',
    ],
    crash: ['Break it', 'Crash a server, best of all the leader. The others notice, and elect another one.'],
    lookBack: [
      'Look back',
      'Drag to any moment that was. If you do something else there, a new branch begins, and the old one is kept.',
    ],
    rules: [
      'Switch a rule off',
      'Raft is a handful of rules. Remove one here, and a checker shows what breaks without it.',
    ],
    why: ['Ask why', 'Anything that happened knows its causes, and if nothing happens, this says what is missing.'],
    share: ['Share it', 'A link holds the whole run with all that you did. Under ? are the keys, and this tour again.'],
  } satisfies Record<string, [title: string, text: string]>,
};
