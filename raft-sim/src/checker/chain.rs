//! Logs as chained hashes.

use std::hash::Hasher;
use std::sync::Arc;

use raft_core::{Configuration, Entry, EntryKind, Log, LogIndex, SharedVec, Term};

use crate::hash::PortableHasher;

/// Configurations by the index of their entry, in ascending order.
pub(super) type Configurations = Vec<(LogIndex, Arc<Configuration>)>;

/// A log as chained hashes: two logs with the same link at an index are equal up to it, whatever of them is left.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Chain {
    base: LogIndex,
    base_link: Link,
    links: SharedVec<Link>,
}

/// One entry of a [`Chain`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Link {
    pub(super) term: Term,
    pub(super) hash: u64,
}

impl Chain {
    /// A log that starts, and for now ends, after an entry.
    pub(super) const fn after(base: LogIndex, base_link: Link) -> Self {
        Self { base, base_link, links: SharedVec::new() }
    }

    /// The last entry that is no longer in the log.
    pub(super) const fn base(&self) -> LogIndex {
        self.base
    }

    /// What stands for everything up to [`Chain::base`].
    pub(super) const fn base_link(&self) -> Link {
        self.base_link
    }

    pub(super) fn last_index(&self) -> LogIndex {
        self.base.plus(self.links.len())
    }

    /// The link at an index, that of the base included.
    pub(super) fn get(&self, index: LogIndex) -> Option<Link> {
        match index.0.checked_sub(self.base.0)? {
            0 => Some(self.base_link),
            distance => self.links.get(distance as usize - 1).copied(),
        }
    }

    pub(super) fn truncate_after(&mut self, index: LogIndex) {
        self.links.truncate(index.0.saturating_sub(self.base.0) as usize);
    }

    /// Lets the log start after `index`, where its link must be `link`; what follows stays. A log that has another one
    /// there, or none, goes as a whole.
    pub(super) fn start_after(&mut self, index: LogIndex, link: Link) {
        if self.get(index) != Some(link) {
            *self = Self::after(index, link);
            return;
        }
        self.links.drop_front((index.0 - self.base.0) as usize);
        (self.base, self.base_link) = (index, link);
    }

    /// Adds the entries of `log` from `first` on, and to `configurations` those that they carry.
    pub(super) fn extend(&mut self, log: &Log, first: LogIndex, configurations: &mut Configurations) {
        let mut previous = self.get(first.prev()).map_or(0, |link| link.hash);
        for (index, entry) in log.iter_from(first) {
            previous = hash_of(previous, entry);
            self.links.push(Link { term: entry.term, hash: previous });
            if let EntryKind::Configuration(configuration) = &entry.kind {
                configurations.push((index, Arc::clone(configuration)));
            }
        }
    }

    #[cfg(test)]
    pub(super) fn forge(&mut self, index: LogIndex, link: Link) {
        self.links.set((index.0 - self.base.0) as usize - 1, link);
    }
}

fn hash_of(previous: u64, entry: &Entry) -> u64 {
    let mut hasher = PortableHasher::default();
    hasher.write_u64(previous);
    hasher.write_u64(entry.term.0);
    match &entry.kind {
        EntryKind::NoOp => hasher.write_u8(0),
        EntryKind::Command(command) => hasher.write(command.as_bytes()),
        EntryKind::Configuration(configuration) => {
            hasher.write_u64(PortableHasher::hash_of(configuration));
        }
    }
    hasher.finish()
}
