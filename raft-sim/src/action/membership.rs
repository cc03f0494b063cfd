//! Changes of the configuration, as data.

use serde::Serialize;
use serde_json::Value;

use crate::document::{FromJson, Object, invalid};
use crate::error::SimError;

/// A change of the configuration, one server at a time, or any at once through joint consensus.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(feature = "ts", derive(tsify::Tsify))]
#[serde(untagged, rename_all_fields = "camelCase")]
pub enum Membership {
    /// A server receives the log without a vote.
    AddLearner {
        /// Which one.
        add_learner: u64,
    },
    /// A server, which should be a learner that has caught up, becomes a voter.
    AddVoter {
        /// Which one.
        add_voter: u64,
    },
    /// A voter becomes a learner.
    Demote {
        /// Which one.
        demote: u64,
    },
    /// A server leaves.
    Remove {
        /// Which one.
        remove: u64,
    },
    /// These and no others, through joint consensus.
    Replace {
        /// The voters of C_new.
        voters: Vec<u64>,
        /// The learners of C_new.
        #[serde(skip_serializing_if = "Vec::is_empty")]
        #[cfg_attr(feature = "ts", tsify(optional))]
        #[cfg_attr(test, schemars(default))]
        learners: Vec<u64>,
    },
}

impl Membership {
    /// Takes the fields of a change out of an action.
    pub(super) fn take(object: &mut Object<'_>) -> Result<Self, SimError> {
        let changes = [
            object.optional("addLearner")?.map(|add_learner| Self::AddLearner { add_learner }),
            object.optional("addVoter")?.map(|add_voter| Self::AddVoter { add_voter }),
            object.optional("demote")?.map(|demote| Self::Demote { demote }),
            object.optional("remove")?.map(|remove| Self::Remove { remove }),
        ];
        let (voters, learners) = (object.optional("voters")?, object.optional::<Vec<u64>>("learners")?);
        let has_stray_learners = learners.is_some() && voters.is_none();
        let learners = learners.unwrap_or_default();
        let replacement = voters.map(|voters| Self::Replace { voters, learners });
        let mut given = changes.into_iter().flatten().chain(replacement);
        match (given.next(), given.next()) {
            (Some(change), None) if !has_stray_learners => Ok(change),
            _ => Err(invalid(
                "exactly one change is needed: addLearner, addVoter, demote, remove, or voters with learners",
            )),
        }
    }

    /// The servers that it names.
    pub(crate) fn servers(&self) -> Vec<u64> {
        match self {
            Self::AddLearner { add_learner: id }
            | Self::AddVoter { add_voter: id }
            | Self::Demote { demote: id }
            | Self::Remove { remove: id } => vec![*id],
            Self::Replace { voters, learners } => voters.iter().chain(learners).copied().collect(),
        }
    }
}

impl FromJson for Membership {
    fn from_json(value: &Value) -> Result<Self, SimError> {
        let mut object = Object::new(value)?;
        let change = Self::take(&mut object)?;
        object.finish()?;
        Ok(change)
    }
}

impl From<&Membership> for raft_core::MembershipChange {
    fn from(change: &Membership) -> Self {
        use raft_core::NodeId;
        match change {
            Membership::AddLearner { add_learner } => Self::AddLearner(NodeId(*add_learner)),
            Membership::AddVoter { add_voter } => Self::AddVoter(NodeId(*add_voter)),
            Membership::Demote { demote } => Self::Demote(NodeId(*demote)),
            Membership::Remove { remove } => Self::Remove(NodeId(*remove)),
            Membership::Replace { voters, learners } => {
                let ids = |ids: &[u64]| ids.iter().copied().map(NodeId).collect();
                Self::Replace { voters: ids(voters), learners: ids(learners) }
            }
        }
    }
}
