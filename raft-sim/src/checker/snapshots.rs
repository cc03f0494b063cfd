//! Logs that start after a snapshot.

use raft_core::{Node, NodeId};

use super::{Chain, Checker, Invariant, Link, position};

impl Checker {
    /// Follows a log whose beginning was replaced by a snapshot.
    pub(super) fn follow_snapshot(&mut self, id: NodeId, node: &Node) {
        let chain = self.chain_from_snapshot(id, node);
        let own = &self.shadows[position(id)].log;
        let index = chain.base();
        // What the log held there must be what the snapshot stands for; if it held something else, that is gone.
        let link = own.get(index).filter(|own| own.term == chain.base_link().term).unwrap_or(chain.base_link());
        self.shadows[position(id)].log.start_after(index, link);
    }

    /// An empty log that starts after the node's snapshot.
    pub(super) fn chain_from_snapshot(&mut self, id: NodeId, node: &Node) -> Chain {
        let (index, term) = (node.log().last_included_index(), node.log().last_included_term());
        let committed = self.history.committed_at(index);
        if index.0 > 0 && committed.is_none_or(|committed| committed.term != term) {
            let known = committed.map_or_else(
                || format!("no entry {index} was ever committed"),
                |link| format!("the committed entry {index} has term {}", link.term),
            );
            self.report(
                Invariant::SnapshotFaithful,
                [id],
                Some(index),
                [known, format!("the snapshot of S{id} ends with entry {index} of term {term}")],
            );
        }
        let hash = committed.filter(|committed| committed.term == term).map_or(0, |committed| committed.hash);
        Chain::after(index, Link { term, hash })
    }
}
