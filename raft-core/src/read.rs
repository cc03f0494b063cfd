//! Reads that do not go through the log (dissertation §6.4).

use thiserror::Error;

use crate::{LogIndex, NodeId, Term};

/// A name that the driver gives to a read, to recognise the answer. Raft itself never relies on it.
///
/// ```
/// # mod tour { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/tour.rs")); } use tour::Cluster;
/// # use raft_core::{Read, ReadId, ReadMode};
/// # let mut cluster = Cluster::start(&[1, 2, 3]);
/// # cluster.node(1).campaign();
/// # cluster.settle();
/// let clients = std::collections::BTreeMap::from([(ReadId(1), "a client")]);
/// cluster.node(1).read_index(ReadId(1), ReadMode::ReadIndex)?;
/// cluster.settle();
/// let Read { id, .. } = cluster.0[&1].reads[0];
/// assert_eq!(clients[&id], "a client");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct ReadId(pub u64);

/// How a leader makes sure that it still leads before a read is answered.
///
/// ```
/// # use raft_core::{Configuration, Node, NodeId, NodeSetup, Options, Persisted, ReadId, ReadMode, Ready, Ticks};
/// // Clocks that differ in speed by at most one in a hundred.
/// let options = Options { lease_drift_permille: Some(10), ..Options::default() };
/// # let disk = Persisted::bootstrap(Configuration::of_voters([NodeId(1)]));
/// # let mut node = Node::new(NodeSetup { options, ..NodeSetup::new(NodeId(1)) }, disk)?;
/// # let mut ready = Ready::default();
/// # node.campaign();
/// # for _ in 0..4 {
/// #     node.drain_into(&mut ready);
/// #     if let Some(write) = &ready.write { node.on_persisted(write.number) }
/// #     if let Some(last) = ready.committed.last() { node.on_applied(last.index) }
/// # }
/// node.fire_heartbeat();
/// assert!(node.has_lease());
/// node.read_index(ReadId(1), ReadMode::Lease)?;
/// node.drain_into(&mut ready);
/// assert_eq!(ready.reads.len(), 1);                    // servable at once
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum ReadMode {
    /// A round of heartbeats, shared by all reads that wait (dissertation §6.4).
    ReadIndex,
    /// The leader's lease: no message, but clocks must keep to [`crate::Options::lease_drift_permille`]
    /// (dissertation §6.4.1). Where there is no lease, as at followers, this is [`ReadMode::ReadIndex`].
    Lease,
}

/// The end of a read that [`crate::Node::read_index`] took in.
///
/// ```
/// # use raft_core::{LogIndex, Read, ReadAbort, ReadId, ReadOutcome};
/// fn answer(read: Read, state: &str) -> Option<(ReadId, &str)> {
///     match read.outcome {
///         ReadOutcome::Servable { .. } => Some((read.id, state)),
///         ReadOutcome::Aborted(_) => None,              // ask again, perhaps at another server
///     }
/// }
/// let outcome = ReadOutcome::Servable { read_index: LogIndex(3) };
/// assert_eq!(answer(Read { id: ReadId(1), outcome }, "x"), Some((ReadId(1), "x")));
/// let outcome = ReadOutcome::Aborted(ReadAbort::LeaderChanged);
/// assert_eq!(answer(Read { id: ReadId(1), outcome }, "x"), None);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Read {
    /// Which read.
    pub id: ReadId,
    /// How it ended.
    pub outcome: ReadOutcome,
}

/// How a read ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum ReadOutcome {
    /// The state machine of this server now shows every write that was acknowledged before the read began.
    Servable {
        /// The index that had to be applied.
        read_index: LogIndex,
    },
    /// Nobody knows; the read may be tried again.
    Aborted(ReadAbort),
}

/// Why a read was given up.
///
/// ```
/// # mod tour { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/tour.rs")); } use tour::Cluster;
/// # use raft_core::{Read, ReadAbort, ReadId, ReadMode, ReadOutcome, Ready, Ticks};
/// # let mut cluster = Cluster::start(&[1, 2, 3]);
/// # cluster.node(1).campaign();
/// # cluster.settle();
/// let (leader, mut ready) = (cluster.node(1), Ready::default());
/// leader.read_index(ReadId(1), ReadMode::ReadIndex)?;
/// leader.advance(Ticks(150));                          // no quorum answers: it steps down
/// leader.drain_into(&mut ready);
/// let outcome = ReadOutcome::Aborted(ReadAbort::LeadershipLost);
/// assert_eq!(ready.reads, [Read { id: ReadId(1), outcome }]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum ReadAbort {
    /// This server led when the read began, and does no more.
    LeadershipLost,
    /// The leader that was asked is gone.
    LeaderChanged,
}

/// Why a read was refused. Nothing has changed.
///
/// ```
/// # mod tour { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/tour.rs")); } use tour::Cluster;
/// # use raft_core::{ReadError, ReadId, ReadMode};
/// # let mut cluster = Cluster::start(&[1, 2, 3]);
/// let refusal = cluster.node(1).read_index(ReadId(1), ReadMode::ReadIndex);
/// assert_eq!(refusal, Err(ReadError::NoLeader));       // before the first election
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum ReadError {
    /// There is nobody to ask.
    #[error("this server knows no leader; try again after an election, or ask another server")]
    NoLeader,
    /// A leader does not know what is committed until it has committed an entry of its own term (§8), and has none.
    #[error("no entry of term {term} is in the log, so the leader does not know what is committed; propose one first")]
    NothingOwn {
        /// The leader's term.
        term: Term,
    },
    /// [`crate::Options::max_pending_reads`] reads wait already.
    #[error("{limit} reads wait already; try again when some are answered")]
    Busy {
        /// The limit.
        limit: usize,
    },
}

/// What the oldest read at a server waits for.
///
/// ```
/// # mod tour { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/tour.rs")); } use tour::Cluster;
/// # use raft_core::{ReadBlock, ReadId, ReadMode};
/// # let mut cluster = Cluster::start(&[1, 2, 3]);
/// # cluster.node(1).campaign();
/// # cluster.settle();
/// let leader = cluster.node(1);
/// leader.read_index(ReadId(1), ReadMode::ReadIndex)?;
/// assert_eq!(leader.read_block(), Some(ReadBlock::NoQuorum { have: 1, need: 2 }));
/// cluster.settle();
/// assert_eq!(cluster.node(1).read_block(), None);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum ReadBlock {
    /// The leader must commit an entry of its own term first (§8).
    NothingCommitted {
        /// The leader's term.
        term: Term,
    },
    /// Too few voters have confirmed that the leader still leads (dissertation §6.4).
    NoQuorum {
        /// Voters that have.
        have: usize,
        /// Voters needed.
        need: usize,
    },
    /// The leader has not answered.
    NoAnswer {
        /// Who was asked.
        leader: NodeId,
    },
    /// The state machine is behind.
    NotApplied {
        /// What must be applied.
        read_index: LogIndex,
        /// What is.
        last_applied: LogIndex,
    },
}
