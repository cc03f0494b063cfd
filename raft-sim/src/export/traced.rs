//! Events, operations and violations as they stand in a trace.

use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::client::{Operation, OperationKind};
use crate::event::{Envelope, Event, EventId, EventKind, Loss, Outcome};
use crate::time::Time;
use crate::world::{FoundViolation, World};

/// An event in a trace.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct TracedEvent {
    id: u32,
    step: u32,
    time_ms: Time,
    #[serde(skip_serializing_if = "Option::is_none")]
    server: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cause: Option<u32>,
    name: &'static str,
    #[serde(skip_serializing_if = "Value::is_null")]
    data: Value,
    /// For people; never compared.
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<String>,
}

impl TracedEvent {
    pub(super) fn new(id: EventId, event: &Event) -> Self {
        Self {
            id: id.0,
            step: event.step,
            time_ms: event.time,
            server: event.server().map(|server| server.0),
            cause: event.cause().map(|cause| cause.0),
            name: event.name(),
            data: data(&event.kind),
            text: None,
        }
    }

    /// With the sentence that a reader of the page sees.
    pub(super) fn with_text(self, event: &Event, world: &World) -> Self {
        Self { text: Some(event.sentence(world)), ..self }
    }
}

/// What is to be known of an event besides its name.
fn data(kind: &EventKind) -> Value {
    match kind {
        EventKind::Node(event) => of_node(event),
        EventKind::Sent(envelope) | EventKind::Delivered(envelope) | EventKind::Duplicated(envelope) => {
            Value::Object(of_envelope(envelope))
        }
        EventKind::Lost(envelope, loss) => {
            let mut fields = of_envelope(envelope);
            fields.insert("why".into(), why_lost(*loss).into());
            Value::Object(fields)
        }
        EventKind::WriteStarted(write) | EventKind::WriteDurable(write) => json!({ "write": write }),
        EventKind::Torn(index)
        | EventKind::Applied(index)
        | EventKind::SnapshotBegun(index)
        | EventKind::Restored(index) => {
            json!({ "index": index.0 })
        }
        EventKind::Acted(deed) => json!({ "words": deed.to_string() }),
        EventKind::Refused(refusal) => json!({ "words": refusal.to_string() }),
        EventKind::Crashed(lost_writes) | EventKind::Forgotten(lost_writes) => json!({ "lostWrites": lost_writes }),
        EventKind::LinkBroke(to) | EventKind::LinkRecovered(to) => json!({ "to": to.0 }),
        EventKind::Restarted => Value::Null,
        EventKind::Called(id) | EventKind::Asked(id) | EventKind::Resent(id) => json!({ "operation": id.0 }),
        EventKind::Redirected(id, to) => json!({ "operation": id.0, "to": to.0 }),
        EventKind::Returned(id, outcome) => json!({ "operation": id.0, "outcome": outcome_name(*outcome) }),
        EventKind::Expected(number, held) => json!({ "number": number, "held": held }),
        EventKind::Violated(number) => json!({ "violation": number }),
    }
}

fn of_envelope(envelope: &Envelope) -> Map<String, Value> {
    let Envelope { message, kind, from, to, term, index, entries, success } = *envelope;
    let fields = [
        ("message", json!(message.0)),
        ("kind", kind.name().into()),
        ("from", from.0.into()),
        ("to", to.0.into()),
        ("term", term.0.into()),
        ("index", index.0.into()),
        ("entries", entries.into()),
    ];
    let success = success.map(|success| ("success", success.into()));
    fields.into_iter().chain(success).map(|(name, value)| (name.to_owned(), value)).collect()
}

const fn why_lost(loss: Loss) -> &'static str {
    match loss {
        Loss::Chance => "chance",
        Loss::Cut => "cut",
        Loss::Crashed => "crashed",
        Loss::Dropped => "dropped",
        Loss::Full => "full",
    }
}

pub(super) const fn outcome_name(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Ok => "ok",
        Outcome::Fail => "fail",
        Outcome::Unknown => "unknown",
    }
}

