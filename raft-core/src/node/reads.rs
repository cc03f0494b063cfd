//! Reads that do not go through the log (dissertation §6.4).
//!
//! A read is servable at a server that has applied everything that was committed when the read began. Only a leader can
//! say what that is, and only if it still leads: it begins a round of heartbeats, which all reads that wait share, and a
//! quorum of answers to messages sent in that round or a later one proves it. Rounds are counted, so an answer is never
//! taken for the answer to another question.

use alloc::collections::VecDeque;
use alloc::vec::Vec;

use crate::node::State;
use crate::node::time::Random;
use crate::{
    Event, IgnoreReason, LogIndex, Message, Node, NodeId, Progress, Read, ReadAbort, ReadBlock, ReadError, ReadId,
    ReadMode, ReadOutcome, ReadPosition, Round, Rpc, Rule, Ticks,
};

/// The reads of this server's own clients, and the questions that it has for its leader.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Reads {
    /// Reads that the leader has not answered, oldest first. They stand at the positions up to `last_position`.
    asked: VecDeque<ReadId>,
    last_position: ReadPosition,
    /// The question on its way covers the reads up to here.
    outstanding: Option<ReadPosition>,
    /// The leader was heard since the question left.
    is_late: bool,
    /// Reads that wait for an index to be applied.
    confirmed: Vec<(LogIndex, ReadId)>,
    /// Reads that the next drain hands out.
    ended: Vec<Read>,
}

/// A read at the leader that cannot be answered yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct PendingRead {
    origin: Origin,
    /// What was committed when the read began; `None`: the leader did not know it yet.
    read_index: Option<LogIndex>,
    /// This round, or a later one, must be answered by a quorum.
    round: Round,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Origin {
    Here(ReadId),
    Follower(NodeId, ReadPosition),
}

impl PendingRead {
    pub(super) fn rename(&mut self, name: &dyn Fn(NodeId) -> NodeId) {
        if let Origin::Follower(id, _) = &mut self.origin {
            *id = name(*id);
        }
    }
}

impl Reads {
    pub(super) fn new(seed: u64, id: NodeId) -> Self {
        // Positions of another life must not be mistaken for those of this one: they begin at a random place.
        let mut random = Random::new(seed, NodeId(id.0 ^ (1 << 63)));
        Self {
            asked: VecDeque::new(),
            last_position: ReadPosition(u64::from(random.next_u32()) << 31),
            outstanding: None,
            is_late: false,
            confirmed: Vec::new(),
            ended: Vec::new(),
        }
    }

    fn len(&self) -> usize {
        self.asked.len() + self.confirmed.len()
    }

    /// Counts questions from the start again, unless one is open.
    pub(super) fn forget_positions(&mut self) {
        if self.asked.is_empty() && self.outstanding.is_none() {
            self.last_position = ReadPosition(0);
        }
    }
}

impl Node {
    /// Takes in a read. It ends in a [`crate::Ready::reads`]: servable there and then, or given up.
    ///
    /// At a follower or learner the leader is asked; the read is served here nevertheless.
    ///
    /// ```
    /// # mod tour { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/tour.rs")); } use tour::Cluster;
    /// # use raft_core::{LogIndex, ReadId, ReadMode, ReadOutcome};
    /// # let mut cluster = Cluster::start(&[1, 2, 3]);
    /// # cluster.node(1).campaign();
    /// # cluster.settle();
    /// cluster.node(1).read_index(ReadId(1), ReadMode::ReadIndex)?; // at the leader
    /// cluster.node(3).read_index(ReadId(2), ReadMode::ReadIndex)?; // at a follower
    /// cluster.settle();
    /// for id in [1, 3] {
    ///     assert_eq!(cluster.0[&id].reads[0].outcome, ReadOutcome::Servable { read_index: LogIndex(1) });
    /// }
    /// # Ok::<(), raft_core::ReadError>(())
    /// ```
    pub fn read_index(&mut self, id: ReadId, mode: ReadMode) -> Result<(), ReadError> {
        let limit = self.options.max_pending_reads;
        let waiting = if let State::Leader(leadership) = &self.state { leadership.reads.len() } else { 0 };
        if self.reads.len() + waiting >= limit {
            return Err(ReadError::Busy { limit });
        }
        match self.state {
            State::Leader(_) if self.log.last_term() != self.current_term => {
                Err(ReadError::NothingOwn { term: self.current_term })
            }
            State::Leader(_) => {
                self.take_read(Origin::Here(id), mode);
                Ok(())
            }
            State::Follower { leader: Some(_) } => {
                self.reads.asked.push_back(id);
                self.reads.last_position.0 += 1;
                Ok(())
            }
            _ => Err(ReadError::NoLeader),
        }
    }

