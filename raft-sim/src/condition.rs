//! Conditions on the state of a world: what scripts wait for and expectations assert.

use raft_core::{LogIndex, Node, NodeId, Role, Term};
use serde::Serialize;
use serde_json::Value;

use crate::action::{KindName, MessagePattern};
use crate::client::Operation;
use crate::document::{self, FromJson, Object, invalid, one_of};
use crate::error::{ErrorCode, SimError};
use crate::limits::{MAX_CONDITION_DEPTH, MAX_SCENARIO_BYTES};
use crate::world::World;

/// Something that is true of a world or not.
#[derive(Clone, Debug, PartialEq, Serialize)]
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
    /// A message like this is in flight.
    Message {
        #[serde(skip_serializing_if = "Option::is_none")]
        kind: Option<KindName>,
        #[serde(skip_serializing_if = "Option::is_none")]
        from: Option<u64>,
        #[serde(skip_serializing_if = "Option::is_none")]
        to: Option<u64>,
    },
    /// The checker found a violation: of this invariant (`I4`), if one is named.
    Violation {
        #[serde(skip_serializing_if = "Option::is_none")]
        invariant: Option<String>,
    },
    /// All running members of the cluster have the same log, as far as it is not replaced by snapshots, and know all of it to
    /// be committed.
    Converged,
    /// The opposite.
    Not { condition: Box<Condition> },
    /// All of them.
    All { conditions: Vec<Condition> },
    /// At least one of them.
    Any { conditions: Vec<Condition> },
}

/// The roles, by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "ts", derive(tsify::Tsify))]
#[serde(rename_all = "camelCase")]
#[allow(missing_docs, reason = "the roles are documented in raft-core")]
pub enum RoleName {
    Follower,
    PreCandidate,
    Candidate,
    Leader,
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
    /// Whether it holds in `world`.
    pub fn holds(&self, world: &World) -> bool {
        let node = |server: u64| world.nodes().find(|node| node.id() == NodeId(server));
        match self {
            Self::Leader { server, term } => world.nodes().any(|node| {
                node.role().is_leader()
                    && server.is_none_or(|server| node.id() == NodeId(server))
                    && term.is_none_or(|term| node.current_term() == Term(term))
            }),
            Self::Role { server, role } => node(*server).is_some_and(|node| RoleName::from(node.role()) == *role),
            Self::Term { server, term } => node(*server).is_some_and(|node| node.current_term() == Term(*term)),
            Self::Committed { server, index, term } => {
                let index = LogIndex(*index);
                let known = match server {
                    Some(server) => node(*server).is_some_and(|node| node.commit_index() >= index),
                    None => world.committed_by_majority() >= index,
                };
                let has_term = |term: u64| {
                    world.nodes().any(|node| {
                        server.is_none_or(|server| node.id() == NodeId(server))
                            && node.commit_index() >= index
                            && node.log().term_at(index) == Some(Term(term))
                    })
                };
                known && term.is_none_or(has_term)
            }
            Self::Log { server, terms } => node(*server).is_some_and(|node| {
                node.log().iter_from(LogIndex(1)).map(|(_, entry)| entry.term.0).eq(terms.iter().copied())
            }),
            Self::State { server, key, value } => {
                let found = world
                    .servers()
                    .iter()
                    .filter(|s| s.id() == NodeId(*server))
                    .find_map(|s| s.state().find(|(k, _)| k == key).map(|(_, value)| value));
                node(*server).is_some() && found == value.as_deref()
            }
            Self::Config { server, voters, outgoing, learners } => node(*server).is_some_and(|node| {
                let configuration = node.configuration();
                is_set(configuration.voters(), voters)
                    && is_set(configuration.voters_outgoing(), outgoing)
                    && learners.as_ref().is_none_or(|learners| is_set(configuration.learners(), learners))
            }),
            Self::Snapshot { server, index } => {
                node(*server).is_some_and(|node| node.log().last_included_index() >= LogIndex(*index))
            }
            Self::Read { client, value } => {
                let answers = world.operations().iter().filter(|operation| *operation.client == **client);
                let latest = answers.filter_map(Operation::answer).max_by_key(|&(time, _)| time);
                latest.is_some_and(|(_, answer)| answer == value.as_deref())
            }
            Self::Message { kind, from, to } => {
                let pattern = MessagePattern { kind: *kind, from: *from, to: *to, pick: None };
                world.messages().iter().any(|message| pattern.fits(&message.message))
            }
            Self::Violation { invariant } => world
                .violations()
                .iter()
                .any(|found| invariant.as_ref().is_none_or(|id| found.violation.invariant.id() == id)),
            Self::Converged => {
                let Some(first) = world.furthest() else { return true };
                let mut members = world.nodes().filter(|node| first.configuration().is_member(node.id()));
                first.commit_index() == first.log().last_index()
                    && members.all(|node| same_log(node, first) && node.commit_index() == first.commit_index())
            }
            Self::Not { condition } => !condition.holds(world),
            Self::All { conditions } => conditions.iter().all(|condition| condition.holds(world)),
            Self::Any { conditions } => conditions.iter().any(|condition| condition.holds(world)),
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
            | Self::Snapshot { server, .. } => check(server),
            Self::Config { server, voters, outgoing, learners } => {
                let learners = learners.iter().flatten();
                [server].into_iter().chain(voters).chain(outgoing).chain(learners).try_for_each(check)
            }
            Self::Message { from, to, .. } => from.iter().chain(to).try_for_each(check),
            Self::Violation { .. } | Self::Converged | Self::Read { .. } => Ok(()),
            Self::Not { condition } => condition.validate(servers, depth + 1),
            Self::All { conditions } | Self::Any { conditions } => {
                conditions.iter().try_for_each(|condition| condition.validate(servers, depth + 1))
            }
        }
    }
}

