//! Servers are alike: two states that differ only in who is called what have the same future, up to the same renaming.

use raft_core::NodeId;

use super::config::ExplorerConfig;
use crate::action::Membership;

/// The ways of naming the servers that change nothing about what may happen.
pub(super) struct Symmetry {
    /// For each way, the new number of each server, from 0; the first way changes nothing.
    ways: Vec<Vec<u8>>,
}

impl Symmetry {
    /// All renamings that keep voters and spares apart and map the menu of membership changes onto itself.
    pub(super) fn of(config: &ExplorerConfig) -> Self {
        let total = config.servers + config.spares;
        let identity: Vec<u8> = (0..total as u8).collect();
        if !config.symmetry {
            return Self { ways: vec![identity] };
        }
        let mut ways = Vec::new();
        permute(&mut identity.clone(), 0, &mut ways);
        ways.retain(|way| (0..total).all(|at| (at < config.servers) == (usize::from(way[at]) < config.servers)));
        ways.retain(|way| {
            config.changes.iter().all(|change| {
                let renamed = rename(change, way);
                config.changes.iter().any(|other| rename(other, &identity) == renamed)
            })
        });
        ways.sort_unstable();
        Self { ways }
    }

    /// Number of ways, at least 1.
    pub(super) fn ways(&self) -> usize {
        self.ways.len()
    }

    /// The name of a server in one of the ways.
    pub(super) fn name(&self, way: usize, id: NodeId) -> NodeId {
        let at = id.0.checked_sub(1).and_then(|at| self.ways[way].get(at as usize));
        at.map_or(id, |&at| NodeId(u64::from(at) + 1))
    }
}

fn permute(names: &mut Vec<u8>, from: usize, all: &mut Vec<Vec<u8>>) {
    if from == names.len() {
        return all.push(names.clone());
    }
    for at in from..names.len() {
        names.swap(from, at);
        permute(names, from + 1, all);
        names.swap(from, at);
    }
}

/// A change under other names, with its lists in order.
fn rename(change: &Membership, way: &[u8]) -> Membership {
    let one = |id: u64| u64::from(way[id as usize - 1]) + 1;
    let all = |ids: &[u64]| {
        let mut ids: Vec<_> = ids.iter().map(|&id| one(id)).collect();
        ids.sort_unstable();
        ids
    };
    match change {
        Membership::AddLearner { add_learner } => Membership::AddLearner { add_learner: one(*add_learner) },
        Membership::AddVoter { add_voter } => Membership::AddVoter { add_voter: one(*add_voter) },
        Membership::Demote { demote } => Membership::Demote { demote: one(*demote) },
        Membership::Remove { remove } => Membership::Remove { remove: one(*remove) },
        Membership::Replace { voters, learners } => {
            Membership::Replace { voters: all(voters), learners: all(learners) }
        }
    }
}
