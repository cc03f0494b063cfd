//! What a client remembers, and what it waits for.

use std::sync::Arc;

use raft_core::{LogIndex, NodeId, Term};

use crate::event::{EventId, OperationId};
use crate::machine::Answer;
use crate::time::Time;

/// What a client remembers from one operation to the next.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Session {
    pub(crate) client: Arc<str>,
    /// Number of its last write.
    pub(crate) serial: u64,
    /// The index up to which it has seen the state.
    pub(crate) seen: LogIndex,
    /// The server that it believes to lead, once it has asked one.
    pub(crate) leader: Option<NodeId>,
    /// When its last request arrives: what it sends does not overtake itself.
    pub(crate) arrival: Time,
}

/// An operation whose client waits.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Pending {
    pub(crate) operation: OperationId,
    /// The number of the request among those of all clients: an answer to an earlier one is not listened to.
    pub(crate) request: u32,
    /// The server that was named, and no other will do.
    pub(crate) named: Option<NodeId>,
    /// The server that it asks.
    pub(crate) server: Option<NodeId>,
    pub(crate) wait: Wait,
    /// When the client gives up waiting.
    pub(crate) deadline: Time,
    /// How often it was sent again.
    pub(crate) retries: u32,
    /// How often it was redirected without a rest.
    pub(crate) hops: u32,
    /// Whether an earlier copy may have been carried out, or may be yet.
    pub(crate) is_open: bool,
    /// The event with which it was sent.
    pub(crate) sent: EventId,
}

/// What a client waits for.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Wait {
    /// Its request travels, or waits at the door of a server.
    Request,
    /// A write: for its entry to be applied.
    Entry { index: LogIndex, term: Term },
    /// A read: for the node to say that it is servable.
    Node,
    /// A session read: for what the client has seen to be applied.
    Applied { index: LogIndex },
    /// The answer travels.
    Reply(Reply),
    /// Nothing: it rests before it asks again. `is_retry`: with a copy, and a deadline of its own.
    Rest { is_retry: bool },
}

/// What a client hears.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Reply {
    /// Its entry was applied.
    Written { index: LogIndex, answer: Answer },
    /// Another entry stands where its entry stood: it will never be applied.
    Overwritten,
    /// What the key holds, and up to which entry that is known.
    Value { value: Option<Arc<str>>, seen: LogIndex },
    /// Everything up to this entry was committed.
    Synced { seen: LogIndex },
    /// The server does not take it; this one may.
    Refused { leader: Option<NodeId> },
    /// The connection is gone, or the server has lost track.
    Lost,
}

impl Wait {
    /// Whether a server has taken the request and owes an answer.
    pub(crate) const fn is_at_server(&self) -> bool {
        matches!(self, Self::Entry { .. } | Self::Node | Self::Applied { .. })
    }
}

/// How often clients had to go out of their way.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct ClientTally {
    /// A request went on to another server, which a server had named or which was the next one.
    pub redirects: u64,
    /// A request was sent again that may have been taken before.
    pub retries: u64,
    /// No answer came in time.
    pub timeouts: u64,
    /// An operation of an open loop was not called, because all its clients waited.
    pub shed: u64,
}
