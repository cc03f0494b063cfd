// Running other programs: quiet while they succeed, complete when they fail.

import { spawn, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { at, root } from './paths.mjs';

/** A program that ended badly; `output` is everything it said. */
export class CommandFailed extends Error {
  constructor(command, reason, output) {
    super(`${command}: ${reason}`);
    this.command = command;
    this.output = output;
  }
}

/**
 * Runs a program and resolves to what it printed.
 *
 * @param {string} program
 * @param {string[]} args
 * @param {{ env?: Record<string, string>, cwd?: string, timeoutMs?: number, inherit?: boolean, title?: string }} options
 *   `env` is added to this process's; `inherit` shows the output at once instead of keeping it;
 *   `title` is what a failure calls the command.
 * @returns {Promise<string>}
 */
export function run(program, args = [], { env = {}, cwd = root, timeoutMs, inherit = false, title } = {}) {
  const command = title ?? [program, ...args].join(' ');
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      cwd,
      env: { ...process.env, ...env },
      stdio: inherit ? 'inherit' : ['ignore', 'pipe', 'pipe'],
      timeout: timeoutMs,
    });
    const chunks = [];
    child.stdout?.on('data', (chunk) => chunks.push(chunk));
    child.stderr?.on('data', (chunk) => chunks.push(chunk));
    child.on('error', (error) => reject(new CommandFailed(command, error.message, '')));
    child.on('close', (code, signal) => {
      const output = Buffer.concat(chunks).toString();
      if (code === 0) resolve(output);
      else reject(new CommandFailed(command, signal ? `ended by ${signal}` : `exit code ${code}`, output));
    });
  });
}

/** Runs a program that an npm package brings along. */
export function runTool(name, args, { from = name, ...options } = {}) {
  const { bin } = JSON.parse(readFileSync(at('node_modules', from, 'package.json'), 'utf8'));
  const file = typeof bin === 'string' ? bin : bin[name];
  return run(process.execPath, [at('node_modules', from, file), ...args], {
    title: [name, ...args].join(' '),
    ...options,
    env: { NO_COLOR: '1', ...options.env },
  });
}

/** What a quick program prints on its standard output, or `undefined` when it is missing or fails. */
export function ask(program, args = [], env = {}) {
  const result = spawnSync(program, args, {
    cwd: root,
    env: { ...process.env, ...env },
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  return result.status === 0 ? result.stdout.trim() : undefined;
}