/// The fields of a node's event. The name of its variant is the name of the event.
fn of_node(event: &raft_core::Event) -> Value {
    match serde_json::to_value(event) {
        Ok(Value::Object(variant)) => variant.into_iter().next().map_or(Value::Null, |(_, fields)| plain("", fields)),
        // A variant without fields is its name alone.
        _ => Value::Null,
    }
}

/// Names as in JavaScript, and variants as objects with a `type`: `{"reason":{"type":"higherTerm","from":2}}`.
fn plain(key: &str, value: Value) -> Value {
    match value {
        Value::Object(fields) => {
            let variant = fields.keys().next().filter(|name| fields.len() == 1 && is_variant(name)).cloned();
            match (variant, fields) {
                (Some(name), fields) => {
                    let mut typed = Map::new();
                    typed.insert("type".into(), lower_first(&name).into());
                    if let Some((_, Value::Object(inner))) = fields.into_iter().next() {
                        typed.extend(inner.into_iter().map(named));
                    }
                    Value::Object(typed)
                }
                (None, fields) => Value::Object(fields.into_iter().map(named).collect()),
            }
        }
        Value::Array(items) => items.into_iter().map(|item| plain("", item)).collect(),
        // Messages go by the names of the paper.
        Value::String(name) if key == "kind" => name.into(),
        Value::String(name) if key == "reason" => json!({ "type": lower_first(&name) }),
        Value::String(name) => lower_first(&name).into(),
        other => other,
    }
}

fn named((name, value): (String, Value)) -> (String, Value) {
    let value = plain(&name, value);
    (camel(&name), value)
}

fn is_variant(name: &str) -> bool {
    name.starts_with(|first: char| first.is_ascii_uppercase())
}

fn lower_first(name: &str) -> String {
    let mut letters = name.chars();
    letters.next().map_or_else(String::new, |first| first.to_ascii_lowercase().to_string() + letters.as_str())
}

/// `match_index` as `matchIndex`.
fn camel(name: &str) -> String {
    let mut parts = name.split('_');
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |name, part| {
        let mut letters = part.chars();
        let capital = letters.next().map(|letter| letter.to_ascii_uppercase());
        name + &capital.map(String::from).unwrap_or_default() + letters.as_str()
    })
}

/// A client's operation in a trace.
pub(super) fn of_operation(id: usize, operation: &Operation) -> Value {
    let mut fields = json!({
        "id": id,
        "client": &*operation.client,
        "key": &*operation.key,
        "kind": operation.kind.name(),
        "session": operation.session,
        "calledMs": operation.called_at,
    });
    let kind = match &operation.kind {
        OperationKind::Get { mode, result } => json!({ "mode": mode, "value": result.as_deref() }),
        OperationKind::Put { value } | OperationKind::Append { value } => json!({ "value": &**value }),
        OperationKind::Cas { expected, value, matched } => {
            json!({ "expected": expected.as_deref(), "value": &**value, "matched": matched })
        }
        OperationKind::Delete | OperationKind::Sync => json!({}),
    };
    let serial = operation.is_write().then(|| json!({ "serial": operation.serial }));
    let returned =
        operation.returned.map(|(time, outcome)| json!({ "returnedMs": time, "outcome": outcome_name(outcome) }));
    let server = operation.server.map(|server| json!({ "server": server.0 }));
    if let Value::Object(fields) = &mut fields {
        let more = [Some(kind), serial, returned, server].into_iter().flatten();
        fields.extend(more.filter_map(|part| if let Value::Object(part) = part { Some(part) } else { None }).flatten());
    }
    fields
}

/// A violation in a trace.
pub(super) fn of_violation(found: &FoundViolation) -> Value {
    json!({
        "invariant": found.violation.invariant.id(),
        "event": found.event.0,
        "step": found.step,
        "timeMs": found.time,
        "text": found.violation.to_string(),
    })
}
