/** A log as far as it takes to compare it. */
export interface Comparable {
  /** The first index whose term is known. */
  first: number;
  last: number;
  termAt(index: number): number | undefined;
}

/** How many entries are looked at one by one, where a rule that keeps the logs alike is off. */
const MAX_SCAN = 512;

/**
 * The first entry of a follower that is not in the leader's log, `null` if there is none that can be compared.
 *
 * Entries up to `agreed` are known to be equal. Two logs that agree at an index agree up to there (§5.3), so the place
 * is found by halves. If that property may not hold (`matching` is false), the latest entries are looked at one by one.
 */
export function firstConflict(
  leader: Comparable,
  follower: Comparable,
  agreed: number,
  matching: boolean,
): number | null {
  const differs = (index: number) => leader.termAt(index) !== follower.termAt(index);
  const last = Math.min(leader.last, follower.last);
  const extra = follower.last > leader.last ? Math.max(leader.last + 1, follower.first) : null;
  const first = Math.max(leader.first, follower.first, matching ? agreed + 1 : 1);
  if (!matching) {
    for (let index = Math.max(first, last - MAX_SCAN + 1); index <= last; index++) if (differs(index)) return index;
    return extra;
  }
  if (first > last || !differs(last)) return extra;
  let [low, high] = [first, last];
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if (differs(middle)) high = middle;
    else low = middle + 1;
  }
  return low;
}
