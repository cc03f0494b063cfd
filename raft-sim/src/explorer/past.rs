//! What a state must remember of its past to be judged, and what it breaks together with it.

use raft_core::{Entry, LogIndex, NodeId, Rename, Term};

use super::own::configurations;
use super::server::{Server, flags};
use crate::checker::Invariant;

/// The past, as far as the future can contradict it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Past {
    /// Who ever led a term.
    leaders: Vec<(Term, NodeId)>,
    /// Every entry that was ever known to be committed, from index 1 on, with the term of the server that first knew it.
    committed: Vec<(Entry, Term)>,
    /// The highest index that a client knows of.
    pub(super) acknowledged: LogIndex,
}

/// The flags of turns that change the past, or that it can contradict.
pub(super) const MAKES_HISTORY: u16 = flags::LED | flags::COMMIT | flags::TOLD | flags::FOLLOWS | flags::BASE;
/// The flags of turns that the others must agree with.
pub(super) const CONCERNS_OTHERS: u16 = flags::LED | flags::COMMIT | flags::LOG | flags::MATCH | flags::RESTARTED;

impl Past {
    fn leader_of(&self, term: Term) -> Option<NodeId> {
        self.leaders.iter().find(|(of, _)| *of == term).map(|(_, leader)| *leader)
    }

    fn committed_at(&self, index: LogIndex) -> Option<&(Entry, Term)> {
        self.committed.get(usize::try_from(index.0.checked_sub(1)?).ok()?)
    }

    fn last_index(&self) -> LogIndex {
        LogIndex(self.committed.len() as u64)
    }

    /// Whether a server holds everything that was committed in terms before `term`, in its log or under its snapshot.
    fn is_held(&self, server: &Server, term: Term) -> bool {
        let log = server.log();
        let mut old = self.committed.iter().zip(1_u64..).filter(|((_, commit_term), _)| *commit_term < term);
        old.all(|((entry, _), at)| at <= log.last_included_index().0 || log.entry(LogIndex(at)) == Some(entry))
    }

    /// What is left to remember after a turn of a server, and what the turn contradicts.
    pub(super) fn after(&self, server: &Server, turn: u16, told: LogIndex) -> (Self, Vec<Invariant>) {
        let (mut past, mut broken) = (self.clone(), Vec::new());
        let Some(node) = &server.node else { return (past, broken) };
        let (id, term, log) = (server.id, node.current_term(), node.log());
        if turn & flags::LED != 0 && node.role().is_leader() {
            match self.leader_of(term) {
                Some(other) if other != id => broken.push(Invariant::ElectionSafety),
                Some(_) => {}
                None => {
                    let at = past.leaders.partition_point(|(of, _)| *of < term);
                    past.leaders.insert(at, (term, id));
                }
            }
            if !self.is_held(server, term) {
                broken.push(Invariant::LeaderCompleteness);
            }
        }
        if turn & flags::FOLLOWS != 0
            && let (Some(leader), Some(known)) = (node.leader(), past.leader_of(term))
            && leader != known
        {
            broken.push(Invariant::OneLeaderSeen);
        }
        let (base, commit) = (log.last_included_index(), node.commit_index());
        if turn & flags::BASE != 0 {
            let known = self.committed_at(base).map(|(entry, _)| entry.term);
            if known != Some(log.last_included_term()) {
                broken.push(Invariant::SnapshotFaithful);
            }
        }
        for (index, entry) in log.iter_from(base.next()).take_while(|(index, _)| *index <= commit) {
            match past.committed_at(index) {
                Some((known, _)) if known == entry => {}
                Some(_) => {
                    broken.push(Invariant::CommittedPrefix);
                    if node.last_applied() >= index {
                        broken.push(Invariant::StateMachineSafety);
                    }
                    broken.push(Invariant::NoDivergence);
                    break;
                }
                None if index == past.last_index().next() => past.committed.push((entry.clone(), term)),
                None => break,
            }
        }
        if told > LogIndex(0) {
            past.acknowledged = past.acknowledged.max(told);
        }
        broken.sort_unstable();
        (past, broken)
    }

    /// The same under other names.
    pub(super) fn renamed(&self, name: &dyn Fn(NodeId) -> NodeId) -> Self {
        Self {
            leaders: self.leaders.iter().map(|&(term, id)| (term, name(id))).collect(),
            committed: self.committed.iter().map(|(entry, term)| (entry.renamed(name), *term)).collect(),
            acknowledged: self.acknowledged,
        }
    }

