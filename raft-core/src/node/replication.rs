//! Log replication and commitment (§5.3, §5.4.2, dissertation §10.2).

use alloc::collections::VecDeque;
use alloc::sync::Arc;
use alloc::vec::Vec;

use crate::node::State;
use crate::node::reads::PendingRead;
use crate::node::transfer::Transfer;
use crate::{
    AppendEntries, AppendOutcome, CommitBlock, Entries, Entry, EntryKind, Event, FollowerReason, IgnoreReason,
    LogIndex, Message, MessageKind, Node, NodeId, Progress, ProgressState, Round, Rpc, Rule, SnapshotOutcome, Term,
    Ticks,
};

/// What only a leader keeps.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Leadership {
    /// One per other member, in ascending order of their ids.
    pub(super) progress: Vec<Progress>,
    /// Bytes of the entries after `commit_index`.
    pub(super) uncommitted_bytes: usize,
    /// The latest round of heartbeats (dissertation §6.4).
    pub(super) round: Round,
    /// Rounds that a quorum has not answered yet and the latest that it has, each with its age. Kept only for leases.
    pub(super) rounds: VecDeque<(Round, Ticks)>,
    /// Reads that wait for a round, or for the first commit of the term, oldest first.
    pub(super) reads: Vec<PendingRead>,
    /// The hand-over under way.
    pub(super) transfer: Option<Transfer>,
    /// Whether somebody was asked to campaign in spite of all leases: then this leader has none for the rest of its term.
    pub(super) has_waived_lease: bool,
}

/// The leader's side.
impl Node {
    /// Takes office, with nothing known about the followers' logs.
    pub(super) fn lead(&mut self) {
        self.state = State::Leader(Leadership {
            uncommitted_bytes: self.log.iter_from(self.commit_index.next()).map(|(_, entry)| entry.size()).sum(),
            ..Leadership::default()
        });
        self.follow_configuration();
        self.timers.heartbeat_left = self.options.heartbeat_interval;
    }

    pub(super) fn append_as_leader(&mut self, kind: EntryKind) -> LogIndex {
        let entry = Entry { term: self.current_term, kind };
        if let State::Leader(leadership) = &mut self.state {
            leadership.uncommitted_bytes += entry.size();
        }
        self.log.append(entry);
        let index = self.log.last_index();
        self.durability.touch_log(index);
        self.event(Event::EntriesAppended { first: index, last: index, term: self.current_term });
        if !self.rules.has(Rule::PersistLog) {
            self.maybe_commit();
        }
        index
    }

    /// Sends to every follower what it lacks, as far as its window allows. Called when output is taken, so that any
    /// number of proposals in between travels in one message.
    pub(super) fn replicate(&mut self) {
        self.hand_over();
        self.begin_round_for_reads();
        let State::Leader(leadership) = &mut self.state else {
            return;
        };
        let last_index = self.log.last_index();
        let mut progress = core::mem::take(&mut leadership.progress);
        // Followers that stand at the same index get the same run.
        let mut run = Run::default();
        for peer in &mut progress {
            self.send_snapshot_if_needed(peer);
            match peer.state {
                ProgressState::Probe if !peer.waiting => {
                    self.send_entries(peer, &mut run);
                    peer.waiting = true;
                }
                ProgressState::Snapshot if !peer.waiting => self.send_snapshot_piece(peer),
                ProgressState::Probe | ProgressState::Snapshot => {}
                ProgressState::Replicate => {
                    let is_limited = self.rules.has(Rule::FlowControl);
                    while peer.next_index <= last_index && (!is_limited || peer.has_room(&self.options)) {
                        self.send_entries(peer, &mut run);
                    }
                }
            }
        }
        if let State::Leader(leadership) = &mut self.state {
            leadership.progress = progress;
        }
    }

