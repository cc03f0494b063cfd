//! Quorums, of one majority and of two, against the definition said in the plainest words.

use std::collections::{BTreeMap, BTreeSet};

use raft_core::{Configuration, MembershipChange, NodeId, QuorumRule};

use crate::harness::ids;

/// Numbers without a pattern, the same in every run (SplitMix64).
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (mixed ^ (mixed >> 31)) % bound
    }

    /// At least one of the servers 1 to 12, most often a handful.
    fn servers(&mut self) -> BTreeSet<u64> {
        let count = 1 + self.below(1 + 11);
        (0..count).map(|_| 1 + self.below(12)).collect()
    }
}

fn configuration(voters: &BTreeSet<u64>) -> Configuration {
    Configuration::of_voters(ids(voters.iter().copied()))
}

/// More than half of `set` are in `agreeing`.
fn is_majority(set: &BTreeSet<u64>, agreeing: &BTreeSet<u64>) -> bool {
    set.intersection(agreeing).count() * 2 > set.len()
}

/// The largest of the values that a majority of `set` has reached, by trying each.
fn reached(set: &BTreeSet<u64>, values: &BTreeMap<u64, u64>) -> u64 {
    let has = |value: u64| set.iter().filter(|id| values[id] >= value).count() * 2 > set.len();
    values.values().copied().filter(|&value| has(value)).max().unwrap_or(0)
}

/// Goal: what a majority, or two, have reached, is what the definition says: over 50,000 random sets and values.
#[test]
fn section_6_quorums_agree_with_a_naive_twin() {
    let mut numbers = Numbers(1);
    for case in 0..60_000 {
        let (old, new) = (numbers.servers(), numbers.servers());
        let values: BTreeMap<u64, u64> = (1..=12).map(|id| (id, numbers.below(6))).collect();
        let agreeing: BTreeSet<u64> = (1..=12).filter(|id| values[id] >= 3).collect();
        let value = |id: NodeId| values[&id.0];
        let agrees = |id: NodeId| agreeing.contains(&id.0);
        let simple = configuration(&old);
        let joint = simple.enter_joint(&configuration(&new));
        let rule = QuorumRule::Majority;
        assert_eq!(simple.reached(rule, value), reached(&old, &values), "case {case}");
        assert_eq!(simple.is_quorum(rule, agrees), is_majority(&old, &agreeing), "case {case}");
        assert_eq!(joint.reached(rule, value), reached(&old, &values).min(reached(&new, &values)), "case {case}");
        let both = is_majority(&old, &agreeing) && is_majority(&new, &agreeing);
        assert_eq!(joint.is_quorum(rule, agrees), both, "case {case}");
        // A decision of C_old,new is one of C_old and of C_new.
        if joint.is_quorum(rule, agrees) {
            assert!(simple.is_quorum(rule, agrees) && joint.leave_joint().is_quorum(rule, agrees), "case {case}");
        }
    }
}

/// Goal: any two quorums of one configuration meet, and each quorum of C_old,new meets each of C_old and of C_new.
#[test]
fn section_6_quorums_meet() {
    let mut numbers = Numbers(2);
    for case in 0..60_000 {
        let (old, new) = (numbers.servers(), numbers.servers());
        let simple = configuration(&old);
        let joint = simple.enter_joint(&configuration(&new));
        let configurations = [&simple, &joint, &joint.leave_joint()];
        let [first, second]: [BTreeSet<u64>; 2] =
            std::array::from_fn(|_| (1..=12).filter(|_| numbers.below(3) > 0).collect());
        let holds = |configuration: &Configuration, set: &BTreeSet<u64>| {
            configuration.is_quorum(QuorumRule::Majority, |id| set.contains(&id.0))
        };
        for pair in configurations.windows(2) {
            for (a, b) in [(pair[0], pair[0]), (pair[0], pair[1]), (pair[1], pair[0]), (pair[1], pair[1])] {
                if holds(a, &first) && holds(b, &second) {
                    let mut common = first.intersection(&second).filter(|&&id| a.is_voter(NodeId(id)));
                    assert!(common.any(|&id| b.is_voter(NodeId(id))), "case {case}: {first:?} and {second:?}");
                }
            }
        }
    }
}

