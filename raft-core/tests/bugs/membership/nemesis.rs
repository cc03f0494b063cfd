//! Changes of the configuration amid crashes and partitions.

use std::collections::BTreeMap;

use raft_core::{Event, MembershipChange, NodeId, Term};

use crate::harness::{Cluster, ids};

/// What a cluster promised so far.
#[derive(Default)]
struct Witness {
    leaders: BTreeMap<Term, u64>,
    committed: BTreeMap<u64, raft_core::Entry>,
    /// How many events of each server were looked at.
    seen: BTreeMap<u64, usize>,
}

impl Witness {
    /// Looks at everybody; two leaders in a term, or two entries at a committed index, are a panic.
    fn look(&mut self, cluster: &Cluster, story: &str) {
        for id in cluster.ids() {
            let server = cluster.server(id);
            let seen = self.seen.entry(id).or_default();
            *seen = (*seen).min(server.events.len());
            for event in &server.events[*seen..] {
                if let Event::BecameLeader { term } = event {
                    let first = *self.leaders.entry(*term).or_insert(id);
                    assert_eq!(first, id, "{story}: two leaders in term {term}");
                }
            }
            *seen = server.events.len();
            for committed in &server.applied {
                let known = self.committed.entry(committed.index.0).or_insert_with(|| committed.entry.clone());
                assert_eq!(*known, committed.entry, "{story}: two entries at {}", committed.index);
            }
        }
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
        let mut chance = Chance(seed);
        let mut cluster = Cluster::with_spares(3, 3);
        for id in cluster.ids() {
            let server = cluster.server_mut(id);
            server.setup.seed = seed;
            server.start();
        }
        let mut witness = Witness::default();
        for step in 0..150 {
            let story = format!("seed {seed}, step {step}");
            let id = chance.below(6) + 1;
            match chance.below(9) {
                0 if cluster.server(id).is_up() => cluster.crash(id),
                0 | 1 => {
                    if !cluster.server(id).is_up() {
                        restart(&mut cluster, id, chance.below(1_000));
                        witness.seen.insert(id, 0);
                    }
                }
                2 => cluster.isolate(&[id]),
                3 => cluster.heal(),
                4 => {
                    for leader in cluster.leaders() {
                        let committed = cluster.node(leader).last_applied().0;
                        cluster.act(leader, |server| server.compact(committed).1);
                    }
                }
                5 | 6 => {
                    let change = any_change(&mut chance, id);
                    for leader in cluster.leaders() {
                        cluster.act(leader, |server| {
                            let (result, sent) = server.change(&change);
                            changes += usize::from(result.is_ok());
                            sent
                        });
                    }
                }
                _ => {
                    for leader in cluster.leaders() {
                        cluster.act(leader, |server| server.propose(&story).1);
                    }
                }
            }
            for _ in 0..chance.below(30) {
                cluster.deliver(|_| true);
            }
            let ticks = chance.below(250);
            cluster.run(ticks);
            witness.look(&cluster, &story);
        }
        for id in cluster.ids() {
            if !cluster.server(id).is_up() {
                restart(&mut cluster, id, 0);
                witness.seen.insert(id, 0);
            }
        }
        cluster.heal();
        cluster.run(5_000);
        witness.look(&cluster, "afterwards");
        let leaders = cluster.leaders();
        let [leader] = leaders[..] else { panic!("seed {seed}: {leaders:?} lead") };
        let index = cluster.propose(leader, "at last");
        cluster.run(100);
        assert!(cluster.node(leader).commit_index() >= index, "seed {seed}");
        witness.look(&cluster, "at last");
    }
    assert!(changes > 300, "only {changes} changes");
}

fn restart(cluster: &mut Cluster, id: u64, seed: u64) {
    cluster.server_mut(id).setup.seed = seed;
    cluster.server_mut(id).start();
}

fn any_change(chance: &mut Chance, id: u64) -> MembershipChange {
    let node = NodeId(id);
    match chance.below(6) {
        0 | 1 => MembershipChange::AddLearner(node),
        2 => MembershipChange::AddVoter(node),
        3 => MembershipChange::Remove(node),
        4 => MembershipChange::Demote(node),
        _ => MembershipChange::Replace {
            voters: ids(chance.some_of(1..=6)).collect(),
            learners: ids(chance.some_of(1..=6)).collect(),
        },
    }
}
