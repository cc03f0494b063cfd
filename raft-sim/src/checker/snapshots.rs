//! Logs that start after a snapshot.

use std::sync::Arc;

use raft_core::{LogIndex, Node, NodeId};

use super::chain::Configurations;
use super::facts::{Servers, committed_there, fact};
use super::{Chain, Checker, Invariant, Link, position};
use crate::machine::Machine;
use crate::world::Server;

impl Checker {
    /// Follows a log whose beginning was replaced by a snapshot.
    pub(super) fn follow_snapshot(&mut self, id: NodeId, node: &Node, all: &[Server]) {
        let chain = self.chain_from_snapshot(id, node);
        let shadow = &mut self.shadows[position(id)];
        let index = chain.base();
        // What the log held there must be what the snapshot stands for; if it held something else, that is gone.
        let own = shadow.log.get(index).filter(|own| own.term == chain.base_link().term);
        shadow.log.start_after(index, own.unwrap_or(chain.base_link()));
        let last_index = shadow.log.last_index();
        shadow.configurations.retain(|(at, _)| *at > index && *at <= last_index);
        shadow.configurations.splice(0..0, base_configuration(node));
        self.check_snapshot_data(id, node);

        // Nobody will take a snapshot of what all have one of. A server with an empty log cannot take part in that.
        let bases = all.iter().map(|server| &server.durable().log).filter(|log| log.last_index() > LogIndex(0));
        if let Some(lowest) = bases.map(raft_core::Log::last_included_index).min() {
            self.history.replay.forget_until(lowest);
        }
    }

    /// An empty log that starts after the node's snapshot.
    pub(super) fn chain_from_snapshot(&mut self, id: NodeId, node: &Node) -> Chain {
        let (index, term) = (node.log().last_included_index(), node.log().last_included_term());
        let committed = self.history.committed_at(index);
        if index.0 > 0 && committed.is_none_or(|committed| committed.term != term) {
            let known = committed_there(index, committed);
            let fact = fact::SnapshotEnds { server: id, index, term }.into();
            self.report(Invariant::SnapshotFaithful, [id], Some(index), [known, fact]);
        }
        let hash = committed.filter(|committed| committed.term == term).map_or(0, |committed| committed.hash);
        Chain::after(index, Link { term, hash })
    }

    fn check_snapshot_data(&mut self, id: NodeId, node: &Node) {
        let Some(snapshot) = node.snapshot() else { return };
        let index = snapshot.last_included_index;
        let expected = self.history.configuration_at(index);
        if expected.is_some_and(|expected| *expected != snapshot.configuration) {
            let facts = [
                fact::ConfigurationDiffers { index }.into(),
                fact::SnapshotVoters {
                    server: id,
                    voters: Servers::of(snapshot.configuration.voters().iter().copied()),
                }
                .into(),
            ];
            self.report(Invariant::SnapshotFaithful, [id], Some(index), facts);
        }
        let is_same = |state: &Machine| *state == Machine::from_bytes(&snapshot.data);
        if self.history.replay.state_after(index).is_some_and(|state| !is_same(state)) {
            let facts = [fact::OneState { index }.into(), fact::SnapshotState { server: id }.into()];
            self.report(Invariant::SnapshotFaithful, [id], Some(index), facts);
        }
    }
}

/// The configuration at the beginning of a node's log.
pub(super) fn base_configuration(node: &Node) -> Configurations {
    let base = node.log().last_included_index();
    let snapshot = node.snapshot().map(|snapshot| &snapshot.configuration);
    vec![(base, Arc::clone(snapshot.unwrap_or_else(|| node.log().configuration_at(base))))]
}
