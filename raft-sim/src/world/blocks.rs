//! What waits at a server and why, as data.

use raft_core::{CommitBlock, Node, NodeId};

use super::World;
use crate::event;
use crate::told::{Value, Values};

impl World {
    /// Why a leader does not commit its next entry; `None` if nothing waits or the server does not lead.
    pub fn commit_blocked(&self, server: NodeId) -> Option<Values> {
        let node = self.node(server)?;
        let block = node.commit_block()?;
        let missing = match block {
            CommitBlock::NoQuorum { index, .. } => node.voters_lacking(index),
            CommitBlock::OlderTerm { .. } => Vec::new(),
        };
        Some(event::commit(block).with("missing", Value::Servers(missing)))
    }

    /// What the transfer of leadership under way at a server waits for; `None` without one.
    pub fn transfer_blocked(&self, server: NodeId) -> Option<Values> {
        Some(event::transfer(self.node(server)?.transfer_block()?))
    }

    /// What the oldest read at a server waits for; `None` if none waits.
    pub fn read_blocked(&self, server: NodeId) -> Option<Values> {
        Some(event::read(self.node(server)?.read_block()?))
    }

    fn node(&self, server: NodeId) -> Option<&Node> {
        self.nodes().find(|node| node.id() == server)
    }
}
