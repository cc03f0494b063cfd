//! What happened and what is on its way, as plain objects.

use raft_sim::told::{Value, Values};
use raft_sim::{Event, EventId, EventKind, Fact, KindName, Level, Time, Timeline, World};
use serde::Serialize;
use tsify::Tsify;

use super::{number, numbers};

/// A message in flight.
#[derive(Serialize, Tsify)]
#[serde(rename_all = "camelCase")]
pub(crate) struct MessageRecord {
    id: u32,
    kind: KindName,
    from: f64,
    to: f64,
    term: f64,
    sent_ms: f64,
    #[tsify(type = "number | null")]
    arrives_ms: Option<f64>,
    held: bool,
    /// As of the event of its sending.
    #[tsify(type = "unknown")]
    data: Values,
    sent_event: u32,
}

/// One thing that happened.
#[derive(Serialize, Tsify)]
#[serde(rename_all = "camelCase")]
pub(crate) struct EventRecord {
    id: u32,
    step: u32,
    time_ms: f64,
    #[tsify(type = "number | null")]
    server: Option<f64>,
    kind: &'static str,
    #[tsify(type = "number | null")]
    cause: Option<u32>,
    #[tsify(type = "number | null")]
    message: Option<u32>,
    #[tsify(type = "number | null")]
    term: Option<f64>,
    #[tsify(type = "number | null")]
    index: Option<f64>,
    /// The values of the sentence that says it.
    #[tsify(type = "unknown")]
    data: Value,
    #[tsify(type = "string | null")]
    section: Option<&'static str>,
    #[tsify(type = "'detail' | 'normal' | 'important' | 'violation'")]
    level: &'static str,
}

/// A contradiction that the checker found.
#[derive(Serialize, Tsify)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ViolationRecord {
    step: u32,
    time_ms: f64,
    event: u32,
    invariant: &'static str,
    name: &'static str,
    servers: Vec<f64>,
    #[tsify(type = "number | null")]
    index: Option<f64>,
    /// The two facts that contradict each other, as the values of sentences.
    #[tsify(type = "unknown[]")]
    facts: [Values; 2],
}

/// Something that a reader may want to jump to.
#[derive(Serialize, Tsify)]
#[serde(rename_all = "camelCase")]
pub(crate) struct MarkerRecord {
    /// The event.
    id: u32,
    step: u32,
    time_ms: f64,
    #[tsify(type = "'election' | 'leader' | 'fault' | 'commit' | 'violation' | 'action'")]
    kind: &'static str,
    term: f64,
    #[tsify(type = "number | null")]
    server: Option<f64>,
    /// The kind of the event.
    event: &'static str,
    #[tsify(type = "unknown")]
    data: Value,
}

pub(crate) fn messages(world: &World) -> Vec<MessageRecord> {
    let views = world.messages().into_iter().map(|message| {
        let envelope = raft_sim::Envelope::of(message.id, &message.message);
        MessageRecord {
            id: message.id.0,
            kind: envelope.kind.into(),
            from: envelope.from.0 as f64,
            to: envelope.to.0 as f64,
            term: envelope.term.0 as f64,
            sent_ms: message.sent_at.ms(),
            arrives_ms: message.arrives_at.map(Time::ms),
            held: message.arrives_at.is_none(),
            data: envelope.values(),
            sent_event: message.sent_event.0,
        }
    });
    views.collect()
}

pub(crate) fn event(world: &World, id: EventId, event: &Event) -> EventRecord {
    let (term, index) = event.term_and_index();
    EventRecord {
        id: id.0,
        step: event.step,
        time_ms: event.time.ms(),
        server: number(event.server()),
        kind: event.name(),
        cause: event.cause().map(|cause| cause.0),
        message: event.envelope().map(|envelope| envelope.message.0),
        term: term.map(|term| term as f64),
        index: index.map(|index| index as f64),
        data: event.values(world),
        section: event.section(),
        level: match event.level() {
            Level::Detail => "detail",
            Level::Normal => "normal",
            Level::Important => "important",
            Level::Violation => "violation",
        },
    }
}

pub(crate) fn violations(world: &World) -> Vec<ViolationRecord> {
    let views = world.violations().iter().map(|found| ViolationRecord {
        step: found.step,
        time_ms: found.time.ms(),
        event: found.event.0,
        invariant: found.violation.invariant.id(),
        name: found.violation.invariant.name(),
        servers: numbers(&found.violation.servers),
        index: found.violation.index.map(|index| index.0 as f64),
        facts: found.violation.facts.each_ref().map(Fact::values),
    });
    views.collect()
}

pub(crate) fn markers(timeline: &Timeline, since: EventId, commits: bool) -> Vec<MarkerRecord> {
    use raft_core::Event as NodeEvent;
    let views = timeline.landmarks(since, commits).map(|(id, term, event)| {
        let kind = match &event.kind {
            EventKind::Node(NodeEvent::BecameLeader { .. }) => "leader",
            EventKind::Node(NodeEvent::BecameCandidate { .. }) => "election",
            EventKind::Node(NodeEvent::CommitAdvanced { .. }) => "commit",
            EventKind::Violated(_) | EventKind::Node(NodeEvent::EntriesTruncated { committed: true, .. }) => {
                "violation"
            }
            EventKind::Crashed(_) | EventKind::Restarted => "fault",
            _ => "action",
        };
        MarkerRecord {
            id: id.0,
            step: event.step,
            time_ms: event.time.ms(),
            kind,
            term: term as f64,
            server: number(event.server()),
            event: event.name(),
            data: event.values(timeline.world()),
        }
    });
    views.collect()
}
