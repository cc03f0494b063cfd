//! What is committed and applied, and what later leaders must hold.

use raft_core::{LogIndex, Node, NodeId, Term};

use super::facts::{Servers, fact};
use super::messages::Said;
use super::{Change, Checker, Invariant, Link, history, holds, position};
use crate::world::{Server, Status};

impl Checker {
    pub(super) fn check_new_leader(&mut self, id: NodeId, term: Term) {
        if let Some(other) = self.history.leads(term, id) {
            self.report(
                Invariant::ElectionSafety,
                [other, id],
                None,
                [fact::LedTerm { server: other, term }.into(), fact::LeadsTerm { server: id, term }.into()],
            );
        }
        if let Some(other) = self.history.creator_of(term).filter(|&creator| creator != id) {
            self.report(
                Invariant::FreshTerm,
                [other, id],
                None,
                [fact::CreatedEntries { server: other, term }.into(), fact::JustWon { server: id, term }.into()],
            );
        }
        if let Some((index, committed)) = self.history.last_committed_before(term) {
            self.check_completeness(id, term, index, committed);
            self.check_remembers(id, term, self.history.acknowledged().min(index));
        }
    }

    pub(super) fn check_completeness(&mut self, id: NodeId, term: Term, index: LogIndex, committed: Link) {
        let log = &self.shadows[position(id)].log;
        let has_it = index < log.base() || log.get(index) == Some(committed);
        if !has_it {
            let found = match log.get(index) {
                None => fact::LeaderLacks { server: id, term }.into(),
                Some(link) => fact::LeaderHasOther { server: id, term, of: link.term }.into(),
            };
            self.report(
                Invariant::LeaderCompleteness,
                [id],
                Some(index),
                [fact::CommittedBefore { index, of: committed.term, term }.into(), found],
            );
        }
    }

    pub(super) fn check_commit(&mut self, id: NodeId, node: &Node, change: &Change, all: &[Server]) {
        let (commit, old) = (node.commit_index(), change.commit_index);
        if commit < old {
            return self.monotone(id, fact::CommitIndexWas { server: id, number: old.0 }.into(), commit.0);
        }
        let mut index = old.next();
        while index <= commit {
            if let Some(link) = self.shadows[position(id)].log.get(index) {
                self.committed(id, node, index, link, all);
            }
            index = index.next();
        }
        if !node.role().is_leader() {
            return self.check_verified(id, commit, change);
        }
        let term = node.log().term_at(commit).unwrap_or_default();
        if term != node.current_term() {
            self.report(
                Invariant::CommitOwnTerm,
                [id],
                Some(commit),
                [
                    fact::LeadsTerm { server: id, term: node.current_term() }.into(),
                    fact::CommittedOlder { index: commit, term }.into(),
                ],
            );
        }
        let configuration = node.configuration();
        for voters in [configuration.voters(), configuration.voters_outgoing()] {
            self.check_quorum(id, commit, term, voters, all);
        }
    }

    pub(super) fn check_quorum(&mut self, id: NodeId, commit: LogIndex, term: Term, voters: &[NodeId], all: &[Server]) {
        let disk = |voter: &&NodeId| all.iter().find(|look| look.id() == **voter).map(|look| &look.durable().log);
        let holders = voters.iter().filter(|v| disk(v).is_some_and(|log| holds(log, commit, term)));
        let needed = voters.len() / 2 + 1;
        self.check_lies(id, commit, term, voters, all);
        if voters.is_empty() || holders.clone().count() >= needed {
            return;
        }
        let long = voters.iter().filter(|v| disk(v).is_some_and(|log| log.last_index() >= commit)).count();
        let facts = [
            fact::MajorityNeeded { server: id, index: commit, voters: voters.len() as u64, needed: needed as u64 }
                .into(),
            fact::HoldersOnDisk { count: holders.clone().count() as u64, servers: Servers::of(holders.copied()) }
                .into(),
        ];
        if long < needed {
            self.report(Invariant::CommitDurable, [id], Some(commit), facts.clone());
        }
        self.report(Invariant::CommittedOnQuorum, [id], Some(commit), facts);
    }

    /// Checks that what was committed does not depend on disks that lie. A majority of them can forget it; fewer are no
    /// violation before they have forgotten something: see [`Checker::lost_power`].
    fn check_lies(&mut self, id: NodeId, commit: LogIndex, term: Term, voters: &[NodeId], all: &[Server]) {
        let lies = |at: &Server| {
            at.disk_lies() && holds(&at.durable().log, commit, term) && !holds(&at.held().log, commit, term)
        };
        let liars: Vec<_> = all.iter().filter(|at| voters.contains(&at.id()) && lies(at)).map(Server::id).collect();
        if liars.len() > voters.len() / 2 {
            let facts = [
                fact::MajorityShould { server: id, index: commit, voters: voters.len() as u64 }.into(),
                fact::DisksLie { servers: Servers::of(liars) }.into(),
            ];
            self.report(Invariant::CommitDurable, [id], Some(commit), facts);
        }
    }

