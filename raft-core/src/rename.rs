//! The same things with other servers' names, for programs that compare states of a cluster up to a renaming.

use alloc::sync::Arc;

use crate::{
    Append, Configuration, Entries, Entry, EntryKind, HardState, InstallSnapshot, Log, Message, NodeId, Persisted, Rpc,
    Snapshot, Write,
};

/// Something that names servers. Raft treats all servers alike, so a renamed state has the renamed future.
///
/// ```
/// # use raft_core::{Message, NodeId, Rename, Rpc, Term};
/// let message = Message { from: NodeId(1), to: NodeId(2), term: Term(3), rpc: Rpc::TimeoutNow };
/// let swapped = message.renamed(&|id| NodeId(3 - id.0));
/// assert_eq!((swapped.from, swapped.to), (NodeId(2), NodeId(1)));
/// assert_eq!(swapped.renamed(&|id| NodeId(3 - id.0)), message);
/// ```
pub trait Rename {
    /// The same with other names; `name` must give different servers different names.
    #[must_use]
    fn renamed(&self, name: &dyn Fn(NodeId) -> NodeId) -> Self;
}

impl Rename for Arc<Configuration> {
    fn renamed(&self, name: &dyn Fn(NodeId) -> NodeId) -> Self {
        Self::new((**self).renamed(name))
    }
}

impl Rename for Entry {
    fn renamed(&self, name: &dyn Fn(NodeId) -> NodeId) -> Self {
        match &self.kind {
            EntryKind::NoOp | EntryKind::Command(_) => self.clone(),
            EntryKind::Configuration(configuration) => {
                Self { kind: EntryKind::Configuration(configuration.renamed(name)), ..*self }
            }
        }
    }
}

impl Rename for Entries {
    fn renamed(&self, name: &dyn Fn(NodeId) -> NodeId) -> Self {
        self.as_slice().iter().map(|entry| entry.renamed(name)).collect()
    }
}

impl Rename for Snapshot {
    fn renamed(&self, name: &dyn Fn(NodeId) -> NodeId) -> Self {
        Self { configuration: self.configuration.renamed(name), ..self.clone() }
    }
}

impl Rename for HardState {
    fn renamed(&self, name: &dyn Fn(NodeId) -> NodeId) -> Self {
        Self { voted_for: self.voted_for.map(name), ..*self }
    }
}

impl Rename for Message {
    fn renamed(&self, name: &dyn Fn(NodeId) -> NodeId) -> Self {
        let rpc = match &self.rpc {
            Rpc::AppendEntries(append) => {
                let mut append = append.clone();
                append.entries = append.entries.renamed(name);
                Rpc::AppendEntries(append)
            }
            Rpc::InstallSnapshot(install) => Rpc::InstallSnapshot(InstallSnapshot {
                configuration: install.configuration.renamed(name),
                ..install.clone()
            }),
            other => other.clone(),
        };
        Self { from: name(self.from), to: name(self.to), term: self.term, rpc }
    }
}

impl Rename for Write {
    fn renamed(&self, name: &dyn Fn(NodeId) -> NodeId) -> Self {
        let append = self.append.as_ref();
        Self {
            number: self.number,
            hard_state: self.hard_state.map(|state| state.renamed(name)),
            snapshot: self.snapshot.as_ref().map(|snapshot| snapshot.renamed(name)),
            append: append.map(|append| Append { entries: append.entries.renamed(name), ..*append }),
        }
    }
}

impl Rename for Persisted {
    fn renamed(&self, name: &dyn Fn(NodeId) -> NodeId) -> Self {
        Self {
            hard_state: self.hard_state.renamed(name),
            snapshot: self.snapshot.as_ref().map(|snapshot| snapshot.renamed(name)),
            log: self.log.renamed(name),
        }
    }
}

impl Rename for Log {
    fn renamed(&self, name: &dyn Fn(NodeId) -> NodeId) -> Self {
        self.map_configurations(|configuration| configuration.renamed(name))
    }
}
