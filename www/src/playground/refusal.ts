import { RaftError } from '../engine.js';
import type { Refusal } from '../views/lab/fields.js';

/** Which field of a form a mistake is about, by the path in the document that the workshop was given. */
export type FieldAt = (path: string) => string | null;

/** A mistake of whoever filled in a form; `null` if it is something else that went wrong. */
export function refusalOf(error: unknown, fieldAt: FieldAt): Refusal | null {
  if (!(error instanceof RaftError) || error.code === 'panic' || error.code === 'loadFailed') return null;
  const path = (error.details as { path?: unknown } | undefined)?.path;
  if (typeof path !== 'string') return null;
  const field = fieldAt(path.replace(/^(config|options)\./, ''));
  return field === null ? null : { field, message: withoutPath(error.message, path) };
}

/** The reader sees at which field it stands, and has never heard of a path. */
function withoutPath(message: string, path: string): string {
  const rest = message.startsWith(path) ? message.slice(path.length) : message;
  return rest.replace(/^:?\s+/, '');
}

/** What went wrong, for a line of its own. */
export function problemOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** A mistake that is found before the workshop is asked. */
export class FormError extends Error {
  readonly refusal: Refusal;

  constructor(field: string, own: Exclude<Refusal['message'], string>['own']) {
    super(own);
    this.refusal = { field, message: { own } };
  }
}
