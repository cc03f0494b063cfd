//! Commands as they stand in the log.
//!
//! A command of a client is `client␟serial␟change`, one proposed by hand is the change alone. A change is
//!
//! | change | bytes |
//! |---|---|
//! | set a key | `key=value` |
//! | append to a key | `␞+key=value` |
//! | compare and set | `␞?key=4:oldsnew` (the length of the old value, in bytes, comes first), `␞?key=-:new` if not set |
//! | delete a key | `␞-key` |
//!
//! where `␟` and `␞` are the ASCII separators of units and records. Anything else is recorded and changes nothing.

use std::fmt;

/// Between client, serial number and change.
const UNIT: char = '\u{1f}';
/// Before every change that does not just set a key.
const RECORD: char = '\u{1e}';

/// A command as the state machine reads it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Command<'a> {
    /// The client and the number that it gave the command, if it was sent in a session.
    pub(crate) session: Option<(&'a str, u64)>,
    /// What is to be done.
    pub(crate) change: Change<'a>,
}

/// What a command does to the state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Change<'a> {
    /// Sets a key.
    Put { key: &'a str, value: &'a str },
    /// Adds to the end of a value.
    Append { key: &'a str, value: &'a str },
    /// Sets a key if it has a value; `None`: if it is not set.
    Cas { key: &'a str, expected: Option<&'a str>, value: &'a str },
    /// Unsets a key.
    Delete { key: &'a str },
    /// Nothing; the text of the command.
    Nothing(&'a str),
}

impl<'a> Command<'a> {
    /// Reads a command; `None` if it is no text.
    pub(crate) fn parse(bytes: &'a [u8]) -> Option<Self> {
        let whole = core::str::from_utf8(bytes).ok()?;
        let mut parts = whole.splitn(3, UNIT);
        Some(match (parts.next(), parts.next().and_then(|serial| serial.parse().ok()), parts.next()) {
            (Some(client), Some(serial), Some(text)) => {
                Self { session: Some((client, serial)), change: Change::parse(text) }
            }
            _ => Self { session: None, change: Change::parse(whole) },
        })
    }

    /// The command as it stands in the log.
    pub(crate) fn encode(&self) -> String {
        let Self { session, change } = self;
        let change = match change {
            Change::Put { key, value } => format!("{key}={value}"),
            Change::Append { key, value } => format!("{RECORD}+{key}={value}"),
            Change::Cas { key, expected: Some(expected), value } => {
                format!("{RECORD}?{key}={}:{expected}{value}", expected.len())
            }
            Change::Cas { key, expected: None, value } => format!("{RECORD}?{key}=-:{value}"),
            Change::Delete { key } => format!("{RECORD}-{key}"),
            Change::Nothing(text) => (*text).to_owned(),
        };
        session.map_or_else(|| change.clone(), |(client, serial)| format!("{client}{UNIT}{serial}{UNIT}{change}"))
    }
}

impl<'a> Change<'a> {
    fn parse(text: &'a str) -> Self {
        let change = match text.strip_prefix(RECORD) {
            None => text.split_once('=').map(|(key, value)| Self::Put { key, value }),
            Some(rest) => Self::parse_record(rest),
        };
        change.unwrap_or(Self::Nothing(text))
    }

    fn parse_record(rest: &'a str) -> Option<Self> {
        if let Some(key) = rest.strip_prefix('-') {
            return Some(Self::Delete { key });
        }
        if let Some(append) = rest.strip_prefix('+') {
            return append.split_once('=').map(|(key, value)| Self::Append { key, value });
        }
        let (key, values) = rest.strip_prefix('?')?.split_once('=')?;
        let (length, values) = values.split_once(':')?;
        if length == "-" {
            return Some(Self::Cas { key, expected: None, value: values });
        }
        let (expected, value) = values.split_at_checked(length.parse().ok()?)?;
        Some(Self::Cas { key, expected: Some(expected), value })
    }
}

impl fmt::Display for Change<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Put { key, value } => write!(f, "{key}={value}"),
            Self::Append { key, value } => write!(f, "{key} += {value}"),
            Self::Cas { key, expected, value } => write!(f, "{key}: {} → {value}", expected.unwrap_or("none")),
            Self::Delete { key } => write!(f, "delete {key}"),
            Self::Nothing(text) => f.write_str(text),
        }
    }
}

/// What a command says, without the session that it was sent in: `x=1`, `x += 1`, `x: 1 → 2`, `delete x`.
pub fn command_text(bytes: &[u8]) -> String {
    let parsed = Command::parse(bytes).map(|command| command.change.to_string());
    parsed.unwrap_or_else(|| String::from_utf8_lossy(bytes).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [Change<'_>; 9] = [
        Change::Put { key: "x", value: "a=b:c\u{1f}\u{1e}" },
        Change::Append { key: "x", value: "=1" },
        Change::Cas { key: "x", expected: Some("1:2"), value: "-:3" },
        Change::Cas { key: "x", expected: Some(""), value: "ü" },
        Change::Cas { key: "x", expected: Some("ü"), value: "" },
        Change::Cas { key: "x", expected: None, value: "1:2" },
        Change::Delete { key: "x" },
        Change::Nothing("no command"),
        Change::Nothing(""),
    ];

    /// Goal: every change is read as it was written, in a session and without, whatever its values hold.
    #[test]
    fn commands_are_read_as_they_are_written() {
        for change in ALL {
            for session in [None, Some(("a", 7))] {
                let command = Command { session, change };
                assert_eq!(Command::parse(command.encode().as_bytes()), Some(command));
            }
        }
    }

    /// Goal: a person sees what a command does; a put looks as it is proposed by hand.
    #[test]
    fn commands_are_shown_in_plain_text() {
        let session = Some(("a", 1));
        let shown = |change| command_text(Command { session, change }.encode().as_bytes());
        let cas = |expected| Change::Cas { key: "x", expected, value: "2" };
        assert_eq!(shown(Change::Put { key: "x", value: "1" }), "x=1");
        assert_eq!(shown(Change::Append { key: "x", value: "1" }), "x += 1");
        assert_eq!(shown(cas(Some("1"))), "x: 1 → 2");
        assert_eq!(shown(cas(None)), "x: none → 2");
        assert_eq!(shown(Change::Delete { key: "x" }), "delete x");
        assert_eq!(command_text(b"\xff"), "\u{fffd}");
    }

    /// Goal: what only looks like a command changes nothing, and no length makes the reader read past the end.
    #[test]
    fn a_malformed_command_does_nothing() {
        for text in [
            "\u{1e}",
            "\u{1e}+x",
            "\u{1e}?x",
            "\u{1e}?x=1",
            "\u{1e}?x=9:1",
            "\u{1e}?x=1:ü",
            "\u{1e}?x=99999999999999999999:1",
            "\u{1e}!x=1",
        ] {
            assert_eq!(Command::parse(text.as_bytes()), Some(Command { session: None, change: Change::Nothing(text) }));
        }
    }
}
