// The element's module can be imported where there is no DOM.

import { expect, test } from 'vitest';

test('importing it on a server defines nothing and throws nothing', async () => {
  expect(globalThis.customElements).toBeUndefined();
  const { RaftPlayground } = await import('./raft-playground.js');
  expect(RaftPlayground.observedAttributes).toContain('scenario');
});
