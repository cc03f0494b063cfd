//! Log replication and commitment (§5.3, §5.4.2, dissertation §10.2).

use alloc::vec::Vec;

use crate::node::State;
use crate::{
    AppendEntries, AppendOutcome, CommitBlock, Entries, Entry, EntryKind, Event, FollowerReason, IgnoreReason,
    LogIndex, Message, Node, NodeId, Progress, ProgressState, Rpc, Rule, Term,
};

/// What only a leader keeps.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Leadership {
    /// One per other member, in ascending order of their ids.
    pub(super) progress: Vec<Progress>,
    /// Bytes of the entries after `commit_index`.
    pub(super) uncommitted_bytes: usize,
}

/// The leader's side.
impl Node {
    /// Takes office, with nothing known about the followers' logs.
    pub(super) fn lead(&mut self, peers: &[NodeId]) {
        let next_index = self.log.last_index().next();
        self.state = State::Leader(Leadership {
            progress: peers.iter().map(|&id| Progress::new(id, next_index)).collect(),
            uncommitted_bytes: self.log.iter_from(self.commit_index.next()).map(|(_, entry)| entry.size()).sum(),
        });
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
        let State::Leader(leadership) = &mut self.state else {
            return;
        };
        let last_index = self.log.last_index();
        let mut progress = core::mem::take(&mut leadership.progress);
        // Followers that stand at the same index get the same run.
        let mut run = Run::default();
        for peer in &mut progress {
            match peer.state {
                ProgressState::Probe if !peer.waiting => {
                    self.send_entries(peer, &mut run);
                    peer.waiting = true;
                }
                ProgressState::Probe => {}
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
        let State::Leader(leadership) = &mut self.state else {
            return;
        };
        let mut progress = core::mem::take(&mut leadership.progress);
        for peer in &mut progress {
            match peer.state {
                // The probe or its answer may be lost: let `replicate` send it again.
                ProgressState::Probe => peer.waiting = false,
                // Nothing acknowledged for a whole interval: go back to what is known. The probe is the heartbeat.
                ProgressState::Replicate if peer.waiting => {
                    peer.probe_from(peer.match_index.next());
                    self.event(Event::ProgressChanged { follower: peer.id, state: peer.state });
                }
                ProgressState::Replicate => {
                    peer.waiting = peer.inflight() > 0;
                    // Built on what is known to match, so a heartbeat that overtakes entries is not refused.
                    self.send_append(peer.id, peer.match_index, Entries::default());
                }
            }
        }
        if let State::Leader(leadership) = &mut self.state {
            leadership.progress = progress;
        }
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

    fn send_append(&mut self, to: NodeId, prev_log_index: LogIndex, entries: Entries) {
        let Some(prev_log_term) = self.log.term_at(prev_log_index) else {
            return;
        };
        let leader_commit = self.commit_index;
        self.send(to, Rpc::AppendEntries(AppendEntries { prev_log_index, prev_log_term, leader_commit, entries }));
    }

    pub(super) fn handle_append_reply(&mut self, message: &Message, outcome: AppendOutcome) {
        let last_index = self.log.last_index();
        let State::Leader(leadership) = &mut self.state else {
            return self.ignore(message, IgnoreReason::NotAsked);
        };
        let Some(peer) = leadership.progress.iter_mut().find(|peer| peer.id == message.from) else {
            return self.ignore(message, IgnoreReason::NotAMember);
        };
        peer.silence.0 = 0;
        let follower = peer.id;
        match outcome {
            AppendOutcome::Accepted { match_index } if match_index > last_index => {
                self.ignore(message, IgnoreReason::Impossible);
            }
            AppendOutcome::Accepted { match_index } => {
                let is_news = peer.acknowledged(match_index);
                if peer.state == ProgressState::Probe && (is_news || match_index.next() >= peer.next_index) {
                    peer.replicate();
                    self.event(Event::ProgressChanged { follower, state: ProgressState::Replicate });
                }
                if is_news && match_index > self.commit_index {
                    self.maybe_commit();
                }
            }
            AppendOutcome::Conflict { prev_log_index, conflict_index, conflict_term } => {
                if prev_log_index > last_index {
                    return self.ignore(message, IgnoreReason::Impossible);
                }
                // A refusal that does not answer the present probe was overtaken by events.
                let is_present = match peer.state {
                    ProgressState::Probe => prev_log_index.next() == peer.next_index,
                    ProgressState::Replicate => prev_log_index > peer.match_index,
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
    }

    /// Why the leader has not committed its next entry; `None` if there is none, or this node does not lead.
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
    pub(super) fn refuse_stale_leader(&mut self, leader: NodeId) {
        self.ignore_kind(leader, crate::MessageKind::AppendEntries, IgnoreReason::StaleTerm);
        self.send(leader, Rpc::AppendEntriesReply(AppendOutcome::StaleTerm));
    }

    pub(super) fn handle_append_entries(&mut self, leader: NodeId, append: AppendEntries) {
        match self.state {
            // Two leaders in one term: this node must not obey the other (§5.2).
            State::Leader(_) => {
                return self.ignore_kind(leader, crate::MessageKind::AppendEntries, IgnoreReason::Impossible);
            }
            State::Follower { leader: Some(known) } if known == leader => {}
            _ => self.become_follower(Some(leader), FollowerReason::LeaderHeard),
        }
        self.heard_from_leader();

        let AppendEntries { prev_log_index, prev_log_term, leader_commit, entries } = append;
        if !self.passes_consistency_check(prev_log_index, prev_log_term) {
            return self.reject_append(leader, prev_log_index, prev_log_term);
        }
        let match_index = prev_log_index.plus(entries.len());
        self.store(prev_log_index, &entries);
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
        let rpc = Rpc::AppendEntriesReply(AppendOutcome::Accepted { match_index });
        self.send_in_term(leader, self.current_term, rpc, gate);
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

    fn reject_append(&mut self, leader: NodeId, prev_log_index: LogIndex, prev_log_term: Term) {
        let conflict_term = self.log.term_at(prev_log_index);
        let conflict_index = match conflict_term {
            Some(_) => self.log.first_index_of_term_at(prev_log_index),
            None => self.log.last_index().next(),
        };
        self.event(Event::AppendRejected { leader, prev_log_index, prev_log_term, conflict_index, conflict_term });
        let outcome = AppendOutcome::Conflict { prev_log_index, conflict_index, conflict_term };
        self.send(leader, Rpc::AppendEntriesReply(outcome));
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
        let last = self.log.last_index();
        if first > last {
            return;
        }
        self.log.truncate_after(first.prev());
        self.durability.touch_log(first);
        // What was to be acknowledged after the next write is gone.
        self.gated.retain(|(_, message)| {
            !matches!(message.rpc, Rpc::AppendEntriesReply(AppendOutcome::Accepted { match_index }) if match_index >= first)
        });
        self.event(Event::EntriesTruncated { first, last, committed: first <= self.commit_index });
    }
}
