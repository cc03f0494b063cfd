//! Logs, their beginnings, and the configurations in them.

use std::sync::Arc;

use raft_core::{Configuration, Entry, EntryKind, Event, LogIndex, NodeId, Rule, Term};

use super::{Fake, disk, follower, seen, shows};
use crate::checker::{Invariant, Link};

/// Goal (I2): a leader that writes over its own log is reported.
#[test]
fn i2_a_leader_rewrites_its_log() {
    let leader = |terms: &[u64]| Fake::new(1, disk(1, terms, "a")).lead().server();
    shows(Invariant::LeaderAppendOnly, &[leader(&[1, 1, 1]), leader(&[1])]);
}

/// Goal (I3): two logs with the same index and term, but not the same entry there or before, are reported.
#[test]
fn i3_logs_that_match_in_one_entry_but_not_in_all() {
    let follower = |id, text: &str| Fake::new(id, disk(1, &[1, 1], text)).server();
    shows(Invariant::LogMatching, &[follower(1, "a"), follower(2, "b")]);
}

/// Goal (I12): a log whose terms decrease is reported. No node stores such a log, so only the checker's half is forged.
#[test]
fn i12_terms_that_decrease_along_a_log() {
    let mut checker = super::checker();
    let server = Fake::new(1, disk(2, &[1, 1], "a")).server();
    checker.meets(&server, &[]);
    checker.shadows[0].log.forge(LogIndex(1), Link { term: Term(2), hash: 7 });
    let node = server.node().unwrap();
    checker.follow_log(NodeId(1), node, LogIndex(2));
    assert_eq!(checker.take_found()[0].invariant, Invariant::MonotoneLog);
}

/// A server whose log starts after the snapshot of two entries and goes on with one.
fn compacted(id: u64) -> Fake {
    let mut fake = Fake::new(id, disk(1, &[1, 1, 1], "a")).commit(1, 1, 2);
    fake.node.compact(LogIndex(2), [].as_slice()).unwrap();
    fake.drain();
    fake
}

/// Goal (I33): a log that starts after committed entries is followed on; one that starts after entries that were never
/// committed, or committed with another term, is reported, also when its server restarts.
#[test]
fn i33_a_snapshot_of_what_was_never_committed() {
    let honest = Fake::new(2, disk(1, &[1, 1], "a")).commit(1, 1, 2).server();
    let mut checker = super::checker();
    let whole = Fake::new(3, disk(1, &[1, 1, 1], "a")).commit(1, 1, 2).server();
    checker.meets(&honest, &[]);
    checker.meets(&whole, &[]);
    let short = compacted(3).server();
    checker.look(&short, None, &[]);
    assert_eq!(checker.audit(core::slice::from_ref(&short)), Ok(()));
    assert_eq!(checker.shadows[2].log.last_index(), LogIndex(3));
    checker.restarted(&short, [].iter(), &[]);
    assert_eq!(checker.audit(core::slice::from_ref(&short)), Ok(()));
    assert_eq!(checker.take_found(), []);

    for known in [vec![], vec![Fake::new(2, disk(2, &[1, 2], "a")).commit(1, 2, 2).server()]] {
        let mut checker = super::checker();
        for server in &known {
            checker.meets(server, &[]);
        }
        checker.meets(&short, &[]);
        assert_eq!(checker.take_found()[0].invariant, Invariant::SnapshotFaithful);
        let mut checker = super::checker();
        for server in &known {
            checker.meets(server, &[]);
        }
        checker.restarted(&short, [].iter(), &[]);
        assert_eq!(checker.take_found()[0].invariant, Invariant::SnapshotFaithful);
    }
}

/// Goal (I33): a snapshot with another state, or another configuration, than the committed entries give is reported.
#[test]
fn i33_a_snapshot_that_tells_another_story() {
    let whole = follower(3, &[1, 1, 1], 2);
    let mut liar = Fake::new(3, disk(1, &[1, 1, 1], "a")).commit(1, 1, 2);
    liar.node.compact(LogIndex(2), [1, 0, 0, 0, 1, 0, 0, 0, b'k', 1, 0, 0, 0, b'v'].as_slice()).unwrap();
    liar.drain();
    let mut checker = super::checker();
    checker.meets(&whole, &[]);
    checker.look(&liar.server(), None, &[]);
    assert_eq!(checker.found(), [Invariant::SnapshotFaithful]);

    let mut checker = super::checker();
    checker.history.starts_with(&Arc::new(Configuration::of_voters([NodeId(7)])));
    checker.meets(&whole, &[]);
    checker.look(&compacted(3).server(), None, &[]);
    assert_eq!(checker.found(), [Invariant::SnapshotFaithful]);
}

