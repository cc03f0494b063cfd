//! What a leader knows about one follower's log.

use alloc::boxed::Box;
use alloc::collections::VecDeque;

use crate::{LogIndex, NodeId, Options, Round, Snapshot, Ticks};

/// What the leader knows about one follower's log.
///
/// Valid only while the node leads. Invariant: `match_index < next_index`.
///
/// ```
/// # mod tour { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/tour.rs")); } use tour::Cluster;
/// # use raft_core::{LogIndex, NodeId, ProgressState, Round, Ticks};
/// # let mut cluster = Cluster::start(&[1, 2, 3]);
/// # cluster.node(1).campaign();
/// # cluster.settle();
/// cluster.node(1).propose("x".into())?;
/// cluster.node(1).drain_into(&mut Default::default()); // the message is lost
/// let follower = &cluster.node(1).progress()[0];
/// assert_eq!(follower.id(), NodeId(2));
/// assert_eq!(follower.state(), ProgressState::Replicate);
/// assert_eq!((follower.match_index(), follower.next_index()), (LogIndex(1), LogIndex(3)));
/// assert_eq!(follower.inflight(), 1);                  // it would be sent again after a heartbeat interval
/// assert_eq!((follower.silence(), follower.round()), (Ticks(0), Round(0)));
/// assert!(follower.catch_up().is_none() && follower.snapshot_bytes().is_none());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Progress {
    /// The follower.
    pub(crate) id: NodeId,
    /// Highest index known to be durable on the follower (§5.3).
    pub(crate) match_index: LogIndex,
    /// Index of the next entry to send (§5.3).
    pub(crate) next_index: LogIndex,
    /// How the leader sends.
    pub(crate) state: ProgressState,
    /// Ticks since the follower was last heard; stops counting at the election timeout.
    pub(crate) silence: Ticks,
    /// Probing: the probe is on its way. Replicating: a heartbeat interval began with entries unacknowledged and no
    /// acknowledgement has come since.
    /// Sending a snapshot: a piece is on its way.
    pub(crate) waiting: bool,
    /// Latest round of heartbeats that the follower has answered (dissertation §6.4).
    pub(crate) round: Round,
    /// The snapshot on its way to the follower, while that is the state.
    pub(crate) outgoing: Option<Box<Outgoing>>,
    /// How a member that does not vote catches up.
    pub(crate) catch_up: Option<Box<CatchUp>>,
    inflight: VecDeque<Inflight>,
    inflight_bytes: usize,
}

/// How a leader sends to a follower.
///
/// ```
/// # mod tour { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/tour.rs")); } use tour::Cluster;
/// # use raft_core::ProgressState;
/// # let mut cluster = Cluster::start(&[1, 2, 3]);
/// # let crashed = cluster.0.remove(&3);
/// cluster.node(1).campaign();                          // while S3 is down
/// cluster.settle();
/// let states = cluster.node(1).progress().iter().map(|follower| follower.state());
/// assert!(states.eq([ProgressState::Replicate, ProgressState::Probe]));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum ProgressState {
    /// The follower's log is unknown: one message at a time until one is accepted.
    Probe,
    /// The logs match: entries are sent without waiting, up to the in-flight limits.
    Replicate,
    /// What the follower needs is no longer in the log: it gets a snapshot, a piece at a time (§7).
    Snapshot,
}

/// A snapshot on its way to a follower.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Outgoing {
    pub(crate) snapshot: Snapshot,
    /// Bytes that the follower has.
    pub(crate) offset: usize,
    /// A heartbeat interval began with a piece unanswered and nothing has come since.
    pub(crate) stalled: bool,
}

/// How a server that does not vote yet catches up, in rounds: each round replicates what the leader's log held when the
/// round began (dissertation §4.2.1).
///
/// ```
/// # mod tour { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/tour.rs")); } use tour::{Cluster, Server};
/// # use raft_core::{CatchUp, MembershipChange, NodeId, Progress};
/// # let mut cluster = Cluster::start(&[1, 2, 3]);
/// # cluster.node(1).campaign();
/// # cluster.settle();
/// cluster.node(1).propose_membership(&MembershipChange::AddLearner(NodeId(4)))?;
/// let learner: &Progress = &cluster.node(1).progress()[2];
/// assert!(learner.catch_up().is_some_and(|catch_up| !catch_up.is_caught_up));
///
/// cluster.0.insert(4, Server::start(4, &[1, 2, 3]));
/// cluster.settle();
/// let learner: &Progress = &cluster.node(1).progress()[2];
/// let CatchUp { is_caught_up, rounds, .. } = learner.catch_up().expect("learners catch up");
/// assert!(is_caught_up && rounds >= 1);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct CatchUp {
    /// The end of the leader's log when the present round began.
    pub target: LogIndex,
    /// How long the present round has taken; stops counting at the shortest election timeout.
    pub ticks: Ticks,
    /// Rounds that are over.
    pub rounds: u32,
    /// Whether the last round that is over took less than the shortest election timeout, and so does the present one, so
    /// far. The server may vote then.
    pub is_caught_up: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Inflight {
    last_index: LogIndex,
    bytes: usize,
}

