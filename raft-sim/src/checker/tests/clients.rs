//! What clients were told.

use raft_core::{LogIndex, NodeId, Term};

use super::{Fake, disk, follower};
use crate::checker::Invariant;

/// Goal (I29): a read that shows less than was acknowledged, or shown, before its call is reported; what is acknowledged
/// while it runs does not count, and neither does a read that failed.
#[test]
fn i29_a_read_of_the_past() {
    use crate::event::OperationId;
    use crate::time::Time;
    let mut checker = super::checker();
    checker.write_acknowledged(NodeId(1), LogIndex(3), Term(1));
    (0..4).for_each(|read| checker.read_called(OperationId(read), Time(0)));
    checker.write_acknowledged(NodeId(1), LogIndex(5), Term(1));
    checker.read_failed(OperationId(0));
    checker.read_returned(OperationId(0), NodeId(1), LogIndex(0), Time(1));
    checker.read_returned(OperationId(1), NodeId(1), LogIndex(3), Time(1));
    checker.read_returned(OperationId(2), NodeId(1), LogIndex(7), Time(1));
    assert!(!checker.has_found());
    checker.read_returned(OperationId(3), NodeId(1), LogIndex(2), Time(1));
    assert_eq!(checker.take_found()[0].index, Some(LogIndex(3)));
    checker.read_called(OperationId(4), Time(2));
    checker.read_returned(OperationId(4), NodeId(1), LogIndex(6), Time(2));
    assert_eq!(checker.take_found()[0].invariant, Invariant::LinearizableReads);
}
/// Goal (I28): a write that was acknowledged without being committed is reported, and a later leader that lacks one that
/// was, whichever is seen first.
#[test]
fn i28_a_promise_that_is_forgotten() {
    let server = follower(2, &[1, 1], 2);
    let mut checker = super::checker();
    checker.write_acknowledged(NodeId(2), LogIndex(2), Term(1));
    checker.meets(&server, &[]);
    assert_eq!(checker.found(), []);
    for (index, term) in [(2, 2), (3, 1)] {
        let mut checker = super::checker();
        checker.write_acknowledged(NodeId(2), LogIndex(index), Term(term));
        checker.meets(&server, &[]);
        assert_eq!(checker.found(), [Invariant::AckedDurability]);
    }
    let forgetful = Fake::new(3, disk(1, &[1], "a")).lead().server();
    checker.meets(&forgetful, &[]);
    assert!(checker.found().contains(&Invariant::AckedDurability));

    let mut checker = super::checker();
    checker.meets(&forgetful, &[]);
    checker.write_acknowledged(NodeId(2), LogIndex(2), Term(1));
    checker.meets(&server, &[]);
    assert!(checker.found().contains(&Invariant::AckedDurability));
}

/// Goal (I30): a client's command that is carried out with two entries is reported, on whichever servers; with one entry it
/// may be carried out by every server, and again after a restart.
#[test]
fn i30_a_command_that_is_carried_out_twice() {
    let mut checker = super::checker();
    for (server, index, client, serial) in
        [(1, 3, "a", 1), (2, 3, "a", 1), (1, 3, "a", 1), (1, 4, "b", 1), (1, 5, "a", 2)]
    {
        checker.executed(NodeId(server), LogIndex(index), client, serial);
    }
    assert!(!checker.has_found());
    checker.executed(NodeId(2), LogIndex(6), "a", 1);
    let found = checker.take_found();
    assert_eq!((found[0].invariant, found[0].index), (Invariant::AppliedOnce, Some(LogIndex(6))));
}
