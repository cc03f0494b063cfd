//! What can be seen of a node.

use alloc::sync::Arc;

use crate::node::{Node, Role, State};
use crate::{Configuration, Log, LogIndex, NodeId, Options, Progress, Rules, Snapshot, Term};

impl Node {
    /// The identity of the server.
    pub const fn id(&self) -> NodeId {
        self.id
    }

    /// Timing and limits.
    pub const fn options(&self) -> &Options {
        &self.options
    }

    /// The safeguards that are on.
    pub const fn rules(&self) -> Rules {
        self.rules
    }

    /// Latest term this server has seen.
    pub const fn current_term(&self) -> Term {
        self.current_term
    }

    /// Who got this server's vote in the current term.
    pub const fn voted_for(&self) -> Option<NodeId> {
        self.voted_for
    }

    /// The log.
    pub const fn log(&self) -> &Log {
        &self.log
    }

    /// The snapshot that replaced the beginning of the log, if one did.
    pub const fn snapshot(&self) -> Option<&Snapshot> {
        self.snapshot.as_ref()
    }

    /// Highest index known to be committed.
    pub const fn commit_index(&self) -> LogIndex {
        self.commit_index
    }

    /// Highest index applied.
    pub const fn last_applied(&self) -> LogIndex {
        self.last_applied
    }

    /// Highest index that is durable here.
    pub const fn durable_index(&self) -> LogIndex {
        self.durability.last_index
    }

    /// The configuration that counts.
    pub fn configuration(&self) -> &Arc<Configuration> {
        self.log.configuration()
    }

    /// The role.
    pub const fn role(&self) -> Role {
        match self.state {
            State::Follower { .. } => Role::Follower,
            State::PreCandidate(_) => Role::PreCandidate,
            State::Candidate(_) => Role::Candidate,
            State::Leader(_) => Role::Leader,
        }
    }

    /// The leader of the current term, if this server knows it.
    pub const fn leader(&self) -> Option<NodeId> {
        match self.state {
            State::Follower { leader } => leader,
            State::Leader(_) => Some(self.id),
            State::PreCandidate(_) | State::Candidate(_) => None,
        }
    }

    /// What the leader knows about each other member, in ascending order; empty unless this server leads.
    pub fn progress(&self) -> &[Progress] {
        match &self.state {
            State::Leader(leadership) => &leadership.progress,
            _ => &[],
        }
    }

    /// Whether this node leads and has committed an entry of its own term: until then it cannot know what is committed (§8).
    pub fn has_committed_in_term(&self) -> bool {
        self.role().is_leader() && self.log.term_at(self.commit_index) == Some(self.current_term)
    }

    /// The votes that a (pre-)candidate has, in order of arrival.
    ///
    /// ```
    /// # mod tour { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/tour.rs")); } use tour::Cluster;
    /// # use raft_core::NodeId;
    /// # let mut cluster = Cluster::start(&[1, 2, 3]);
    /// let node = cluster.node(1);
    /// node.campaign();
    /// assert_eq!(node.votes(), [(NodeId(1), true)]);
    /// ```
    pub fn votes(&self) -> &[(NodeId, bool)] {
        match &self.state {
            State::PreCandidate(votes) | State::Candidate(votes) => &votes.0,
            _ => &[],
        }
    }
}
