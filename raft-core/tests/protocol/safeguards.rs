//! Pre-vote, check-quorum and vote stickiness: what keeps a healthy leader in office and deposes a cut-off one.

use raft_core::{Event, FollowerReason, IgnoreReason, MessageKind, NodeId, Role, Rpc, Rule, Term, Ticks, VoteDenial};

use crate::harness::{Cluster, Server, accepted, append, granted, pre_vote, request_pre_vote, request_vote, vote};

/// Goal: a pre-vote changes nothing at the voter: no term, no vote, no timer, no write.
#[test]
fn pre_vote_leaves_no_trace() {
    let mut voter = Server::with_log(1, 3, 1, &[1]);
    voter.slow_disk = true;
    let before = voter.node().clone();
    let sent = voter.step(request_pre_vote(2, 1, 2, (1, 1)));
    assert_eq!(granted(&sent), Some(true));
    assert_eq!(sent[0].term, Term(2), "the answer names the term that was asked for");
    assert_eq!(&before, voter.node());
    assert!(voter.unsynced.is_empty());
    // A second candidate may get the same promise.
    assert_eq!(granted(&voter.step(request_pre_vote(3, 1, 2, (1, 1)))), Some(true));
}

/// Goal: a pre-candidate has not raised its term; it does when a quorum would vote for it.
#[test]
fn pre_vote_comes_before_the_term() {
    let mut server = Server::with_log(1, 3, 4, &[]);
    let sent = server.campaign();
    assert_eq!((server.node().role(), server.node().current_term()), (Role::PreCandidate, Term(4)));
    assert!(sent.iter().all(|message| message.kind() == MessageKind::PreVote && message.term == Term(5)));
    server.step(pre_vote(2, 1, 5, true));
    assert_eq!((server.node().role(), server.node().current_term()), (Role::Candidate, Term(5)));
}

/// Goal: a granted pre-vote is not a vote.
#[test]
fn pre_vote_replies_do_not_count_as_votes() {
    let mut candidate = Server::new(1, 5).without(Rule::PreVote);
    candidate.campaign();
    for voter in 2..=5 {
        candidate.step(pre_vote(voter, 1, 1, true));
        candidate.step(pre_vote(voter, 1, 2, true));
    }
    assert_eq!(candidate.node().role(), Role::Candidate);
    assert_eq!(candidate.node().votes().len(), 1);
}

/// Goal: answers to an earlier question, or of another term, do not count.
#[test]
fn pre_vote_replies_of_other_terms_are_ignored() {
    let mut server = Server::with_log(1, 3, 4, &[]);
    server.campaign();
    for term in [1, 4, 6, 9] {
        server.step(pre_vote(2, 1, term, true));
        assert_eq!(server.node().role(), Role::PreCandidate, "after a promise for {term}");
    }
}

/// Goal: a pre-candidate that a quorum refuses goes back to being a follower, its term and vote untouched.
#[test]
fn pre_vote_refused_by_a_quorum() {
    let mut server = Server::with_log(1, 3, 4, &[]);
    server.step(request_vote(3, 1, 4, (0, 0)));
    server.campaign();
    server.step(pre_vote(2, 1, 4, false));
    server.step(pre_vote(3, 1, 4, false));
    assert_eq!((server.node().role(), server.node().current_term()), (Role::Follower, Term(4)));
    assert_eq!(server.node().voted_for(), Some(NodeId(3)));
    assert!(server.told(|event| matches!(event, Event::BecameFollower { reason: FollowerReason::VotesDenied, .. })));
}

/// Goal: a refusal teaches a higher term, so that a group with long logs and low terms can get past one with short logs
/// and high terms.
#[test]
fn pre_vote_refusal_spreads_the_term() {
    let mut server = Server::with_log(1, 3, 4, &[4, 4]);
    server.campaign();
    server.step(pre_vote(2, 1, 9, false));
    assert_eq!((server.node().role(), server.node().current_term()), (Role::Follower, Term(9)));
}

