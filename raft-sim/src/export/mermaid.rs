//! `mermaid`: a sequence diagram. Messages stand where they arrive, lost ones end in a cross.

use std::fmt::Write as _;
use std::io::Write;

use raft_core::{Event as NodeEvent, FollowerReason, NodeId};

use super::ExportError;
use super::cast::{Cast, one_line};
use crate::event::{Event, EventId, EventKind, Outcome};
use crate::limits::MAX_MERMAID_BYTES;
use crate::timeline::Timeline;
use crate::world::World;

pub(super) fn write(timeline: &Timeline, out: &mut dyn Write) -> Result<(), ExportError> {
    let world = timeline.world();
    let cast = Cast::of(world)?;
    let mut head = String::from("sequenceDiagram\n");
    for (number, name) in cast.clients().iter().enumerate() {
        let _ = writeln!(head, "  actor C{number} as client {}", label(name));
    }
    for server in world.servers() {
        let _ = writeln!(head, "  participant S{}", server.id());
    }
    out.write_all(head.as_bytes())?;
    let everybody = format!("S1,S{}", world.servers().len());
    let mut written = head.len();
    for (id, event) in timeline.events(EventId(0), usize::MAX) {
        let Some(line) = line(world, &cast, &event, &everybody) else { continue };
        written += line.len() + 3;
        if written > MAX_MERMAID_BYTES {
            let left = world.events() - id.0;
            writeln!(
                out,
                "  Note over {everybody}: cut here, as the diagram would be too large: {left} events are left out"
            )?;
            break;
        }
        writeln!(out, "  {line}")?;
    }
    Ok(())
}

/// The line of an event; `None` for those that a diagram of messages does not show.
fn line(world: &World, cast: &Cast, event: &Event, everybody: &str) -> Option<String> {
    let note = |server: NodeId, words: &str| Some(format!("Note over S{server}: {}", label(words)));
    let own_note = |words: &str| note(event.server()?, words);
    let operation = |id: &crate::event::OperationId| {
        let (client, operation) = (cast.client_of(world, *id)?, world.operations().get(id.0 as usize)?);
        Some((client, operation.server))
    };
    match &event.kind {
        EventKind::Delivered(envelope) => {
            let arrow = if envelope.success.is_some() { "-->>" } else { "->>" };
            Some(format!("S{}{arrow}S{}: {}", envelope.from, envelope.to, label(&message(envelope))))
        }
        EventKind::Lost(envelope, _) => {
            let arrow = if envelope.success.is_some() { "--x" } else { "-x" };
            Some(format!("S{}{arrow}S{}: {}", envelope.from, envelope.to, label(&message(envelope))))
        }
        // What travels to a server is drawn where it arrives, like a message.
        EventKind::Asked(id) => {
            Some(format!("C{}->>S{}: {}", operation(id)?.0, event.server()?, label(&event.sentence(world))))
        }
        EventKind::Redirected(id, _) | EventKind::Resent(id) => {
            Some(format!("Note over C{}: {}", operation(id)?.0, label(&event.sentence(world))))
        }
        EventKind::Called(id) => match operation(id)? {
            (client, Some(server)) if !world.config().clients.is_distant() => {
                Some(format!("C{client}->>S{server}: {}", label(&event.sentence(world))))
            }
            (client, _) => Some(format!("Note over C{client}: {}", label(&event.sentence(world)))),
        },
        EventKind::Returned(id, outcome) => match operation(id)? {
            (client, Some(server)) if *outcome != Outcome::Unknown => {
                Some(format!("S{server}-->>C{client}: {}", label(&event.sentence(world))))
            }
            (client, _) => Some(format!("Note over C{client}: {}", label(&event.sentence(world)))),
        },
        EventKind::Acted(deed) => Some(format!("Note over {everybody}: {}", label(&deed.to_string()))),
        EventKind::Violated(_) => Some(format!("Note over {everybody}: VIOLATION, {}", label(&event.sentence(world)))),
        EventKind::Crashed(_)
        | EventKind::Restarted
        | EventKind::Restored(_)
        | EventKind::Torn(_)
        | EventKind::Forgotten(_) => own_note(&event.sentence(world)),
        EventKind::Node(node) => match node {
            NodeEvent::BecameLeader { term } => own_note(&format!("leads term {term}")),
            NodeEvent::BecameCandidate { term } => own_note(&format!("candidate in term {term}")),
            NodeEvent::BecameFollower { term, reason: FollowerReason::NoQuorum, .. } => {
                own_note(&format!("steps down in term {term}"))
            }
            NodeEvent::CommitAdvanced { to, .. } => own_note(&format!("commits up to {to}")),
            NodeEvent::EntriesTruncated { first, last, .. } => own_note(&format!("removes entries {first} to {last}")),
            _ => None,
        },
        EventKind::Sent(_)
        | EventKind::Duplicated(_)
        | EventKind::WriteStarted(_)
        | EventKind::WriteDurable(_)
        | EventKind::Applied(_)
        | EventKind::Expected(..)
        | EventKind::Refused(_)
        | EventKind::SnapshotBegun(_)
        | EventKind::LinkBroke(_)
        | EventKind::LinkRecovered(_) => None,
    }
}

/// What a message says, without from and to, which the arrow shows.
fn message(envelope: &crate::event::Envelope) -> String {
    let text = envelope.to_string();
    let between = format!("S{}→S{} ", envelope.from, envelope.to);
    text.replacen(&between, "", 1)
}

/// A text as Mermaid takes it: letters, digits and harmless signs as they are, everything else by its number.
fn label(text: &str) -> String {
    let mut escaped = String::new();
    for letter in one_line(text).chars() {
        if letter.is_alphanumeric() || " .,()=/_'→…".contains(letter) {
            escaped.push(letter);
        } else {
            let _ = write!(escaped, "#{};", u32::from(letter));
        }
    }
    // Mermaid takes no empty text.
    if escaped.trim().is_empty() { "…".into() } else { escaped }
}
