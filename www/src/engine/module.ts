import { RaftError } from './error.js';

/** Where a compiled module comes from when the default, a file beside this one, cannot be fetched. */
export interface WasmSource {
  wasm?: string | URL | BufferSource | WebAssembly.Module | undefined;
}

/** The engine of a cluster. */
export const engineModule = (source: WasmSource) =>
  wasmModule(source, new URL('../generated/raft_wasm_bg.wasm', import.meta.url));

/** The workshop, in which there is also an engine that judges histories. */
export const workshopModule = (source: WasmSource) =>
  wasmModule(source, new URL('../generated/raft_workshop_bg.wasm', import.meta.url));

const shared = new Map<string, Promise<WebAssembly.Module>>();

/** The compiled module. The default one is compiled once and shared by everybody in the page. */
function wasmModule({ wasm }: WasmSource, defaultUrl: URL): Promise<WebAssembly.Module> {
  if (wasm === undefined) {
    let module = shared.get(defaultUrl.href);
    if (!module) {
      module = compile(defaultUrl).catch((error: unknown) => {
        // A failed download may work the next time.
        shared.delete(defaultUrl.href);
        throw error;
      });
      shared.set(defaultUrl.href, module);
    }
    return module;
  }
  if (wasm instanceof WebAssembly.Module) return Promise.resolve(wasm);
  return compile(typeof wasm === 'string' ? new URL(wasm, globalThis.location?.href ?? 'file:///') : wasm);
}

async function compile(source: URL | BufferSource): Promise<WebAssembly.Module> {
  try {
    if (!(source instanceof URL)) return await WebAssembly.compile(source);
    if (source.protocol === 'file:') return await WebAssembly.compile(await readFile(source));
    const response = await fetch(source);
    if (!response.ok) throw new Error(`${response.status} ${response.statusText}`);
    if (response.headers.get('content-type')?.startsWith('application/wasm')) {
      return await WebAssembly.compileStreaming(response);
    }
    return await WebAssembly.compile(await response.arrayBuffer());
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new RaftError('loadFailed', `the engine could not be loaded: ${reason}`, {
      url: source instanceof URL ? source.href : null,
    });
  }
}

/** Only Node has `file:` URLs for modules; bundlers must not try to resolve its file system. */
async function readFile(url: URL): Promise<BufferSource> {
  const specifier = 'node:fs/promises';
  const fs = (await import(/* @vite-ignore */ specifier)) as typeof import('node:fs/promises');
  return fs.readFile(url) as Promise<BufferSource>;
}
