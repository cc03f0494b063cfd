//! Clients and what they experienced.

mod config;
mod session;
mod workload;

use std::sync::Arc;

use raft_core::NodeId;

use crate::action::ReadName;
use crate::command::{Change, Command};
use crate::event::Outcome;
use crate::time::Time;
pub use config::{ClientsConfig, LoadConfig, OperationMix};
pub use session::ClientTally;
pub(crate) use session::{Pending, Reply, Session, Wait};
pub(crate) use workload::Workload;

/// What a client asked for, from call to return.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Operation {
    /// Who asked.
    pub client: Arc<str>,
    /// About which key; empty for [`OperationKind::Sync`].
    pub key: Arc<str>,
    /// What it asked for.
    pub kind: OperationKind,
    /// The number of a write among the client's own, from 1. A retry has the same (dissertation §6.3). 0 for what writes
    /// nothing.
    pub serial: u64,
    /// The number of its client's session.
    pub session: u32,
    /// When it was asked.
    pub called_at: Time,
    /// When and how it ended.
    pub returned: Option<(Time, Outcome)>,
    /// The server that took it.
    pub server: Option<NodeId>,
}

/// What a client asks for, and what it is told.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum OperationKind {
    /// To be told the value of the key.
    Get {
        /// What the server does before it answers.
        mode: ReadName,
        /// The answer, once there is one: `None` if the key is not set.
        result: Option<Arc<str>>,
    },
    /// To set the key.
    Put {
        /// The new value.
        value: Arc<str>,
    },
    /// To add to the end of the value; a key that is not set counts as empty.
    Append {
        /// What is added.
        value: Arc<str>,
    },
    /// To set the key if it has a certain value (compare and set).
    Cas {
        /// The value that it must have; `None`: it must not be set.
        expected: Option<Arc<str>>,
        /// The new value.
        value: Arc<str>,
        /// Whether it had that value and was set, once the client was told.
        matched: Option<bool>,
    },
    /// To unset the key.
    Delete,
    /// That what it reads next in its session, at whichever server, is not older than what is committed now (ZooKeeper's
    /// `sync`).
    Sync,
}

impl OperationKind {
    /// The name in documents: `put`.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Get { .. } => "get",
            Self::Put { .. } => "put",
            Self::Append { .. } => "append",
            Self::Cas { .. } => "cas",
            Self::Delete => "delete",
            Self::Sync => "sync",
        }
    }

    /// Whether it goes into the log.
    pub const fn is_write(&self) -> bool {
        !matches!(self, Self::Get { .. } | Self::Sync)
    }

    /// What was to be written.
    pub fn value(&self) -> Option<&str> {
        match self {
            Self::Put { value } | Self::Append { value } | Self::Cas { value, .. } => Some(value),
            Self::Get { .. } | Self::Delete | Self::Sync => None,
        }
    }
}

impl Operation {
    /// When and what a read was answered, if it is one and was: `None` if the key was not set.
    pub fn answer(&self) -> Option<(Time, Option<&str>)> {
        match (&self.kind, self.returned) {
            (OperationKind::Get { result, .. }, Some((time, Outcome::Ok))) => Some((time, result.as_deref())),
            _ => None,
        }
    }

    /// How it ended; `None` while it has not.
    pub fn outcome(&self) -> Option<Outcome> {
        self.returned.map(|(_, outcome)| outcome)
    }

    /// The command that a write puts into the log: in a session, so that a copy is recognised.
    pub(crate) fn command(&self) -> Option<String> {
        let key = &*self.key;
        let change = match &self.kind {
            OperationKind::Put { value } => Change::Put { key, value },
            OperationKind::Append { value } => Change::Append { key, value },
            OperationKind::Cas { expected, value, .. } => Change::Cas { key, expected: expected.as_deref(), value },
            OperationKind::Delete => Change::Delete { key },
            OperationKind::Get { .. } | OperationKind::Sync => return None,
        };
        Some(Command { session: Some((&self.client, self.serial)), change }.encode())
    }

    /// Whether it goes into the log.
    pub const fn is_write(&self) -> bool {
        self.kind.is_write()
    }
}
