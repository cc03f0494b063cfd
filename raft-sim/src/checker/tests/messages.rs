//! What servers say to each other.

use raft_core::{AppendOutcome, Event, LogIndex, Message, NodeId, Rpc, SnapshotOutcome, Term};

use super::{Fake, disk, follower, from_1, heartbeat};
use crate::checker::Invariant;

/// Goal (I13): a message with a higher term than its sender's is reported, when it leaves and when its sender restarts
/// without the term; a pre-vote is not.
#[test]
fn i13_messages_that_outrun_their_sender() {
    let sender = Fake::new(1, disk(4, &[], "a")).server();
    let message = |term, pre_vote| Message {
        from: NodeId(1),
        to: NodeId(2),
        term: Term(term),
        rpc: Rpc::RequestVoteReply { granted: false, pre_vote },
    };
    let mut checker = super::checker();
    checker.sent(&message(4, false), &sender);
    checker.sent(&message(5, true), &sender);
    assert!(!checker.has_found());
    checker.sent(&message(5, false), &sender);
    assert_eq!(checker.take_found()[0].invariant, Invariant::MonotoneMessages);

    let mut checker = super::checker();
    let server = Fake::new(1, disk(2, &[], "a")).server();
    checker.restarted(&server, [message(3, false)].iter(), &[]);
    assert_eq!(checker.take_found()[0].invariant, Invariant::MonotoneMessages);
}

/// Goal (I31): a follower that accepts a message but whose log does not end like it, or that claims more, is reported.
#[test]
fn i31_a_follower_accepts_what_it_does_not_have() {
    let server = follower(2, &[1, 1], 0);
    let mut checker = super::checker();
    checker.meets(&server, &[]);
    checker.hears(&server, LogIndex(2));
    checker.look(&server, None, &[]);
    assert_eq!(checker.found(), []);
    for (last, last_term, accepted) in [(2, 2, 2), (3, 1, 3), (1, 1, 2)] {
        let mut checker = super::checker();
        checker.meets(&server, &[]);
        checker.hears(&server, LogIndex(1));
        let heard = checker.heard.as_mut().unwrap();
        heard.said = super::Said::Append { prev: LogIndex(0), last: LogIndex(last), last_term: Term(last_term) };
        heard.accepted = None;
        checker.happened(NodeId(2), &Event::AppendAccepted { leader: NodeId(1), match_index: LogIndex(accepted) });
        checker.look(&server, None, &[]);
        assert_eq!(checker.found(), [Invariant::AppendPrefix]);
    }
}

/// Goal (I34): a vote, a candidacy and acknowledgements that leave before the disk holds them are reported; what the disk
/// holds is not, and neither is a promise of a term that the disk knows to be over.
#[test]
fn i34_promises_that_are_not_durable() {
    let round = raft_core::Round(0);
    let grant = Rpc::RequestVoteReply { granted: true, pre_vote: false };
    let accept = |index| {
        let outcome = AppendOutcome::Accepted { match_index: LogIndex(index) };
        Rpc::AppendEntriesReply { outcome, round }
    };
    let installed = |index| {
        let outcome = SnapshotOutcome::Installed { match_index: LogIndex(index) };
        Rpc::InstallSnapshotReply { outcome, round }
    };
    let mut sender = Fake::new(1, disk(2, &[1, 1], "a"));
    sender.disk.hard_state.voted_for = Some(NodeId(2));
    let sender = sender.server();
    for (to, term, rpc, is_kept) in [
        (2, 2, grant.clone(), true),
        (3, 2, grant.clone(), false),
        (3, 1, grant, true),
        (3, 2, accept(2), true),
        (3, 2, accept(3), false),
        (3, 1, accept(3), true),
        (3, 2, installed(2), true),
        (3, 2, installed(3), false),
    ] {
        let mut checker = super::checker();
        checker.sent(&from_1(to, term, rpc.clone()), &sender);
        assert_eq!(checker.found(), if is_kept { vec![] } else { vec![Invariant::PersistBeforeTalk] }, "{rpc:?}");
    }
}

/// Goal (I35): entries from a server that has not won the term, and such that reach the term's leader, are reported.
#[test]
fn i35_entries_from_somebody_else() {
    let leader = || Fake::new(1, disk(1, &[1], "a")).lead().server();
    let mut checker = super::checker();
    checker.meets(&leader(), &[]);
    checker.sent(&from_1(2, 2, heartbeat()), &leader());
    checker.delivered(&from_1(2, 2, heartbeat()), &follower(2, &[1], 0));
    assert_eq!(checker.found(), []);
    checker.sent(&from_1(2, 1, heartbeat()), &leader());
    assert_eq!(checker.found(), [Invariant::Provenance]);
    let rival = Message { from: NodeId(3), ..from_1(1, 2, heartbeat()) };
    checker.delivered(&rival, &leader());
    assert_eq!(checker.found(), [Invariant::Provenance]);
}
