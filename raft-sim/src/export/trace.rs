//! `trace-json`: everything that happened, and what it takes to let it happen again.
//!
//! One event stands on each line, so that other tools can read a long trace line by line and people can compare two.

use std::io::Write;

use serde::Serialize;
use serde_json::Value;

use super::traced::{TracedEvent, of_operation, of_violation};
use super::{ExportError, json};
use crate::event::EventId;
use crate::timeline::Timeline;
use crate::world::World;

/// What the first field of a trace says.
pub(super) const FORMAT: &str = "raft-playground-trace";
/// The version of traces that this build writes and reads.
pub(super) const VERSION: u32 = 1;

pub(super) fn write(timeline: &Timeline, out: &mut dyn Write) -> Result<(), ExportError> {
    let world = timeline.world();
    writeln!(out, "{{\"format\":\"{FORMAT}\",\"version\":{VERSION},\"seed\":{},", world.seed())?;
    writeln!(out, "\"generator\":\"raft-sim {}\",", env!("CARGO_PKG_VERSION"))?;
    writeln!(out, "\"run\":{},", json(&timeline.record_present()))?;
    let events = timeline.events(EventId(0), usize::MAX);
    list(out, "events", events.map(|(id, event)| TracedEvent::new(id, &event).with_text(&event, world)))?;
    list(out, "operations", operations(world))?;
    list(out, "violations", violations(world))?;
    writeln!(out, "\"end\":{}}}", end(world))?;
    Ok(())
}

/// What clients asked for and were answered.
pub(super) fn operations(world: &World) -> impl Iterator<Item = Value> {
    world.operations().iter().enumerate().map(|(id, operation)| of_operation(id, operation))
}

/// What the checker found.
pub(super) fn violations(world: &World) -> impl Iterator<Item = Value> {
    world.violations().iter().map(of_violation)
}

/// The moment at which a trace ends.
pub(super) fn end(world: &World) -> Value {
    serde_json::json!({
        "steps": world.steps(),
        "events": world.events(),
        "timeMs": world.now(),
        "traceHash": format!("{:016x}", world.trace_hash()),
        "stateHash": format!("{:016x}", world.state_hash()),
    })
}

fn list<T: Serialize>(out: &mut dyn Write, name: &str, items: impl Iterator<Item = T>) -> Result<(), ExportError> {
    write!(out, "\"{name}\":[")?;
    let mut separator = "\n";
    for item in items {
        write!(out, "{separator}{}", json(&item))?;
        separator = ",\n";
    }
    writeln!(out, "],")?;
    Ok(())
}
