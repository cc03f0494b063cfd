import { Cluster, RaftError, type Scenario } from '../engine.js';
import { scenarioJson } from './scenarios.js';

/** Where a cluster comes from; the first of these that is given counts. */
export interface Source {
  /** JSON of a scenario or a recording, or a link (`#v1:…`). */
  text?: string | undefined;
  /** URL of such a text, or a link (`#v1:…`). */
  src?: string | undefined;
  /** Name of a built-in scenario. */
  scenario?: string | undefined;
  /** Name of a variant of the scenario. */
  variant?: string | undefined;
  /** Whether the rule that the scenario is about is `on` or `off`. */
  rule?: string | undefined;
  /** A string is no number, and is refused. */
  servers?: number | string | undefined;
  seed?: number | string | undefined;
}

const DEFAULT_SERVERS = 5;

export async function openSource(source: Source): Promise<Cluster> {
  if (source.text !== undefined) return openText(source.text, source);
  if (source.src?.startsWith('#')) return openText(source.src, source);
  if (source.src !== undefined) return openText(await download(source.src), source);
  if (source.scenario !== undefined) return openScenario(await scenarioJson(source.scenario), source);
  const { servers = DEFAULT_SERVERS, seed } = source;
  // Cast, not checked: that is what the engine does, in words of its own.
  return Cluster.create({ servers, ...(seed === undefined ? {} : { seed }) } as Parameters<typeof Cluster.create>[0]);
}

async function openText(text: string, source: Source): Promise<Cluster> {
  if (text.startsWith('#')) return Cluster.fromLink(text);
  const parsed = parse(text);
  const isScenario = typeof parsed === 'object' && parsed !== null && ('script' in parsed || 'cluster' in parsed);
  return isScenario ? openScenario(text, source) : Cluster.load(text);
}

/** A scenario usually names its seed and rules; a reader may ask for another run of the same script, or for a variant. */
async function openScenario(json: string, { seed, rule, variant }: Source): Promise<Cluster> {
  if (variant !== undefined) return openVariant(await Cluster.fromScenario(json), variant, { seed, rule });
  const isOn = switched(rule);
  if (seed === undefined && isOn === undefined) return Cluster.fromScenario(json);
  const scenario = parse(json) as Scenario;
  const cluster = { ...scenario.cluster };
  if (seed !== undefined) cluster.seed = seed as number;
  if (isOn !== undefined && scenario.rule) cluster.rules = { ...cluster.rules, [scenario.rule]: isOn };
  return Cluster.fromScenario({ ...scenario, cluster });
}

async function openVariant(base: Cluster, variant: string, source: Source): Promise<Cluster> {
  const { id, variants = [] } = base.scenario();
  const run = base.runs().find(({ name }) => name === `${id}/${variant}/with-rule`);
  base.dispose();
  if (run) return openScenario(JSON.stringify(run.scenario), source);
  const known = variants.map((one) => one.id).join(', ') || 'none';
  throw new RaftError('unknownScenario', `${id} has no variant ${JSON.stringify(variant)}; it has: ${known}`);
}

/** An attribute without a value is on, as elsewhere in HTML. */
function switched(rule: string | undefined): boolean | undefined {
  if (rule === undefined) return undefined;
  if (rule === 'off') return false;
  if (rule === 'on' || rule === '') return true;
  throw new RaftError('invalidScenario', `rule must be on or off, got ${JSON.stringify(rule)}`);
}

function parse(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch (cause) {
    throw new RaftError(
      'invalidScenario',
      `this is not JSON: ${cause instanceof Error ? cause.message : String(cause)}`,
    );
  }
}

async function download(src: string): Promise<string> {
  let reason: unknown;
  try {
    const response = await fetch(new URL(src, document.baseURI));
    if (response.ok) return await response.text();
    reason = response.status;
  } catch (cause) {
    reason = cause instanceof Error ? cause.message : cause;
  }
  throw new RaftError('loadFailed', `${src} could not be loaded: ${reason}`, { src });
}
