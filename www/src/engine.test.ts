// The headless API in Node: it refuses bad calls before they reach the engine, and changes nothing then.

import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Cluster, type ClusterConfig, MEMBER, MESSAGE_KINDS, RaftError } from './engine.js';

const CONFIG: ClusterConfig = { servers: 3, seed: 7 };

let cluster: Cluster;
beforeEach(async () => {
  cluster = await Cluster.create(CONFIG);
});
afterEach(() => cluster.dispose());

/** The code of the RaftError that a call throws, or what it did instead. */
function codeOf(call: () => unknown): string {
  try {
    call();
  } catch (error) {
    return error instanceof RaftError ? error.code : `not a RaftError: ${String(error)}`;
  }
  return 'nothing was thrown';
}

async function codeOfPromise(promise: Promise<unknown>): Promise<string> {
  try {
    await promise;
  } catch (error) {
    return codeOf(() => {
      throw error;
    });
  }
  return 'nothing was thrown';
}

// biome-ignore lint/suspicious/noExplicitAny: the whole point is to pass what the types forbid.
const wrong = (value: unknown): any => value;

describe('arguments that wasm would coerce', () => {
  const values = [
    Number.NaN,
    -1,
    0.5,
    Number.POSITIVE_INFINITY,
    2 ** 32,
    2 ** 32 + 3,
    2 ** 53,
    null,
    undefined,
    '3',
    true,
    {},
    [],
    3n,
  ];

  for (const value of values) {
    const name =
      typeof value === 'bigint' ? '3n' : typeof value === 'string' ? '"3"' : (JSON.stringify(value) ?? String(value));

    test(`a server is never ${Number.isNaN(value) ? 'NaN' : name}`, () => {
      const before = cluster.stateHash();
      expect(codeOf(() => cluster.crash(wrong(value)))).toBe('invalidArgument');
      expect(codeOf(() => cluster.restart(wrong(value)))).toBe('invalidArgument');
      expect(codeOf(() => cluster.inspect(wrong(value)))).toBe('invalidArgument');
      expect(codeOf(() => cluster.log(wrong(value)))).toBe('invalidArgument');
      expect(codeOf(() => cluster.cut(1, wrong(value)))).toBe('invalidArgument');
      expect(codeOf(() => cluster.partition([[1], [wrong(value)]]))).toBe('invalidArgument');
      expect(cluster.stateHash()).toBe(before);
    });
  }

  test('neither is a step, a message or an event one of those that are no safe integers', () => {
    for (const value of [Number.NaN, -1, 0.5, 2 ** 53, null, '3', 3n]) {
      expect(
        codeOf(() => cluster.seek(wrong(value))),
        String(value),
      ).toBe('invalidArgument');
      expect(
        codeOf(() => cluster.deliver(wrong(value))),
        String(value),
      ).toBe('invalidArgument');
      expect(
        codeOf(() => cluster.explain(wrong(value))),
        String(value),
      ).toBe('invalidArgument');
    }
  });

  test('durations are finite, not negative, and numbers', () => {
    for (const value of [Number.NaN, -1, Number.POSITIVE_INFINITY, null, '5', undefined]) {
      expect(
        codeOf(() => cluster.advance(wrong(value))),
        String(value),
      ).toBe('invalidArgument');
      expect(
        codeOf(() => cluster.seekTime(wrong(value))),
        String(value),
      ).toBe('invalidArgument');
    }
  });

  test('objects are plain, and unknown keys are named', () => {
    class Fancy {
      loseUnsynced = true;
    }
    expect(codeOf(() => cluster.crash(1, wrong([])))).toBe('invalidArgument');
    expect(codeOf(() => cluster.crash(1, wrong({ loseUnsynced: 'yes' })))).toBe('invalidArgument');
    expect(codeOf(() => cluster.act(wrong(Object.assign(Object.create({ type: 'heal' }), {}))))).toBe(
      'invalidArgument',
    );
    expect(codeOf(() => cluster.crash(1, new Fancy()))).toBe('invalidArgument');
    expect(() => cluster.crash(1, wrong({ loseunsynced: true }))).toThrow(/loseunsynced/);
  });
});

