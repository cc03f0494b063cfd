import { MAX_JSON } from './arguments.js';
import { RaftError } from './error.js';

/**
 * A run in the hash of a URL: `#v1:` and the deflated recording in base64url, which has the moment in it. It never leaves the browser.
 * What follows an `&` is for whoever shows the run, such as `select=S3`.
 */
const PREFIX = '#v1:';
/** Longest hash that is opened. */
export const MAX_HASH = 1_000_000;

export async function encodeLink(recording: string): Promise<string> {
  const packed = await through(new TextEncoder().encode(recording), new CompressionStream('deflate-raw'));
  let binary = '';
  for (let i = 0; i < packed.length; i += 0x8000) binary += String.fromCharCode(...packed.subarray(i, i + 0x8000));
  return PREFIX + btoa(binary).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
}

export async function decodeLink(hash: string): Promise<string> {
  const body = hash.startsWith('#') ? hash : `#${hash}`;
  if (!body.startsWith(PREFIX)) {
    throw new RaftError('unsupportedLink', `this link does not begin with ${PREFIX}; it was made by another version`);
  }
  const [run = ''] = body.split('&', 1);
  if (body.length > MAX_HASH) throw new RaftError('badLink', 'this link is too long');
  try {
    const binary = atob(run.slice(PREFIX.length).replaceAll('-', '+').replaceAll('_', '/'));
    const packed = Uint8Array.from(binary, (char) => char.charCodeAt(0));
    return new TextDecoder('utf-8', { fatal: true }).decode(
      await through(packed, new DecompressionStream('deflate-raw')),
    );
  } catch (cause) {
    if (cause instanceof RaftError) throw cause;
    throw new RaftError('badLink', 'this link is damaged: it may have been cut off when it was copied');
  }
}

async function through(bytes: Uint8Array, transform: GenericTransformStream): Promise<Uint8Array> {
  const source = new Blob([bytes as Uint8Array<ArrayBuffer>])
    .stream()
    .pipeThrough(transform as ReadableWritablePair<Uint8Array, Uint8Array>);
  const chunks: Uint8Array[] = [];
  let size = 0;
  const reader = source.getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    size += value.length;
    // A few bytes can inflate to gigabytes; a link is never worth that.
    if (size > MAX_JSON) throw new RaftError('badLink', 'this link unpacks to too much');
    chunks.push(value);
  }
  const all = new Uint8Array(size);
  let offset = 0;
  for (const chunk of chunks) {
    all.set(chunk, offset);
    offset += chunk.length;
  }
  return all;
}