    /// Looks at what is left of the committed log after a disk has forgotten what it had called durable.
    pub(crate) fn lost_power(&mut self, id: NodeId, all: &[Server]) {
        let commit = self.history.last_committed();
        let Some(committed) = self.history.committed_at(commit) else { return };
        let Some(shadow) = self.shadows.iter().max_by_key(|shadow| shadow.commit_index) else { return };
        let counts = shadow.configurations.iter().rev().find(|(index, _)| *index <= commit);
        let Some((_, configuration)) = counts.map(|(index, configuration)| (index, configuration.clone())) else {
            return;
        };
        for voters in [configuration.voters(), configuration.voters_outgoing()] {
            let has_it = |at: &&Server| voters.contains(&at.id()) && holds(&at.durable().log, commit, committed.term);
            let holders: Vec<_> = all.iter().filter(has_it).map(Server::id).collect();
            if !voters.is_empty() && holders.len() <= voters.len() / 2 {
                let facts = [
                    fact::WasCommitted { index: commit, term: committed.term }.into(),
                    fact::DiskForgot { server: id, servers: Servers::of(holders) }.into(),
                ];
                self.report(Invariant::CommittedOnQuorum, [id], Some(commit), facts);
            }
        }
    }

    fn committed(&mut self, id: NodeId, node: &Node, index: LogIndex, link: Link, all: &[Server]) {
        let commit_term = node.current_term();
        match self.history.commits(index, link, commit_term, id) {
            history::Commit::Known => {}
            history::Commit::Contradicts { known, by } => self.report(
                Invariant::CommittedPrefix,
                [by, id],
                Some(index),
                [
                    fact::CommittedAt { server: by, index, term: known.term }.into(),
                    fact::CommittedOther { server: id, term: link.term }.into(),
                ],
            ),
            history::Commit::New => {
                if let Some(entry) = node.log().entry(index) {
                    self.history.commits_entry(index, entry);
                }
                for other in all {
                    let leads = self.shadows[position(other.id())].leading;
                    if let Some(term) = leads.filter(|&term| term > commit_term) {
                        self.check_completeness(other.id(), term, index, link);
                    }
                }
            }
        }
    }

    pub(super) fn check_applied(&mut self, id: NodeId, node: &Node, old: LogIndex) {
        if node.last_applied() < old {
            return self.monotone(
                id,
                fact::AppliedIndexWas { server: id, number: old.0 }.into(),
                node.last_applied().0,
            );
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
                        fact::Applied { server: by, index, term: known.term }.into(),
                        fact::AppliedOther { server: id, term: link.unwrap_or_default().term }.into(),
                    ],
                );
            }
            index = index.next();
        }
    }

    pub(super) fn check_indices(&mut self, at: &Server, node: &Node) {
        let id = at.id();
        let log = node.log();
        let (snapshot, applied) = (log.last_included_index(), node.last_applied());
        let (commit, last) = (node.commit_index(), log.last_index());
        // The state machine takes over a leader's snapshot once the server hears that it is on the disk, and after the
        // entries that it was given before.
        let is_durable = at.durable().log.last_included_index() >= snapshot;
        let hears = at.status() == Status::Up && at.snapshot_begun().is_none() && !at.is_applying();
        let is_restored = applied >= snapshot || !is_durable || !hears;
        if !([applied, commit, last].is_sorted() && snapshot <= commit && is_restored) {
            self.report(
                Invariant::IndexOrder,
                [id],
                Some(commit),
                [fact::Indices { server: id, snapshot, applied, commit, last }.into(), fact::InOrder {}.into()],
            );
        }
    }

    /// Checks that a server that does not lead commits only what a message let it verify.
    fn check_verified(&mut self, id: NodeId, commit: LogIndex, change: &Change) {
        let verified = match change.heard.as_ref().map(|heard| (heard.said, heard.accepted)) {
            Some((Said::Append { .. }, Some(accepted))) => accepted,
            Some((Said::Snapshot { index }, _)) => index,
            _ => change.commit_index,
        };
        // What it committed as a leader before it stepped down needs no message.
        if change.was_leading.is_none() && commit > verified {
            let facts = [
                fact::VerifiedTo { server: id, index: verified }.into(),
                fact::CommitWent { from: change.commit_index, to: commit }.into(),
            ];
            self.report(Invariant::CommitVerified, [id], Some(commit), facts);
        }
    }

    /// Checks that a server's log, up to what it knows to be committed, is the committed one.
    pub(super) fn check_agreement(&mut self, id: NodeId, node: &Node) {
        let commit = node.commit_index();
        let own = self.shadows[position(id)].log.get(commit);
        if let (Some(own), Some(committed)) = (own, self.history.committed_at(commit))
            && own != committed
        {
            let facts = [
                fact::CommittedLogEnds { index: commit, term: committed.term }.into(),
                fact::OwnLogDiffers { server: id, term: own.term }.into(),
            ];
            self.report(Invariant::NoDivergence, [id], Some(commit), facts);
        }
    }

    /// Checks that a state machine gets every entry once and in order.
    pub(crate) fn applies(&mut self, id: NodeId, entries: &[raft_core::Committed]) {
        for committed in entries {
            let given = core::mem::replace(&mut self.shadows[position(id)].given, committed.index);
            if committed.index != given.next() {
                self.misapplied(id, given, committed.index);
            }
        }
    }

    /// Checks that a state machine does not go back to a snapshot of its past.
    pub(crate) fn restores(&mut self, id: NodeId, index: LogIndex) {
        let given = core::mem::replace(&mut self.shadows[position(id)].given, index);
        if index <= given {
            self.misapplied(id, given, index);
        }
    }

    fn misapplied(&mut self, id: NodeId, given: LogIndex, index: LogIndex) {
        let facts = [fact::GivenUpTo { server: id, index: given }.into(), fact::GivenNext { index }.into()];
        self.report(Invariant::AppliedOnce, [id], Some(index), facts);
    }
}
