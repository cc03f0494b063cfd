/** How many come a second, as far as that means something. */
export function pace(perSecond: number): string {
  if (perSecond >= 1_000) return `${Number(perSecond.toPrecision(2)).toLocaleString('en')}`;
  return perSecond < 10 ? perSecond.toFixed(1) : String(Math.round(perSecond));
}

const UNITS = ['B', 'kB', 'MB', 'GB'];

/** An amount of memory. */
export function memory(bytes: number): string {
  let [amount, unit] = [bytes, 0];
  while (amount >= 999.5 && unit < UNITS.length - 1) {
    amount /= 1_000;
    unit += 1;
  }
  return `${unit > 0 && amount < 9.95 ? amount.toFixed(1) : Math.round(amount)} ${UNITS[unit]}`;
}

/** What a field holds as a number; `null` unless that is a whole number and at least 0. */
export function wholeNumber(text: string): number | null {
  const digits = text.trim();
  const value = Number(digits);
  return /^\d+$/.test(digits) && Number.isSafeInteger(value) ? value : null;
}

/** An invariant that the checker names in its sentence: `Vote Once (I10) does not hold: …`. */
export function invariantNamed(problem: string): string | null {
  return /^(.+) \(I\d+\) does not hold: /.exec(problem)?.[1] ?? null;
}

/** What contradicts what, without the name of what is broken. */
export function contradiction(problem: string): string {
  return problem.replace(/^.+ \(I\d+\) does not hold: /, '');
}
