//! What happened inside a node, and why. Every refusal is explained here; nothing is logged as text.

use core::fmt;

use crate::{LogIndex, MessageKind, NodeId, ProgressState, ReadBlock, Term, Ticks};

/// Something that happened in a node, in the order in which it happened.
///
/// ```
/// # use raft_core::{Configuration, Event, Node, NodeId, NodeSetup, Persisted, Ready, Term};
/// # let disk = Persisted::bootstrap(Configuration::of_voters([NodeId(1), NodeId(2), NodeId(3)]));
/// # let mut node = Node::new(NodeSetup::new(NodeId(1)), disk)?;
/// let mut ready = Ready::default();
/// node.campaign();
/// node.drain_into(&mut ready);
/// assert_eq!(ready.events[0], Event::ElectionTimeout);
/// assert!(matches!(ready.events[1], Event::ElectionTimeoutDrawn { .. }));
/// assert_eq!(ready.events[2], Event::BecamePreCandidate { term: Term(1) });
/// assert_eq!(ready.events[3], Event::VoteCounted { voter: NodeId(1), granted: true, pre_vote: true });
/// # Ok::<(), raft_core::SetupError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum Event {
    /// The election timer ran out, or was fired by hand (§5.2).
    ElectionTimeout,
    /// A new election timeout was drawn.
    ElectionTimeoutDrawn {
        /// How long the node will wait.
        timeout: Ticks,
    },
    /// The node became or stays a follower, with another term, leader or reason than before.
    BecameFollower {
        /// The current term.
        term: Term,
        /// The leader of the term, if known.
        leader: Option<NodeId>,
        /// Why.
        reason: FollowerReason,
    },
    /// The node asks whether it could win (dissertation §9.6).
    BecamePreCandidate {
        /// The term it would campaign in.
        term: Term,
    },
    /// The node campaigns (§5.2).
    BecameCandidate {
        /// The term of the election.
        term: Term,
    },
    /// The node won the election (§5.2).
    BecameLeader {
        /// The term it leads.
        term: Term,
    },
    /// The node gave its vote, or promised it when asked for a pre-vote.
    VoteGranted {
        /// To whom.
        candidate: NodeId,
        /// For which term.
        term: Term,
        /// Whether it is only a promise.
        pre_vote: bool,
    },
    /// The node refused its vote.
    VoteDenied {
        /// To whom.
        candidate: NodeId,
        /// For which term.
        term: Term,
        /// Whether only a pre-vote was asked for.
        pre_vote: bool,
        /// Why.
        reason: VoteDenial,
    },
    /// A vote was counted at a candidate.
    VoteCounted {
        /// Whose vote.
        voter: NodeId,
        /// What it said.
        granted: bool,
        /// Whether it is a pre-vote.
        pre_vote: bool,
    },
    /// The leader put a command or a blank entry into its log, or a follower stored what the leader sent.
    EntriesAppended {
        /// First new index.
        first: LogIndex,
        /// Last new index.
        last: LogIndex,
        /// Term of the last entry.
        term: Term,
    },
    /// Entries that conflict with the leader's were removed (§5.3).
    EntriesTruncated {
        /// First index removed.
        first: LogIndex,
        /// Last index removed.
        last: LogIndex,
        /// Whether one of them was committed. Impossible while all rules are on.
        committed: bool,
    },
    /// The log matches the leader's up to an index (§5.3).
    AppendAccepted {
        /// The leader.
        leader: NodeId,
        /// Last index that matches.
        match_index: LogIndex,
    },
    /// The consistency check failed (§5.3).
    AppendRejected {
        /// The leader.
        leader: NodeId,
        /// The index that had to match.
        prev_log_index: LogIndex,
        /// The term the leader has there.
        prev_log_term: Term,
        /// First index of the conflicting term, or the index after the last entry.
        conflict_index: LogIndex,
        /// The term this node has there, if any.
        conflict_term: Option<Term>,
    },
    /// The leader goes back in a follower's log after a refusal (§5.3).
    NextIndexMovedBack {
        /// The follower.
        follower: NodeId,
        /// The next index to try.
        next_index: LogIndex,
    },
    /// The leader changed its way of sending to a follower.
    ProgressChanged {
        /// The follower.
        follower: NodeId,
        /// The new state.
        state: ProgressState,
    },
    /// The commit index advanced (§5.3).
    CommitAdvanced {
        /// The commit index before.
        from: LogIndex,
        /// The commit index now.
        to: LogIndex,
    },
    /// Enough replicas hold an entry, yet it may not be committed.
    CommitBlocked(CommitBlock),
    /// A snapshot of this server's own state replaced the beginning of the log (§7).
    LogCompacted {
        /// Last index that the snapshot covers.
        last_included_index: LogIndex,
    },
    /// A piece of the leader's snapshot arrived (§7).
    SnapshotReceived {
        /// Last index that the snapshot covers.
        last_included_index: LogIndex,
        /// Bytes received so far.
        bytes: u64,
    },
    /// The leader's snapshot replaced the beginning of the log (§7).
    SnapshotInstalled {
        /// Last index that the snapshot covers.
        last_included_index: LogIndex,
        /// Whether entries after it were kept.
        kept_suffix: bool,
    },
    /// Another configuration counts from now on: one was appended, removed, or came with a snapshot (dissertation §4.1).
    ConfigurationChanged {
        /// Where it stands in the log.
        index: LogIndex,
        /// Whether it is joint (§6).
        joint: bool,
    },
    /// A learner has caught up and may become a voter (dissertation §4.2.1).
    CaughtUp {
        /// The learner.
        learner: NodeId,
        /// Rounds of replication that it took.
        rounds: u32,
    },
    /// The leader prepares to hand over to another server and takes no proposals (dissertation §3.10).
    TransferStarted {
        /// The leader to be.
        target: NodeId,
    },
    /// The target's log is complete: it was asked to campaign (dissertation §3.10).
    TransferRequested {
        /// The leader to be.
        target: NodeId,
    },
    /// The leader stays: the transfer took an election timeout, or the target left the voters (dissertation §3.10).
    TransferAborted {
        /// Who was to lead.
        target: NodeId,
    },
    /// A read must wait (dissertation §6.4).
    ReadWaiting(ReadBlock),
    /// The leader knows from which index on the reads that began before a round are servable (dissertation §6.4).
    ReadsConfirmed {
        /// The index that must be applied.
        read_index: LogIndex,
        /// Number of reads.
        reads: u32,
    },
    /// A message changed nothing.
    MessageIgnored {
        /// Its sender.
        from: NodeId,
        /// Its kind.
        kind: MessageKind,
        /// Why.
        reason: IgnoreReason,
    },
}

