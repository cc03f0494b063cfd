//! Two vocabularies for one protocol: the names of the paper, and those of etcd's raft, which much of the field reads.

use crate::{MessageKind, ProgressState, Role};

/// A set of names.
///
/// ```
/// # use raft_core::{MessageKind, ProgressState, Role, Vocabulary};
/// assert_eq!(Vocabulary::Paper.message(MessageKind::AppendEntries), "AppendEntries");
/// assert_eq!(Vocabulary::Etcd.message(MessageKind::AppendEntries), "MsgApp");
/// assert_eq!(Vocabulary::Etcd.role(Role::Leader), "StateLeader");
/// assert_eq!(Vocabulary::Paper.progress(ProgressState::Probe), "probing");
/// assert!(Vocabulary::Etcd.state().contains(&("votedFor", "Vote")));
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Vocabulary {
    /// The names of the Raft paper and the dissertation.
    #[default]
    Paper,
    /// The names of etcd's raft library.
    Etcd,
}

impl Vocabulary {
    /// The name of a kind of message. etcd sends heartbeats as messages of their own; here they are AppendEntries.
    pub const fn message(self, kind: MessageKind) -> &'static str {
        match (self, kind) {
            (Self::Paper, _) => kind.name(),
            (Self::Etcd, MessageKind::RequestVote) => "MsgVote",
            (Self::Etcd, MessageKind::RequestVoteReply) => "MsgVoteResp",
            (Self::Etcd, MessageKind::PreVote) => "MsgPreVote",
            (Self::Etcd, MessageKind::PreVoteReply) => "MsgPreVoteResp",
            (Self::Etcd, MessageKind::AppendEntries) => "MsgApp",
            (Self::Etcd, MessageKind::AppendEntriesReply) => "MsgAppResp",
            (Self::Etcd, MessageKind::InstallSnapshot) => "MsgSnap",
            (Self::Etcd, MessageKind::InstallSnapshotReply) => "MsgSnapStatus",
            (Self::Etcd, MessageKind::TimeoutNow) => "MsgTimeoutNow",
            (Self::Etcd, MessageKind::ReadIndex) => "MsgReadIndex",
            (Self::Etcd, MessageKind::ReadIndexReply) => "MsgReadIndexResp",
        }
    }

    /// The name of a role.
    pub const fn role(self, role: Role) -> &'static str {
        match (self, role) {
            (Self::Paper, Role::Follower) => "follower",
            (Self::Paper, Role::PreCandidate) => "pre-candidate",
            (Self::Paper, Role::Candidate) => "candidate",
            (Self::Paper, Role::Leader) => "leader",
            (Self::Etcd, Role::Follower) => "StateFollower",
            (Self::Etcd, Role::PreCandidate) => "StatePreCandidate",
            (Self::Etcd, Role::Candidate) => "StateCandidate",
            (Self::Etcd, Role::Leader) => "StateLeader",
        }
    }

    /// The name of the way in which a leader sends to a follower. The paper has no words for it.
    pub const fn progress(self, state: ProgressState) -> &'static str {
        match (self, state) {
            (Self::Paper, ProgressState::Probe) => "probing",
            (Self::Paper, ProgressState::Replicate) => "replicating",
            (Self::Paper, ProgressState::Snapshot) => "sending a snapshot",
            (Self::Etcd, ProgressState::Probe) => "StateProbe",
            (Self::Etcd, ProgressState::Replicate) => "StateReplicate",
            (Self::Etcd, ProgressState::Snapshot) => "StateSnapshot",
        }
    }

    /// The names of what a server keeps, as pairs of the paper's name and this vocabulary's.
    pub const fn state(self) -> &'static [(&'static str, &'static str)] {
        match self {
            Self::Paper => &[
                ("currentTerm", "currentTerm"),
                ("votedFor", "votedFor"),
                ("log[]", "log[]"),
                ("commitIndex", "commitIndex"),
                ("lastApplied", "lastApplied"),
                ("nextIndex[]", "nextIndex[]"),
                ("matchIndex[]", "matchIndex[]"),
                ("lastIncludedIndex", "lastIncludedIndex"),
                ("lastIncludedTerm", "lastIncludedTerm"),
            ],
            Self::Etcd => &[
                ("currentTerm", "Term"),
                ("votedFor", "Vote"),
                ("log[]", "raftLog"),
                ("commitIndex", "committed"),
                ("lastApplied", "applied"),
                ("nextIndex[]", "Progress.Next"),
                ("matchIndex[]", "Progress.Match"),
                ("lastIncludedIndex", "Snapshot.Metadata.Index"),
                ("lastIncludedTerm", "Snapshot.Metadata.Term"),
            ],
        }
    }
}
