//! What clients were told: it stays true, and reads do not fall behind it.

use raft_core::{LogIndex, Node, NodeId, Term};

use super::facts::{committed_there, fact};
use super::{Checker, Invariant, position};
use crate::event::OperationId;
use crate::time::Time;

/// A read under way.
#[derive(Clone, Copy, Debug)]
pub(super) struct PendingRead {
    operation: OperationId,
    called_at: Time,
    /// What had been acknowledged when it was called.
    acknowledged: LogIndex,
}

impl Checker {
    /// A client calls a linearizable read. Reads that a server answers from its own state promise nothing and are not
    /// announced.
    pub(crate) fn read_called(&mut self, operation: OperationId, now: Time) {
        self.reads.push(PendingRead { operation, called_at: now, acknowledged: self.history.acknowledged() });
    }

    /// A server answers a read from the state after entry `shown`.
    pub(crate) fn read_returned(&mut self, operation: OperationId, server: NodeId, shown: LogIndex, now: Time) {
        let Some(at) = self.reads.iter().position(|read| read.operation == operation) else { return };
        let PendingRead { called_at, acknowledged, .. } = self.reads.swap_remove(at);
        if shown < acknowledged {
            let facts = [
                fact::Acknowledged { index: acknowledged, called: called_at }.into(),
                fact::Answered { server, at: now, index: shown }.into(),
            ];
            self.report(Invariant::LinearizableReads, [server], Some(acknowledged), facts);
        }
        // Who reads later must not see less.
        self.history.acknowledges(shown);
    }

    /// A server carries out a client's command.
    pub(crate) fn executed(&mut self, server: NodeId, index: LogIndex, client: &str, serial: u64) {
        let Some(first) = self.history.executes(index, client, serial) else { return };
        let facts = [
            fact::CarriedOut { command: serial, client: client.into(), index: first }.into(),
            fact::CarriedOutAgain { server, index }.into(),
        ];
        self.report(Invariant::AppliedOnce, [server], Some(index), facts);
    }

    /// A read ends without an answer.
    pub(crate) fn read_failed(&mut self, operation: OperationId) {
        self.reads.retain(|read| read.operation != operation);
    }

    /// A server tells a client that its write happened; the entry stands at `index` and has this term.
    pub(crate) fn write_acknowledged(&mut self, server: NodeId, index: LogIndex, term: Term) {
        self.history.acknowledges(index);
        self.told.push((server, index, term));
    }

    /// Checks what a server told its clients since it was last looked at.
    pub(super) fn check_told(&mut self, id: NodeId, node: &Node) {
        while let Some(at) = self.told.iter().position(|(server, ..)| *server == id) {
            let (_, index, term) = self.told.swap_remove(at);
            let committed = self.history.committed_at(index);
            if committed.is_none_or(|committed| committed.term != term) {
                let facts = [fact::ToldWrite { server: id, index, term }.into(), committed_there(index, committed)];
                self.report(Invariant::AckedDurability, [id], Some(index), facts);
                continue;
            }
            for other in 0..self.shadows.len() {
                if let Some(led) = self.shadows[other].leading.filter(|&led| led > node.current_term()) {
                    self.check_remembers(NodeId(other as u64 + 1), led, index);
                }
            }
        }
    }

    /// Checks that the leader of a term holds what clients were told of before that term.
    pub(super) fn check_remembers(&mut self, id: NodeId, term: Term, told: LogIndex) {
        let log = &self.shadows[position(id)].log;
        let found = log.get(told);
        if told < log.base() || self.history.committed_at(told).is_none_or(|committed| found == Some(committed)) {
            return;
        }
        let facts = [fact::ClientsTold { index: told, term }.into(), fact::LeaderHasNot { server: id, term }.into()];
        self.report(Invariant::AckedDurability, [id], Some(told), facts);
    }
}
