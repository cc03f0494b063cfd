//! Conditions on the state of a world: what scripts wait for and expectations assert.

mod holds;
mod read;

use raft_core::Role;
use serde::Serialize;

use crate::action::KindName;
use crate::breaks::Breaks;
use crate::document;
use crate::error::{ErrorCode, SimError};
use crate::event::Outcome;
use crate::judge::Level;
use crate::limits::{MAX_CONDITION_DEPTH, MAX_SCENARIO_BYTES};
use crate::metrics::{Amount, MetricName};
use crate::world::Status;
pub(crate) use holds::{count_ended, has_ended, is_within};

/// Something that is true of a world or not.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(feature = "ts", derive(tsify::Tsify))]
#[serde(tag = "type", rename_all = "camelCase", rename_all_fields = "camelCase")]
#[allow(missing_docs, reason = "the fields are what the variants say")]
pub enum Condition {
    /// A running server leads: this one, in this term, if they are named.
    Leader {
        #[serde(skip_serializing_if = "Option::is_none")]
        server: Option<u64>,
        #[serde(skip_serializing_if = "Option::is_none")]
        term: Option<u64>,
    },
    /// A running server has a role.
    Role { server: u64, role: RoleName },
    /// A running server is in a term.
    Term { server: u64, term: u64 },
    /// A server knows an entry to be committed; without a server, more than half of all do.
    Committed {
        #[serde(skip_serializing_if = "Option::is_none")]
        server: Option<u64>,
        index: u64,
        #[serde(skip_serializing_if = "Option::is_none")]
        term: Option<u64>,
    },
    /// The entries of a running server's log have these terms, from index 1 on or from the end of its snapshot.
    Log { server: u64, terms: Vec<u64> },
    /// A key of a running server's state machine has a value; without one, it is not set.
    State {
        server: u64,
        key: String,
        #[serde(skip_serializing_if = "Option::is_none")]
        value: Option<String>,
    },
    /// The configuration that a running server goes by has these voters: and those of C_old, if it is joint, and these
    /// learners, if they are named.
    Config {
        server: u64,
        voters: Vec<u64>,
        #[serde(skip_serializing_if = "Vec::is_empty")]
        #[cfg_attr(feature = "ts", tsify(optional))]
        #[cfg_attr(test, schemars(default))]
        outgoing: Vec<u64>,
        #[serde(skip_serializing_if = "Option::is_none")]
        learners: Option<Vec<u64>>,
    },
    /// A snapshot stands for the log of a running server up to this index, or further.
    Snapshot { server: u64, index: u64 },
    /// The latest answer that a client got to a read was this value; without one, that the key is not set.
    Read {
        client: String,
        #[serde(skip_serializing_if = "Option::is_none")]
        value: Option<String>,
    },
    /// So many messages like this are in flight; at least one, unless said otherwise.
    Message {
        #[serde(skip_serializing_if = "Option::is_none")]
        kind: Option<KindName>,
        #[serde(skip_serializing_if = "Option::is_none")]
        from: Option<u64>,
        #[serde(skip_serializing_if = "Option::is_none")]
        to: Option<u64>,
        #[serde(skip_serializing_if = "Option::is_none")]
        at_least: Option<u64>,
        #[serde(skip_serializing_if = "Option::is_none")]
        at_most: Option<u64>,
    },
    /// So many running servers have a role; at least one, unless said otherwise.
    Roles {
        role: RoleName,
        #[serde(skip_serializing_if = "Option::is_none")]
        at_least: Option<u64>,
        #[serde(skip_serializing_if = "Option::is_none")]
        at_most: Option<u64>,
    },
    /// A server is up, crashed or paused.
    Status { server: u64, status: StatusName },
    /// A running server has given the vote of its present term to this candidate; without one, to nobody.
    Voted {
        server: u64,
        #[serde(skip_serializing_if = "Option::is_none")]
        candidate: Option<u64>,
    },
    /// A running server's log holds an entry: at this index, of this term, with this command, if they are named.
    Entry {
        server: u64,
        #[serde(skip_serializing_if = "Option::is_none")]
        index: Option<u64>,
        #[serde(skip_serializing_if = "Option::is_none")]
        term: Option<u64>,
        #[serde(skip_serializing_if = "Option::is_none")]
        command: Option<String>,
    },
    /// The disk of a server, running or not, holds its log up to this index, or further.
    Durable { server: u64, index: u64 },
    /// So many writes of a server wait for its disk; at least one, unless said otherwise.
    Unsynced {
        server: u64,
        #[serde(skip_serializing_if = "Option::is_none")]
        at_least: Option<u64>,
        #[serde(skip_serializing_if = "Option::is_none")]
        at_most: Option<u64>,
    },
    /// A running server lacks so many entries of the longest log of a running server; at least one, unless said otherwise.
    Behind {
        server: u64,
        #[serde(skip_serializing_if = "Option::is_none")]
        at_least: Option<u64>,
        #[serde(skip_serializing_if = "Option::is_none")]
        at_most: Option<u64>,
    },
    /// What a running leader knows of a follower: the entries up to which its log matches, the next one to be sent.
    Progress {
        leader: u64,
        follower: u64,
        #[serde(skip_serializing_if = "Option::is_none")]
        match_index: Option<u64>,
        #[serde(skip_serializing_if = "Option::is_none")]
        next_index: Option<u64>,
    },
    /// The state machines of these servers are equal, and the servers run; without a list, those of all that run.
    Agree {
        #[serde(skip_serializing_if = "Vec::is_empty")]
        #[cfg_attr(feature = "ts", tsify(optional))]
        #[cfg_attr(test, schemars(default))]
        servers: Vec<u64>,
    },
    /// An operation of a client has ended like this, or not yet: the one with this number among its own, from 1, or else
    /// the latest.
    Operation {
        client: String,
        #[serde(skip_serializing_if = "Option::is_none")]
        number: Option<u64>,
        outcome: OutcomeName,
    },
    /// So many operations, of this client if one is named, have ended like this, or not yet; at least one, unless said
    /// otherwise.
    Operations {
        #[serde(skip_serializing_if = "Option::is_none")]
        client: Option<String>,
        outcome: OutcomeName,
        #[serde(skip_serializing_if = "Option::is_none")]
        at_least: Option<u64>,
        #[serde(skip_serializing_if = "Option::is_none")]
        at_most: Option<u64>,
    },
    /// So many reads were stale, or writes lost to a conflict; at least one, unless said otherwise.
    Tally {
        of: TallyName,
        #[serde(skip_serializing_if = "Option::is_none")]
        at_least: Option<u64>,
        #[serde(skip_serializing_if = "Option::is_none")]
        at_most: Option<u64>,
    },
    /// The checker found a violation: of this invariant (`I4`), if one is named.
    Violation {
        #[serde(skip_serializing_if = "Option::is_none")]
        invariant: Option<String>,
    },
    /// A habit was broken that a healthy cluster has: this one (`C2`), if one is named.
    Lapse {
        #[serde(skip_serializing_if = "Option::is_none")]
        habit: Option<String>,
    },
    /// A total that was measured so far, before the present step, is at least or at most so much, in the metric's unit. In
    /// a scenario only: other runs measure nothing by themselves, and this is not true of them.
    Metric {
        name: MetricName,
        #[serde(skip_serializing_if = "Option::is_none")]
        server: Option<u64>,
        #[serde(skip_serializing_if = "Option::is_none")]
        #[cfg_attr(feature = "ts", tsify(optional, type = "number"))]
        at_least: Option<Amount>,
        #[serde(skip_serializing_if = "Option::is_none")]
        #[cfg_attr(feature = "ts", tsify(optional, type = "number"))]
        at_most: Option<Amount>,
    },
    /// All running members of the cluster have the same log, as far as it is not replaced by snapshots, and know all of it to
    /// be committed.
    Converged,
    /// What clients saw so far keeps a level of consistency, or does not. Neither is true if that takes more than a million
    /// steps to say.
    History {
        level: Level,
        #[cfg_attr(feature = "ts", tsify(optional))]
        #[cfg_attr(test, schemars(default = "is_kept"))]
        holds: bool,
    },
    /// The opposite.
    Not { condition: Box<Condition> },
    /// All of them.
    All { conditions: Vec<Condition> },
    /// At least one of them.
    Any { conditions: Vec<Condition> },
}

