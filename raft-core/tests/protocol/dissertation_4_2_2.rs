//! Dissertation §4.2.2 and §4.2.3: leaders that remove themselves, and servers that nobody needs any more.

use raft_core::{
    CommitBlock, Event, FollowerReason, LogIndex, MembershipChange, MessageKind, NodeId, Role, Rule, Term, VoteDenial,
};

use crate::harness::{Cluster, on_link};

const fn remove(id: u64) -> MembershipChange {
    MembershipChange::Remove(NodeId(id))
}

fn led_by_1(size: u64) -> Cluster {
    let mut cluster = Cluster::new(size);
    cluster.elect(1);
    cluster.heartbeats(1, 1);
    cluster
}

/// Goal: §4.2.2, a leader that removes itself does not count itself for that, and steps down when it is committed.
#[test]
fn dissertation_4_2_2_a_leader_removes_itself() {
    let mut cluster = led_by_1(3);
    let index = cluster.change(1, &remove(1));
    assert_eq!(cluster.node(1).commit_block(), Some(CommitBlock::NoQuorum { index, have: 0, need: 2 }));
    cluster.deliver_one(MessageKind::AppendEntries, 1, 2);
    cluster.deliver_one(MessageKind::AppendEntriesReply, 2, 1);
    assert_eq!(cluster.node(1).commit_block(), Some(CommitBlock::NoQuorum { index, have: 1, need: 2 }));
    assert_eq!(cluster.leaders(), [1], "it manages the change");
    cluster.settle();
    assert_eq!(cluster.leaders(), []);
    let reason = FollowerReason::NotAVoter;
    assert!(cluster.server(1).told(|event| matches!(event, Event::BecameFollower { reason: r, .. } if *r == reason)));
    for id in [1, 2, 3] {
        assert_eq!(cluster.commit(id), index.0, "server {id} knows that the change is committed");
    }
    cluster.run(1_000);
    assert!(matches!(cluster.leaders()[..], [2 | 3]));
    assert_eq!(cluster.node(1).role(), Role::Follower);
}

/// Goal: until then it goes on as leader, takes commands, and commits them with the others.
#[test]
fn dissertation_4_2_2_a_leaving_leader_takes_commands() {
    let mut cluster = led_by_1(4);
    cluster.change(1, &remove(1));
    cluster.drop_all(on_link(1, 3));
    cluster.drop_all(on_link(1, 4));
    let index = cluster.propose(1, "x").0;
    assert_eq!(cluster.leaders(), [1]);
    cluster.settle();
    cluster.run(1_000);
    assert_eq!(cluster.leaders().len(), 1);
    let leader = cluster.leaders()[0];
    assert_ne!(leader, 1);
    assert!(cluster.commit(leader) > index);
    assert_eq!(cluster.server(leader).commands(), ["x"]);
}

/// Goal: a cluster of two lets its leader go; the other one leads alone.
#[test]
fn dissertation_4_2_2_from_two_to_one() {
    let mut cluster = led_by_1(2);
    cluster.change_and_settle(1, &remove(1));
    cluster.run(400);
    assert_eq!(cluster.leaders(), [2]);
    cluster.propose(2, "x");
    assert_eq!(cluster.server(2).commands(), ["x"]);
}

/// Goal: a server that is about to leave may campaign while only it has the entries without which nobody can win.
/// Method: two servers; the leader appends its own removal, and crashes before anybody hears of it.
#[test]
fn dissertation_4_2_2_a_leaving_server_may_be_needed() {
    let mut cluster = led_by_1(2);
    let index = cluster.change(1, &remove(1)).0;
    cluster.network.clear();
    cluster.crash(1);
    cluster.restart(1);
    // Server 2 needs the vote of server 1, whose log is longer.
    cluster.tick(2, 150);
    cluster.campaign(2);
    cluster.settle();
    assert!(cluster.server(1).told(|event| matches!(
        event,
        Event::VoteDenied { candidate: NodeId(2), reason: VoteDenial::LogBehind { .. }, .. }
    )));
    cluster.run(1_000);
    assert_eq!(cluster.leaders(), [2]);
    assert!(cluster.server(1).told(|event| matches!(event, Event::BecameLeader { .. })), "server 1 led in between");
    assert!(!cluster.server(1).told(|event| matches!(event, Event::VoteCounted { voter: NodeId(1), .. })));
    assert!(cluster.commit(2) > index);
}

/// Goal: once its removal is known to be committed, a server does not campaign any more.
#[test]
fn dissertation_4_2_2_a_server_that_has_left_does_not_campaign() {
    let mut cluster = led_by_1(3);
    cluster.change_and_settle(1, &remove(1));
    let server = cluster.server_mut(1);
    let term = server.node().current_term();
    assert!(server.tick(5_000).is_empty());
    assert!(server.campaign().is_empty());
    assert_eq!((server.node().role(), server.node().current_term()), (Role::Follower, term));
}