    /// What a server breaks, right after its turn, together with the others.
    pub(super) fn judge(&self, servers: &[&Server], at: usize, turn: u16, broken: &mut Vec<Invariant>) {
        let server = servers[at];
        let others = || servers.iter().filter(|other| other.id != server.id);
        if turn & flags::LOG != 0 {
            if others().any(|other| !matches(server, other)) {
                broken.push(Invariant::LogMatching);
            }
            let open = configurations(server.log()).into_iter().filter(|(index, _)| *index > self.last_index()).count();
            if open > 1 {
                broken.push(Invariant::OneReconfiguration);
            }
        }
        if turn & (flags::MATCH | flags::RESTARTED) != 0 {
            let leaders = servers.iter().filter(|leader| leader.is_leader());
            let pairs = leaders.flat_map(|leader| servers.iter().map(move |follower| (leader, follower)));
            let mut touched = pairs.filter(|(leader, follower)| leader.id == server.id || follower.id == server.id);
            if touched.any(|(leader, follower)| !is_sound(leader, follower)) {
                broken.push(Invariant::MatchSound);
            }
        }
        let Some(node) = &server.node else { return };
        let (term, commit) = (node.current_term(), node.commit_index());
        if turn & flags::LED != 0 && node.role().is_leader() {
            let has_entry = |other: &&&Server| other.log().iter_from(LogIndex(1)).any(|(_, entry)| entry.term == term);
            if others().any(|other| has_entry(&other)) {
                broken.push(Invariant::FreshTerm);
            }
        }
        if turn & flags::COMMIT != 0 {
            let later = others().filter(|other| other.is_leader() && other.term() > term);
            if later.into_iter().any(|leader| !self.is_held(leader, leader.term())) {
                broken.push(Invariant::LeaderCompleteness);
            }
            if node.role().is_leader() {
                let entry_term = node.log().term_at(commit).unwrap_or_default();
                let configuration = node.configuration();
                for voters in [configuration.voters(), configuration.voters_outgoing()] {
                    judge_quorum(servers, commit, entry_term, voters, broken);
                }
            }
        }
    }
}

fn judge_quorum(servers: &[&Server], commit: LogIndex, term: Term, voters: &[NodeId], broken: &mut Vec<Invariant>) {
    let of_voters = || servers.iter().filter(|server| voters.contains(&server.id)).map(|server| &server.disk.log);
    let holders = of_voters().filter(|log| commit <= log.last_included_index() || log.term_at(commit) == Some(term));
    let needed = voters.len() / 2 + 1;
    if voters.is_empty() || holders.count() >= needed {
        return;
    }
    broken.push(Invariant::CommittedOnQuorum);
    if of_voters().filter(|log| log.last_index() >= commit).count() < needed {
        broken.push(Invariant::CommitDurable);
    }
}

/// Whether two logs are the same up to every entry that they share by index and term.
fn matches(a: &Server, b: &Server) -> bool {
    let (a, b) = (a.log(), b.log());
    let first = a.first_index().max(b.first_index());
    let shared = a.iter_from(first).zip(b.iter_from(first));
    let mut pairs: Vec<_> = shared.map(|((_, a), (_, b))| (a.term == b.term, a == b)).collect();
    while pairs.pop_if(|(is_same_term, _)| !*is_same_term).is_some() {}
    pairs.iter().all(|(_, is_same)| *is_same)
}

/// Whether a follower's disk holds its leader's log as far as the leader counts on it.
fn is_sound(leader: &Server, follower: &Server) -> bool {
    let Some(node) = leader.node.as_ref() else { return true };
    let Some(peer) = node.progress().iter().find(|peer| peer.id() == follower.id) else { return true };
    let (index, disk) = (peer.match_index(), &follower.disk);
    if index == LogIndex(0) {
        return true;
    }
    // In a later term its log may have been changed by another leader.
    let is_later = disk.hard_state.current_term > node.current_term();
    let is_held = index <= disk.log.last_included_index()
        || match node.log().term_at(index) {
            Some(term) => disk.log.term_at(index) == Some(term),
            None => disk.log.last_index() >= index,
        };
    index <= node.log().last_index() && (is_later || is_held)
}