    /// Shows every follower that the leader lives, and repeats what seems lost.
    pub(super) fn heartbeat(&mut self) {
        self.begin_round();
        let last_index = self.log.last_index();
        let State::Leader(leadership) = &mut self.state else {
            return;
        };
        let mut progress = core::mem::take(&mut leadership.progress);
        for peer in &mut progress {
            if let Some(catch_up) = peer.catch_up.as_mut().filter(|round| round.target <= peer.match_index) {
                catch_up.target = last_index;
            }
            match peer.state {
                // The probe or its answer may be lost: let `replicate` send it again.
                ProgressState::Probe => peer.waiting = false,
                ProgressState::Snapshot => self.keep_sending_snapshot(peer),
                // Nothing acknowledged for a whole interval: go back to what is known. The probe is the heartbeat.
                ProgressState::Replicate if peer.waiting => {
                    peer.probe_from(peer.match_index.next());
                    self.event(Event::ProgressChanged { follower: peer.id, state: peer.state });
                }
                ProgressState::Replicate => {
                    peer.waiting = peer.inflight() > 0;
                    self.show_alive(peer);
                }
            }
        }
        if let State::Leader(leadership) = &mut self.state {
            leadership.progress = progress;
        }
        self.repeat_timeout_now();
    }

    /// Sends a follower something that asks nothing of it but an answer.
    pub(super) fn show_alive(&mut self, peer: &Progress) {
        if peer.state == ProgressState::Snapshot {
            return self.send_empty_piece(peer);
        }
        // Built on what is known to match, so a heartbeat that overtakes entries is not refused.
        let known = peer.match_index.max(self.log.last_included_index());
        self.send_append(peer.id, known, Entries::default());
    }

    fn send_entries(&mut self, peer: &mut Progress, run: &mut Run) {
        let first = peer.next_index;
        if run.first != first {
            let entries = self.log.run(first, self.options.max_append_entries, self.options.max_append_bytes);
            *run = Run { first, bytes: entries.size(), entries };
        }
        // A probe stays where it is until it is answered; the window moves ahead.
        if peer.state == ProgressState::Replicate {
            peer.sent(first.prev().plus(run.entries.len()), run.bytes);
        }
        self.send_append(peer.id, first.prev(), run.entries.clone());
    }

    /// The latest round, if this node leads.
    pub(super) fn round(&self) -> Round {
        match &self.state {
            State::Leader(leadership) => leadership.round,
            _ => Round(0),
        }
    }

    fn send_append(&mut self, to: NodeId, prev_log_index: LogIndex, entries: Entries) {
        let Some(prev_log_term) = self.log.term_at(prev_log_index) else {
            return;
        };
        let (leader_commit, round) = (self.commit_index, self.round());
        let append = AppendEntries { prev_log_index, prev_log_term, leader_commit, entries, round };
        self.send(to, Rpc::AppendEntries(append));
    }

    /// Notes that a follower answered something that was sent after `round` began. `None`: there is no such follower.
    pub(super) fn heard_from(&mut self, message: &Message, round: Round) -> Option<&mut Progress> {
        let State::Leader(leadership) = &mut self.state else {
            self.ignore(message, IgnoreReason::NotAsked);
            return None;
        };
        let latest = leadership.round;
        let Some(at) = leadership.progress.iter().position(|peer| peer.id == message.from) else {
            self.ignore(message, IgnoreReason::NotAMember);
            return None;
        };
        let peer = &mut leadership.progress[at];
        peer.silence = Ticks(0);
        if round > peer.round && round <= latest {
            peer.round = round;
            self.on_round_answered();
        }
        match &mut self.state {
            State::Leader(leadership) => leadership.progress.get_mut(at),
            _ => None,
        }
    }

    pub(super) fn handle_append_reply(&mut self, message: &Message, outcome: AppendOutcome, round: Round) {
        let last_index = self.log.last_index();
        let Some(peer) = self.heard_from(message, round) else { return };
        let follower = peer.id;
        match outcome {
            AppendOutcome::Accepted { match_index } => self.handle_match(message, match_index),
            AppendOutcome::Conflict { prev_log_index, conflict_index, conflict_term } => {
                if prev_log_index > last_index {
                    return self.ignore(message, IgnoreReason::Impossible);
                }
                // A refusal that does not answer the present probe was overtaken by events.
                let is_present = match peer.state {
                    ProgressState::Probe => prev_log_index.next() == peer.next_index,
                    ProgressState::Replicate => prev_log_index > peer.match_index,
                    ProgressState::Snapshot => false,
                };
                if !is_present {
                    return self.ignore(message, IgnoreReason::Outdated);
                }
                let next_index = if self.rules.has(Rule::FastBackup) {
                    self.next_after_conflict(prev_log_index, conflict_index, conflict_term)
                } else {
                    prev_log_index
                };
                self.move_back(follower, next_index);
            }
            AppendOutcome::StaleTerm => self.ignore(message, IgnoreReason::Impossible),
        }
    }

