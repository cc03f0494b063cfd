//! The replicated state machine: keys and values, and what it remembers of its clients.

use std::sync::Arc;

use litemap::LiteMap;
use raft_core::{Entry, EntryKind};

use crate::command::{Change, Command};
use crate::limits::MAX_TEXT_BYTES;

/// A small key-value store with client sessions (dissertation §6.3). Copies share their content until one changes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct Machine {
    state: Arc<LiteMap<Box<str>, String>>,
    /// The last command of each client.
    sessions: Arc<LiteMap<Box<str>, LastCommand>>,
}

/// What is remembered of a client's last command: enough to answer a copy of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct LastCommand {
    serial: u64,
    answer: Answer,
}

/// What the state machine answers to a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Answer {
    /// It was carried out.
    Done,
    /// A compare-and-set that found another value, so that nothing was changed.
    Mismatch,
    /// Nothing was changed: the value would be longer than [`MAX_TEXT_BYTES`].
    TooLong,
    /// A copy of a command that was not the client's last one: what became of that one is forgotten.
    Forgotten,
}

/// A command that was applied.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Applied<'a> {
    /// The client and the number that it gave the command, if it was sent in a session.
    pub(crate) session: Option<(&'a str, u64)>,
    /// What the client is told.
    pub(crate) answer: Answer,
    /// Whether it was carried out now; otherwise it was recognised as a copy.
    pub(crate) is_new: bool,
}

impl Machine {
    /// Applies one entry; `None` if it is no command. With sessions, a command is carried out only if it is newer than the
    /// client's last one; a copy of the last one gets the first answer again.
    pub(crate) fn apply<'a>(&mut self, entry: &'a Entry, has_sessions: bool) -> Option<Applied<'a>> {
        let EntryKind::Command(command) = &entry.kind else { return None };
        let Command { session, change } = Command::parse(command.as_bytes())?;
        let Some((client, serial)) = session else {
            return Some(Applied { session, answer: self.carry_out(change), is_new: true });
        };
        let last = self.sessions.get(client).copied();
        if let Some(last) = last.filter(|last| has_sessions && serial <= last.serial) {
            let answer = if serial == last.serial { last.answer } else { Answer::Forgotten };
            return Some(Applied { session, answer, is_new: false });
        }
        let answer = self.carry_out(change);
        let sessions = Arc::make_mut(&mut self.sessions);
        match sessions.get_mut(client) {
            Some(last) if serial < last.serial => {}
            Some(last) => *last = LastCommand { serial, answer },
            None => drop(sessions.insert(client.into(), LastCommand { serial, answer })),
        }
        Some(Applied { session, answer, is_new: true })
    }

    fn carry_out(&mut self, change: Change<'_>) -> Answer {
        match change {
            Change::Put { key, value } => self.set(key, value),
            Change::Append { key, value } => {
                let Some(known) = self.state.get(key) else {
                    self.set(key, value);
                    return Answer::Done;
                };
                if known.len() + value.len() > MAX_TEXT_BYTES {
                    return Answer::TooLong;
                }
                if let Some(known) = Arc::make_mut(&mut self.state).get_mut(key) {
                    known.push_str(value);
                }
            }
            Change::Cas { key, expected, value } => {
                if self.get(key) != expected {
                    return Answer::Mismatch;
                }
                self.set(key, value);
            }
            Change::Delete { key } => {
                if self.state.contains_key(key) {
                    Arc::make_mut(&mut self.state).remove(key);
                }
            }
            Change::Nothing(_) => {}
        }
        Answer::Done
    }

    fn set(&mut self, key: &str, value: &str) {
        let state = Arc::make_mut(&mut self.state);
        if let Some(known) = state.get_mut(key) {
            // Its memory is used again.
            value.clone_into(known);
        } else {
            state.insert(key.into(), value.into());
        }
    }

    /// The whole state in bytes: the number of keys; for every key its length, itself, the length of its value, the value;
    /// then for every client the same with its last serial number and the answer to it.
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
        for (client, LastCommand { serial, answer }) in &*self.sessions {
            push(client);
            push(&format!("{serial}{}", answer.mark()));
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
        let (mut state, mut sessions) = (LiteMap::new(), LiteMap::new());
        for _ in 0..u32::from_le_bytes(*count) {
            let (Some(key), Some(value)) = (next(), next()) else { break };
            state.insert(key.into(), value.into());
        }
        while let (Some(client), Some(last)) = (next(), next()) {
            let end = last.find(|character: char| !character.is_ascii_digit()).unwrap_or(last.len());
            let (serial, mark) = last.split_at(end);
            let last = LastCommand { serial: serial.parse().unwrap_or_default(), answer: Answer::of_mark(mark) };
            sessions.insert(client.into(), last);
        }
        Self { state: Arc::new(state), sessions: Arc::new(sessions) }
    }

    /// The same state, as if no client had ever been heard of.
    pub(crate) fn without_sessions(mut self) -> Self {
        self.sessions = Arc::default();
        self
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

impl Answer {
    /// How it stands in a snapshot.
    const fn mark(self) -> &'static str {
        match self {
            Self::Done => "",
            Self::Mismatch => "≠",
            Self::TooLong => "!",
            Self::Forgotten => "?",
        }
    }

    fn of_mark(mark: &str) -> Self {
        let all = [Self::Mismatch, Self::TooLong, Self::Forgotten];
        all.into_iter().find(|answer| answer.mark() == mark).unwrap_or(Self::Done)
    }
}

