//! The history of the clients of a run.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::history::{Act, History, Model, Operation, Status};
use super::value::Value;
use crate::client::{self, OperationKind};
use crate::contrast::ContrastWorld;
use crate::event::Outcome;
use crate::world::World;

impl History {
    /// What the clients of a run saw, from their operations in the order of their calls. An operation has the number of its
    /// place there; clients are numbered as [`clients_of`] lists them; times are microseconds.
    ///
    /// Reads of every mode are in it, also local ones, which promise nothing. A `sync` is no operation of a key and is left
    /// out. A write that was sent again is one operation, from its first call to its last return. What has not ended is
    /// unknown.
    pub fn of<'a>(name: impl Into<String>, operations: impl IntoIterator<Item = &'a client::Operation>) -> Self {
        let mut clients = BTreeMap::new();
        let operations = operations.into_iter().enumerate().filter_map(|(id, operation)| {
            let next = clients.len() as u64;
            let client = *clients.entry(&*operation.client).or_insert(next);
            let act = act(&operation.kind)?;
            let status = match operation.outcome() {
                Some(Outcome::Ok) => Status::Ok,
                Some(Outcome::Fail) => Status::Fail,
                Some(Outcome::Unknown) | None => Status::Unknown,
            };
            // Who does not know the outcome has not been told anything.
            let returned = operation.returned.filter(|_| status != Status::Unknown).map(|(time, _)| time.0);
            let (id, key, call) = (id as u64, operation.key.clone(), operation.called_at.0);
            Some(Operation { id, client, key, act, call, returned, status })
        });
        let operations = operations.collect();
        Self { operations, ..Self::new(name, Model::Kv) }
    }
}

/// The names of the clients of some operations, in the order in which they first call.
pub fn clients_of<'a>(operations: impl IntoIterator<Item = &'a client::Operation>) -> Vec<Arc<str>> {
    let mut seen = BTreeSet::new();
    let clients = operations.into_iter().map(|operation| &operation.client);
    clients.filter(|client| seen.insert(&***client)).cloned().collect()
}

impl World {
    /// What clients saw up to now.
    pub fn history(&self) -> History {
        History::of("run", self.operations().iter())
    }
}

impl ContrastWorld {
    /// What clients saw up to now.
    pub fn history(&self) -> History {
        History::of("run", self.operations().iter())
    }
}

/// What was asked and answered. `None`: nothing that concerns a key.
fn act(kind: &OperationKind) -> Option<Act> {
    let value = |text: &Option<Arc<str>>| text.clone().map_or(Value::Null, Value::Text);
    Some(match kind {
        OperationKind::Get { result, .. } => Act::Read(value(result)),
        OperationKind::Put { value } => Act::Write(Value::Text(value.clone())),
        OperationKind::Append { value } => Act::Append(value.clone()),
        OperationKind::Cas { expected, value: new, matched } => {
            // Without an answer it may have been carried out.
            Act::Cas { expected: value(expected), new: Value::Text(new.clone()), swapped: matched.unwrap_or(true) }
        }
        OperationKind::Delete => Act::Delete,
        OperationKind::Sync => return None,
    })
}
