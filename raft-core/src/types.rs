//! The four kinds of number that a Raft node must not mix up.

use core::fmt;

macro_rules! number {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
        pub struct $name(pub u64);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    };
}

number! {
    /// The identity of a server, unique for the life of the cluster.
    NodeId
}
number! {
    /// A term: the logical clock of elections (§5.1). 0 comes before the first election.
    Term
}
number! {
    /// A position in the log. The first entry has index 1 (§5.3); 0 is the position before it.
    LogIndex
}
number! {
    /// A round of heartbeats, counted by the leader of a term (dissertation §6.4). 0 comes before the first.
    Round
}
number! {
    /// A position in the sequence of reads that one server asks its leader about.
    ReadPosition
}
number! {
    /// A span of the node's own time. How long a tick is, is the driver's choice.
    Ticks
}

impl Term {
    /// Highest term that is ever used. Half the range above it stays free, so that no sum can overflow.
    pub const MAX: Self = Self(u64::MAX / 2);

    /// The term after this one.
    #[must_use]
    pub const fn next(self) -> Self {
        Self(self.0 + 1)
    }
}

impl LogIndex {
    /// Highest index that is ever used. Half the range above it stays free, so that sums stay exact.
    pub const MAX: Self = Self(u64::MAX / 2);

    /// The position after this one.
    #[must_use]
    pub const fn next(self) -> Self {
        Self(self.0.saturating_add(1))
    }

    /// The position before this one; position 0 has none and stays.
    #[must_use]
    pub const fn prev(self) -> Self {
        Self(self.0.saturating_sub(1))
    }

    /// The position `count` entries later.
    #[must_use]
    pub const fn plus(self, count: usize) -> Self {
        Self(self.0.saturating_add(count as u64))
    }
}
