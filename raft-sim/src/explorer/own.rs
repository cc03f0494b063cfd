//! What a server can break by itself: the invariants that its state before, its state after, and the message in between
//! decide. Each is judged once for every different turn of a server, however many states it occurs in.

use raft_core::{
    AppendOutcome, Configuration, EntryKind, Event, Log, LogIndex, Message, MessageKind, Node, NodeId, Persisted, Role,
    Rpc, SnapshotOutcome, Term, Timer,
};

use super::server::{Server, flags};
use crate::checker::{Invariant, is_consistent, overlap};

/// What is seen of a server while something happens to it.
#[derive(Default)]
pub(super) struct Look {
    pub(super) flags: u16,
    pub(super) told: LogIndex,
    pub(super) broken: Vec<Invariant>,
    /// The last index and term of the AppendEntries, or the end of the snapshot, that came.
    heard: Option<(Term, LogIndex, Option<Term>)>,
    accepted: Option<LogIndex>,
    /// Roles that it took on, with the term of those that have one.
    turns: Vec<(Role, Option<Term>)>,
    /// Terms of which it sent what only a leader sends.
    spoke_for: Vec<Term>,
}

impl Look {
    fn breaks(&mut self, invariant: Invariant) {
        if !self.broken.contains(&invariant) {
            self.broken.push(invariant);
        }
    }

    /// A message is about to be delivered.
    pub(super) fn hears(&mut self, message: &Message, node: &Node) {
        self.heard = match &message.rpc {
            Rpc::AppendEntries(append) => {
                let last = append.prev_log_index.plus(append.entries.len());
                let last_term = append.entries.as_slice().last().map_or(append.prev_log_term, |entry| entry.term);
                Some((message.term, last, Some(last_term)))
            }
            Rpc::InstallSnapshot(install) => Some((message.term, install.last_included_index, None)),
            _ => None,
        };
        if self.heard.is_some() && node.role().is_leader() && node.current_term() == message.term {
            self.breaks(Invariant::Provenance);
        }
    }

    /// The node tells what it did.
    pub(super) fn happened(&mut self, events: &[Event]) {
        for event in events {
            match *event {
                Event::AppendAccepted { match_index, .. } => self.accepted = Some(match_index),
                Event::BecameFollower { .. } => self.turns.push((Role::Follower, None)),
                Event::BecamePreCandidate { .. } => self.turns.push((Role::PreCandidate, None)),
                Event::BecameCandidate { term } => self.turns.push((Role::Candidate, Some(term))),
                Event::BecameLeader { term } => self.turns.push((Role::Leader, Some(term))),
                _ => {}
            }
        }
    }

    /// A message leaves.
    pub(super) fn says(
        &mut self,
        message: &Message,
        node: &Node,
        disk: &Persisted,
        spoken: &mut Option<(Term, NodeId)>,
    ) {
        let is_pre_vote = matches!(message.kind(), MessageKind::PreVote | MessageKind::PreVoteReply);
        if message.term > node.current_term() && !is_pre_vote {
            self.breaks(Invariant::MonotoneMessages);
        }
        let vote = match message.rpc {
            Rpc::RequestVote(request) if !request.pre_vote => Some(message.from),
            Rpc::RequestVoteReply { granted: true, pre_vote: false } => Some(message.to),
            _ => None,
        };
        if let Some(vote) = vote {
            if spoken.is_some_and(|(term, other)| term == message.term && other != vote) {
                self.breaks(Invariant::VoteOnce);
            }
            if spoken.is_none_or(|(term, _)| term < message.term) {
                *spoken = Some((message.term, vote));
            }
            let HardVote { term, voted_for } = HardVote::of(disk);
            if term < message.term || (term == message.term && voted_for != Some(vote)) {
                self.breaks(Invariant::PersistBeforeTalk);
            }
        }
        match message.rpc {
            Rpc::AppendEntries(_) | Rpc::InstallSnapshot(_) => self.spoke_for.push(message.term),
            Rpc::AppendEntriesReply { outcome: AppendOutcome::Accepted { match_index }, .. }
            | Rpc::InstallSnapshotReply { outcome: SnapshotOutcome::Installed { match_index }, .. } => {
                let (log, own) = (&disk.log, node.log());
                let is_same = match_index < log.last_included_index()
                    || match_index < own.last_included_index()
                    || node.current_term() > message.term
                    || log.term_at(match_index) == own.term_at(match_index);
                if disk.hard_state.current_term <= message.term && (log.last_index() < match_index || !is_same) {
                    self.breaks(Invariant::PersistBeforeTalk);
                }
            }
            _ => {}
        }
    }

