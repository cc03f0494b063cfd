//! Dissertation §4.1: changes of the configuration, one at a time, and when a configuration counts.

use insta::assert_snapshot;
use raft_core::{
    CommitBlock, Configuration, Event, LogIndex, MembershipChange, MembershipError, MessageKind, NodeId, Rule, Term,
};

use crate::harness::{Cluster, ids, is, on_link};

fn voters_of(cluster: &Cluster, id: u64) -> Vec<u64> {
    cluster.node(id).configuration().voters().iter().map(|id| id.0).collect()
}

/// Three voters, led by server 1 in term 1.
fn led_by_1() -> Cluster {
    let mut cluster = Cluster::new(3);
    cluster.elect(1);
    cluster.heartbeats(1, 1);
    cluster
}

/// Goal: a configuration counts at the leader from the moment it is appended: the very entry needs the new majority.
#[test]
fn dissertation_4_1_a_configuration_counts_when_appended() {
    let mut cluster = Cluster::with_learners(3, 1);
    cluster.elect(1);
    cluster.heartbeats(1, 1);
    let index = cluster.change(1, &MembershipChange::AddVoter(NodeId(4)));
    assert!(cluster.server(1).told(|event| *event == Event::ConfigurationChanged { index, joint: false }));
    assert_eq!(cluster.node(1).commit_block(), Some(CommitBlock::NoQuorum { index, have: 1, need: 3 }));
    // A follower goes by it before it can know that it is committed.
    cluster.deliver_one(MessageKind::AppendEntries, 1, 2);
    assert_eq!(voters_of(&cluster, 2), [1, 2, 3, 4]);
    assert!(cluster.commit(2) < index.0);
    cluster.deliver_one(MessageKind::AppendEntriesReply, 2, 1);
    assert!(cluster.commit(1) < index.0, "two of four");
    cluster.deliver_one(MessageKind::AppendEntries, 1, 4);
    cluster.deliver_one(MessageKind::AppendEntriesReply, 4, 1);
    assert_eq!(cluster.commit(1), index.0);
}

/// Goal: a smaller majority counts at once, too.
#[test]
fn dissertation_4_1_a_removal_counts_when_appended() {
    let mut cluster = Cluster::new(4);
    cluster.elect(1);
    let index = cluster.change(1, &MembershipChange::Remove(NodeId(4))).0;
    cluster.drop_all(on_link(1, 3));
    cluster.settle();
    assert_eq!(cluster.commit(1), index, "two of three");
    assert!(!cluster.delivered.iter().any(|message| message.to == NodeId(4) && cluster.terms(4).len() as u64 >= index));
}

/// Goal: when an uncommitted configuration is removed from the log, the one before counts again.
#[test]
fn dissertation_4_1_truncation_brings_the_old_configuration_back() {
    let mut cluster = led_by_1();
    cluster.isolate(&[1]);
    let index = cluster.change(1, &MembershipChange::Remove(NodeId(3)));
    assert_eq!(voters_of(&cluster, 1), [1, 2]);
    cluster.elect(2);
    cluster.heal();
    cluster.heartbeats(2, 3);
    assert_eq!(voters_of(&cluster, 1), [1, 2, 3]);
    assert_eq!(cluster.node(1).log().configuration_index(), LogIndex(0));
    assert_eq!(cluster.node(1).log().term_at(index), Some(Term(2)));
    let changes = cluster.server(1).events.iter().filter(|event| matches!(event, Event::ConfigurationChanged { .. }));
    assert_eq!(changes.count(), 2);
}

