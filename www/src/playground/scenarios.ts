import { RaftError } from '../engine.js';

/** The built-in scenarios that follow Raft, each fetched only when it is asked for; the element draws no other design. */
const FILES = import.meta.glob<string>(
  ['../../../scenarios/*.json', '!**/expected-hashes.json', '!**/{write-all,async-primary,read-write-quorums}.json'],
  { query: '?raw', import: 'default' },
);

const loaders = new Map(Object.entries(FILES).map(([path, load]) => [path.replace(/^.*\/|\.json$/g, ''), load]));

export function scenarioNames(): string[] {
  return [...loaders.keys()].sort();
}

/** The JSON of a built-in scenario. */
export async function scenarioJson(name: string): Promise<string> {
  const load = loaders.get(name);
  if (!load)
    throw new RaftError(
      'unknownScenario',
      `there is no scenario ${JSON.stringify(name)}; there are ${scenarioNames().join(', ')}`,
    );
  return load();
}
