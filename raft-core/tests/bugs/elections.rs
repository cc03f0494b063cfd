//! Who may lead, and that somebody does.

use raft_core::{Event, FollowerReason, Message, MessageKind, NodeId, Role, Rule, Term, VoteDenial};

use crate::harness::{Cluster, Server, append, granted, is, pre_vote, request_pre_vote, request_vote, vote};

/// The servers of a cluster, each with a term and a log of its own.
fn cluster_of(servers: &[(u64, &[u64])]) -> Cluster {
    let size = servers.len() as u64;
    Cluster::of((1..).zip(servers).map(|(id, (term, log))| Server::with_log(id, size, *term, log)))
}

/// CCF's scenario pre_vote_double_leader and canonical/raft#196: a pre-candidate that fell back to follower in the same
/// term forgot its vote, and voted a second time.
///
/// Goal: the vote of a term stays given over every way from pre-candidate back to follower.
#[test]
fn b4_a_pre_candidate_that_falls_back_keeps_its_vote() {
    let ways_back: [fn(&mut Server); 3] = [
        // The leader of the term shows itself.
        |voter| drop(voter.step(append(2, 1, 4, (0, 0), &[], 0))),
        // A quorum refuses.
        |voter| {
            for other in [2, 3, 4] {
                voter.step(pre_vote(other, 1, 4, false));
            }
        },
        // It crashes and comes back.
        |voter| {
            voter.crash();
            voter.start();
        },
    ];
    for way_back in ways_back {
        let mut voter = Server::with_log(1, 5, 3, &[]);
        assert_eq!(granted(&voter.step(request_vote(2, 1, 4, (0, 0)))), Some(true));
        voter.campaign();
        assert_eq!(voter.node().role(), Role::PreCandidate);
        way_back(&mut voter);
        assert_eq!(voter.node().role(), Role::Follower);
        assert_eq!((voter.node().current_term(), voter.node().voted_for()), (Term(4), Some(NodeId(2))));
        let sent = voter.step(request_vote(3, 1, 4, (9, 3)));
        assert_eq!(granted(&sent), Some(false), "a second vote in term 4");
        assert!(voter.told(|event| matches!(
            event,
            Event::VoteDenied { candidate: NodeId(3), reason: VoteDenial::AlreadyVoted { voted_for: NodeId(2) }, .. }
        )));
    }
}

/// The same bugs: answers to pre-votes were counted as votes.
///
/// Goal: with the pre-votes of all others, and the vote of one, a candidate of five does not lead. Method: the promises of
/// servers 4 and 5 arrive only when the campaign has begun, and once more after that.
#[test]
fn b4_late_promises_are_no_votes() {
    let mut cluster = Cluster::new(5);
    cluster.campaign(1);
    for other in 2..=5 {
        cluster.deliver_one(MessageKind::PreVote, 1, other);
    }
    let promises = cluster.network.clone();
    cluster.deliver_one(MessageKind::PreVoteReply, 2, 1);
    cluster.deliver_one(MessageKind::PreVoteReply, 3, 1);
    assert_eq!(cluster.node(1).role(), Role::Candidate);
    cluster.deliver_one(MessageKind::PreVoteReply, 4, 1);
    cluster.deliver_one(MessageKind::PreVoteReply, 5, 1);
    cluster.network.extend(promises);
    while cluster.deliver(|message| message.kind() == MessageKind::PreVoteReply) {}
    cluster.deliver_one(MessageKind::RequestVote, 1, 2);
    cluster.deliver_one(MessageKind::RequestVoteReply, 2, 1);
    assert_eq!(cluster.node(1).role(), Role::Candidate, "two votes of five");
    assert_eq!(cluster.node(1).votes(), [(NodeId(1), true), (NodeId(2), true)]);
    cluster.deliver_one(MessageKind::RequestVote, 1, 3);
    cluster.deliver_one(MessageKind::RequestVoteReply, 3, 1);
    assert!(cluster.node(1).role().is_leader());
}

/// The same bugs, to their end: two leaders in one term.
///
/// Goal: two candidates of term 1 and a voter that becomes a pre-candidate in between: only one of them leads.
#[test]
fn b4_two_candidates_and_a_pre_candidate_give_one_leader() {
    let mut cluster = Cluster::new(3);
    for candidate in [1, 2] {
        cluster.campaign(candidate);
    }
    while cluster.deliver(|message| matches!(message.kind(), MessageKind::PreVote | MessageKind::PreVoteReply)) {}
    assert_eq!((cluster.node(1).role(), cluster.node(2).role()), (Role::Candidate, Role::Candidate));
    cluster.deliver_one(MessageKind::RequestVote, 1, 3);
    cluster.campaign(3);
    while cluster.deliver(is(MessageKind::PreVote, 3, 1)) || cluster.deliver(is(MessageKind::PreVote, 3, 2)) {}
    cluster.deliver_one(MessageKind::RequestVoteReply, 3, 1);
    assert!(cluster.node(1).role().is_leader());
    cluster.deliver_one(MessageKind::AppendEntries, 1, 3);
    assert_eq!(cluster.node(3).role(), Role::Follower);
    cluster.deliver_one(MessageKind::RequestVote, 2, 3);
    cluster.settle();
    assert_eq!(cluster.leaders(), [1]);
    assert!(!cluster.server(2).told(|event| matches!(event, Event::BecameLeader { .. })));
}

