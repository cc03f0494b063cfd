//! Taking snapshots: when it begins, how long it takes, and what the server does meanwhile.

use raft_core::{LogIndex, Node, NodeId};

use super::{Due, World};
use crate::event::{EventId, EventKind};
use crate::machine::Machine;
use crate::rules::WorldRule;
use crate::time::Time;

/// A snapshot that is being taken.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Taking {
    /// The last entry that it covers.
    index: LogIndex,
    /// The state of the moment in which it began.
    machine: Machine,
    /// The event of its beginning.
    begun: EventId,
    /// The server does nothing else.
    pub(super) is_blocking: bool,
    /// It would be ready if the server were not paused.
    is_overdue: bool,
}

/// Whether a server knows who belonged to the cluster at the last entry that it applied. A spare does not until it has
/// applied the configuration with which it joined, and a snapshot without one would be of no use to anybody.
pub(super) fn knows_cluster(node: &Node) -> bool {
    !node.log().configuration_at(node.last_applied()).voters().is_empty()
}

impl Taking {
    pub(super) const fn index(&self) -> LogIndex {
        self.index
    }
}

impl World {
    /// A server takes a snapshot because it was told to.
    pub(super) fn take_snapshot(&mut self, id: NodeId) {
        if self.config.options.snapshot_ms == Time(0) {
            self.begin_snapshot(id);
            return self.end_snapshot(id);
        }
        self.begin_snapshot(id);
        self.schedule_snapshot(id);
    }

    /// Begins a snapshot if enough was applied since the last one, and anything since `applied_before`.
    pub(super) fn compact_if_due(&mut self, id: NodeId, applied_before: Option<LogIndex>) {
        let Some(every) = self.config.options.compact_every else { return };
        let server = self.server(id);
        let Some(node) = server.node().filter(|_| server.taking.is_none()) else { return };
        let (applied, log) = (node.last_applied(), node.log());
        let is_due = applied.0 >= log.last_included_index().0 + u64::from(every);
        if is_due && knows_cluster(node) && applied_before.is_some_and(|before| before < applied) {
            self.begin_snapshot(id);
            // Even if it takes no time it is a step of its own, so that what was applied can be seen before it is gone.
            self.schedule_snapshot(id);
        }
    }

    fn begin_snapshot(&mut self, id: NodeId) {
        let is_blocking = !self.rules.has(WorldRule::CopyOnWrite) && self.config.options.snapshot_ms > Time(0);
        let now = self.now;
        let server = self.server_mut(id);
        server.catch_up(now);
        let Some(index) = server.node.as_ref().map(Node::last_applied) else { return };
        let begun = self.event(Some(id), self.trigger, EventKind::SnapshotBegun(index));
        let server = self.server_mut(id);
        let machine = server.machine.clone();
        let machine = self.spoil_snapshot(id, machine);
        let server = self.server_mut(id);
        server.taking = Some(Taking { index, machine, begun, is_blocking, is_overdue: false });
        server.plan_timer();
    }

    fn schedule_snapshot(&mut self, id: NodeId) {
        let life = self.server(id).life;
        self.schedule(self.now.after(self.config.options.snapshot_ms), Due::Snapshot(id, life));
    }

    /// The snapshot is ready: it replaces the beginning of the log.
    pub(super) fn end_snapshot(&mut self, id: NodeId) {
        let server = self.server_mut(id);
        let is_paused = server.is_paused;
        if let Some(taking) = server.taking.as_mut().filter(|_| is_paused) {
            taking.is_overdue = true;
            return;
        }
        let Some(Taking { index, machine, begun, .. }) = server.taking.take() else { return };
        let refusal = server.node.as_mut().and_then(|node| node.compact(index, machine.to_bytes()).err());
        self.trigger = Some(begun);
        if let Some(error) = refusal {
            self.refuse(Some(id), error);
        }
        self.wake(id);
    }

    /// Ends a snapshot that became ready while the server was paused.
    pub(super) fn end_overdue_snapshot(&mut self, id: NodeId) {
        if self.server(id).taking.as_ref().is_some_and(|taking| taking.is_overdue) {
            self.end_snapshot(id);
        }
    }
}
