// One line for each step, one sentence for each missing prerequisite.

import { CommandFailed } from './run.mjs';

/** Something that only the user can provide; the message says what to do. */
export class Missing extends Error {}

const terminal = process.stdout.isTTY;

/** "0.4 s", "12 s", "3 min 20 s". */
export function duration(ms) {
  const seconds = ms / 1000;
  if (seconds < 9.95) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  return whole < 60 ? `${whole} s` : `${Math.floor(whole / 60)} min ${whole % 60} s`;
}

/**
 * Does one piece of work and prints one line about it.
 *
 * @template T
 * @param {string} name
 * @param {(note: (text: string) => void) => T | Promise<T>} work
 *   Calls `note` with what is worth knowing: "ready", "built".
 * @returns {Promise<T>}
 */
export async function step(name, work) {
  const start = performance.now();
  let text = 'done';
  if (terminal) process.stdout.write(`  ${name} …`);
  const close = (mark) => {
    const line = `${mark} ${name}: ${text} (${duration(performance.now() - start)})`;
    process.stdout.write(terminal ? `\r\x1b[K${line}\n` : `${line}\n`);
  };
  try {
    const result = await work((note) => {
      text = note;
    });
    close('✓');
    return result;
  } catch (error) {
    text = 'failed';
    close('✗');
    throw error;
  }
}

/** Everything that is known about a failure, as text. */
export function explanation(error) {
  if (error instanceof Missing) return error.message;
  if (error instanceof CommandFailed) return `${error.output.trimEnd()}\n${error.message}`.trimStart();
  return error instanceof Error ? error.stack : String(error);
}

/** Runs a script's body; a failure is explained and ends the process with code 1. */
export async function main(body) {
  try {
    await body();
  } catch (error) {
    console.error(explanation(error));
    process.exit(1);
  }
}
