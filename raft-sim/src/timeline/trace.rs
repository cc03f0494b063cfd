//! The events of a branch, packed.
//!
//! A run has tens of thousands of events, and most of them repeat what the one before said: the moment, the step, a cause
//! close by. Packed they take a sixth of the memory, which on a machine that hands out memory page by page is time as well.

use std::ops::Range;
use std::sync::Arc;

use postcard::ser_flavors::Flavor;
use serde::{Deserialize, Serialize};

use crate::event::{Event, EventId, EventKind};
use crate::time::Time;

/// Events of a full block. A single event is found by unpacking its block up to there.
const BLOCK: usize = 64;

/// A sequence of events that grows at its end. Copies share full blocks.
#[derive(Clone, Default)]
pub(super) struct Trace {
    full: Vec<Arc<Block>>,
    open: Block,
    len: usize,
    /// The moment of the last event.
    last: Moment,
}

#[derive(Clone, Default)]
struct Block {
    /// The moment of the event before the first one.
    start: Moment,
    bytes: Vec<u8>,
}

/// When an event happened.
#[derive(Clone, Copy, Default, PartialEq)]
struct Moment {
    time: Time,
    step: u32,
}

/// An event as the difference to the one before. `K` is its kind, borrowed for packing and owned after unpacking.
#[derive(Serialize, Deserialize)]
struct Packed<K> {
    /// The server's number, plus [`NEW_MOMENT`] if the event has another moment than the one before. Then the difference follows.
    server: u8,
    /// How many events ago its cause was; 0 without one.
    cause: u32,
    kind: K,
}

/// Above the numbers of servers.
const NEW_MOMENT: u8 = 32;

impl Trace {
    /// Number of events.
    pub(super) const fn len(&self) -> usize {
        self.len
    }

    /// Adds an event. It must not be earlier than the last one.
    pub(super) fn push(&mut self, event: &Event) {
        if self.len.is_multiple_of(BLOCK) {
            if self.len > 0 {
                // The open block keeps its memory for the next one.
                let bytes = self.open.bytes.as_slice().into();
                self.full.push(Arc::new(Block { bytes, ..self.open }));
                self.open.bytes.clear();
            }
            self.open.start = self.last;
        }
        let moment = Moment { time: event.time, step: event.step };
        let is_new = moment != self.last;
        let packed = Packed {
            server: event.server_number() | if is_new { NEW_MOMENT } else { 0 },
            cause: event.cause().map_or(0, |cause| self.len as u32 - cause.0),
            kind: &event.kind,
        };
        self.open.pack(&packed);
        if is_new {
            self.open.pack(&(moment.time.0 - self.last.time.0, moment.step - self.last.step));
        }
        self.len += 1;
        self.last = moment;
    }

    /// One event.
    pub(super) fn get(&self, id: EventId) -> Option<Event> {
        self.range(id.0 as usize..self.len).next().map(|(_, event)| event)
    }

    /// Some events in their order, cut to what exists.
    pub(super) fn range(&self, range: Range<usize>) -> impl Iterator<Item = (EventId, Event)> {
        let end = range.end.min(self.len);
        let first = range.start.min(end);
        self.reader(first / BLOCK).skip(first % BLOCK).take(end - first)
    }

