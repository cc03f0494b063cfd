//! The kinds of number that a Raft node must not mix up.

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
    ///
    /// ```
    /// # use raft_core::NodeId;
    /// let server = NodeId(1);
    /// assert_eq!(format!("S{server}"), "S1");
    /// assert!(server < NodeId(2));
    /// ```
    NodeId
}
number! {
    /// A term: the logical clock of elections (§5.1). 0 comes before the first election.
    ///
    /// ```
    /// # use raft_core::Term;
    /// assert_eq!(Term(4).next(), Term(5));
    /// assert!(Term(5) < Term::MAX);
    /// ```
    Term
}
number! {
    /// A position in the log. The first entry has index 1 (§5.3); 0 is the position before it.
    ///
    /// ```
    /// # use raft_core::LogIndex;
    /// let last = LogIndex(7);
    /// assert_eq!(last.next(), LogIndex(8));
    /// assert_eq!(last.prev(), LogIndex(6));
    /// assert_eq!(last.plus(3), LogIndex(10));
    /// assert_eq!(LogIndex(0).prev(), LogIndex(0));
    /// assert!(last < LogIndex::MAX);
    /// ```
    LogIndex
}
number! {
    /// A round of heartbeats, counted by the leader of a term (dissertation §6.4). 0 comes before the first.
    ///
    /// ```
    /// # mod tour { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/tour.rs")); } use tour::Cluster;
    /// # use raft_core::Round;
    /// # let mut cluster = Cluster::start(&[1, 2, 3]);
    /// # cluster.node(1).campaign();
    /// # cluster.settle();
    /// cluster.node(1).fire_heartbeat();
    /// cluster.settle();
    /// assert_eq!(cluster.node(1).progress()[0].round(), Round(1)); // S2 has answered the first
    /// ```
    Round
}
number! {
    /// A position in the sequence of reads that one server asks its leader about.
    ///
    /// ```
    /// # mod tour { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/tour.rs")); } use tour::Cluster;
    /// # use raft_core::{ReadId, ReadMode, ReadPosition, Ready, Rpc};
    /// # let mut cluster = Cluster::start(&[1, 2, 3]);
    /// # cluster.node(1).campaign();
    /// # cluster.settle();
    /// let (follower, mut ready) = (cluster.node(2), Ready::default());
    /// follower.read_index(ReadId(1), ReadMode::ReadIndex)?;
    /// follower.read_index(ReadId(2), ReadMode::ReadIndex)?;
    /// follower.drain_into(&mut ready);
    /// let Rpc::ReadIndex { upto } = ready.messages[0].rpc else { panic!("a follower asks its leader") };
    /// assert!(upto >= ReadPosition(2));                    // one question for both
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ReadPosition
}
number! {
    /// A span of the node's own time. How long a tick is, is the driver's choice.
    ///
    /// ```
    /// # use raft_core::Ticks;
    /// # use std::time::Duration;
    /// const TICK: Duration = Duration::from_millis(10);
    /// let slept = Duration::from_millis(250);
    /// let ticks = Ticks((slept.as_nanos() / TICK.as_nanos()) as u64);
    /// assert_eq!(ticks, Ticks(25));
    /// ```
    Ticks
}

impl Term {
    /// Highest term that is ever used. Half the range above it stays free, so that no sum can overflow.
    pub const MAX: Self = Self(u64::MAX / 2);

    /// The term after this one.
    #[must_use]
    pub const fn next(self) -> Self {
        Self(self.0.saturating_add(1))
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
