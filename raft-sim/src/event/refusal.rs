//! Why something was refused.

use std::fmt;
use std::hash::{Hash, Hasher};

use raft_core::{CompactError, MembershipError, ProposeError, ReadError, TransferError};
use serde::{Deserialize, Serialize};

use crate::told::{Value, Values};

/// Why something was refused: in words, and as data.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refusal {
    text: Box<str>,
    /// The place in [`KINDS`].
    kind: u8,
    /// What [`KINDS`] names.
    numbers: Box<[u64]>,
}

/// Every reason: its identifier and the names of its numbers.
const KINDS: &[(&str, &[&str])] = &[
    ("noLeader", &[]),
    ("crashed", &[]),
    ("paused", &[]),
    ("takingSnapshot", &[]),
    ("leadershipLost", &[]),
    ("leaderChanged", &[]),
    ("notLeader", &[]),
    ("commandTooLarge", &["bytes", "limit"]),
    ("transferInProgress", &["target"]),
    ("busy", &["bytes", "limit"]),
    ("alreadyLeader", &["target"]),
    ("targetNotAVoter", &["target"]),
    ("knowsNoLeader", &[]),
    ("nothingOwn", &["term"]),
    ("readsBusy", &["limit"]),
    ("changePending", &["index"]),
    ("nothingCommitted", &["term"]),
    ("notCaughtUp", &["node", "matchIndex", "lastIndex"]),
    ("nothingToChange", &[]),
    ("notAMember", &["node"]),
    ("noVoters", &[]),
    ("tooManyMembers", &["members"]),
    ("notApplied", &["index", "lastApplied"]),
    ("alreadyCompacted", &["index"]),
    ("noConfiguration", &["index"]),
    ("snapshotTooLarge", &["bytes", "limit"]),
    ("transferUnderway", &["target"]),
];

/// Why a server is silent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Silence {
    Crashed,
    Paused,
    TakingSnapshot,
}

impl Refusal {
    #[inline(never)]
    fn new(kind: &str, numbers: &[u64], text: &dyn fmt::Display) -> Self {
        let at = KINDS.iter().position(|(name, _)| *name == kind).unwrap_or_default();
        Self { text: text.to_string().into(), kind: at as u8, numbers: numbers.into() }
    }

    /// Nobody is there who could take it.
    pub(crate) fn no_leader() -> Self {
        Self::new("noLeader", &[], &"no running server leads; try again after an election")
    }

    /// A leader gave up a read since it leads no longer.
    pub(crate) fn leadership_lost() -> Self {
        let text = "it no longer leads, so nobody knows whether its state is up to date";
        Self::new("leadershipLost", &[], &text)
    }

    /// Whoever was asked about a read leads no longer.
    pub(crate) fn leader_changed() -> Self {
        Self::new("leaderChanged", &[], &"the leader that it asked about the read is gone")
    }

    /// The reason as data.
    pub fn values(&self) -> Values {
        let (name, names) = KINDS.get(usize::from(self.kind)).unwrap_or(&KINDS[0]);
        let numbers = names.iter().zip(&*self.numbers);
        numbers.fold(Values::of(name), |values, (name, number)| values.with(name, Value::Number(*number)))
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// The words say everything: traces have the hashes that they had when there were only words.
impl Hash for Refusal {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.text.hash(state);
    }
}

impl From<Silence> for Refusal {
    fn from(silence: Silence) -> Self {
        match silence {
            Silence::Crashed => Self::new("crashed", &[], &"it is crashed"),
            Silence::Paused => Self::new("paused", &[], &"it is paused"),
            Silence::TakingSnapshot => Self::new("takingSnapshot", &[], &"it does nothing but take a snapshot"),
        }
    }
}

impl From<ProposeError> for Refusal {
    fn from(error: ProposeError) -> Self {
        match error {
            ProposeError::NotLeader { .. } => Self::new("notLeader", &[], &error),
            ProposeError::TooLarge { bytes, limit } => {
                Self::new("commandTooLarge", &[bytes as u64, limit as u64], &error)
            }
            ProposeError::TransferInProgress { target } => Self::new("transferInProgress", &[target.0], &error),
            ProposeError::Busy { bytes, limit } => Self::new("busy", &[bytes as u64, limit as u64], &error),
        }
    }
}

impl From<TransferError> for Refusal {
    fn from(error: TransferError) -> Self {
        match error {
            TransferError::NotLeader { .. } => Self::new("notLeader", &[], &error),
            TransferError::AlreadyLeader { target } => Self::new("alreadyLeader", &[target.0], &error),
            TransferError::NotAVoter { target } => Self::new("targetNotAVoter", &[target.0], &error),
            TransferError::TransferInProgress { target } => Self::new("transferUnderway", &[target.0], &error),
        }
    }
}

impl From<ReadError> for Refusal {
    fn from(error: ReadError) -> Self {
        match error {
            ReadError::NoLeader => Self::new("knowsNoLeader", &[], &error),
            ReadError::NothingOwn { term } => Self::new("nothingOwn", &[term.0], &error),
            ReadError::Busy { limit } => Self::new("readsBusy", &[limit as u64], &error),
        }
    }
}

impl From<MembershipError> for Refusal {
    fn from(error: MembershipError) -> Self {
        match error {
            MembershipError::NotLeader { .. } => Self::new("notLeader", &[], &error),
            MembershipError::TransferInProgress { target } => Self::new("transferUnderway", &[target.0], &error),
            MembershipError::ChangePending { index } => Self::new("changePending", &[index.0], &error),
            MembershipError::NothingCommitted { term } => Self::new("nothingCommitted", &[term.0], &error),
            MembershipError::NotCaughtUp { node, match_index, last_index } => {
                Self::new("notCaughtUp", &[node.0, match_index.0, last_index.0], &error)
            }
            MembershipError::NothingToChange => Self::new("nothingToChange", &[], &error),
            MembershipError::NotAMember { node } => Self::new("notAMember", &[node.0], &error),
            MembershipError::NoVoters => Self::new("noVoters", &[], &error),
            MembershipError::TooManyMembers { members } => Self::new("tooManyMembers", &[members as u64], &error),
        }
    }
}

impl From<CompactError> for Refusal {
    fn from(error: CompactError) -> Self {
        match error {
            CompactError::NotApplied { index, last_applied } => {
                Self::new("notApplied", &[index.0, last_applied.0], &error)
            }
            CompactError::AlreadyCompacted { last_included_index } => {
                Self::new("alreadyCompacted", &[last_included_index.0], &error)
            }
            CompactError::NoConfiguration { index } => Self::new("noConfiguration", &[index.0], &error),
            CompactError::TooLarge { bytes, limit } => {
                Self::new("snapshotTooLarge", &[bytes as u64, limit as u64], &error)
            }
        }
    }
}
