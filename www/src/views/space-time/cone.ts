import type { Arrow, History } from './history.js';

/** How an event stands to the chosen one. */
export const LIGHT = { none: 0, past: 1, future: 2, self: 3 } as const;
export type Light = (typeof LIGHT)[keyof typeof LIGHT];

/**
 * What happened before the chosen event, and what it happened before: through the order of events on a lane, and through
 * causes, which include messages (Lamport, 1978).
 */
export function cone({ events, lanes, lane, before, cause }: History, chosen: number): Uint8Array {
  const light = new Uint8Array(events.length);
  if (chosen < 0 || chosen >= events.length) return light;
  const isOrdered = (at: number) => lanes[lane[at] as number]?.ordered ?? false;
  light[chosen] = LIGHT.past;
  for (let at = chosen; at >= 0; at--) {
    if (light[at] !== LIGHT.past) continue;
    const earlier = isOrdered(at) ? (before[at] as number) : -1;
    if (earlier >= 0) light[earlier] = LIGHT.past;
    const from = cause[at] as number;
    if (from >= 0) light[from] = LIGHT.past;
  }
  light[chosen] = LIGHT.self;
  for (let at = chosen + 1; at < events.length; at++) {
    const earlier = isOrdered(at) ? (before[at] as number) : -1;
    const isAfter = (from: number) => from >= 0 && (light[from] as number) >= LIGHT.future;
    if (isAfter(earlier) || isAfter(cause[at] as number)) light[at] = LIGHT.future;
  }
  return light;
}

/** Whether an arrow carries what led to the chosen event, or what came of it. */
export function arrowLight(arrow: Arrow, light: Uint8Array): Light {
  const [from, to] = [light[arrow.from] ?? 0, arrow.to < 0 ? 0 : (light[arrow.to] ?? 0)];
  if (to === LIGHT.past || to === LIGHT.self) return LIGHT.past;
  if (from >= LIGHT.future && (to >= LIGHT.future || arrow.to < 0)) return LIGHT.future;
  return LIGHT.none;
}

/** How many events a cone has, and on how many lanes. */
export function countLight({ lane }: History, light: Uint8Array, which: Light): { events: number; lanes: number } {
  const lanes = new Set<number>();
  let events = 0;
  for (let at = 0; at < light.length; at++) {
    if (light[at] !== which) continue;
    events++;
    lanes.add(lane[at] as number);
  }
  return { events, lanes: lanes.size };
}
