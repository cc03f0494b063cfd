//! Dissertation §6.4.1: reads from a leader's lease, and what clocks must keep to.

use proptest::prelude::*;
use raft_core::{LogIndex, MessageKind, ReadMode, Rule};

use crate::harness::{Cluster, Server, append, granted, on_link, request_vote};

/// Clocks differ by at most a tenth.
const DRIFT: u32 = 100;

fn with_leases(size: u64) -> Cluster {
    Cluster::new(size).options(|options| options.lease_drift_permille = Some(DRIFT))
}

fn led_by_1(size: u64) -> Cluster {
    let mut cluster = with_leases(size);
    cluster.elect(1);
    cluster.heartbeats(1, 1);
    cluster.delivered.clear();
    cluster
}

/// Ticks for which a lease lasts: the election timeout at the slowest clock, less the two that whole ticks may hide.
fn lasts(cluster: &Cluster) -> u64 {
    let timeout = cluster.server(1).setup.options.election_timeout_min.0;
    (0..timeout).take_while(|age| (age + 2) * u64::from(1_000 + DRIFT) < timeout * 1_000).count() as u64
}

/// Goal: with a lease a read is answered at once, without a message.
#[test]
fn dissertation_6_4_1_a_read_from_the_lease() {
    let mut cluster = led_by_1(3);
    cluster.propose(1, "x");
    cluster.settle();
    assert!(cluster.node(1).has_lease());
    cluster.read(1, 7, ReadMode::Lease);
    assert_eq!(cluster.server(1).servable(), [(7, 2)]);
    assert!(cluster.network.is_empty());
    // The other way still asks.
    cluster.read(1, 8, ReadMode::ReadIndex);
    assert_eq!(cluster.network.len(), 2);
}

/// Goal: the lease lasts exactly as long as the bound on drift allows, counted from the sending of what was answered.
#[test]
fn dissertation_6_4_1_the_lease_ends_within_the_bound() {
    for late in [0, 20, 49] {
        let mut cluster = led_by_1(3);
        let lasts = lasts(&cluster);
        assert_eq!(lasts, 135, "135 + 2 ticks at 1.1 are 150.7");
        cluster.heartbeat(1);
        cluster.tick(1, late);
        cluster.settle();
        // From here on nothing is answered.
        cluster.isolate(&[1]);
        cluster.tick(1, lasts - late - 1);
        assert!(cluster.node(1).has_lease(), "answers {late} ticks late");
        cluster.tick(1, 1);
        assert!(!cluster.node(1).has_lease(), "answers {late} ticks late");
        assert!(cluster.node(1).role().is_leader());
        cluster.network.clear();
        cluster.read(1, 7, ReadMode::Lease);
        assert!(cluster.server(1).reads.is_empty());
        assert!(!cluster.network.is_empty(), "without a lease the leader asks");
    }
}

/// Goal: late answers to old rounds do not prolong the lease.
#[test]
fn dissertation_6_4_1_old_answers_prolong_nothing() {
    let mut cluster = led_by_1(3);
    cluster.heartbeat(1);
    let old: Vec<_> = cluster.network.iter().cloned().collect();
    cluster.settle();
    let answers: Vec<_> =
        old.iter().flat_map(|message| cluster.server_mut(message.to.0).step(message.clone())).collect();
    assert_eq!(answers.len(), 2);
    cluster.isolate(&[1]);
    let lasts = lasts(&cluster);
    for _ in 0..lasts {
        assert!(cluster.node(1).has_lease());
        cluster.tick(1, 1);
        for answer in &answers {
            cluster.act(1, |server| server.step(answer.clone()));
        }
    }
    assert!(!cluster.node(1).has_lease());
}

/// Goal: no lease without a bound on drift, without a quorum, without a commit in the term, or without being leader.
#[test]
fn dissertation_6_4_1_no_lease_without() {
    let mut cluster = Cluster::new(3);
    cluster.elect(1);
    cluster.heartbeats(1, 2);
    assert!(!cluster.node(1).has_lease(), "a bound on drift");
    cluster.read(1, 7, ReadMode::Lease);
    cluster.settle();
    assert_eq!(cluster.server(1).servable(), [(7, 1)], "then it is a read like any other");

    let mut cluster = led_by_1(5);
    cluster.isolate(&[1, 2]);
    for _ in 0..3 {
        cluster.heartbeat(1);
        cluster.settle();
    }
    assert!(!cluster.node(1).has_lease(), "a quorum");

    let mut cluster = with_leases(3).without(Rule::NoOp);
    cluster.elect(1);
    cluster.heartbeats(1, 2);
    assert!(!cluster.node(1).has_lease(), "a commit in the term");
    cluster.propose(1, "x");
    cluster.settle();
    cluster.heartbeats(1, 1);
    assert!(cluster.node(1).has_lease());
    assert!(!cluster.node(2).has_lease(), "leadership");
}

/// Goal: learners do not make a lease.
#[test]
fn dissertation_6_4_1_no_lease_from_learners() {
    let mut cluster = Cluster::with_learners(3, 2).options(|options| options.lease_drift_permille = Some(DRIFT));
    cluster.elect(1);
    cluster.heartbeats(1, 1);
    cluster.isolate(&[2, 3]);
    for _ in 0..2 {
        cluster.heartbeat(1);
        cluster.settle();
        cluster.tick(1, 19);
    }
    assert!(cluster.node(1).role().is_leader());
    assert!(!cluster.node(1).has_lease());
}

