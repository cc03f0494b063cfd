//! §5.2: leader election.

use raft_core::{Event, FollowerReason, NodeId, Role, Rule, Term, Timer};

use crate::harness::{Cluster, Server, append, granted, on_link, request_vote, vote};

/// Goal: a follower keeps its role as long as it hears from a leader or candidate.
#[test]
fn section_5_2_heartbeats_prevent_elections() {
    let mut cluster = Cluster::new(3);
    cluster.elect(1);
    let term = cluster.node(1).current_term();
    cluster.run(3_000);
    assert_eq!(cluster.leaders(), [1]);
    assert_eq!(cluster.node(1).current_term(), term);
}

/// Goal: without a leader a new one is elected.
#[test]
fn section_5_2_a_dead_leader_is_replaced() {
    let mut cluster = Cluster::new(5);
    cluster.elect(1);
    cluster.crash(1);
    cluster.run(2_000);
    assert_eq!(cluster.leaders().len(), 1);
    cluster.restart(1);
    cluster.run(500);
    assert_eq!(cluster.leaders().len(), 1);
    assert_eq!(cluster.node(1).role(), Role::Follower);
}

/// Goal: a candidate wins with the votes of a majority of the full cluster, in clusters of all sizes.
#[test]
fn section_5_2_a_majority_of_the_full_cluster_wins() {
    for size in 1..=9 {
        let needed = size / 2 + 1;
        let mut candidate = Server::new(1, size).without(Rule::PreVote);
        candidate.campaign();
        for voter in 2..=size {
            let is_won = candidate.node().votes().len() as u64 >= needed || candidate.node().role().is_leader();
            assert_eq!(candidate.node().role().is_leader(), is_won, "size {size}, before {voter}");
            candidate.step(vote(voter, 1, 1, true));
        }
        assert!(candidate.node().role().is_leader());
        let counted = candidate.events.iter().filter(|event| matches!(event, Event::VoteCounted { .. }));
        assert_eq!(counted.count() as u64, needed, "the votes after the victory no longer matter");
    }
}

/// Goal: an answer that arrives twice is one vote.
#[test]
fn section_5_2_a_duplicated_vote_counts_once() {
    let mut candidate = Server::new(1, 5).without(Rule::PreVote);
    candidate.campaign();
    for _ in 0..5 {
        candidate.step(vote(2, 1, 1, true));
    }
    assert_eq!(candidate.node().role(), Role::Candidate);
}

/// Goal: only members vote.
#[test]
fn section_5_2_a_stranger_has_no_vote() {
    let mut candidate = Server::new(1, 3).without(Rule::PreVote);
    candidate.campaign();
    candidate.step(vote(9, 1, 1, true));
    assert_eq!(candidate.node().role(), Role::Candidate);
}

/// Goal: each server votes for at most one candidate in a term, so at most one can win it.
#[test]
fn section_5_2_at_most_one_leader_per_term() {
    let mut cluster = Cluster::new(5).without(Rule::PreVote);
    for id in cluster.ids() {
        cluster.campaign(id);
    }
    cluster.settle();
    assert!(cluster.leaders().is_empty(), "everybody voted for itself");

    let mut cluster = Cluster::new(5).without(Rule::PreVote);
    cluster.campaign(1);
    cluster.campaign(2);
    cluster.settle();
    assert!(cluster.leaders().len() <= 1);
    assert_eq!(cluster.node(1).current_term(), cluster.node(2).current_term());
}

/// Goal: a vote survives a crash, so a restarted server does not vote twice in one term.
#[test]
fn section_5_2_a_vote_survives_a_restart() {
    let mut voter = Server::new(1, 3);
    assert_eq!(granted(&voter.step(request_vote(2, 1, 1, (0, 0)))), Some(true));
    voter.crash();
    voter.start();
    assert_eq!(granted(&voter.step(request_vote(3, 1, 1, (0, 0)))), Some(false));
    assert_eq!(granted(&voter.step(request_vote(2, 1, 1, (0, 0)))), Some(true));
}

/// Goal: without the stored vote, a restarted server votes twice in one term.
#[test]
fn rule_persist_vote_off_votes_twice() {
    let mut voter = Server::new(1, 3).without(Rule::PersistVote);
    assert_eq!(granted(&voter.step(request_vote(2, 1, 1, (0, 0)))), Some(true));
    assert_eq!(granted(&voter.step(request_vote(3, 1, 1, (0, 0)))), Some(false));
    voter.crash();
    voter.start();
    assert_eq!(voter.node().current_term(), Term(1));
    assert_eq!(granted(&voter.step(request_vote(3, 1, 1, (0, 0)))), Some(true));
}

