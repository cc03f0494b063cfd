import type { RuleName } from '../../model.js';
import type { Bound, ExplorerForm } from './explorer.js';

/** Rules about time: in a search they are off unless they are switched on. */
export const ABOUT_TIME: readonly RuleName[] = ['preVote', 'checkQuorum', 'voteStickiness'];

const BOUNDS: Record<Bound, string> = {
  timeouts: '2',
  proposals: '1',
  crashes: '0',
  drops: '0',
  duplicates: '0',
  heartbeats: '0',
  reads: '0',
  snapshots: '0',
  changes: '0',
  transfers: '0',
  depth: '',
  states: '1000000',
  terms: '',
  entries: '',
  messages: '',
};

/** What a form says before anybody has changed it; which rules are off is the run's. */
export const PLAIN: Omit<ExplorerForm, 'without'> = {
  servers: '3',
  spares: '0',
  begin: 'start',
  promise: '',
  slowDisks: false,
  symmetry: true,
  dropStale: true,
  bounds: BOUNDS,
};

/** A search that is known to find something, and how soon; or, with all rules, to find nothing. */
export interface Example {
  rule: RuleName | null;
  breaks: string | null;
  steps: number;
  form: ExplorerForm;
}

/** As in docs/explorer.md. Rules that are missed only from the middle of a longer story are not among them. */
export const EXAMPLES: readonly Example[] = [
  example('majority', 'I1', 6, { servers: '4' }, { proposals: '0', terms: '1' }),
  example('persistVote', 'I1', 8, {}, { proposals: '0', crashes: '1' }),
  example('persistTerm', 'I1', 8, {}, { proposals: '0', crashes: '1' }),
  example(
    'persistLog',
    'I4',
    10,
    { slowDisks: true, begin: 'led' },
    { timeouts: '1', proposals: '1', crashes: '1', entries: '2' },
  ),
  example('honestNodes', 'I1', 6, {}, { proposals: '0' }),
  example('electionRestriction', 'I4', 8, {}, { proposals: '0' }),
  example('consistencyCheck', 'I3', 9, { begin: 'led' }, { entries: '3' }),
  example('readIndex', 'I29', 9, { begin: 'led' }, { timeouts: '1', reads: '1' }),
  { rule: null, breaks: null, steps: 0, form: { ...PLAIN, without: ABOUT_TIME } },
];

/** The example that a form is, if it is one. */
export function exampleOf(form: ExplorerForm): Example | undefined {
  return EXAMPLES.find((one) => signature(one.form) === signature(form));
}

function example(
  rule: RuleName,
  breaks: string,
  steps: number,
  form: Partial<ExplorerForm>,
  bounds: Partial<Record<Bound, string>>,
): Example {
  const without = [rule, ...ABOUT_TIME];
  return {
    rule,
    breaks,
    steps,
    form: { ...PLAIN, ...form, promise: breaks, bounds: { ...BOUNDS, ...bounds }, without },
  };
}

/** Equal for equal forms, in whatever order they were filled in. */
function signature({ bounds, without, ...rest }: ExplorerForm): string {
  return JSON.stringify([Object.entries(rest).sort(), Object.entries(bounds).sort(), [...without].sort()]);
}
