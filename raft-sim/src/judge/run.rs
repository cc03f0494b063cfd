//! The history of the clients of a run.

use super::history::{Act, History, Model, Operation, Status};
use super::value::Value;
use crate::client::OperationKind;
use crate::event::Outcome;
use crate::world::World;

impl History {
    /// What the clients of a run saw up to now. Clients are numbered by their sessions, times are microseconds.
    ///
    /// Reads of every mode are in it, also local ones, which promise nothing. A `sync` is no operation of a key and is left
    /// out. What has not ended is unknown.
    pub fn of_run(name: impl Into<String>, world: &World) -> Self {
        let operations = world.operations().iter().enumerate();
        let operations = operations.filter_map(|(id, operation)| {
            let act = act(&operation.kind)?;
            let status = match operation.outcome() {
                Some(Outcome::Ok) => Status::Ok,
                Some(Outcome::Fail) => Status::Fail,
                Some(Outcome::Unknown) | None => Status::Unknown,
            };
            // Who does not know the outcome has not been told anything.
            let returned = operation.returned.filter(|_| status != Status::Unknown).map(|(time, _)| time.0);
            Some(Operation {
                id: id as u64,
                client: operation.session.into(),
                key: operation.key.clone(),
                act,
                call: operation.called_at.0,
                returned,
                status,
            })
        });
        Self { operations: operations.collect(), ..Self::new(name, Model::Kv) }
    }
}

fn act(kind: &OperationKind) -> Option<Act> {
    let value = |text: &Option<std::sync::Arc<str>>| text.clone().map_or(Value::Null, Value::Text);
    Some(match kind {
        OperationKind::Get { result, .. } => Act::Read(value(result)),
        OperationKind::Put { value } => Act::Write(Value::Text(value.clone())),
        OperationKind::Append { value } => Act::Append(value.clone()),
        OperationKind::Cas { expected, value: new, matched } => {
            Act::Cas { expected: value(expected), new: Value::Text(new.clone()), swapped: matched.unwrap_or(true) }
        }
        OperationKind::Delete => Act::Delete,
        OperationKind::Sync => return None,
    })
}