describe('creating', () => {
  test('size 0, sizes above the limit and numbers that are none are refused', async () => {
    for (const servers of [0, 26, 2.5, -3, Number.NaN, '3', null]) {
      expect(await codeOfPromise(Cluster.create(wrong({ servers }))), String(servers)).toBe('invalidArgument');
    }
  });

  test('unknown rules and unknown settings are refused by name', async () => {
    await expect(Cluster.create(wrong({ servers: 3, rules: { preVoting: false } }))).rejects.toMatchObject({
      code: 'unknownRule',
    });
    await expect(Cluster.create(wrong({ servers: 3, colour: 'red' }))).rejects.toThrow(/config\.colour/);
    expect(codeOf(() => cluster.setRule(wrong('preVoting'), false))).toBe('unknownRule');
  });

  test('the same seed gives the same run, another seed another one', async () => {
    const run = async (seed: number) => {
      const one = await Cluster.create({ servers: 5, seed });
      one.advance(2_000);
      const hash = one.traceHash();
      one.dispose();
      return hash;
    };
    expect(await run(42)).toBe(await run(42));
    expect(await run(42)).not.toBe(await run(43));
  });

  test('a malformed scenario names the JSON path, one of another version says so', async () => {
    const scenario = { version: 1, id: 'x', title: { en: 'x' }, cluster: { servers: 3 }, script: [] };
    const malformed = { ...scenario, cluster: { servers: 'three' } };
    await expect(Cluster.fromScenario(JSON.stringify(malformed))).rejects.toThrow(/cluster\.servers/);
    await expect(Cluster.fromScenario(JSON.stringify({ ...scenario, version: 9 }))).rejects.toThrow(/version/);
    expect(await codeOfPromise(Cluster.fromScenario('{'))).not.toBe('panic');
  });
});

describe('the Rust side refuses what only it can know', () => {
  test('a server that is not there, a message that is gone, a crash of what is down', () => {
    const before = cluster.stateHash();
    expect(codeOf(() => cluster.crash(4))).toMatch(/^(?!panic|nothing)/);
    expect(codeOf(() => cluster.deliver(999_999))).toMatch(/^(?!panic|nothing)/);
    expect(cluster.stateHash()).toBe(before);
    cluster.crash(1);
    const down = cluster.stateHash();
    expect(codeOf(() => cluster.crash(1))).toMatch(/^(?!panic|nothing)/);
    expect(codeOf(() => cluster.timeout(1))).toMatch(/^(?!panic|nothing)/);
    expect(cluster.stateHash()).toBe(down);
  });
});

describe('time', () => {
  test('a leader is elected, and going back and forth repeats the run exactly', () => {
    expect(cluster.runUntil({ type: 'leader' }).held).toBe(true);
    cluster.advance(500);
    const { step } = cluster.frame().header;
    const hash = cluster.stateHash();
    cluster.stepBack(50);
    expect(cluster.frame().header.step).toBe(step - 50);
    expect(cluster.stateHash()).not.toBe(hash);
    for (let i = 0; i < 50; i++) expect(cluster.step()).toBe(true);
    expect(cluster.stateHash()).toBe(hash);
  });

  test('acting in the past opens a branch and leaves the old one as it was', () => {
    cluster.advance(1_000);
    const { step } = cluster.frame().header;
    const hash = cluster.stateHash();
    cluster.stepBack(10);
    expect(cluster.crash(2).forked).toBe(true);
    const [old, ...others] = cluster.branches();
    expect(others).toHaveLength(1);
    cluster.switchBranch(old?.id ?? 99, step);
    expect(cluster.stateHash()).toBe(hash);
  });

  test('a write reaches every server', () => {
    cluster.runUntil({ type: 'leader' });
    cluster.client('a').put('x', '1');
    cluster.advance(1_000);
    for (const id of [1, 2, 3]) expect(cluster.inspect(id).state, `server ${id}`).toMatchObject({ x: '1' });
  });
});

