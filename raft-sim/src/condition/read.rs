//! Conditions in JSON.

use serde_json::Value;

use super::{Condition, OutcomeName, RoleName, StatusName, TallyName};
use crate::document::{FromJson, Object, invalid, one_of};
use crate::error::SimError;
use crate::judge;

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
                at_least: object.optional("atLeast")?,
                at_most: object.optional("atMost")?,
            },
            "roles" => Self::Roles {
                role: object.required("role")?,
                at_least: object.optional("atLeast")?,
                at_most: object.optional("atMost")?,
            },
            "status" => Self::Status { server: object.required("server")?, status: object.required("status")? },
            "voted" => Self::Voted { server: object.required("server")?, candidate: object.optional("candidate")? },
            "entry" => Self::Entry {
                server: object.required("server")?,
                index: object.optional("index")?,
                term: object.optional("term")?,
                command: object.optional("command")?,
            },
            "durable" => Self::Durable { server: object.required("server")?, index: object.required("index")? },
            "unsynced" => Self::Unsynced {
                server: object.required("server")?,
                at_least: object.optional("atLeast")?,
                at_most: object.optional("atMost")?,
            },
            "behind" => Self::Behind {
                server: object.required("server")?,
                at_least: object.optional("atLeast")?,
                at_most: object.optional("atMost")?,
            },
            "progress" => Self::Progress {
                leader: object.required("leader")?,
                follower: object.required("follower")?,
                match_index: object.optional("matchIndex")?,
                next_index: object.optional("nextIndex")?,
            },
            "agree" => Self::Agree { servers: object.or("servers", Vec::new())? },
            "operation" => Self::Operation {
                client: object.required("client")?,
                number: object.optional("number")?,
                outcome: object.required("outcome")?,
            },
            "operations" => Self::Operations {
                client: object.optional("client")?,
                outcome: object.required("outcome")?,
                at_least: object.optional("atLeast")?,
                at_most: object.optional("atMost")?,
            },
            "tally" => Self::Tally {
                of: object.required("of")?,
                at_least: object.optional("atLeast")?,
                at_most: object.optional("atMost")?,
            },
            "metric" => Self::Metric {
                name: object.required("name")?,
                server: object.optional("server")?,
                at_least: object.optional("atLeast")?,
                at_most: object.optional("atMost")?,
            },
            "lapse" => Self::Lapse { habit: object.optional("habit")? },
            "violation" => Self::Violation { invariant: object.optional("invariant")? },
            "converged" => Self::Converged,
            "history" => {
                judge::needed()?;
                Self::History { level: object.required("level")?, holds: object.or("holds", true)? }
            }
            "not" => Self::Not { condition: object.required("condition")? },
            "all" => Self::All { conditions: object.required("conditions")? },
            "any" => Self::Any { conditions: object.required("conditions")? },
            _ => return Err(invalid(format!("there is no condition {kind:?}")).at("type")),
        };
        object.finish()?;
        Ok(condition)
    }
}

impl FromJson for TallyName {
    fn from_json(value: &Value) -> Result<Self, SimError> {
        one_of(value, &[("staleReads", Self::StaleReads), ("conflicts", Self::Conflicts)])
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

impl FromJson for StatusName {
    fn from_json(value: &Value) -> Result<Self, SimError> {
        one_of(value, &[("up", Self::Up), ("crashed", Self::Crashed), ("paused", Self::Paused)])
    }
}

impl FromJson for OutcomeName {
    fn from_json(value: &Value) -> Result<Self, SimError> {
        one_of(value, &[("ok", Self::Ok), ("fail", Self::Fail), ("unknown", Self::Unknown), ("pending", Self::Pending)])
    }
}
