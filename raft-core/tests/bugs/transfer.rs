//! Leadership that was to be handed over (dissertation §3.10).
//!
//! All tests here are row B50: hashicorp/raft#487 and #581, canonical/raft#203 and #205, dragonboat 1c7ebd3, openraft#1805,
//! raft-rs 24280e8, etcd db54973, ra#251 (PR#264), ra PR#482 and #525.

use raft_core::{
    Event, IgnoreReason, LogIndex, MembershipChange, MessageKind, NodeId, ProposeError, Role, Rpc, Term, TransferBlock,
    TransferError,
};

use crate::harness::{Cluster, ids, is, message};

/// Three voters and a learner, server 4, that server 1 leads in term 1.
fn led_by_1() -> Cluster {
    let mut cluster = Cluster::with_learners(3, 1);
    cluster.elect(1);
    cluster.heartbeats(1, 2);
    cluster
}

/// Whether the leader takes a command and commits it within a heartbeat.
fn commits(cluster: &mut Cluster, leader: u64) -> bool {
    let mut index = None;
    cluster.act(leader, |server| {
        let (result, sent) = server.propose("x");
        index = result.ok();
        sent
    });
    cluster.settle();
    index.is_some_and(|index| cluster.node(leader).commit_index() >= index)
}

/// A target that lagged was asked at once, could not win, and the cluster was without a leader.
///
/// Goal: a target that lags is asked only when it holds everything; then it wins the first campaign.
#[test]
fn b50_a_lagging_target_is_asked_when_it_has_caught_up() {
    let mut cluster = led_by_1();
    cluster.isolate(&[3]);
    for _ in 0..5 {
        assert!(commits(&mut cluster, 1));
    }
    cluster.heal();
    cluster.transfer(1, 3);
    for _ in 0..100 {
        if let Some(TransferBlock::LogBehind { match_index, last_index, .. }) = cluster.node(1).transfer_block() {
            assert!(match_index < last_index);
            assert!(!cluster.network.iter().any(is(MessageKind::TimeoutNow, 1, 3)));
        }
        if !cluster.deliver(|_| true) {
            cluster.heartbeat(1);
        }
    }
    cluster.settle();
    assert_eq!((cluster.leaders(), cluster.node(3).current_term()), (vec![3], Term(2)));
    assert!(commits(&mut cluster, 3));
}

/// Leadership was handed to a server that cannot lead: a learner, a server that was removed, one that nobody knows.
///
/// Goal: each is refused with the reason, and the leader goes on.
#[test]
fn b50_a_target_that_cannot_lead_is_refused() {
    let mut cluster = led_by_1();
    cluster.change_and_settle(1, &MembershipChange::Remove(NodeId(3)));
    for target in [3, 4, 9] {
        let target = NodeId(target);
        let mut result = Ok(());
        cluster.server_mut(1).run(|node| result = node.transfer_leadership(target));
        assert_eq!(result, Err(TransferError::NotAVoter { target }));
        assert!(commits(&mut cluster, 1));
    }
    assert_eq!(cluster.leaders(), [1]);
}

/// The target lost its vote while leadership was being handed to it.
///
/// Goal: the leader gives the transfer up at once, and goes on. Method: the target is a voter of C_old only, which the leader
/// leaves by itself.
#[test]
fn b50_a_target_that_loses_its_vote_is_given_up() {
    let mut cluster = led_by_1();
    cluster.server_mut(3).slow_disk = true;
    let replace = MembershipChange::Replace { voters: ids([1, 2]).collect(), learners: Vec::new() };
    cluster.change(1, &replace);
    cluster.transfer(1, 3);
    assert!(cluster.node(1).transfer_block().is_some());
    cluster.settle();
    assert!(!cluster.node(1).configuration().is_voter(NodeId(3)));
    assert!(cluster.server(1).told(|event| *event == Event::TransferAborted { target: NodeId(3) }));
    assert_eq!((cluster.leaders(), cluster.node(1).transfer_block()), (vec![1], None));
    assert!(commits(&mut cluster, 1));
}

/// A learner, or a removed server, that was asked to campaign nevertheless, did.
///
/// Goal: it ignores the request, as does everybody whom an older leader asks.
#[test]
fn b50_who_cannot_lead_does_not_campaign_when_asked() {
    let mut cluster = led_by_1();
    cluster.change_and_settle(1, &MembershipChange::Remove(NodeId(3)));
    cluster.heartbeats(1, 1);
    let requests = [
        (message(1, 4, 1, Rpc::TimeoutNow), IgnoreReason::NotAVoter),
        (message(1, 2, 0, Rpc::TimeoutNow), IgnoreReason::StaleTerm),
        (message(4, 2, 1, Rpc::TimeoutNow), IgnoreReason::Impossible),
    ];
    for (request, expected) in requests {
        let id = request.to.0;
        cluster.act(id, |server| server.step(request));
        assert_eq!((cluster.node(id).role(), cluster.node(id).current_term()), (Role::Follower, Term(1)));
        let last = cluster.server(id).events.last();
        assert!(matches!(last, Some(Event::MessageIgnored { reason, .. }) if *reason == expected), "{last:?}");
    }
    assert!(commits(&mut cluster, 1));
}

