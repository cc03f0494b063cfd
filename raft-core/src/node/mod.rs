//! One server of a cluster.

mod election;
mod likeness;
mod membership;
mod reads;
mod replication;
mod snapshots;
mod time;
mod transfer;
mod view;

use alloc::vec::Vec;
use core::fmt;

use thiserror::Error;

use crate::persist::{Durability, PersistedError};
use crate::{
    Committed, EntryKind, Event, FollowerReason, HardState, IgnoreReason, Log, LogIndex, Message, MessageKind, NodeId,
    Options, OptionsError, Payload, Persisted, QuorumRule, Ready, Rpc, Rule, Rules, Snapshot, Term, WriteNumber,
};
use reads::Reads;
use replication::Leadership;
pub use snapshots::CompactError;
use snapshots::Incoming;
pub use time::Timer;
use time::{Random, Timers};
pub use transfer::{TransferBlock, TransferError};

/// One server of a Raft cluster: a deterministic state machine without any input or output of its own.
///
/// Two nodes with the same setup that get the same calls are equal, now and for ever. How a node is driven is shown by the
/// [tour](crate#a-tour); `Cluster` in the examples is [the one built there](crate#3-a-cluster).
///
/// ```
/// # mod tour { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/tour.rs")); } use tour::Cluster;
/// # use raft_core::{LogIndex, NodeId, Options, Role, Rules, Term};
/// # let mut cluster = Cluster::start(&[1, 2, 3]);
/// # cluster.node(1).campaign();
/// # cluster.settle();
/// let leader = cluster.node(1);
/// assert_eq!((leader.id(), leader.role(), leader.leader()), (NodeId(1), Role::Leader, Some(NodeId(1))));
/// assert_eq!((leader.current_term(), leader.voted_for()), (Term(1), Some(NodeId(1))));
/// assert_eq!(leader.log().last_index(), LogIndex(1));  // the blank entry that opens the term (§8)
/// assert_eq!((leader.durable_index(), leader.commit_index(), leader.last_applied().0), (LogIndex(1), LogIndex(1), 1));
/// assert!(leader.has_committed_in_term());
/// assert!(leader.snapshot().is_none());
/// assert!(leader.progress().iter().map(|follower| follower.id().0).eq([2, 3]));
/// assert!(leader.configuration().is_voter(NodeId(3)));
/// assert_eq!((leader.options(), leader.rules()), (&Options::default(), Rules::SAFE));
/// ```
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Node {
    id: NodeId,
    options: Options,
    rules: Rules,

    /// Latest term seen. Never decreases.
    current_term: Term,
    /// Candidate that got the vote of `current_term`.
    voted_for: Option<NodeId>,
    /// What replaced the beginning of the log; `log` starts after it.
    snapshot: Option<Snapshot>,
    log: Log,
    durability: Durability,

    /// Highest index known to be committed. Never decreases while the node runs.
    commit_index: LogIndex,
    /// Highest index handed out to be applied; `last_applied <= applying <= commit_index`.
    applying: LogIndex,
    /// Highest index applied, by the driver's word.
    last_applied: LogIndex,

    state: State,
    /// The pieces of a leader's snapshot that have arrived.
    incoming: Option<Incoming>,
    reads: Reads,
    timers: Timers,
    random: Random,

    messages: Vec<Message>,
    /// Messages that must not leave before a write is durable.
    gated: Vec<(WriteNumber, Message)>,
    committed: Vec<Committed>,
    events: Vec<Event>,
}

/// The role, with the state that is valid only in it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum State {
    Follower { leader: Option<NodeId> },
    PreCandidate(Votes),
    Candidate(Votes),
    Leader(Leadership),
}

/// Answers to a campaign, one per voter, in order of arrival.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
struct Votes(Vec<(NodeId, bool)>);

/// The role of a node (§5.1).
///
/// ```
/// # mod tour { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/tour.rs")); } use tour::Cluster;
/// # use raft_core::Role;
/// # let mut cluster = Cluster::start(&[1, 2, 3]);
/// let node = cluster.node(1);
/// assert_eq!(node.role(), Role::Follower);
/// node.campaign();
/// assert_eq!(node.role(), Role::PreCandidate);
/// cluster.settle();
/// assert!(cluster.node(1).role().is_leader());
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// Answers leaders and candidates.
    Follower,
    /// Asks whether it could win (dissertation §9.6).
    PreCandidate,
    /// Asks for votes.
    Candidate,
    /// Replicates its log.
    Leader,
}

