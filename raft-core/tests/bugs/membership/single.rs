//! One server at a time (dissertation §4.1).

use raft_core::{
    Configuration, Event, LogIndex, MembershipChange, MembershipError, MessageKind, NodeId, QuorumRule, Role, Rule,
    Term,
};

use crate::harness::{Cluster, Server, accepted, ids, is, vote};

/// A story of two leaders that each change the configuration of servers 1 to 4, without knowing of each other.
struct Story {
    /// What server 1 does in term 1. Nobody hears of it.
    first: MembershipChange,
    /// What server 2 does in term 2.
    second: MembershipChange,
    /// Who follows server 2: with it a majority after `second`.
    followers: &'static [u64],
}

/// raft-dev 2015, copycat#23, AxonServer PR#120, and the guards in hashicorp/raft and openraft#2051: a leader changed the
/// configuration before it had committed an entry of its term, while an older change was still undecided, so that two
/// disjoint majorities decided.
///
/// Goal: with the rule the second leader is told to wait, and by then the first can no longer win. Without it, what the second
/// leader committed is overwritten by the first (I4, I5). Method: add and add, add and remove, remove and remove.
#[test]
fn b2_a_change_before_the_first_commit_makes_disjoint_majorities() {
    let (add, remove) = (|id| MembershipChange::AddVoter(NodeId(id)), |id| MembershipChange::Remove(NodeId(id)));
    let stories = [
        Story { first: add(5), second: add(6), followers: &[3, 6] },
        Story { first: add(5), second: remove(1), followers: &[3] },
        Story { first: remove(2), second: remove(1), followers: &[3] },
    ];
    for story in stories {
        for rule in [None, Some(Rule::NoOpBeforeConfig)] {
            let is_lost = tell(&story, rule);
            assert_eq!(is_lost, rule.is_some(), "{:?} and {:?}, without {rule:?}", story.first, story.second);
        }
    }
}

/// Whether a committed entry was overwritten.
fn tell(story: &Story, rule: Option<Rule>) -> bool {
    let mut cluster = Cluster::with_learners(4, 2);
    if let Some(rule) = rule {
        cluster = cluster.without(rule);
    }
    cluster.elect(1);
    cluster.heartbeats(1, 3);
    cluster.change(1, &story.first);
    cluster.drop_all(|_| true);
    cluster.isolate(&[1]);
    cluster.tick(1, 150);
    assert_eq!(cluster.node(1).role(), Role::Follower, "a lonely leader steps down");

    // Server 2 is elected by 3 and 4, and has told nobody of its blank entry.
    cluster.outwait_leader(2);
    cluster.campaign(2);
    while cluster.deliver(|message| message.kind() != MessageKind::AppendEntries) {}
    assert!(cluster.node(2).role().is_leader());
    // It knows from its predecessor's time that the learners have caught up.
    if rule.is_none() {
        let refusal = cluster.server_mut(2).change(&story.second).0;
        assert_eq!(refusal, Err(MembershipError::NothingCommitted { term: Term(2) }));
        cluster.settle();
        cluster.heartbeats(2, 2);
        cluster.change(2, &story.second);
        cluster.settle();
    } else {
        let group: Vec<u64> = [&[2], story.followers].concat();
        let outside: Vec<u64> = cluster.ids().into_iter().filter(|id| !group.contains(id)).collect();
        cluster.isolate(&outside);
        cluster.settle();
        cluster.heartbeats(2, 2);
        cluster.change(2, &story.second);
        cluster.settle();
        cluster.heartbeats(2, 1);
        assert_eq!(cluster.commit(2), 3, "{:?}", story.second);
    }

    // Server 1 comes back, first to those who have not heard of the second change.
    let group: Vec<u64> = [&[2], story.followers].concat();
    cluster.heal();
    cluster.isolate(&group);
    for _ in 0..3 {
        if cluster.node(1).role().is_leader() {
            break;
        }
        cluster.outwait_leader(1);
        cluster.campaign(1);
        cluster.settle();
    }
    cluster.heal();
    cluster.run(2_000);
    let overwrote = |event: &Event| matches!(event, Event::EntriesTruncated { committed: true, .. });
    cluster.ids().into_iter().any(|id| cluster.server(id).told(overwrote))
}

