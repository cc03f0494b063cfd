//! Which design the servers of a document follow.

use serde::Serialize;
use serde_json::Value;

use crate::document::{FromJson, Object, invalid};
use crate::error::{ErrorCode, SimError};
use crate::time::Time;

/// How often an asynchronous primary copies, unless a document says otherwise.
const COPY_EVERY: Time = Time(50_000);

/// How servers keep copies. In JSON an object with the `type`, or the name alone where nothing else is needed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(feature = "ts", derive(tsify::Tsify))]
#[serde(tag = "type", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum Design {
    /// By Raft.
    #[default]
    Raft,
    /// A primary, S1, answers a write when every server has it.
    WriteAll,
    /// A primary, at first S1, answers at once and copies later.
    AsyncPrimary {
        /// How long the first backup bears the silence of the primary before it takes over; the second one twice as long, and
        /// so on. Default: never; an operator promotes a backup with the action `timeout`.
        #[serde(skip_serializing_if = "Option::is_none")]
        #[cfg_attr(feature = "ts", tsify(optional, type = "number"))]
        failover_ms: Option<Time>,
        /// Time from one round of copying to the next. Default 50.
        #[cfg_attr(feature = "ts", tsify(optional, type = "number"))]
        #[cfg_attr(test, schemars(default))]
        copy_ms: Time,
    },
    /// Read and write quorums; any server coordinates.
    Quorum {
        /// Number of servers that keep copies, from server 1 on: 1 to the number of servers. Default: all.
        #[cfg_attr(feature = "ts", tsify(optional))]
        #[cfg_attr(test, schemars(default))]
        n: u64,
        /// Number of them that a read hears, 1 to `n`. Default: more than half.
        #[cfg_attr(feature = "ts", tsify(optional))]
        #[cfg_attr(test, schemars(default))]
        r: u64,
        /// Number of them that confirm a write, 1 to `n`. Default: more than half.
        #[cfg_attr(feature = "ts", tsify(optional))]
        #[cfg_attr(test, schemars(default))]
        w: u64,
        /// A read makes sure that `w` servers keep what it answers.
        #[serde(skip_serializing_if = "core::ops::Not::not")]
        #[cfg_attr(feature = "ts", tsify(optional))]
        #[cfg_attr(test, schemars(default))]
        write_back: bool,
    },
}

impl Design {
    /// Whether it is Raft.
    pub fn is_raft(&self) -> bool {
        *self == Self::Raft
    }

    /// The name in documents: `writeAll`.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Raft => "raft",
            Self::WriteAll => "writeAll",
            Self::AsyncPrimary { .. } => "asyncPrimary",
            Self::Quorum { .. } => "quorum",
        }
    }

    /// Checks every number against its range.
    pub(crate) fn validate(&self, servers: usize) -> Result<(), SimError> {
        let out_of_range = |path: &str, message: String| Err(SimError::new(ErrorCode::OutOfRange, message).at(path));
        match *self {
            Self::AsyncPrimary { copy_ms: Time(0), .. } => {
                out_of_range("copyMs", "a round of copying begins some time after the last one".into())
            }
            Self::AsyncPrimary { failover_ms: Some(patience), copy_ms } if patience <= copy_ms => out_of_range(
                "failoverMs",
                format!("a backup must bear a silence of more than {copy_ms}, the time between two rounds of copying"),
            ),
            Self::Raft | Self::WriteAll | Self::AsyncPrimary { .. } => Ok(()),
            Self::Quorum { n, .. } if n > servers as u64 => {
                out_of_range("n", format!("{servers} servers cannot keep {n} copies"))
            }
            Self::Quorum { n: 0, .. } => out_of_range("n", "at least one server keeps copies".into()),
            Self::Quorum { n, r, w, .. } => {
                for (path, count) in [("r", r), ("w", w)] {
                    if !(1..=n).contains(&count) {
                        return out_of_range(path, format!("a quorum has 1 to {n} of the {n} copies, not {count}"));
                    }
                }
                Ok(())
            }
        }
    }

    /// Reads a design for so many servers, which some defaults depend on.
    pub(crate) fn read(value: &Value, servers: u64) -> Result<Self, SimError> {
        let named = Value::Object([("type".to_owned(), value.clone())].into_iter().collect());
        let mut object = Object::new(if value.is_string() { &named } else { value })?;
        let kind: String = object.required("type")?;
        let design = match kind.as_str() {
            "raft" => Self::Raft,
            "writeAll" => Self::WriteAll,
            "asyncPrimary" => Self::AsyncPrimary {
                failover_ms: object.optional("failoverMs")?,
                copy_ms: object.or("copyMs", COPY_EVERY)?,
            },
            "quorum" => {
                let n = object.or("n", servers)?;
                let majority = n / 2 + 1;
                Self::Quorum {
                    n,
                    r: object.or("r", majority)?,
                    w: object.or("w", majority)?,
                    write_back: object.or("writeBack", false)?,
                }
            }
            _ => {
                let message = format!("there is no design {kind:?}; there are raft, writeAll, asyncPrimary, quorum");
                return Err(invalid(message).at("type"));
            }
        };
        object.finish()?;
        Ok(design)
    }
}

/// A design as it stands in a document, before the number of servers is known.
pub(crate) struct Unread(Value);

impl Unread {
    pub(crate) fn read(&self, servers: usize) -> Result<Design, SimError> {
        Design::read(&self.0, servers as u64)
    }
}

impl FromJson for Unread {
    fn from_json(value: &Value) -> Result<Self, SimError> {
        Ok(Self(value.clone()))
    }
}
