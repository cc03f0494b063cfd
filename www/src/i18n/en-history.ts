import type { Level, OperationView } from '../model.js';

const ms = (timeMs: number): string =>
  `${timeMs.toLocaleString('en', { minimumFractionDigits: 1, maximumFractionDigits: 1 })} ms`;

/** The words of the panel of clients: what they asked for, what they were answered, and what the judges say of it. */
export const history = {
  chartLabel:
    'Operations of clients over time. Arrow keys move between them, Enter goes to the moment, plus and minus zoom.',
  none: 'No client has asked for anything yet. Send something with the form below the ring.',
  outcome: { ok: 'done', fail: 'not done', unknown: 'outcome unknown', pending: 'no answer yet' } as Record<
    NonNullable<OperationView['outcome']> | 'pending',
    string
  >,
  kind: { get: 'get', put: 'put', append: 'append', cas: 'compare and set', delete: 'delete', sync: 'sync' } as Record<
    OperationView['kind'],
    string
  >,
  mode: { readIndex: 'linearizable', lease: 'by lease', local: 'local', session: 'session' } as Record<
    NonNullable<OperationView['mode']>,
    string
  >,
  operationLabel: (client: string, text: string, outcome: string, calledMs: number): string =>
    `${client}: ${text}, ${outcome}, called at ${ms(calledMs)}`,
  clump: (count: number, troubled: number): string =>
    `${count} operations${troubled > 0 ? `, ${troubled} of them not done or unknown` : ''}: zoom in`,
  called: (timeMs: number): string => `called ${ms(timeMs)}`,
  returned: (timeMs: number): string => `returned ${ms(timeMs)}`,
  gaveUp: (timeMs: number): string => `gave up ${ms(timeMs)}`,
  took: (durationMs: number): string => `took ${ms(durationMs)}`,
  server: (id: number): string => `taken by S${id}`,
  point: (number: number, key: string | null, timeMs: number): string =>
    `number ${number} in the order ${key === null ? 'of all' : `of ${key}`}, at about ${ms(timeMs)}`,
  unplaced: 'cannot be placed',
  moment: (timeMs: number): string => `At ${ms(timeMs)}`,
  leader: (id: number, term: number): string => `S${id} was the last elected, term ${term}`,
  noLeader: 'nobody was elected yet',
  open: (count: number): string => (count === 1 ? '1 operation under way' : `${count} operations under way`),
  lastFault: (text: string, timeMs: number): string => `${text} since ${ms(timeMs)}`,
  goToCall: 'Go to the call',
  goToReturn: 'Go to the return',
  hint: 'Point at an operation, or move to it with the arrow keys. A click goes to that moment.',

  judge: 'Judge',
  judgeAgain: 'Judge again',
  cancel: 'Cancel',
  judging: (decided: number, all: number): string => `Judging: ${decided} of ${all} levels decided …`,
  judged: (operations: number): string =>
    operations === 1 ? '1 operation has been judged.' : `${operations} operations have been judged.`,
  outdated: 'More has happened since.',
  failed: (why: string): string => `The judges could not decide: ${why}`,
  firstError: 'First error',
  noError: 'There is no error.',
  zoomIn: 'Zoom in',
  zoomOut: 'Zoom out',
  zoomAll: 'Whole run',
  follow: 'follow',

  ladder: 'The ladder of consistency',
  verdict: { holds: 'holds', violated: 'broken', exhausted: 'not decided within the budget' },
  level: {
    linearizable: 'Linearizable',
    sequential: 'Sequential',
    'monotonic-reads': 'Monotonic reads',
    'monotonic-writes': 'Monotonic writes',
    'read-your-writes': 'Read your writes',
    'writes-follow-reads': 'Writes follow reads',
  } as Record<Level, string>,
  promise: {
    linearizable: 'each operation takes effect at one moment between its call and its return',
    sequential: 'all operations in one order, which keeps the order of each client',
    'monotonic-reads': 'a client never reads something older than before',
    'monotonic-writes': 'the writes of a client are seen in its order',
    'read-your-writes': 'a client reads its own writes',
    'writes-follow-reads': 'what is written after a read is newer than what was read',
  } as Record<Level, string>,
  /** What the judges say, in English; another language says it in its own way. */
  why: (_verdict: 'holds' | 'violated' | 'exhausted', text: string): string => text,
  showOrder: 'Show the order',
  operation: (id: number): string => `operation ${id}`,

  legendLabel: 'What the shapes mean',
  legend: {
    write: 'write',
    read: 'read',
    ok: 'done',
    fail: 'not done ✕',
    unknown: 'outcome unknown ?, open-ended',
    point: 'took effect',
    leader: 'elected',
    election: 'election',
    fault: 'fault',
    action: 'done to the cluster',
    retry: 'asked again',
    redirect: 'turned to another server',
  },
  tick: { resent: 'asked again', redirected: 'turned to another server' },
};
