//! The messages between servers, by the names of the paper's Figure 2.

use alloc::sync::Arc;

use crate::{Configuration, Entries, EntryKind, LogIndex, NodeId, Payload, ReadPosition, Round, Term};

/// A message from one server to another.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Message {
    /// The sender.
    pub from: NodeId,
    /// The receiver.
    pub to: NodeId,
    /// The sender's term; in a pre-vote and its grant the term that the candidate would campaign in.
    pub term: Term,
    /// What is asked or answered.
    pub rpc: Rpc,
}

/// The remote procedure calls of Raft and their replies.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum Rpc {
    /// A candidate asks for a vote (§5.2).
    RequestVote(RequestVote),
    /// The answer to a `RequestVote`.
    RequestVoteReply {
        /// Whether the vote is given.
        granted: bool,
        /// Whether this answers a pre-vote, which must never count as a vote.
        pre_vote: bool,
    },
    /// A leader replicates entries, or just shows that it lives (§5.3).
    AppendEntries(AppendEntries),
    /// The answer to an `AppendEntries`.
    AppendEntriesReply {
        /// What became of it.
        outcome: AppendOutcome,
        /// The round that the request carried.
        round: Round,
    },
    /// A leader sends a piece of its snapshot (§7).
    InstallSnapshot(InstallSnapshot),
    /// The answer to an `InstallSnapshot`.
    InstallSnapshotReply {
        /// What became of it.
        outcome: SnapshotOutcome,
        /// The round that the request carried.
        round: Round,
    },
    /// A leader asks the receiver to campaign at once (dissertation §3.10).
    TimeoutNow,
    /// A follower asks its leader from which index on its reads see everything acknowledged so far (dissertation §6.4).
    ReadIndex {
        /// The reads up to this position are meant.
        upto: ReadPosition,
    },
    /// The answer to a `ReadIndex`.
    ReadIndexReply {
        /// The reads up to this position are answered.
        upto: ReadPosition,
        /// They are servable when this is applied.
        read_index: LogIndex,
    },
}

/// Arguments of `RequestVote` (Figure 2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct RequestVote {
    /// Index of the candidate's last entry (§5.4.1).
    pub last_log_index: LogIndex,
    /// Term of the candidate's last entry (§5.4.1).
    pub last_log_term: Term,
    /// Only asks whether a vote would be given (dissertation §9.6).
    pub pre_vote: bool,
    /// The leader itself asked for this election, so no lease stands in its way (dissertation §4.2.3).
    pub leadership_transfer: bool,
}

/// Arguments of `AppendEntries` (Figure 2).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct AppendEntries {
    /// Index of the entry before the first new one.
    pub prev_log_index: LogIndex,
    /// Term of the entry at `prev_log_index`.
    pub prev_log_term: Term,
    /// The leader's commit index.
    pub leader_commit: LogIndex,
    /// The new entries; none in a heartbeat.
    pub entries: Entries,
    /// The leader's latest round. An answer proves that the leader still led when the round began (dissertation §6.4).
    pub round: Round,
}

/// Arguments of `InstallSnapshot` (Figure 13).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct InstallSnapshot {
    /// The snapshot replaces all entries up to this index.
    pub last_included_index: LogIndex,
    /// Term of that entry.
    pub last_included_term: Term,
    /// The configuration as of that entry.
    pub configuration: Arc<Configuration>,
    /// Where `data` begins in the snapshot, in bytes.
    pub offset: u64,
    /// A piece of the snapshot; none when the leader only shows that it lives.
    pub data: Payload,
    /// Whether this piece is the last one.
    pub done: bool,
    /// The leader's latest round.
    pub round: Round,
}

/// What became of an `InstallSnapshot`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum SnapshotOutcome {
    /// More pieces are needed.
    Received {
        /// Which snapshot.
        last_included_index: LogIndex,
        /// The byte to go on with.
        next_offset: u64,
    },
    /// The follower's durable state equals the leader's up to `match_index`, by this snapshot or already before.
    Installed {
        /// Last index known to match.
        match_index: LogIndex,
    },
    /// The sender's term is over.
    StaleTerm,
}

/// What became of an `AppendEntries`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum AppendOutcome {
    /// The follower's durable log equals the leader's up to `match_index`.
    Accepted {
        /// Last index known to match.
        match_index: LogIndex,
    },
    /// The entry before the new ones is missing or differs. The hint lets the leader skip a whole term (§5.3).
    Conflict {
        /// The `prev_log_index` that was refused.
        prev_log_index: LogIndex,
        /// First index of the conflicting term; without one, the index after the follower's last entry.
        conflict_index: LogIndex,
        /// Term of the follower's entry at `prev_log_index`, if it has one.
        conflict_term: Option<Term>,
    },
    /// The sender's term is over.
    StaleTerm,
}