describe('keeping', () => {
  test('a saved run and its link load into the same state', async () => {
    cluster.runUntil({ type: 'leader' });
    cluster.crash(1);
    cluster.advance(700);
    const link = await cluster.link();
    expect(link).toMatch(/^#v1:[\w-]+$/);
    for (const copy of [await Cluster.load(cluster.save()), await Cluster.fromLink(link)]) {
      copy.seek(cluster.frame().header.step);
      expect(copy.stateHash()).toBe(cluster.stateHash());
      copy.dispose();
    }
  });

  test('damaged links and links of another version are refused in words', async () => {
    expect(await codeOfPromise(Cluster.fromLink('#v1:%%%'))).toBe('badLink');
    expect(await codeOfPromise(Cluster.fromLink('#v1:AAAA'))).toBe('badLink');
    expect(await codeOfPromise(Cluster.fromLink('#v9:AAAA'))).toBe('unsupportedLink');
  });
});

test('a trap kills this cluster alone, with all that is needed to see it again', async () => {
  const { Instance } = WebAssembly;
  const made: WebAssembly.Instance[] = [];
  WebAssembly.Instance = class extends Instance {
    constructor(module: WebAssembly.Module, imports?: WebAssembly.Imports) {
      super(module, imports);
      made.push(this);
    }
  };
  const broken = await Cluster.create({ servers: 3, seed: 99 });
  WebAssembly.Instance = Instance;
  broken.advance(100);
  broken.crash(2);
  const memory = made[0]?.exports.memory as WebAssembly.Memory;
  new Uint8Array(memory.buffer).fill(0xff);

  expect(codeOf(() => broken.step())).toBe('panic');
  expect(codeOf(() => broken.stateHash())).toBe('panic');
  expect(codeOf(() => broken.crash(1))).toBe('panic');
  let details: unknown;
  try {
    broken.frame();
  } catch (error) {
    details = (error as RaftError).details;
  }
  expect(details).toMatchObject({
    seed: 99,
    recording: [
      ['create', { servers: 3, seed: 99 }],
      ['advance', 100, 1_000_000],
      ['act', { type: 'crash', server: 2 }],
      ['step'],
    ],
  });
  expect(cluster.step()).toBe(true);
});

test('every call after dispose() says so', () => {
  cluster.dispose();
  cluster.dispose();
  expect(codeOf(() => cluster.step())).toBe('disposed');
  expect(codeOf(() => cluster.frame())).toBe('disposed');
  expect(codeOf(() => cluster.crash(1))).toBe('disposed');
});

test('view() is plain data that console.table can show', () => {
  const view = cluster.view();
  expect(view.servers.map(({ id }) => id)).toEqual([1, 2, 3]);
  expect(JSON.parse(JSON.stringify(view))).toEqual(view);
});

describe('snapshots, membership, transfers and reads', () => {
  /** A cluster with a leader that has committed an entry of its term, and the leader's id. */
  async function led(config: ClusterConfig): Promise<[Cluster, number]> {
    const made = await Cluster.create(config);
    expect(made.runUntil({ type: 'committed', index: 1 }, { maxSteps: 10_000 }).held).toBe(true);
    const leader = made.view().servers.find(({ role }) => role === 'leader');
    return [made, leader?.id ?? 0];
  }

  test('a snapshot stands for the beginning of the log', async () => {
    const [made, leader] = await led({ servers: 3, seed: 1 });
    made.snapshot(leader);
    expect(made.inspect(leader).snapshot).toMatchObject({ lastIncludedIndex: 1, bytes: 4 });
    expect(made.frame().servers[leader - 1]?.lastIncludedIndex).toBe(1);
    expect(codeOf(() => made.snapshot(leader))).toBe('refused');
    made.dispose();
  });

  test('a spare joins, and a joint configuration shows on the way to another one', async () => {
    const [made, leader] = await led({ servers: 3, spares: 1, seed: 2 });
    expect(made.frame().servers.map(({ member }) => member)).toEqual([1, 1, 1, 0].map((bit) => bit * MEMBER.voter));
    made.changeMembership({ addVoter: 4 });
    expect(made.events().filter(({ kind }) => kind === 'refused').length).toBe(1);
    made.changeMembership({ addLearner: 4 });
    expect(made.frame().servers[3]?.member).toBe(MEMBER.learner);
    made.advance(500);
    expect(made.inspect(leader).progress.find(({ server }) => server === 4)?.catchUp?.caughtUp).toBe(true);
    made.changeMembership({ voters: [leader, 4] });
    expect(made.inspect(leader).configuration).toMatchObject({ joint: true, votersOutgoing: [1, 2, 3] });
    expect(made.frame().header.joint).toBe(1);
    made.advance(500);
    expect(made.inspect(leader).configuration).toMatchObject({ joint: false, voters: [leader, 4].sort() });
    made.dispose();
  });

  test('leadership goes to the chosen server', async () => {
    const [made, leader] = await led({ servers: 3, seed: 3 });
    const target = (leader % 3) + 1;
    made.transferLeadership(target);
    expect(made.frame().servers[leader - 1]?.transferTarget).toBe(target);
    expect(made.inspect(leader).transferBlocked).toContain(`S${target}`);
    made.advance(300);
    expect(made.inspect(target).role).toBe('leader');
    made.dispose();
  });

  test('markers go on where the last call ended, with the commitments or without', async () => {
    const [made, leader] = await led({ servers: 3, seed: 3 });
    const before = made.markers();
    made.client('a').put('x', '1');
    made.advance(100);
    made.crash(leader);
    made.runUntil({ type: 'leader' });
    const all = made.markers();
    expect(all.slice(0, before.length)).toEqual(before);
    expect(made.markers({ since: (before.at(-1)?.id ?? 0) + 1 })).toEqual(all.slice(before.length));
    expect(made.markers({ commits: false })).toEqual(all.filter(({ kind }) => kind !== 'commit'));
    expect(all.filter(({ kind }) => kind === 'commit').length).toBeGreaterThan(1);
    expect(all.find(({ event }) => event === 'crashed')).toMatchObject({ server: leader, kind: 'fault' });
    expect(all.map(({ term }) => term)).toEqual(all.map(({ term }) => term).sort((a, b) => a - b));
    expect(() => made.markers({ since: -1 })).toThrow('since');
    made.dispose();
  });

  test('what is measured has names, units and windows, up to the moment that is shown', async () => {
    const made = await Cluster.create({ servers: 3, seed: 7, network: { latencyMs: [10, 10] } });
    made.timeout(1);
    made.advance(65);
    const early = made.metrics({ windowMs: 50 });
    made.client('a').put('x', '1');
    made.advance(20);
    const report = made.metrics({ windowMs: 50 });
    expect(report).toMatchObject({ windowMs: 50, spanMs: 85 });
    const total = (name: string) => report.totals.find((total) => total.name === name);
    expect(total('latencyMax')).toEqual({ name: 'latencyMax', unit: 'ms', value: 20 });
    expect(total('messages')).toEqual({ name: 'messages', unit: 'messages', value: 16 });
    expect(report.series.find((series) => series.name === 'messages')).toEqual({
      name: 'messages',
      unit: 'messages/s',
      points: [
        [0, 200],
        [50, 120],
      ],
    });
    // The client acted at 65 ms, so that moment is past it.
    made.seekTime(64);
    expect(made.metrics({ windowMs: 50 }).series).toEqual(early.series);
    expect(codeOf(() => made.metrics(wrong({ windowMs: -1 })))).toBe('invalidArgument');
    made.dispose();
  });

  test('links show whether they are held or flap, and servers how slow their disk and state machine are', async () => {
    const made = await Cluster.create(CONFIG);
    made.act({ type: 'holdLink', a: 1, b: 2, oneWay: true });
    made.act({ type: 'flap', a: 2, b: 3, upMs: 5, downMs: 5 });
    made.act({ type: 'setDiskLatency', server: 1, ms: 2, maxMs: 4 });
    made.act({ type: 'setDiskLies', server: 1, on: true });
    made.act({ type: 'setApplyLatency', server: 1, ms: 3 });
    const frame = made.frame();
    expect(frame.link(1, 2)).toEqual({ cut: 0, held: 1, flapping: 0 });
    expect(frame.link(2, 1)).toEqual({ cut: 0, held: 0, flapping: 0 });
    expect(frame.link(3, 2)).toEqual({ cut: 0, held: 0, flapping: 1 });
    expect(made.inspect(1)).toMatchObject({
      disk: { minLatencyMs: 2, maxLatencyMs: 4, waiting: 0, lies: true },
      applyLatencyMs: 3,
      unapplied: 0,
    });
    made.dispose();
  });

  test('a read stands in the history with what it was answered', async () => {
    const [made, leader] = await led({ servers: 3, seed: 4 });
    made.client('a').put('x', '1');
    made.advance(200);
    const { operation } = made.client('b').get('x', { server: (leader % 3) + 1 });
    expect(made.history({ since: operation ?? 0 })).toMatchObject([{ kind: 'get', mode: 'readIndex', outcome: null }]);
    made.advance(200);
    expect(made.history({ since: operation ?? 0 })).toMatchObject([{ value: '1', outcome: 'ok', client: 'b' }]);
    const local = made.client('b').get('y', { consistency: 'local' });
    expect(made.history({ since: local.operation ?? 0 })).toMatchObject([{ value: null, outcome: 'ok' }]);
    made.dispose();
  });

  test('a write that is sent again is carried out once, and a client does not read backwards', async () => {
    const [made, leader] = await led({ servers: 3, seed: 4 });
    const client = made.client('a');
    expect(codeOf(() => client.retry())).toBe('refused');
    const { operation } = client.put('x', '1');
    client.retry();
    made.advance(300);
    expect(made.history({ since: operation ?? 0 })).toMatchObject([{ value: '1', outcome: 'ok' }]);
    expect(codeOf(() => client.retry())).toBe('refused');
    expect(made.log(leader).entries.filter(({ text }) => text === 'x=1')).toHaveLength(2);
    const read = client.get('x', { consistency: 'session', server: (leader % 3) + 1 });
    expect(made.history({ since: read.operation ?? 0 })).toMatchObject([
      { value: '1', outcome: 'ok', mode: 'session' },
    ]);
    expect(made.violations()).toEqual([]);
    made.dispose();
  });

  test('a client appends, compares and sets, deletes, and catches up', async () => {
    const [made, leader] = await led({ servers: 3, seed: 4 });
    const client = made.client('a');
    client.append('x', '1');
    client.append('x', '2');
    client.cas('x', '12', '3');
    client.cas('x', '12', '4');
    client.cas('y', null, '5');
    client.delete('x');
    made.advance(300);
    expect(
      made.history().map(({ kind, value, expected, matched, outcome }) => [kind, value, expected, matched, outcome]),
    ).toEqual([
      ['append', '1', null, null, 'ok'],
      ['append', '2', null, null, 'ok'],
      ['cas', '3', '12', true, 'ok'],
      ['cas', '4', '12', false, 'ok'],
      ['cas', '5', null, true, 'ok'],
      ['delete', null, null, null, 'ok'],
    ]);
    expect(made.log(leader).entries.map(({ text }) => text)).toContain('x: 12 → 3');
    expect(made.inspect(leader).state).toEqual({ y: '5' });

    const { operation } = made.client('b').sync();
    made.advance(300);
    const read = made.client('b').get('y', { consistency: 'session', server: (leader % 3) + 1 });
    expect(made.history({ since: operation ?? 0 })).toMatchObject([
      { kind: 'sync', outcome: 'ok', key: '' },
      { id: read.operation, kind: 'get', value: '5', outcome: 'ok' },
    ]);
    made.dispose();
  });

  test('clients that travel and ask by themselves leave a history', async () => {
    const made = await Cluster.create({
      servers: 3,
      seed: 5,
      clients: { latencyMs: [1, 5], retries: 2 },
      load: { clients: 3, thinkMs: 20, operations: { get: 1, put: 1, append: 1, cas: 1, delete: 1 }, startMs: 500 },
    });
    made.advance(3_000);
    const history = made.history();
    expect(history.length).toBeGreaterThan(30);
    expect(new Set(history.map(({ kind }) => kind))).toEqual(new Set(['get', 'put', 'append', 'cas', 'delete']));
    expect(history.every(({ calledMs }) => calledMs >= 500)).toBe(true);
    expect(made.events({ limit: 100_000 }).some(({ kind }) => kind === 'asked')).toBe(true);
    expect(made.violations()).toEqual([]);
    expect(codeOf(() => made.client('load-1').put('x', '1'))).toBe('refused');
    made.dispose();
  });

  test('bad arguments are refused', () => {
    const before = cluster.stateHash();
    expect(codeOf(() => cluster.changeMembership(wrong({ addLearner: '4' })))).toBe('invalidArgument');
    expect(codeOf(() => cluster.changeMembership(wrong({ add: 4 })))).toBe('invalidArgument');
    expect(codeOf(() => cluster.changeMembership(wrong({ addLearner: 1, remove: 2 })))).toBe('invalidScenario');
    expect(codeOf(() => cluster.changeMembership({ addLearner: 4 }))).toBe('unknownServer');
    expect(codeOf(() => cluster.transferLeadership(wrong(null)))).toBe('invalidArgument');
    expect(codeOf(() => cluster.client('a').get('x', wrong({ consistency: 'eventual' })))).toBe('invalidArgument');
    expect(codeOf(() => cluster.client('a').cas('x', wrong(1), '2'))).toBe('invalidArgument');
    expect(codeOf(() => cluster.client('a').delete('a=b'))).toBe('outOfRange');
    expect(cluster.stateHash()).toBe(before);
  });

  test('every name has its place in both vocabularies', () => {
    const { paper, etcd } = cluster.vocabularies();
    expect(Object.keys(etcd.messages).sort()).toEqual([...MESSAGE_KINDS].sort());
    expect(etcd.messages.AppendEntries).toBe('MsgApp');
    expect(paper.messages.AppendEntries).toBe('AppendEntries');
    expect(etcd.roles.preCandidate).toBe('StatePreCandidate');
  });

  test('a rule of the world is a rule, but no modification of Raft', async () => {
    const made = await Cluster.create({ servers: 1, seed: 1, rules: { copyOnWrite: false } });
    const off = made.rules().filter(({ on }) => !on);
    expect(off).toMatchObject([{ name: 'copyOnWrite', kind: 'world' }]);
    expect(made.inspect(1).modified).toBe(false);
    made.setRule('preVote', false);
    expect(made.inspect(1).modified).toBe(true);
    made.dispose();
  });
});
