//! The judge: looks at every server after every event and knows the whole history.
//!
//! It shares no code with the protocol. Per touched server it does work in proportion to what changed there: logs are
//! compared by chained hashes, one per entry, so that equality up to an index is one comparison.

mod chain;
mod commits;
mod facts;
mod history;
mod invariants;
mod leaders;
mod logs;
mod messages;
mod reads;
mod replay;
mod roles;
mod shadow;
mod snapshots;
#[cfg(test)]
mod tests;

use raft_core::{Log, LogIndex, Message, Node, NodeId, Term};

use crate::told::{Value, Values};
use crate::world::Server;
use chain::{Chain, Link};
pub use facts::Fact;
pub(crate) use facts::fact;
use history::History;
pub use invariants::Invariant;
pub(crate) use leaders::is_consistent;
use messages::Heard;
use reads::PendingRead;
use shadow::Shadow;
pub(crate) use shadow::overlap;

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
    // Boxed, so that results that may be a violation stay small.
    pub facts: Box<[Fact; 2]>,
}

impl Violation {
    /// The invariant and the facts as data.
    pub fn values(&self) -> Values {
        let facts = Value::List(self.facts.iter().map(Fact::values).collect());
        Values::default()
            .with("invariant", Value::Name(self.invariant.id()))
            .with("name", Value::Name(self.invariant.name()))
            .with("facts", facts)
    }
}

/// What the judge remembers.
#[derive(Clone, Debug)]
pub(crate) struct Checker {
    history: History,
    shadows: Vec<Shadow>,
    /// What a server was just told by another one.
    heard: Option<Heard>,
    reads: Vec<PendingRead>,
    /// Writes that clients were told of, by whom, before that server was looked at.
    told: Vec<(NodeId, LogIndex, Term)>,
    /// Contradictions found since they were last taken.
    found: Vec<Violation>,
}

/// What changed at a server since the last look.
struct Change {
    /// It led this term.
    was_leading: Option<Term>,
    /// It leads this term.
    leads: Option<Term>,
    commit_index: LogIndex,
    last_index: LogIndex,
    /// What its log held at its commit index.
    committed: Option<Link>,
    heard: Option<Heard>,
    /// Lowest index that it wrote.
    changed_from: Option<LogIndex>,
}