/// Why a node is a follower.
///
/// ```
/// # mod tour { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/tour.rs")); } use tour::Cluster;
/// # use raft_core::{Event, FollowerReason, Ready, Ticks};
/// # let mut cluster = Cluster::start(&[1, 2, 3]);
/// # cluster.node(1).campaign();
/// # cluster.settle();
/// let (leader, mut ready) = (cluster.node(1), Ready::default());
/// leader.advance(Ticks(150));                          // nobody answers for the shortest election timeout
/// leader.drain_into(&mut ready);
/// let is_reason = |event: &Event| matches!(event, Event::BecameFollower { reason: FollowerReason::NoQuorum, .. });
/// assert!(ready.events.iter().any(is_reason));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum FollowerReason {
    /// A message carried a higher term (§5.1).
    HigherTerm {
        /// The sender.
        from: NodeId,
    },
    /// The leader of the term showed itself (§5.2).
    LeaderHeard,
    /// No quorum answered the leader for an election timeout (dissertation §6.2).
    NoQuorum,
    /// A quorum refused the vote.
    VotesDenied,
    /// The leader has committed a configuration in which it does not vote (dissertation §4.2.2).
    NotAVoter,
}

/// Why a vote was refused.
///
/// ```
/// # use raft_core::{LogIndex, Term, VoteDenial};
/// let reason = VoteDenial::LogBehind { mine: (Term(2), LogIndex(4)), theirs: (Term(1), LogIndex(9)) };
/// assert_eq!(format!("{reason} ({})", reason.section()), "my last log term 2 > 1 (§5.4.1)");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum VoteDenial {
    /// The candidate's term is over (§5.1).
    StaleTerm {
        /// The voter's term.
        current_term: Term,
    },
    /// The vote of this term is given (§5.2).
    AlreadyVoted {
        /// To whom.
        voted_for: NodeId,
    },
    /// The candidate's log is behind (§5.4.1).
    LogBehind {
        /// Last term and index of the voter.
        mine: (Term, LogIndex),
        /// Last term and index of the candidate.
        theirs: (Term, LogIndex),
    },
    /// A leader was heard less than an election timeout ago (dissertation §4.2.3).
    LeaderAlive {
        /// How long the leader stays protected unless it is heard again.
        remaining: Ticks,
    },
}

