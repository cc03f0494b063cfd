//! The one error of this crate.

use std::fmt;

use serde::Serialize;

/// What kind of mistake it was; stable, for programs to match on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "ts", derive(tsify::Tsify))]
#[serde(rename_all = "camelCase")]
pub enum ErrorCode {
    /// No server has this id.
    UnknownServer,
    /// No message in flight fits: it was delivered, dropped, or never sent.
    UnknownMessage,
    /// No rule has this name.
    UnknownRule,
    /// No branch, step or event has this number.
    UnknownMoment,
    /// The server is crashed and can do nothing but restart.
    ServerCrashed,
    /// The server runs, so it cannot be restarted or resumed.
    ServerRunning,
    /// The server refused the command: it is not the leader, or too much waits.
    Refused,
    /// A number is outside its range.
    OutOfRange,
    /// The cluster would have no server or too many.
    TooManyServers,
    /// Something is longer than its limit.
    TooLarge,
    /// The timeline has as many branches as it may.
    TooManyBranches,
    /// A scenario is malformed; `path` says where.
    InvalidScenario,
    /// A scenario or recording has a version that this build does not know.
    UnsupportedVersion,
    /// A history of clients is malformed; `path` says in which line and where in it.
    InvalidHistory,
    /// The same server stands in two groups of a partition, or a link joins a server to itself.
    InvalidLink,
    /// Histories of clients would have to be judged, and this build has no judges.
    NeedsJudges,
    /// The design of the servers has no such thing; the message says what it lacks.
    UnsupportedByDesign,
}

/// A mistake of the caller. Nothing has changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SimError {
    /// The kind of mistake.
    pub code: ErrorCode,
    /// One sentence: what is wrong and what would be right.
    pub message: String,
    /// Where in a JSON document, like `script[3].do.server`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
}

impl SimError {
    /// A mistake with a sentence about it.
    pub fn new(code: ErrorCode, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), path: None }
    }

    /// The same mistake, found at `path` of a document.
    #[must_use]
    pub fn at(mut self, path: impl Into<String>) -> Self {
        let (outer, inner) = (path.into(), self.path.take());
        self.path = Some(match inner {
            Some(inner) if inner.starts_with('[') => outer + &inner,
            Some(inner) => format!("{outer}.{inner}"),
            None => outer,
        });
        self
    }
}

impl fmt::Display for SimError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.path {
            Some(path) => write!(f, "{path}: {}", self.message),
            None => f.write_str(&self.message),
        }
    }
}

impl std::error::Error for SimError {}