    /// A follower's durable log equals this one up to `match_index`.
    pub(super) fn handle_match(&mut self, message: &Message, match_index: LogIndex) {
        let (last_index, first_index) = (self.log.last_index(), self.log.first_index());
        let State::Leader(leadership) = &mut self.state else { return };
        let Some(peer) = leadership.progress.iter_mut().find(|peer| peer.id == message.from) else { return };
        if match_index > last_index {
            return self.ignore(message, IgnoreReason::Impossible);
        }
        let follower = peer.id;
        let is_news = peer.acknowledged(match_index);
        let is_found = match peer.state {
            ProgressState::Probe => is_news || match_index.next() >= peer.next_index,
            // The log can go on where the follower is, however it got there.
            ProgressState::Snapshot => peer.match_index.next() >= first_index,
            ProgressState::Replicate => false,
        };
        let caught_up = peer.follow_catch_up(last_index, &self.options);
        if is_found {
            peer.replicate();
            self.event(Event::ProgressChanged { follower, state: ProgressState::Replicate });
        }
        if let Some(rounds) = caught_up {
            self.event(Event::CaughtUp { learner: follower, rounds });
        }
        if is_news && match_index > self.commit_index {
            self.maybe_commit();
        }
    }

    /// The next index to try after a refusal, skipping all entries of the conflicting term at once (§5.3).
    fn next_after_conflict(&self, prev: LogIndex, conflict_index: LogIndex, conflict_term: Option<Term>) -> LogIndex {
        let Some(term) = conflict_term else {
            return conflict_index.min(prev);
        };
        // Past this index the leader's terms are all higher than the follower's, so nothing there can match.
        let candidate = self.log.last_index_with_term_at_most(term, prev.prev());
        let after = candidate.next();
        // With the same term the logs may meet right there; with a lower one only before the follower's run of the term.
        if self.log.term_at(candidate) == Some(term) { after } else { after.min(conflict_index) }
    }

    fn move_back(&mut self, follower: NodeId, next_index: LogIndex) {
        let State::Leader(leadership) = &mut self.state else {
            return;
        };
        let Some(peer) = leadership.progress.iter_mut().find(|peer| peer.id == follower) else {
            return;
        };
        let was = peer.state;
        peer.probe_from(next_index);
        let next_index = peer.next_index;
        if was == ProgressState::Replicate {
            self.event(Event::ProgressChanged { follower, state: ProgressState::Probe });
        }
        self.event(Event::NextIndexMovedBack { follower, next_index });
    }

    /// Commits what a quorum holds (§5.3, §5.4.2).
    pub(super) fn maybe_commit(&mut self) {
        if !self.role().is_leader() {
            return;
        }
        let index = LogIndex(self.configuration().reached(self.quorum_rule(), |id| self.match_index_of(id).0));
        if index <= self.commit_index {
            return;
        }
        let entry_term = self.log.term_at(index).unwrap_or_default();
        // A leader may count replicas only for entries of its own term: an older entry on a majority can still be
        // overwritten (§5.4.2, figure 8).
        if self.rules.has(Rule::CommitCurrentTermOnly) && entry_term != self.current_term {
            return self.event(Event::CommitBlocked(CommitBlock::OlderTerm { index, entry_term }));
        }
        self.commit_to(index);
        self.serve_reads();
        self.settle_configuration();
    }

