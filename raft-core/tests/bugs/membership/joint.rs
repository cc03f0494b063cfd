//! Several servers at once (§6).

use raft_core::{Configuration, Event, LogIndex, MembershipChange, MembershipError, Message, MessageKind, Rpc, Rule};

use crate::harness::{Cluster, accepted, ids};

fn replace(voters: impl IntoIterator<Item = u64>, learners: impl IntoIterator<Item = u64>) -> MembershipChange {
    MembershipChange::Replace { voters: ids(voters).collect(), learners: ids(learners).collect() }
}

/// Voters 1 to 3 and learners 4 and 5, which server 1 leads and which have caught up.
fn led_by_1() -> Cluster {
    let mut cluster = Cluster::with_learners(3, 2);
    cluster.elect(1);
    cluster.heartbeats(1, 3);
    cluster
}

/// Has a server win an election, with the first messages of its leadership still on their way.
fn elect_only(cluster: &mut Cluster, id: u64) {
    cluster.outwait_leader(id);
    cluster.campaign(id);
    while cluster.deliver(|message| message.kind() != MessageKind::AppendEntries) {}
    assert!(cluster.node(id).role().is_leader(), "server {id} did not win");
}

fn is_joint(cluster: &Cluster, id: u64) -> bool {
    cluster.node(id).configuration().is_joint()
}

/// camunda#60086: a new leader left a joint configuration that was not committed yet.
///
/// Goal: C_new is in no log before C_old,new is committed by majorities of both. Method: the leader changes while C_old,new
/// is on two servers of C_old; the new leader first hears only C_old, then everybody.
#[test]
fn b19_a_new_leader_commits_the_joint_configuration_before_it_leaves_it() {
    let mut cluster = led_by_1();
    let index = cluster.change(1, &replace([3, 4, 5], [])).0;
    cluster.deliver_one(MessageKind::AppendEntries, 1, 2);
    cluster.crash(1);
    cluster.drop_all(|_| true);
    assert!(is_joint(&cluster, 2) && !is_joint(&cluster, 3));
    elect_only(&mut cluster, 2);
    // Of C_new only server 3 answers.
    cluster.isolate(&[4, 5]);
    cluster.settle();
    cluster.heartbeats(2, 2);
    assert!(cluster.commit(2) < index, "majority of C_old, but not of C_new");
    assert!(is_joint(&cluster, 2));
    let refused = cluster.server_mut(2).change(&replace([1, 2, 3], [])).0;
    assert_eq!(refused, Err(MembershipError::ChangePending { index: LogIndex(index) }));
    cluster.heal();
    // Server 2 has lost its quorum of C_new meanwhile, or not; whoever leads finishes the change.
    cluster.run(2_000);
    for id in [3, 4, 5] {
        assert_eq!(**cluster.node(id).configuration(), Configuration::of_voters(ids(3..=5)), "at {id}");
        assert!(left_after_commitment(&cluster, id, index), "at {id}");
    }
}

/// The same bug within one leadership: something else was committed.
///
/// Goal: the commitment of an entry before C_old,new, by majorities of both, is no reason to leave.
#[test]
fn b19_the_commitment_of_an_earlier_entry_does_not_leave_the_joint_configuration() {
    let mut cluster = led_by_1();
    let earlier = cluster.propose(1, "x").0;
    let index = cluster.change(1, &replace([3, 4, 5], [])).0;
    cluster.drop_all(|_| true);
    for follower in [2, 3, 4] {
        cluster.act(1, |server| server.step(accepted(follower, 1, 1, earlier)));
    }
    assert_eq!(cluster.commit(1), earlier);
    assert!(is_joint(&cluster, 1));
    for follower in [2, 4, 3] {
        assert!(cluster.commit(1) < index && is_joint(&cluster, 1), "before server {follower} answers");
        cluster.act(1, |server| server.step(accepted(follower, 1, 1, index)));
    }
    assert_eq!(cluster.commit(1), index);
    assert!(!is_joint(&cluster, 1));
}

/// Whether the server, if it led, appended C_new only after it knew C_old,new to be committed.
fn left_after_commitment(cluster: &Cluster, id: u64, joint_index: u64) -> bool {
    let events = &cluster.server(id).events;
    let left = events.iter().position(|event| matches!(event, Event::ConfigurationChanged { joint: false, .. }));
    let led = events.iter().position(|event| matches!(event, Event::BecameLeader { .. }));
    let committed = events
        .iter()
        .position(|event| matches!(event, Event::CommitAdvanced { to, .. } if *to >= LogIndex(joint_index)));
    match (left, led) {
        (Some(left), Some(led)) if led < left => committed.is_some_and(|committed| committed < left),
        _ => true,
    }
}

/// The same bug, re-created by going without a joint configuration at all.
///
/// Goal: while voters 1 to 3 become 3 to 5, servers 1 and 2 alone, and 4 and 5 with 3 alone, cannot both decide. Without the
/// rule they do: two servers lead at once, and each has its commitment (I1, I5).
#[test]
fn b19_and_without_a_joint_configuration_two_majorities_decide() {
    for (rule, is_split) in [(None, false), (Some(Rule::JointConsensus), true)] {
        let mut cluster = Cluster::with_learners(3, 2);
        if let Some(rule) = rule {
            cluster = cluster.without(rule);
        }
        cluster.elect(3);
        cluster.heartbeats(3, 3);
        // Servers 1 and 2 do not hear of it.
        cluster.isolate(&[1, 2]);
        let index = cluster.change(3, &replace([3, 4, 5], [])).0;
        cluster.settle();
        cluster.heartbeats(3, 1);
        assert_eq!(cluster.commit(3) >= index, is_split, "without {rule:?}");
        cluster.run(1_000);
        let mut decided = Vec::new();
        for leader in cluster.leaders() {
            let index = cluster.propose(leader, &format!("of {leader}")).0;
            cluster.settle();
            decided.extend((cluster.commit(leader) >= index).then_some(index));
        }
        assert_eq!(decided.len(), if is_split { 2 } else { 1 }, "without {rule:?}");
    }
}

