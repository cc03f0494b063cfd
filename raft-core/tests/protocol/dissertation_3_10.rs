//! Dissertation §3.10: handing leadership to a chosen server.

use insta::assert_snapshot;
use raft_core::{
    Event, IgnoreReason, LogIndex, MembershipChange, MessageKind, NodeId, ProposeError, Role, Rpc, Term, TransferBlock,
    TransferError,
};

use crate::harness::{Cluster, Server, append, is, message, on_link};

/// A cluster of three that server 1 leads in term 1, quiet.
fn led_by_1() -> Cluster {
    let mut cluster = Cluster::new(3);
    cluster.elect(1);
    cluster.heartbeats(1, 1);
    cluster.transcript.clear();
    cluster.delivered.clear();
    cluster
}

fn timeout_now(from: u64, to: u64, term: u64) -> raft_core::Message {
    message(from, to, term, Rpc::TimeoutNow)
}

fn election_timeout(cluster: &Cluster) -> u64 {
    cluster.server(1).setup.options.election_timeout_min.0
}

/// Goal: an up-to-date target takes over at once, though the old leader lives and is heard: pre-vote and stickiness do not
/// stand in its way.
#[test]
fn dissertation_3_10_an_up_to_date_target_takes_over() {
    let mut cluster = led_by_1();
    cluster.transfer(1, 3);
    cluster.settle();
    assert_eq!(cluster.leaders(), [3]);
    assert_eq!(cluster.node(3).current_term(), Term(2));
    assert_eq!(cluster.node(1).role(), Role::Follower);
    assert!(!cluster.delivered.iter().any(|message| message.kind() == MessageKind::PreVote));
    assert_eq!(cluster.node(1).transfer_block(), None);
}

/// Goal: how leadership is handed to a server that lacks an entry.
#[test]
fn transcript_leadership_transfer() {
    let mut cluster = led_by_1();
    cluster.isolate(&[3]);
    cluster.propose(1, "x");
    cluster.settle();
    cluster.heal();
    cluster.say("S1 is to hand over to S3, which lacks x");
    cluster.transfer(1, 3);
    cluster.heartbeats(1, 1);
    cluster.heartbeats(1, 1);
    assert_eq!(cluster.leaders(), [3]);
    assert_snapshot!(cluster.transcript);
}

/// Goal: a target that lags is brought up to date first, and only then asked.
#[test]
fn dissertation_3_10_a_lagging_target_catches_up_first() {
    let mut cluster = led_by_1();
    let index = cluster.propose(1, "x");
    cluster.drop_all(on_link(1, 3));
    cluster.transfer(1, 3);
    cluster.settle();
    assert!(!cluster.delivered.iter().any(is(MessageKind::TimeoutNow, 1, 3)));
    let block = cluster.node(1).transfer_block();
    assert!(
        matches!(block, Some(TransferBlock::LogBehind { target: NodeId(3), match_index: LogIndex(1), last_index, .. })
            if last_index == index),
        "{block:?}"
    );
    cluster.heartbeats(1, 2);
    assert_eq!(cluster.leaders(), [3]);
    assert_eq!(cluster.terms(3), [1, 1, 2]);
}

/// Goal: also when what it lacks is only in a snapshot.
#[test]
fn dissertation_3_10_a_target_that_needs_a_snapshot() {
    let mut cluster = led_by_1();
    cluster.isolate(&[3]);
    let index = cluster.propose(1, "x").0;
    cluster.settle();
    cluster.compact(1, index);
    cluster.heal();
    cluster.transfer(1, 3);
    cluster.heartbeats(1, 3);
    assert_eq!(cluster.leaders(), [3]);
    assert_eq!(cluster.server(3).commands(), ["x"]);
}

/// Goal: while it hands over, a leader takes no commands and no other changes; it says to whom it hands over.
#[test]
fn dissertation_3_10_no_proposals_meanwhile() {
    let mut cluster = led_by_1();
    cluster.crash(3);
    cluster.transfer(1, 3);
    let target = NodeId(3);
    let leader = cluster.server_mut(1);
    let before = leader.node().clone();
    assert_eq!(leader.propose("x").0, Err(ProposeError::TransferInProgress { target }));
    let refusal = raft_core::MembershipError::TransferInProgress { target };
    assert_eq!(leader.change(&MembershipChange::Remove(NodeId(2))).0, Err(refusal));
    for again in [2, 3] {
        let mut result = Ok(());
        leader.run(|node| result = node.transfer_leadership(NodeId(again)));
        assert_eq!(result, Err(TransferError::TransferInProgress { target }));
    }
    assert_eq!(leader.node(), &before);
}