    /// What the oldest read here waits for; `None` if none waits.
    ///
    /// ```
    /// # mod tour { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/tour.rs")); } use tour::Cluster;
    /// # use raft_core::{NodeId, ReadBlock, ReadId, ReadMode};
    /// # let mut cluster = Cluster::start(&[1, 2, 3]);
    /// # cluster.node(1).campaign();
    /// # cluster.settle();
    /// let follower = cluster.node(2);
    /// assert_eq!(follower.read_block(), None);
    /// follower.read_index(ReadId(1), ReadMode::ReadIndex)?;
    /// assert_eq!(follower.read_block(), Some(ReadBlock::NoAnswer { leader: NodeId(1) }));
    /// # Ok::<(), raft_core::ReadError>(())
    /// ```
    pub fn read_block(&self) -> Option<ReadBlock> {
        if let State::Leader(leadership) = &self.state
            && let Some(first) = leadership.reads.first()
        {
            if !self.has_committed_in_term() {
                return Some(ReadBlock::NothingCommitted { term: self.current_term });
            }
            let (have, need) = self.configuration().count(self.quorum_rule(), |id| self.round_of(id) >= first.round);
            return Some(ReadBlock::NoQuorum { have, need });
        }
        if let (Some(leader), false) = (self.leader(), self.reads.asked.is_empty()) {
            return Some(ReadBlock::NoAnswer { leader });
        }
        let &(read_index, _) = self.reads.confirmed.first()?;
        Some(ReadBlock::NotApplied { read_index, last_applied: self.last_applied })
    }

    /// Whether this leader may answer reads without asking anybody (dissertation §6.4.1): no other leader can have been
    /// elected before the lease is over, if clocks keep to [`crate::Options::lease_drift_permille`].
    ///
    /// ```
    /// # mod tour { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/tour.rs")); } use tour::Cluster;
    /// # let mut cluster = Cluster::start(&[1, 2, 3]);
    /// # cluster.node(1).campaign();
    /// # cluster.settle();
    /// assert!(!cluster.node(1).has_lease());               // no bound on clock drift is set: no leases
    /// ```
    pub fn has_lease(&self) -> bool {
        let (State::Leader(leadership), Some(drift)) = (&self.state, self.options.lease_drift_permille) else {
            return false;
        };
        if leadership.has_waived_lease || !self.has_committed_in_term() {
            return false;
        }
        let answered = self.answered_round();
        let latest = leadership.rounds.iter().rev().find(|(round, _)| *round <= answered);
        // Two ticks, because both sides see time pass in whole ticks.
        let is_young =
            |age: Ticks| (age.0 + 2) * u64::from(1_000 + drift) < self.options.election_timeout_min.0 * 1_000;
        latest.is_some_and(|&(_, age)| is_young(age))
    }

    fn take_read(&mut self, origin: Origin, mode: ReadMode) {
        let read_index = self.has_committed_in_term().then_some(self.commit_index);
        let is_proven = mode == ReadMode::Lease && self.has_lease();
        // A leader that was deposed does not know it: it must ask before it answers (dissertation §6.4).
        let round = if self.rules.has(Rule::ReadIndex) && !is_proven { Round(self.round().0 + 1) } else { Round(0) };
        if let State::Leader(leadership) = &mut self.state {
            leadership.reads.push(PendingRead { origin, read_index, round });
        }
        if read_index.is_none() {
            self.event(Event::ReadWaiting(ReadBlock::NothingCommitted { term: self.current_term }));
        }
        self.serve_reads();
    }

    /// Begins a round; messages carry its number from now on.
    pub(super) fn begin_round(&mut self) {
        // Enough for every heartbeat of an election timeout; older rounds prove no lease.
        const KEPT: usize = 16;
        let has_leases = self.options.lease_drift_permille.is_some();
        let State::Leader(leadership) = &mut self.state else { return };
        leadership.round.0 += 1;
        if has_leases {
            if leadership.rounds.len() == KEPT {
                leadership.rounds.pop_front();
            }
            leadership.rounds.push_back((leadership.round, Ticks(0)));
        }
    }

    /// Begins a round if reads wait for one that has not begun.
    pub(super) fn begin_round_for_reads(&mut self) {
        let State::Leader(leadership) = &mut self.state else { return };
        let is_needed = leadership.reads.iter().any(|read| read.round > leadership.round);
        if !is_needed {
            return;
        }
        self.begin_round();
        let State::Leader(leadership) = &mut self.state else { return };
        let progress = core::mem::take(&mut leadership.progress);
        for peer in &progress {
            self.show_alive(peer);
        }
        if let State::Leader(leadership) = &mut self.state {
            leadership.progress = progress;
        }
        self.serve_reads();
    }

    /// A follower has answered a later round than before.
    pub(super) fn on_round_answered(&mut self) {
        let State::Leader(leadership) = &self.state else { return };
        if !leadership.rounds.is_empty() {
            let answered = self.answered_round();
            if let State::Leader(leadership) = &mut self.state {
                while leadership.rounds.get(1).is_some_and(|(second, _)| *second <= answered) {
                    leadership.rounds.pop_front();
                }
            }
        }
        self.serve_reads();
    }