#[cfg(test)]
mod tests {
    use raft_core::Term;

    use super::*;

    fn command(text: &str) -> Entry {
        Entry { term: Term(1), kind: EntryKind::Command(text.into()) }
    }

    fn apply(machine: &mut Machine, text: &str, has_sessions: bool) -> (Answer, bool) {
        let entry = command(text);
        machine.apply(&entry, has_sessions).map(|applied| (applied.answer, applied.is_new)).expect("a command")
    }

    /// Goal (dissertation §6.3): a repeated command changes the state once, also after a snapshot; without sessions twice.
    #[test]
    fn a_repeated_command_is_carried_out_once() {
        for has_sessions in [true, false] {
            let mut machine = Machine::default();
            for (text, is_new) in [("a\u{1f}1\u{1f}x=1", true), ("b\u{1f}1\u{1f}x=2", true)] {
                assert_eq!(apply(&mut machine, text, has_sessions), (Answer::Done, is_new));
            }
            let mut machine = Machine::from_bytes(&machine.to_bytes());
            assert_eq!(apply(&mut machine, "a\u{1f}1\u{1f}x=1", has_sessions), (Answer::Done, !has_sessions));
            assert_eq!(machine.get("x"), Some(if has_sessions { "2" } else { "1" }));
        }
    }

    /// Goal (dissertation §6.3): for every kind of change a copy of the client's last command gets the first answer, also
    /// after a snapshot, and changes nothing; of an earlier command the answer is forgotten. Without sessions the copy is
    /// carried out on what the first one left.
    #[test]
    fn a_copy_gets_the_first_answer() {
        let long = "y".repeat(MAX_TEXT_BYTES - 1);
        let table = [
            ("x=1".to_owned(), Answer::Done, "1", Answer::Done, "1"),
            ("\u{1e}+x=1".to_owned(), Answer::Done, "01", Answer::Done, "011"),
            ("\u{1e}?x=1:01".to_owned(), Answer::Done, "1", Answer::Mismatch, "1"),
            ("\u{1e}?x=-:1".to_owned(), Answer::Mismatch, "0", Answer::Mismatch, "0"),
            ("\u{1e}-x".to_owned(), Answer::Done, "", Answer::Done, ""),
            (format!("\u{1e}+x={long}y"), Answer::TooLong, "0", Answer::TooLong, "0"),
        ];
        for (change, answer, state, careless_answer, careless_state) in table {
            let in_session = format!("a\u{1f}2\u{1f}{change}");
            let mut first = Machine::default();
            apply(&mut first, "x=0", true);
            apply(&mut first, "a\u{1f}1\u{1f}other=1", true);
            assert_eq!(apply(&mut first, &in_session, true), (answer, true), "{change:?}");
            assert_eq!(first.get("x").unwrap_or_default(), state);
            for mut machine in [first.clone(), Machine::from_bytes(&first.to_bytes())] {
                assert_eq!(apply(&mut machine, &in_session, true), (answer, false), "{change:?}");
                assert_eq!(apply(&mut machine, "a\u{1f}1\u{1f}other=1", true), (Answer::Forgotten, false));
                assert_eq!(machine, first);
                assert_eq!(apply(&mut machine, &in_session, false), (careless_answer, true));
                assert_eq!(machine.get("x").unwrap_or_default(), careless_state);
            }
        }
    }

    /// Goal: an append that fills a value to the limit is carried out, and one byte more is not; a key that is not set
    /// counts as empty.
    #[test]
    fn values_have_a_limit() {
        let mut machine = Machine::default();
        let half = "y".repeat(MAX_TEXT_BYTES / 2);
        for answer in [Answer::Done, Answer::Done, Answer::TooLong] {
            assert_eq!(apply(&mut machine, &format!("\u{1e}+x={half}"), true), (answer, true));
        }
        assert_eq!(machine.get("x").map(str::len), Some(MAX_TEXT_BYTES));
    }

    /// Goal: the state survives the way through bytes, sessions and their answers included; bytes that are cut short give
    /// some state and no panic.
    #[test]
    fn a_snapshot_is_the_state() {
        let mut machine = Machine::default();
        for text in [
            "x=1",
            "a\u{1f}7\u{1f}y=",
            "a\u{1f}8\u{1f}nothing",
            "=z",
            "no command",
            "b\u{1f}3\u{1f}\u{1e}?x=1:01",
            "c\u{1f}4\u{1f}\u{1e}?x=1:12",
        ] {
            machine.apply(&command(text), true);
        }
        let bytes = machine.to_bytes();
        assert_eq!(Machine::from_bytes(&bytes), machine);
        for end in 0..bytes.len() {
            assert_ne!(Machine::from_bytes(&bytes[..end]), machine);
        }
        assert_eq!(Machine::from_bytes(&Machine::default().to_bytes()), Machine::default());
    }
}