/// The kinds of message that a reader tells apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum MessageKind {
    /// [`Rpc::RequestVote`] for a real vote.
    RequestVote,
    /// Reply to a real vote.
    RequestVoteReply,
    /// [`Rpc::RequestVote`] that only asks.
    PreVote,
    /// Reply to a pre-vote.
    PreVoteReply,
    /// [`Rpc::AppendEntries`], heartbeats included.
    AppendEntries,
    /// [`Rpc::AppendEntriesReply`].
    AppendEntriesReply,
    /// [`Rpc::InstallSnapshot`].
    InstallSnapshot,
    /// [`Rpc::InstallSnapshotReply`].
    InstallSnapshotReply,
    /// [`Rpc::TimeoutNow`].
    TimeoutNow,
    /// [`Rpc::ReadIndex`].
    ReadIndex,
    /// [`Rpc::ReadIndexReply`].
    ReadIndexReply,
}

impl Message {
    /// The kind of this message.
    pub const fn kind(&self) -> MessageKind {
        match &self.rpc {
            Rpc::RequestVote(RequestVote { pre_vote: false, .. }) => MessageKind::RequestVote,
            Rpc::RequestVote(_) => MessageKind::PreVote,
            Rpc::RequestVoteReply { pre_vote: false, .. } => MessageKind::RequestVoteReply,
            Rpc::RequestVoteReply { .. } => MessageKind::PreVoteReply,
            Rpc::AppendEntries(_) => MessageKind::AppendEntries,
            Rpc::AppendEntriesReply { .. } => MessageKind::AppendEntriesReply,
            Rpc::InstallSnapshot(_) => MessageKind::InstallSnapshot,
            Rpc::InstallSnapshotReply { .. } => MessageKind::InstallSnapshotReply,
            Rpc::TimeoutNow => MessageKind::TimeoutNow,
            Rpc::ReadIndex { .. } => MessageKind::ReadIndex,
            Rpc::ReadIndexReply { .. } => MessageKind::ReadIndexReply,
        }
    }
}

impl Message {
    /// Whether a correct server can have said this, as far as the message alone shows. Whatever passes is safe to
    /// compute with.
    pub(crate) fn is_possible(&self) -> bool {
        let is_index = |index| index <= LogIndex::MAX;
        let is_content_possible = match &self.rpc {
            Rpc::RequestVote(request) => is_index(request.last_log_index) && request.last_log_term <= self.term,
            Rpc::AppendEntries(append) => {
                is_index(append.prev_log_index) && is_index(append.leader_commit) && append.is_possible(self.term)
            }
            Rpc::AppendEntriesReply { outcome, .. } => match outcome {
                AppendOutcome::Conflict { prev_log_index, conflict_index, .. } => {
                    is_index(*prev_log_index) && is_index(*conflict_index)
                }
                AppendOutcome::Accepted { match_index } => is_index(*match_index),
                AppendOutcome::StaleTerm => true,
            },
            Rpc::InstallSnapshot(install) => install.is_possible(self.term),
            Rpc::InstallSnapshotReply { outcome: SnapshotOutcome::Installed { match_index }, .. } => {
                is_index(*match_index)
            }
            Rpc::ReadIndexReply { read_index, .. } => is_index(*read_index),
            Rpc::InstallSnapshotReply { .. }
            | Rpc::RequestVoteReply { .. }
            | Rpc::TimeoutNow
            | Rpc::ReadIndex { .. } => true,
        };
        is_content_possible && self.term <= Term::MAX && self.from != self.to
    }
}

impl AppendEntries {
    /// Whether terms start at 1, never decrease along the log, and stop at the leader's own, and configurations are sound.
    fn is_possible(&self, leader_term: Term) -> bool {
        let mut before = self.prev_log_term;
        self.entries.as_slice().iter().all(|entry| {
            let is_rising = entry.term >= before && entry.term > Term(0);
            before = entry.term;
            is_rising
                && match &entry.kind {
                    EntryKind::Configuration(configuration) => configuration.is_possible(),
                    EntryKind::NoOp | EntryKind::Command(_) => true,
                }
        }) && before <= leader_term
    }
}

impl InstallSnapshot {
    fn is_possible(&self, leader_term: Term) -> bool {
        (LogIndex(1)..=LogIndex::MAX).contains(&self.last_included_index)
            && (Term(1)..=leader_term).contains(&self.last_included_term)
            && self.configuration.is_possible()
    }
}

impl MessageKind {
    /// All kinds, in declaration order.
    pub const ALL: [Self; 11] = [
        Self::RequestVote,
        Self::RequestVoteReply,
        Self::PreVote,
        Self::PreVoteReply,
        Self::AppendEntries,
        Self::AppendEntriesReply,
        Self::InstallSnapshot,
        Self::InstallSnapshotReply,
        Self::TimeoutNow,
        Self::ReadIndex,
        Self::ReadIndexReply,
    ];

    /// The name in the paper's vocabulary.
    pub const fn name(self) -> &'static str {
        match self {
            Self::RequestVote => "RequestVote",
            Self::RequestVoteReply => "RequestVoteReply",
            Self::PreVote => "PreVote",
            Self::PreVoteReply => "PreVoteReply",
            Self::AppendEntries => "AppendEntries",
            Self::AppendEntriesReply => "AppendEntriesReply",
            Self::InstallSnapshot => "InstallSnapshot",
            Self::InstallSnapshotReply => "InstallSnapshotReply",
            Self::TimeoutNow => "TimeoutNow",
            Self::ReadIndex => "ReadIndex",
            Self::ReadIndexReply => "ReadIndexReply",
        }
    }
}
