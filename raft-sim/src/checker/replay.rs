//! The committed entries once more, to tell what the state after each of them is.

use raft_core::{Entry, LogIndex, SharedVec};

use crate::machine::Machine;

/// The committed entries that a snapshot may still be taken of, and the state before and after them.
#[derive(Clone, Debug, Default)]
pub(super) struct Replay {
    /// The state after entry `floor`.
    floor: LogIndex,
    at_floor: Machine,
    /// The entries after `floor`.
    entries: SharedVec<Entry>,
    /// The latest state that was asked for.
    head: LogIndex,
    at_head: Machine,
}

impl Replay {
    /// Adds the next committed entry; one that is not the next is ignored, and nothing after it will be known.
    pub(super) fn push(&mut self, index: LogIndex, entry: &Entry) {
        if index == self.last_index().next() {
            self.entries.push(entry.clone());
        }
    }

    fn last_index(&self) -> LogIndex {
        self.floor.plus(self.entries.len())
    }

    /// The state after an entry, if it is known.
    pub(super) fn state_after(&mut self, index: LogIndex) -> Option<&Machine> {
        if index < self.floor || index > self.last_index() {
            return None;
        }
        if index < self.head {
            (self.head, self.at_head) = (self.floor, self.at_floor.clone());
        }
        let (first, end) = (self.head.0 - self.floor.0, index.0 - self.floor.0);
        for entry in self.entries.range(first as usize..end as usize) {
            self.at_head.apply(entry, true);
        }
        self.head = index;
        Some(&self.at_head)
    }

    /// Forgets the entries up to an index, of which no snapshot will be taken any more.
    pub(super) fn forget_until(&mut self, index: LogIndex) {
        let index = index.min(self.last_index());
        if index <= self.floor {
            return;
        }
        let count = (index.0 - self.floor.0) as usize;
        for entry in self.entries.range(0..count) {
            self.at_floor.apply(entry, true);
        }
        self.entries.drop_front(count);
        self.floor = index;
        if self.head < index {
            (self.head, self.at_head) = (index, self.at_floor.clone());
        }
    }
}
