//! Figure 2, RequestVote RPC: the receiver's rules.

use raft_core::{Event, LogIndex, NodeId, Term, VoteDenial};

use crate::harness::{Server, granted, request_vote};

/// Goal: rule 1, a candidate of an older term gets no vote, and learns the newer term.
#[test]
fn figure_2_request_vote_1_refuses_an_older_term() {
    let mut voter = Server::with_log(1, 3, 5, &[]);
    let sent = voter.step(request_vote(2, 1, 4, (9, 4)));
    assert_eq!(granted(&sent), Some(false));
    assert_eq!(sent[0].term, Term(5));
    assert_eq!(voter.node().voted_for(), None);
    assert!(voter.told(|event| matches!(
        event,
        Event::VoteDenied { reason: VoteDenial::StaleTerm { current_term: Term(5) }, .. }
    )));
}

/// Goal: rule 2, a vote that is still free goes to a candidate whose log is as up-to-date as the voter's.
#[test]
fn figure_2_request_vote_2_grants_a_free_vote() {
    let mut voter = Server::with_log(1, 3, 2, &[1, 2]);
    let sent = voter.step(request_vote(2, 1, 3, (2, 2)));
    assert_eq!(granted(&sent), Some(true));
    assert_eq!(voter.node().voted_for(), Some(NodeId(2)));
    assert_eq!(sent[0].term, Term(3));
}

/// Goal: rule 2, a vote that is given is given: first come, first served.
#[test]
fn figure_2_request_vote_2_refuses_a_second_candidate() {
    let mut voter = Server::new(1, 3);
    voter.step(request_vote(2, 1, 1, (0, 0)));
    let sent = voter.step(request_vote(3, 1, 1, (0, 0)));
    assert_eq!(granted(&sent), Some(false));
    assert_eq!(voter.node().voted_for(), Some(NodeId(2)));
    assert!(voter.told(|event| matches!(
        event,
        Event::VoteDenied { reason: VoteDenial::AlreadyVoted { voted_for: NodeId(2) }, .. }
    )));
}

/// Goal: rule 2, the candidate that has the vote gets it again, for the first answer may be lost.
#[test]
fn figure_2_request_vote_2_repeats_the_answer_to_the_same_candidate() {
    let mut voter = Server::new(1, 3);
    let first = voter.step(request_vote(2, 1, 1, (0, 0)));
    let second = voter.step(request_vote(2, 1, 1, (0, 0)));
    assert_eq!(granted(&first), Some(true));
    assert_eq!(first, second);
}

/// Goal: rule 2, a candidate whose log is behind gets no vote, though its term is adopted.
#[test]
fn figure_2_request_vote_2_refuses_a_log_that_is_behind() {
    let mut voter = Server::with_log(1, 3, 2, &[1, 2]);
    let sent = voter.step(request_vote(2, 1, 3, (1, 1)));
    assert_eq!(granted(&sent), Some(false));
    assert_eq!(voter.node().current_term(), Term(3));
    assert_eq!(voter.node().voted_for(), None);
    let behind = VoteDenial::LogBehind { mine: (Term(2), LogIndex(2)), theirs: (Term(1), LogIndex(1)) };
    assert!(voter.told(|event| matches!(event, Event::VoteDenied { reason, .. } if *reason == behind)));
}

/// Goal: a new term frees the vote.
#[test]
fn figure_2_request_vote_a_new_term_frees_the_vote() {
    let mut voter = Server::new(1, 3);
    voter.step(request_vote(2, 1, 1, (0, 0)));
    let sent = voter.step(request_vote(3, 1, 2, (0, 0)));
    assert_eq!(granted(&sent), Some(true));
    assert_eq!(voter.disk.hard_state.voted_for, Some(NodeId(3)));
}

/// Goal: granting a vote restarts the election timer (Followers, rule 2); refusing one does not.
#[test]
fn figure_2_request_vote_only_a_granted_vote_restarts_the_timer() {
    let mut voter = Server::with_log(1, 3, 1, &[1]);
    voter.tick(100);
    let left = voter.node().ticks_until_deadline();
    voter.step(request_vote(2, 1, 2, (0, 0)));
    assert_eq!(voter.node().ticks_until_deadline(), left);
    voter.step(request_vote(3, 1, 2, (1, 1)));
    assert!(voter.node().ticks_until_deadline() >= voter.setup.options.election_timeout_min);
}
