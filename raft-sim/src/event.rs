//! Everything that happened, as one stream of data. Pictures, explanations, exports and breakpoints all read it.

mod deed;
mod nature;
mod refusal;
mod values;

use raft_core::{LogIndex, Message, MessageKind, NodeId, Rpc, Term};
use serde::{Deserialize, Serialize};

use crate::time::Time;
pub use deed::Deed;
pub use nature::Level;
pub use refusal::Refusal;
pub(crate) use refusal::Silence;
pub(crate) use values::{commit, read, transfer};

/// The number of an event in its run, from 0.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EventId(pub u32);

/// The number of a message, from 1, unique in its run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct MessageId(pub u32);

/// The number of a client's operation, from 0.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct OperationId(pub u32);

/// One thing that happened. Its id is its place in the stream. Kept small: a run has many.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Event<K = EventKind> {
    /// When.
    pub time: Time,
    /// In which step of the run.
    pub step: u32,
    // The cause, or `NO_CAUSE`.
    cause: u32,
    // The server's number, or 0: there are at most 25 of them.
    server: u8,
    /// What.
    pub kind: K,
}

const NO_CAUSE: u32 = u32::MAX;

impl<K> Event<K> {
    pub(crate) fn new(time: Time, step: u32, cause: Option<EventId>, server: Option<NodeId>, kind: K) -> Self {
        let cause = cause.map_or(NO_CAUSE, |cause| cause.0);
        Self { time, step, cause, server: server.map_or(0, |server| server.0 as u8), kind }
    }

    /// The event that it follows from; none for what the reader or chance did.
    pub fn cause(&self) -> Option<EventId> {
        (self.cause != NO_CAUSE).then_some(EventId(self.cause))
    }

    /// Where.
    pub fn server(&self) -> Option<NodeId> {
        (self.server != 0).then_some(NodeId(self.server.into()))
    }

    /// The number of the server; 0 where no server is.
    pub(crate) const fn server_number(&self) -> u8 {
        self.server
    }
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum EventKind {
    /// Something inside a node.
    Node(raft_core::Event),
    /// A message left its sender.
    Sent(Envelope),
    /// A message reached its receiver.
    Delivered(Envelope),
    /// A message was lost.
    Lost(Envelope, Loss),
    /// A second copy of a message is on its way.
    Duplicated(Envelope),
    /// Writes began to be made durable; the number of the last of them.
    WriteStarted(u64),
    /// Everything up to this write is durable.
    WriteDurable(u64),
    /// Entries up to an index were applied to the state machine.
    Applied(LogIndex),
    /// The reader or the script did something.
    Acted(Deed),
    /// A server stopped; the number of writes that were lost.
    Crashed(u32),
    /// A server started from its disk.
    Restarted,
    /// A client's operation began.
    Called(OperationId),
    /// A client's operation ended.
    Returned(OperationId, Outcome),
    /// An expectation of the script was decided; its number and whether it held.
    Expected(u32, bool),
    /// The checker found a contradiction; the number of the violation.
    Violated(u32),
    /// Something was asked of a server, or of whoever leads, and refused; the reason.
    Refused(Refusal),
    /// A server began to take a snapshot of its state up to an index.
    SnapshotBegun(LogIndex),
    /// The state machine took over a snapshot of the leader, up to an index.
    Restored(LogIndex),
    /// A client's request reached a server.
    Asked(OperationId),
    /// A client turns to another server with its request.
    Redirected(OperationId, NodeId),
    /// A client sends its request again.
    Resent(OperationId),
    /// After a power loss the disk holds the beginning of a write that was torn; its last entry.
    Torn(LogIndex),
    /// A power loss took this many writes that the disk had called durable.
    Forgotten(u32),
    /// The flapping link to a server does not work any more.
    LinkBroke(NodeId),
    /// The flapping link to a server works again.
    LinkRecovered(NodeId),
}

/// What is worth remembering of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Envelope {
    /// The message.
    pub message: MessageId,
    /// Its kind.
    pub kind: MessageKind,
    /// The sender.
    pub from: NodeId,
    /// The receiver.
    pub to: NodeId,
    /// The term it carries.
    pub term: Term,
    /// The index it speaks of: the last log index, the index before the entries, or the one that matches.
    pub index: LogIndex,
    /// Number of entries.
    pub entries: u32,
    /// For replies, whether they say yes.
    pub success: Option<bool>,
}

/// Why a message was lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Loss {
    /// By chance.
    Chance,
    /// The link is cut.
    Cut,
    /// The receiver is crashed.
    Crashed,
    /// By hand.
    Dropped,
    /// Too many messages were in flight.
    Full,
}

/// How a client's operation ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Outcome {
    /// It was carried out.
    Ok,
    /// It was not carried out and never will be.
    Fail,
    /// It may or may not have been carried out, or may be yet.
    Unknown,
}

impl Envelope {
    /// What is worth remembering of `message`.
    pub fn of(id: MessageId, message: &Message) -> Self {
        use raft_core::{AppendOutcome, SnapshotOutcome};
        let (index, entries, success) = match &message.rpc {
            Rpc::RequestVote(request) => (request.last_log_index, 0, None),
            Rpc::RequestVoteReply { granted, .. } => (LogIndex(0), 0, Some(*granted)),
            Rpc::AppendEntries(append) => (append.prev_log_index, append.entries.len() as u32, None),
            Rpc::AppendEntriesReply { outcome, .. } => match outcome {
                AppendOutcome::Accepted { match_index } => (*match_index, 0, Some(true)),
                AppendOutcome::Conflict { conflict_index, .. } => (*conflict_index, 0, Some(false)),
                AppendOutcome::StaleTerm => (LogIndex(0), 0, Some(false)),
            },
            Rpc::InstallSnapshot(install) => (install.last_included_index, 0, None),
            Rpc::InstallSnapshotReply { outcome, .. } => match outcome {
                SnapshotOutcome::Received { last_included_index, .. } => (*last_included_index, 0, None),
                SnapshotOutcome::Installed { match_index } => (*match_index, 0, Some(true)),
                SnapshotOutcome::StaleTerm => (LogIndex(0), 0, Some(false)),
            },
            Rpc::TimeoutNow | Rpc::ReadIndex { .. } => (LogIndex(0), 0, None),
            Rpc::ReadIndexReply { read_index, .. } => (*read_index, 0, Some(true)),
        };
        let Message { from, to, term, .. } = *message;
        Self { message: id, kind: message.kind(), from, to, term, index, entries, success }
    }
}
