// The workshop in a thread of its own.

import type { Reply, Request } from './protocol.js';
import { Server } from './server.js';

/** Long enough to work, short enough to tell how far it is and to hear that it should stop. */
const SLICE_MS = 30;

/** The next task of the event loop. Unlike a timer it does not wait. */
const pause = () =>
  new Promise<void>((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(0);
  });

const scope = globalThis as unknown as {
  postMessage(reply: Reply): void;
  onmessage: ((event: MessageEvent<Request>) => void) | null;
};
const server = new Server((reply) => scope.postMessage(reply), { pause, sliceMs: SLICE_MS });
scope.onmessage = ({ data }) => server.receive(data);
