//! Changes of the configuration amid crashes and partitions.

use std::collections::BTreeMap;

use raft_core::{Entry, Event, MembershipChange, NodeId, Rule, Term};

use crate::harness::{Cluster, ids};

/// What a cluster promised so far.
#[derive(Default)]
struct Witness {
    leaders: BTreeMap<Term, u64>,
    committed: BTreeMap<u64, Entry>,
    /// How many events of each server were looked at.
    seen: BTreeMap<u64, usize>,
}

impl Witness {
    /// Looks at everybody. Two leaders in a term, or two entries at a committed index, are an error.
    fn look(&mut self, cluster: &Cluster) -> Result<(), String> {
        for id in cluster.ids() {
            let server = cluster.server(id);
            let seen = self.seen.entry(id).or_default();
            for event in server.events.get(*seen..).unwrap_or(&server.events) {
                if let Event::BecameLeader { term } = event {
                    let first = *self.leaders.entry(*term).or_insert(id);
                    if first != id {
                        return Err(format!("I1: {first} and {id} lead in term {term}"));
                    }
                }
            }
            *seen = server.events.len();
            for committed in &server.applied {
                let known = self.committed.entry(committed.index.0).or_insert_with(|| committed.entry.clone());
                if *known != committed.entry {
                    return Err(format!("I5: two entries at {}", committed.index));
                }
            }
        }
        Ok(())
    }
}

/// Numbers that look random and are the same in every run.
struct Chance(u64);

impl Chance {
    fn below(&mut self, count: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % count
    }

    fn some_of(&mut self, range: std::ops::RangeInclusive<u64>) -> Vec<u64> {
        range.filter(|_| self.below(2) == 0).collect()
    }
}

/// canonical/raft#386, found by Jepsen: two leaders in term 11, while servers were added, removed and killed.
///
/// Goal (I1, I5, L1): whatever is added, removed, demoted, replaced, compacted, killed and cut off, no term has two leaders
/// and no index two committed entries; and when the trouble ends, somebody leads and commits.
#[test]
fn b29_changes_amid_kills_and_cuts_give_one_leader_a_term() {
    let mut changes = 0;
    for seed in 0..60 {
        let mut trial = Trial::new(seed, None);
        trial.trouble().unwrap_or_else(|broken| panic!("seed {seed}: {broken}"));
        trial.recover().unwrap_or_else(|broken| panic!("seed {seed}: {broken}"));
        changes += trial.changes;
    }
    assert!(changes > 300, "only {changes} changes");
}

/// The same bug, re-created: several servers change at once, without a joint configuration.
///
/// Goal: the same trouble breaks a promise within a hundred seeds.
#[test]
fn b29_and_without_a_joint_configuration_a_promise_is_broken() {
    let broken = (0..100).find_map(|seed| Trial::new(seed, Some(Rule::JointConsensus)).trouble().err());
    assert!(broken.is_some());
}

/// Three voters and three learners, and what happens to them.
struct Trial {
    cluster: Cluster,
    chance: Chance,
    witness: Witness,
    /// Changes that were accepted.
    changes: usize,
}

impl Trial {
    fn new(seed: u64, rule_off: Option<Rule>) -> Self {
        let mut cluster = Cluster::with_learners(3, 3);
        for id in cluster.ids() {
            restart(&mut cluster, id, seed);
        }
        if let Some(rule) = rule_off {
            cluster = cluster.without(rule);
        }
        Self { cluster, chance: Chance(seed), witness: Witness::default(), changes: 0 }
    }

    fn trouble(&mut self) -> Result<(), String> {
        for step in 0..150 {
            self.disturb(&format!("x{step}"));
            for _ in 0..self.chance.below(30) {
                self.cluster.deliver(|_| true);
            }
            let ticks = self.chance.below(400);
            self.cluster.run(ticks);
            self.witness.look(&self.cluster)?;
        }
        Ok(())
    }

    fn disturb(&mut self, command: &str) {
        let Self { cluster, chance, witness, changes } = self;
        let id = chance.below(6) + 1;
        match chance.below(12) {
            0 if cluster.server(id).is_up() => cluster.crash(id),
            0 | 1 => {
                if !cluster.server(id).is_up() {
                    restart(cluster, id, chance.below(1_000));
                    witness.seen.insert(id, 0);
                }
            }
            2 => cluster.isolate(&[id]),
            3..=5 => cluster.heal(),
            6 => {
                for leader in cluster.leaders() {
                    let applied = cluster.node(leader).last_applied().0;
                    cluster.act(leader, |server| server.compact(applied).1);
                }
            }
            7..=9 => {
                let change = any_change(chance, id);
                for leader in cluster.leaders() {
                    cluster.act(leader, |server| {
                        let (result, sent) = server.change(&change);
                        *changes += usize::from(result.is_ok());
                        sent
                    });
                }
                // A cut is worst in the middle of a change.
                if chance.below(2) == 0 {
                    let group = chance.some_of(1..=6);
                    cluster.isolate(&group);
                }
            }
            _ => {
                for leader in cluster.leaders() {
                    cluster.act(leader, |server| server.propose(command).1);
                }
            }
        }
    }

    /// The trouble ends: everybody is up and connected.
    fn recover(&mut self) -> Result<(), String> {
        let Self { cluster, witness, .. } = self;
        for id in cluster.ids() {
            if !cluster.server(id).is_up() {
                restart(cluster, id, 0);
                witness.seen.insert(id, 0);
            }
        }
        cluster.heal();
        cluster.run(5_000);
        witness.look(cluster)?;
        let leaders = cluster.leaders();
        let [leader] = leaders[..] else { return Err(format!("L1: {leaders:?} lead")) };
        let index = cluster.propose(leader, "at last");
        cluster.run(100);
        if cluster.node(leader).commit_index() < index {
            return Err(format!("L1: {index} is not committed"));
        }
        witness.look(cluster)
    }
}

fn restart(cluster: &mut Cluster, id: u64, seed: u64) {
    cluster.server_mut(id).setup.seed = seed;
    cluster.server_mut(id).start();
}

fn any_change(chance: &mut Chance, id: u64) -> MembershipChange {
    let node = NodeId(id);
    match chance.below(6) {
        0 => MembershipChange::AddLearner(node),
        1 => MembershipChange::AddVoter(node),
        2 => MembershipChange::Remove(node),
        3 => MembershipChange::Demote(node),
        _ => MembershipChange::Replace { voters: ids(chance.some_of(1..=6)).collect(), learners: ids(1..=6).collect() },
    }
}
