//! Learners, removed servers, and servers that do not know yet what they are.

use raft_core::{Event, IgnoreReason, MembershipChange, MessageKind, NodeId, Role, Rule, Term, VoteDenial};

use crate::harness::{Cluster, Server, append, granted, pre_vote, request_pre_vote, request_vote, vote};

/// etcd#10998, raft-rs#57 and #269: a learner that had been made a voter, and did not know it yet, refused to vote, so that
/// nobody could win.
///
/// Goal: whoever is asked votes; whether the vote counts is the candidate's affair. Method: the leader of two adds the
/// learner 3 and crashes when only server 2 has heard of it.
#[test]
fn b47_a_learner_that_was_promoted_votes_before_it_knows() {
    let mut cluster = Cluster::with_learners(2, 1);
    cluster.elect(1);
    cluster.heartbeats(1, 3);
    cluster.change(1, &MembershipChange::AddVoter(NodeId(3)));
    cluster.deliver_one(MessageKind::AppendEntries, 1, 2);
    cluster.crash(1);
    cluster.drop_all(|_| true);
    assert!(!cluster.node(3).configuration().is_voter(NodeId(3)));
    assert!(cluster.node(2).configuration().is_voter(NodeId(3)));
    cluster.run(1_000);
    assert_eq!(cluster.leaders(), [2]);
    assert!(cluster.node(3).configuration().is_voter(NodeId(3)));
    let index = cluster.propose(2, "x").0;
    cluster.settle();
    assert_eq!(cluster.commit(2), index);
}

/// hashicorp/raft#526 and #477: the higher term of a server without a vote was ignored, so it never followed anybody again.
///
/// Goal: a learner with a higher term is led again within a second, and the cluster commits.
#[test]
fn b49_a_learner_with_a_higher_term_is_led_again() {
    let mut cluster = Cluster::with_learners(3, 1);
    cluster.elect(1);
    cluster.heartbeats(1, 1);
    // Somebody who was cut off has asked it for a vote in term 9.
    cluster.tick(4, 150);
    cluster.act(4, |server| {
        server.step(request_vote(3, 4, 9, (0, 0)));
        Vec::new()
    });
    assert_eq!(cluster.node(4).current_term(), Term(9));
    cluster.run(1_000);
    let [leader] = cluster.leaders()[..] else { panic!("{:?} lead", cluster.leaders()) };
    assert!(cluster.node(leader).current_term() > Term(9));
    cluster.propose(leader, "x");
    cluster.settle();
    cluster.heartbeats(leader, 1);
    assert_eq!(cluster.server(4).commands(), ["x"]);
}

/// hashicorp/raft#483: a server without a vote campaigned.
///
/// Goal: neither a learner, nor a removed server, nor one that was never added ever asks for a vote, whatever time passes or
/// whoever demands it.
#[test]
fn b49_who_has_no_vote_does_not_campaign() {
    let mut cluster = Cluster::with_learners(3, 1);
    cluster.elect(1);
    cluster.heartbeats(1, 1);
    cluster.change_and_settle(1, &MembershipChange::Remove(NodeId(3)));
    // The leader stops sending to who is removed, so server 3 may have heard of it or not; here it has.
    let removed = append_to_removed(&cluster);
    let outsiders = [cluster.server(4).clone(), removed, Server::spare(7)];
    for mut outsider in outsiders {
        let term = outsider.node().current_term();
        for _ in 0..10 {
            assert!(outsider.tick(1_000).is_empty());
            assert!(outsider.campaign().is_empty());
        }
        assert_eq!((outsider.node().role(), outsider.node().current_term()), (Role::Follower, term));
    }
}

/// Server 3 with the entry that removes it, known to be committed.
fn append_to_removed(cluster: &Cluster) -> Server {
    let mut removed = cluster.server(3).clone();
    let leader = cluster.node(1);
    let prev = removed.node().log().last_index();
    let mut message = append(1, 3, 1, (prev.0, 1), &[], leader.commit_index().0);
    if let raft_core::Rpc::AppendEntries(append) = &mut message.rpc {
        append.entries = leader.log().run(prev.next(), usize::MAX, usize::MAX);
    }
    removed.step(message);
    assert!(!removed.node().configuration().is_voter(NodeId(3)));
    assert_eq!(removed.node().commit_index(), leader.commit_index());
    removed
}

