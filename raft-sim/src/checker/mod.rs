//! The judge: looks at every server after every event and knows the whole history.
//!
//! It shares no code with the protocol. Per touched server it does work in proportion to what changed there: logs are
//! compared by chained hashes, one per entry, so that equality up to an index is one comparison.

mod chain;
mod history;
mod invariants;
mod reads;
mod snapshots;
#[cfg(test)]
mod tests;

use raft_core::{Log, LogIndex, Message, Node, NodeId, Rpc, Term};

use crate::world::Server;
use chain::{Chain, Link};
use history::History;
pub use invariants::Invariant;

/// A contradiction between what was promised and what happened.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Violation {
    /// The property that does not hold.
    pub invariant: Invariant,
    /// The servers that show it.
    pub servers: Vec<NodeId>,
    /// The log index in question, if it is about one.
    pub index: Option<LogIndex>,
    /// The two facts that contradict each other.
    pub facts: [String; 2],
}

/// What the judge remembers.
#[derive(Clone, Debug)]
pub(crate) struct Checker {
    history: History,
    shadows: Vec<Shadow>,
    reads: Vec<reads::Pending>,
    /// Contradictions found since they were last taken.
    found: Vec<Violation>,
}

/// One server as it was when last looked at.
#[derive(Clone, Debug, Default)]
struct Shadow {
    current_term: Term,
    /// The term it led when last looked at.
    leading: Option<Term>,
    commit_index: LogIndex,
    last_applied: LogIndex,
    durable_term: Term,
    log: Chain,
}

impl Checker {
    pub(crate) fn new(servers: usize) -> Self {
        Self {
            history: History::default(),
            shadows: vec![Shadow::default(); servers],
            reads: Vec::new(),
            found: Vec::new(),
        }
    }

    /// Contradictions found since the last call.
    pub(crate) fn take_found(&mut self) -> Vec<Violation> {
        core::mem::take(&mut self.found)
    }

    pub(crate) fn has_found(&self) -> bool {
        !self.found.is_empty()
    }

    /// Looks at a server that ran. `changed_from` is the lowest index of its log that it wrote since the last look.
    pub(crate) fn look(&mut self, at: &Server, changed_from: Option<LogIndex>, all: &[Server]) {
        let Some(node) = at.node() else { return };
        let position = position(at.id());
        let before = &self.shadows[position];
        let (was_leading, old_commit, old_applied) = (before.leading, before.commit_index, before.last_applied);
        let (old_term, old_last) = (before.current_term, before.log.last_index());
        let leads = node.role().is_leader().then(|| node.current_term());

        if node.log().last_included_index() != before.log.base() {
            self.follow_snapshot(at.id(), node);
        }
        if let Some(first) = changed_from {
            if leads.is_some() && leads == was_leading && first <= old_last {
                self.report(
                    Invariant::LeaderAppendOnly,
                    [at.id()],
                    Some(first),
                    [
                        format!("S{} leads term {}", at.id(), node.current_term()),
                        format!("it rewrote its log from {first} on"),
                    ],
                );
            }
            self.follow_log(at.id(), node, first.max(node.log().first_index()));
        }
        if leads.is_some() && leads != was_leading {
            self.check_new_leader(at.id(), node.current_term());
        }
        if node.current_term() < old_term {
            self.monotone(at.id(), "current term", old_term.0, node.current_term().0);
        }
        if node.commit_index() != old_commit {
            self.check_commit(at.id(), node, old_commit, all);
        }
        if node.last_applied() != old_applied {
            self.check_applied(at.id(), node, old_applied);
        }
        self.check_indices(at.id(), node);
        if at.durable().hard_state.current_term < self.shadows[position].durable_term {
            let (before, now) = (self.shadows[position].durable_term.0, at.durable().hard_state.current_term.0);
            self.monotone(at.id(), "durable term", before, now);
        }
        let shadow = &mut self.shadows[position];
        shadow.current_term = node.current_term();
        shadow.leading = leads;
        shadow.commit_index = node.commit_index();
        shadow.last_applied = node.last_applied();
        shadow.durable_term = at.durable().hard_state.current_term;
    }

    /// Looks at a message that is about to leave.
    pub(crate) fn sent(&mut self, message: &Message, sender: &Node) {
        let is_pre_vote =
            message.kind() == raft_core::MessageKind::PreVote || message.kind() == raft_core::MessageKind::PreVoteReply;
        if message.term > sender.current_term() && !is_pre_vote {
            self.outrun(message, sender.current_term());
        }
        match message.rpc {
            Rpc::RequestVoteReply { granted: true, pre_vote: false } => {
                self.vote(message.from, message.term, message.to);
            }
            Rpc::RequestVote(request) if !request.pre_vote => self.vote(message.from, message.term, message.from),
            _ => {}
        }
    }

    /// Forgets what a crash takes.
    pub(crate) fn crashed(&mut self, server: NodeId) {
        self.shadows[position(server)].leading = None;
    }

