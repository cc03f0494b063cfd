//! What clients were told: reads must not fall behind it.

use raft_core::{LogIndex, NodeId, Term};

use super::{Checker, Invariant};
use crate::event::OperationId;
use crate::time::Time;

/// A read under way.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pending {
    operation: OperationId,
    called_at: Time,
    /// What had been acknowledged when it was called.
    acknowledged: LogIndex,
}

impl Checker {
    /// A client calls a linearizable read. Reads that a server answers from its own state promise nothing and are not
    /// announced.
    pub(crate) fn read_called(&mut self, operation: OperationId, now: Time) {
        self.reads.push(Pending { operation, called_at: now, acknowledged: self.history.acknowledged() });
    }

    /// A server answers a read from the state after entry `shown`.
    pub(crate) fn read_returned(&mut self, operation: OperationId, server: NodeId, shown: LogIndex, now: Time) {
        let Some(at) = self.reads.iter().position(|read| read.operation == operation) else { return };
        let read = self.reads.swap_remove(at);
        if shown < read.acknowledged {
            self.report(
                Invariant::LinearizableReads,
                [server],
                Some(read.acknowledged),
                [
                    format!(
                        "entry {} was acknowledged before a read was called at {}",
                        read.acknowledged, read.called_at
                    ),
                    format!("S{server} answered it at {now} from the state after entry {shown}"),
                ],
            );
        }
        // Who reads later must not see less.
        self.history.acknowledges(shown);
    }

    /// A read ends without an answer.
    pub(crate) fn read_failed(&mut self, operation: OperationId) {
        self.reads.retain(|read| read.operation != operation);
    }

    /// A server tells a client that its write happened; the entry stands at `index` and has this term.
    pub(crate) fn write_acknowledged(&mut self, _server: NodeId, index: LogIndex, _term: Term) {
        self.history.acknowledges(index);
    }
}