    /// The events with these numbers, which must rise.
    pub(super) fn pick<'a>(&'a self, ids: &'a [EventId]) -> impl Iterator<Item = (EventId, Event)> {
        let mut reader = self.reader(0);
        ids.iter().filter_map(move |id| {
            let at = id.0 as usize;
            if at / BLOCK != reader.block {
                reader = self.reader(at / BLOCK);
            }
            reader.nth(at - reader.next)
        })
    }

    /// The step of the last event at or before a time: 0 if all are later, `None` if none is.
    pub(super) fn last_step_at(&self, time: Time) -> Option<u32> {
        if self.last.time <= time {
            return None;
        }
        let block = if self.open.start.time <= time {
            self.full.len()
        } else {
            // The start of the first block is the start of the run, so at least one qualifies.
            self.full.partition_point(|block| block.start.time <= time) - 1
        };
        let start = self.block(block).map_or(0, |block| block.start.step);
        let events = self.reader(block).take_while(|(_, event)| event.time <= time);
        Some(events.last().map_or(start, |(_, event)| event.step))
    }

    /// Keeps the first `len` events.
    pub(super) fn truncate(&mut self, len: usize) {
        if len >= self.len {
            return;
        }
        // A full last block stays open until the next event comes.
        let block = len.saturating_sub(1) / BLOCK;
        if let Some(full) = self.full.get(block) {
            self.open = Block::clone(full);
            self.full.truncate(block);
        }
        let mut reader = self.reader(block);
        let kept = len - block * BLOCK;
        reader.by_ref().take(kept).for_each(drop);
        let (rest, last) = (reader.rest.len(), reader.last);
        self.open.bytes.truncate(self.open.bytes.len() - rest);
        self.len = len;
        self.last = last;
    }

    fn block(&self, block: usize) -> Option<&Block> {
        match self.full.get(block) {
            Some(full) => Some(full),
            None => (block == self.full.len()).then_some(&self.open),
        }
    }

    fn reader(&self, block: usize) -> Reader<'_> {
        let mut reader = Reader { trace: self, block, rest: &[], last: Moment::default(), next: block * BLOCK };
        reader.enter();
        reader
    }
}

/// Unpacks events in their order.
struct Reader<'a> {
    trace: &'a Trace,
    /// The block that is being read.
    block: usize,
    rest: &'a [u8],
    last: Moment,
    next: usize,
}

impl Reader<'_> {
    fn enter(&mut self) {
        if let Some(block) = self.trace.block(self.block) {
            self.rest = &block.bytes;
            self.last = block.start;
        }
    }
}

impl Iterator for Reader<'_> {
    type Item = (EventId, Event);

    fn next(&mut self) -> Option<Self::Item> {
        if self.rest.is_empty() && self.next < self.trace.len {
            self.block += 1;
            self.enter();
        }
        if self.rest.is_empty() {
            return None;
        }
        let Packed { server, cause, kind } = unpack::<Packed<EventKind>>(&mut self.rest);
        if server & NEW_MOMENT != 0 {
            let (time_us, steps) = unpack::<(u64, u32)>(&mut self.rest);
            self.last = Moment { time: self.last.time.after(Time(time_us)), step: self.last.step + steps };
        }
        let server = server & !NEW_MOMENT;
        let id = EventId(self.next as u32);
        self.next += 1;
        let cause = (cause > 0).then(|| EventId(id.0 - cause));
        let server = (server > 0).then(|| raft_core::NodeId(server.into()));
        Some((id, Event::new(self.last.time, self.last.step, cause, server, kind)))
    }
}

impl Block {
    fn pack(&mut self, value: &impl Serialize) {
        postcard::serialize_with_flavor(value, Bytes(&mut self.bytes)).expect("a vector takes every byte");
    }
}

fn unpack<'a, T: Deserialize<'a>>(bytes: &mut &'a [u8]) -> T {
    let (value, rest) = postcard::take_from_bytes(bytes).expect("what was packed can be unpacked");
    *bytes = rest;
    value
}

/// Where packed bytes go.
struct Bytes<'a>(&'a mut Vec<u8>);

