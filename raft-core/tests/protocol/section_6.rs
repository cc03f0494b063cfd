//! §6: joint consensus.

use insta::assert_snapshot;
use raft_core::{
    CommitBlock, Configuration, Event, FollowerReason, LogIndex, MembershipChange, MembershipError, MessageKind,
    NodeId, Persisted, QuorumRule, Role, Rule,
};

use crate::harness::{Cluster, Server, ids, on_link, pre_vote, vote};

fn replace(voters: &[u64], learners: &[u64]) -> MembershipChange {
    MembershipChange::Replace {
        voters: ids(voters.iter().copied()).collect(),
        learners: ids(learners.iter().copied()).collect(),
    }
}

fn of(voters: &[u64]) -> Configuration {
    Configuration::of_voters(ids(voters.iter().copied()))
}

/// Voters 1, 2, 3 and learners 4, 5, all caught up; server 1 leads.
fn led_by_1() -> Cluster {
    let mut cluster = Cluster::with_learners(3, 2);
    cluster.elect(1);
    cluster.heartbeats(1, 2);
    cluster.delivered.clear();
    cluster.transcript.clear();
    cluster
}

/// Lets messages between server 1 and `others` through, and nothing else.
fn settle_with(cluster: &mut Cluster, others: &[u64]) {
    while others.iter().any(|&id| cluster.deliver(on_link(1, id)) || cluster.deliver(on_link(id, 1))) {}
}

/// Goal: a change of several servers goes through C_old,new and on to C_new by itself.
#[test]
fn transcript_joint_consensus() {
    let mut cluster = led_by_1();
    cluster.say("S1, S2, S3 are to be replaced by S3, S4, S5");
    cluster.change(1, &replace(&[3, 4, 5], &[]));
    let configuration = cluster.node(1).configuration();
    assert_eq!(
        (configuration.voters(), configuration.voters_outgoing()),
        (of(&[3, 4, 5]).voters(), of(&[1, 2, 3]).voters())
    );
    cluster.settle();
    assert_eq!(**cluster.node(3).configuration(), of(&[3, 4, 5]));
    assert_eq!(cluster.leaders(), []);
    cluster.say("the new voters elect their own leader");
    cluster.run(400);
    let [leader] = cluster.leaders()[..] else { panic!("{:?} lead", cluster.leaders()) };
    assert!([3, 4, 5].contains(&leader));
    cluster.propose(leader, "x");
    cluster.settle();
    assert_eq!(cluster.server(leader).commands(), ["x"]);
    assert_snapshot!(cluster.transcript);
}

/// Goal: until C_new an entry needs a majority of both: neither the old voters alone nor the new ones can commit.
#[test]
fn section_6_commitment_needs_both_majorities() {
    for (first, others) in [([2, 3], [4, 5]), ([4, 5], [2, 3])] {
        let mut cluster = led_by_1();
        // C_old is 1, 2, 3; C_new is 1, 4, 5.
        let index = cluster.change(1, &replace(&[1, 4, 5], &[]));
        settle_with(&mut cluster, &first);
        assert!(cluster.commit(1) < index.0, "with {first:?}");
        let block = cluster.node(1).commit_block();
        assert_eq!(block, Some(CommitBlock::NoQuorum { index, have: 1, need: 2 }), "with {first:?}");
        settle_with(&mut cluster, &others[..1]);
        assert!(cluster.commit(1) >= index.0, "with {first:?} and {}", others[0]);
    }
}

