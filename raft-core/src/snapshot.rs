//! What replaces the beginning of a log.

use alloc::sync::Arc;
use core::fmt;

use crate::{Configuration, LogIndex, Term};

/// The state of the state machine after an entry, with what Raft must remember of the log up to there (§7).
///
/// Copies share the data.
///
/// ```
/// # use raft_core::{Configuration, LogIndex, NodeId, Snapshot, Term};
/// let snapshot = Snapshot {
///     last_included_index: LogIndex(120),
///     last_included_term: Term(3),
///     configuration: Configuration::of_voters([NodeId(1)]).into(),
///     data: b"the state after entry 120".as_slice().into(),
/// };
/// assert!(format!("{snapshot:?}").contains("bytes: 25"));
/// ```
#[derive(Clone, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Snapshot {
    /// The last entry that the snapshot replaces.
    pub last_included_index: LogIndex,
    /// Term of that entry.
    pub last_included_term: Term,
    /// The configuration as of that entry: without it a server that starts from a snapshot would not know the voters.
    pub configuration: Arc<Configuration>,
    /// The state, in a form that only the state machine knows. What must survive with it, such as client sessions
    /// (dissertation §6.3), belongs in here.
    pub data: Arc<[u8]>,
}

impl fmt::Debug for Snapshot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Snapshot")
            .field("last_included_index", &self.last_included_index)
            .field("last_included_term", &self.last_included_term)
            .field("configuration", &self.configuration)
            .field("bytes", &self.data.len())
            .finish()
    }
}
