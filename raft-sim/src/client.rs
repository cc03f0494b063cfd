//! Clients and what they experienced.

use std::sync::Arc;

use raft_core::{LogIndex, NodeId, Term};

use crate::action::ReadName;
use crate::event::{OperationId, Outcome};
use crate::machine::SEPARATOR;
use crate::time::Time;

/// How long a client waits for an answer before it calls the outcome unknown.
pub(crate) const PATIENCE: Time = Time(2_000_000);

/// What a client asked for, from call to return.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Operation {
    /// Who asked.
    pub client: Arc<str>,
    /// About which key.
    pub key: Arc<str>,
    /// What it asked for.
    pub kind: OperationKind,
    /// When it was asked.
    pub called_at: Time,
    /// When and how it ended.
    pub returned: Option<(Time, Outcome)>,
    /// The server that took it.
    pub server: Option<NodeId>,
}

/// What a client asks for.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum OperationKind {
    /// To set the key.
    Write {
        /// The new value.
        value: Arc<str>,
        /// The number of the write among the client's own, from 1. A retry has the same (dissertation §6.3).
        serial: u64,
    },
    /// To be told the value of the key.
    Read {
        /// What the server does before it answers.
        mode: ReadName,
        /// The answer, once there is one: `None` if the key is not set.
        result: Option<Arc<str>>,
    },
}

/// An operation that a server took and has not answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Pending {
    pub(crate) operation: OperationId,
    pub(crate) server: NodeId,
    pub(crate) wait: Wait,
    /// When the client gives up waiting.
    pub(crate) deadline: Time,
}

/// What the answer waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Wait {
    /// A write: for its entry to be applied.
    Entry { index: LogIndex, term: Term, is_retry: bool },
    /// A read: for the node to say that it is servable.
    Node,
    /// A session read: for what the client has seen to be applied.
    Applied { index: LogIndex },
}

/// What a client remembers from one operation to the next.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Session {
    pub(crate) client: Arc<str>,
    /// Number of its last write.
    pub(crate) serial: u64,
    /// The index up to which it has seen the state.
    pub(crate) seen: LogIndex,
}

impl Operation {
    /// When and what a read was answered, if it is one and was: `None` if the key was not set.
    pub fn answer(&self) -> Option<(Time, Option<&str>)> {
        match (&self.kind, self.returned) {
            (OperationKind::Read { result, .. }, Some((time, Outcome::Ok))) => Some((time, result.as_deref())),
            _ => None,
        }
    }

    /// The command that a write puts into the log: in a session, so that a copy is recognised.
    pub(crate) fn command(&self) -> Option<String> {
        let OperationKind::Write { value, serial } = &self.kind else { return None };
        let Self { client, key, .. } = self;
        Some(format!("{client}{SEPARATOR}{serial}{SEPARATOR}{key}={value}"))
    }

    /// Whether it is a read.
    pub const fn is_read(&self) -> bool {
        matches!(self.kind, OperationKind::Read { .. })
    }
}
