//! What clients asked for, as plain objects.

use raft_sim::{OperationKind, Outcome, ReadName, World};
use serde::Serialize;
use tsify::Tsify;

use super::number;

/// What a client asked for.
#[derive(Serialize, Tsify)]
#[serde(rename_all = "camelCase")]
pub(crate) struct OperationView {
    id: u32,
    client: String,
    key: String,
    /// `sync` has no key: its client's next session read is not older than what was committed when it was called.
    #[tsify(type = "'get' | 'put' | 'append' | 'cas' | 'delete' | 'sync'")]
    kind: &'static str,
    /// What a read does before it is answered; `null` for others.
    #[tsify(type = "ReadName | null")]
    mode: Option<ReadName>,
    /// What was to be written, or what was read; `null` if the key was not set or there is no answer yet.
    #[tsify(type = "string | null")]
    value: Option<String>,
    /// The value that a compare-and-set asks for; `null` if the key must not be set, and for others.
    #[tsify(type = "string | null")]
    expected: Option<String>,
    /// Whether a compare-and-set found that value; `null` while it has no answer, and for others.
    #[tsify(type = "boolean | null")]
    matched: Option<bool>,
    called_ms: f64,
    #[tsify(type = "number | null")]
    returned_ms: Option<f64>,
    #[tsify(type = "'ok' | 'fail' | 'unknown' | null")]
    outcome: Option<&'static str>,
    /// The server that took it.
    #[tsify(type = "number | null")]
    server: Option<f64>,
}

pub(crate) fn history(world: &World, first_id: u32, limit: u32) -> Vec<OperationView> {
    let operations = world.operations().iter().enumerate().skip(first_id as usize).take(limit as usize);
    let views = operations.map(|(id, operation)| {
        let (mode, result) = match &operation.kind {
            OperationKind::Get { mode, result } => (Some(*mode), result.as_deref()),
            _ => (None, None),
        };
        let (expected, matched) = match &operation.kind {
            OperationKind::Cas { expected, matched, .. } => (expected.as_deref(), *matched),
            _ => (None, None),
        };
        OperationView {
            id: id as u32,
            client: operation.client.to_string(),
            key: operation.key.to_string(),
            kind: operation.kind.name(),
            mode,
            value: operation.kind.value().or(result).map(Into::into),
            expected: expected.map(Into::into),
            matched,
            called_ms: operation.called_at.ms(),
            returned_ms: operation.returned.map(|(time, _)| time.ms()),
            outcome: operation.returned.map(|(_, outcome)| match outcome {
                Outcome::Ok => "ok",
                Outcome::Fail => "fail",
                Outcome::Unknown => "unknown",
            }),
            server: number(operation.server),
        }
    });
    views.collect()
}