    /// A read that must show everything up to an index is answered from the state after another.
    pub(super) fn answers_read(&mut self, acknowledged: LogIndex, shown: LogIndex) {
        if shown < acknowledged {
            self.breaks(Invariant::LinearizableReads);
        }
        // Who reads later must not see less.
        self.tells(shown, Term(0));
    }

    /// A client is told of what happened up to an index.
    pub(super) fn tells(&mut self, index: LogIndex, _term: Term) {
        self.told = self.told.max(index);
        self.flags |= flags::TOLD;
    }

    /// The state machine, which has everything up to `applied`, is given `first` and more.
    pub(super) fn applies(&mut self, applied: LogIndex, first: LogIndex, expected: LogIndex) {
        if first != expected || first <= applied {
            self.breaks(Invariant::AppliedOnce);
        }
    }
}

struct HardVote {
    term: Term,
    voted_for: Option<NodeId>,
}

impl HardVote {
    const fn of(disk: &Persisted) -> Self {
        Self { term: disk.hard_state.current_term, voted_for: disk.hard_state.voted_for }
    }
}

/// Judges a turn of a server, and notes what the others must be asked about.
pub(super) fn judge(before: &Server, after: &Server, look: &mut Look) {
    let (Some(old), Some(new)) = (&before.node, &after.node) else { return };
    judge_roles(before, old, new, look);
    judge_log(old, new, look);
    judge_commit(old, new, look);
    if new.role().is_leader() {
        judge_leader(old, new, look);
    }
    let is_lower = new.current_term() < old.current_term()
        || new.last_applied() < old.last_applied()
        || after.disk.hard_state.current_term < before.disk.hard_state.current_term;
    if is_lower {
        look.breaks(Invariant::Monotone);
    }
    let (log, applied, commit) = (new.log(), new.last_applied(), new.commit_index());
    let (base, last) = (log.last_included_index(), log.last_index());
    let is_restored = applied >= base || after.disk.log.last_included_index() < base;
    if !([applied, commit, last].is_sorted() && base <= commit && is_restored) {
        look.breaks(Invariant::IndexOrder);
    }
    if new.current_term() != old.current_term() {
        look.flags |= flags::TERM;
    }
    if new.leader() != old.leader() && new.leader().is_some() {
        look.flags |= flags::FOLLOWS;
    }
    if after.disk.log != before.disk.log {
        look.flags |= flags::LOG;
    }
}

fn judge_roles(before: &Server, old: &Node, new: &Node, look: &mut Look) {
    let id = before.id;
    let (mut role, mut campaign, mut led) = (old.role(), None, old.role().is_leader().then(|| old.current_term()));
    if old.role() == Role::Candidate {
        campaign = Some(old.current_term());
    }
    let mut led_terms = Vec::from_iter(led);
    for (to, term) in core::mem::take(&mut look.turns) {
        let is_permitted = match to {
            Role::Follower => true,
            Role::PreCandidate | Role::Candidate => role != Role::Leader,
            Role::Leader => role == Role::Candidate && term == campaign,
        };
        if !is_permitted {
            look.breaks(Invariant::StateTransitions);
        }
        match to {
            Role::Candidate => campaign = term,
            Role::Leader => {
                led = term;
                led_terms.extend(term);
                look.flags |= flags::LED;
            }
            _ => {}
        }
        role = to;
    }
    let role_term = match new.role() {
        Role::Leader => led,
        Role::Candidate => campaign,
        _ => None,
    };
    if role != new.role() || role_term.is_some_and(|of| of != new.current_term()) {
        look.breaks(Invariant::StateTransitions);
    }
    let has_heartbeat = matches!(new.timer(), Timer::Heartbeat { .. });
    if has_heartbeat != new.role().is_leader() || (new.role().is_leader() && new.voted_for() != Some(id)) {
        look.breaks(Invariant::LeaderSelf);
    }
    if look.spoke_for.iter().any(|term| !led_terms.contains(term)) {
        look.breaks(Invariant::Provenance);
    }
}

