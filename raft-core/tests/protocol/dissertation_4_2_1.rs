//! Dissertation §4.2.1: servers that do not vote, and how they catch up before they do.

use insta::assert_snapshot;
use raft_core::{
    CommitBlock, Event, FollowerReason, IgnoreReason, LogIndex, MembershipChange, MembershipError, MessageKind, NodeId,
    ProgressState, Role, Rule, Term,
};

use crate::harness::{Cluster, Server, accepted, granted, is, on_link, request_vote, vote};

const fn learner(id: u64) -> MembershipChange {
    MembershipChange::AddLearner(NodeId(id))
}

const fn voter(id: u64) -> MembershipChange {
    MembershipChange::AddVoter(NodeId(id))
}

/// Three voters with server 1 leading, a learner, server 4, and one more server that knows nobody.
fn with_a_learner() -> Cluster {
    let mut cluster = Cluster::with_spares(3, 2);
    cluster.elect(1);
    cluster.change_and_settle(1, &learner(4));
    cluster
}

fn is_caught_up(cluster: &Cluster, id: u64) -> Option<bool> {
    let progress = cluster.node(1).progress().iter().find(|progress| progress.id() == NodeId(id));
    progress.and_then(raft_core::Progress::catch_up).map(|catch_up| catch_up.is_caught_up)
}

/// Goal: a learner receives the log and applies it like everybody else.
#[test]
fn dissertation_4_2_1_learners_receive_the_log() {
    let mut cluster = with_a_learner();
    cluster.propose(1, "x");
    cluster.settle();
    cluster.heartbeats(1, 1);
    assert_eq!(cluster.server(4).commands(), ["x"]);
    assert_eq!(cluster.node(4).configuration(), cluster.node(1).configuration());
}

/// Goal: a learner is no part of any quorum of commitment.
#[test]
fn dissertation_4_2_1_learners_do_not_commit() {
    let mut cluster = Cluster::with_learners(3, 3);
    cluster.elect(1);
    cluster.isolate(&[2, 3]);
    let index = cluster.propose(1, "x");
    cluster.settle();
    cluster.heartbeats(1, 1);
    assert_eq!(cluster.terms(6).len(), 2, "they have it");
    assert_eq!(cluster.node(1).commit_block(), Some(CommitBlock::NoQuorum { index, have: 1, need: 2 }));
}

/// Goal: a learner's vote does not count, though it gives one when asked: it may be a voter and not know it yet.
#[test]
fn dissertation_4_2_1_votes_of_learners_do_not_count() {
    let mut candidate = Cluster::with_learners(3, 2).without(Rule::PreVote);
    candidate.campaign(1);
    assert!(!candidate.network.iter().any(|message| message.to.0 > 3), "they are not even asked");
    let candidate = candidate.server_mut(1);
    for id in [4, 5] {
        candidate.step(vote(id, 1, 1, true));
        let ignored = Event::MessageIgnored {
            from: NodeId(id),
            kind: MessageKind::RequestVoteReply,
            reason: IgnoreReason::NotAMember,
        };
        assert_eq!(candidate.events.last(), Some(&ignored));
    }
    assert_eq!(candidate.node().role(), Role::Candidate);
    let mut cluster = with_a_learner();
    let learner = cluster.server_mut(4);
    learner.tick(150);
    let last = learner.node().log().last_index().0;
    assert_eq!(granted(&learner.step(request_vote(2, 4, 2, (last, 1)))), Some(true));
}

/// Goal: a learner never campaigns, however long it hears nothing, not even when it is told to.
#[test]
fn dissertation_4_2_1_learners_do_not_campaign() {
    let mut cluster = with_a_learner();
    let learner = cluster.server_mut(4);
    assert!(learner.tick(5_000).is_empty());
    assert!(learner.campaign().is_empty());
    assert_eq!((learner.node().role(), learner.node().current_term()), (Role::Follower, Term(1)));
}