impl Flavor for Bytes<'_> {
    type Output = ();

    fn try_push(&mut self, byte: u8) -> postcard::Result<()> {
        self.0.push(byte);
        Ok(())
    }

    // Byte by byte, as is the default: nearly all runs are of one or two bytes.

    fn finalize(self) -> postcard::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use raft_core::{LogIndex, MessageKind, NodeId, Term, VoteDenial};

    use super::*;
    use crate::event::{Envelope, Loss, MessageId, OperationId, Outcome};

    /// Goal: whatever is packed comes out as it went in, at every place, after every cut, and by every way of asking.
    #[test]
    fn a_trace_is_a_vector_of_events() {
        let events = eventful(3 * BLOCK + 7);
        let mut trace = packed(&events);
        let ids: Vec<_> = (0..events.len() as u32).step_by(5).map(EventId).collect();
        assert!(trace.pick(&ids).map(|(id, event)| (id.0, event)).eq((0..).zip(events.clone()).step_by(5)));
        assert_eq!(trace.get(EventId(events.len() as u32)), None);
        for len in (0..=events.len()).rev() {
            trace.truncate(len);
            assert_eq!(trace.len(), len);
            let mut forked = trace.clone();
            forked.push(&events[len.min(events.len() - 1)]);
            assert!(forked.range(0..len).map(|(_, event)| event).eq(events[..len].iter().cloned()));
            assert_eq!(
                forked.get(EventId(len as u32)).map(|event| event.kind),
                events.get(len).or(events.last()).map(|event| event.kind.clone())
            );
            assert!(trace.range(len / 2..usize::MAX).map(|(_, event)| event).eq(events[len / 2..len].iter().cloned()));
        }
    }

    /// Goal: the last step at a time is that of the last event that is not later, also where many events share a time.
    #[test]
    fn the_step_at_a_time_is_found() {
        let events = eventful(5 * BLOCK);
        for len in [0, 1, BLOCK - 1, BLOCK, BLOCK + 1, 4 * BLOCK, events.len()] {
            let trace = packed(&events[..len]);
            for time in (0..40).map(|i| Time(i * 500)) {
                let after = events[..len].partition_point(|event| event.time <= time);
                let expected = (after < len).then(|| after.checked_sub(1).map_or(0, |at| events[at].step));
                assert_eq!(trace.last_step_at(time), expected, "{time} of {len}");
            }
        }
    }

    fn packed(events: &[Event]) -> Trace {
        let mut trace = Trace::default();
        for event in events {
            trace.push(event);
        }
        trace
    }

    /// Events of many kinds, with runs that share a moment: some shorter, some longer than a block.
    fn eventful(count: usize) -> Vec<Event> {
        let envelope = |success, entries| Envelope {
            message: MessageId(70_000),
            kind: MessageKind::ALL[entries as usize % MessageKind::ALL.len()],
            from: NodeId(25),
            to: NodeId(1),
            term: Term::MAX,
            index: LogIndex(300),
            entries,
            success,
        };
        let denial = VoteDenial::LogBehind { mine: (Term(3), LogIndex(9)), theirs: (Term(2), LogIndex(900)) };
        let kinds = [
            EventKind::Sent(envelope(None, 1_000)),
            EventKind::Delivered(envelope(Some(true), 5)),
            EventKind::Lost(envelope(Some(false), 0), Loss::Cut),
            EventKind::Acted("crash server 2".into()),
            EventKind::Restarted,
            EventKind::Returned(OperationId(u32::MAX), Outcome::Unknown),
            EventKind::Node(raft_core::Event::ElectionTimeout),
            EventKind::Node(raft_core::Event::VoteDenied {
                candidate: NodeId(4),
                term: Term(200),
                pre_vote: true,
                reason: denial,
            }),
        ];
        let event = |at: usize| {
            let step = if at < 20 { at } else { 20 + (at - 20) / (BLOCK + 9) } as u32;
            let cause = at.checked_sub(at % 300 + 1).map(|cause| EventId(cause as u32));
            let server = (!at.is_multiple_of(3)).then_some(NodeId((at % 26) as u64)).filter(|id| id.0 > 0);
            Event::new(Time(u64::from(step) * 750), step, cause, server, kinds[at % kinds.len()].clone())
        };
        (0..count).map(event).collect()
    }
}