/// etcd PR#8334 and raft-rs#84: with pre-vote and check-quorum, a pre-candidate still named the crashed leader, took it for
/// alive, and refused every vote; so did its peers, for ever.
///
/// Goal: once its own timer has run out, a server protects nobody: it names no leader and promises its vote to the other
/// pre-candidate.
#[test]
fn b32_a_pre_candidate_does_not_protect_the_leader_it_lost() {
    let mut cluster = Cluster::new(3);
    cluster.elect(1);
    cluster.heartbeat(1);
    cluster.settle();
    cluster.crash(1);
    for survivor in [2, 3] {
        let patience = cluster.node(survivor).ticks_until_deadline().0;
        cluster.tick(survivor, patience);
        assert_eq!(cluster.node(survivor).role(), Role::PreCandidate);
        assert_eq!(cluster.node(survivor).leader(), None);
    }
    cluster.deliver_one(MessageKind::PreVote, 2, 3);
    let promise = cluster.network.iter().find(|message| is(MessageKind::PreVoteReply, 3, 2)(message)).cloned();
    assert_eq!(granted(promise.as_slice()), Some(true));
    cluster.settle();
    cluster.run(1_000);
    assert_eq!(cluster.leaders().len(), 1);
}

/// The same bug, and hashicorp/raft#609: giving a promise looked like hearing a leader.
///
/// Goal: a pre-vote and its answers renew nobody's lease, so a crashed leader is replaced within two of the longest election
/// timeouts, however often the survivors ask each other.
#[test]
fn b32_pre_votes_do_not_renew_the_lease() {
    for seed in 0..50 {
        let servers = (1..=5).map(|id| {
            let mut server = Server::new(id, 5);
            server.setup.seed = seed;
            server.start();
            server
        });
        let mut cluster = Cluster::of(servers);
        cluster.elect(1);
        cluster.run(200);
        cluster.crash(1);
        for _ in 0..30 {
            cluster.run(10);
            for survivor in 2..=5 {
                let question = request_pre_vote(survivor % 4 + 2, survivor, 9, (99, 8));
                cluster.act(survivor, |server| {
                    server.step(question);
                    Vec::new()
                });
            }
        }
        cluster.run(300);
        assert_eq!(cluster.leaders().len(), 1, "seed {seed}");
    }
}

/// etcd#8501: while pre-vote was being introduced, a server with a high term and a short log and one with a low term and a
/// long log refused each other for ever: the one for the log, the other for the term.
///
/// Goal: the longer log wins within a second, whichever of the two safeguards each of the two servers has. Method: the third
/// server is down.
#[test]
fn b34_a_higher_term_and_a_longer_log_do_not_deadlock() {
    const SETTINGS: [&[Rule]; 4] = [&[], &[Rule::PreVote], &[Rule::CheckQuorum], &[Rule::PreVote, Rule::CheckQuorum]];
    for (first, second) in SETTINGS.iter().flat_map(|first| SETTINGS.map(|second| (*first, second))) {
        let with = |server: Server, off: &[Rule]| off.iter().fold(server, |server, rule| server.without(*rule));
        let ahead_in_term = with(Server::with_log(1, 3, 9, &[1]), first);
        let ahead_in_log = with(Server::with_log(2, 3, 1, &[1, 1]), second);
        let mut cluster = Cluster::of([ahead_in_term, ahead_in_log, Server::new(3, 3)].into_iter());
        cluster.crash(3);
        cluster.run(1_000);
        assert_eq!(cluster.leaders(), [2], "without {first:?} and without {second:?}");
        assert!(cluster.node(2).current_term() > Term(9));
    }
}

/// openraft#1796 (PR#1800), redpanda PR#2071, etcd-raft#159: with pre-vote a higher term never spread, so a group with long
/// logs and low terms and one with short logs and high terms, each just short of a quorum, blocked each other.
///
/// Goal: with three servers of each kind, one with a long log leads within three seconds. Method: six servers need four
/// votes; their clocks are seeded in many ways.
#[test]
fn b35_the_higher_term_spreads_through_refused_pre_votes() {
    let (long, short): (&[u64], &[u64]) = (&[1, 1, 2], &[1]);
    for seed in 0..50 {
        let mut cluster = cluster_of(&[(2, long), (2, long), (2, long), (9, short), (9, short), (9, short)]);
        for id in cluster.ids() {
            let server = cluster.server_mut(id);
            server.setup.seed = seed;
            server.start();
        }
        cluster.run(3_000);
        let [leader] = cluster.leaders()[..] else { panic!("seed {seed}: {:?} lead", cluster.leaders()) };
        assert!(leader <= 3, "seed {seed}: {leader} has a short log");
        assert!(cluster.node(leader).current_term() > Term(9));
    }
}

