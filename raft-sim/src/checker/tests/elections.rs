//! Leaders, votes, roles.

use raft_core::{Event, LogIndex, Message, NodeId, RequestVote, Role, Rpc, Rule, Term};

use super::{Fake, disk, follower, seen, shows};
use crate::checker::Invariant;

/// Goal (I1): two leaders of one term are reported, even if one after the other.
#[test]
fn i1_two_leaders_of_one_term() {
    let leader = |id| Fake::new(id, disk(1, &[1], "a")).lead().server();
    shows(Invariant::ElectionSafety, &[leader(1), leader(2)]);
}

/// Goal (I10): two votes of one server in one term are reported, its vote for itself included.
#[test]
fn i10_two_votes_in_one_term() {
    let mut voter = Fake::new(1, disk(5, &[], "a"));
    voter.disk.hard_state.voted_for = Some(NodeId(2));
    let voter = voter.server();
    let grant = |to| Message {
        from: NodeId(1),
        to: NodeId(to),
        term: Term(5),
        rpc: Rpc::RequestVoteReply { granted: true, pre_vote: false },
    };
    let request = RequestVote {
        last_log_index: LogIndex(0),
        last_log_term: Term(0),
        pre_vote: false,
        leadership_transfer: false,
    };
    let candidacy = Message { from: NodeId(1), to: NodeId(2), term: Term(5), rpc: Rpc::RequestVote(request) };
    for second in [grant(3), candidacy] {
        let mut checker = super::checker();
        checker.sent(&grant(2), &voter);
        checker.sent(&grant(2), &voter);
        assert!(!checker.has_found());
        checker.sent(&second, &voter);
        assert!(checker.found().contains(&Invariant::VoteOnce));
    }
}

/// Goal (I14): a term that is won although somebody else has created entries in it is reported.
#[test]
fn i14_a_won_term_that_is_not_fresh() {
    let stranger = Fake::new(2, disk(2, &[1, 2], "a")).server();
    let leader = Fake::new(1, disk(1, &[1], "a")).lead().server();
    shows(Invariant::FreshTerm, &[stranger, leader]);
}

/// Goal (I20): a leader that was no candidate of its term, a leader that becomes a candidate, and a role that nobody said
/// anything of are reported; the way of an election is not.
#[test]
fn i20_transitions_that_skip_a_step() {
    let term = Term(2);
    let mut checker = super::checker();
    let campaign = [Event::BecamePreCandidate { term }, Event::BecameCandidate { term }, Event::BecameLeader { term }];
    for event in campaign {
        checker.happened(NodeId(1), &event);
    }
    assert_eq!(checker.found(), []);
    checker.happened(NodeId(2), &Event::BecameLeader { term });
    assert_eq!(checker.found(), [Invariant::StateTransitions]);
    checker.happened(NodeId(1), &Event::BecameCandidate { term: Term(3) });
    assert_eq!(checker.found(), [Invariant::StateTransitions]);
    checker.happened(NodeId(3), &Event::BecameCandidate { term });
    checker.happened(NodeId(3), &Event::BecameLeader { term: Term(3) });
    assert_eq!(checker.found(), [Invariant::StateTransitions]);

    let mut checker = super::checker();
    checker.meets(&follower(1, &[1], 0), &[]);
    assert_eq!(checker.shadows[0].role, Some(Role::Follower));
    let leader = Fake::new(1, disk(1, &[1], "a")).lead().server();
    checker.meets(&leader, &[]);
    assert_eq!(checker.found(), [Invariant::StateTransitions]);
}

/// Goal (I21): a leader that gives its vote to somebody else is reported.
#[test]
fn i21_a_leader_that_votes_for_another() {
    let mut leader = Fake::new(1, disk(1, &[1], "a")).lead();
    leader.node.set_rules(leader.node.rules().without(Rule::HonestNodes));
    let (last_log_index, last_log_term) = (LogIndex(9), Term(2));
    let request = RequestVote { last_log_index, last_log_term, pre_vote: false, leadership_transfer: false };
    leader.hear(3, 2, Rpc::RequestVote(request));
    assert_eq!(seen(&[leader.server()]), [Invariant::LeaderSelf]);
}

/// Goal (I22): a server that follows two leaders in one term is reported, and one that follows another than the winner.
#[test]
fn i22_two_leaders_are_followed_in_one_term() {
    let following = |leader| Fake::new(2, disk(1, &[], "a")).commit(leader, 1, 0).server();
    assert_eq!(seen(&[following(1), following(3)]), [Invariant::OneLeaderSeen]);
    let winner = Fake::new(1, disk(0, &[], "a")).lead().server();
    assert_eq!(seen(&[winner, following(3)]), [Invariant::OneLeaderSeen]);
}