/// Goal: check-quorum (dissertation §6.2) does not count learners.
#[test]
fn dissertation_4_2_1_learners_do_not_keep_a_leader() {
    let mut cluster = Cluster::with_learners(3, 3);
    cluster.elect(1);
    cluster.isolate(&[2, 3]);
    cluster.run(200);
    assert!(
        cluster.server(1).told(|event| matches!(event, Event::BecameFollower { reason: FollowerReason::NoQuorum, .. }))
    );
    // And silent learners do not depose one.
    let mut cluster = Cluster::with_learners(3, 3);
    cluster.elect(1);
    cluster.isolate(&[4, 5, 6]);
    cluster.run(1_000);
    assert_eq!(cluster.leaders(), [1]);
}

/// Goal: a learner that has caught up becomes a voter: its acknowledgements and its votes count from then on.
#[test]
fn dissertation_4_2_1_a_promoted_learner_counts() {
    let mut cluster = with_a_learner();
    cluster.change_and_settle(1, &voter(4));
    assert_eq!(cluster.node(1).configuration().voters().len(), 4);
    cluster.isolate(&[3]);
    let index = cluster.propose(1, "x").0;
    cluster.settle();
    assert_eq!(cluster.commit(1), index, "three of four hold it");
    cluster.isolate(&[2]);
    let index = cluster.propose(1, "y");
    cluster.settle();
    assert_eq!(cluster.node(1).commit_block(), Some(CommitBlock::NoQuorum { index, have: 2, need: 3 }));
    // Server 2 wins with the votes of 3 and 4.
    cluster.heal();
    cluster.heartbeats(1, 2);
    cluster.crash(1);
    cluster.elect(4);
    assert_eq!(cluster.leaders(), [4]);
    let mut voters: Vec<_> = cluster.node(4).configuration().voters().iter().map(|id| id.0).collect();
    voters.dedup();
    assert_eq!(voters, [1, 2, 3, 4]);
}

/// Goal: a demoted voter learns and no longer counts; the leader itself can be demoted, and steps down then.
#[test]
fn dissertation_4_2_1_a_demoted_voter_does_not_count() {
    let mut cluster = Cluster::new(3);
    cluster.elect(1);
    cluster.change_and_settle(1, &MembershipChange::Demote(NodeId(3)));
    cluster.isolate(&[2]);
    let index = cluster.propose(1, "x");
    cluster.settle();
    assert_eq!(cluster.terms(3).len() as u64, index.0);
    assert_eq!(cluster.node(1).commit_block(), Some(CommitBlock::NoQuorum { index, have: 1, need: 2 }));
    cluster.heal();
    cluster.heartbeats(1, 3);
    assert_eq!(cluster.commit(3), index.0);
    assert!(cluster.server_mut(3).campaign().is_empty());
    cluster.change(1, &MembershipChange::Demote(NodeId(1)));
    cluster.settle();
    assert_eq!(cluster.leaders(), []);
    cluster.run(1_000);
    assert_eq!(cluster.leaders(), [2], "the only voter that is left");
    cluster.propose(2, "y");
    cluster.settle();
    cluster.heartbeats(2, 1);
    for id in cluster.ids() {
        assert_eq!(cluster.server(id).commands(), ["x", "y"], "at {id}");
    }
}

/// Goal: how a cluster of one grows: a server without a log becomes a learner, catches up, and votes.
#[test]
fn transcript_add_a_server() {
    let mut cluster = Cluster::with_spares(1, 1);
    cluster.campaign(1);
    cluster.propose(1, "x");
    cluster.transcript.clear();
    cluster.say("S2 is to receive the log");
    cluster.change(1, &learner(2));
    cluster.settle();
    cluster.say("S2 has caught up and is to vote");
    cluster.change(1, &voter(2));
    cluster.settle();
    cluster.heartbeats(1, 1);
    assert_eq!(cluster.server(2).commands(), ["x"]);
    assert_snapshot!(cluster.transcript);
}