/// What a node is made of.
///
/// ```
/// # use raft_core::{NodeId, NodeSetup, Options, Rules, Ticks};
/// let lives = 3;                                       // counted on disk, say
/// let options = Options { election_timeout_max: Ticks(450), ..Options::default() };
/// let setup = NodeSetup { options, seed: lives, ..NodeSetup::new(NodeId(1)) };
/// assert_eq!(setup.rules, Rules::SAFE);
/// ```
#[derive(Clone, Copy, Debug)]
pub struct NodeSetup {
    /// The identity of the server.
    pub id: NodeId,
    /// Timing and limits.
    pub options: Options,
    /// Safeguards; all on unless something is to be shown.
    pub rules: Rules,
    /// Seed of the election timeouts and of the positions of reads. Servers may share it; a restarted server must get
    /// another one, so that a late answer to a read of its former life is recognised.
    pub seed: u64,
}

/// Why a command was refused. Nothing has changed.
///
/// ```
/// # mod tour { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/tour.rs")); } use tour::Cluster;
/// # use raft_core::{NodeId, ProposeError};
/// # let mut cluster = Cluster::start(&[1, 2, 3]);
/// # cluster.node(1).campaign();
/// # cluster.settle();
/// let refusal = cluster.node(2).propose("x".into());
/// assert_eq!(refusal, Err(ProposeError::NotLeader { leader_hint: Some(NodeId(1)) }));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum ProposeError {
    /// Only the leader takes commands (§5.1).
    #[error("this server is not the leader; ask the leader it names, or try another server")]
    NotLeader {
        /// The leader, if this server knows it.
        leader_hint: Option<NodeId>,
    },
    /// The command is longer than [`Options::max_command_bytes`].
    #[error("the command has {bytes} bytes, but at most {limit} are allowed")]
    TooLarge {
        /// Its length.
        bytes: usize,
        /// The limit.
        limit: usize,
    },
    /// The leader is handing over its office (dissertation §3.10).
    #[error("leadership is being handed to S{target}; try again when that has succeeded or failed")]
    TransferInProgress {
        /// The leader to be.
        target: NodeId,
    },
    /// The uncommitted entries have reached [`Options::max_uncommitted_bytes`].
    #[error("{bytes} bytes wait to be committed, the limit is {limit}; try again when some are")]
    Busy {
        /// Uncommitted bytes.
        bytes: usize,
        /// The limit.
        limit: usize,
    },
}

