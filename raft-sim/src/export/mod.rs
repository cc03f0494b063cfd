//! Runs in the formats of other tools, and traces that can be run again and compared.
//!
//! What is exported is the present branch, from the start of the run to the present moment. Every format is text in UTF-8, written
//! piece by piece. `docs/formats.md` describes them with examples.

mod cast;
mod chrome;
mod mermaid;
mod replay;
mod rerun;
mod shiviz;
mod tla;
mod trace;
mod traced;

use std::fmt;
use std::io::{self, Write};

use crate::error::{ErrorCode, SimError};
use crate::judge::History;
use crate::timeline::Timeline;
pub use replay::{Divergence, ReplayReport, Trace};
pub use shiviz::SHIVIZ_REGEX;

/// A format that a run can be exported in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Format {
    /// Everything that happened and what it takes to let it happen again, as JSON; see [`Trace`].
    TraceJson,
    /// A log for ShiViz, with vector clocks.
    ShiViz,
    /// A Mermaid sequence diagram.
    Mermaid,
    /// Chrome trace events, for Perfetto and `chrome://tracing`.
    ChromeTrace,
    /// The vocabulary of etcd's Raft trace validation, for TLC.
    Tla,
    /// What the clients asked and were told, as JSON lines for `raft-sim check`.
    HistoryJsonl,
    /// The same as Jepsen writes it.
    Edn,
}

impl Format {
    /// All of them.
    pub const ALL: [Self; 7] =
        [Self::TraceJson, Self::ShiViz, Self::Mermaid, Self::ChromeTrace, Self::Tla, Self::HistoryJsonl, Self::Edn];

    /// The name: `trace-json`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::TraceJson => "trace-json",
            Self::ShiViz => "shiviz",
            Self::Mermaid => "mermaid",
            Self::ChromeTrace => "chrome-trace",
            Self::Tla => "tla",
            Self::HistoryJsonl => "history-jsonl",
            Self::Edn => "edn",
        }
    }

    /// The format with a name.
    pub fn parse(name: &str) -> Result<Self, SimError> {
        Self::ALL.into_iter().find(|format| format.name() == name).ok_or_else(|| {
            let known: Vec<_> = Self::ALL.into_iter().map(Self::name).collect();
            let name: String = name.chars().take(40).collect();
            SimError::new(ErrorCode::OutOfRange, format!("there is no format {name:?}; there are {}", known.join(", ")))
        })
    }

    /// How the name of a file in this format ends, without a dot.
    pub const fn extension(self) -> &'static str {
        match self {
            Self::TraceJson => "trace.json",
            Self::ShiViz => "shiviz.log",
            Self::Mermaid => "mmd",
            Self::ChromeTrace => "chrome.json",
            Self::Tla => "ndjson",
            Self::HistoryJsonl => "history.jsonl",
            Self::Edn => "edn",
        }
    }
}

/// Why a run was not exported. Part of it may have been written.
#[derive(Debug)]
pub enum ExportError {
    /// The format cannot say what happened in the run.
    Refused(SimError),
    /// It could not be written.
    Write(io::Error),
}

impl fmt::Display for ExportError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused(error) => error.fmt(f),
            Self::Write(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for ExportError {}

impl From<SimError> for ExportError {
    fn from(error: SimError) -> Self {
        Self::Refused(error)
    }
}

impl From<io::Error> for ExportError {
    fn from(error: io::Error) -> Self {
        Self::Write(error)
    }
}

impl Timeline {
    /// Writes the present branch, from its start to the present moment.
    pub fn export(&self, format: Format, out: &mut dyn Write) -> Result<(), ExportError> {
        match format {
            Format::TraceJson => trace::write(self, out),
            Format::ShiViz => shiviz::write(self, out),
            Format::Mermaid => mermaid::write(self, out),
            Format::ChromeTrace => chrome::write(self, out),
            Format::Tla => tla::write(self, out),
            Format::HistoryJsonl => Ok(out.write_all(self.history().to_jsonl().as_bytes())?),
            Format::Edn => Ok(out.write_all(self.history().to_edn().as_bytes())?),
        }
    }

    /// What the clients asked and were told up to the present moment.
    fn history(&self) -> History {
        History { name: self.scenario().id.as_str().into(), ..self.world().history() }
    }

    /// The same as a text.
    pub fn export_text(&self, format: Format) -> Result<String, SimError> {
        let mut bytes = Vec::new();
        match self.export(format, &mut bytes) {
            Ok(()) => Ok(String::from_utf8(bytes).expect("every format is text")),
            Err(ExportError::Refused(error)) => Err(error),
            Err(ExportError::Write(error)) => unreachable!("a vector takes every byte: {error}"),
        }
    }
}

/// A value of ours as JSON on one line.
fn json(value: &impl serde::Serialize) -> String {
    serde_json::to_string(value).expect("what is exported has no maps with odd keys")
}
