import type { Action, Scenario } from '../../model.js';

export interface Step {
  timeMs: number | null;
  action: Action;
}

/** What is done in a scenario, line by line. */
export function stepsOf({ script = [] }: Scenario): Step[] {
  return script.flatMap(({ atMs, do: action }) => (action ? [{ timeMs: atMs ?? null, action }] : []));
}