/// Goal: a target that is down or cut off: the leader gives up after the shortest election timeout, not earlier, and takes
/// commands again.
#[test]
fn dissertation_3_10_abort_after_an_election_timeout() {
    for is_crashed in [true, false] {
        let mut cluster = led_by_1();
        if is_crashed {
            cluster.crash(3);
        } else {
            cluster.isolate(&[3]);
        }
        cluster.transfer(1, 3);
        cluster.run(election_timeout(&cluster) - 1);
        assert!(cluster.server_mut(1).propose("x").0.is_err());
        assert!(cluster.node(1).transfer_block().is_some());
        cluster.run(1);
        assert!(cluster.server(1).told(|event| *event == Event::TransferAborted { target: NodeId(3) }));
        assert_eq!((cluster.leaders(), cluster.node(1).transfer_block()), (vec![1], None));
        let index = cluster.propose(1, "x").0;
        cluster.settle();
        assert_eq!((cluster.commit(1), cluster.node(1).current_term()), (index, Term(1)));
        // The next attempt may go elsewhere.
        cluster.transfer(1, 2);
        cluster.settle();
        assert_eq!(cluster.leaders(), [2]);
    }
}

/// Goal: who cannot lead is refused as a target: learners, strangers, the leader itself; and only a leader can hand over.
#[test]
fn dissertation_3_10_refusals() {
    let mut cluster = Cluster::with_learners(3, 1);
    cluster.elect(1);
    let refusals = [
        (4, TransferError::NotAVoter { target: NodeId(4) }),
        (9, TransferError::NotAVoter { target: NodeId(9) }),
        (1, TransferError::AlreadyLeader { target: NodeId(1) }),
    ];
    for (target, refusal) in refusals {
        let leader = cluster.server_mut(1);
        let before = leader.node().clone();
        let mut result = Ok(());
        let sent = leader.run(|node| result = node.transfer_leadership(NodeId(target)));
        assert_eq!((result, sent.len()), (Err(refusal), 0));
        assert_eq!(leader.node(), &before);
    }
    let mut result = Ok(());
    cluster.act(2, |server| server.run(|node| result = node.transfer_leadership(NodeId(3))));
    assert_eq!(result, Err(TransferError::NotLeader { leader_hint: Some(NodeId(1)) }));
    cluster.crash(1);
    cluster.restart(1);
    cluster.act(1, |server| server.run(|node| result = node.transfer_leadership(NodeId(3))));
    assert_eq!(result, Err(TransferError::NotLeader { leader_hint: None }));
}

/// Goal: a target that stops being a voter meanwhile is given up at once.
#[test]
fn dissertation_3_10_the_target_is_removed_meanwhile() {
    let mut cluster = Cluster::new(4);
    cluster.elect(1);
    cluster.heartbeats(1, 1);
    // Joint consensus: server 4 votes until C_new, which the leader appends by itself during the transfer.
    let voters = vec![NodeId(1), NodeId(2), NodeId(3)];
    cluster.change(1, &MembershipChange::Replace { voters, learners: vec![] });
    cluster.isolate(&[4]);
    cluster.transfer(1, 4);
    cluster.settle();
    assert!(!cluster.node(1).configuration().is_voter(NodeId(4)));
    assert!(cluster.server(1).told(|event| *event == Event::TransferAborted { target: NodeId(4) }));
    cluster.propose(1, "x");
    // Nor can one who is gone already become the target.
    let mut result = Ok(());
    cluster.act(1, |server| server.run(|node| result = node.transfer_leadership(NodeId(4))));
    assert_eq!(result, Err(TransferError::NotAVoter { target: NodeId(4) }));
}

