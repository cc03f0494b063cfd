//! How logs change, and the configurations that they carry.

use std::sync::Arc;

use raft_core::{Configuration, LogIndex, Node, NodeId, Term};

use super::facts::{Servers, fact};
use super::messages::Said;
use super::shadow::overlap;
use super::{Change, Checker, Invariant, position};

impl Checker {
    pub(super) fn check_append_only(&mut self, id: NodeId, change: &Change, first: LogIndex) {
        let Some(term) = change.leads.filter(|_| change.leads == change.was_leading) else { return };
        if first <= change.last_index {
            let facts = [fact::LeadsTerm { server: id, term }.into(), fact::RewroteLog { index: first }.into()];
            self.report(Invariant::LeaderAppendOnly, [id], Some(first), facts);
        }
    }

    /// Follows a log that was written from an index on.
    pub(super) fn follow_log(&mut self, id: NodeId, node: &Node, first: LogIndex) {
        let shadow = &mut self.shadows[position(id)];
        shadow.truncate_after(first.prev());
        let old_configurations = shadow.configurations.len();
        shadow.extend(node, first);
        let mut previous = shadow.log.get(first.prev()).map_or(Term(0), |link| link.term);
        for at in old_configurations..shadow.configurations.len() {
            self.check_overlap(id, at);
        }
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
                        fact::TermBefore { before: previous, term: node.current_term() }.into(),
                        fact::EntryHasTerm { index, server: id, term: link.term }.into(),
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
                        fact::HadEntry { server: other, index, term: link.term }.into(),
                        fact::LogDiffers { server: id }.into(),
                    ],
                );
            }
            index = index.next();
        }
    }

    /// Checks that a log changed only as it may: what was committed stays, and somebody asked for the change.
    pub(super) fn check_log_change(&mut self, id: NodeId, node: &Node, change: &Change, has_new_base: bool) {
        let shadow = &self.shadows[position(id)];
        let (base, last, commit) = (shadow.log.base(), shadow.log.last_index(), change.commit_index);
        let unexplained = if last != node.log().last_index() {
            Some(fact::WroteElsewhere { server: id, wrote: last, last: node.log().last_index() }.into())
        } else if has_new_base && !may_start_after(node, change) {
            Some(fact::BaseUnexplained { server: id, base }.into())
        } else {
            let first = change.changed_from.filter(|&first| !self.may_change_from(id, first, change));
            first.map(|index| fact::ChangeUnexplained { server: id, index }.into())
        };
        let is_gone = change.committed.is_some() && commit >= base && shadow.log.get(commit) != change.committed;
        if is_gone {
            let facts =
                [fact::KnewCommitted { server: id, index: commit }.into(), fact::RemovedCommitted { last }.into()];
            self.report(Invariant::PermittedLogChanges, [id], Some(commit), facts);
        }
        if let Some(fact) = unexplained {
            self.report(Invariant::PermittedLogChanges, [id], None, [fact::LogRule {}.into(), fact]);
        }
    }

    fn may_change_from(&self, id: NodeId, first: LogIndex, change: &Change) -> bool {
        let shadow = &self.shadows[position(id)];
        let was_told = match change.heard.as_ref().map(|heard| heard.said) {
            Some(Said::Append { prev, .. }) => first > prev,
            Some(Said::Snapshot { index }) => first > index,
            None => false,
        };
        // Its own entries, as a leader.
        let term_at = |index: LogIndex| shadow.log.get(index).map(|link| link.term);
        let is_own = first > change.last_index
            && term_at(first) == shadow.elected
            && term_at(first) == term_at(shadow.log.last_index());
        was_told || is_own
    }

    /// Checks that the configuration that counts at a server is the latest one in its log.
    pub(super) fn check_configuration(&mut self, id: NodeId, node: &Node) {
        let Some((index, configuration)) = self.shadows[position(id)].configurations.last() else { return };
        let (claimed, at) = (node.configuration(), node.log().configuration_index());
        if *index == at && (Arc::ptr_eq(configuration, claimed) || configuration == claimed) {
            return;
        }
        let facts = [
            fact::LatestConfiguration { server: id, index: *index, voters: voters(configuration) }.into(),
            fact::GoesBy { server: id, index: at, voters: voters(claimed) }.into(),
        ];
        let index = *index;
        self.report(Invariant::ConfigurationFromLog, [id], Some(index), facts);
    }

    /// Checks that a configuration and the one before it in a log cannot decide without each other.
    fn check_overlap(&mut self, id: NodeId, at: usize) {
        let [.., (_, old), (index, new)] = &self.shadows[position(id)].configurations[..=at] else { return };
        // A server that has never been a member knows no configuration of the cluster.
        if old.voters().is_empty() || overlap(old, new) {
            return;
        }
        let facts = [
            fact::DecideWithout { voters: voters(old), index: *index, server: id }.into(),
            fact::DecideWith { voters: voters(new) }.into(),
        ];
        let index = *index;
        self.report(Invariant::QuorumOverlap, [id], Some(index), facts);
    }

    /// Checks that changes of the configuration come one at a time.
    pub(super) fn check_reconfiguration(&mut self, id: NodeId, node: &Node, change: &Change) {
        let committed = self.history.last_committed();
        let shadow = &self.shadows[position(id)];
        let mut open =
            shadow.configurations.iter().rev().map(|(index, _)| *index).take_while(|&index| index > committed);
        if let (Some(second), Some(first)) = (open.next(), open.next()) {
            let facts = [
                fact::ConfigurationOpen { index: first, server: id }.into(),
                fact::ConfigurationFollows { index: second }.into(),
            ];
            return self.report(Invariant::OneReconfiguration, [id], Some(second), facts);
        }
        let (Some(term), Some(from)) = (change.leads, change.changed_from) else { return };
        let Some(index) = shadow.configuration().map(|(index, _)| index).filter(|&index| index >= from) else { return };
        let term_at = |index: LogIndex| shadow.log.get(index).map(|link| link.term);
        if term_at(index) == Some(term) && term_at(node.commit_index()) != Some(term) {
            let facts = [fact::CommittedNothing { server: id, term }.into(), fact::PutConfiguration { index }.into()];
            self.report(Invariant::OneReconfiguration, [id], Some(index), facts);
        }
    }
}

fn voters(configuration: &Configuration) -> Servers {
    Servers::of(configuration.voters().iter().copied())
}

fn may_start_after(node: &Node, change: &Change) -> bool {
    let base = node.log().last_included_index();
    let was_sent = change.heard.as_ref().is_some_and(|heard| heard.said == Said::Snapshot { index: base });
    base <= node.last_applied() || was_sent
}
