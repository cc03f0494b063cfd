//! What happened and what is on its way, as plain objects.

use raft_sim::{Event, EventId, EventKind, KindName, Level, Time, Timeline, World};
use serde::Serialize;
use tsify::Tsify;

use super::{number, numbers};

/// A message in flight.
#[derive(Serialize, Tsify)]
#[serde(rename_all = "camelCase")]
pub(crate) struct MessageView {
    id: u32,
    kind: KindName,
    from: f64,
    to: f64,
    term: f64,
    sent_ms: f64,
    #[tsify(type = "number | null")]
    arrives_ms: Option<f64>,
    held: bool,
    summary: String,
    sent_event: u32,
}

/// One thing that happened.
#[derive(Serialize, Tsify)]
#[serde(rename_all = "camelCase")]
pub(crate) struct EventView {
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
    text: String,
    #[tsify(type = "string | null")]
    section: Option<&'static str>,
    #[tsify(type = "'detail' | 'normal' | 'important' | 'violation'")]
    level: &'static str,
}

/// A contradiction that the checker found.
#[derive(Serialize, Tsify)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ViolationView {
    step: u32,
    time_ms: f64,
    event: u32,
    invariant: &'static str,
    name: &'static str,
    servers: Vec<f64>,
    #[tsify(type = "number | null")]
    index: Option<f64>,
    text: String,
    facts: [String; 2],
}

/// Something that a reader may want to jump to.
#[derive(Serialize, Tsify)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Marker {
    step: u32,
    time_ms: f64,
    #[tsify(type = "'election' | 'leader' | 'fault' | 'commit' | 'violation' | 'action'")]
    kind: &'static str,
    term: f64,
    #[tsify(type = "number | null")]
    server: Option<f64>,
    text: String,
}

pub(crate) fn messages(world: &World) -> Vec<MessageView> {
    let views = world.messages().into_iter().map(|message| {
        let envelope = raft_sim::Envelope::of(message.id, &message.message);
        MessageView {
            id: message.id.0,
            kind: envelope.kind.into(),
            from: envelope.from.0 as f64,
            to: envelope.to.0 as f64,
            term: envelope.term.0 as f64,
            sent_ms: message.sent_at.ms(),
            arrives_ms: message.arrives_at.map(Time::ms),
            held: message.arrives_at.is_none(),
            summary: envelope.to_string(),
            sent_event: message.sent_event.0,
        }
    });
    views.collect()
}

pub(crate) fn event(world: &World, id: EventId, event: &Event) -> EventView {
    let (term, index) = event.term_and_index();
    EventView {
        id: id.0,
        step: event.step,
        time_ms: event.time.ms(),
        server: number(event.server()),
        kind: event.name(),
        cause: event.cause().map(|cause| cause.0),
        message: event.envelope().map(|envelope| envelope.message.0),
        term: term.map(|term| term as f64),
        index: index.map(|index| index as f64),
        text: event.sentence(world),
        section: event.section(),
        level: match event.level() {
            Level::Detail => "detail",
            Level::Normal => "normal",
            Level::Important => "important",
            Level::Violation => "violation",
        },
    }
}

pub(crate) fn violations(world: &World) -> Vec<ViolationView> {
    let views = world.violations().iter().map(|found| ViolationView {
        step: found.step,
        time_ms: found.time.ms(),
        event: found.event.0,
        invariant: found.violation.invariant.id(),
        name: found.violation.invariant.name(),
        servers: numbers(&found.violation.servers),
        index: found.violation.index.map(|index| index.0 as f64),
        text: found.violation.to_string(),
        facts: found.violation.facts.clone(),
    });
    views.collect()
}

pub(crate) fn markers(timeline: &Timeline) -> Vec<Marker> {
    use raft_core::Event as NodeEvent;
    // The highest term that anybody has begun by then.
    let mut term = 0;
    let views = timeline.landmarks().map(|(_, event)| {
        let kind = match &event.kind {
            EventKind::Node(NodeEvent::BecameLeader { .. }) => "leader",
            EventKind::Node(NodeEvent::BecameCandidate { term: begun }) => {
                term = term.max(begun.0);
                "election"
            }
            EventKind::Node(NodeEvent::CommitAdvanced { .. }) => "commit",
            EventKind::Violated(_) | EventKind::Node(NodeEvent::EntriesTruncated { committed: true, .. }) => {
                "violation"
            }
            EventKind::Crashed(_) | EventKind::Restarted => "fault",
            _ => "action",
        };
        Marker {
            step: event.step,
            time_ms: event.time.ms(),
            kind,
            term: term as f64,
            server: number(event.server()),
            text: event.sentence(timeline.world()),
        }
    });
    views.collect()
}