/// Goal: the same for elections, and for promises in a pre-vote.
#[test]
fn section_6_elections_need_both_majorities() {
    let joint = of(&[1, 2, 3]).enter_joint(&of(&[1, 4, 5]));
    for (first, others) in [([2, 3], [4, 5]), ([4, 5], [2, 3])] {
        let mut server = Server::from_disk(1, Persisted::bootstrap(joint.clone()));
        let asked: Vec<_> = server.campaign().iter().map(|message| message.to.0).collect();
        assert_eq!(asked, [2, 3, 4, 5]);
        for voter in first {
            server.step(pre_vote(voter, 1, 1, true));
        }
        assert_eq!(server.node().role(), Role::PreCandidate, "promises of {first:?}");
        server.step(pre_vote(others[1], 1, 1, true));
        assert_eq!(server.node().role(), Role::Candidate);
        for voter in first {
            server.step(vote(voter, 1, 1, true));
        }
        assert_eq!(server.node().role(), Role::Candidate, "votes of {first:?}");
        server.step(vote(others[0], 1, 1, true));
        assert_eq!(server.node().role(), Role::Leader);
    }
}

/// Goal: one half that says no is enough to lose: there can be no majority of both any more.
#[test]
fn section_6_check_quorum_needs_both_majorities() {
    for lost in [[2, 3], [4, 5]] {
        let mut cluster = led_by_1();
        cluster.change(1, &replace(&[1, 4, 5], &[]));
        // The change cannot get on, so the configuration stays joint.
        cluster.isolate(&lost);
        cluster.run(200);
        assert!(
            cluster
                .server(1)
                .told(|event| matches!(event, Event::BecameFollower { reason: FollowerReason::NoQuorum, .. })),
            "without {lost:?}"
        );
    }
}

/// Goal: no other change before C_new is committed.
#[test]
fn section_6_no_other_change_meanwhile() {
    let mut cluster = led_by_1();
    let joint = cluster.change(1, &replace(&[1, 4, 5], &[]));
    let next = MembershipChange::AddLearner(NodeId(9));
    assert_eq!(cluster.server_mut(1).change(&next).0, Err(MembershipError::ChangePending { index: joint }));
    settle_with(&mut cluster, &[2]);
    settle_with(&mut cluster, &[4]);
    // C_old,new is committed, and server 4 has C_new, too: two of three.
    assert_eq!(cluster.commit(1), joint.0 + 1);
    cluster.change(1, &next);
}

/// Goal: who leaves goes at once with C_new, who comes counts with C_old,new; learners to be keep their vote until C_new.
#[test]
fn section_6_members_before_and_after() {
    let old = Configuration::new(ids([1, 2, 3]), ids([4, 6]));
    let joint = old.enter_joint(&Configuration::new(ids([1, 4]), ids([2, 5])));
    assert_eq!(joint.members(), ids([1, 2, 3, 4, 5]).collect::<Vec<_>>());
    assert!(joint.learners().iter().copied().eq(ids([5])));
    assert!(joint.learners_next().iter().copied().eq(ids([2])));
    assert!([1, 2, 3, 4].map(NodeId).iter().all(|&id| joint.is_voter(id)) && !joint.is_voter(NodeId(5)));
    assert_eq!(joint.leave_joint(), Configuration::new(ids([1, 4]), ids([2, 5])));
    assert!(joint.is_quorum(QuorumRule::Majority, |id| [1, 4, 2].contains(&id.0)));
    assert!(!joint.is_quorum(QuorumRule::Majority, |id| [1, 4].contains(&id.0)));
    assert!(!joint.is_quorum(QuorumRule::Majority, |id| [1, 2, 3].contains(&id.0)));
}

/// Goal: a voter that becomes a learner votes until C_new, and learns from then on.
#[test]
fn section_6_a_voter_becomes_a_learner() {
    let mut cluster = led_by_1();
    cluster.change(1, &replace(&[1, 4, 5], &[2]));
    assert!(cluster.node(1).configuration().is_voter(NodeId(2)));
    cluster.settle();
    cluster.heartbeats(1, 1);
    assert_eq!(**cluster.node(2).configuration(), Configuration::new(ids([1, 4, 5]), ids([2])));
    cluster.propose(1, "x");
    cluster.settle();
    cluster.heartbeats(1, 1);
    assert_eq!(cluster.server(2).commands(), ["x"]);
    assert!(cluster.server(3).commands().is_empty());
    assert_eq!(cluster.leaders(), [1]);
}