    /// Why the leader has not committed its next entry; `None` if there is none, or this node does not lead.
    ///
    /// ```
    /// # mod tour { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/tour.rs")); } use tour::Cluster;
    /// # use raft_core::{CommitBlock, NodeId};
    /// # let mut cluster = Cluster::start(&[1, 2, 3]);
    /// # cluster.node(1).campaign();
    /// # cluster.settle();
    /// let leader = cluster.node(1);
    /// assert_eq!(leader.commit_block(), None);             // everything is committed
    /// let index = leader.propose("x".into())?;
    /// assert_eq!(leader.commit_block(), Some(CommitBlock::NoQuorum { index, have: 0, need: 2 }));
    /// assert_eq!(leader.voters_lacking(index), [1, 2, 3].map(NodeId)); // its own disk has not confirmed it, either
    /// # Ok::<(), raft_core::ProposeError>(())
    /// ```
    pub fn commit_block(&self) -> Option<CommitBlock> {
        let index = self.commit_index.next();
        let entry_term = self.log.term_at(index).filter(|_| self.role().is_leader())?;
        let (have, need) = self.configuration().count(self.quorum_rule(), |id| self.match_index_of(id) >= index);
        Some(if have < need {
            CommitBlock::NoQuorum { index, have, need }
        } else {
            CommitBlock::OlderTerm { index, entry_term }
        })
    }

    /// The voters that are not known to hold the entry at `index`, in ascending order; none unless this node leads.
    pub fn voters_lacking(&self, index: LogIndex) -> Vec<NodeId> {
        let mut voters = self.configuration().members();
        voters.retain(|&id| {
            self.role().is_leader() && self.configuration().is_voter(id) && self.match_index_of(id) < index
        });
        voters
    }

    /// Up to where a voter is known to hold the leader's log.
    fn match_index_of(&self, id: NodeId) -> LogIndex {
        if id != self.id {
            return self.progress_of(id).map_or(LogIndex(0), |peer| peer.match_index);
        }
        // The leader's own copy counts like any other: when it is durable.
        if self.rules.has(Rule::PersistLog) { self.durability.last_index } else { self.log.last_index() }
    }

    fn commit_to(&mut self, index: LogIndex) {
        let from = core::mem::replace(&mut self.commit_index, index);
        self.event(Event::CommitAdvanced { from, to: index });
        if let State::Leader(leadership) = &mut self.state {
            let committed = self.log.iter_from(from.next()).take_while(|(at, _)| *at <= index);
            let bytes: usize = committed.map(|(_, entry)| entry.size()).sum();
            leadership.uncommitted_bytes = leadership.uncommitted_bytes.saturating_sub(bytes);
        }
    }

    pub(super) fn progress_of(&self, id: NodeId) -> Option<&Progress> {
        self.progress().iter().find(|peer| peer.id == id)
    }
}

/// A run of entries that was just sent to one follower and may suit the next.
#[derive(Default)]
struct Run {
    first: LogIndex,
    entries: Entries,
    bytes: usize,
}

/// The follower's side.
impl Node {
    pub(super) fn refuse_stale_leader(&mut self, message: &Message) {
        self.ignore(message, IgnoreReason::StaleTerm);
        // The round belongs to a term that is over.
        let round = Round(0);
        let reply = match message.rpc {
            Rpc::InstallSnapshot(_) => Rpc::InstallSnapshotReply { outcome: SnapshotOutcome::StaleTerm, round },
            _ => Rpc::AppendEntriesReply { outcome: AppendOutcome::StaleTerm, round },
        };
        self.send(message.from, reply);
    }

    /// Follows the leader of the current term; `false` if this node leads that term itself.
    pub(super) fn obey(&mut self, leader: NodeId, kind: MessageKind) -> bool {
        match self.state {
            // Two leaders in one term: this node must not obey the other (§5.2).
            State::Leader(_) => {
                self.ignore_kind(leader, kind, IgnoreReason::Impossible);
                return false;
            }
            State::Follower { leader: Some(known) } if known == leader => {}
            _ => self.become_follower(Some(leader), FollowerReason::LeaderHeard),
        }
        self.heard_from_leader();
        true
    }

