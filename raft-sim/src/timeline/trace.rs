//! The events of a branch, packed.
//!
//! A run has tens of thousands of events, and most of them repeat what the one before said: the moment, the step, a cause
//! close by. Packed they take a seventh of the memory, which on a machine that hands out memory page by page is time as well.

use std::marker::PhantomData;
use std::ops::Range;
use std::sync::Arc;

use postcard::ser_flavors::Flavor;
use raft_core::{LogIndex, MessageKind, NodeId, Term};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::course::Packed;
use crate::event::{Envelope, Event, EventId, EventKind, MessageId};
use crate::time::Time;

/// Events of a full block. A single event is found by unpacking its block up to there.
const BLOCK: usize = 64;

/// A sequence of events that grows at its end. Copies share full blocks.
#[derive(Clone)]
pub(super) struct Trace<K> {
    full: Vec<Arc<Block>>,
    open: Block,
    len: usize,
    /// The moment of the last event.
    last: Moment,
    kind: PhantomData<fn() -> K>,
}

impl<K> Default for Trace<K> {
    fn default() -> Self {
        Self { full: Vec::new(), open: Block::default(), len: 0, last: Moment::default(), kind: PhantomData }
    }
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

/// The first byte of a packed event: the server's number in the low five bits, and these.
///
/// Then come the difference to the moment before, if there is one, how many events ago the cause was (0 without one), and
/// the kind.
mod head {
    /// The event has another moment than the one before.
    pub(super) const NEW_MOMENT: u8 = 1 << 5;
    /// The form of the kind is in the bits from here on.
    pub(super) const FORM_SHIFT: u32 = 6;
}

/// The forms of [`EventKind`]. Messages leaving and arriving are most of a run, so they have one of their own.
mod form {
    /// The kind follows.
    pub(super) const ANY: u8 = 0;
    /// The kind is `Sent`, the envelope follows.
    pub(super) const SENT: u8 = 1;
    /// The kind is `Delivered`, the envelope follows.
    pub(super) const DELIVERED: u8 = 2;
}

impl<K: Packed> Trace<K> {
    /// Number of events.
    pub(super) const fn len(&self) -> usize {
        self.len
    }

    /// Adds an event. It must not be earlier than the last one.
    pub(super) fn push(&mut self, event: &Event<K>) {
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
        let form = event.kind.form() << head::FORM_SHIFT;
        let bytes = &mut self.open.bytes;
        bytes.push(event.server_number() | form | if is_new { head::NEW_MOMENT } else { 0 });
        if is_new {
            push(bytes, moment.time.0 - self.last.time.0);
            push(bytes, u64::from(moment.step - self.last.step));
        }
        push(bytes, event.cause().map_or(0, |cause| self.len as u64 - u64::from(cause.0)));
        event.kind.pack(bytes);
        self.len += 1;
        self.last = moment;
    }

    /// One event.
    pub(super) fn get(&self, id: EventId) -> Option<Event<K>> {
        self.range(id.0 as usize..self.len).next().map(|(_, event)| event)
    }

    /// Some events in their order, cut to what exists.
    pub(super) fn range(&self, range: Range<usize>) -> impl Iterator<Item = (EventId, Event<K>)> {
        let end = range.end.min(self.len);
        let first = range.start.min(end);
        self.reader(first / BLOCK).skip(first % BLOCK).take(end - first)
    }

    /// The events with these numbers, which must rise.
    pub(super) fn pick(&self, ids: impl Iterator<Item = EventId>) -> impl Iterator<Item = (EventId, Event<K>)> {
        let mut reader = self.reader(0);
        ids.filter_map(move |id| {
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

    fn reader(&self, block: usize) -> Reader<'_, K> {
        let mut reader = Reader { trace: self, block, rest: &[], last: Moment::default(), next: block * BLOCK };
        reader.enter();
        reader
    }
}

/// Unpacks events in their order.
struct Reader<'a, K> {
    trace: &'a Trace<K>,
    /// The block that is being read.
    block: usize,
    rest: &'a [u8],
    last: Moment,
    next: usize,
}

impl<K: Packed> Reader<'_, K> {
    fn enter(&mut self) {
        if let Some(block) = self.trace.block(self.block) {
            self.rest = &block.bytes;
            self.last = block.start;
        }
    }
}

impl<K: Packed> Iterator for Reader<'_, K> {
    type Item = (EventId, Event<K>);

    fn next(&mut self) -> Option<Self::Item> {
        if self.rest.is_empty() && self.next < self.trace.len {
            self.block += 1;
            self.enter();
        }
        let (&head, rest) = self.rest.split_first()?;
        self.rest = rest;
        if head & head::NEW_MOMENT != 0 {
            let time = self.last.time.after(Time(pull(&mut self.rest)));
            self.last = Moment { time, step: self.last.step + pull(&mut self.rest) as u32 };
        }
        let cause = pull(&mut self.rest) as u32;
        let kind = K::unpack(head >> head::FORM_SHIFT, &mut self.rest);
        let server = head & 0x1F;
        let id = EventId(self.next as u32);
        self.next += 1;
        let cause = (cause > 0).then(|| EventId(id.0 - cause));
        let server = (server > 0).then(|| NodeId(server.into()));
        Some((id, Event::new(self.last.time, self.last.step, cause, server, kind)))
    }
}