/// Why an entry in the leader's log is not committed.
///
/// ```
/// # mod tour { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/tour.rs")); } use tour::Cluster;
/// # use raft_core::CommitBlock;
/// # let mut cluster = Cluster::start(&[1, 2, 3]);
/// # cluster.node(1).campaign();
/// # cluster.settle();
/// # let crashed = (cluster.0.remove(&2), cluster.0.remove(&3));
/// let index = cluster.node(1).propose("x".into())?;    // while S2 and S3 are down
/// cluster.settle();
/// assert_eq!(cluster.node(1).commit_block(), Some(CommitBlock::NoQuorum { index, have: 1, need: 2 }));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum CommitBlock {
    /// Too few voters are known to hold the entry (§5.3).
    NoQuorum {
        /// The first index that is not committed.
        index: LogIndex,
        /// Voters known to hold it.
        have: usize,
        /// Voters needed; in a joint configuration of the half that lacks more.
        need: usize,
    },
    /// The entry was created in an older term: counting replicas does not make it safe (§5.4.2).
    OlderTerm {
        /// The index that a quorum holds.
        index: LogIndex,
        /// The term of the entry there.
        entry_term: Term,
    },
}

/// Why a message changed nothing.
///
/// ```
/// # mod tour { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/tour.rs")); } use tour::Cluster;
/// # use raft_core::{Event, IgnoreReason, Message, MessageKind, NodeId, Ready, Rpc, Term};
/// # let mut cluster = Cluster::start(&[1, 2, 3]);
/// let (node, mut ready) = (cluster.node(1), Ready::default());
/// node.step(Message { from: NodeId(2), to: NodeId(9), term: Term(1), rpc: Rpc::TimeoutNow });
/// node.drain_into(&mut ready);
/// let (from, kind, reason) = (NodeId(2), MessageKind::TimeoutNow, IgnoreReason::NotForMe);
/// assert_eq!(ready.events, [Event::MessageIgnored { from, kind, reason }]);
/// assert_eq!(reason.to_string(), "it is addressed to another server");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum IgnoreReason {
    /// It is addressed to another server.
    NotForMe,
    /// Its term is over (§5.1).
    StaleTerm,
    /// It answers a question that this node no longer asks.
    NotAsked,
    /// It is older than what is already known.
    Outdated,
    /// Its sender is not a member of the configuration.
    NotAMember,
    /// This server may not vote, so it does not campaign.
    NotAVoter,
    /// Only a leader could answer it.
    NotLeader,
    /// It says something that no correct server can say.
    Impossible,
}

impl fmt::Display for VoteDenial {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::StaleTerm { current_term } => {
                write!(f, "the term is over, mine is {current_term}")
            }
            Self::AlreadyVoted { voted_for } => {
                write!(f, "already voted for S{voted_for} in this term")
            }
            Self::LogBehind { mine, theirs } if mine.0 != theirs.0 => {
                write!(f, "my last log term {} > {}", mine.0, theirs.0)
            }
            Self::LogBehind { mine, theirs } => {
                write!(f, "same last log term {}, but my log is longer: {} > {}", mine.0, mine.1, theirs.1)
            }
            Self::LeaderAlive { remaining } => write!(f, "a leader is alive; its lease lasts {remaining} more ticks"),
        }
    }
}

impl VoteDenial {
    /// Where the rule behind the refusal comes from.
    pub const fn section(&self) -> &'static str {
        match self {
            Self::StaleTerm { .. } => "§5.1",
            Self::AlreadyVoted { .. } => "§5.2",
            Self::LogBehind { .. } => "§5.4.1",
            Self::LeaderAlive { .. } => "dissertation §4.2.3",
        }
    }
}

impl fmt::Display for IgnoreReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotForMe => "it is addressed to another server",
            Self::StaleTerm => "its term is over",
            Self::NotAsked => "nobody is waiting for it any more",
            Self::Outdated => "it is older than what is already known",
            Self::NotAMember => "its sender is not a member",
            Self::NotAVoter => "this server is no voter",
            Self::NotLeader => "only a leader can answer it",
            Self::Impossible => "no correct server can say this",
        })
    }
}