    pub(super) fn handle_append_entries(&mut self, leader: NodeId, append: AppendEntries) {
        if !self.obey(leader, MessageKind::AppendEntries) {
            return;
        }
        if !self.agrees_with_snapshot(&append) {
            return self.ignore_kind(leader, MessageKind::AppendEntries, IgnoreReason::Impossible);
        }
        let AppendEntries { prev_log_index, prev_log_term, leader_commit, entries, round } = append;
        if entries.is_empty() {
            self.retry_reads();
        }
        if !self.passes_consistency_check(prev_log_index, prev_log_term) {
            return self.reject_append(leader, prev_log_index, prev_log_term, round);
        }
        let match_index = prev_log_index.plus(entries.len());
        let configuration = Arc::clone(self.configuration());
        self.store(prev_log_index, &entries);
        self.note_configuration(&configuration);
        self.event(Event::AppendAccepted { leader, match_index });
        // The leader may have committed more than this message lets the follower verify.
        let commit_index = leader_commit.min(match_index);
        if commit_index > self.commit_index {
            self.commit_to(commit_index);
        }
        // An acknowledgement is a promise to remember, so it leaves after the entries are durable.
        let mut gate = self.durability.hard_state_write;
        if self.rules.has(Rule::PersistLog) && match_index > self.durability.last_index {
            gate = gate.max(self.durability.log_write());
        }
        let rpc = Rpc::AppendEntriesReply { outcome: AppendOutcome::Accepted { match_index }, round };
        self.send_in_term(leader, self.current_term, rpc, gate);
    }

    /// Whether entries that reach over the end of the snapshot hold its last one. What is committed never differs.
    fn agrees_with_snapshot(&self, append: &AppendEntries) -> bool {
        let position = self.log.last_included_index().0.checked_sub(append.prev_log_index.next().0);
        let position = position.and_then(|position| usize::try_from(position).ok());
        let last_included = position.and_then(|position| append.entries.as_slice().get(position));
        last_included.is_none_or(|entry| entry.term == self.log.last_included_term())
    }

    fn passes_consistency_check(&self, prev_log_index: LogIndex, prev_log_term: Term) -> bool {
        // What a snapshot covers is committed, so it matches. What is not there at all cannot be built upon.
        if prev_log_index < self.log.last_included_index() {
            return true;
        }
        match self.log.term_at(prev_log_index) {
            None => false,
            Some(term) => term == prev_log_term || !self.rules.has(Rule::ConsistencyCheck),
        }
    }

    fn reject_append(&mut self, leader: NodeId, prev_log_index: LogIndex, prev_log_term: Term, round: Round) {
        let conflict_term = self.log.term_at(prev_log_index);
        let conflict_index = match conflict_term {
            Some(_) => self.log.first_index_of_term_at(prev_log_index),
            None => self.log.last_index().next(),
        };
        self.event(Event::AppendRejected { leader, prev_log_index, prev_log_term, conflict_index, conflict_term });
        let outcome = AppendOutcome::Conflict { prev_log_index, conflict_index, conflict_term };
        self.send(leader, Rpc::AppendEntriesReply { outcome, round });
    }

    /// Makes the log equal to the leader's from `prev_log_index` to the last of `entries` (§5.3).
    fn store(&mut self, prev_log_index: LogIndex, run: &Entries) {
        let entries = run.as_slice();
        let at = |position: usize| prev_log_index.next().plus(position);
        let is_known = |log: &crate::Log, position: usize| {
            at(position) <= log.last_included_index() || log.term_at(at(position)) == Some(entries[position].term)
        };
        let known = (0..entries.len()).take_while(|&position| is_known(&self.log, position)).count();

        // Entries may be removed only where they conflict: a late, short message must not cut off what came after it.
        if known < entries.len() || !self.rules.has(Rule::TruncateOnConflict) {
            self.truncate_from(at(known));
        }
        if known == entries.len() {
            return;
        }
        self.log.append_all(&entries[known..]);
        self.durability.touch_log(at(known));
        if known == 0 {
            self.durability.offer_run(at(0), run);
        }
        self.event(Event::EntriesAppended {
            first: at(known),
            last: self.log.last_index(),
            term: self.log.last_term(),
        });
    }

    fn truncate_from(&mut self, first: LogIndex) {
        let (first, last) = (first.max(self.log.first_index()), self.log.last_index());
        if first > last {
            return;
        }
        self.log.truncate_after(first.prev());
        self.durability.touch_log(first);
        self.take_back_acknowledgements(first);
        self.event(Event::EntriesTruncated { first, last, committed: first <= self.commit_index });
    }

    /// Takes back acknowledgements that have not left yet, of entries that are gone.
    pub(super) fn take_back_acknowledgements(&mut self, first: LogIndex) {
        self.gated.retain(|(_, message)| match message.rpc {
            Rpc::AppendEntriesReply { outcome: AppendOutcome::Accepted { match_index }, .. } => match_index < first,
            _ => true,
        });
    }
}