/// The transfer was never given up, and proposals were refused for ever.
///
/// Goal: with a target that is down, cut off, or does not do what it is asked, proposals are accepted and committed again
/// after the shortest election timeout.
#[test]
fn b50_proposals_resume_after_an_election_timeout() {
    let obstacles: [fn(&mut Cluster); 3] = [
        |cluster| cluster.crash(3),
        |cluster| cluster.isolate(&[3]),
        // It campaigns on a disk that never finishes, so nobody hears of it.
        |cluster| cluster.server_mut(3).slow_disk = true,
    ];
    for (number, obstacle) in obstacles.into_iter().enumerate() {
        let mut cluster = led_by_1();
        obstacle(&mut cluster);
        cluster.transfer(1, 3);
        let refusal = ProposeError::TransferInProgress { target: NodeId(3) };
        assert_eq!(cluster.server_mut(1).propose("x").0, Err(refusal), "obstacle {number}");
        cluster.run(151);
        assert_eq!((cluster.leaders(), cluster.node(1).transfer_block()), (vec![1], None), "obstacle {number}");
        assert!(commits(&mut cluster, 1), "obstacle {number}");
    }
}

/// The request, or what follows from it, was lost, and the leader never asked again.
///
/// Goal: whichever of the first messages of a transfer is lost, within two election timeouts somebody leads and commits.
#[test]
fn b50_a_lost_message_does_not_end_in_silence() {
    for lost in 0..8 {
        let mut cluster = led_by_1();
        cluster.transfer(1, 3);
        for _ in 0..lost {
            cluster.deliver(|_| true);
        }
        let is_request = cluster.network.pop_front().is_some_and(|message| message.kind() == MessageKind::TimeoutNow);
        cluster.run(600);
        let [leader] = cluster.leaders()[..] else { panic!("message {lost}: {:?} lead", cluster.leaders()) };
        assert!(!is_request || leader == 3, "the request is repeated while there is time");
        assert!(commits(&mut cluster, leader), "message {lost}");
    }
}

/// Pre-vote, or the voters' loyalty to the present leader, stood in the way of the target.
///
/// Goal: the target asks for real votes at once and gets them, although the old leader was heard a tick ago; such a leave is
/// only for the request that says so.
#[test]
fn b50_pre_vote_and_stickiness_do_not_stop_a_transfer() {
    let mut cluster = led_by_1();
    cluster.heartbeats(1, 1);
    cluster.delivered.clear();
    cluster.transfer(1, 3);
    cluster.settle();
    assert_eq!(cluster.leaders(), [3]);
    assert!(!cluster.delivered.iter().any(|message| message.kind() == MessageKind::PreVote));
    // Nobody else may do the same on its own account.
    cluster.heartbeats(3, 1);
    cluster.campaign(2);
    cluster.settle();
    assert_eq!(cluster.leaders(), [3]);
}

/// The target had the entries in memory only; it was asked, crashed, and came back without them.
///
/// Goal: what is not durable at the target does not count, so it is asked only when its disk has finished.
#[test]
fn b50_a_target_with_a_slow_disk_is_asked_when_it_is_durable() {
    let mut cluster = led_by_1();
    cluster.server_mut(3).slow_disk = true;
    assert!(commits(&mut cluster, 1));
    cluster.transfer(1, 3);
    cluster.settle();
    let block = cluster.node(1).transfer_block();
    assert!(matches!(block, Some(TransferBlock::LogBehind { match_index: LogIndex(1), .. })), "{block:?}");
    assert!(!cluster.delivered.iter().any(is(MessageKind::TimeoutNow, 1, 3)));
    cluster.server_mut(3).slow_disk = false;
    cluster.act(3, crate::harness::Server::sync_all);
    cluster.settle();
    cluster.heartbeats(1, 1);
    assert_eq!((cluster.leaders(), cluster.commit(3)), (vec![3], 3));
}

/// The old leader took commands after it had handed over, and they were lost without a word.
///
/// Goal: from the start of the transfer to its end every command is refused, and then by the name of the new leader.
#[test]
fn b50_no_command_is_taken_and_lost() {
    let mut cluster = led_by_1();
    cluster.transfer(1, 3);
    let mut accepted = Vec::new();
    for number in 0..40 {
        let command = format!("x{number}");
        cluster.act(1, |server| {
            let (result, sent) = server.propose(&command);
            accepted.extend(result.ok().map(|_| command.clone()));
            sent
        });
        cluster.deliver(|_| true);
    }
    cluster.settle();
    cluster.heartbeats(3, 2);
    assert_eq!(cluster.leaders(), [3]);
    assert_eq!(accepted, cluster.server(2).commands());
    let hint = ProposeError::NotLeader { leader_hint: Some(NodeId(3)) };
    assert_eq!(cluster.server_mut(1).propose("x").0, Err(hint));
}