/// The roles, by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(feature = "ts", derive(tsify::Tsify))]
#[serde(rename_all = "camelCase")]
#[allow(missing_docs, reason = "the roles are documented in raft-core")]
pub enum RoleName {
    Follower,
    PreCandidate,
    Candidate,
    Leader,
}

/// Whether a server runs, by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(feature = "ts", derive(tsify::Tsify))]
#[serde(rename_all = "camelCase")]
#[allow(missing_docs, reason = "these are the variants of Status")]
pub enum StatusName {
    Up,
    Crashed,
    Paused,
}

/// How an operation ended, by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(feature = "ts", derive(tsify::Tsify))]
#[serde(rename_all = "camelCase")]
pub enum OutcomeName {
    /// It was carried out.
    Ok,
    /// It was not carried out and never will be.
    Fail,
    /// It may or may not have been carried out.
    Unknown,
    /// The client waits.
    Pending,
}

/// What is counted of a run, by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(feature = "ts", derive(tsify::Tsify))]
#[serde(rename_all = "camelCase")]
pub enum TallyName {
    /// Reads that were answered although a write was completed before they were called which they do not show.
    StaleReads,
    /// Writes that were lost to another one that had not seen them. Raft has one order for all writes, and none of these.
    Conflicts,
}

impl From<Status> for StatusName {
    fn from(status: Status) -> Self {
        match status {
            Status::Up => Self::Up,
            Status::Crashed => Self::Crashed,
            Status::Paused => Self::Paused,
        }
    }
}

