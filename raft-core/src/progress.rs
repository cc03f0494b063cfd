//! What a leader knows about one follower's log.

use alloc::collections::VecDeque;

use crate::{LogIndex, NodeId, Options, Ticks};

/// What the leader knows about one follower's log.
///
/// Valid only while the node leads. Invariant: `match_index < next_index`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Progress {
    /// The follower.
    pub(crate) id: NodeId,
    /// Highest index known to be durable on the follower (§5.3).
    pub(crate) match_index: LogIndex,
    /// Index of the next entry to send (§5.3).
    pub(crate) next_index: LogIndex,
    /// How the leader sends.
    pub(crate) state: ProgressState,
    /// Ticks since the follower was last heard; stops counting at the election timeout.
    pub(crate) silence: Ticks,
    /// Probing: the probe is on its way. Replicating: a heartbeat interval began with entries unacknowledged and no
    /// acknowledgement has come since.
    pub(crate) waiting: bool,
    inflight: VecDeque<Inflight>,
    inflight_bytes: usize,
}

/// How a leader sends to a follower.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum ProgressState {
    /// The follower's log is unknown: one message at a time until one is accepted.
    Probe,
    /// The logs match: entries are sent without waiting, up to the in-flight limits.
    Replicate,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Inflight {
    last_index: LogIndex,
    bytes: usize,
}

impl Progress {
    pub(crate) const fn new(id: NodeId, next_index: LogIndex) -> Self {
        Self {
            id,
            match_index: LogIndex(0),
            next_index,
            state: ProgressState::Probe,
            silence: Ticks(0),
            waiting: false,
            inflight: VecDeque::new(),
            inflight_bytes: 0,
        }
    }

    /// The follower.
    pub const fn id(&self) -> NodeId {
        self.id
    }

    /// Highest index known to be durable on the follower (§5.3).
    pub const fn match_index(&self) -> LogIndex {
        self.match_index
    }

    /// Index of the next entry to send (§5.3).
    pub const fn next_index(&self) -> LogIndex {
        self.next_index
    }

    /// How the leader sends.
    pub const fn state(&self) -> ProgressState {
        self.state
    }

    /// Ticks since the follower was last heard; stops counting at the shortest election timeout.
    pub const fn silence(&self) -> Ticks {
        self.silence
    }

    /// Number of unacknowledged messages with entries.
    pub fn inflight(&self) -> usize {
        self.inflight.len()
    }

    /// Whether the window has room for another message with entries.
    pub(crate) fn has_room(&self, options: &Options) -> bool {
        self.inflight.len() < options.max_inflight_messages && self.inflight_bytes < options.max_inflight_bytes
    }

    /// Records that entries up to `last_index` were sent.
    pub(crate) fn sent(&mut self, last_index: LogIndex, bytes: usize) {
        self.next_index = last_index.next();
        self.inflight.push_back(Inflight { last_index, bytes });
        self.inflight_bytes += bytes;
    }

    /// Records an acknowledgement; returns whether it is news.
    pub(crate) fn acknowledged(&mut self, match_index: LogIndex) -> bool {
        while let Some(oldest) = self.inflight.front().filter(|oldest| oldest.last_index <= match_index) {
            self.inflight_bytes -= oldest.bytes;
            self.inflight.pop_front();
        }
        if match_index <= self.match_index {
            return false;
        }
        self.match_index = match_index;
        self.next_index = self.next_index.max(match_index.next());
        self.waiting = false;
        true
    }

    /// Starts over, one message at a time, from `next_index` but never below what is known to match.
    pub(crate) fn probe_from(&mut self, next_index: LogIndex) {
        self.state = ProgressState::Probe;
        self.next_index = next_index.max(self.match_index.next());
        self.waiting = false;
        self.inflight.clear();
        self.inflight_bytes = 0;
    }

    /// The logs match from here on: send without waiting.
    pub(crate) fn replicate(&mut self) {
        self.state = ProgressState::Replicate;
        self.next_index = self.match_index.next();
        self.waiting = false;
    }
}
