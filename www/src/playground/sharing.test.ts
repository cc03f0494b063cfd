import { expect, test } from 'vitest';
import { decodeLink, encodeLink } from '../engine/link.js';
import type { Selection } from '../model.js';
import { selectionIn, selectionText } from './addresses.js';
import { fileName } from './file-name.js';
import { kindOf } from './files.js';
import { originOf } from './session.js';

test('what is selected is the same after it has been in a link', () => {
  const all: Selection[] = [
    { kind: 'server', id: 3 },
    { kind: 'message', id: 1_234 },
    { kind: 'link', a: 1, b: 5 },
  ];
  for (const selection of all) expect(selectionIn(`#v1:abc&select=${selectionText(selection)}`, 5)).toEqual(selection);
});

test('a link that selects what cannot be there selects nothing', () => {
  for (const text of ['S0', 'S6', 'S1-S1', 'S1-S9', 'm', 'x3', 'S3 ', '<b>', ''])
    expect(selectionIn(`#v1:abc&select=${text}`, 5), text).toBeNull();
  expect(selectionIn('#v1:abc', 5)).toBeNull();
  expect(selectionIn('{"title":"&select=S1"}', 5)).toBeNull();
});

test('links with and without more behind the run hold the same run', async () => {
  const link = await encodeLink('{"version":1}');
  expect(await decodeLink(link)).toBe('{"version":1}');
  expect(await decodeLink(`${link}&select=S3`)).toBe('{"version":1}');
  await expect(decodeLink(`${link.slice(0, -4)}&select=S3`)).rejects.toMatchObject({ code: 'badLink' });
});

test('a document is told by what it cannot do without', () => {
  expect(kindOf({ format: 'raft-playground-trace', version: 1 })).toBe('trace');
  expect(kindOf({ version: 1, scenario: {}, branches: [] })).toBe('recording');
  expect(kindOf({ version: 1, id: 'x', title: {}, cluster: {}, script: [] })).toBe('scenario');
  expect(kindOf({ version: 1, id: 'x', title: {}, cluster: {} })).toBe('scenario');
  for (const other of [null, 5, 'text', [], {}, { traceEvents: [] }, { format: 'other' }])
    expect(kindOf(other)).toBeNull();
});

test('the name of a file says that the run is not Raft, and is a name everywhere', () => {
  expect(fileName('figure-8', false, 'mmd')).toBe('figure-8.mmd');
  expect(fileName('figure-8', true, 'mmd')).toBe('figure-8.modified-raft.mmd');
  expect(fileName('../a b/<c>', false, 'tla')).toBe('..-a-b-c-.tla');
  expect(fileName('', false, 'tla')).toBe('run.tla');
});

test('a page that asks for the same goes on with what was kept', () => {
  expect(originOf({ servers: 5, seed: undefined })).toBe(originOf({ servers: 5 }));
  expect(originOf({ servers: 5 })).not.toBe(originOf({ servers: 3 }));
  expect(originOf({ src: '#v1:a' })).not.toBe(originOf({ src: '#v1:b' }));
});