/// etcd#7625 and #5004, valkey#3926: a configuration counted only when it was applied, so a leader and a follower counted
/// different majorities of the same log.
///
/// Goal: a configuration counts from the moment it is in the log, at the leader and at a follower, committed, applied or not;
/// and no longer when it is removed from it.
#[test]
fn b26_a_configuration_counts_when_it_is_in_the_log() {
    let mut cluster = Cluster::with_learners(3, 1);
    for id in 1..=4 {
        cluster.server_mut(id).slow_machine = true;
    }
    cluster.elect(1);
    cluster.heartbeats(1, 3);
    cluster.change(1, &MembershipChange::AddVoter(NodeId(4)));
    assert_eq!(cluster.node(1).configuration().voters().len(), 4);
    cluster.drop_all(|message| message.to == NodeId(3));
    cluster.settle();
    for id in [1, 2, 4] {
        assert!(cluster.node(id).configuration().is_voter(NodeId(4)), "at {id}");
        assert_eq!(cluster.node(id).last_applied(), LogIndex(0));
    }
    assert!(!cluster.node(3).configuration().is_voter(NodeId(4)));
    // Another leader removes the entry again.
    let mut follower = cluster.server(2).clone();
    assert_eq!(follower.node().commit_index(), LogIndex(1), "that entry 2 is committed it has not heard yet");
    follower.step(crate::harness::append(3, 2, 2, (1, 1), &[2], 1));
    assert!(!follower.node().configuration().is_voter(NodeId(4)));
}

/// The same bugs: what counts decides how many must agree.
///
/// Goal: a leader of three that adds a fourth needs three for the very entry that adds it; one of four that removes the
/// fourth needs two; neither counts who is not in the new configuration.
#[test]
fn b26_the_new_configuration_decides_about_itself() {
    let mut cluster = Cluster::with_learners(3, 1);
    cluster.elect(1);
    cluster.heartbeats(1, 3);
    let index = cluster.change(1, &MembershipChange::AddVoter(NodeId(4))).0;
    cluster.drop_all(|message| message.to != NodeId(2));
    cluster.settle();
    assert!(cluster.commit(1) < index, "two of four");
    cluster.heartbeats(1, 2);
    assert_eq!(cluster.commit(1), index);

    let index = cluster.change(1, &MembershipChange::Remove(NodeId(4))).0;
    cluster.drop_all(|message| message.to != NodeId(2));
    cluster.settle();
    assert_eq!(cluster.commit(1), index, "two of three");

    let mut leader = Server::new(1, 4).without(Rule::PreVote);
    leader.campaign();
    for voter in [2, 3] {
        leader.step(vote(voter, 1, 1, true));
    }
    leader.step(accepted(2, 1, 1, 1));
    leader.step(accepted(4, 1, 1, 1));
    leader.change(&MembershipChange::Remove(NodeId(4))).0.unwrap();
    leader.step(accepted(4, 1, 1, 2));
    assert_eq!(leader.node().commit_index(), LogIndex(1), "server 4 does not decide about its removal");
    leader.step(accepted(3, 1, 1, 2));
    assert_eq!(leader.node().commit_index(), LogIndex(2));
}

/// The same bugs, as arithmetic.
///
/// Goal (I25): every majority before a single change shares a server with every majority after it, for one to five voters
/// and every change. Counted by hand, over all subsets.
#[test]
fn b26_majorities_before_and_after_a_single_change_overlap() {
    for size in 1..=5_u64 {
        let old = Configuration::new(ids(1..=size), ids([7]));
        let changes = (1..=7).flat_map(|id| {
            let node = NodeId(id);
            [MembershipChange::AddVoter(node), MembershipChange::Remove(node), MembershipChange::Demote(node)]
        });
        for change in changes {
            let Ok(new) = old.changed(&change) else { continue };
            let decides = |configuration: &Configuration, set: u32| {
                configuration.is_quorum(QuorumRule::Majority, |id| set & 1 << id.0 != 0)
            };
            for set in 0..1_u32 << 8 {
                let both = decides(&old, set) && decides(&new, !set);
                assert!(!both, "{old:?}, {change:?}: {set:b} and the others both decide");
            }
        }
    }
}