/// Goal: a pre-vote for a term that is not ahead is refused.
#[test]
fn pre_vote_for_a_spent_term_is_refused() {
    let mut voter = Server::with_log(1, 3, 4, &[]);
    for term in [3, 4] {
        let sent = voter.step(request_pre_vote(2, 1, term, (0, 0)));
        assert_eq!((granted(&sent), sent[0].term), (Some(false), Term(4)));
    }
}

/// Goal: with pre-vote, a server that was cut off returns without disturbing the leader.
#[test]
fn pre_vote_a_returning_server_does_not_disturb() {
    let mut cluster = Cluster::new(3);
    cluster.elect(1);
    let term = cluster.node(1).current_term();
    cluster.isolate(&[3]);
    cluster.run(3_000);
    cluster.heal();
    cluster.run(1_000);
    assert_eq!(cluster.leaders(), [1]);
    assert_eq!(cluster.node(3).current_term(), term);
}

/// Goal: without pre-vote it returns with a huge term and deposes the leader.
#[test]
fn rule_pre_vote_off_a_returning_server_deposes_the_leader() {
    let mut cluster = Cluster::new(3).without(Rule::PreVote);
    cluster.elect(1);
    let term = cluster.node(1).current_term();
    cluster.isolate(&[3]);
    cluster.run(3_000);
    assert!(cluster.node(3).current_term() > Term(term.0 + 5));
    cluster.heal();
    cluster.run(1_000);
    assert!(cluster.server(1).told(|event| matches!(
        event,
        Event::BecameFollower { reason: FollowerReason::HigherTerm { from: NodeId(3) }, .. }
    )));
}

/// Goal: a leader that a quorum does not answer steps down within the shortest election timeout.
#[test]
fn check_quorum_a_cut_off_leader_steps_down() {
    let mut cluster = Cluster::new(5);
    cluster.elect(1);
    cluster.isolate(&[1, 2]);
    let min = cluster.server(1).setup.options.election_timeout_min.0;
    cluster.run(min - 1);
    assert_eq!(cluster.leaders(), [1]);
    cluster.run(1);
    assert_eq!(cluster.leaders(), []);
    assert!(
        cluster.server(1).told(|event| matches!(event, Event::BecameFollower { reason: FollowerReason::NoQuorum, .. }))
    );
}

/// Goal: a quorum that answers keeps the leader in office, whatever the minority does.
#[test]
fn check_quorum_a_minority_may_be_silent() {
    let mut cluster = Cluster::new(5);
    cluster.elect(1);
    cluster.crash(4);
    cluster.crash(5);
    cluster.run(2_000);
    assert_eq!(cluster.leaders(), [1]);
}

/// Goal: without check-quorum a cut-off leader believes for ever.
#[test]
fn rule_check_quorum_off_a_cut_off_leader_stays() {
    let mut cluster = Cluster::new(3).without(Rule::CheckQuorum);
    cluster.elect(1);
    cluster.isolate(&[1]);
    cluster.run(5_000);
    assert_eq!(cluster.leaders().len(), 2);
}

/// Goal: a voter that hears a leader refuses a candidate and does not even take over its term.
#[test]
fn vote_stickiness_protects_a_living_leader() {
    let mut voter = Server::new(1, 3);
    voter.step(append(2, 1, 1, (0, 0), &[], 0));
    voter.tick(100);
    let sent = voter.step(request_vote(3, 1, 8, (9, 1)));
    assert!(sent.is_empty(), "an answer would only teach a term to outbid");
    assert_eq!((voter.node().current_term(), voter.node().leader()), (Term(1), Some(NodeId(2))));
    let denial = VoteDenial::LeaderAlive { remaining: Ticks(50) };
    assert!(voter.told(|event| matches!(event, Event::VoteDenied { reason, .. } if *reason == denial)));
    // A pre-vote cannot disturb, so it gets its answer.
    assert_eq!(granted(&voter.step(request_pre_vote(3, 1, 8, (9, 1)))), Some(false));
}

/// Goal: the protection ends when the leader has not been heard for the shortest election timeout.
#[test]
fn vote_stickiness_ends_with_the_lease() {
    let min = Server::new(1, 3).setup.options.election_timeout_min.0;
    for (waited, is_given) in [(min - 1, None), (min, Some(true))] {
        let mut voter = Server::new(1, 3);
        voter.step(append(2, 1, 1, (0, 0), &[], 0));
        assert!(voter.node().ticks_until_deadline().0 > min, "the voter itself must not campaign yet");
        voter.tick(waited);
        assert_eq!(granted(&voter.step(request_vote(3, 1, 2, (0, 0)))), is_given, "after {waited}");
    }
}