/// Goal: a configuration that is replaced by another one at the same index is a change, and is told.
#[test]
fn dissertation_4_1_a_configuration_replaced_in_place() {
    let mut cluster = Cluster::new(4);
    cluster.elect(1);
    cluster.heartbeats(1, 1);
    cluster.isolate(&[1]);
    // The no-op of term 1 is at 1; server 1 puts two entries after it, server 2 a no-op and a configuration.
    cluster.propose(1, "lost");
    let index = cluster.change(1, &MembershipChange::Remove(NodeId(3)));
    cluster.elect(2);
    assert_eq!(cluster.change(2, &MembershipChange::Remove(NodeId(4))), index);
    cluster.settle();
    cluster.heal();
    cluster.heartbeats(2, 3);
    assert_eq!(voters_of(&cluster, 1), [1, 2, 3]);
    assert_eq!(cluster.node(1).log().configuration_index(), index);
    let changed = Event::ConfigurationChanged { index, joint: false };
    assert_eq!(cluster.server(1).events.iter().filter(|event| **event == changed).count(), 2);
}

/// Goal: a restarted server goes by the latest configuration in its log, committed or not.
#[test]
fn dissertation_4_1_a_restart_finds_the_configuration() {
    let mut cluster = led_by_1();
    cluster.isolate(&[1]);
    cluster.change(1, &MembershipChange::Remove(NodeId(3)));
    cluster.crash(1);
    cluster.restart(1);
    assert_eq!(voters_of(&cluster, 1), [1, 2]);
    assert_eq!(cluster.commit(1), 0);
}

/// Goal: whatever is refused changes nothing, and the refusal says why.
#[test]
fn dissertation_4_1_refusals() {
    let mut cluster = Cluster::with_learners(2, 1);
    cluster.elect(1);
    cluster.heartbeats(1, 1);
    let node = NodeId(9);
    let many: Vec<_> = ids(1..=65).collect();
    let replace = |voters: &[u64], learners: &[u64]| MembershipChange::Replace {
        voters: ids(voters.iter().copied()).collect(),
        learners: ids(learners.iter().copied()).collect(),
    };
    let refusals = [
        (MembershipChange::AddLearner(NodeId(1)), MembershipError::NothingToChange),
        (MembershipChange::AddLearner(NodeId(3)), MembershipError::NothingToChange),
        (MembershipChange::AddVoter(NodeId(2)), MembershipError::NothingToChange),
        (replace(&[2, 1, 2], &[3, 1]), MembershipError::NothingToChange),
        (MembershipChange::Remove(node), MembershipError::NotAMember { node }),
        (MembershipChange::Demote(node), MembershipError::NotAMember { node }),
        (MembershipChange::Demote(NodeId(3)), MembershipError::NotAMember { node: NodeId(3) }),
        (
            MembershipChange::AddVoter(node),
            MembershipError::NotCaughtUp { node, match_index: LogIndex(0), last_index: LogIndex(1) },
        ),
        (
            replace(&[1, 2, 9], &[]),
            MembershipError::NotCaughtUp { node, match_index: LogIndex(0), last_index: LogIndex(1) },
        ),
        (replace(&[], &[1]), MembershipError::NoVoters),
        (MembershipChange::Replace { voters: many, learners: vec![] }, MembershipError::TooManyMembers { members: 65 }),
    ];
    for (change, refusal) in refusals {
        let leader = cluster.server_mut(1);
        let before = leader.node().clone();
        let (result, sent) = leader.change(&change);
        assert_eq!((result, sent.len()), (Err(refusal), 0), "{change:?}");
        assert_eq!(leader.node(), &before, "{change:?}");
    }
    let refusal = MembershipError::NotLeader { leader_hint: Some(NodeId(1)) };
    assert_eq!(cluster.server_mut(2).change(&MembershipChange::Remove(NodeId(1))).0, Err(refusal));
    let mut single = Cluster::new(1);
    single.campaign(1);
    for change in [MembershipChange::Remove(NodeId(1)), MembershipChange::Demote(NodeId(1))] {
        assert_eq!(single.server_mut(1).change(&change).0, Err(MembershipError::NoVoters));
    }
}