    /// Answers the reads that wait for nothing more.
    pub(super) fn serve_reads(&mut self) {
        let State::Leader(leadership) = &self.state else { return };
        if leadership.reads.is_empty() || !self.has_committed_in_term() {
            return;
        }
        let (answered, commit_index) = (self.answered_round(), self.commit_index);
        let State::Leader(leadership) = &mut self.state else { return };
        let servable: Vec<_> = leadership.reads.extract_if(.., |read| read.round <= answered).collect();
        let mut highest = None;
        for read in &servable {
            let read_index = read.read_index.unwrap_or(commit_index);
            highest = highest.max(Some(read_index));
            match read.origin {
                Origin::Here(id) => self.reads.confirmed.push((read_index, id)),
                Origin::Follower(follower, upto) => self.send(follower, Rpc::ReadIndexReply { upto, read_index }),
            }
        }
        if let Some(read_index) = highest {
            self.event(Event::ReadsConfirmed { read_index, reads: servable.len() as u32 });
        }
    }

    /// The latest round that a quorum has answered.
    fn answered_round(&self) -> Round {
        Round(self.configuration().reached(self.quorum_rule(), |id| self.round_of(id).0))
    }

    fn round_of(&self, id: NodeId) -> Round {
        if id == self.id { Round(u64::MAX) } else { self.progress_of(id).map_or(Round(0), Progress::round) }
    }

    /// Moves the reads that ended to where the driver finds them.
    pub(super) fn hand_out_reads(&mut self, ended: &mut Vec<Read>) {
        let applied = self.last_applied;
        core::mem::swap(ended, &mut self.reads.ended);
        if self.reads.confirmed.is_empty() {
            return;
        }
        let servable = self.reads.confirmed.extract_if(.., |(read_index, _)| *read_index <= applied);
        ended.extend(servable.map(|(read_index, id)| Read { id, outcome: ReadOutcome::Servable { read_index } }));
    }

    /// Gives up the reads that nobody will answer any more. Those whose index is known stay.
    pub(super) fn abandon_reads(&mut self) {
        let aborted = |id: ReadId, why: ReadAbort| Read { id, outcome: ReadOutcome::Aborted(why) };
        if let State::Leader(leadership) = &mut self.state {
            let own = leadership.reads.drain(..).filter_map(|read| match read.origin {
                Origin::Here(id) => Some(aborted(id, ReadAbort::LeadershipLost)),
                Origin::Follower(..) => None,
            });
            self.reads.ended.extend(own);
        }
        let asked = self.reads.asked.drain(..).map(|id| aborted(id, ReadAbort::LeaderChanged));
        self.reads.ended.extend(asked);
        self.reads.outstanding = None;
    }
}

/// Between a follower and its leader.
impl Node {
    /// Asks the leader about all reads at once, one question at a time.
    pub(super) fn ask_leader(&mut self) {
        let State::Follower { leader: Some(leader) } = self.state else { return };
        if self.reads.asked.is_empty() || self.reads.outstanding.is_some() {
            return;
        }
        let upto = self.reads.last_position;
        self.reads.outstanding = Some(upto);
        self.reads.is_late = false;
        self.send(leader, Rpc::ReadIndex { upto });
    }

    /// The leader lives; a question that it has not answered since it was last heard may be lost.
    pub(super) fn retry_reads(&mut self) {
        if self.reads.outstanding.is_some() {
            if self.reads.is_late {
                self.reads.outstanding = None;
            }
            self.reads.is_late = true;
        }
    }

    pub(super) fn handle_read_index(&mut self, message: &Message, upto: ReadPosition) {
        let origin = Origin::Follower(message.from, upto);
        let limit = self.options.max_pending_reads;
        let State::Leader(leadership) = &self.state else {
            return self.ignore(message, IgnoreReason::NotLeader);
        };
        if !self.configuration().is_member(message.from) {
            return self.ignore(message, IgnoreReason::NotAMember);
        }
        let is_known = leadership.reads.iter().any(|read| read.origin == origin);
        if is_known || leadership.reads.len() >= limit {
            return self.ignore(message, IgnoreReason::Outdated);
        }
        self.take_read(origin, ReadMode::ReadIndex);
    }

    pub(super) fn handle_read_index_reply(&mut self, message: &Message, upto: ReadPosition, read_index: LogIndex) {
        let is_from_leader = matches!(self.state, State::Follower { leader: Some(leader) } if leader == message.from);
        let reads = &mut self.reads;
        let before_first = ReadPosition(reads.last_position.0 - reads.asked.len() as u64);
        if !is_from_leader || upto > reads.last_position {
            return self.ignore(message, IgnoreReason::NotAsked);
        }
        if upto <= before_first {
            return self.ignore(message, IgnoreReason::Outdated);
        }
        let answered = (upto.0 - before_first.0) as usize;
        reads.confirmed.extend(reads.asked.drain(..answered).map(|id| (read_index, id)));
        reads.outstanding = reads.outstanding.filter(|&outstanding| outstanding > upto);
        self.event(Event::ReadsConfirmed { read_index, reads: answered as u32 });
    }
}