impl Checker {
    pub(crate) fn new(servers: usize) -> Self {
        Self {
            history: History::default(),
            shadows: vec![Shadow::default(); servers],
            heard: None,
            reads: Vec::new(),
            told: Vec::new(),
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
        let (id, position) = (at.id(), position(at.id()));
        if self.shadows[position].configurations.is_empty() {
            self.meet(id, node);
        }
        let before = &self.shadows[position];
        let (old_applied, old_term, durable_term) = (before.last_applied, before.current_term, before.durable_term);
        let change = Change {
            was_leading: before.leading,
            leads: node.role().is_leader().then(|| node.current_term()),
            commit_index: before.commit_index,
            last_index: before.log.last_index(),
            committed: before.log.get(before.commit_index),
            heard: self.heard.take_if(|heard| heard.to == id),
            changed_from,
        };
        let has_new_base = node.log().last_included_index() != before.log.base();
        let has_new_log = has_new_base || changed_from.is_some();
        let has_new_commit = node.commit_index() != change.commit_index;
        let is_new_leader = change.leads.is_some() && change.leads != change.was_leading;

        if has_new_base {
            self.follow_snapshot(id, node, all);
        }
        if let Some(first) = changed_from {
            self.check_append_only(id, &change, first);
            self.follow_log(id, node, first.max(node.log().first_index()));
        }
        if has_new_log {
            self.check_log_change(id, node, &change, has_new_base);
        }
        if let Some(heard) = &change.heard {
            self.check_accepted(id, node, heard);
        }
        self.check_role(id, node);
        if is_new_leader {
            self.check_new_leader(id, node.current_term());
        }
        if node.current_term() < old_term {
            self.monotone(id, fact::CurrentTermWas { server: id, number: old_term.0 }.into(), node.current_term().0);
        }
        if has_new_commit {
            self.check_commit(id, node, &change, all);
        }
        if has_new_commit || has_new_log {
            self.check_agreement(id, node);
            self.check_reconfiguration(id, node, &change);
        }
        if node.last_applied() != old_applied {
            self.check_applied(id, node, old_applied);
        }
        self.check_indices(at, node);
        self.check_configuration(id, node);
        if change.leads.is_some() {
            if is_new_leader {
                self.shadows[position].matches.clear();
            }
            if is_new_leader || has_new_commit || has_new_log {
                self.check_removed_leader(id, node);
            }
            self.check_peers(id, node, all);
        }
        if at.durable().hard_state.current_term < durable_term {
            self.monotone(
                id,
                fact::DurableTermWas { server: id, number: durable_term.0 }.into(),
                at.durable().hard_state.current_term.0,
            );
        }
        let shadow = &mut self.shadows[position];
        shadow.current_term = node.current_term();
        shadow.leading = change.leads;
        shadow.commit_index = node.commit_index();
        shadow.last_applied = node.last_applied();
        shadow.durable_term = at.durable().hard_state.current_term;
        if !self.told.is_empty() {
            self.check_told(id, node);
        }
    }

    /// Sees a server for the first time.
    fn meet(&mut self, id: NodeId, node: &Node) {
        let shadow = &mut self.shadows[position(id)];
        shadow.configurations = snapshots::base_configuration(node);
        if shadow.role.is_none() {
            shadow.role = Some(node.role());
            shadow.campaign = node.current_term();
            shadow.elected = node.role().is_leader().then(|| node.current_term());
        }
        if node.log().last_included_index() == LogIndex(0) {
            self.history.starts_with(&shadow.configurations[0].1);
        }
    }

    /// Forgets what a crash takes.
    pub(crate) fn crashed(&mut self, server: NodeId) {
        self.shadows[position(server)].crash();
    }

    /// Takes in a server that came back with what its disk held.
    pub(crate) fn restarted<'a>(&mut self, at: &Server, in_flight: impl Iterator<Item = &'a Message>, all: &[Server]) {
        let Some(node) = at.node() else { return };
        let log = self.chain_from_snapshot(at.id(), node);
        let before = &mut self.shadows[position(at.id())];
        before.crash();
        let mut shadow = Shadow {
            current_term: node.current_term(),
            commit_index: node.commit_index(),
            last_applied: node.last_applied(),
            given: node.log().last_included_index(),
            log,
            configurations: snapshots::base_configuration(node),
            ..core::mem::take(before)
        };
        shadow.extend(node, node.log().first_index());
        *before = shadow;
        for message in in_flight.filter(|message| message.from == at.id()) {
            self.check_term(message, node.current_term());
        }
        for leader in all.iter().filter_map(Server::node).filter(|node| node.role().is_leader()) {
            let known = leader.progress().iter().find(|peer| peer.id() == at.id());
            if let Some(peer) = known.filter(|peer| peer.match_index() > LogIndex(0)) {
                self.check_match(leader, at.id(), peer.match_index(), all);
            }
        }
    }

    /// Compares every shadow with the server that it stands for. Expensive; for tests.
    pub(crate) fn audit(&self, all: &[Server]) -> Result<(), String> {
        let mut replay = self.history.replay.clone();
        for at in all {
            let Some(node) = at.node() else { continue };
            let shadow = &self.shadows[position(at.id())];
            let base = node.log().last_included_index();
            let base_link = shadow.log.base_link();
            if shadow.log.base() != base || base_link.term != node.log().last_included_term() {
                return Err(format!("the log of S{} starts after {base} without a snapshot", at.id()));
            }
            let (mut fresh, mut configurations) = (Chain::after(base, base_link), snapshots::base_configuration(node));
            fresh.extend(node.log(), node.log().first_index(), &mut configurations);
            if fresh != shadow.log || configurations != shadow.configurations {
                return Err(format!("the log of S{} changed without a write", at.id()));
            }
            let index = shadow.given;
            if replay.state_after(index).is_some_and(|state| !state.iter().eq(at.state())) {
                return Err(format!("the state of S{} is not that after the committed entries up to {index}", at.id()));
            }
        }
        Ok(())
    }

    fn monotone(&mut self, id: NodeId, was: Fact, now: u64) {
        self.report(Invariant::Monotone, [id], None, [was, fact::NowIs { number: now }.into()]);
    }

    fn report<const N: usize>(
        &mut self,
        invariant: Invariant,
        servers: [NodeId; N],
        index: Option<LogIndex>,
        facts: [Fact; 2],
    ) {
        // The same contradiction shows again at every later look; the first time is the one to understand.
        let violation = Violation { invariant, servers: servers.to_vec(), index, facts: Box::new(facts) };
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
