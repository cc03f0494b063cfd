//! What a node hands to its driver.

use alloc::vec::Vec;

use crate::{Entry, Event, LogIndex, Message, Read, Snapshot, Write};

/// The output of a node since the last drain. Kept by the driver and filled again, so that steady work allocates nothing.
///
/// ```
/// # use raft_core::{Configuration, Node, NodeId, NodeSetup, Persisted, Ready};
/// # let disk = Persisted::bootstrap(Configuration::of_voters([NodeId(1), NodeId(2)]));
/// # let mut node = Node::new(NodeSetup::new(NodeId(1)), disk)?;
/// let mut ready = Ready::default();
/// node.campaign();
/// node.drain_into(&mut ready);
/// assert_eq!(ready.messages[0].to, NodeId(2));
/// assert!(ready.write.is_none());                      // a pre-vote promises nothing
/// assert!(ready.restore.is_none() && ready.committed.is_empty() && ready.reads.is_empty());
/// assert!(!ready.events.is_empty());
/// ready.clear();
/// assert!(ready.is_empty());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
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
///
/// ```
/// # use raft_core::{Committed, Entry, EntryKind, LogIndex, Term};
/// let entry = Entry { term: Term(1), kind: EntryKind::Command("x".into()) };
/// let Committed { index, entry } = Committed { index: LogIndex(2), entry };
/// assert_eq!((index, entry.term), (LogIndex(2), Term(1)));
/// ```
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
