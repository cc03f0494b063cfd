//! What a node hands to its driver.

use alloc::vec::Vec;

use crate::{Entry, Event, LogIndex, Message, Read, Snapshot, Write};

/// The output of a node since the last drain. Kept by the driver and filled again, so that steady work allocates nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ready {
    /// Messages that may go now. Those that depend on a write appear only after [`crate::Node::on_persisted`].
    pub messages: Vec<Message>,
    /// To be made durable; then call [`crate::Node::on_persisted`] with its number.
    pub write: Option<Write>,
    /// The state that the state machine takes over, before `committed`; then call [`crate::Node::on_applied`] with its last
    /// index. It came from the leader and is durable.
    pub restore: Option<Snapshot>,
    /// Entries to apply, in order; then call [`crate::Node::on_applied`] with the last index.
    pub committed: Vec<Committed>,
    /// Reads that ended: servable now, or given up.
    pub reads: Vec<Read>,
    /// What happened, with reasons.
    pub events: Vec<Event>,
}

/// A committed entry, ready to be applied.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Committed {
    /// Its index.
    pub index: LogIndex,
    /// The entry.
    pub entry: Entry,
}

impl Ready {
    /// Whether there is nothing to do.
    pub fn is_empty(&self) -> bool {
        self.messages.is_empty()
            && self.write.is_none()
            && self.restore.is_none()
            && self.committed.is_empty()
            && self.reads.is_empty()
            && self.events.is_empty()
    }

    /// Forgets everything but the memory that holds it.
    pub fn clear(&mut self) {
        self.messages.clear();
        self.write = None;
        self.restore = None;
        self.reads.clear();
        self.committed.clear();
        self.events.clear();
    }
}
