//! What clients ask for in the middle of it.

use super::Chaos;
use crate::action::{Action, ReadName};
use crate::client::OperationMix;
use crate::event::Outcome;
use crate::random::Stream;
use crate::world::{Server, World};

/// The keys that clients ask about.
pub(super) const KEYS: [&str; 3] = ["k0", "k1", "k2"];

/// The mixes of writes that a seed may draw; reads are drawn with the faults. Puts are in all of them, so that values stay
/// short.
const MIXES: [OperationMix; 5] = [
    OperationMix { put: 1, ..OperationMix::NONE },
    OperationMix { put: 3, cas: 1, ..OperationMix::NONE },
    OperationMix { put: 1, append: 4, ..OperationMix::NONE },
    OperationMix { put: 2, cas: 2, delete: 1, ..OperationMix::NONE },
    OperationMix { put: 2, append: 2, cas: 2, delete: 1, ..OperationMix::NONE },
];

/// The writes of a seed.
pub(super) fn draw(stream: &mut Stream) -> OperationMix {
    MIXES[stream.between(0, MIXES.len() as u64 - 1) as usize]
}

impl Chaos {
    pub(super) fn read(&mut self, server: Option<u64>) -> Action {
        // Only who writes can ask to read its own writes.
        let in_session = self.mix.reads == ReadName::Session;
        let client = if in_session { format!("c{}", self.below(3)) } else { format!("r{}", self.below(2)) };
        let key = KEYS[self.below(KEYS.len())].into();
        Action::ClientRead { client, key, server, mode: self.mix.reads }
    }

    /// Every value is written once, so that it can be told what became of each write. A client that does not know what
    /// became of its last one sends that again.
    pub(super) fn write(&mut self, world: &World, server: Option<u64>) -> Action {
        self.commands += 1;
        let client = format!("c{}", self.below(3));
        let key = KEYS[self.below(KEYS.len())].to_owned();
        let last = world.unanswered_write(&client).ok();
        let last = last.and_then(|id| world.operations().get(id.0 as usize));
        if last.is_some_and(|operation| matches!(operation.returned, Some((_, Outcome::Unknown)))) {
            return Action::ClientRetry { client, server };
        }
        let (value, OperationMix { put, append, cas, delete, .. }) = (self.commands.to_string(), self.mix.operations);
        let chosen = self.clients.between(1, (put + append + cas + delete).into()) as u32;
        // Some server's value, so that it is now the present one and now an old one.
        let at = self.clients.between(1, world.servers().len() as u64);
        if chosen <= put {
            Action::ClientWrite { client, key, value, server }
        } else if chosen <= put + append {
            Action::ClientAppend { client, key, value: format!("{value};"), server }
        } else if chosen <= put + append + cas {
            let state = world.server_with_id(at).ok().map(Server::state);
            let expected = state.and_then(|mut state| state.find(|(known, _)| *known == key));
            let expected = expected.map(|(_, value)| value.to_owned());
            Action::ClientCas { client, key, expected, value, server }
        } else {
            Action::ClientDelete { client, key, server }
        }
    }
}
