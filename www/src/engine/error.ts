/**
 * The one error that the engine throws.
 *
 * `code` is stable and meant for programs, `message` is a sentence for people, `details` is plain data:
 * the JSON path of a malformed scenario, the range of a refused number, or what to report after a panic.
 */
export class RaftError extends Error {
  override readonly name = 'RaftError';
  readonly code: string;
  readonly details: unknown;

  constructor(code: string, message: string, details?: unknown) {
    super(message);
    this.code = code;
    this.details = details;
  }
}

/** One call that changed a cluster, as kept for the report of a panic. */
export type RecordedCall = [method: string, ...args: unknown[]];

/** What `RaftError.details` holds when `code` is `panic`: enough to make the same panic happen again. */
export interface PanicDetails {
  seed: number | null;
  /** How the cluster was made, then every call that changed it, oldest first. */
  recording: RecordedCall[];
  /** Calls left out from the middle of a very long recording. */
  omitted: number;
  trap: string;
}

/** Whether a value thrown by the glue is the error shape of the Rust side. */
export function isErrorShape(value: unknown): value is { code: string; message: string; details?: unknown } {
  if (typeof value !== 'object' || value === null || value instanceof Error) return false;
  const shape = value as { code?: unknown; message?: unknown };
  return typeof shape.code === 'string' && typeof shape.message === 'string';
}