/// Why a node does not start.
///
/// ```
/// # use raft_core::{Configuration, Node, NodeId, NodeSetup, Options, OptionsError, Persisted, SetupError, Ticks};
/// let options = Options { heartbeat_interval: Ticks(0), ..Options::default() };
/// let disk = Persisted::bootstrap(Configuration::of_voters([NodeId(1)]));
/// let refusal = Node::new(NodeSetup { options, ..NodeSetup::new(NodeId(1)) }, disk);
/// assert_eq!(refusal, Err(SetupError::Options(OptionsError::NoHeartbeat)));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum SetupError {
    /// The options make no sense.
    #[error(transparent)]
    Options(#[from] OptionsError),
    /// The disk holds no valid state.
    #[error(transparent)]
    Persisted(#[from] PersistedError),
}

impl NodeSetup {
    /// The usual setup of a server.
    pub fn new(id: NodeId) -> Self {
        Self { id, options: Options::default(), rules: Rules::SAFE, seed: 0 }
    }
}

impl Node {
    /// A node that starts, or restarts, from what its disk holds. It begins as a follower (§5.2).
    ///
    /// ```
    /// # use raft_core::{Configuration, Node, NodeId, NodeSetup, Persisted, Role};
    /// let disk = Persisted::bootstrap(Configuration::of_voters([1, 2, 3].map(NodeId)));
    /// let node = Node::new(NodeSetup::new(NodeId(1)), disk)?;
    /// assert_eq!((node.role(), node.leader()), (Role::Follower, None));
    /// # Ok::<(), raft_core::SetupError>(())
    /// ```
    pub fn new(setup: NodeSetup, persisted: Persisted) -> Result<Self, SetupError> {
        setup.options.validate()?;
        persisted.validate()?;
        let Persisted { hard_state, snapshot, log } = persisted;
        let mut random = Random::new(setup.seed, setup.id);
        let is_restart = hard_state.current_term > Term(0);
        let timers = Timers::new(&setup.options, setup.rules, is_restart, &mut random);
        Ok(Self {
            id: setup.id,
            options: setup.options,
            rules: setup.rules,
            // A log can be ahead of the stored term only if the term was not stored; it is never behind.
            current_term: hard_state.current_term.max(log.last_term()),
            // A vote of an older term says nothing about this one.
            voted_for: hard_state.voted_for.filter(|_| hard_state.current_term >= log.last_term()),
            durability: Durability::new(&log),
            commit_index: log.last_included_index(),
            applying: log.last_included_index(),
            last_applied: log.last_included_index(),
            snapshot,
            log,
            state: State::Follower { leader: None },
            incoming: None,
            reads: Reads::new(setup.seed, setup.id),
            timers,
            random,
            messages: Vec::new(),
            gated: Vec::new(),
            committed: Vec::new(),
            events: Vec::new(),
        })
    }

    /// Takes in a message. Nothing that the network can bring panics or fails: what cannot be used is ignored, with an
    /// event that says why.
    ///
    /// ```
    /// # mod tour { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/tour.rs")); } use tour::Cluster;
    /// # use raft_core::{Message, NodeId, Rpc, Term};
    /// # let mut cluster = Cluster::start(&[1, 2, 3]);
    /// let (node, rpc) = (cluster.node(1), Rpc::RequestVoteReply { granted: true, pre_vote: false });
    /// let stray = Message { from: NodeId(2), to: NodeId(1), term: Term(0), rpc };
    /// node.step(stray);
    /// assert!(!node.role().is_leader());                   // nobody asked for this vote
    /// ```
    pub fn step(&mut self, message: Message) {
        let Message { from, to, term, .. } = message;
        if to != self.id {
            return self.ignore(&message, IgnoreReason::NotForMe);
        }
        if !message.is_possible() {
            return self.ignore(&message, IgnoreReason::Impossible);
        }
        if let Rpc::RequestVote(request) = message.rpc {
            return self.handle_request_vote(from, term, request);
        }
        if let Rpc::RequestVoteReply { granted, pre_vote: true } = message.rpc {
            // A granted pre-vote carries the term of the campaign to come, which nobody is in yet.
            return self.handle_pre_vote_reply(&message, granted);
        }
        if term > self.current_term {
            self.adopt_term(term, from);
        }
        let is_stale = term < self.current_term;
        match message.rpc {
            Rpc::AppendEntries(_) | Rpc::InstallSnapshot(_) if is_stale => self.refuse_stale_leader(&message),
            Rpc::AppendEntries(append) => self.handle_append_entries(from, append),
            Rpc::InstallSnapshot(install) => self.handle_install_snapshot(from, install),
            _ if is_stale => self.ignore(&message, IgnoreReason::StaleTerm),
            Rpc::AppendEntriesReply { outcome, round } => self.handle_append_reply(&message, outcome, round),
            Rpc::InstallSnapshotReply { outcome, round } => self.handle_snapshot_reply(&message, outcome, round),
            Rpc::TimeoutNow => self.handle_timeout_now(&message),
            Rpc::ReadIndex { upto } => self.handle_read_index(&message, upto),
            Rpc::ReadIndexReply { upto, read_index } => self.handle_read_index_reply(&message, upto, read_index),
            Rpc::RequestVoteReply { granted, .. } => self.handle_vote_reply(&message, granted),
            Rpc::RequestVote(_) => unreachable!("vote requests were handled above"),
        }
    }

    /// Appends a command to the leader's log and returns the index it will have if it is committed (§5.3).
    ///
    /// ```
    /// # mod tour { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/tour.rs")); } use tour::Cluster;
    /// # use raft_core::LogIndex;
    /// # let mut cluster = Cluster::start(&[1, 2, 3]);
    /// # cluster.node(1).campaign();
    /// # cluster.settle();
    /// let index = cluster.node(1).propose("hello".into())?;
    /// assert_eq!(index, LogIndex(2));                      // after the blank entry of the term
    /// assert!(cluster.node(1).commit_index() < index);
    /// cluster.settle();
    /// assert!(cluster.node(1).commit_index() >= index);
    /// # Ok::<(), raft_core::ProposeError>(())
    /// ```
    pub fn propose(&mut self, command: Payload) -> Result<LogIndex, ProposeError> {
        let State::Leader(leadership) = &self.state else {
            return Err(ProposeError::NotLeader { leader_hint: self.leader() });
        };
        if let Some(transfer) = &leadership.transfer {
            return Err(ProposeError::TransferInProgress { target: transfer.target });
        }
        let limit = self.options.max_command_bytes;
        if command.len() > limit {
            return Err(ProposeError::TooLarge { bytes: command.len(), limit });
        }
        let (bytes, limit) = (leadership.uncommitted_bytes, self.options.max_uncommitted_bytes);
        if self.rules.has(Rule::FlowControl) && bytes >= limit {
            return Err(ProposeError::Busy { bytes, limit });
        }
        Ok(self.append_as_leader(EntryKind::Command(command)))
    }

    /// Notes that every write up to `number` is durable. A number that was never handed out, or is already known, changes
    /// nothing.
    ///
    /// ```
    /// # use raft_core::{Configuration, Node, NodeId, NodeSetup, Persisted, Ready, Role};
    /// # let disk = Persisted::bootstrap(Configuration::of_voters([NodeId(1)]));
    /// # let (mut node, mut ready) = (Node::new(NodeSetup::new(NodeId(1)), disk)?, Ready::default());
    /// node.campaign();
    /// node.drain_into(&mut ready);
    /// assert_eq!(node.role(), Role::Candidate);            // its own vote counts when it is durable
    /// if let Some(write) = &ready.write { node.on_persisted(write.number) }
    /// assert_eq!(node.role(), Role::Leader);
    /// # Ok::<(), raft_core::SetupError>(())
    /// ```
    pub fn on_persisted(&mut self, number: WriteNumber) {
        if !self.durability.on_persisted(number, &self.log) {
            return;
        }
        if !self.gated.is_empty() {
            self.messages.extend(self.gated.extract_if(.., |(gate, _)| *gate <= number).map(|(_, message)| message));
        }
        match self.state {
            State::Leader(_) => self.maybe_commit(),
            State::Candidate(_) if self.durability.hard_state_write <= number => self.count_own_vote(),
            _ => {}
        }
    }

    /// Notes that every entry up to `index` is applied. More is handed out only after that.
    ///
    /// ```
    /// # use raft_core::{Configuration, LogIndex, Node, NodeId, NodeSetup, Persisted, Ready};
    /// # let disk = Persisted::bootstrap(Configuration::of_voters([NodeId(1)]));
    /// # let (mut node, mut ready) = (Node::new(NodeSetup::new(NodeId(1)), disk)?, Ready::default());
    /// # node.campaign();
    /// # for _ in 0..2 {
    /// #     node.drain_into(&mut ready);
    /// #     if let Some(write) = &ready.write { node.on_persisted(write.number) }
    /// # }
    /// node.drain_into(&mut ready);
    /// let last = ready.committed.last().expect("the first entry of the term is committed").index;
    /// node.on_applied(last);
    /// assert_eq!(node.last_applied(), last);
    /// node.on_applied(LogIndex(99));                       // what was never handed out does not count
    /// assert_eq!(node.last_applied(), last);
    /// # Ok::<(), raft_core::SetupError>(())
    /// ```
    pub fn on_applied(&mut self, index: LogIndex) {
        self.last_applied = self.last_applied.max(index.min(self.applying));
    }

    /// Moves everything that waits to be done into `ready`, whatever that held before.
    ///
    /// ```
    /// # mod tour { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/tour.rs")); } use tour::Cluster;
    /// # use raft_core::{MessageKind, Ready};
    /// # let mut cluster = Cluster::start(&[1, 2, 3]);
    /// # cluster.node(1).campaign();
    /// # cluster.settle();
    /// let (leader, mut ready) = (cluster.node(1), Ready::default());
    /// leader.propose("a".into())?;
    /// leader.propose("b".into())?;
    /// leader.drain_into(&mut ready);                       // both travel in one message to each follower
    /// assert!(ready.messages.iter().map(|message| message.kind()).eq([MessageKind::AppendEntries; 2]));
    /// leader.drain_into(&mut ready);
    /// assert!(ready.is_empty());
    /// # Ok::<(), raft_core::ProposeError>(())
    /// ```
    pub fn drain_into(&mut self, ready: &mut Ready) {
        ready.clear();
        self.ask_leader();
        self.replicate();
        ready.restore = self.hand_out_snapshot();
        self.hand_out_committed();
        self.hand_out_reads(&mut ready.reads);
        ready.write = self.durability.take_write(self.hard_state_to_write(), self.snapshot.as_ref(), &self.log);
        core::mem::swap(&mut ready.messages, &mut self.messages);
        core::mem::swap(&mut ready.committed, &mut self.committed);
        core::mem::swap(&mut ready.events, &mut self.events);
    }

    /// Switches safeguards while the node runs.
    ///
    /// ```
    /// # mod tour { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/tour.rs")); } use tour::Cluster;
    /// # use raft_core::{Role, Rule, Rules};
    /// # let mut cluster = Cluster::start(&[1, 2, 3]);
    /// let node = cluster.node(1);
    /// node.set_rules(Rules::SAFE.without(Rule::PreVote));
    /// node.campaign();
    /// assert_eq!(node.role(), Role::Candidate);            // without asking first
    /// ```
    pub fn set_rules(&mut self, rules: Rules) {
        self.rules = rules;
    }

    fn hand_out_committed(&mut self) {
        // One batch at a time: a slow state machine must not pile up work here. Entries that this disk does not hold yet
        // wait, so that a restart never finds less than was applied.
        let upto = self.commit_index.min(self.durability.last_index);
        let is_restoring = self.applying < self.log.last_included_index();
        if self.applying != self.last_applied || upto <= self.applying || is_restoring {
            return;
        }
        let mut bytes = 0;
        for (index, entry) in self.log.iter_from(self.applying.next()) {
            if index > upto || bytes >= self.options.max_apply_bytes {
                break;
            }
            bytes += entry.size();
            self.committed.push(Committed { index, entry: entry.clone() });
            self.applying = index;
        }
    }

    fn hard_state_to_write(&self) -> HardState {
        if !self.rules.has(Rule::PersistTerm) {
            // A vote without its term says nothing.
            return HardState::default();
        }
        let voted_for = if self.rules.has(Rule::PersistVote) { self.voted_for } else { None };
        HardState { current_term: self.current_term, voted_for }
    }

    /// Takes over a higher term (§5.1).
    fn adopt_term(&mut self, term: Term, from: NodeId) {
        self.current_term = term;
        self.voted_for = None;
        self.incoming = None;
        self.durability.touch_hard_state();
        if self.rules.has(Rule::StepDownOnHigherTerm) {
            self.become_follower(None, FollowerReason::HigherTerm { from });
        }
    }

    fn become_follower(&mut self, leader: Option<NodeId>, reason: FollowerReason) {
        // A leader has no election timer running; everybody else keeps the one that runs.
        if self.role().is_leader() {
            self.restart_election_timer();
        }
        self.abandon_reads();
        self.state = State::Follower { leader };
        self.event(Event::BecameFollower { term: self.current_term, leader, reason });
    }

    /// Sends as soon as the current term and vote are durable, which for most messages is now.
    fn send(&mut self, to: NodeId, rpc: Rpc) {
        self.send_in_term(to, self.current_term, rpc, self.durability.hard_state_write);
    }

    /// Sends as soon as the write with the number `gate` is durable.
    fn send_in_term(&mut self, to: NodeId, term: Term, rpc: Rpc, gate: WriteNumber) {
        let message = Message { from: self.id, to, term, rpc };
        if gate <= self.durability.persisted {
            self.messages.push(message);
        } else {
            self.gated.push((gate, message));
        }
    }

    fn quorum_rule(&self) -> QuorumRule {
        if self.rules.has(Rule::Majority) { QuorumRule::Majority } else { QuorumRule::Half }
    }

    fn event(&mut self, event: Event) {
        self.events.push(event);
    }

    fn ignore(&mut self, message: &Message, reason: IgnoreReason) {
        self.ignore_kind(message.from, message.kind(), reason);
    }

    fn ignore_kind(&mut self, from: NodeId, kind: MessageKind, reason: IgnoreReason) {
        self.event(Event::MessageIgnored { from, kind, reason });
    }
}

impl Role {
    /// Whether this is [`Role::Leader`].
    pub const fn is_leader(self) -> bool {
        matches!(self, Self::Leader)
    }
}

impl fmt::Debug for Node {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Node")
            .field("id", &self.id)
            .field("current_term", &self.current_term)
            .field("voted_for", &self.voted_for)
            .field("state", &self.state)
            .field("commit_index", &self.commit_index)
            .field("last_applied", &self.last_applied)
            .field("log", &self.log)
            .finish_non_exhaustive()
    }
}