/// Goal: a leader protects itself while a quorum answers it.
#[test]
fn vote_stickiness_a_leader_protects_itself() {
    let mut leader = Server::new(1, 3).without(Rule::PreVote);
    leader.campaign();
    leader.step(vote(2, 1, 1, true));
    leader.step(accepted(2, 1, 1, 1));
    leader.tick(149);
    assert!(leader.step(request_vote(3, 1, 2, (9, 1))).is_empty());
    assert!(leader.node().role().is_leader());
}

/// Goal: an election that the leader itself asked for is not held up by its lease.
#[test]
fn vote_stickiness_lets_a_leadership_transfer_pass() {
    let mut voter = Server::new(1, 3);
    voter.step(append(2, 1, 1, (0, 0), &[], 0));
    let mut request = request_vote(3, 1, 2, (0, 0));
    if let Rpc::RequestVote(request) = &mut request.rpc {
        request.leadership_transfer = true;
    }
    assert_eq!(granted(&voter.step(request)), Some(true));
}

/// Goal: without stickiness any candidate deposes a healthy leader.
#[test]
fn rule_vote_stickiness_off_lets_anybody_depose_the_leader() {
    for (rule, leaders) in [(None, [1]), (Some(Rule::VoteStickiness), [3])] {
        let mut cluster = Cluster::new(3).without(Rule::PreVote);
        if let Some(rule) = rule {
            cluster = cluster.without(rule);
        }
        cluster.elect(1);
        cluster.heartbeat(1);
        cluster.settle();
        cluster.campaign(3);
        cluster.settle();
        assert_eq!(cluster.leaders(), leaders);
    }
}

/// Goal: a server that campaigns on demand while it leads changes nothing.
#[test]
fn campaign_of_a_leader_is_nothing() {
    let mut leader = Server::new(1, 1);
    leader.campaign();
    let before = leader.node().clone();
    assert!(leader.campaign().is_empty());
    assert_eq!(&before, leader.node());
}

/// Goal: what is meant for another server, or says what nobody can say, is ignored, and the reason is told.
#[test]
fn strange_messages_are_ignored_with_a_reason() {
    let mut leader = Server::new(1, 3).without(Rule::PreVote);
    leader.campaign();
    leader.step(vote(2, 1, 1, true));
    let strange = [
        (append(2, 9, 1, (0, 0), &[], 0), IgnoreReason::NotForMe),
        (append(1, 1, 1, (0, 0), &[], 0), IgnoreReason::Impossible),
        (append(2, 1, 1, (0, 0), &[1], 0), IgnoreReason::Impossible),
        (append(2, 1, u64::MAX, (0, 0), &[], 0), IgnoreReason::Impossible),
        (append(2, 1, 2, (u64::MAX, 1), &[], 0), IgnoreReason::Impossible),
        (append(2, 1, 2, (0, 0), &[2, 1], 0), IgnoreReason::Impossible),
        (append(2, 1, 2, (0, 0), &[3], 0), IgnoreReason::Impossible),
        (request_vote(2, 1, 2, (1, 3)), IgnoreReason::Impossible),
        (accepted(2, 1, 1, 7), IgnoreReason::Impossible),
        (accepted(9, 1, 1, 1), IgnoreReason::NotAMember),
        (vote(3, 1, 1, true), IgnoreReason::NotAsked),
        (pre_vote(3, 1, 2, true), IgnoreReason::NotAsked),
    ];
    for (message, expected) in strange {
        let before = leader.node().commit_index();
        let sent = leader.step(message.clone());
        assert!(sent.is_empty(), "{message:?}");
        assert!(leader.node().role().is_leader() && leader.node().commit_index() == before);
        let last = leader.events.last();
        assert!(
            matches!(last, Some(Event::MessageIgnored { reason, .. }) if *reason == expected),
            "{message:?}: {last:?}"
        );
    }
}