/// etcd#12359: joint configurations counted only when applied; sets of voters and learners disagreed between the servers, and
/// nobody could win.
///
/// Goal: the leader crashes when C_old,new is committed and applied nowhere, at any point of the change, also when a voter
/// becomes a learner by it; a new leader appears within two seconds and finishes the change.
#[test]
fn b43_a_joint_configuration_that_is_not_applied_elects_a_leader() {
    let mut in_between = 0;
    for messages in 0..24 {
        let mut cluster = led_by_1();
        for id in 1..=5 {
            cluster.server_mut(id).slow_machine = true;
        }
        cluster.change(1, &replace([1, 3, 4, 5], [2]));
        for _ in 0..messages {
            cluster.deliver(|_| true);
        }
        in_between += usize::from((2..=5).any(|id| is_joint(&cluster, id)));
        cluster.crash(1);
        cluster.run(2_000);
        let [leader] = cluster.leaders()[..] else { panic!("{messages}: {:?} lead", cluster.leaders()) };
        assert!(!is_joint(&cluster, leader), "{messages}: the change is not over");
        let index = cluster.propose(leader, "x").0;
        cluster.settle();
        assert_eq!(cluster.commit(leader), index, "{messages}");
    }
    assert!(in_between >= 5, "the crash came {in_between} times inside the change");
}

/// etcd#12582: a second leave of a joint configuration panicked.
///
/// Goal: leaving twice is leaving once, as arithmetic and as the doing of two leaders, each of which finds the joint
/// configuration committed.
#[test]
fn b46_leaving_twice_is_leaving_once() {
    let old = Configuration::of_voters(ids(1..=3));
    let joint = old.enter_joint(&Configuration::of_voters(ids(3..=5)));
    assert_eq!(joint.leave_joint().leave_joint(), joint.leave_joint());
    assert_eq!(old.leave_joint(), old);

    let mut cluster = led_by_1();
    let index = cluster.change(1, &replace([1, 2, 4], [])).0;
    // C_old,new is committed and C_new appended at server 1; the others have not heard of C_new.
    while cluster.commit(1) < index {
        assert!(cluster.deliver(|_| true));
    }
    assert!(!is_joint(&cluster, 1) && is_joint(&cluster, 2));
    cluster.drop_all(|_| true);
    cluster.isolate(&[1]);
    cluster.run(1_000);
    let leaders: Vec<u64> = cluster.leaders().into_iter().filter(|&id| id != 1).collect();
    let [leader] = leaders[..] else { panic!("{leaders:?} lead") };
    assert!(!is_joint(&cluster, leader));
    cluster.heal();
    cluster.run(1_000);
    let log: Vec<_> = (1..=5).map(|id| cluster.server(id).entries()).collect();
    for id in [1, 2, 4] {
        assert_eq!(**cluster.node(id).configuration(), Configuration::of_voters(ids([1, 2, 4])), "at {id}");
        assert_eq!(log[id as usize - 1], log[0]);
    }
}

/// etcd e515a67: a restart from a snapshot that was taken inside a joint configuration forgot that it was joint.
///
/// Goal: a snapshot at C_old,new holds both sets, on the disk and on its way to another server, and whoever leads from there
/// finishes the change.
#[test]
fn b46_a_snapshot_inside_a_joint_configuration_keeps_both_sets() {
    let mut cluster = led_by_1();
    cluster.isolate(&[4]);
    let joint = Configuration::of_voters(ids(1..=3)).enter_joint(&Configuration::of_voters(ids([2, 3, 4])));
    let index = cluster.change(1, &replace([2, 3, 4], [])).0;
    // Servers 2 and 3 know C_old,new to be committed and have no C_new.
    let brings_more = |message: &Message| match &message.rpc {
        Rpc::AppendEntries(append) => append.prev_log_index.0 + append.entries.len() as u64 > index,
        _ => false,
    };
    while cluster.deliver(|message| !brings_more(message)) {}
    cluster.heartbeat(1);
    while cluster.deliver(|message| !brings_more(message)) {}
    cluster.drop_all(|_| true);
    for id in [2, 3] {
        cluster.compact(id, index);
        cluster.crash(id);
        cluster.restart(id);
        let node = cluster.node(id);
        assert_eq!((&**node.configuration(), node.log().last_index()), (&joint, LogIndex(index)), "at {id}");
    }
    cluster.crash(1);
    cluster.heal();
    // Server 4 has nothing and gets the snapshot.
    elect_only(&mut cluster, 2);
    cluster.run(2_000);
    let [leader] = cluster.leaders()[..] else { panic!("{:?} lead", cluster.leaders()) };
    assert!([2, 3].contains(&leader));
    let snapshot = cluster.node(4).snapshot().expect("it got one");
    assert_eq!(*snapshot.configuration, joint);
    for id in [2, 3, 4] {
        assert_eq!(**cluster.node(id).configuration(), joint.leave_joint(), "at {id}");
    }
}
