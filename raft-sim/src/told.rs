//! What sentences are made of, as data: whoever shows them says them in the reader's language.
//!
//! Nearly all values are numbers, and a page has two hundred of them to tell apart. So their names and forms stand in static
//! tables, and code only puts numbers next to each other.

use raft_core::{MessageKind, NodeId, ProgressState, Role};
use serde::ser::{Serialize, SerializeMap, Serializer};

use crate::action::Action;
use crate::time::Time;

/// The values of one sentence, by their names; in JSON an object.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Values(Vec<(&'static str, Value)>);

/// One value of a sentence.
#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs, reason = "the variants say it")]
pub enum Value {
    None,
    Number(u64),
    Time(Time),
    Flag(bool),
    /// An identifier, never words for a reader.
    Name(&'static str),
    /// Something that a reader has written.
    Text(Box<str>),
    Servers(Vec<NodeId>),
    Values(Values),
    List(Vec<Values>),
    Action(Box<Action>),
}

/// What a number stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    Number,
    /// 0: none; else one more than the number.
    Optional,
    Flag,
    /// 0: none; else one more than the flag.
    OptionalFlag,
    /// A bit for each server.
    Servers,
    /// 0: none; else one more than the place in [`ROLES`].
    Role,
    /// The place in [`MessageKind::ALL`].
    Kind,
    /// The place in [`STATES`].
    State,
    Time,
    /// It is no number, and stands elsewhere.
    Text,
}

/// The names of values and their forms, in the order of their numbers.
pub(crate) type Fields = [(&'static str, Form)];

pub(crate) const ROLES: [&str; 4] = ["follower", "preCandidate", "candidate", "leader"];
pub(crate) const STATES: [&str; 3] = ["probe", "replicate", "snapshot"];

impl Values {
    /// Values that begin with an identifier of what they belong to.
    pub(crate) fn of(name: &'static str) -> Self {
        Self(vec![("type", Value::Name(name))])
    }

    /// Values of a table.
    pub(crate) fn listed(fields: &'static Fields, numbers: &[u64]) -> Self {
        Self::default().and(fields, numbers)
    }

    /// Values of a table, after an identifier of what they belong to.
    pub(crate) fn named(name: &'static str, fields: &'static Fields, numbers: &[u64]) -> Self {
        Self::of(name).and(fields, numbers)
    }

    // Out of line, as is the next: they are called from everywhere.
    #[inline(never)]
    fn and(mut self, fields: &'static Fields, numbers: &[u64]) -> Self {
        let numbered = fields.iter().zip(numbers).filter(|((_, form), _)| *form != Form::Text);
        self.0.extend(numbered.map(|((name, form), number)| (*name, form.value(*number))));
        self
    }

    /// Adds a value.
    #[inline(never)]
    pub(crate) fn with(mut self, name: &'static str, value: Value) -> Self {
        self.0.push((name, value));
        self
    }

    /// The value of a name.
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.0.iter().find(|(known, _)| *known == name).map(|(_, value)| value)
    }
}

impl Form {
    fn value(self, number: u64) -> Value {
        let at = number as usize;
        match self {
            Self::Optional | Self::OptionalFlag | Self::Role if number == 0 => Value::None,
            Self::Number => Value::Number(number),
            Self::Optional => Value::Number(number - 1),
            Self::Flag => Value::Flag(number == 1),
            Self::OptionalFlag => Value::Flag(number == 2),
            Self::Servers => Value::Servers((1..64).filter(|id| number >> id & 1 == 1).map(NodeId).collect()),
            Self::Role => ROLES.get(at - 1).map_or(Value::None, |name| Value::Name(name)),
            Self::Kind => MessageKind::ALL.get(at).map_or(Value::None, |kind| Value::Name(kind.name())),
            Self::State => STATES.get(at).map_or(Value::None, |name| Value::Name(name)),
            Self::Time => Value::Time(Time(number)),
            Self::Text => Value::None,
        }
    }
}

/// The number of something that may not be.
pub(crate) fn optional(number: Option<u64>) -> u64 {
    number.map_or(0, |number| number + 1)
}

/// The number of a set of servers, of which there are at most 25.
pub(crate) fn servers(ids: impl IntoIterator<Item = NodeId>) -> u64 {
    ids.into_iter().fold(0, |bits, id| bits | 1 << (id.0 & 63))
}

/// The number of a role that a server may have.
pub(crate) const fn role(role: Option<Role>) -> u64 {
    match role {
        None => 0,
        Some(Role::Follower) => 1,
        Some(Role::PreCandidate) => 2,
        Some(Role::Candidate) => 3,
        Some(Role::Leader) => 4,
    }
}

/// The number of a way of sending.
pub(crate) const fn state(state: ProgressState) -> u64 {
    match state {
        ProgressState::Probe => 0,
        ProgressState::Replicate => 1,
        ProgressState::Snapshot => 2,
    }
}

impl Serialize for Values {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (name, value) in &self.0 {
            map.serialize_entry(name, value)?;
        }
        map.end()
    }
}

impl Serialize for Value {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::None => serializer.serialize_none(),
            Self::Number(number) => serializer.serialize_u64(*number),
            Self::Time(time) => time.serialize(serializer),
            Self::Flag(flag) => serializer.serialize_bool(*flag),
            Self::Name(name) => serializer.serialize_str(name),
            Self::Text(text) => serializer.serialize_str(text),
            Self::Servers(ids) => serializer.collect_seq(ids.iter().map(|id| id.0)),
            Self::Values(values) => values.serialize(serializer),
            Self::List(list) => serializer.collect_seq(list),
            Self::Action(action) => action.serialize(serializer),
        }
    }
}
