//! The history of clients: what was asked, when, and what came back.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::value::Value;
use super::{jepsen, jsonl};
use crate::error::{ErrorCode, SimError};
use crate::limits::{MAX_HISTORY_OPERATIONS, MAX_HISTORY_VALUE_BYTES};

/// What clients asked of a store, and what they were told.
///
/// Two calls of one client may overlap. They are then as free of each other as calls of two clients, at every level of
/// consistency: the order of a client is only what it can know, that one operation returned before it called the next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct History {
    /// What it is called in reports.
    pub name: String,
    /// What the keys are.
    pub model: Model,
    /// What every key holds at first.
    pub initial: Value,
    /// What the author says that the verdict is.
    pub expected: Option<Expected>,
    /// The operations, in any order.
    pub operations: Vec<Operation>,
}

/// What a key is, and so which operations it knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Model {
    /// A register: read, write, cas. Several keys are several registers.
    CasRegister,
    /// A text: get, put, append. Nothing counts as the empty text.
    KvAppend,
    /// A key of a store: get, put, append, cas, delete. A key that was deleted, or never set, reads as nothing.
    Kv,
}

/// What the author of a history says about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expected {
    /// It is linearizable.
    Ok,
    /// It is not.
    Illegal,
}

/// One call of a client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Operation {
    /// Its number; no other operation of the history has it.
    pub id: u64,
    /// Who asked.
    pub client: u64,
    /// About which key.
    pub key: Arc<str>,
    /// What was asked, and what came back.
    pub act: Act,
    /// When it was asked, on any clock that all clients share. Equal times tell no order.
    pub call: u64,
    /// When it returned: not before its call. There if the status is [`Status::Ok`].
    pub returned: Option<u64>,
    /// How it ended.
    pub status: Status,
}

/// What a client asked for, with the answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Act {
    /// The value of the key: `read` or `get`. The answer means nothing unless the operation is ok.
    Read(Value),
    /// To set the key: `write` or `put`.
    Write(Value),
    /// To set the key to the new value if it holds the expected one.
    Cas {
        /// What it must hold.
        expected: Value,
        /// What it then holds.
        new: Value,
        /// Whether it was set: `false` is the answer of a store that found another value.
        swapped: bool,
    },
    /// To add to the end of the text.
    Append(Arc<str>),
    /// To remove the key.
    Delete,
}

/// How a call ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// It took effect between its call and its return.
    Ok,
    /// It took no effect and never will.
    Fail,
    /// Nobody knows: it takes effect at any time after its call, or never.
    Unknown,
}

impl Model {
    pub(super) const NAMES: [(&'static str, Self); 3] =
        [("cas-register", Self::CasRegister), ("kv-append", Self::KvAppend), ("kv", Self::Kv)];

    /// Its name in files.
    pub fn name(self) -> &'static str {
        Self::NAMES.iter().find(|(_, model)| *model == self).map_or("", |(name, _)| name)
    }

    /// Whether its keys know what is asked.
    fn knows(self, act: &Act) -> bool {
        match act {
            Act::Read(_) | Act::Write(_) => true,
            Act::Cas { .. } => self != Self::KvAppend,
            Act::Append(_) => self != Self::CasRegister,
            Act::Delete => self == Self::Kv,
        }
    }
}

impl Act {
    /// The name of the operation in files: a register is read and written, a key is got and put.
    pub fn name(&self, model: Model) -> &'static str {
        match (self, model) {
            (Self::Read(_), Model::CasRegister) => "read",
            (Self::Read(_), _) => "get",
            (Self::Write(_), Model::CasRegister) => "write",
            (Self::Write(_), _) => "put",
            (Self::Cas { .. }, _) => "cas",
            (Self::Append(_), _) => "append",
            (Self::Delete, _) => "delete",
        }
    }

    /// Whether it can change the key.
    pub fn is_mutation(&self) -> bool {
        !matches!(self, Self::Read(_) | Self::Cas { swapped: false, .. })
    }
}

impl Operation {
    /// The operation in words, with its number, like `3 (client 1 writes 5 to r)`.
    pub fn words(&self) -> String {
        let Self { id, client, key, .. } = self;
        let end = match self.status {
            Status::Ok => "",
            Status::Fail => ", which failed",
            Status::Unknown => ", outcome unknown",
        };
        let what = match &self.act {
            Act::Read(value) if self.status == Status::Ok => format!("reads {value} from {key}"),
            Act::Read(_) => format!("reads {key}"),
            Act::Write(value) => format!("writes {value} to {key}"),
            Act::Cas { expected, new, swapped: true } => format!("swaps {expected} for {new} in {key}"),
            Act::Cas { expected, new, swapped: false } => format!("finds no {expected} to swap for {new} in {key}"),
            Act::Append(piece) => format!("appends {} to {key}", Value::Text(piece.clone())),
            Act::Delete => format!("deletes {key}"),
        };
        format!("{id} (client {client} {what}{end})")
    }
}

