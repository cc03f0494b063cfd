//! Changes of the cluster's configuration, as pure arithmetic of sets. Knows no log.

use alloc::vec::Vec;

use thiserror::Error;

use crate::{Configuration, LogIndex, NodeId, Term};

/// A change of the configuration (§6, dissertation ch. 4).
///
/// ```
/// # use raft_core::{Configuration, MembershipChange, NodeId};
/// let start = Configuration::of_voters([1, 2, 3].map(NodeId));
/// let learner = start.changed(&MembershipChange::AddLearner(NodeId(4)))?;
/// let voter = learner.changed(&MembershipChange::AddVoter(NodeId(4)))?;
/// let demoted = voter.changed(&MembershipChange::Demote(NodeId(1)))?;
/// let removed = demoted.changed(&MembershipChange::Remove(NodeId(1)))?;
/// assert_eq!(removed, Configuration::of_voters([2, 3, 4].map(NodeId)));
///
/// let replace = MembershipChange::Replace { voters: vec![NodeId(5)], learners: vec![] };
/// assert_eq!(removed.changed(&replace)?.voters(), [NodeId(5)]);
/// # Ok::<(), raft_core::MembershipError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum MembershipChange {
    /// Lets a server receive the log without a vote (dissertation §4.2.1).
    AddLearner(NodeId),
    /// Makes a server, which should be a learner that has caught up, a voter.
    AddVoter(NodeId),
    /// Makes a voter a learner.
    Demote(NodeId),
    /// Lets a server go, voter or learner.
    Remove(NodeId),
    /// Any change at once, through joint consensus (§6). The leader leaves the joint configuration by itself.
    Replace {
        /// The voters of C_new.
        voters: Vec<NodeId>,
        /// The learners of C_new.
        learners: Vec<NodeId>,
    },
}

/// Why a change of the configuration was refused. Nothing has changed.
///
/// ```
/// # use raft_core::{Configuration, MembershipChange, MembershipError, NodeId};
/// let alone = Configuration::of_voters([NodeId(1)]);
/// let refusal = alone.changed(&MembershipChange::Remove(NodeId(1)));
/// assert_eq!(refusal, Err(MembershipError::NoVoters));
/// let refusal = alone.changed(&MembershipChange::Demote(NodeId(2)));
/// assert_eq!(refusal, Err(MembershipError::NotAMember { node: NodeId(2) }));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum MembershipError {
    /// Only the leader changes the configuration.
    #[error("this server is not the leader; ask the leader it names, or try another server")]
    NotLeader {
        /// The leader, if this server knows it.
        leader_hint: Option<NodeId>,
    },
    /// The leader is handing over its office.
    #[error("leadership is being handed to S{target}; wait until that has succeeded or failed")]
    TransferInProgress {
        /// The leader to be.
        target: NodeId,
    },
    /// Only one change at a time (dissertation §4.1).
    #[error("the configuration at index {index} is not settled; wait until the cluster has committed and left it")]
    ChangePending {
        /// Where the latest configuration stands.
        index: LogIndex,
    },
    /// A leader first commits an entry of its own term (dissertation §4.1).
    #[error("the leader has committed nothing in term {term} yet; wait until it has")]
    NothingCommitted {
        /// The leader's term.
        term: Term,
    },
    /// A server must catch up before it may vote (dissertation §4.2.1).
    #[error(
        "S{node} has caught up to {match_index} of {last_index}; add it as a learner and wait until it has caught up"
    )]
    NotCaughtUp {
        /// The server.
        node: NodeId,
        /// What it is known to hold; 0 if it is no learner yet.
        match_index: LogIndex,
        /// The end of the leader's log.
        last_index: LogIndex,
    },
    /// The configuration is like that already.
    #[error("this would change nothing")]
    NothingToChange,
    /// The server is not in the configuration, or not in the part of it that is meant.
    #[error("S{node} is not a member that can be changed this way")]
    NotAMember {
        /// The server.
        node: NodeId,
    },
    /// A cluster without voters can decide nothing, not even to get some.
    #[error("no voter would be left")]
    NoVoters,
    /// More than [`Configuration::MAX_MEMBERS`].
    #[error("{members} members are too many, at most {} are allowed", Configuration::MAX_MEMBERS)]
    TooManyMembers {
        /// How many there would be.
        members: usize,
    },
}

impl Configuration {
    /// The configuration that `change` leads to, joint consensus left out of account.
    ///
    /// ```
    /// # use raft_core::{Configuration, MembershipChange, MembershipError, NodeId};
    /// let three = Configuration::of_voters([1, 2, 3].map(NodeId));
    /// let two = three.changed(&MembershipChange::Remove(NodeId(3)))?;
    /// assert_eq!(two.voters(), [1, 2].map(NodeId));
    /// let again = three.changed(&MembershipChange::AddVoter(NodeId(3)));
    /// assert_eq!(again, Err(MembershipError::NothingToChange));
    /// # Ok::<(), MembershipError>(())
    /// ```
    pub fn changed(&self, change: &MembershipChange) -> Result<Self, MembershipError> {
        let (voters, learners) = (self.voters().iter().copied(), self.learners().iter().copied());
        let without = |ids: &[NodeId], gone: NodeId| ids.iter().copied().filter(|&id| id != gone).collect::<Vec<_>>();
        let new = match *change {
            // Who votes does not learn: the constructor sees to that.
            MembershipChange::AddLearner(node) => Self::new(voters, learners.chain([node])),
            MembershipChange::AddVoter(node) => Self::new(voters.chain([node]), learners),
            MembershipChange::Demote(node) if !self.is_voter(node) => return Err(MembershipError::NotAMember { node }),
            MembershipChange::Demote(node) => Self::new(without(self.voters(), node), learners.chain([node])),
            MembershipChange::Remove(node) if !self.is_member(node) => {
                return Err(MembershipError::NotAMember { node });
            }
            MembershipChange::Remove(node) => Self::new(without(self.voters(), node), without(self.learners(), node)),
            MembershipChange::Replace { ref voters, ref learners } => {
                Self::new(voters.iter().copied(), learners.iter().copied())
            }
        };
        let members = new.voters().len() + new.learners().len();
        if new.voters().is_empty() {
            return Err(MembershipError::NoVoters);
        }
        if members > Self::MAX_MEMBERS {
            return Err(MembershipError::TooManyMembers { members });
        }
        if new == *self {
            return Err(MembershipError::NothingToChange);
        }
        Ok(new)
    }
}
