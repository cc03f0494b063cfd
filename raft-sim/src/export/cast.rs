//! Who takes part in a run besides the servers, and where each event happens.

use std::collections::BTreeMap;
use std::sync::Arc;

use raft_core::NodeId;

use crate::error::{ErrorCode, SimError};
use crate::event::{Event, EventKind, OperationId};
use crate::limits::{MAX_DRAWN_CLIENTS, MAX_LABEL_CHARS};
use crate::world::World;

/// Where an event happens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Place {
    /// At whoever acts and looks on: the reader, the script, the checker.
    Reader,
    /// Between the servers: a message was lost or doubled, and nobody noticed.
    Network,
    /// At a server.
    Server(NodeId),
    /// At a client, by its number in the order of the first calls.
    Client(usize),
}

/// The clients of a run.
pub(super) struct Cast {
    clients: Vec<Arc<str>>,
    numbers: BTreeMap<Arc<str>, usize>,
}

impl Cast {
    /// Everybody who called something up to the present moment.
    pub(super) fn of(world: &World) -> Result<Self, SimError> {
        let (mut clients, mut numbers) = (Vec::new(), BTreeMap::new());
        for operation in world.operations().iter() {
            if !numbers.contains_key(&operation.client) {
                numbers.insert(operation.client.clone(), clients.len());
                clients.push(operation.client.clone());
            }
        }
        if clients.len() > MAX_DRAWN_CLIENTS {
            let message =
                format!("{} clients are too many for this format, which takes {MAX_DRAWN_CLIENTS}", clients.len());
            return Err(SimError::new(ErrorCode::OutOfRange, message));
        }
        Ok(Self { clients, numbers })
    }

    /// The names of the clients, in the order of their first calls.
    pub(super) fn clients(&self) -> &[Arc<str>] {
        &self.clients
    }

    /// The number of the client of an operation.
    pub(super) fn client_of(&self, world: &World, id: OperationId) -> Option<usize> {
        self.numbers.get(&world.operations().get(id.0 as usize)?.client).copied()
    }

    pub(super) fn place(&self, world: &World, event: &Event) -> Place {
        match &event.kind {
            EventKind::Acted(_) | EventKind::Expected(..) | EventKind::Violated(_) => Place::Reader,
            EventKind::Lost(..) | EventKind::Duplicated(_) => Place::Network,
            EventKind::Called(id)
            | EventKind::Returned(id, _)
            | EventKind::Redirected(id, _)
            | EventKind::Resent(id) => self.client_of(world, *id).map_or(Place::Reader, Place::Client),
            _ => event.server().map_or(Place::Reader, Place::Server),
        }
    }
}

/// A text on one line: whatever might end or hide one becomes a blank, and what is too long is cut.
pub(super) fn one_line(text: &str) -> String {
    let plain = text.chars().map(|letter| if is_odd(letter) { ' ' } else { letter });
    let mut line: String = plain.clone().take(MAX_LABEL_CHARS).collect();
    if plain.count() > MAX_LABEL_CHARS {
        line.push('…');
    }
    line
}

/// Whether a letter controls how a text is shown: line ends of all kinds, other control characters, and the marks that turn the
/// direction of writing.
fn is_odd(letter: char) -> bool {
    letter.is_control()
        || matches!(letter, '\u{2028}' | '\u{2029}' | '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' | '\u{FEFF}')
}