/// The same bug, message by message.
///
/// Goal: what spreads the term is the refusal, and only the refusal: a pre-vote leaves no trace at the voter.
#[test]
fn b35_a_refusal_teaches_the_term_and_a_question_does_not() {
    let mut cluster = cluster_of(&[(2, &[1, 1, 2]), (9, &[1]), (9, &[1])]);
    cluster.campaign(2);
    cluster.deliver_one(MessageKind::PreVote, 2, 1);
    assert_eq!(cluster.node(1).current_term(), Term(2), "a question for term 10 is only a question");
    cluster.campaign(1);
    cluster.deliver_one(MessageKind::PreVote, 1, 2);
    cluster.deliver_one(MessageKind::PreVoteReply, 2, 1);
    assert_eq!((cluster.node(1).current_term(), cluster.node(1).role()), (Term(9), Role::Follower));
    assert!(cluster.server(1).told(|event| matches!(
        event,
        Event::BecameFollower { reason: FollowerReason::HigherTerm { from: NodeId(2) }, .. }
    )));
    cluster.drop_all(|_| true);
    cluster.campaign(1);
    cluster.settle();
    assert_eq!((cluster.leaders(), cluster.node(1).current_term()), (vec![1], Term(10)));
}

/// openraft 4490c678 and 511f33c7: an election that was triggered on the leader deposed it.
///
/// Goal: a campaign on demand at the leader changes nothing there and sends nothing, in any mixture with real work.
#[test]
fn b58_a_campaign_on_the_leader_is_nothing() {
    let mut cluster = Cluster::new(3);
    cluster.elect(1);
    let term = cluster.node(1).current_term();
    cluster.delivered.clear();
    for _ in 0..5 {
        cluster.propose(1, "x");
        cluster.campaign(1);
        cluster.run(20);
        cluster.campaign(1);
    }
    cluster.settle();
    assert_eq!((cluster.leaders(), cluster.node(1).current_term()), (vec![1], term));
    let is_question = |message: &Message| matches!(message.kind(), MessageKind::PreVote | MessageKind::RequestVote);
    assert!(!cluster.delivered.iter().any(is_question));
    assert_eq!(cluster.commit(1), 6);
}

/// openraft b06cbb37: the answer to a pre-vote of an earlier round counted in a later one.
///
/// Goal: promises that arrive late are used by nobody: not by a follower, not by a leader, and not in the next round if the
/// term has moved on.
#[test]
fn b58_a_late_promise_starts_nothing() {
    let mut server = Server::with_log(1, 3, 4, &[]);
    server.campaign();
    // The round fails, and the term moves on.
    server.step(append(2, 1, 5, (0, 0), &[], 0));
    let before = server.node().clone();
    server.step(pre_vote(3, 1, 5, true));
    server.step(pre_vote(2, 1, 5, true));
    assert_eq!(&before, server.node(), "a follower is not asked");
    server.tick(1_000);
    server.campaign();
    assert_eq!((server.node().role(), server.node().current_term()), (Role::PreCandidate, Term(5)));
    server.step(pre_vote(2, 1, 5, true));
    assert_eq!(server.node().role(), Role::PreCandidate, "that was a promise for term 5");
    server.step(pre_vote(2, 1, 6, true));
    server.step(vote(2, 1, 6, true));
    assert!(server.node().role().is_leader());
    let before = server.node().clone();
    server.step(pre_vote(3, 1, 6, true));
    server.step(pre_vote(3, 1, 7, true));
    assert_eq!(&before, server.node(), "a leader is not asked");
}

/// openraft 228077a6: a restarted cluster waited half a minute before anybody campaigned.
///
/// Goal: nobody has been heard after a restart, so no lease stands in the way: the first timer that runs out wins.
#[test]
fn b58_a_restarted_cluster_elects_at_the_first_timeout() {
    let mut cluster = Cluster::new(3);
    cluster.elect(1);
    cluster.propose(1, "x");
    cluster.run(100);
    for id in cluster.ids() {
        cluster.crash(id);
    }
    for id in cluster.ids() {
        cluster.restart(id);
    }
    let patience = |id| cluster.node(id).ticks_until_deadline().0;
    let first = cluster.ids().into_iter().map(patience).min().expect("three servers");
    assert!(first <= cluster.server(1).setup.options.election_timeout_max.0);
    cluster.run(first);
    assert_eq!(cluster.leaders().len(), 1, "after {first} ticks");
    cluster.run(100);
    assert!(cluster.ids().into_iter().all(|id| cluster.server(id).commands() == ["x"]));
}
