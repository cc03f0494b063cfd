//! Which situations of the protocol a run has come through.
//!
//! A situation is what the servers are to each other, without names and numbers: roles, whose term and commitment are behind,
//! whose log ends where the best one ends, before it, or apart from it, what the membership is about to become, and what is on
//! its way. Two runs in the same situations have tried the same things.

use std::collections::BTreeSet;

use raft_core::{LogIndex, MessageKind, Node, Term};

use crate::hash::PortableHasher;
use crate::world::{Server, World};

/// The situations of a run, as hashes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Coverage(BTreeSet<u64>);

impl Coverage {
    /// Takes in the present situation.
    pub(super) fn look(&mut self, world: &World) {
        self.0.insert(situation(world));
    }

    /// Takes in the situations of another run.
    pub fn extend(&mut self, other: &Self) {
        self.0.extend(&other.0);
    }

    /// The situations, as hashes in ascending order.
    pub fn situations(&self) -> impl Iterator<Item = u64> {
        self.0.iter().copied()
    }
}

/// What all servers have in common with the best of each.
struct Best<'a> {
    term: Term,
    commit: LogIndex,
    node: Option<&'a Node>,
}

fn situation(world: &World) -> u64 {
    let best = Best {
        term: world.nodes().map(Node::current_term).max().unwrap_or_default(),
        commit: world.nodes().map(Node::commit_index).max().unwrap_or_default(),
        node: world.nodes().max_by_key(|node| (node.log().last_term(), node.log().last_index())),
    };
    let mut servers: Vec<_> = world.servers().iter().map(|server| standing(server, &best)).collect();
    servers.sort_unstable();
    let mut on_its_way: Vec<_> =
        world.messages().iter().filter_map(|it| rare(it.message.kind(), it.message.term < best.term)).collect();
    on_its_way.sort_unstable();
    on_its_way.dedup();
    PortableHasher::hash_of(&(servers, on_its_way))
}

/// What one server is to the others.
fn standing(server: &Server, best: &Best<'_>) -> u64 {
    let Some(node) = server.node() else { return PortableHasher::hash_of(&0_u8) };
    let log = node.log();
    let tail = match best.node.map(Node::log) {
        Some(other) if log.last_index() < log.first_index() => u8::from(other.last_index() > log.last_index()),
        Some(other) if other.term_at(log.last_index()) != Some(log.last_term()) => 2,
        Some(other) => u8::from(other.last_index() > log.last_index()),
        None => 0,
    };
    let configuration = node.configuration();
    let membership = (
        configuration.is_joint(),
        configuration.is_voter(node.id()),
        configuration.learners().is_empty(),
        log.configuration_index() > node.commit_index(),
    );
    PortableHasher::hash_of(&(
        (server.status() as u8, node.role() as u8),
        (best.term.0 - node.current_term().0).min(2),
        (tail, node.commit_index() < best.commit, log.last_index() > node.commit_index()),
        log.last_term() < node.current_term(),
        (membership, server.snapshot_begun().is_some()),
    ))
}

/// What is worth telling apart of a message under way.
fn rare(kind: MessageKind, is_old: bool) -> Option<(u8, bool)> {
    let is_rare = !matches!(kind, MessageKind::AppendEntries | MessageKind::AppendEntriesReply);
    (is_old || is_rare).then_some((kind as u8, is_old))
}