/// Goal (I19): a follower whose log grows although nobody sent it anything, one that lost a committed entry, and a log that
/// begins after what was not applied are reported.
#[test]
fn i19_logs_that_change_by_themselves() {
    let mut checker = super::checker();
    checker.meets(&follower(2, &[1], 1), &[]);
    checker.look(&follower(2, &[1, 1], 1), Some(LogIndex(2)), &[]);
    assert_eq!(checker.found(), [Invariant::PermittedLogChanges]);

    let mut checker = super::checker();
    checker.meets(&follower(2, &[1, 1], 2), &[]);
    checker.meets(&Fake::new(2, disk(2, &[1, 2], "a")).commit(1, 2, 2).server(), &[]);
    assert!(checker.found().contains(&Invariant::PermittedLogChanges));

    let mut checker = super::checker();
    checker.meets(&follower(3, &[1, 1, 1], 2), &[]);
    checker.shadows[2].log.truncate_after(LogIndex(2));
    checker.look(&follower(3, &[1, 1, 1], 3), Some(LogIndex(4)), &[]);
    assert!(checker.found().contains(&Invariant::PermittedLogChanges));
}

/// A follower whose log holds these configurations of voters.
fn reconfigured(configurations: &[&[u64]]) -> Fake {
    let mut disk = disk(1, &[], "a");
    let entries = configurations.iter().map(|voters| Entry {
        term: Term(1),
        kind: EntryKind::Configuration(Arc::new(Configuration::of_voters(voters.iter().copied().map(NodeId)))),
    });
    disk.apply(&raft_core::Write {
        snapshot: None,
        number: raft_core::WriteNumber(2),
        hard_state: None,
        append: Some(raft_core::Append { first_index: LogIndex(1), entries: entries.collect() }),
    });
    Fake::new(2, disk)
}

/// Goal (I23): a server that goes by another configuration than that of its log is reported.
#[test]
fn i23_a_configuration_that_is_not_that_of_the_log() {
    let server = reconfigured(&[&[1, 2, 3, 4]]).server();
    let mut checker = super::checker();
    checker.meets(&server, &[]);
    assert_eq!(checker.found(), []);
    checker.shadows[1].configurations.pop();
    checker.look(&server, None, &[]);
    assert_eq!(checker.found(), [Invariant::ConfigurationFromLog]);
}

/// Goal (I24): two configurations of which neither is committed are reported, as is one that a leader adds before it has
/// committed anything in its term.
#[test]
fn i24_two_changes_at_once_and_one_too_early() {
    let both: &[&[u64]] = &[&[1, 2, 3, 4], &[1, 2, 3]];
    assert_eq!(seen(&[reconfigured(both).server()]), [Invariant::OneReconfiguration]);
    assert_eq!(seen(&[reconfigured(both).commit(1, 1, 1).server()]), []);

    let mut leader = Fake::new(1, disk(1, &[1], "a")).lead();
    leader.node.set_rules(leader.node.rules().without(Rule::NoOpBeforeConfig));
    leader.node.propose_membership(&raft_core::MembershipChange::AddLearner(NodeId(4))).unwrap();
    leader.drain();
    assert_eq!(seen(&[leader.server()]), [Invariant::OneReconfiguration]);
}

/// Goal (I25): configurations in a row that can decide without each other are reported, those of a joint change are not.
#[test]
fn i25_configurations_that_do_not_overlap() {
    assert_eq!(seen(&[reconfigured(&[&[3, 4, 5]]).server()]), [Invariant::QuorumOverlap]);
    assert_eq!(seen(&[reconfigured(&[&[1, 2]]).server()]), []);
    let (old, new) = (Configuration::of_voters([1, 2, 3].map(NodeId)), Configuration::of_voters([4, 5].map(NodeId)));
    let joint = old.enter_joint(&new);
    let overlap = crate::checker::shadow::overlap;
    assert!(overlap(&old, &joint) && overlap(&joint, &new) && !overlap(&old, &new));
}

/// Goal (I26): a leader that goes on when it knows that it has no vote, and a vote counted that is none, are reported.
#[test]
fn i26_those_who_left_go_on() {
    let leader = Fake::new(1, disk(1, &[1], "a")).lead().server();
    let mut checker = super::checker();
    checker.meets(&leader, &[]);
    checker.happened(NodeId(1), &Event::VoteCounted { voter: NodeId(3), granted: true, pre_vote: false });
    assert_eq!(checker.found(), []);
    checker.happened(NodeId(1), &Event::VoteCounted { voter: NodeId(9), granted: true, pre_vote: false });
    assert_eq!(checker.found(), [Invariant::RemovedInert]);
    checker.shadows[0].configurations[0].1 = Arc::new(Configuration::of_voters([NodeId(2)]));
    checker.check_removed_leader(NodeId(1), leader.node().unwrap());
    assert_eq!(checker.found(), [Invariant::RemovedInert]);
}