/// Goal: dissertation §4.1, majorities of two configurations that differ by one voter meet: exhaustive for up to seven.
#[test]
fn dissertation_4_1_majorities_of_consecutive_configurations_meet() {
    for size in 1..=6_u64 {
        let old = Configuration::of_voters(ids(1..=size));
        let learner = old.changed(&MembershipChange::AddLearner(NodeId(size + 1))).unwrap();
        let changes = [MembershipChange::AddVoter(NodeId(size + 1)), MembershipChange::Remove(NodeId(size))];
        for change in changes {
            let Ok(new) = learner.changed(&change) else { continue };
            let holds = |configuration: &Configuration, set: u64| {
                configuration.is_quorum(QuorumRule::Majority, |id| set >> id.0 & 1 == 1)
            };
            let sets = || (0..1 << (size + 2)).filter(|set| set & 1 == 0);
            for first in sets().filter(|&set| holds(&old, set)) {
                for second in sets().filter(|&set| holds(&new, set)) {
                    assert_ne!(first & second, 0, "{old:?} to {new:?}: {first:b} and {second:b}");
                }
            }
        }
    }
}

/// Goal: two voters more at once, and they need not meet: that is what C_old,new is for.
#[test]
fn section_6_majorities_of_distant_configurations_need_not_meet() {
    let (old, new) = (Configuration::of_voters(ids(1..=3)), Configuration::of_voters(ids(1..=5)));
    assert!(old.is_quorum(QuorumRule::Majority, |id| id.0 <= 2));
    assert!(new.is_quorum(QuorumRule::Majority, |id| id.0 >= 3));
    let joint = old.enter_joint(&new);
    assert!(!joint.is_quorum(QuorumRule::Majority, |id| id.0 <= 2));
    assert!(!joint.is_quorum(QuorumRule::Majority, |id| id.0 >= 3));
}

/// Goal: for a change of one voter, C_old,new decides nothing that C_old or C_new would not decide alone, and either it
/// or the direct change is safe; learners decide nothing in any of them.
#[test]
fn section_6_a_simple_change_is_a_joint_one_cut_short() {
    let mut numbers = Numbers(3);
    for case in 0..60_000 {
        let old = numbers.servers();
        let id = 1 + numbers.below(12);
        let mut new = old.clone();
        if !new.remove(&id) {
            new.insert(id);
        }
        if new.is_empty() {
            continue;
        }
        let learners = ids(13..=15);
        let from = Configuration::new(ids(old.iter().copied()), learners);
        let to = Configuration::new(ids(new.iter().copied()), ids(13..=15));
        let joint = from.enter_joint(&to);
        let agreeing: BTreeSet<u64> = (1..=15).filter(|_| numbers.below(2) > 0).collect();
        let voting: BTreeSet<u64> = agreeing.iter().copied().filter(|&id| id <= 12).collect();
        let holds = |configuration: &Configuration, set: &BTreeSet<u64>| {
            configuration.is_quorum(QuorumRule::Majority, |id| set.contains(&id.0))
        };
        let either = [holds(&from, &agreeing), holds(&to, &agreeing)];
        assert_eq!(holds(&joint, &agreeing), either == [true, true], "case {case}");
        for configuration in [&from, &to, &joint] {
            assert_eq!(holds(configuration, &agreeing), holds(configuration, &voting), "case {case}");
        }
        // Who does not agree cannot decide the opposite on the other side of the change.
        let others: BTreeSet<u64> = (1..=12).filter(|id| !agreeing.contains(id)).collect();
        assert!(!(holds(&from, &agreeing) && holds(&to, &others)), "case {case}");
        assert!(!(holds(&to, &agreeing) && holds(&from, &others)), "case {case}");
    }
}
