import { INVARIANTS } from '../invariants.js';

/** What a search can look for: all but what is about answers to clients and about restarts. */
export const SEARCHED = INVARIANTS.filter(([id]) => id !== 'I28' && id !== 'I36');