/// Goal: clusters of one to five voters, grown and shrunk a server at a time, go on working at every size.
#[test]
fn dissertation_4_2_1_one_server_at_a_time() {
    let mut cluster = Cluster::with_spares(1, 4);
    cluster.campaign(1);
    let mut expected = Vec::new();
    let mut check = |cluster: &mut Cluster, leader: u64, voters: usize| {
        assert_eq!(cluster.node(leader).configuration().voters().len(), voters);
        expected.push(format!("x{}", expected.len()));
        cluster.propose(leader, expected.last().unwrap());
        cluster.settle();
        cluster.heartbeats(leader, 1);
        assert_eq!(cluster.server(leader).commands(), expected, "with {voters} voters");
    };
    check(&mut cluster, 1, 1);
    for id in 2..=5 {
        cluster.change_and_settle(1, &learner(id));
        cluster.change_and_settle(1, &voter(id));
        check(&mut cluster, 1, id as usize);
    }
    for id in [5, 3, 2, 4] {
        let voters = cluster.node(1).configuration().voters().len() - 1;
        cluster.change_and_settle(1, &MembershipChange::Demote(NodeId(id)));
        check(&mut cluster, 1, voters);
        cluster.change_and_settle(1, &MembershipChange::Remove(NodeId(id)));
        check(&mut cluster, 1, voters);
        assert!(!cluster.node(1).configuration().is_member(NodeId(id)));
    }
}

/// Goal: a server that is no learner, or has not caught up, does not become a voter.
#[test]
fn dissertation_4_2_1_no_vote_before_the_log() {
    let mut cluster = with_a_learner();
    let last_index = cluster.node(1).log().last_index();
    let stranger = MembershipError::NotCaughtUp { node: NodeId(5), match_index: LogIndex(0), last_index };
    assert_eq!(cluster.server_mut(1).change(&voter(5)).0, Err(stranger));
    // Server 5 becomes a learner, but nothing gets there.
    cluster.isolate(&[5]);
    cluster.change_and_settle(1, &learner(5));
    let refused =
        MembershipError::NotCaughtUp { node: NodeId(5), match_index: LogIndex(0), last_index: last_index.next() };
    assert_eq!(cluster.server_mut(1).change(&voter(5)).0, Err(refused));
    assert_eq!(is_caught_up(&cluster, 5), Some(false));
    cluster.heal();
    cluster.heartbeats(1, 2);
    assert!(cluster.server(1).told(|event| matches!(event, Event::CaughtUp { learner: NodeId(5), .. })));
    cluster.change_and_settle(1, &voter(5));
    assert_eq!(is_caught_up(&cluster, 5), None, "voters need not catch up");
}

/// Goal: without the rule an empty server votes at once, and the cluster cannot commit until it has caught up.
#[test]
fn rule_catch_up_before_vote_off_weakens_the_cluster() {
    for rule_off in [false, true] {
        let mut cluster = Cluster::with_spares(3, 1);
        if rule_off {
            cluster = cluster.without(Rule::CatchUpBeforeVote);
        }
        cluster.elect(1);
        cluster.isolate(&[3, 4]);
        let result = cluster.server_mut(1).change(&voter(4)).0;
        assert_eq!(result.is_ok(), rule_off);
        let index = cluster.propose(1, "x").0;
        cluster.settle();
        cluster.heartbeats(1, 1);
        assert_eq!(cluster.commit(1) < index, rule_off, "two of four are no majority");
    }
}

/// Goal: a server with an empty log gets the snapshot first when the leader's log is compacted.
#[test]
fn dissertation_4_2_1_a_new_server_gets_the_snapshot_first() {
    let mut cluster = Cluster::with_spares(3, 1);
    cluster.elect(1);
    for command in ["a", "b", "c"] {
        cluster.propose(1, command);
        cluster.settle();
    }
    cluster.compact(1, 4);
    cluster.propose(1, "d");
    cluster.change(1, &learner(4));
    cluster.settle();
    cluster.heartbeats(1, 2);
    assert!(cluster.delivered.iter().any(is(MessageKind::InstallSnapshot, 1, 4)));
    assert_eq!(cluster.server(4).commands(), ["a", "b", "c", "d"]);
    assert_eq!(cluster.node(4).configuration(), cluster.node(1).configuration());
    assert_eq!(is_caught_up(&cluster, 4), Some(true));
    cluster.change_and_settle(1, &voter(4));
    assert_eq!(cluster.node(4).configuration().voters().len(), 4);
}