/// etcd#10563: the removal of the leader of two servers stalled: the other never learned that it was committed.
///
/// Goal: the leader of two removes itself, and the other leads and commits within a second, whether or not it gets the old
/// leader's last messages, and whether or not the old leader is still there.
#[test]
fn b44_a_leader_of_two_removes_itself() {
    for (loses_the_news, crashes) in [(false, false), (true, false), (false, true), (true, true)] {
        let mut cluster = Cluster::new(2);
        cluster.elect(1);
        cluster.heartbeats(1, 1);
        let index = cluster.change(1, &MembershipChange::Remove(NodeId(1))).0;
        cluster.deliver_one(MessageKind::AppendEntries, 1, 2);
        assert_eq!(cluster.commit(1), 1, "server 2 alone decides, and has not answered");
        cluster.deliver_one(MessageKind::AppendEntriesReply, 2, 1);
        assert_eq!((cluster.commit(1), cluster.node(1).role()), (index, Role::Follower));
        assert!(cluster.network.iter().any(is(MessageKind::AppendEntries, 1, 2)), "the news of the commitment");
        if loses_the_news {
            cluster.drop_all(|_| true);
        }
        cluster.settle();
        assert_eq!(cluster.commit(2) == index, !loses_the_news);
        if crashes {
            cluster.crash(1);
        }
        cluster.run(1_000);
        assert_eq!(cluster.leaders(), [2]);
        let index = cluster.propose(2, "x").0;
        cluster.settle();
        assert_eq!(cluster.commit(2), index);
    }
}

/// The same bug, the other way round.
///
/// Goal: a leader of two that removes the other goes on alone at once, also if that one is down already.
#[test]
fn b44_a_leader_of_two_removes_the_other() {
    for is_down in [false, true] {
        let mut cluster = Cluster::new(2);
        cluster.elect(1);
        if is_down {
            cluster.crash(2);
        }
        let index = cluster.change(1, &MembershipChange::Remove(NodeId(2))).0;
        assert_eq!(cluster.commit(1), index);
        cluster.run(1_000);
        assert_eq!(cluster.leaders(), [1]);
        let index = cluster.propose(1, "x").0;
        assert_eq!(cluster.commit(1), index);
    }
}

/// etcd 141a265: adding a server twice left the mark of a pending change behind, and no change was possible any more.
///
/// Goal: a change that changes nothing is refused as such, leaves no trace, and the next one is accepted.
#[test]
fn b55_a_duplicate_change_leaves_nothing_pending() {
    let mut cluster = Cluster::with_spares(3, 2);
    cluster.elect(1);
    cluster.heartbeats(1, 1);
    let add = |id| MembershipChange::AddLearner(NodeId(id));
    let promote = |id| MembershipChange::AddVoter(NodeId(id));
    cluster.change_and_settle(1, &add(4));
    let duplicates = [
        add(4),
        add(1),
        promote(1),
        MembershipChange::Replace { voters: ids(1..=3).collect(), learners: ids([4]).collect() },
    ];
    for duplicate in duplicates {
        let before = cluster.node(1).clone();
        assert_eq!(cluster.server_mut(1).change(&duplicate).0, Err(MembershipError::NothingToChange));
        assert_eq!(&before, cluster.node(1));
    }
    // Twice before the first is committed: the second waits, and is a duplicate afterwards.
    let index = cluster.change(1, &promote(4));
    assert_eq!(cluster.server_mut(1).change(&promote(4)).0, Err(MembershipError::ChangePending { index }));
    cluster.settle();
    assert_eq!(cluster.server_mut(1).change(&promote(4)).0, Err(MembershipError::NothingToChange));
    cluster.change_and_settle(1, &add(5));
    assert!(cluster.node(1).configuration().is_member(NodeId(5)));
}
