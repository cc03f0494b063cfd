//! Reads that do not go through the log (dissertation §6.4).

use thiserror::Error;

use crate::{LogIndex, NodeId, Term};

/// A name that the driver gives to a read, to recognise the answer. Raft itself never relies on it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct ReadId(pub u64);

/// How a leader makes sure that it still leads before a read is answered.
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
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum ReadAbort {
    /// This server led when the read began, and does no more.
    LeadershipLost,
    /// The leader that was asked is gone.
    LeaderChanged,
}

/// Why a read was refused. Nothing has changed.
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