impl From<Option<Outcome>> for OutcomeName {
    fn from(outcome: Option<Outcome>) -> Self {
        match outcome {
            Some(Outcome::Ok) => Self::Ok,
            Some(Outcome::Fail) => Self::Fail,
            Some(Outcome::Unknown) => Self::Unknown,
            None => Self::Pending,
        }
    }
}

impl From<Role> for RoleName {
    fn from(role: Role) -> Self {
        match role {
            Role::Follower => Self::Follower,
            Role::PreCandidate => Self::PreCandidate,
            Role::Candidate => Self::Candidate,
            Role::Leader => Self::Leader,
        }
    }
}

impl Condition {
    /// Whether it, or one that it is made of, is such that `is_wanted`.
    pub(crate) fn has(&self, is_wanted: &impl Fn(&Self) -> bool) -> bool {
        is_wanted(self)
            || match self {
                Self::Not { condition } => condition.has(is_wanted),
                Self::All { conditions } | Self::Any { conditions } => {
                    conditions.iter().any(|condition| condition.has(is_wanted))
                }
                _ => false,
            }
    }

    /// Checks the servers that it names and how deep it nests.
    pub(crate) fn validate(&self, servers: usize, depth: usize) -> Result<(), SimError> {
        if depth > MAX_CONDITION_DEPTH {
            let message = format!("conditions nest at most {MAX_CONDITION_DEPTH} deep");
            return Err(SimError::new(ErrorCode::InvalidScenario, message));
        }
        let check = |server: &u64| {
            if (1..=servers as u64).contains(server) {
                return Ok(());
            }
            let message = format!("there is no server {server}; they are 1 to {servers}");
            Err(SimError::new(ErrorCode::UnknownServer, message))
        };
        match self {
            Self::Leader { server, .. } | Self::Committed { server, .. } => server.iter().try_for_each(check),
            Self::Role { server, .. }
            | Self::Term { server, .. }
            | Self::Log { server, .. }
            | Self::State { server, .. }
            | Self::Snapshot { server, .. }
            | Self::Status { server, .. }
            | Self::Entry { server, .. }
            | Self::Durable { server, .. }
            | Self::Unsynced { server, .. }
            | Self::Behind { server, .. } => check(server),
            Self::Voted { server, candidate } => [server].into_iter().chain(candidate).try_for_each(check),
            Self::Progress { leader, follower, .. } => [leader, follower].into_iter().try_for_each(check),
            Self::Agree { servers } => servers.iter().try_for_each(check),
            Self::Config { server, voters, outgoing, learners } => {
                let learners = learners.iter().flatten();
                [server].into_iter().chain(voters).chain(outgoing).chain(learners).try_for_each(check)
            }
            Self::Metric { name, server, at_least, at_most } => {
                if at_least.is_none() && at_most.is_none() {
                    return Err(document::invalid("atLeast or atMost is needed here"));
                }
                if name.is_of_server() != server.is_some() {
                    let needed = if server.is_some() { "is not measured for each server" } else { "needs a server" };
                    return Err(document::invalid(format!("{} {needed}", name.name())).at("server"));
                }
                server.iter().try_for_each(check)
            }
            Self::Message { from, to, .. } => from.iter().chain(to).try_for_each(check),
            Self::Violation { invariant: Some(name) } => match Breaks::parse(name)? {
                Breaks::Invariant(_) => Ok(()),
                _ => Err(Breaks::unknown(name)),
            },
            Self::Lapse { habit: Some(name) } => match Breaks::parse(name)? {
                Breaks::Habit(_) => Ok(()),
                _ => Err(Breaks::unknown(name)),
            },
            Self::Violation { .. }
            | Self::Lapse { .. }
            | Self::Converged
            | Self::History { .. }
            | Self::Read { .. }
            | Self::Roles { .. }
            | Self::Operation { .. }
            | Self::Operations { .. }
            | Self::Tally { .. } => Ok(()),
            Self::Not { condition } => condition.validate(servers, depth + 1),
            Self::All { conditions } | Self::Any { conditions } => {
                conditions.iter().try_for_each(|condition| condition.validate(servers, depth + 1))
            }
        }
    }
}

impl Condition {
    /// Reads a condition from JSON; errors name the path.
    pub fn parse(json: &str) -> Result<Self, SimError> {
        document::parse(json, MAX_SCENARIO_BYTES)
    }
}

/// What a condition on a history says if it does not say otherwise.
#[cfg(test)]
const fn is_kept() -> bool {
    true
}
