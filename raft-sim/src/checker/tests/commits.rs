//! What is committed and applied.

use raft_core::{AppendEntries, Committed, Entries, LogIndex, NodeId, Rpc, Term};

use super::{Fake, disk, entry, follower, seen, shows};
use crate::checker::{Invariant, Link};

/// Goal (I4): a leader that lacks what was committed before its term is reported, whichever is seen first.
#[test]
fn i4_a_leader_lacks_a_committed_entry() {
    let follower = || Fake::new(2, disk(1, &[1, 1], "a")).commit(1, 1, 2).server();
    let leader = || Fake::new(3, disk(1, &[1], "a")).lead().server();
    shows(Invariant::LeaderCompleteness, &[follower(), leader()]);
    shows(Invariant::LeaderCompleteness, &[leader(), follower()]);
}

/// Goal (I5, I15): two servers that commit and apply different entries at one index are reported.
#[test]
fn i5_and_i15_different_entries_at_one_index() {
    let follower = |id, term| Fake::new(id, disk(term, &[term], "a")).commit(1, term, 1).server();
    shows(Invariant::StateMachineSafety, &[follower(2, 1), follower(3, 2)]);
    shows(Invariant::CommittedPrefix, &[follower(2, 1), follower(3, 2)]);
}

/// Goal (I6, I8): a leader that commits what only its own disk holds is reported.
#[test]
fn i6_and_i8_a_commit_without_a_quorum() {
    let leader = || Fake::new(1, disk(1, &[1], "a")).lead().acknowledged(2, 2).server();
    let liar = |id| Fake::new(id, disk(1, &[], "a")).server();
    shows(Invariant::CommittedOnQuorum, &[leader(), liar(2), liar(3)]);
    shows(Invariant::CommitDurable, &[leader(), liar(2), liar(3)]);
    // As long a log, but not the same one: durable, yet not on a quorum.
    let other = |id| Fake::new(id, disk(1, &[1, 1], "a")).server();
    let found = seen(&[leader(), other(2), other(3)]);
    assert!(found.contains(&Invariant::CommittedOnQuorum) && !found.contains(&Invariant::CommitDurable), "{found:?}");
}

/// Goal (I7): a leader that commits onto an entry of an older term is reported.
#[test]
fn i7_a_commit_by_counting_an_older_term() {
    let leader = Fake::new(1, disk(1, &[1, 1], "a")).lead();
    let rules = leader.node.rules().without(raft_core::Rule::CommitCurrentTermOnly);
    let mut leader = leader;
    leader.node.set_rules(rules);
    let leader = leader.acknowledged(2, 2).server();
    let follower = |id| Fake::new(id, disk(1, &[1, 1], "a")).server();
    shows(Invariant::CommitOwnTerm, &[leader, follower(2), follower(3)]);
}

/// Goal (I9): a commit index, a term and a durable term that go back are reported.
#[test]
fn i9_numbers_that_go_back() {
    let later = Fake::new(2, disk(3, &[1, 1], "a")).commit(1, 3, 2).server();
    let earlier = Fake::new(2, disk(1, &[1, 1], "a")).commit(1, 1, 1).server();
    let found = seen(&[later, earlier]);
    assert!(found.contains(&Invariant::Monotone), "{found:?}");
}

/// Goal (I11): a server that has committed more than its log holds is reported.
#[test]
fn i11_a_commit_beyond_the_log() {
    let mut follower = Fake::new(2, disk(1, &[1, 1], "a")).commit(1, 1, 2);
    follower.node.set_rules(follower.node.rules().without(raft_core::Rule::TruncateOnConflict));
    follower.hear(
        1,
        1,
        Rpc::AppendEntries(AppendEntries {
            prev_log_index: LogIndex(1),
            prev_log_term: Term(1),
            leader_commit: LogIndex(1),
            round: raft_core::Round(0),
            entries: Entries::default(),
        }),
    );
    shows(Invariant::IndexOrder, &[follower.server()]);
}

/// Goal (I27): a log that is no longer the committed one is reported.
#[test]
fn i27_a_log_that_leaves_the_committed_one() {
    let server = follower(2, &[1, 1], 2);
    let mut checker = super::checker();
    checker.meets(&server, &[]);
    checker.shadows[1].log.forge(LogIndex(2), Link { term: Term(1), hash: 7 });
    checker.check_agreement(NodeId(2), server.node().unwrap());
    assert_eq!(checker.found(), [Invariant::NoDivergence]);
}

/// Goal (I30): an entry that a state machine gets twice, one that it does not get, and a snapshot of its past are reported.
#[test]
fn i30_entries_that_are_applied_twice_or_not() {
    let applies = |indices: &[u64]| {
        let mut checker = super::checker();
        let entries = indices.iter().map(|&index| Committed { index: LogIndex(index), entry: entry(1, "a") });
        checker.applies(NodeId(1), &entries.collect::<Vec<_>>());
        checker.restores(NodeId(1), LogIndex(4));
        checker.found()
    };
    assert_eq!(applies(&[1, 2, 3]), []);
    assert_eq!(applies(&[1, 2, 2]), [Invariant::AppliedOnce]);
    assert_eq!(applies(&[1, 3]), [Invariant::AppliedOnce]);
    assert_eq!(applies(&[1, 2, 3, 4]), [Invariant::AppliedOnce]);
}

/// Goal (I32): a follower that commits more than a message let it compare is reported, and so is one that heard nothing.
#[test]
fn i32_a_commit_beyond_what_was_verified() {
    let mut checker = super::checker();
    checker.hears(&follower(2, &[1, 1, 1], 3), LogIndex(2));
    checker.look(&follower(2, &[1, 1, 1], 3), Some(LogIndex(1)), &[]);
    assert_eq!(checker.found(), [Invariant::CommitVerified]);
    let mut checker = super::checker();
    checker.meets(&follower(2, &[1, 1, 1], 2), &[]);
    checker.look(&follower(2, &[1, 1, 1], 3), None, &[]);
    assert_eq!(checker.found(), [Invariant::CommitVerified]);
}