/// Goal: the next change waits until the present one is committed, whoever leads.
#[test]
fn dissertation_4_1_one_change_at_a_time() {
    let mut cluster = Cluster::new(5);
    cluster.elect(1);
    let index = cluster.change(1, &MembershipChange::Remove(NodeId(5)));
    let next = MembershipChange::Remove(NodeId(4));
    let pending = Err(MembershipError::ChangePending { index });
    assert_eq!(cluster.server_mut(1).change(&next).0, pending);
    cluster.deliver_one(MessageKind::AppendEntries, 1, 2);
    assert_eq!(cluster.server_mut(1).change(&next).0, pending);
    // Server 2 leads now and has inherited the change.
    cluster.network.clear();
    cluster.crash(1);
    cluster.isolate(&[5]);
    cluster.outwait_leader(2);
    cluster.campaign(2);
    while !cluster.node(2).role().is_leader() {
        assert!(cluster.deliver(|message| message.kind() != MessageKind::AppendEntries));
    }
    assert_eq!(cluster.server_mut(2).change(&next).0, pending);
    cluster.settle();
    assert_eq!(cluster.server_mut(2).change(&next).0, Ok(LogIndex(index.0 + 2)));
}

/// Goal: a new leader changes nothing before it has committed an entry of its own term.
#[test]
fn dissertation_4_1_nothing_before_the_no_op() {
    let mut cluster = led_by_1();
    cluster.outwait_leader(2);
    cluster.campaign(2);
    while !cluster.node(2).role().is_leader() {
        assert!(cluster.deliver(|message| message.kind() != MessageKind::AppendEntries));
    }
    let change = MembershipChange::Remove(NodeId(3));
    let refusal = MembershipError::NothingCommitted { term: Term(2) };
    assert_eq!(cluster.server_mut(2).change(&change).0, Err(refusal));
    cluster.settle();
    cluster.change(2, &change);
}

/// The schedule of the bug that Ongaro reported in 2015, up to the second change. Servers 1 to 4 vote; server 5, a learner,
/// is to vote as well.
fn bug_of_2015(rule_off: bool) -> Cluster {
    let mut cluster = Cluster::with_learners(4, 1);
    if rule_off {
        cluster = cluster.without(Rule::NoOpBeforeConfig);
    }
    cluster.elect(1);
    cluster.heartbeats(1, 1);
    cluster.transcript.clear();
    cluster.say("S1 makes S5 a voter, but nobody hears of it");
    cluster.change(1, &MembershipChange::AddVoter(NodeId(5)));
    cluster.network.clear();
    cluster.crash(1);
    cluster.say("S1 crashes; S2 wins term 2 with S3 and S4, three of the four voters it knows");
    cluster.outwait_leader(2);
    cluster.campaign(2);
    while !cluster.node(2).role().is_leader() {
        assert!(cluster.deliver(|message| message.kind() != MessageKind::AppendEntries));
    }
    cluster.network.clear();
    cluster
}

/// Server 2 is gone, and server 1 campaigns with servers 4 and 5.
fn bug_of_2015_s1_returns(cluster: &mut Cluster) {
    cluster.network.clear();
    cluster.crash(2);
    cluster.restart(1);
    cluster.isolate(&[3]);
    cluster.outwait_leader(1);
    cluster.campaign(1);
    cluster.settle();
    cluster.outwait_leader(1);
    cluster.campaign(1);
    cluster.settle();
}

/// Goal: the schedule of 2015 with the rule: S2 must commit an entry of its term first; that takes S4 along, and then S1
/// cannot win.
#[test]
fn dissertation_4_1_the_schedule_of_2015_is_refused() {
    let mut cluster = bug_of_2015(false);
    let change = MembershipChange::Remove(NodeId(1));
    assert_eq!(cluster.server_mut(2).change(&change).0, Err(MembershipError::NothingCommitted { term: Term(2) }));
    cluster.heartbeats(2, 2);
    cluster.change(2, &change);
    cluster.settle();
    let committed = cluster.commit(2);
    bug_of_2015_s1_returns(&mut cluster);
    assert_eq!(cluster.leaders(), []);
    assert_eq!(committed, 3);
}