/// Goal: votes of a server that is gone do not count, and it is not asked; but it gives its vote to who asks.
#[test]
fn dissertation_4_2_2_votes_of_removed_servers_do_not_count() {
    let mut cluster = led_by_1(3).without(Rule::PreVote);
    cluster.elect(1);
    cluster.change_and_settle(1, &remove(3));
    cluster.crash(1);
    cluster.outwait_leader(2);
    cluster.campaign(2);
    assert!(!cluster.network.iter().any(|message| message.to == NodeId(3)));
    cluster.settle();
    let term = cluster.node(2).current_term().0;
    cluster.act(2, |server| server.step(crate::harness::vote(3, 2, term, true)));
    assert_eq!(cluster.node(2).role(), Role::Candidate);
}

/// A server that was removed without hearing of it, and runs out of patience; everybody else hears the leader.
fn removed_server_campaigns(off: &[Rule]) -> Cluster {
    let mut cluster = Cluster::new(4);
    for &rule in off {
        cluster = cluster.without(rule);
    }
    cluster.elect(1);
    cluster.heartbeats(1, 1);
    cluster.isolate(&[4]);
    // Not even the other followers have heard of the removal yet, so the removed server's log is as good as theirs.
    cluster.change(1, &remove(4));
    cluster.network.clear();
    cluster.heal();
    while cluster.node(4).role() == Role::Follower {
        cluster.tick(4, 1);
    }
    cluster.settle();
    cluster
}

/// Goal: §4.2.3, a removed server does not disturb: whoever hears a leader refuses it.
#[test]
fn dissertation_4_2_3_a_removed_server_does_not_disrupt() {
    for off in [&[][..], &[Rule::PreVote]] {
        let mut cluster = removed_server_campaigns(off);
        for _ in 0..40 {
            cluster.run(50);
            assert_eq!((cluster.leaders(), cluster.node(1).current_term()), (vec![1], Term(1)), "without {off:?}");
        }
        assert!(cluster.server(2).told(|event| matches!(
            event,
            Event::VoteDenied { candidate: NodeId(4), reason: VoteDenial::LeaderAlive { .. }, .. }
        )));
        cluster.propose(1, "x");
        cluster.settle();
        assert_eq!(cluster.server(1).commands(), ["x"], "without {off:?}");
    }
}

/// Goal: with stickiness off, pre-vote alone does not help while the removal is in no other log; with both off the removed
/// server deposes one leader after the other.
#[test]
fn rule_vote_stickiness_off_a_removed_server_disrupts() {
    let cluster = removed_server_campaigns(&[Rule::VoteStickiness]);
    assert!(cluster.node(1).current_term() > Term(1), "the pre-vote did not stop it");
    let mut cluster = Cluster::new(4).without(Rule::VoteStickiness).without(Rule::PreVote);
    cluster.elect(1);
    cluster.change_and_settle(1, &remove(4));
    cluster.run(3_000);
    assert!(cluster.node(1).current_term() > Term(3), "in {}", cluster.node(1).current_term());
    assert!(
        cluster
            .server(1)
            .told(|event| matches!(event, Event::BecameFollower { reason: FollowerReason::HigherTerm { .. }, .. }))
    );
}

/// Goal: a removed server that comes back is added like any other: it learns first.
#[test]
fn dissertation_4_2_a_removed_server_returns() {
    let mut cluster = led_by_1(3);
    cluster.isolate(&[3]);
    cluster.change_and_settle(1, &remove(3));
    cluster.propose(1, "x");
    cluster.settle();
    cluster.heal();
    cluster.change_and_settle(1, &MembershipChange::AddLearner(NodeId(3)));
    cluster.change_and_settle(1, &MembershipChange::AddVoter(NodeId(3)));
    assert_eq!(cluster.server(3).commands(), ["x"]);
    assert_eq!(cluster.node(3).configuration().voters().len(), 3);
    cluster.elect(3);
}

/// Goal: nothing that was committed is lost, and no two leaders share a term, while servers come and go one at a time and
/// the leader crashes after each change.
#[test]
fn dissertation_4_2_rolling_replacement() {
    let mut cluster = Cluster::with_spares(3, 3);
    cluster.run(400);
    let mut expected = Vec::new();
    for (gone, new) in [(1, 4), (2, 5), (3, 6)] {
        for change in [MembershipChange::AddLearner(NodeId(new)), MembershipChange::AddVoter(NodeId(new)), remove(gone)]
        {
            let [leader] = cluster.leaders()[..] else { panic!("{:?} lead", cluster.leaders()) };
            cluster.change(leader, &change);
            expected.push(format!("x{}", expected.len()));
            cluster.propose(leader, expected.last().unwrap());
            cluster.run(200);
            for leader in cluster.leaders() {
                cluster.crash(leader);
                cluster.run(1_000);
                cluster.restart(leader);
            }
            cluster.run(1_000);
        }
    }
    for id in [4, 5, 6] {
        assert_eq!(cluster.server(id).commands(), expected, "at {id}");
        let voters: Vec<_> = cluster.node(id).configuration().voters().iter().map(|id| id.0).collect();
        assert_eq!(voters, [4, 5, 6], "at {id}");
    }
    assert!(matches!(cluster.leaders()[..], [4..=6]));
    assert!(cluster.node(4).log().configuration_index() > LogIndex(9));
}
