// Why nothing happens: what is found in real clusters is what has been done to them.

import { afterEach, expect, test } from 'vitest';
import { Cluster, type ClusterConfig } from '../../engine.js';
import { type Finding, findings, remedies, type Scene, since, stops } from './stalls.js';

let cluster: Cluster;
afterEach(() => cluster.dispose());

/** A cluster with a leader, and the leader. */
async function led(config: ClusterConfig = { servers: 5, seed: 3 }): Promise<number> {
  cluster = await Cluster.create(config);
  cluster.runUntil({ type: 'leader' });
  cluster.advance(300);
  return leader();
}

const leader = () =>
  cluster
    .frame()
    .servers.filter(({ role, status }) => role === 3 && status === 0)
    .sort((a, b) => b.term - a.term)[0]?.id ?? 0;

const others = (id: number) =>
  cluster
    .frame()
    .servers.map((server) => server.id)
    .filter((other) => other !== id);

function scene(): Scene {
  const frame = cluster.frame();
  const leaders = frame.servers.filter(({ role, commitIndex, lastIndex }) => role === 3 && commitIndex < lastIndex);
  return {
    frame,
    servers: frame.servers.map(({ id }) => cluster.inspect(id)),
    majority: true,
    waiting: new Map(leaders.map(({ id, commitIndex }) => [id, cluster.log(id, commitIndex + 1, 48).entries])),
  };
}

const find = <K extends Finding['kind']>(kind: K) =>
  findings(scene()).find((found): found is Extract<Finding, { kind: K }> => found.kind === kind);

test('a healthy cluster waits for a client, and nothing is stuck', async () => {
  const id = await led();
  expect(findings(scene())).toEqual([{ kind: 'idle', leader: id, term: cluster.frame().servers[id - 1]?.term }]);
  expect(findings(scene()).some(stops)).toBe(false);
});

test('no quorum: have 2, need 3, missing those that are down, and restarting them helps', async () => {
  const id = await led();
  const [a = 0, b = 0, c = 0] = others(id);
  for (const server of [a, b, c]) cluster.crash(server);
  const found = find('noQuorum');
  const missing = [a, b, c].map((server) => ({ server, why: 'crashed' }));
  expect(found).toEqual({ kind: 'noQuorum', have: 2, need: 3, missing, joint: false });
  expect(found && stops(found)).toBe(true);
  expect(found && remedies(found, cluster.frame())).toEqual([a, b, c].map((server) => ({ type: 'restart', server })));
  expect(found && since(found, cluster.markers(), cluster.frame().header.step)).toBe(cluster.frame().header.step);
  cluster.restart(a);
  expect(find('noQuorum')).toBeUndefined();
});

test('all paused, all crashed: nobody is up', async () => {
  await led({ servers: 3, seed: 1 });
  cluster.pause(1);
  cluster.pause(2);
  cluster.crash(3);
  expect(findings(scene())).toEqual([
    {
      kind: 'nobodyUp',
      missing: [
        { server: 1, why: 'paused' },
        { server: 2, why: 'paused' },
        { server: 3, why: 'crashed' },
      ],
    },
  ]);
});

test('a partition: which side can decide, and since when', async () => {
  const id = await led();
  const [a = 0, ...rest] = others(id);
  cluster.partition([[id, a], rest]);
  const { step } = cluster.frame().header;
  cluster.advance(20);
  const minority = [id, a].sort((x, y) => x - y);
  const found = find('parted');
  expect(found?.sides).toHaveLength(2);
  expect(found?.sides).toContainEqual({ servers: minority, enough: false });
  expect(found?.sides).toContainEqual({ servers: rest, enough: true });
  expect(found && since(found, cluster.markers(), cluster.frame().header.step)).toBe(step);
  // There is a quorum, if not where the leader is.
  expect(find('noQuorum')).toBeUndefined();
  cluster.partition([[1], [2], [3], [4], [5]]);
  expect(find('noQuorum')).toMatchObject({ have: 1, need: 3 });
});

test('a link that is cut one way only', async () => {
  await led();
  cluster.cut(1, 2, { oneWay: true });
  expect(find('oneWay')).toEqual({ kind: 'oneWay', from: 1, to: 2 });
});

test('a leader that cannot commit counts as the engine does', async () => {
  const id = await led();
  const [a = 0, b = 0, c = 0, d = 0] = others(id);
  for (const server of [b, c, d]) cluster.crash(server);
  cluster.propose(id, 'x=1');
  cluster.advance(60);
  const found = find('notCommitted');
  expect(found).toMatchObject({
    leader: id,
    have: 2,
    need: 3,
    missing: [b, c, d].map((server) => ({ server, why: 'crashed' })),
  });
  const said = cluster.inspect(id).commitBlocked ?? '';
  expect(said).toContain(
    `may not commit entry ${found?.index} yet: ${found?.have} of the ${found?.need} voters needed hold it`,
  );
  expect(said.split('; ')[1]).toBe(`not known to hold it: ${[b, c, d].map((server) => `S${server}`).join(', ')}`);
  expect(found && stops(found)).toBe(true);
  expect(a).toBeGreaterThan(0);
});

test('an entry on its way stops nothing', async () => {
  const id = await led();
  cluster.propose(id, 'x=1');
  const found = find('notCommitted');
  expect(found?.missing.every(({ why }) => why === 'underway')).toBe(true);
  expect(found && stops(found)).toBe(false);
});

test('an entry of an older term on a majority is not committed by counting', async () => {
  const { readFileSync } = await import('node:fs');
  cluster = await Cluster.fromScenario(
    readFileSync(new URL('../../../../scenarios/figure-8.json', import.meta.url), 'utf8'),
  );
  const blocked = () => cluster.events().some(({ kind, index }) => kind === 'commitBlocked' && index === 2);
  for (let i = 0; i < 1_000 && !blocked(); i++) cluster.step();
  expect(find('olderTerm')).toEqual({ kind: 'olderTerm', leader: 1, index: 2, term: 2, current: 4 });
  // The event names the last such entry, the state of the server the first.
  expect(cluster.inspect(1).commitBlocked).toContain('by counting: it is of older term');
});

test('a frozen leader, then one that does not know that it leads no more', async () => {
  const id = await led();
  const { term } = cluster.frame().servers[id - 1] as { term: number };
  cluster.pause(id);
  cluster.advance(10);
  expect(find('frozenLeader')).toEqual({ kind: 'frozenLeader', server: id, term });
  expect(find('leaderless')?.ms).toBeGreaterThan(0);
  cluster.runUntil({ type: 'leader', term: term + 1 });
  expect(find('staleLeader')).toMatchObject({ server: id, term, newerTerm: term + 1 });
});

test('a candidate lacks votes', async () => {
  cluster = await Cluster.create({ servers: 3, seed: 1, rules: { preVote: false }, network: { manual: true } });
  cluster.timeout(2);
  expect(find('electing')).toEqual({ kind: 'electing', server: 2, term: 1, have: 1, need: 2, pre: false });
  const held = find('held');
  expect(held).toEqual({ kind: 'held', count: 2 });
  expect(held && remedies(held, cluster.frame())[0]?.type).toBe('deliver');
});