/// Goal: a lost TimeoutNow is repeated with the next heartbeat.
#[test]
fn dissertation_3_10_timeout_now_is_repeated() {
    let mut cluster = led_by_1();
    cluster.transfer(1, 3);
    assert_eq!(cluster.drop_all(is(MessageKind::TimeoutNow, 1, 3)), 1);
    let block = cluster.node(1).transfer_block();
    assert!(matches!(block, Some(TransferBlock::NoElection { target: NodeId(3), .. })), "{block:?}");
    cluster.heartbeats(1, 1);
    assert_eq!(cluster.leaders(), [3]);
    assert_eq!(cluster.node(3).current_term(), Term(2));
}

/// Goal: a TimeoutNow that comes twice starts one election, for the second is of a term that is over.
#[test]
fn dissertation_3_10_timeout_now_twice() {
    let mut cluster = led_by_1();
    cluster.transfer(1, 3);
    let copy = cluster.network.back().cloned();
    cluster.network.extend(copy);
    cluster.settle();
    assert_eq!((cluster.leaders(), cluster.node(3).current_term()), (vec![3], Term(2)));
    // Nor does a very late one disturb anybody.
    cluster.network.push_back(timeout_now(1, 2, 1));
    cluster.settle();
    assert_eq!((cluster.leaders(), cluster.node(2).current_term()), (vec![3], Term(2)));
    let ignored =
        Event::MessageIgnored { from: NodeId(1), kind: MessageKind::TimeoutNow, reason: IgnoreReason::StaleTerm };
    assert!(cluster.server(2).told(|event| *event == ignored));
}

/// Goal: only the leader of the term can ask for a campaign, and only a voter follows.
#[test]
fn dissertation_3_10_timeout_now_of_the_wrong_server() {
    let mut follower = Server::new(1, 3);
    follower.step(append(2, 1, 1, (0, 0), &[], 0));
    assert!(follower.step(timeout_now(3, 1, 1)).is_empty());
    assert_eq!(follower.node().current_term(), Term(1));
    assert!(follower.step(timeout_now(2, 1, 0)).is_empty());
    assert_eq!(follower.node().current_term(), Term(1));
    let mut spare = Server::spare(1);
    assert!(spare.step(timeout_now(2, 1, 1)).is_empty());
    assert_eq!((spare.node().role(), spare.node().current_term()), (Role::Follower, Term(1)));
}

/// Goal: a target that has not heard of the leader's term yet campaigns in the one after it.
#[test]
fn dissertation_3_10_timeout_now_brings_the_term() {
    let mut follower = Server::new(1, 3);
    let sent = follower.step(timeout_now(2, 1, 7));
    assert_eq!(follower.node().current_term(), Term(8));
    let is_excused = |message: &raft_core::Message| match message.rpc {
        Rpc::RequestVote(request) => request.leadership_transfer && !request.pre_vote,
        _ => false,
    };
    assert!(sent.len() == 2 && sent.iter().all(is_excused));
}

/// Goal: if the target's election fails, somebody leads again, and nothing that was committed is lost.
#[test]
fn dissertation_3_10_the_election_of_the_target_fails() {
    let mut cluster = led_by_1();
    let index = cluster.propose(1, "x").0;
    cluster.settle();
    cluster.transfer(1, 3);
    cluster.deliver_one(MessageKind::TimeoutNow, 1, 3);
    cluster.crash(3);
    cluster.network.clear();
    cluster.run(1_000);
    assert_eq!(cluster.leaders(), [1], "it has not even noticed");
    assert_eq!(cluster.commit(2), index);
    assert_eq!(cluster.propose(1, "y").0, index + 1);
    cluster.restart(3);
    cluster.run(2_000);
    assert_eq!(cluster.leaders().len(), 1);
    for id in cluster.ids() {
        assert_eq!(cluster.server(id).commands(), ["x", "y"], "at {id}");
    }
}

/// Goal: a transfer ends with the leadership: elected again, the server takes commands.
#[test]
fn dissertation_3_10_a_transfer_ends_with_the_leadership() {
    let mut cluster = led_by_1();
    cluster.isolate(&[3]);
    cluster.transfer(1, 3);
    cluster.act(1, |server| server.step(append(2, 1, 2, (1, 1), &[], 0)));
    assert_eq!((cluster.node(1).role(), cluster.node(1).transfer_block()), (Role::Follower, None));
    cluster.network.clear();
    cluster.elect(1);
    assert_eq!(cluster.node(1).transfer_block(), None);
    cluster.propose(1, "x");
}