impl History {
    /// An empty history whose keys hold nothing.
    pub fn new(name: impl Into<String>, model: Model) -> Self {
        Self { name: name.into(), model, initial: Value::Null, expected: None, operations: Vec::new() }
    }

    /// Reads a history in one of the two formats: JSON lines begin with `{"`, everything else is EDN.
    pub fn parse(text: &str) -> Result<Self, SimError> {
        let text = text.trim_start_matches('\u{feff}');
        if text.trim_start().starts_with("{\"") { jsonl::parse(text) } else { jepsen::parse(text) }
    }

    /// Reads JSON lines: a header, then one operation a line. Errors name the line and the path in it.
    pub fn from_jsonl(text: &str) -> Result<Self, SimError> {
        jsonl::parse(text)
    }

    /// Reads the history of a Jepsen test: one map a line, or a vector of them. The clock is the place in the file.
    pub fn from_edn(text: &str) -> Result<Self, SimError> {
        jepsen::parse(text)
    }

    /// The history as JSON lines, which [`History::from_jsonl`] reads back.
    pub fn to_jsonl(&self) -> String {
        jsonl::write(self)
    }

    /// The history as Jepsen writes one: a map a line for each call and return. Times become places in the file.
    pub fn to_edn(&self) -> String {
        jepsen::write(self)
    }

    /// Checks what the readers check, for histories that were made otherwise.
    pub fn validate(&self) -> Result<(), SimError> {
        let mut ids = Ids::default();
        check_value(&self.initial, self.model).map_err(|error| error.at("initial"))?;
        for (at, operation) in self.operations.iter().enumerate() {
            let checked = check(operation, self.model).and_then(|()| ids.add(operation.id));
            checked.map_err(|error| error.at(format!("operations[{at}]")))?;
        }
        Ok(())
    }
}

/// A mistake in a history.
pub(super) fn invalid(message: impl Into<String>) -> SimError {
    SimError::new(ErrorCode::InvalidHistory, message)
}

/// Whether an operation makes sense by itself.
pub(super) fn check(operation: &Operation, model: Model) -> Result<(), SimError> {
    let Operation { act, call, returned, status, .. } = operation;
    if !model.knows(act) {
        return Err(invalid(format!("a {} has no operation {}", model.name(), act.name(model))).at("op"));
    }
    match (returned, status) {
        (None, Status::Ok) => {
            return Err(invalid("an operation that is ok has returned: a time is needed").at("return"));
        }
        (Some(returned), _) if returned < call => {
            return Err(invalid(format!("it returned at {returned}, before its call at {call}")).at("return"));
        }
        _ => {}
    }
    match act {
        Act::Read(value) => check_value(value, model).map_err(|error| error.at("result")),
        Act::Write(value) => check_value(value, model).map_err(|error| error.at("value")),
        Act::Cas { expected, new, .. } => {
            [expected, new].iter().try_for_each(|value| check_value(value, model)).map_err(|error| error.at("value"))
        }
        Act::Append(piece) => check_length(piece).map_err(|error| error.at("value")),
        Act::Delete => Ok(()),
    }
}

/// Whether a value is one that the model can hold.
fn check_value(value: &Value, model: Model) -> Result<(), SimError> {
    match value {
        Value::Text(text) => check_length(text),
        Value::Bool(_) | Value::Integer(_) if model == Model::KvAppend => {
            Err(invalid(format!("a text is needed here, not {value}")))
        }
        _ => Ok(()),
    }
}

/// Whether a text is short enough.
pub(super) fn check_length(text: &str) -> Result<(), SimError> {
    if text.len() <= MAX_HISTORY_VALUE_BYTES {
        return Ok(());
    }
    let message = format!("the text has {} bytes, at most {MAX_HISTORY_VALUE_BYTES} are allowed", text.len());
    Err(SimError::new(ErrorCode::TooLarge, message))
}

/// The numbers of the operations so far.
#[derive(Default)]
pub(super) struct Ids {
    seen: BTreeSet<u64>,
}

impl Ids {
    /// Adds a number that must be new.
    pub(super) fn add(&mut self, id: u64) -> Result<(), SimError> {
        if self.seen.len() == MAX_HISTORY_OPERATIONS {
            let message = format!("at most {MAX_HISTORY_OPERATIONS} operations are allowed");
            return Err(SimError::new(ErrorCode::TooLarge, message));
        }
        if !self.seen.insert(id) {
            return Err(invalid(format!("another operation has the number {id}")).at("id"));
        }
        Ok(())
    }
}