/// Goal: a new leader makes itself known, and the other candidate of its term yields.
#[test]
fn section_5_2_the_winner_ends_the_election() {
    let mut cluster = Cluster::new(3).without(Rule::PreVote);
    cluster.campaign(1);
    cluster.campaign(2);
    cluster.deliver(on_link(1, 3));
    cluster.settle();
    assert_eq!(cluster.leaders(), [1]);
    assert_eq!(cluster.node(2).role(), Role::Follower);
    assert!(cluster.server(2).told(|event| matches!(
        event,
        Event::BecameFollower { leader: Some(NodeId(1)), reason: FollowerReason::LeaderHeard, .. }
    )));
}

/// Goal: a leader of an older term cannot end an election.
#[test]
fn section_5_2_an_older_leader_does_not_end_an_election() {
    let mut candidate = Server::with_log(1, 3, 4, &[]).without(Rule::PreVote);
    candidate.campaign();
    candidate.step(append(2, 1, 4, (0, 0), &[], 0));
    assert_eq!(candidate.node().role(), Role::Candidate);
}

/// Goal: a split vote ends with nobody winning, and the next timeouts resolve it.
#[test]
fn section_5_2_a_split_vote_is_resolved() {
    let mut cluster = Cluster::new(4).without(Rule::PreVote);
    cluster.campaign(1);
    cluster.campaign(2);
    cluster.deliver(on_link(1, 3));
    cluster.deliver(on_link(2, 4));
    cluster.settle();
    assert!(cluster.leaders().is_empty());
    cluster.run(3_000);
    assert_eq!(cluster.leaders().len(), 1);
}

/// Goal: timeouts are drawn from the whole range, evenly enough, and anew for every wait.
/// Method: the largest distance between the draws' distribution and the even one (Kolmogorov and Smirnov) stays small.
#[test]
fn section_5_2_timeouts_are_random_in_their_range() {
    let mut server = Server::new(1, 3);
    let (min, max) = (server.setup.options.election_timeout_min.0, server.setup.options.election_timeout_max.0);
    let mut counts = vec![0_u64; (max - min + 1) as usize];
    let draws = 20_000;
    for _ in 0..draws {
        server.step(append(2, 1, 1, (0, 0), &[], 0));
        counts[(server.node().ticks_until_deadline().0 - min) as usize] += 1;
    }
    let mut seen = 0;
    for (position, count) in (1..).zip(&counts) {
        seen += count;
        let even = draws * position / counts.len() as u64;
        assert!(seen.abs_diff(even) < draws / 50, "{seen} draws instead of {even} below {}", min + position);
    }
}

/// Goal: two servers of one seed do not draw the same numbers, and one server draws the same in every run.
#[test]
fn section_5_2_draws_differ_between_servers_and_repeat_between_runs() {
    let draws = |id: u64| -> Vec<u64> {
        let mut server = Server::new(id, 3);
        let draw = |_| {
            server.step(append(4, id, 1, (0, 0), &[], 0));
            server.node().ticks_until_deadline().0
        };
        (0..20).map(draw).collect()
    };
    assert_eq!(draws(1), draws(1));
    assert_ne!(draws(1), draws(2));
}

/// Goal: without randomness all wait equally long, campaign together, and split the vote for ever.
#[test]
fn rule_randomised_timeout_off_ties_for_ever() {
    let mut cluster = Cluster::new(3).without(Rule::RandomisedTimeout).without(Rule::PreVote);
    cluster.run(5_000);
    assert!(cluster.leaders().is_empty());
    assert!(cluster.node(1).current_term() > Term(20));
}

/// Goal: without redrawing, a server waits equally long every time.
#[test]
fn rule_redraw_timeout_off_repeats_the_first_draw() {
    let total = |server: &Server| match server.node().timer() {
        Timer::Election { total, .. } => total,
        Timer::Heartbeat { .. } => unreachable!("a follower waits for an election"),
    };
    let mut server = Server::new(1, 3).without(Rule::RedrawTimeout);
    let first = total(&server);
    for _ in 0..50 {
        server.step(append(2, 1, 1, (0, 0), &[], 0));
        assert_eq!(total(&server), first);
    }
}

/// Goal: without majorities, two candidates win one term.
#[test]
fn rule_majority_off_elects_two_leaders_in_one_term() {
    let mut cluster = Cluster::new(4).without(Rule::PreVote).without(Rule::Majority);
    cluster.campaign(1);
    cluster.campaign(2);
    cluster.deliver(on_link(1, 3));
    cluster.deliver(on_link(2, 4));
    cluster.isolate(&[1, 3]);
    cluster.deliver(on_link(3, 1));
    cluster.heal();
    cluster.deliver(on_link(3, 1));
    cluster.deliver(on_link(4, 2));
    let leads = |id| cluster.server(id).told(|event| *event == Event::BecameLeader { term: Term(1) });
    assert!(leads(1) || leads(2));
}
