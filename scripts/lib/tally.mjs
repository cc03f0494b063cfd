// Counts what passed and failed, and prints one line for each check.

import { CommandFailed } from './run.mjs';
import { explanation, step } from './step.mjs';

/** What test runners print about their tests: [pattern of the passed count, pattern of the failed count]. */
const SUMMARIES = [
  // cargo nextest: "Summary [1.2s] 4 tests run: 3 passed, 1 failed, 0 skipped"
  [/^ *Summary \[.*?(\d+) passed/gm, /^ *Summary \[.*?(\d+) (?:failed|timed out)/gm],
  // cargo test: "test result: FAILED. 3 passed; 1 failed; 0 ignored; …"
  [/^test result: .*?(\d+) passed/gm, /^test result: .*?(\d+) failed/gm],
  // vitest: "     Tests  1 failed | 3 passed (4)"
  [/^ *Tests .*?(\d+) passed/gm, /^ *Tests .*?(\d+) failed/gm],
];

const sum = (text, pattern) => [...text.matchAll(pattern)].reduce((total, match) => total + Number(match[1]), 0);

/** How many tests a runner's output speaks of. */
function countTests(output) {
  return {
    passed: SUMMARIES.reduce((total, [passed]) => total + sum(output, passed), 0),
    failed: SUMMARIES.reduce((total, [, failed]) => total + sum(output, failed), 0),
  };
}

export class Tally {
  passed = 0;
  failed = 0;

  /**
   * Runs one check. A test runner counts as many as it has tests, everything else counts one.
   *
   * @param {string} name
   * @param {() => Promise<string | void>} work Resolves to the output of a test runner, if it is one.
   * @returns {Promise<boolean>} Whether it passed.
   */
  async check(name, work) {
    try {
      await step(name, async (note) => {
        const { passed } = countTests((await work()) ?? '');
        if (passed > 0) note(`${passed} passed`);
        this.passed += Math.max(passed, 1);
      });
      return true;
    } catch (error) {
      console.log(explanation(error));
      const { passed, failed } = countTests(error instanceof CommandFailed ? error.output : '');
      this.passed += passed;
      this.failed += Math.max(failed, 1);
      return false;
    }
  }
}
