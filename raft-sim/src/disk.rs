//! The disk of one server: writes become durable after a while, and a power loss takes what has not.

use std::collections::VecDeque;

use raft_core::{Persisted, Write, WriteNumber};

use crate::event::EventId;
use crate::time::Time;

/// What is durable, and what is on its way there.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Disk {
    pub(crate) latency: Time,
    pub(crate) durable: Persisted,
    // Writes that are not durable, each with the event that asked for it.
    waiting: VecDeque<(Write, Option<EventId>)>,
    // How many of them the running sync covers.
    syncing: usize,
    /// The event that told of the running sync.
    pub(crate) sync_event: Option<EventId>,
    // Told apart from syncs that a crash ended.
    epoch: u32,
}

/// A sync that was started and will end unless the server crashes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Sync {
    pub(crate) epoch: u32,
    pub(crate) upto: WriteNumber,
}

impl Disk {
    pub(crate) const fn new(durable: Persisted, latency: Time) -> Self {
        Self { latency, durable, waiting: VecDeque::new(), syncing: 0, sync_event: None, epoch: 0 }
    }

    /// Number of writes that are not durable.
    pub(crate) fn waiting(&self) -> usize {
        self.waiting.len()
    }

    pub(crate) const fn is_syncing(&self, epoch: u32) -> bool {
        self.syncing > 0 && self.epoch == epoch
    }

    /// Takes a write. `true`: it is durable at once.
    pub(crate) fn write(&mut self, write: Write, cause: Option<EventId>) -> bool {
        if self.latency == Time(0) && self.waiting.is_empty() {
            self.durable.apply(&write);
            return true;
        }
        self.waiting.push_back((write, cause));
        false
    }

    /// Starts a sync, unless one runs or nothing waits: of everything that waits, or only of the first write if writes do
    /// not share syncs. The cause is that of the first write.
    pub(crate) fn start_sync(&mut self, is_shared: bool) -> Option<(Sync, Option<EventId>)> {
        if self.syncing > 0 {
            return None;
        }
        let cause = self.waiting.front().and_then(|(_, cause)| *cause);
        let covered = if is_shared { self.waiting.len() } else { 1 };
        let (last, _) = self.waiting.get(covered.checked_sub(1)?)?;
        self.syncing = covered;
        Some((Sync { epoch: self.epoch, upto: last.number }, cause))
    }

    /// Ends a sync; `false` if a crash ended it first.
    pub(crate) fn end_sync(&mut self, sync: Sync) -> bool {
        if sync.epoch != self.epoch {
            return false;
        }
        let synced = core::mem::take(&mut self.syncing);
        for (write, _) in self.waiting.drain(..synced) {
            self.durable.apply(&write);
        }
        true
    }

    /// Ends all work. Returns how many writes were lost.
    pub(crate) fn crash(&mut self, lose_unsynced: bool) -> usize {
        self.epoch += 1;
        self.syncing = 0;
        let waiting = core::mem::take(&mut self.waiting);
        if lose_unsynced {
            return waiting.len();
        }
        for (write, _) in &waiting {
            self.durable.apply(write);
        }
        0
    }
}