fn judge_log(old: &Node, new: &Node, look: &mut Look) {
    let (before, after) = (old.log(), new.log());
    if before == after {
        return;
    }
    look.flags |= flags::LOG;
    let base = after.last_included_index();
    if base != before.last_included_index() {
        look.flags |= flags::BASE;
    }
    let is_still_leader = old.role().is_leader() && new.role().is_leader() && old.current_term() == new.current_term();
    let is_kept = |upto: LogIndex| {
        let mut known = before.iter_from(base.next()).take_while(|(index, _)| *index <= upto);
        known.all(|(index, entry)| after.term_at(index) == Some(entry.term))
    };
    if is_still_leader && !is_kept(before.last_index()) {
        look.breaks(Invariant::LeaderAppendOnly);
    }
    if !is_kept(old.commit_index()) {
        look.breaks(Invariant::PermittedLogChanges);
    }
    let terms = core::iter::once(after.last_included_term()).chain(after.iter_from(base.next()).map(|(_, e)| e.term));
    let is_fresh = after.iter_from(base.next()).all(|(_, entry)| entry.term > Term(0));
    if !terms.is_sorted() || !is_fresh || after.last_term() > new.current_term() {
        look.breaks(Invariant::MonotoneLog);
    }
    let configurations = configurations(after);
    let is_apart =
        |pair: &[(LogIndex, &Configuration)]| !pair[0].1.voters().is_empty() && !overlap(pair[0].1, pair[1].1);
    if configurations.windows(2).any(is_apart) {
        look.breaks(Invariant::QuorumOverlap);
    }
    // A leader changes the configuration only after it has committed an entry of its term.
    let has_new = configurations.last().is_some_and(|(index, _)| *index > before.last_index());
    if has_new && new.role().is_leader() && after.term_at(new.commit_index()) != Some(new.current_term()) {
        look.breaks(Invariant::OneReconfiguration);
    }
    if let (Some(last), true) = (configurations.last(), !configurations.is_empty())
        && (last.0 != after.configuration_index() || last.1 != &**new.configuration())
    {
        look.breaks(Invariant::ConfigurationFromLog);
    }
}

/// The configurations of a log, that at its base first.
pub(super) fn configurations(log: &Log) -> Vec<(LogIndex, &Configuration)> {
    let base = log.last_included_index();
    let carried = log.iter_from(base.next()).filter_map(|(index, entry)| match &entry.kind {
        EntryKind::Configuration(configuration) => Some((index, &**configuration)),
        EntryKind::NoOp | EntryKind::Command(_) => None,
    });
    core::iter::once((base, &**log.configuration_at(base))).chain(carried).collect()
}

fn judge_commit(old: &Node, new: &Node, look: &mut Look) {
    let (before, commit) = (old.commit_index(), new.commit_index());
    if let (Some((_, last, Some(last_term))), Some(accepted)) = (look.heard, look.accepted) {
        let log = new.log();
        let is_there = last <= log.last_included_index() || log.term_at(last) == Some(last_term);
        if accepted != last || !is_there {
            look.breaks(Invariant::AppendPrefix);
        }
    }
    if commit < before {
        look.breaks(Invariant::Monotone);
    }
    if commit <= before {
        return;
    }
    look.flags |= flags::COMMIT;
    let has_led = old.role().is_leader() || new.role().is_leader();
    let verified = match (look.heard, look.accepted) {
        (Some((_, _, Some(_))), Some(accepted)) => accepted,
        (Some((_, index, None)), _) => index,
        _ => before,
    };
    if !has_led && commit > verified {
        look.breaks(Invariant::CommitVerified);
    }
    if new.role().is_leader() && new.log().term_at(commit) != Some(new.current_term()) {
        look.breaks(Invariant::CommitOwnTerm);
    }
}

fn judge_leader(old: &Node, new: &Node, look: &mut Look) {
    let is_same_leader = old.role().is_leader() && old.current_term() == new.current_term();
    for peer in new.progress() {
        let known = old.progress().iter().find(|other| other.id() == peer.id()).filter(|_| is_same_leader);
        let known = known.map_or(LogIndex(0), raft_core::Progress::match_index);
        if peer.match_index() < known {
            look.breaks(Invariant::MatchMonotone);
        }
        if peer.match_index() != known {
            look.flags |= flags::MATCH;
        }
        if !is_consistent(new, peer) {
            look.breaks(Invariant::ProgressRelations);
        }
    }
    let log = new.log();
    if log.configuration_index() <= new.commit_index() && !new.configuration().is_voter(new.id()) {
        look.breaks(Invariant::RemovedInert);
    }
}
