//! §5.1: roles, terms, and the exchange of terms.

use raft_core::{Event, IgnoreReason, LogIndex, NodeId, ProposeError, Role, Rule, Term};

use crate::harness::{Cluster, Server, accepted, append, request_vote, vote};

/// Goal: servers start as followers and stay passive until a timer runs out.
#[test]
fn section_5_1_servers_start_as_followers() {
    let cluster = Cluster::new(5);
    for id in cluster.ids() {
        assert_eq!(cluster.node(id).role(), Role::Follower);
        assert_eq!(cluster.node(id).current_term(), Term(0));
    }
    assert!(cluster.network.is_empty());
}

/// Goal: in normal operation there is one leader and all others are its followers.
#[test]
fn section_5_1_one_leader_and_followers() {
    let mut cluster = Cluster::new(5);
    cluster.run(2_000);
    let [leader] = cluster.leaders()[..] else { panic!("{:?} lead", cluster.leaders()) };
    for id in cluster.ids() {
        assert_eq!(cluster.node(id).leader(), Some(NodeId(leader)));
        assert_eq!(cluster.node(id).current_term(), cluster.node(leader).current_term());
    }
}

/// Goal: a follower sends a client to the leader that it knows.
#[test]
fn section_5_1_a_follower_names_the_leader() {
    let mut cluster = Cluster::new(3);
    let refused = |leader_hint| Err(ProposeError::NotLeader { leader_hint });
    assert_eq!(cluster.server_mut(2).propose("x").0, refused(None));
    cluster.elect(1);
    assert_eq!(cluster.server_mut(2).propose("x").0, refused(Some(NodeId(1))));
}

/// Goal: current terms travel with every message, and the larger one wins.
#[test]
fn section_5_1_the_larger_term_spreads() {
    let mut cluster = Cluster::new(5);
    cluster.isolate(&[5]);
    cluster.elect(1);
    cluster.crash(1);
    cluster.elect(2);
    assert_eq!(cluster.node(5).current_term(), Term(0));
    cluster.heal();
    cluster.heartbeat(2);
    cluster.settle();
    assert_eq!(cluster.node(5).current_term(), Term(2));
    cluster.restart(1);
    assert_eq!(cluster.node(1).current_term(), Term(1));
    cluster.campaign(1);
    cluster.settle();
    assert_eq!(cluster.node(1).current_term(), Term(2), "the refusals taught it");
}

/// Goal: a stale leader or candidate that learns of a higher term becomes a follower at once.
#[test]
fn section_5_1_a_stale_leader_steps_down() {
    let mut cluster = Cluster::new(3);
    cluster.elect(1);
    cluster.isolate(&[1]);
    cluster.elect(2);
    assert_eq!(cluster.leaders(), [1, 2], "two leaders, but of two terms");
    assert!(cluster.node(1).current_term() < cluster.node(2).current_term());
    cluster.heal();
    cluster.heartbeat(1);
    cluster.settle();
    assert_eq!(cluster.leaders(), [2]);
}

/// Goal: requests and answers of an older term are refused or ignored, with the reason told.
#[test]
fn section_5_1_older_terms_are_rejected() {
    let mut server = Server::with_log(1, 3, 5, &[1]).without(Rule::PreVote);
    server.campaign();
    for message in [append(2, 1, 5, (0, 0), &[], 0), vote(2, 1, 5, true), accepted(2, 1, 5, 1)] {
        let known = server.events.len();
        server.step(message);
        assert!(
            server.events[known..]
                .iter()
                .any(|event| matches!(event, Event::MessageIgnored { reason: IgnoreReason::StaleTerm, .. }))
        );
    }
    assert_eq!(server.node().role(), Role::Candidate);
    assert_eq!(server.node().votes().len(), 1);
}

/// Goal: terms never decrease, whatever comes in.
#[test]
fn section_5_1_terms_only_grow() {
    let mut server = Server::new(1, 3);
    let mut last = Term(0);
    for term in [3, 1, 4, 1, 5, 9, 2, 6] {
        server.step(request_vote(2, 1, term, (0, 0)));
        server.step(append(3, 1, term, (0, 0), &[], 0));
        assert!(server.node().current_term() >= last);
        last = server.node().current_term();
    }
    assert_eq!(last, Term(9));
}

/// Goal: without stepping down, a deposed leader goes on in a term that nobody elected it for.
#[test]
fn rule_step_down_on_higher_term_off_keeps_the_role() {
    let mut leader = Server::new(1, 1).without(Rule::StepDownOnHigherTerm);
    leader.campaign();
    leader.step(append(2, 1, 9, (0, 0), &[], 0));
    assert_eq!(leader.node().role(), Role::Leader);
    assert_eq!(leader.node().current_term(), Term(9));
}

/// Goal: without the stored term, a restarted server takes part in a term that is spent.
#[test]
fn rule_persist_term_off_forgets_the_term() {
    for (rule, term) in [(None, 7), (Some(Rule::PersistTerm), 0)] {
        let mut server = Server::new(1, 3);
        if let Some(rule) = rule {
            server = server.without(rule);
        }
        server.step(request_vote(2, 1, 7, (0, 0)));
        server.crash();
        server.start();
        assert_eq!(server.node().current_term(), Term(term));
        assert_eq!(server.node().log().last_index(), LogIndex(0));
    }
}