    /// Takes in a server that came back with what its disk held.
    pub(crate) fn restarted<'a>(&mut self, at: &Server, in_flight: impl Iterator<Item = &'a Message>) {
        let Some(node) = at.node() else { return };
        let durable_term = self.shadows[position(at.id())].durable_term;
        let mut log = self.chain_from_snapshot(at.id(), node);
        log.extend(node.log(), node.log().first_index());
        self.shadows[position(at.id())] = Shadow {
            current_term: node.current_term(),
            leading: None,
            commit_index: node.commit_index(),
            last_applied: node.last_applied(),
            durable_term,
            log,
        };
        for message in in_flight {
            let is_pre_vote =
                matches!(message.kind(), raft_core::MessageKind::PreVote | raft_core::MessageKind::PreVoteReply);
            if message.from == at.id() && message.term > node.current_term() && !is_pre_vote {
                self.outrun(message, node.current_term());
            }
        }
    }

    /// Compares every shadow with the log it stands for. Expensive; for tests.
    pub(crate) fn audit(&self, all: &[Server]) -> Result<(), String> {
        for at in all {
            let Some(node) = at.node() else { continue };
            let shadow = &self.shadows[position(at.id())].log;
            let base = node.log().last_included_index();
            if shadow.base() != base || shadow.base_link().term != node.log().last_included_term() {
                return Err(format!("the log of S{} starts after {base} without a snapshot", at.id()));
            }
            let mut fresh = Chain::after(base, shadow.base_link());
            fresh.extend(node.log(), node.log().first_index());
            if fresh != *shadow {
                return Err(format!("the log of S{} changed without a write", at.id()));
            }
        }
        Ok(())
    }

    fn follow_log(&mut self, id: NodeId, node: &Node, first: LogIndex) {
        let shadow = &mut self.shadows[position(id)].log;
        shadow.truncate_after(first.prev());
        shadow.extend(node.log(), first);
        let mut previous = shadow.get(first.prev()).map_or(Term(0), |link| link.term);
        let last = node.log().last_index();
        let mut index = first;
        while index <= last {
            let link = self.shadows[position(id)].log.get(index).unwrap_or_default();
            if link.term < previous || link.term == Term(0) || link.term > node.current_term() {
                self.report(
                    Invariant::MonotoneLog,
                    [id],
                    Some(index),
                    [
                        format!("the entry before has term {previous}, the server is in term {}", node.current_term()),
                        format!("entry {index} of S{id} has term {}", link.term),
                    ],
                );
            }
            previous = link.term;
            if let Err(other) = self.history.saw_entry(id, index, link) {
                self.report(
                    Invariant::LogMatching,
                    [other, id],
                    Some(index),
                    [
                        format!("S{other} had an entry with index {index} and term {}", link.term),
                        format!("S{id} has one too, but its log up to there differs"),
                    ],
                );
            }
            index = index.next();
        }
    }

    fn check_new_leader(&mut self, id: NodeId, term: Term) {
        if let Some(other) = self.history.leads(term, id) {
            self.report(
                Invariant::ElectionSafety,
                [other, id],
                None,
                [format!("S{other} leads or led term {term}"), format!("S{id} leads term {term}")],
            );
        }
        if let Some(other) = self.history.creator_of(term).filter(|&creator| creator != id) {
            self.report(
                Invariant::FreshTerm,
                [other, id],
                None,
                [format!("S{other} has created entries in term {term}"), format!("S{id} just won term {term}")],
            );
        }
        if let Some((index, committed)) = self.history.last_committed_before(term) {
            self.check_completeness(id, term, index, committed);
        }
    }

    fn check_completeness(&mut self, id: NodeId, term: Term, index: LogIndex, committed: Link) {
        let log = &self.shadows[position(id)].log;
        let has_it = index < log.base() || log.get(index) == Some(committed);
        if !has_it {
            let found =
                log.get(index).map_or_else(|| "no entry".into(), |link| format!("another log, of term {},", link.term));
            self.report(
                Invariant::LeaderCompleteness,
                [id],
                Some(index),
                [
                    format!("entry {index} of term {} was committed before term {term}", committed.term),
                    format!("S{id}, leader of term {term}, has {found} there"),
                ],
            );
        }
    }

    fn check_commit(&mut self, id: NodeId, node: &Node, old: LogIndex, all: &[Server]) {
        let commit = node.commit_index();
        if commit < old {
            return self.monotone(id, "commit index", old.0, commit.0);
        }
        let mut index = old.next();
        while index <= commit {
            if let Some(link) = self.shadows[position(id)].log.get(index) {
                self.committed(id, node.current_term(), index, link, all);
            }
            index = index.next();
        }
        if !node.role().is_leader() {
            return;
        }
        let term = node.log().term_at(commit).unwrap_or_default();
        if term != node.current_term() {
            self.report(
                Invariant::CommitOwnTerm,
                [id],
                Some(commit),
                [
                    format!("S{id} leads term {}", node.current_term()),
                    format!("it committed entry {commit} of term {term}"),
                ],
            );
        }
        let configuration = node.configuration();
        for voters in [configuration.voters(), configuration.voters_outgoing()] {
            self.check_quorum(id, commit, term, voters, all);
        }
    }

    fn check_quorum(&mut self, id: NodeId, commit: LogIndex, term: Term, voters: &[NodeId], all: &[Server]) {
        let disk = |voter: &&NodeId| all.iter().find(|look| look.id() == **voter).map(|look| &look.durable().log);
        let holders = voters.iter().filter(|v| disk(v).is_some_and(|log| holds(log, commit, term)));
        let needed = voters.len() / 2 + 1;
        if voters.is_empty() || holders.clone().count() >= needed {
            return;
        }
        let long = voters.iter().filter(|v| disk(v).is_some_and(|log| log.last_index() >= commit)).count();
        let facts = [
            format!("S{id} committed entry {commit}; a majority of {} voters is {needed}", voters.len()),
            format!("only {} hold it on disk: {}", holders.clone().count(), names(holders.copied())),
        ];
        if long < needed {
            self.report(Invariant::CommitDurable, [id], Some(commit), facts.clone());
        }
        self.report(Invariant::CommittedOnQuorum, [id], Some(commit), facts);
    }

    fn committed(&mut self, id: NodeId, commit_term: Term, index: LogIndex, link: Link, all: &[Server]) {
        match self.history.commits(index, link, commit_term, id) {
            history::Commit::Known => {}
            history::Commit::Contradicts { known, by } => self.report(
                Invariant::CommittedPrefix,
                [by, id],
                Some(index),
                [
                    format!("S{by} committed entry {index} of term {}", known.term),
                    format!("S{id} committed another one there, of term {}", link.term),
                ],
            ),
            history::Commit::New => {
                for other in all {
                    let leads = self.shadows[position(other.id())].leading;
                    if let Some(term) = leads.filter(|&term| term > commit_term) {
                        self.check_completeness(other.id(), term, index, link);
                    }
                }
            }
        }
    }

    fn check_applied(&mut self, id: NodeId, node: &Node, old: LogIndex) {
        if node.last_applied() < old {
            return self.monotone(id, "applied index", old.0, node.last_applied().0);
        }
        let mut index = old.next();
        while index <= node.last_applied() {
            let link = self.shadows[position(id)].log.get(index);
            if let Some((known, by)) = link.and_then(|link| self.history.applies(index, link, id)) {
                self.report(
                    Invariant::StateMachineSafety,
                    [by, id],
                    Some(index),
                    [
                        format!("S{by} applied entry {index} of term {}", known.term),
                        format!("S{id} applied another one there, of term {}", link.unwrap_or_default().term),
                    ],
                );
            }
            index = index.next();
        }
    }

    fn check_indices(&mut self, id: NodeId, node: &Node) {
        let log = node.log();
        let order = [log.last_included_index(), node.last_applied(), node.commit_index(), log.last_index()];
        if !order.is_sorted() {
            let [snapshot, applied, commit, last] = order;
            self.report(
                Invariant::IndexOrder,
                [id],
                Some(commit),
                [
                    format!("S{id} has snapshot {snapshot}, applied {applied}, commit {commit}, last index {last}"),
                    "each must be at most the next".into(),
                ],
            );
        }
    }

    fn vote(&mut self, voter: NodeId, term: Term, candidate: NodeId) {
        if let Some(first) = self.history.votes(voter, term, candidate) {
            self.report(
                Invariant::VoteOnce,
                [voter],
                None,
                [
                    format!("S{voter} voted for S{first} in term {term}"),
                    format!("S{voter} voted for S{candidate} in term {term}"),
                ],
            );
        }
    }

    fn outrun(&mut self, message: &Message, term: Term) {
        let (from, to) = (message.from, message.to);
        self.report(
            Invariant::MonotoneMessages,
            [from],
            None,
            [
                format!("S{from} is in term {term}"),
                format!("its {} to S{to} carries term {}", message.kind().name(), message.term),
            ],
        );
    }

    fn monotone(&mut self, id: NodeId, what: &str, before: u64, now: u64) {
        let facts = [format!("the {what} of S{id} was {before}"), format!("now it is {now}")];
        self.report(Invariant::Monotone, [id], None, facts);
    }

    fn report<const N: usize>(
        &mut self,
        invariant: Invariant,
        servers: [NodeId; N],
        index: Option<LogIndex>,
        facts: [String; 2],
    ) {
        // The same contradiction shows again at every later look; the first time is the one to understand.
        let violation = Violation { invariant, servers: servers.to_vec(), index, facts };
        if self.history.is_new(&violation) {
            self.found.push(violation);
        }
    }
}

fn holds(log: &Log, index: LogIndex, term: Term) -> bool {
    index <= log.last_included_index() || log.term_at(index) == Some(term)
}

fn position(id: NodeId) -> usize {
    id.0 as usize - 1
}

fn names(ids: impl Iterator<Item = NodeId>) -> String {
    let names: Vec<_> = ids.map(|id| format!("S{id}")).collect();
    if names.is_empty() { "nobody".into() } else { names.join(", ") }
}
