//! Time: a jump is as good as its ticks.

use proptest::prelude::*;
use raft_core::{MembershipChange, NodeId, ReadMode, Rule, Ticks};

use crate::harness::{Cluster, Server, accepted, append, vote};

fn follower() -> Server {
    Server::new(1, 3)
}

fn candidate() -> Server {
    let mut server = Server::new(1, 3);
    server.campaign();
    server
}

fn leader() -> Server {
    let mut server = Server::new(1, 3).without(Rule::PreVote);
    server.campaign();
    server.step(vote(2, 1, 1, true));
    server
}

/// A leader that hands over to a server which lacks an entry.
fn handing_over() -> Server {
    let mut server = leader();
    server.step(accepted(2, 1, 1, 1));
    server.run(|node| node.transfer_leadership(NodeId(3)).expect("server 3 can lead"));
    server
}

/// A leader whose transfer waits for the target's campaign.
fn handing_over_to_who_is_asked() -> Server {
    let mut server = leader();
    server.step(accepted(2, 1, 1, 1));
    server.step(accepted(3, 1, 1, 1));
    server.run(|node| node.transfer_leadership(NodeId(3)).expect("server 3 can lead"));
    server
}

/// A leader with leases, of which it has one, and a learner that catches up.
fn with_learner_and_lease() -> Server {
    let mut server =
        Server::new(1, 3).options(|options| options.lease_drift_permille = Some(50)).without(Rule::PreVote);
    server.campaign();
    server.step(vote(2, 1, 1, true));
    server.step(accepted(2, 1, 1, 1));
    server.change(&MembershipChange::AddLearner(NodeId(4))).0.expect("the leader has committed its no-op");
    server.step(accepted(2, 1, 1, 2));
    server.step(accepted(4, 1, 1, 1));
    server.read(7, ReadMode::ReadIndex).0.expect("the leader takes reads");
    server
}

/// A leader that sends its snapshot to one follower, and is itself about to leave.
fn with_a_snapshot_on_its_way() -> Server {
    let mut server = leader();
    server.step(accepted(2, 1, 1, 1));
    server.compact(1).0.expect("the no-op is applied");
    server.tick(50);
    server.step(accepted(2, 1, 1, 1));
    server.change(&MembershipChange::Remove(NodeId(1))).0.expect("the leader has committed its no-op");
    server
}

const ROLES: [fn() -> Server; 7] = [
    follower,
    candidate,
    leader,
    handing_over,
    handing_over_to_who_is_asked,
    with_learner_and_lease,
    with_a_snapshot_on_its_way,
];

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    /// Goal: `advance(n)` equals n calls of `tick`, in every role, with the events and messages in the same order.
    #[test]
    fn advance_equals_ticks(
        role in 0..ROLES.len(),
        check_quorum in any::<bool>(),
        jumps in prop::collection::vec(0_u64..400, 1..6),
    ) {
        let mut jumping = ROLES[role]();
        if !check_quorum {
            let rules = jumping.node().rules().without(Rule::CheckQuorum);
            jumping.run(|node| node.set_rules(rules));
        }
        let mut ticking = jumping.clone();
        for jump in jumps {
            let sent = jumping.run(|node| node.advance(Ticks(jump)));
            let also_sent = ticking.run(|node| (0..jump).for_each(|_| node.tick()));
            prop_assert_eq!(jumping.node(), ticking.node());
            prop_assert_eq!(&jumping.events, &ticking.events);
            prop_assert_eq!(sent, also_sent);
            prop_assert_eq!(jumping.node().has_lease(), ticking.node().has_lease());
            prop_assert_eq!(jumping.node().transfer_block(), ticking.node().transfer_block());
        }
    }

    /// Goal: nothing happens before the deadline that a node names, and something does at it.
    #[test]
    fn the_deadline_is_exact(role in 0..ROLES.len(), early in 0_u64..400) {
        let mut server = ROLES[role]();
        let deadline = server.node().ticks_until_deadline().0;
        let early = early % deadline;
        let known = server.events.len();
        prop_assert!(server.tick(early).is_empty());
        prop_assert_eq!(server.events.len(), known);
        prop_assert_eq!(server.node().ticks_until_deadline().0, deadline - early);
        let sent = server.tick(deadline - early);
        prop_assert!(!sent.is_empty() || server.events.len() > known);
    }
}

/// Goal: two nodes with the same setup and the same calls are equal, and a restart with the same seed repeats the draws.
#[test]
fn a_run_repeats_exactly() {
    let run = || {
        let mut cluster = Cluster::new(5);
        cluster.run(700);
        for leader in cluster.leaders() {
            cluster.crash(leader);
        }
        cluster.run(700);
        cluster.transcript
    };
    let transcript = run();
    assert!(transcript.lines().count() > 100);
    assert_eq!(transcript, run());
}

/// Goal: equal nodes hash equally, and a clone goes its own way.
#[test]
fn clones_are_equal_until_they_differ() {
    use std::hash::{DefaultHasher, Hash, Hasher};
    let hash = |server: &Server| {
        let mut hasher = DefaultHasher::new();
        server.node().hash(&mut hasher);
        hasher.finish()
    };
    let mut original = leader();
    original.propose("x").0.unwrap();
    let copy = original.clone();
    assert_eq!((original.node(), hash(&original)), (copy.node(), hash(&copy)));
    original.step(append(2, 1, 2, (0, 0), &[2], 0));
    assert_ne!(original.node(), copy.node());
    assert_ne!(hash(&original), hash(&copy));
    assert_eq!(copy.terms(), [1, 1]);
}
