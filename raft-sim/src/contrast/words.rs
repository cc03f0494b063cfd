//! What happened in this world, in sentences.

use std::fmt;

use super::node::{Happening, Version};
use super::world::{ContrastEnvelope, ContrastKind, ContrastWorld, MessageName};
use crate::event::Level;
use crate::event::{Event, Loss};
use crate::words::{called, returned};

impl ContrastKind {
    /// How much it matters to a reader.
    pub const fn level(&self) -> Level {
        match self {
            Self::StaleRead(..) | Self::Expected(_, false) => Level::Violation,
            Self::Happened(Happening::Conflict { .. } | Happening::TookOver { .. } | Happening::SteppedDown { .. })
            | Self::Crashed
            | Self::Restarted => Level::Important,
            Self::Sent(_) | Self::Delivered(_) | Self::Duplicated(_) => Level::Detail,
            _ => Level::Normal,
        }
    }

    /// The name of its kind, for programs.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Happened(happening) => happening.name(),
            Self::Sent(_) => "sent",
            Self::Delivered(_) => "delivered",
            Self::Lost(..) => "lost",
            Self::Duplicated(_) => "duplicated",
            Self::Acted(_) => "acted",
            Self::Crashed => "crashed",
            Self::Restarted => "restarted",
            Self::Called(_) => "called",
            Self::Returned(..) => "returned",
            Self::StaleRead(..) => "staleRead",
            Self::Refused(_) => "refused",
            Self::Expected(..) => "expected",
        }
    }
}

impl ContrastWorld {
    /// One sentence about an event.
    pub fn sentence(&self, event: &Event<ContrastKind>) -> String {
        let name = event.server().map_or_else(String::new, |server| format!("S{server}"));
        let operation = |id: crate::event::OperationId| self.operations().get(id.0 as usize);
        match &event.kind {
            ContrastKind::Happened(happening) => format!("{name} {happening}"),
            ContrastKind::Sent(envelope) => format!("{name} sends {envelope}"),
            ContrastKind::Delivered(envelope) => format!("{name} gets {envelope}"),
            ContrastKind::Duplicated(envelope) => format!("{envelope} is on its way twice"),
            ContrastKind::Lost(envelope, loss) => {
                let why = match loss {
                    Loss::Chance => "it is lost",
                    Loss::Cut => "the link is cut",
                    Loss::Crashed => "the receiver is down",
                    Loss::Dropped => "it was dropped by hand",
                    Loss::Full => "too many messages are in flight",
                };
                format!("{envelope} does not arrive: {why}")
            }
            ContrastKind::Acted(words) => words.to_string(),
            ContrastKind::Crashed => format!("{name} is down"),
            ContrastKind::Restarted => format!("{name} starts from its disk"),
            ContrastKind::Called(id) => operation(*id).map_or_else(String::new, called),
            ContrastKind::Returned(id, outcome) => {
                operation(*id).map_or_else(String::new, |operation| returned(operation, *outcome))
            }
            ContrastKind::StaleRead(read, write) => match (operation(*read), operation(*write)) {
                (Some(read), Some(write)) => {
                    let what = called(write);
                    format!("client {} has read something old: \"{what}\" was answered before it asked", read.client)
                }
                _ => String::new(),
            },
            ContrastKind::Refused(why) if name.is_empty() => format!("nobody takes it: {why}"),
            ContrastKind::Refused(why) => format!("{name} refuses: {why}"),
            ContrastKind::Expected(_, true) => "as expected".into(),
            ContrastKind::Expected(_, false) => "not as expected".into(),
        }
    }
}

impl Happening {
    /// The name, for programs.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Keeps { .. } => "keeps",
            Self::Conflict { .. } => "conflict",
            Self::Mirrored { .. } => "mirrored",
            Self::TookOver { .. } => "tookOver",
            Self::SteppedDown { .. } => "steppedDown",
        }
    }
}

impl fmt::Display for Happening {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Keeps { key, value, version: None } => write!(f, "keeps {key} = {value}"),
            Self::Keeps { key, value, version: Some(version) } => write!(f, "keeps {key} = {value}, version {version}"),
            Self::Conflict { key, kept, lost } => {
                let why = "neither had seen the other, so the last writer wins";
                write!(f, "finds versions {kept} and {lost} of {key}: {why} and {lost} is lost")
            }
            Self::Mirrored { reign, round } => {
                write!(f, "has what S{} had in round {round} of epoch {}", reign.primary, reign.epoch)
            }
            Self::TookOver { reign } => write!(f, "takes over as primary of epoch {}", reign.epoch),
            Self::SteppedDown { reign, lost } => {
                write!(f, "hears of S{}, primary of epoch {}, and steps down", reign.primary, reign.epoch)?;
                match lost {
                    0 => Ok(()),
                    1 => f.write_str("; the value of one key is overwritten"),
                    _ => write!(f, "; the values of {lost} keys are overwritten"),
                }
            }
        }
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} of S{}", self.counter, self.writer)
    }
}

impl fmt::Display for ContrastEnvelope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { kind, from, to, about, .. } = self;
        let kind = match kind {
            MessageName::Store => "Store",
            MessageName::Stored => "Stored",
            MessageName::Fetch => "Fetch",
            MessageName::Fetched => "Fetched",
            MessageName::Mirror => "Mirror",
        };
        write!(f, "{kind} ({about}) from S{from} to S{to}")
    }
}