/// Goal: whenever the leader crashes, the change is either carried through or was never there: nobody stays joint, and the
/// cluster goes on.
/// Method: crash server 1 after each single message of the change.
#[test]
fn section_6_the_change_survives_a_crash_at_any_point() {
    for new in [&[1, 4, 5][..], &[3, 4, 5], &[2, 3, 4]] {
        let mut outcomes = Vec::new();
        for delivered in 0.. {
            let mut cluster = led_by_1();
            cluster.propose(1, "before");
            cluster.settle();
            cluster.change(1, &replace(new, &[]));
            let is_over = (0..delivered).any(|_| !cluster.deliver(|_| true));
            cluster.network.clear();
            cluster.crash(1);
            cluster.run(3_000);
            let case = format!("{new:?}, crash after {delivered} messages");
            let [leader] = cluster.leaders()[..] else { panic!("{case}: {:?} lead", cluster.leaders()) };
            let configuration = cluster.node(leader).configuration().clone();
            assert!(!configuration.is_joint(), "{case}");
            let is_old = configuration.voters() == of(&[1, 2, 3]).voters();
            assert!(is_old || *configuration == of(new), "{case}");
            outcomes.push(is_old);
            cluster.propose(leader, "after");
            cluster.run(200);
            for member in configuration.members().into_iter().filter(|member| member.0 != 1) {
                assert_eq!(cluster.server(member.0).commands(), ["before", "after"], "{case}, at {member}");
                assert_eq!(cluster.node(member.0).configuration(), &configuration, "{case}, at {member}");
            }
            if is_over {
                break;
            }
        }
        assert!(outcomes[0] && !outcomes.last().unwrap(), "{new:?}");
        assert!(outcomes.is_sorted_by(|a, b| a >= b), "{new:?}: once it survives, it survives: {outcomes:?}");
    }
}

/// Goal: at no point of the change can two leaders of one term be elected, whoever campaigns on both sides of a cut.
#[test]
fn section_6_two_leaders_never() {
    for delivered in 0..20 {
        for (left, right) in [([1, 2], [3, 4]), ([2, 3], [4, 5]), ([1, 3], [4, 5]), ([2, 4], [3, 5])] {
            let mut cluster = led_by_1();
            cluster.change(1, &replace(&[3, 4, 5], &[]));
            for _ in 0..delivered {
                cluster.deliver(|_| true);
            }
            cluster.network.clear();
            cluster.isolate(&left);
            cluster.run(1_500);
            let terms = |cluster: &Cluster| -> Vec<_> {
                cluster.leaders().iter().map(|&id| cluster.node(id).current_term()).collect()
            };
            let terms = terms(&cluster);
            let case = format!("{left:?} against {right:?} after {delivered} messages");
            assert!(terms.len() < 2 || terms[0] != terms[1], "{case}");
            // With check-quorum there is at most one left, in whatever term.
            assert!(terms.len() < 2, "{case}");
        }
    }
}

/// Figure 10 of the paper: server 3 leads and takes servers 4 and 5 along, servers 1 and 2 know nothing of it.
fn figure_10(rule_off: bool) -> Cluster {
    let mut cluster = Cluster::with_learners(3, 2);
    if rule_off {
        cluster = cluster.without(Rule::JointConsensus);
    }
    cluster.elect(3);
    cluster.heartbeats(3, 2);
    cluster.change(3, &replace(&[1, 2, 3, 4, 5], &[]));
    cluster.isolate(&[1, 2]);
    cluster.settle();
    cluster.crash(3);
    cluster.restart(3);
    cluster.run(1_500);
    cluster
}

/// Goal: Figure 10, a direct change from three voters to five elects two leaders; joint consensus does not.
#[test]
fn rule_joint_consensus_off_figure_10_elects_two_leaders() {
    let cluster = figure_10(true);
    let leaders = cluster.leaders();
    assert_eq!(leaders.len(), 2, "{leaders:?}");
    assert!(leaders[0] <= 2 && leaders[1] >= 3, "{leaders:?}");
    let cluster = figure_10(false);
    assert!(matches!(cluster.leaders()[..], [1 | 2]), "only the old voters can decide: {:?}", cluster.leaders());
}