impl Progress {
    pub(crate) const fn new(id: NodeId, next_index: LogIndex) -> Self {
        Self {
            id,
            match_index: LogIndex(0),
            next_index,
            state: ProgressState::Probe,
            silence: Ticks(0),
            waiting: false,
            round: Round(0),
            outgoing: None,
            catch_up: None,
            inflight: VecDeque::new(),
            inflight_bytes: 0,
        }
    }

    /// The follower.
    pub const fn id(&self) -> NodeId {
        self.id
    }

    /// Highest index known to be durable on the follower (§5.3).
    pub const fn match_index(&self) -> LogIndex {
        self.match_index
    }

    /// Index of the next entry to send (§5.3).
    pub const fn next_index(&self) -> LogIndex {
        self.next_index
    }

    /// How the leader sends.
    pub const fn state(&self) -> ProgressState {
        self.state
    }

    /// Ticks since the follower was last heard; stops counting at the shortest election timeout.
    pub const fn silence(&self) -> Ticks {
        self.silence
    }

    /// Latest round of heartbeats that the follower has answered (dissertation §6.4).
    pub const fn round(&self) -> Round {
        self.round
    }

    /// How a member that does not vote catches up; `None` for voters.
    pub fn catch_up(&self) -> Option<CatchUp> {
        self.catch_up.as_deref().copied()
    }

    /// Bytes of the snapshot that the follower has, and bytes that there are, while a snapshot is on its way.
    ///
    /// ```
    /// # mod tour { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/tour.rs")); } use tour::Cluster;
    /// # use raft_core::ProgressState;
    /// # let mut cluster = Cluster::start(&[1, 2, 3]);
    /// # let crashed = cluster.0.remove(&3);
    /// # cluster.node(1).campaign();
    /// # cluster.settle();
    /// let (applied, leader) = (cluster.node(1).last_applied(), cluster.node(1));
    /// leader.compact(applied, b"the whole state".as_slice())?;
    /// leader.fire_heartbeat();
    /// leader.drain_into(&mut Default::default());
    /// let follower = &leader.progress()[1];                // S3, which has nothing yet
    /// assert_eq!(follower.state(), ProgressState::Snapshot);
    /// assert_eq!(follower.snapshot_bytes(), Some((0, 15)));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn snapshot_bytes(&self) -> Option<(usize, usize)> {
        self.outgoing.as_ref().map(|outgoing| (outgoing.offset, outgoing.snapshot.data.len()))
    }

    /// Number of unacknowledged messages with entries.
    pub fn inflight(&self) -> usize {
        self.inflight.len()
    }

    /// Whether the window has room for another message with entries.
    pub(crate) fn has_room(&self, options: &Options) -> bool {
        self.inflight.len() < options.max_inflight_messages && self.inflight_bytes < options.max_inflight_bytes
    }

    /// Records that entries up to `last_index` were sent.
    pub(crate) fn sent(&mut self, last_index: LogIndex, bytes: usize) {
        self.next_index = last_index.next();
        self.inflight.push_back(Inflight { last_index, bytes });
        self.inflight_bytes += bytes;
    }

    /// Records an acknowledgement; returns whether it is news.
    pub(crate) fn acknowledged(&mut self, match_index: LogIndex) -> bool {
        while let Some(oldest) = self.inflight.front().filter(|oldest| oldest.last_index <= match_index) {
            self.inflight_bytes -= oldest.bytes;
            self.inflight.pop_front();
        }
        if match_index <= self.match_index {
            return false;
        }
        self.match_index = match_index;
        self.next_index = self.next_index.max(match_index.next());
        // A piece of a snapshot is not answered by this.
        self.waiting &= self.state == ProgressState::Snapshot;
        true
    }

    /// Starts over, one message at a time, from `next_index` but never below what is known to match.
    pub(crate) fn probe_from(&mut self, next_index: LogIndex) {
        self.state = ProgressState::Probe;
        self.outgoing = None;
        self.next_index = next_index.max(self.match_index.next());
        self.waiting = false;
        self.inflight.clear();
        self.inflight_bytes = 0;
    }

    /// The logs match from here on: send without waiting.
    pub(crate) fn replicate(&mut self) {
        self.state = ProgressState::Replicate;
        self.outgoing = None;
        self.next_index = self.match_index.next();
        self.waiting = false;
    }

    /// What the follower needs is gone from the log: send a snapshot, from its beginning.
    pub(crate) fn send_snapshot(&mut self, snapshot: Snapshot) {
        self.probe_from(snapshot.last_included_index.next());
        self.state = ProgressState::Snapshot;
        self.outgoing = Some(Box::new(Outgoing { snapshot, offset: 0, stalled: false }));
    }

    /// Counts rounds of catching up; returns how many it took when the follower has just become fit to vote.
    pub(crate) fn follow_catch_up(&mut self, last_index: LogIndex, options: &Options) -> Option<u32> {
        let match_index = self.match_index;
        let catch_up = self.catch_up.as_mut().filter(|catch_up| match_index >= catch_up.target)?;
        let was_caught_up = catch_up.is_caught_up;
        let is_quick = catch_up.ticks < options.election_timeout_min;
        **catch_up = CatchUp {
            target: last_index,
            ticks: Ticks(0),
            rounds: catch_up.rounds.saturating_add(1),
            is_caught_up: is_quick,
        };
        (is_quick && !was_caught_up).then_some(catch_up.rounds)
    }
}