/// Whether two logs end alike and have the same entries wherever both have them.
fn same_log(a: &Node, b: &Node) -> bool {
    let (a, b) = (a.log(), b.log());
    let first = a.first_index().max(b.first_index());
    a == b
        || (a.last_index(), a.last_term()) == (b.last_index(), b.last_term())
            && a.iter_from(first).eq(b.iter_from(first))
}

/// Whether these are the servers of a set, in any order.
fn is_set(ids: &[NodeId], named: &[u64]) -> bool {
    ids.len() == named.len() && ids.iter().all(|id| named.contains(&id.0))
}

impl Condition {
    /// Reads a condition from JSON; errors name the path.
    pub fn parse(json: &str) -> Result<Self, SimError> {
        document::parse(json, MAX_SCENARIO_BYTES)
    }
}

impl FromJson for Condition {
    fn from_json(value: &Value) -> Result<Self, SimError> {
        let mut object = Object::new(value)?;
        let kind: String = object.required("type")?;
        let condition = match kind.as_str() {
            "leader" => Self::Leader { server: object.optional("server")?, term: object.optional("term")? },
            "role" => Self::Role { server: object.required("server")?, role: object.required("role")? },
            "term" => Self::Term { server: object.required("server")?, term: object.required("term")? },
            "committed" => Self::Committed {
                server: object.optional("server")?,
                index: object.required("index")?,
                term: object.optional("term")?,
            },
            "log" => Self::Log { server: object.required("server")?, terms: object.required("terms")? },
            "state" => Self::State {
                server: object.required("server")?,
                key: object.required("key")?,
                value: object.optional("value")?,
            },
            "config" => Self::Config {
                server: object.required("server")?,
                voters: object.required("voters")?,
                outgoing: object.or("outgoing", Vec::new())?,
                learners: object.optional("learners")?,
            },
            "snapshot" => Self::Snapshot { server: object.required("server")?, index: object.required("index")? },
            "read" => Self::Read { client: object.required("client")?, value: object.optional("value")? },
            "message" => Self::Message {
                kind: object.optional("kind")?,
                from: object.optional("from")?,
                to: object.optional("to")?,
            },
            "violation" => Self::Violation { invariant: object.optional("invariant")? },
            "converged" => Self::Converged,
            "not" => Self::Not { condition: object.required("condition")? },
            "all" => Self::All { conditions: object.required("conditions")? },
            "any" => Self::Any { conditions: object.required("conditions")? },
            _ => return Err(invalid(format!("there is no condition {kind:?}")).at("type")),
        };
        object.finish()?;
        Ok(condition)
    }
}

impl FromJson for RoleName {
    fn from_json(value: &Value) -> Result<Self, SimError> {
        one_of(
            value,
            &[
                ("follower", Self::Follower),
                ("preCandidate", Self::PreCandidate),
                ("candidate", Self::Candidate),
                ("leader", Self::Leader),
            ],
        )
    }
}
