/** Some servers, in order: `S1 S2`, and `S1–S8 S12` where three or more follow each other. */
export function ranges(ids: readonly number[]): string {
  const runs: [first: number, last: number][] = [];
  for (const id of ids) {
    const run = runs.at(-1);
    if (run && run[1] === id - 1) run[1] = id;
    else runs.push([id, id]);
  }
  // In a small cluster every server is named.
  const short = ids.length > 5;
  return runs
    .map(([first, last]) => {
      if (short && last - first > 1) return `S${first}–S${last}`;
      return Array.from({ length: last - first + 1 }, (_, i) => `S${first + i}`).join(' ');
    })
    .join(' ');
}

/** Two numbers, or one if they are the same. */
export function span([min, max]: readonly [number, number]): string {
  return min === max ? String(min) : `${min}–${max}`;
}