/// Goal: whoever asks another server to campaign has no lease any more, for the request may arrive at any time in the term.
#[test]
fn dissertation_6_4_1_no_lease_after_timeout_now() {
    let mut cluster = led_by_1(3);
    cluster.transfer(1, 3);
    let timeout_now: Vec<_> = cluster.network.drain(..).collect();
    assert!(timeout_now.iter().any(|message| message.kind() == MessageKind::TimeoutNow));
    assert!(!cluster.node(1).has_lease());
    // The transfer comes to nothing, the leader goes on, and its rounds are answered.
    for _ in 0..10 {
        cluster.heartbeat(1);
        cluster.drop_all(|message| message.kind() == MessageKind::TimeoutNow);
        cluster.settle();
        assert!(cluster.node(1).role().is_leader() && !cluster.node(1).has_lease());
    }
    assert_eq!(cluster.node(1).transfer_block(), None);
    // For the request that was lost may yet arrive.
    cluster.network.extend(timeout_now);
    cluster.settle();
    assert_eq!(cluster.leaders(), [3]);
    cluster.heartbeats(3, 1);
    assert!(cluster.node(3).has_lease(), "the next term has its own");
}

/// Goal: a transfer that has not asked yet leaves the lease as it is.
#[test]
fn dissertation_6_4_1_a_transfer_that_waits_keeps_the_lease() {
    let mut cluster = led_by_1(3);
    cluster.crash(3);
    cluster.propose(1, "x");
    cluster.settle();
    cluster.transfer(1, 3);
    assert!(cluster.node(1).has_lease());
}

/// Goal: a voter that has restarted has forgotten what it promised: it grants no vote for an election timeout, if there may
/// be leases; a server that has never run owes nothing.
#[test]
fn dissertation_6_4_1_a_restarted_voter_owes_the_lease() {
    for (drift, is_owed) in [(None, false), (Some(DRIFT), true)] {
        let mut voter = Server::new(1, 3).options(|options| options.lease_drift_permille = drift);
        voter.step(append(2, 1, 1, (0, 0), &[], 0));
        voter.crash();
        voter.start();
        let ask = request_vote(3, 1, 2, (9, 1));
        assert_eq!(granted(&voter.clone().step(ask.clone())), if is_owed { None } else { Some(true) });
        let timeout = voter.setup.options.election_timeout_min.0;
        voter.tick(timeout - 1);
        assert_eq!(granted(&voter.clone().step(ask.clone())), if is_owed { None } else { Some(true) });
        voter.tick(1);
        assert_eq!(granted(&voter.step(ask)), Some(true));
    }
    let mut fresh = Server::new(1, 3).options(|options| options.lease_drift_permille = Some(DRIFT));
    assert_eq!(granted(&fresh.step(request_vote(3, 1, 1, (0, 0)))), Some(true));
}

/// Goal: a single server has a lease on itself.
#[test]
fn dissertation_6_4_1_a_single_server() {
    let mut cluster = with_leases(1);
    cluster.campaign(1);
    cluster.heartbeat(1);
    assert!(cluster.node(1).has_lease());
    cluster.read(1, 7, ReadMode::Lease);
    assert_eq!(cluster.server(1).servable(), [(7, 1)]);
}

/// Goal: a leader outside of its own configuration has a lease only from the others.
#[test]
fn dissertation_6_4_1_a_leaving_leader() {
    let mut cluster = led_by_1(3);
    cluster.change(1, &raft_core::MembershipChange::Remove(raft_core::NodeId(1)));
    cluster.network.clear();
    cluster.isolate(&[3]);
    for _ in 0..2 {
        cluster.heartbeat(1);
        cluster.drop_all(on_link(1, 3));
        cluster.settle();
    }
    cluster.tick(1, 36);
    assert!(cluster.node(1).role().is_leader());
    assert!(!cluster.node(1).has_lease(), "server 2 alone is no majority of 2 and 3");
    assert_eq!(cluster.commit(1), LogIndex(1).0);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, failure_persistence: None, ..ProptestConfig::default() })]

    /// Goal: while a leader has a lease nobody else leads a later term, whatever is cut, crashes, or is handed over, as long
    /// as clocks keep to the bound.
    /// Method: clocks of 1,000 to 1,100 ticks where others have 1,000, cuts and crashes at random, a look after each tick.
    #[test]
    fn dissertation_6_4_1_a_lease_excludes_other_leaders(
        rates in prop::collection::vec(1_000_u64..=1_100, 3),
        faults in prop::collection::vec((0_u64..12, 1_u64..=3, 10_u64..250), 1..20),
    ) {
        let mut cluster = with_leases(3);
        let mut elapsed = [0_u64; 3];
        for (fault, id, duration) in faults {
            match fault {
                0..=4 => cluster.isolate(&[id]),
                5..=7 => cluster.heal(),
                8 => {
                    cluster.crash(id);
                    cluster.server_mut(id).setup.seed += 1;
                    cluster.restart(id);
                }
                9 => {
                    for leader in cluster.leaders() {
                        cluster.act(leader, |server| server.run(|node| {
                            let _ = node.transfer_leadership(raft_core::NodeId(id));
                        }));
                    }
                }
                _ => {}
            }
            for _ in 0..duration {
                for (id, rate) in (1..).zip(&rates) {
                    let before = elapsed[id as usize - 1];
                    elapsed[id as usize - 1] += rate;
                    let ticks = (before + rate) / 1_000 - before / 1_000;
                    cluster.tick(id, ticks);
                }
                cluster.settle();
                for leader in cluster.leaders() {
                    let node = cluster.node(leader);
                    let is_outdated = cluster.leaders().iter().any(|&id| cluster.node(id).current_term() > node.current_term());
                    prop_assert!(!(node.has_lease() && is_outdated), "server {} has a lease of a term that is over", leader);
                }
            }
        }
    }
}
