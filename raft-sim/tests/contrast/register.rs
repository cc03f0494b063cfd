//! What clients saw, before the judge.

use raft_sim::judge::{Act, DEFAULT_BUDGET, History, Model, Operation, Status, Value, Verdict};
use raft_sim::{OperationKind, Outcome};

/// The judge's verdict on the operations of a run, whose numbers are their places.
pub(crate) fn verdict<'a>(operations: impl Iterator<Item = &'a raft_sim::Operation>) -> Verdict {
    let mut history = History::new("a run", Model::Kv);
    history.operations = (0..).zip(operations).map(|(id, operation)| judged(id, operation)).collect();
    history.validate().unwrap();
    history.linearizable(DEFAULT_BUDGET)
}

/// Whether a history is linearizable.
pub(crate) fn is_linearizable<'a>(operations: impl Iterator<Item = &'a raft_sim::Operation>) -> bool {
    match verdict(operations) {
        Verdict::Exhausted { steps, .. } => panic!("undecided after {steps} steps"),
        verdict => verdict.holds(),
    }
}

fn judged(id: u64, operation: &raft_sim::Operation) -> Operation {
    let text = |value: &str| Value::Text(value.into());
    let act = match &operation.kind {
        OperationKind::Put { value } => Act::Write(text(value)),
        OperationKind::Get { result, .. } => Act::Read(result.as_deref().map_or(Value::Null, text)),
        other => panic!("these servers are never asked to {}", other.name()),
    };
    let status = match operation.returned {
        Some((_, Outcome::Ok)) => Status::Ok,
        Some((_, Outcome::Fail)) => Status::Fail,
        Some((_, Outcome::Unknown)) | None => Status::Unknown,
    };
    let returned = operation.returned.map(|(time, _)| time.0).filter(|_| status != Status::Unknown);
    // Each operation is of a client of its own: clients here give up and ask again, which no client of a history does.
    Operation { id, client: id, key: operation.key.clone(), act, call: operation.called_at.0, returned, status }
}