/// hashicorp/raft#605: the vote of a removed server was counted.
///
/// Goal (I26): a candidate counts no vote and no promise of a server that has none in its configuration, and a leader no
/// acknowledgement.
#[test]
fn b49_the_vote_of_a_removed_server_does_not_count() {
    let mut candidate = Server::new(1, 3);
    candidate.campaign();
    candidate.step(pre_vote(4, 1, 1, true));
    assert_eq!(candidate.node().role(), Role::PreCandidate);
    candidate.step(pre_vote(2, 1, 1, true));
    assert_eq!(candidate.node().role(), Role::Candidate);
    for stranger in [4, 5, 9] {
        candidate.step(vote(stranger, 1, 1, true));
        assert_eq!(candidate.node().role(), Role::Candidate);
        let last = candidate.events.last();
        assert!(matches!(last, Some(Event::MessageIgnored { reason: IgnoreReason::NotAMember, .. })), "{last:?}");
    }

    let mut cluster = Cluster::new(3);
    cluster.elect(1);
    cluster.heartbeats(1, 1);
    cluster.change_and_settle(1, &MembershipChange::Remove(NodeId(3)));
    cluster.crash(2);
    let index = cluster.propose(1, "x");
    let acknowledgement = crate::harness::accepted(3, 1, 1, index.0);
    cluster.act(1, |server| server.step(acknowledgement));
    assert!(cluster.node(1).commit_index() < index);
}

/// hashicorp/raft#609: granting a pre-vote counted as hearing from a leader, and put the own campaign off.
///
/// Goal: a promise changes neither the timer nor the protection of anybody.
#[test]
fn b49_a_promise_does_not_refresh_the_last_contact() {
    let mut voter = Server::with_log(1, 3, 1, &[1]);
    voter.step(append(2, 1, 1, (1, 1), &[], 1));
    voter.tick(150);
    let left = voter.node().ticks_until_deadline();
    for _ in 0..3 {
        assert_eq!(granted(&voter.step(request_pre_vote(3, 1, 2, (1, 1)))), Some(true));
    }
    assert_eq!(voter.node().ticks_until_deadline(), left);
    // Nor is the leader protected again: a real candidate gets the vote.
    assert_eq!(granted(&voter.step(request_vote(3, 1, 2, (1, 1)))), Some(true));
    assert!(!voter.told(|event| matches!(event, Event::VoteDenied { reason: VoteDenial::LeaderAlive { .. }, .. })));
}

/// The same issues: a removed server that did not hear of its removal campaigned for ever, and deposed every leader.
///
/// Goal (dissertation §4.2.3): it does not disturb the leader, in ten seconds, though everybody hears it, with pre-vote and
/// without. Without vote-stickiness, too, it does.
#[test]
fn b49_a_removed_server_does_not_disturb() {
    for rules_off in [&[][..], &[Rule::PreVote], &[Rule::PreVote, Rule::VoteStickiness]] {
        let mut cluster = rules_off.iter().fold(Cluster::new(4), |cluster, rule| cluster.without(*rule));
        cluster.elect(1);
        cluster.heartbeats(1, 1);
        cluster.isolate(&[4]);
        cluster.change_and_settle(1, &MembershipChange::Remove(NodeId(4)));
        cluster.heal();
        cluster.run(10_000);
        assert!(cluster.node(4).configuration().is_voter(NodeId(4)), "it has not heard of it");
        let is_disturbed = (cluster.leaders(), cluster.node(1).current_term()) != (vec![1], Term(1));
        assert_eq!(is_disturbed, rules_off.len() == 2, "without {rules_off:?}");
        if !is_disturbed {
            let index = cluster.propose(1, "x");
            cluster.settle();
            assert_eq!(cluster.node(1).commit_index(), index);
        }
    }
}