/// Goal: a joint configuration comes out of the log, out of a snapshot and over a restart as what it is.
#[test]
fn section_6_a_joint_configuration_in_a_snapshot() {
    let mut cluster = led_by_1();
    let joint = cluster.change(1, &replace(&[3, 4, 5], &[]));
    let configuration = cluster.node(1).configuration().clone();
    cluster.deliver_one(MessageKind::AppendEntries, 1, 2);
    settle_with(&mut cluster, &[3]);
    cluster.isolate(&[2]);
    settle_with(&mut cluster, &[4]);
    assert_eq!(cluster.commit(1), joint.0);
    assert_eq!(cluster.node(2).configuration(), &configuration);
    // Compacted right after C_old,new: the snapshot is joint, what counts now is not.
    cluster.compact(1, joint.0);
    let snapshot = cluster.node(1).snapshot().unwrap().clone();
    assert!(snapshot.configuration.is_joint());
    assert_eq!(snapshot.configuration, configuration);
    assert_eq!(**cluster.node(1).configuration(), of(&[3, 4, 5]));
    // Server 2 restarts, from its log; a server that starts from the snapshot alone is joint, too.
    cluster.crash(2);
    cluster.restart(2);
    assert_eq!(cluster.node(2).configuration(), &configuration);
    let mut disk = cluster.server(1).disk.clone();
    disk.log = {
        let mut empty = Server::spare(3);
        let install = crate::harness::message(
            1,
            3,
            1,
            raft_core::Rpc::InstallSnapshot(raft_core::InstallSnapshot {
                last_included_index: snapshot.last_included_index,
                last_included_term: snapshot.last_included_term,
                configuration: configuration.clone(),
                offset: 0,
                data: "".into(),
                done: true,
                round: raft_core::Round(0),
            }),
        );
        empty.step(install);
        assert!(empty.told(|event| matches!(event, Event::ConfigurationChanged { joint: true, .. })));
        empty.start();
        assert_eq!(empty.node().configuration(), &configuration);
        empty.disk.log
    };
    let mut candidate = Server::from_disk(3, disk);
    candidate.campaign();
    candidate.step(pre_vote(2, 3, 2, true));
    assert_eq!(candidate.node().role(), Role::PreCandidate);
    candidate.step(pre_vote(5, 3, 2, true));
    assert_eq!(candidate.node().role(), Role::Candidate);
}

/// Goal: a leader outside of C_new manages the change, without counting itself, and then steps down.
#[test]
fn section_6_a_leader_outside_of_the_new_configuration() {
    let mut cluster = led_by_1();
    let joint = cluster.change(1, &replace(&[3, 4, 5], &[]));
    settle_with(&mut cluster, &[3]);
    assert!(cluster.commit(1) < joint.0, "1 and 3 of C_old, 3 of C_new");
    settle_with(&mut cluster, &[4]);
    assert_eq!(cluster.commit(1), joint.0, "1 and 3 of C_old, 3 and 4 of C_new");
    settle_with(&mut cluster, &[3, 4]);
    assert_eq!(cluster.commit(1), joint.0 + 1, "C_new followed at once, and they are a majority of it");
    assert_eq!(cluster.node(1).role(), Role::Follower);
    assert!(
        cluster
            .server(1)
            .told(|event| matches!(event, Event::BecameFollower { reason: FollowerReason::NotAVoter, .. }))
    );
    // The others know from its last heartbeat that C_new is committed.
    cluster.settle();
    assert!([3, 4].iter().all(|&id| cluster.commit(id) == joint.0 + 1));
    assert_eq!(cluster.node(1).log().last_index(), LogIndex(joint.0 + 1));
    cluster.tick(1, 5_000);
    assert_eq!(cluster.node(1).role(), Role::Follower, "it has nothing to win");
    assert!(!cluster.network.iter().any(|message| message.kind() == MessageKind::PreVote));
}