/// Goal: the same without the rule: S1 and S2 decide with majorities that do not meet, and what S2 committed is lost.
#[test]
fn transcript_bug_of_2015_without_the_rule() {
    let mut cluster = bug_of_2015(true);
    cluster.say("S2 removes S1 at once; S3 is enough to commit that");
    cluster.change(2, &MembershipChange::Remove(NodeId(1)));
    for _ in 0..2 {
        cluster.heartbeat(2);
        while cluster.deliver(on_link(2, 3)) || cluster.deliver(on_link(3, 2)) {}
    }
    let committed = cluster.commit(2);
    assert_eq!(committed, 3);
    cluster.heartbeat(2);
    while cluster.deliver(on_link(2, 3)) {}
    assert_eq!(cluster.commit(3), committed);
    cluster.say("S2 crashes; S1 still goes by its own change: with S4 and S5 it has three of five");
    bug_of_2015_s1_returns(&mut cluster);
    assert_eq!(cluster.leaders(), [1]);
    cluster.say("S3 hears of the new leader");
    cluster.heal();
    cluster.heartbeats(1, 3);
    assert!(cluster.server(3).told(|event| matches!(event, Event::EntriesTruncated { committed: true, .. })));
    assert_snapshot!(cluster.transcript);
}

/// Goal: what a change makes of a configuration, for every kind of change.
#[test]
fn dissertation_4_1_changes_are_arithmetic_of_sets() {
    let from = Configuration::new(ids([1, 2, 3]), ids([4]));
    let cases = [
        (MembershipChange::AddLearner(NodeId(5)), Configuration::new(ids([1, 2, 3]), ids([4, 5]))),
        (MembershipChange::AddVoter(NodeId(4)), Configuration::new(ids([1, 2, 3, 4]), ids([]))),
        (MembershipChange::AddVoter(NodeId(5)), Configuration::new(ids([1, 2, 3, 5]), ids([4]))),
        (MembershipChange::Demote(NodeId(2)), Configuration::new(ids([1, 3]), ids([2, 4]))),
        (MembershipChange::Remove(NodeId(2)), Configuration::new(ids([1, 3]), ids([4]))),
        (MembershipChange::Remove(NodeId(4)), Configuration::new(ids([1, 2, 3]), ids([]))),
        (
            MembershipChange::Replace { voters: ids([9, 8]).collect(), learners: ids([1, 9]).collect() },
            Configuration::new(ids([8, 9]), ids([1])),
        ),
    ];
    for (change, to) in cases {
        assert_eq!(from.changed(&change), Ok(to), "{change:?}");
    }
    let full = Configuration::of_voters(ids(1..=64));
    let refusal = MembershipError::TooManyMembers { members: 65 };
    assert_eq!(full.changed(&MembershipChange::AddLearner(NodeId(65))), Err(refusal));
}

/// Goal: a server that is no member any more gets nothing, and one that is new gets everything.
#[test]
fn dissertation_4_1_the_leader_sends_to_members_only() {
    let mut cluster = Cluster::with_spares(3, 1);
    cluster.elect(1);
    cluster.change_and_settle(1, &MembershipChange::Remove(NodeId(3)));
    cluster.delivered.clear();
    cluster.change_and_settle(1, &MembershipChange::AddLearner(NodeId(4)));
    cluster.propose(1, "x");
    cluster.settle();
    cluster.heartbeats(1, 1);
    assert!(!cluster.delivered.iter().any(|message| message.to == NodeId(3)));
    assert!(cluster.delivered.iter().any(is(MessageKind::AppendEntries, 1, 4)));
    assert_eq!(cluster.server(4).commands(), ["x"]);
}
