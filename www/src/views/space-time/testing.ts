import { readFileSync } from 'node:fs';
import { Cluster } from '../../engine.js';
import { Axis, type AxisOptions } from './axis.js';
import { History } from './history.js';

/** What the tests of the diagram share: real runs, since the diagram reads what the engine really says. */
export async function scenario(name: string): Promise<Cluster> {
  const url = new URL(`../../../../scenarios/${name}.json`, import.meta.url);
  const cluster = await Cluster.fromScenario(readFileSync(url, 'utf8'));
  cluster.runScript();
  return cluster;
}

/** Everything that a reader can do to servers and links, with losses, copies and two clients, one with an odd name. */
export async function busyRun(): Promise<Cluster> {
  const cluster = await Cluster.create({ servers: 5, seed: 7 });
  cluster.act({ type: 'setLoss', permille: 60 });
  cluster.act({ type: 'setDuplication', permille: 60 });
  cluster.runUntil({ type: 'leader' });
  const leader = cluster.frame().servers.find(({ role }) => role === 3)?.id ?? 1;
  const [a, b] = leader === 1 ? [2, 3] : leader === 2 ? [1, 3] : [1, 2];
  const work: (() => unknown)[] = [
    () => cluster.client('a').put('x', '1'),
    () => cluster.client('b c').get('x'),
    () => cluster.cut(a, b),
    () => cluster.cut(leader, a, { oneWay: true }),
    () => cluster.mend(a, b),
    () => cluster.pause(b),
    () => cluster.partition([[leader, a], [1, 2, 3, 4, 5].filter((id) => id !== leader && id !== a)]),
    () => cluster.client('a').append('x', '2'),
    () => cluster.resume(b),
    () => cluster.crash(leader),
    () => cluster.heal(),
    () => cluster.restart(leader),
    () => cluster.client('b c').put('y', '3'),
  ];
  for (const act of work) {
    act();
    cluster.advance(170);
  }
  return cluster;
}

export function historyOf(cluster: Cluster): History {
  const history = new History(cluster.frame().header.servers);
  for (const event of cluster.events({ limit: 1_000_000 })) history.add(event);
  return history;
}

export function axisOf(history: History, options: Partial<AxisOptions> = {}): Axis {
  const endMs = history.events.at(-1)?.timeMs ?? 0;
  return new Axis(history, { endMs, folding: true, open: new Set(), ...options });
}
