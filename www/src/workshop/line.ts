// The page's end of the line, and whoever sits at the other end: a worker, or the page itself where it cannot have one.

import { startWorker } from '../trusted.js';
import type { Reply, Request } from './protocol.js';

export interface Line {
  /** Whether what is under way can be broken off at any moment. */
  readonly isWorker: boolean;
  send(request: Request): void;
  close(): void;
}

export interface Ends {
  onReply: (reply: Reply) => void;
  /** The other end is gone. */
  onBroken: (reason: string) => void;
}

/** Short enough for a page to stay responsive between two slices. */
const INLINE_SLICE_MS = 8;

/**
 * A line to a worker. Where there are none (Node), where the page may not have one from here (another origin) or where a policy
 * forbids it, the same code runs in the page, in slices.
 */
export async function openLine(module: WebAssembly.Module, ends: Ends, inWorker: boolean): Promise<Line> {
  const line = inWorker && typeof Worker === 'function' ? await toWorker(module, ends) : undefined;
  return line ?? (await inline(module, ends));
}

function toWorker(module: WebAssembly.Module, { onReply, onBroken }: Ends): Promise<Line | undefined> {
  return new Promise((resolve) => {
    let worker: Worker;
    try {
      worker = startWorker('workshop');
    } catch {
      resolve(undefined);
      return;
    }
    let isOpen = false;
    const broken = (reason: string) => {
      worker.terminate();
      if (isOpen) onBroken(reason);
      else resolve(undefined);
    };
    worker.onerror = (event) => {
      // Reported here, by way of whoever waits for an answer.
      event.preventDefault();
      broken(event.message);
    };
    worker.onmessageerror = () => broken('a message could not be read');
    worker.onmessage = ({ data }: MessageEvent<Reply>) => {
      if (data.type !== 'opened') {
        onReply(data);
        return;
      }
      isOpen = true;
      resolve({
        isWorker: true,
        send: (request) => worker.postMessage(request),
        close: () => worker.terminate(),
      });
    };
    worker.postMessage({ type: 'open', module } satisfies Request);
  });
}

async function inline(module: WebAssembly.Module, { onReply }: Ends): Promise<Line> {
  const { Server } = await import('./server.js');
  let isClosed = false;
  const pause = () => new Promise<void>((resolve) => setTimeout(resolve));
  const server = new Server((reply) => isClosed || onReply(reply), { pause, sliceMs: INLINE_SLICE_MS });
  const open = new Set<number>();
  server.receive({ type: 'open', module });
  return {
    isWorker: false,
    send: (request) => {
      if (request.type === 'start') open.add(request.id);
      server.receive(request);
    },
    close: () => {
      isClosed = true;
      for (const id of open) server.receive({ type: 'cancel', id });
    },
  };
}