impl Packed for EventKind {
    fn form(&self) -> u8 {
        match self {
            Self::Sent(_) => form::SENT,
            Self::Delivered(_) => form::DELIVERED,
            _ => form::ANY,
        }
    }

    fn pack(&self, bytes: &mut Vec<u8>) {
        match self {
            Self::Sent(envelope) | Self::Delivered(envelope) => push_envelope(bytes, envelope),
            kind => pack_any(kind, bytes),
        }
    }

    fn unpack(form: u8, bytes: &mut &[u8]) -> Self {
        match form {
            form::SENT => Self::Sent(pull_envelope(bytes)),
            form::DELIVERED => Self::Delivered(pull_envelope(bytes)),
            _ => unpack_any(bytes),
        }
    }
}

/// Appends the bytes of anything.
pub(crate) fn pack_any(value: &impl Serialize, bytes: &mut Vec<u8>) {
    postcard::serialize_with_flavor(value, Bytes(bytes)).expect("a vector takes every byte");
}

/// Takes what [`pack_any`] appended.
pub(crate) fn unpack_any<T: DeserializeOwned>(bytes: &mut &[u8]) -> T {
    let (value, rest) = postcard::take_from_bytes(bytes).expect("what was packed can be unpacked");
    *bytes = rest;
    value
}

/// Writes a number, seven bits to the byte, the lowest first.
fn push(bytes: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        bytes.push(number as u8 | 0x80);
        number >>= 7;
    }
    bytes.push(number as u8);
}

/// Takes what [`push`] wrote.
fn pull(bytes: &mut &[u8]) -> u64 {
    let mut number = 0;
    for shift in (0..u64::BITS).step_by(7) {
        let (byte, rest) = bytes.split_first().expect("what was packed can be unpacked");
        *bytes = rest;
        number |= u64::from(byte & 0x7F) << shift;
        if *byte < 0x80 {
            break;
        }
    }
    number
}

fn push_envelope(bytes: &mut Vec<u8>, envelope: &Envelope) {
    let Envelope { message, kind, from, to, term, index, entries, success } = *envelope;
    let success = success.map_or(0, |success| 1 + u64::from(success));
    // There are at most 25 servers; the kinds may become as many as they like.
    push(bytes, from.0 | to.0 << 5 | success << 10 | (kind as u64) << 12);
    push(bytes, message.0.into());
    push(bytes, term.0);
    push(bytes, index.0);
    push(bytes, entries.into());
}

fn pull_envelope(bytes: &mut &[u8]) -> Envelope {
    let small = pull(bytes);
    Envelope {
        from: NodeId(small & 0x1F),
        to: NodeId(small >> 5 & 0x1F),
        kind: MessageKind::ALL[(small >> 12) as usize],
        success: (small >> 10 & 0x3).checked_sub(1).map(|success| success == 1),
        message: MessageId(pull(bytes) as u32),
        term: Term(pull(bytes)),
        index: LogIndex(pull(bytes)),
        entries: pull(bytes) as u32,
    }
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
    use raft_core::VoteDenial;

    use super::*;
    use crate::action::Action;
    use crate::event::{Deed, Loss, OperationId, Outcome};

    /// Goal: whatever is packed comes out as it went in, at every place, after every cut, and by every way of asking.
    #[test]
    fn a_trace_is_a_vector_of_events() {
        let events = eventful(3 * BLOCK + 7);
        let mut trace = packed(&events);
        let ids: Vec<_> = (0..events.len() as u32).step_by(5).map(EventId).collect();
        assert!(
            trace.pick(ids.iter().copied()).map(|(id, event)| (id.0, event)).eq((0..).zip(events.clone()).step_by(5))
        );
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

    fn packed(events: &[Event]) -> Trace<EventKind> {
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
            kind: MessageKind::AppendEntries,
            from: NodeId(25),
            to: NodeId(1),
            term: Term::MAX,
            index: LogIndex(300),
            entries,
            success,
        };
        let denial = VoteDenial::LogBehind { mine: (Term(3), LogIndex(9)), theirs: (Term(2), LogIndex(900)) };
        let mut kinds = vec![
            EventKind::Sent(envelope(None, 1_000)),
            EventKind::Delivered(envelope(Some(true), 5)),
            EventKind::Lost(envelope(Some(false), 0), Loss::Cut),
            EventKind::Acted(Deed::of(&Action::Crash { server: 2, lose_unsynced: false })),
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
        kinds.extend(MessageKind::ALL.map(|kind| EventKind::Sent(Envelope { kind, ..envelope(Some(false), 1) })));
        let event = |at: usize| {
            let step = if at < 20 { at } else { 20 + (at - 20) / (BLOCK + 9) } as u32;
            let cause = at.checked_sub(at % 300 + 1).map(|cause| EventId(cause as u32));
            let server = (!at.is_multiple_of(3)).then_some(NodeId((at % 26) as u64)).filter(|id| id.0 > 0);
            Event::new(Time(u64::from(step) * 750), step, cause, server, kinds[at % kinds.len()].clone())
        };
        (0..count).map(event).collect()
    }
}