/// Goal: a round that takes an election timeout does not count, a shorter one does: the last round decides.
/// Method: an entry that the learner gets only after some time, while the next one waits already.
#[test]
fn dissertation_4_2_1_the_last_round_must_be_quick() {
    let mut cluster = with_a_learner();
    let timeout = cluster.server(1).setup.options.election_timeout_min.0;
    for (ticks, is_quick) in [(1, true), (timeout, false), (timeout - 1, true), (3 * timeout, false), (2, true)] {
        let case = format!("a round of {ticks} ticks");
        // The round begins with the heartbeat.
        cluster.propose(1, "x");
        cluster.act(1, |server| server.run(raft_core::Node::fire_heartbeat));
        for _ in 0..ticks {
            cluster.tick(1, 1);
            while cluster.deliver(|message| !on_link(1, 4)(message) && !on_link(4, 1)(message)) {}
        }
        cluster.propose(1, "y");
        cluster.deliver_one(MessageKind::AppendEntries, 1, 4);
        cluster.deliver_one(MessageKind::AppendEntriesReply, 4, 1);
        assert_eq!(is_caught_up(&cluster, 4), Some(is_quick), "{case}");
        let result = cluster.server(1).clone().change(&voter(4)).0;
        assert_eq!(result.is_ok(), is_quick, "{case}: {result:?}");
        cluster.settle();
        cluster.heartbeats(1, 2);
        assert_eq!(is_caught_up(&cluster, 4), Some(true), "who holds the whole log has caught up");
    }
}

/// Goal: a learner that had caught up and then falls behind for an election timeout is not fit to vote any more, until it
/// has caught up again.
#[test]
fn dissertation_4_2_1_who_falls_behind_has_not_caught_up() {
    let mut cluster = with_a_learner();
    assert_eq!(is_caught_up(&cluster, 4), Some(true));
    cluster.crash(4);
    cluster.propose(1, "x");
    cluster.run(1_000);
    assert_eq!(is_caught_up(&cluster, 4), Some(false));
    assert!(matches!(cluster.server_mut(1).change(&voter(4)).0, Err(MembershipError::NotCaughtUp { .. })));
    cluster.restart(4);
    cluster.run(200);
    assert_eq!(is_caught_up(&cluster, 4), Some(true));
    let events = &cluster.server(1).events;
    let caught_up = events.iter().filter(|event| matches!(event, Event::CaughtUp { learner: NodeId(4), .. }));
    assert_eq!(caught_up.count(), 2, "and it is said again");
    cluster.change_and_settle(1, &voter(4));
}

/// Goal: rounds end though the leader's log grows all the time: each brings what was there when it began.
#[test]
fn dissertation_4_2_1_rounds_end_under_load() {
    let mut cluster = Cluster::with_spares(3, 1);
    cluster.elect(1);
    for i in 0..50 {
        cluster.propose(1, &format!("x{i}"));
    }
    cluster.settle();
    cluster.change(1, &learner(4));
    for i in 0..20 {
        // New entries at every step: the learner never holds the whole log.
        cluster.propose(1, &format!("y{i}"));
        for _ in 0..2 {
            cluster.deliver(on_link(1, 4));
            cluster.propose(1, &format!("z{i}"));
            cluster.deliver(on_link(4, 1));
        }
        while cluster.deliver(|message| !on_link(1, 4)(message) && !on_link(4, 1)(message)) {}
    }
    assert_eq!(is_caught_up(&cluster, 4), Some(true));
    let progress = &cluster.node(1).progress()[2];
    assert!(progress.match_index() < cluster.node(1).log().last_index());
    assert!(progress.catch_up().unwrap().rounds > 1);
    assert_eq!(progress.state(), ProgressState::Replicate);
}

/// Goal: the acknowledgement of a learner never moves the commit index, also not as the last one that was missing.
#[test]
fn dissertation_4_2_1_an_acknowledgement_of_a_learner_commits_nothing() {
    let mut cluster = Cluster::with_learners(2, 1);
    cluster.elect(1);
    cluster.propose(1, "x");
    let leader: &mut Server = cluster.server_mut(1);
    leader.step(accepted(3, 1, 1, 2));
    assert_eq!(leader.node().commit_index(), LogIndex(1));
    leader.step(accepted(2, 1, 1, 2));
    assert_eq!(leader.node().commit_index(), LogIndex(2));
}
