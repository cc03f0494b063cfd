//! The replicated state machine: keys and values, and what it remembers of its clients.

use std::collections::BTreeMap;
use std::sync::Arc;

use raft_core::{Entry, EntryKind};

/// A small key-value store with client sessions (dissertation §6.3). Copies share their content until one changes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct Machine {
    state: Arc<BTreeMap<Box<str>, String>>,
    /// The serial number of the last command of each client.
    sessions: Arc<BTreeMap<Box<str>, u64>>,
}

/// A command as the state machine reads it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Command<'a> {
    /// The client and the number that it gave the command, if it was sent in a session.
    pub(crate) session: Option<(&'a str, u64)>,
    /// What is to be done: `key=value` sets a key; everything else changes nothing.
    pub(crate) text: &'a str,
}

/// Between client, serial number and text.
pub(crate) const SEPARATOR: char = '\u{1f}';

impl<'a> Command<'a> {
    pub(crate) fn parse(bytes: &'a [u8]) -> Option<Self> {
        let whole = core::str::from_utf8(bytes).ok()?;
        let mut parts = whole.splitn(3, SEPARATOR);
        Some(match (parts.next(), parts.next().and_then(|serial| serial.parse().ok()), parts.next()) {
            (Some(client), Some(serial), Some(text)) => Self { session: Some((client, serial)), text },
            _ => Self { session: None, text: whole },
        })
    }
}

/// What a command says, without the session that it was sent in.
pub fn command_text(bytes: &[u8]) -> String {
    let parsed = Command::parse(bytes).map(|command| command.text.to_owned());
    parsed.unwrap_or_else(|| String::from_utf8_lossy(bytes).into_owned())
}

impl Machine {
    /// Applies one entry; returns the session and the number of the command if one was carried out. With sessions, a
    /// command is carried out only if it is newer than the client's last one.
    pub(crate) fn apply<'a>(&mut self, entry: &'a Entry, has_sessions: bool) -> Option<(&'a str, u64)> {
        let EntryKind::Command(command) = &entry.kind else { return None };
        let Command { session, text } = Command::parse(command.as_bytes())?;
        if let Some((client, serial)) = session {
            let last = self.sessions.get(client).copied();
            if has_sessions && last.is_some_and(|last| serial <= last) {
                return None;
            }
            let sessions = Arc::make_mut(&mut self.sessions);
            match sessions.get_mut(client) {
                Some(last) => *last = serial.max(*last),
                None => drop(sessions.insert(client.into(), serial)),
            }
        }
        if let Some((key, value)) = text.split_once('=') {
            let state = Arc::make_mut(&mut self.state);
            if let Some(known) = state.get_mut(key) {
                // Its memory is used again.
                value.clone_into(known);
            } else {
                state.insert(key.into(), value.into());
            }
        }
        session
    }

    /// The whole state in bytes: the number of keys; for every key its length, itself, the length of its value, the value;
    /// then for every client the same with its last serial number.
    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::from((self.state.len() as u32).to_le_bytes());
        let mut push = |text: &str| {
            bytes.extend((text.len() as u32).to_le_bytes());
            bytes.extend(text.as_bytes());
        };
        for (key, value) in self.iter() {
            push(key);
            push(value);
        }
        for (client, serial) in &*self.sessions {
            push(client);
            push(&serial.to_string());
        }
        bytes
    }

    /// The state that [`Machine::to_bytes`] made bytes of.
    pub(crate) fn from_bytes(bytes: &[u8]) -> Self {
        let Some((count, mut bytes)) = bytes.split_first_chunk() else { return Self::default() };
        let mut next = || {
            let (length, rest) = bytes.split_first_chunk()?;
            let (text, rest) = rest.split_at_checked(u32::from_le_bytes(*length) as usize)?;
            bytes = rest;
            core::str::from_utf8(text).ok()
        };
        let (mut state, mut sessions) = (BTreeMap::new(), BTreeMap::new());
        for _ in 0..u32::from_le_bytes(*count) {
            if let (Some(key), Some(value)) = (next(), next()) {
                state.insert(key.into(), value.into());
            }
        }
        while let (Some(client), Some(serial)) = (next(), next()) {
            sessions.insert(client.into(), serial.parse().unwrap_or_default());
        }
        Self { state: Arc::new(state), sessions: Arc::new(sessions) }
    }

    /// The value of a key.
    pub(crate) fn get(&self, key: &str) -> Option<&str> {
        self.state.get(key).map(String::as_str)
    }

    /// All keys with their values, in order.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.state.iter().map(|(key, value)| (&**key, value.as_str()))
    }
}

#[cfg(test)]
mod tests {
    use raft_core::Term;

    use super::*;

    fn command(text: &str) -> Entry {
        Entry { term: Term(1), kind: EntryKind::Command(text.into()) }
    }

    /// Goal (dissertation §6.3): a repeated command changes the state once, also after a snapshot; without sessions twice.
    #[test]
    fn a_repeated_command_is_carried_out_once() {
        let (first, other) = (command("a\u{1f}1\u{1f}x=1"), command("b\u{1f}1\u{1f}x=2"));
        for has_sessions in [true, false] {
            let mut machine = Machine::default();
            assert_eq!(machine.apply(&first, has_sessions), Some(("a", 1)));
            assert_eq!(machine.apply(&other, has_sessions), Some(("b", 1)));
            let mut machine = Machine::from_bytes(&machine.to_bytes());
            assert_eq!(machine.apply(&first, has_sessions).is_none(), has_sessions);
            assert_eq!(machine.get("x"), Some(if has_sessions { "2" } else { "1" }));
        }
    }

    /// Goal: the state survives the way through bytes, sessions included.
    #[test]
    fn a_snapshot_is_the_state() {
        let mut machine = Machine::default();
        for text in ["x=1", "a\u{1f}7\u{1f}y=", "a\u{1f}8\u{1f}nothing", "=z", "no command"] {
            machine.apply(&command(text), true);
        }
        assert_eq!(Machine::from_bytes(&machine.to_bytes()), machine);
        assert_eq!(Machine::from_bytes(&Machine::default().to_bytes()), Machine::default());
    }
}
