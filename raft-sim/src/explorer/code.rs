//! What happens to a server, in one word.

use raft_core::{LogIndex, NodeId};

/// An input in one word: its kind in the highest four bits, and a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Code(pub(super) u32);

impl Code {
    pub(super) const TIMEOUT: Self = Self(0);
    pub(super) const HEARTBEAT: Self = Self(1);
    pub(super) const SYNC: Self = Self(2);
    pub(super) const CRASH: Self = Self(3);
    pub(super) const RESTART: Self = Self(4);
    pub(super) const SNAPSHOT: Self = Self(5);

    pub(super) const fn deliver(message: u32) -> Self {
        Self(1 << 28 | message)
    }

    pub(super) const fn propose(number: u32) -> Self {
        Self(2 << 28 | number)
    }

    pub(super) const fn read(acknowledged: LogIndex) -> Self {
        Self(3 << 28 | acknowledged.0 as u32)
    }

    pub(super) const fn change(number: usize) -> Self {
        Self(4 << 28 | number as u32)
    }

    /// The number in it: of a message, a command, an index, a change or a server.
    pub(super) const fn number(self) -> u32 {
        self.0 & 0x0FFF_FFFF
    }

    pub(super) const fn is_deliver(self) -> bool {
        self.0 >> 28 == 1
    }

    pub(super) const fn is_propose(self) -> bool {
        self.0 >> 28 == 2
    }

    pub(super) const fn is_change(self) -> bool {
        self.0 >> 28 == 4
    }

    pub(super) const fn is_transfer(self) -> bool {
        self.0 >> 28 == 5
    }

    pub(super) const fn transfer(target: NodeId) -> Self {
        Self(5 << 28 | target.0 as u32)
    }
}
