import type { EventRecord, MarkerRecord, MessageRecord, ServerRecord, ViolationRecord } from '../generated/glue.js';
import { englishBlock, englishEvent, englishMessage, englishViolation } from '../i18n/en-events.js';
import { englishFact } from '../i18n/en-facts.js';
import type { Fact } from './facts.js';
import type {
  CommitBlock,
  EventView,
  Happening,
  Marker,
  MessageData,
  MessageView,
  ReadBlock,
  ServerView,
  TransferBlock,
  ViolationView,
} from './happenings.js';

// What the engine hands out has no sentences; they are added here, in English. The shapes of the data are those of happenings.ts:
// a test holds them against every kind of event that real runs have.

export const tellEvent = (record: EventRecord): EventView =>
  ({ ...record, text: englishEvent(record as unknown as Happening) }) as EventView;

export function tellMarker(record: MarkerRecord): Marker {
  const { event: kind, data, server } = record;
  return { ...record, text: englishEvent({ kind, data, server } as Happening) } as Marker;
}

export function tellMessage(record: MessageRecord): MessageView {
  const data = record.data as MessageData;
  return { ...record, data, summary: englishMessage(data) };
}

export function tellViolation(record: ViolationRecord): ViolationView {
  const { invariant, name } = record;
  const facts = record.facts as [Fact, Fact];
  const [first, second] = facts;
  return {
    ...record,
    contradiction: facts,
    text: englishViolation({ invariant, name, facts }),
    facts: [englishFact(first), englishFact(second)],
  };
}

export function tellServer(record: ServerRecord): ServerView {
  const { id } = record;
  const commitBlock = record.commitBlock as CommitBlock | null;
  const readBlock = record.readBlock as ReadBlock | null;
  const transferBlock = record.transferBlock as TransferBlock | null;
  return {
    ...record,
    commitBlock,
    readBlock,
    transferBlock,
    commitBlocked: commitBlock && englishBlock.commit(id, commitBlock),
    readBlocked: readBlock && englishBlock.read(id, readBlock),
    transferBlocked: transferBlock && englishBlock.transfer(id, transferBlock),
  };
}
