//! Two nodes that start from the same disk and are told the same must do the same (I36).

use raft_core::{Append, Message, Node, NodeSetup, Persisted, Ready, Ticks, Write, WriteNumber};

use crate::checker::{Invariant, Violation, fact};

/// Ticks between two inputs: short and long waits, so that timers run out, too.
const WAITS: [u64; 4] = [0, 7, 60, 400];
/// Inputs after the messages have run out.
const SILENT_INPUTS: usize = 12;

/// A node and its disk.
struct Twin {
    node: Node,
    disk: Persisted,
    outputs: Vec<Ready>,
}

impl Twin {
    fn start(setup: NodeSetup, disk: Persisted) -> Option<Self> {
        Some(Self { node: Node::new(setup, disk.clone()).ok()?, disk, outputs: Vec::new() })
    }

    fn hear(&mut self, wait: Ticks, message: Option<&Message>) {
        self.node.advance(wait);
        message.cloned().into_iter().for_each(|message| self.node.step(message));
        self.outputs.clear();
        loop {
            let mut ready = Ready::default();
            self.node.drain_into(&mut ready);
            if ready.is_empty() {
                return;
            }
            if let Some(write) = &ready.write {
                self.disk.apply(write);
                self.node.on_persisted(write.number);
            }
            let restored = ready.restore.as_ref().map(|snapshot| snapshot.last_included_index);
            let applied = ready.committed.last().map(|committed| committed.index);
            restored.into_iter().chain(applied).for_each(|index| self.node.on_applied(index));
            self.outputs.push(ready);
        }
    }
}

/// Starts two nodes, one from a disk and one from a disk to which the same was written anew, and lets both hear the same.
pub(super) fn differ(setup: NodeSetup, disk: &Persisted, messages: &[&Message]) -> Option<Violation> {
    compare(setup, disk.clone(), rewritten(disk), messages)
}

fn compare(setup: NodeSetup, one: Persisted, other: Persisted, messages: &[&Message]) -> Option<Violation> {
    let (mut one, mut other) = (Twin::start(setup, one)?, Twin::start(setup, other)?);
    let inputs = messages.iter().copied().map(Some).chain([None; SILENT_INPUTS]);
    for (at, (message, wait)) in inputs.zip(WAITS.into_iter().cycle()).enumerate() {
        one.hear(Ticks(wait), message);
        other.hear(Ticks(wait), message);
        if one.outputs != other.outputs || one.node != other.node || one.disk != other.disk {
            return Some(Violation {
                invariant: Invariant::RestartEquivalence,
                servers: vec![setup.id],
                index: None,
                facts: Box::new([
                    fact::TwinsStart { server: setup.id }.into(),
                    fact::TwinsDiffer { input: at as u64 }.into(),
                ]),
            });
        }
    }
    None
}

/// A disk to which what another one holds was written in one go.
fn rewritten(disk: &Persisted) -> Persisted {
    let log = &disk.log;
    let mut copy = Persisted::bootstrap((**log.configuration_at(log.last_included_index())).clone());
    let entries = log.run(log.first_index(), usize::MAX, usize::MAX);
    copy.apply(&Write {
        number: WriteNumber(1),
        hard_state: Some(disk.hard_state),
        snapshot: disk.snapshot.clone(),
        append: Some(Append { first_index: log.first_index(), entries }),
    });
    copy
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "what fails here is the point")]

    use super::*;
    use raft_core::{Configuration, HardState, NodeId, Term};

    /// Goal (I36): nodes from equal disks stay equal; nodes from disks that differ in the vote alone are told apart.
    #[test]
    fn i36_twins_from_different_disks_are_told_apart() {
        let disk = Persisted::bootstrap(Configuration::of_voters([1, 2, 3].map(NodeId)));
        let setup = NodeSetup::new(NodeId(1));
        assert_eq!(differ(setup, &disk, &[]), None);
        let mut other = disk.clone();
        other.hard_state = HardState { current_term: Term(0), voted_for: Some(NodeId(2)) };
        let found = compare(setup, disk, other, &[]).unwrap();
        assert_eq!(found.invariant, Invariant::RestartEquivalence);
    }
}
