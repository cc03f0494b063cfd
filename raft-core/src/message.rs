//! The messages between servers, by the names of the paper's Figure 2.

use alloc::sync::Arc;

use crate::{Configuration, Entries, EntryKind, LogIndex, NodeId, Payload, ReadPosition, Round, Term};

/// A message from one server to another.
///
/// How a message travels is the driver's choice; with the feature `serde` any format will do.
///
/// ```
/// # use raft_core::{Message, MessageKind, NodeId, Rpc, Term};
/// let message = Message { from: NodeId(1), to: NodeId(2), term: Term(3), rpc: Rpc::TimeoutNow };
/// let bytes = postcard::to_allocvec(&message)?;
/// let received: Message = postcard::from_bytes(&bytes)?;
/// assert_eq!(received, message);
/// assert_eq!(received.kind(), MessageKind::TimeoutNow);
/// # Ok::<(), postcard::Error>(())
/// ```
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
///
/// ```
/// # use raft_core::{AppendOutcome, Rpc};
/// /// A line for people.
/// fn tell(rpc: &Rpc) -> String {
///     match rpc {
///         Rpc::AppendEntries(append) => format!("{} entries", append.entries.len()),
///         Rpc::AppendEntriesReply { outcome: AppendOutcome::Accepted { match_index }, .. } => {
///             format!("I have everything up to {match_index}")
///         }
///         other => format!("{other:?}"),
///     }
/// }
/// assert_eq!(tell(&Rpc::TimeoutNow), "TimeoutNow");
/// ```
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
///
/// ```
/// # use raft_core::{Configuration, LogIndex, Message, Node, NodeId, NodeSetup, Persisted, RequestVote, Rpc, Term};
/// # let disk = Persisted::bootstrap(Configuration::of_voters([NodeId(1), NodeId(2), NodeId(3)]));
/// # let mut node = Node::new(NodeSetup::new(NodeId(2)), disk)?;
/// let request =
///     RequestVote { last_log_index: LogIndex(0), last_log_term: Term(0), pre_vote: false, leadership_transfer: false };
/// node.step(Message { from: NodeId(1), to: NodeId(2), term: Term(1), rpc: Rpc::RequestVote(request) });
/// assert_eq!(node.voted_for(), Some(NodeId(1)));
/// # Ok::<(), raft_core::SetupError>(())
/// ```
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
///
/// ```
/// # use raft_core::{AppendEntries, Configuration, Entries, Entry, EntryKind, LogIndex, Message, Node, NodeId, NodeSetup};
/// # use raft_core::{Persisted, Round, Rpc, Term};
/// # let disk = Persisted::bootstrap(Configuration::of_voters([NodeId(1), NodeId(2), NodeId(3)]));
/// # let mut node = Node::new(NodeSetup::new(NodeId(2)), disk)?;
/// let append = AppendEntries {
///     prev_log_index: LogIndex(0),
///     prev_log_term: Term(0),
///     leader_commit: LogIndex(0),
///     entries: Entries::from(Entry { term: Term(1), kind: EntryKind::NoOp }),
///     round: Round(0),
/// };
/// node.step(Message { from: NodeId(1), to: NodeId(2), term: Term(1), rpc: Rpc::AppendEntries(append) });
/// assert_eq!(node.leader(), Some(NodeId(1)));
/// assert_eq!(node.log().last_index(), LogIndex(1));
/// # Ok::<(), raft_core::SetupError>(())
/// ```
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
///
/// ```
/// # use raft_core::{Configuration, InstallSnapshot, LogIndex, Message, Node, NodeId, NodeSetup, Persisted, Round, Rpc};
/// # use raft_core::Term;
/// # let configuration = Configuration::of_voters([NodeId(1), NodeId(2), NodeId(3)]);
/// # let mut node = Node::new(NodeSetup::new(NodeId(2)), Persisted::bootstrap(configuration.clone()))?;
/// let install = InstallSnapshot {
///     last_included_index: LogIndex(9),
///     last_included_term: Term(1),
///     configuration: configuration.into(),
///     offset: 0,
///     data: "the whole state".into(),
///     done: true,
///     round: Round(0),
/// };
/// node.step(Message { from: NodeId(1), to: NodeId(2), term: Term(1), rpc: Rpc::InstallSnapshot(install) });
/// assert_eq!(node.log().first_index(), LogIndex(10));
/// # Ok::<(), raft_core::SetupError>(())
/// ```
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
///
/// ```
/// # use raft_core::{LogIndex, SnapshotOutcome};
/// fn percent(outcome: SnapshotOutcome, total: u64) -> Option<u64> {
///     match outcome {
///         SnapshotOutcome::Received { next_offset, .. } => Some(100 * next_offset / total),
///         SnapshotOutcome::Installed { .. } => Some(100),
///         SnapshotOutcome::StaleTerm => None,
///     }
/// }
/// let received = SnapshotOutcome::Received { last_included_index: LogIndex(9), next_offset: 512 };
/// assert_eq!(percent(received, 2_048), Some(25));
/// ```
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
///
/// ```
/// # mod tour { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/tour.rs")); } use tour::Cluster;
/// # use raft_core::{AppendEntries, AppendOutcome, Entries, LogIndex, Message, NodeId, Ready, Round, Rpc, Term};
/// # let mut cluster = Cluster::start(&[1, 2, 3]);
/// # let (node, mut ready) = (cluster.node(2), Ready::default());
/// # let (leader_commit, entries, round) = (LogIndex(0), Entries::default(), Round(0));
/// let append = AppendEntries { prev_log_index: LogIndex(5), prev_log_term: Term(1), leader_commit, entries, round };
/// node.step(Message { from: NodeId(1), to: NodeId(2), term: Term(1), rpc: Rpc::AppendEntries(append) });
/// node.drain_into(&mut ready);
/// node.on_persisted(ready.write.as_ref().expect("the term is new").number);
/// node.drain_into(&mut ready);
/// let (prev_log_index, conflict_index) = (LogIndex(5), LogIndex(1)); // the log is empty: start over at 1
/// let outcome = AppendOutcome::Conflict { prev_log_index, conflict_index, conflict_term: None };
/// assert_eq!(ready.messages[0].rpc, Rpc::AppendEntriesReply { outcome, round });
/// ```
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
///
/// ```
/// # use raft_core::{Message, MessageKind, NodeId, Rpc, Term};
/// let rpc = Rpc::RequestVoteReply { granted: true, pre_vote: true };
/// let message = Message { from: NodeId(1), to: NodeId(2), term: Term(3), rpc };
/// assert_eq!(message.kind(), MessageKind::PreVoteReply);
/// assert_eq!(message.kind().name(), "PreVoteReply");
/// assert!(MessageKind::ALL.contains(&message.kind()));
/// ```
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
