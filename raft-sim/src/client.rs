//! Clients and what they experienced.

use std::sync::Arc;

use raft_core::{LogIndex, NodeId, Term};

use crate::event::{OperationId, Outcome};
use crate::time::Time;

/// How long a client waits for an answer before it calls the outcome unknown.
pub(crate) const PATIENCE: Time = Time(2_000_000);

/// A client's write, from call to return.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Operation {
    /// Who asked.
    pub client: Arc<str>,
    /// Which key.
    pub key: Arc<str>,
    /// The new value.
    pub value: Arc<str>,
    /// When it was asked.
    pub called_at: Time,
    /// When and how it ended.
    pub returned: Option<(Time, Outcome)>,
    /// The server that took it.
    pub server: Option<NodeId>,
}

/// A write that a server took and has not answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Pending {
    pub(crate) operation: OperationId,
    pub(crate) server: NodeId,
    pub(crate) index: LogIndex,
    pub(crate) term: Term,
    /// When the client gives up waiting.
    pub(crate) deadline: Time,
}
