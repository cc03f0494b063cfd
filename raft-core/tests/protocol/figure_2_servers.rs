//! Figure 2, the state table and the rules for servers.

use raft_core::{Event, LogIndex, MessageKind, NodeId, Persisted, Role, Rpc, Rule, Term};

use crate::harness::{Cluster, Server, accepted, append, appends, on_link, request_vote, vote};

/// Goal: state table, a fresh server starts with term 0, no vote, an empty log, and both indices 0, as a follower.
#[test]
fn figure_2_state_a_fresh_server() {
    let server = Server::new(1, 3);
    let node = server.node();
    assert_eq!(node.role(), Role::Follower);
    assert_eq!((node.current_term(), node.voted_for()), (Term(0), None));
    assert_eq!(node.log().last_index(), LogIndex(0));
    assert_eq!((node.commit_index(), node.last_applied()), (LogIndex(0), LogIndex(0)));
    assert!(node.progress().is_empty());
}

/// Goal: state table, term, vote and log survive a crash; commit index and last applied start over.
#[test]
fn figure_2_state_persistent_and_volatile() {
    let mut server = Server::new(1, 3);
    server.step(append(2, 1, 4, (0, 0), &[3, 4], 2));
    server.step(request_vote(3, 1, 4, (2, 4)));
    server.crash();
    server.start();
    let node = server.node();
    assert_eq!((node.current_term(), node.voted_for()), (Term(4), Some(NodeId(3))));
    assert_eq!(server.terms(), [3, 4]);
    assert_eq!((node.commit_index(), node.last_applied()), (LogIndex(0), LogIndex(0)));
}

/// Goal: state table, a new leader starts with `next_index` after its last entry and `match_index` 0.
#[test]
fn figure_2_state_a_new_leader_knows_nothing_of_its_followers() {
    let mut leader = Server::with_log(1, 3, 1, &[1, 1]).without(Rule::PreVote);
    leader.campaign();
    leader.step(vote(2, 1, 2, true));
    for progress in leader.node().progress() {
        assert_eq!(progress.match_index(), LogIndex(0));
        assert_eq!(progress.next_index(), LogIndex(3));
    }
    assert_eq!(leader.terms(), [1, 1, 2], "the blank entry of its term comes after");
}

/// Goal: all servers 1, what is committed is applied, in order and once.
#[test]
fn figure_2_all_servers_1_apply_what_is_committed() {
    let mut follower = Server::new(1, 3);
    follower.step(append(2, 1, 1, (0, 0), &[1, 1, 1], 2));
    follower.step(append(2, 1, 1, (3, 1), &[], 3));
    let applied: Vec<_> = follower.applied.iter().map(|committed| committed.index.0).collect();
    assert_eq!(applied, [1, 2, 3]);
    assert_eq!(follower.node().last_applied(), LogIndex(3));
}

/// Goal: all servers 2, whoever sees a higher term in any message takes it over and becomes a follower.
#[test]
fn figure_2_all_servers_2_adopt_a_higher_term() {
    let roles: [fn() -> Server; 3] = [
        || Server::new(1, 3),
        || {
            let mut candidate = Server::new(1, 3).without(Rule::PreVote);
            candidate.campaign();
            candidate
        },
        || {
            let mut leader = Server::new(1, 3).without(Rule::PreVote);
            leader.campaign();
            leader.step(vote(2, 1, 1, true));
            leader
        },
    ];
    let messages = [append(2, 1, 7, (0, 0), &[], 0), accepted(2, 1, 7, 0), vote(2, 1, 7, false), vote(2, 1, 7, true)];
    for start in roles {
        for message in &messages {
            let mut server = start();
            server.step(message.clone());
            assert_eq!(server.node().role(), Role::Follower, "after {message:?}");
            assert_eq!(server.node().current_term(), Term(7), "after {message:?}");
            assert_eq!(server.disk.hard_state.current_term, Term(7), "after {message:?}");
        }
    }
}

/// Goal: followers 1, a follower answers candidates and leaders, and takes no commands.
#[test]
fn figure_2_followers_1_answer_and_do_not_ask() {
    let mut follower = Server::new(1, 3);
    assert_eq!(follower.step(request_vote(2, 1, 1, (0, 0))).len(), 1);
    assert_eq!(follower.step(append(2, 1, 1, (0, 0), &[], 0)).len(), 1);
    assert!(follower.tick(100).is_empty());
    assert!(follower.propose("x").0.is_err());
}

/// Goal: followers 2, without a leader's message or a granted vote for a whole timeout a follower campaigns.
#[test]
fn figure_2_followers_2_campaign_after_the_timeout() {
    let mut follower = Server::new(1, 3).without(Rule::PreVote);
    let timeout = follower.node().ticks_until_deadline().0;
    assert!(follower.tick(timeout - 1).is_empty());
    follower.tick(1);
    assert_eq!(follower.node().role(), Role::Candidate);
}

/// Goal: followers 2, a leader's message starts the wait anew.
#[test]
fn figure_2_followers_2_heartbeats_keep_them_quiet() {
    let mut follower = Server::new(1, 3);
    for _ in 0..20 {
        let almost = follower.node().ticks_until_deadline().0 - 1;
        follower.tick(almost);
        follower.step(append(2, 1, 1, (0, 0), &[], 0));
    }
    assert_eq!(follower.node().role(), Role::Follower);
    assert!(!follower.told(|event| *event == Event::ElectionTimeout));
}

/// Goal: candidates 1, an election means: next term, own vote, timer, a request to everybody else.
#[test]
fn figure_2_candidates_1_start_of_an_election() {
    let mut server = Server::with_log(1, 5, 3, &[2, 3]).without(Rule::PreVote);
    let sent = server.campaign();
    assert_eq!(server.node().current_term(), Term(4));
    assert_eq!(server.node().voted_for(), Some(NodeId(1)));
    assert_eq!(server.node().votes(), [(NodeId(1), true)]);
    assert!(server.told(|event| matches!(event, Event::ElectionTimeoutDrawn { .. })));
    let asked: Vec<_> = sent.iter().map(|message| (message.to.0, message.kind())).collect();
    assert_eq!(asked, [2, 3, 4, 5].map(|id| (id, MessageKind::RequestVote)));
    for message in &sent {
        let Rpc::RequestVote(request) = message.rpc else { unreachable!("all are requests") };
        assert_eq!((request.last_log_index, request.last_log_term), (LogIndex(2), Term(3)));
    }
}

/// Goal: candidates 2, votes of a majority make a leader.
#[test]
fn figure_2_candidates_2_a_majority_elects() {
    let mut server = Server::new(1, 5).without(Rule::PreVote);
    server.campaign();
    server.step(vote(2, 1, 1, true));
    assert_eq!(server.node().role(), Role::Candidate);
    server.step(vote(3, 1, 1, true));
    assert_eq!(server.node().role(), Role::Leader);
}

/// Goal: candidates 3, a candidate that hears the leader of its term follows it.
#[test]
fn figure_2_candidates_3_yield_to_the_leader() {
    let mut server = Server::new(1, 3).without(Rule::PreVote);
    server.campaign();
    server.step(append(2, 1, 1, (0, 0), &[], 0));
    assert_eq!(server.node().role(), Role::Follower);
    assert_eq!(server.node().leader(), Some(NodeId(2)));
    assert_eq!(server.node().voted_for(), Some(NodeId(1)), "the vote of the term stays given");
}

/// Goal: candidates 4, an election that nobody wins is followed by another one in the next term.
#[test]
fn figure_2_candidates_4_try_again_after_the_timeout() {
    let mut server = Server::new(1, 3).without(Rule::PreVote);
    server.campaign();
    let timeout = server.node().ticks_until_deadline().0;
    let sent = server.tick(timeout);
    assert_eq!(server.node().current_term(), Term(2));
    assert_eq!(sent.len(), 2);
    assert_eq!(server.node().votes(), [(NodeId(1), true)], "old votes do not count");
}

/// Goal: leaders 1, a new leader shows itself at once, and again after each idle interval.
#[test]
fn figure_2_leaders_1_heartbeats() {
    let mut leader = Server::new(1, 3).without(Rule::PreVote);
    leader.campaign();
    let sent = leader.step(vote(2, 1, 1, true));
    assert_eq!(appends(&sent).len(), 2);
    leader.step(accepted(2, 1, 1, 1));
    leader.step(accepted(3, 1, 1, 1));
    let interval = leader.setup.options.heartbeat_interval.0;
    assert!(leader.tick(interval - 1).is_empty());
    let sent = leader.tick(1);
    let heartbeats = appends(&sent);
    assert_eq!(heartbeats.len(), 2);
    assert!(heartbeats.iter().all(|heartbeat| heartbeat.entries.is_empty()));
    assert!(heartbeats.iter().all(|heartbeat| heartbeat.leader_commit == LogIndex(1)));
}

/// Goal: leaders 2, a command is appended to the leader's log and answered when it is applied.
#[test]
fn figure_2_leaders_2_append_commands_and_apply_them_when_committed() {
    let mut cluster = Cluster::new(3);
    cluster.elect(1);
    let index = cluster.propose(1, "x");
    assert_eq!(cluster.node(1).log().last_index(), index);
    assert!(cluster.server(1).commands().is_empty());
    cluster.settle();
    assert_eq!(cluster.server(1).commands(), ["x"]);
}

/// Goal: leaders 3, a follower that lacks entries gets them from `next_index` on; success moves both indices.
#[test]
fn figure_2_leaders_3_success_moves_the_indices() {
    let mut cluster = Cluster::new(3);
    cluster.elect(1);
    let index = cluster.propose(1, "x");
    cluster.settle();
    for progress in cluster.node(1).progress() {
        assert_eq!(progress.match_index(), index);
        assert_eq!(progress.next_index(), index.next());
    }
}

/// Goal: leaders 3, a refusal moves `next_index` back, and the leader tries again until the logs agree.
#[test]
fn figure_2_leaders_3_a_refusal_moves_next_index_back() {
    let mut cluster = Cluster::with_logs(3, &[&[1, 1, 2, 3], &[1, 1, 2, 3], &[1]]);
    cluster.elect(1);
    assert_eq!(cluster.terms(3), [1, 1, 2, 3, 4]);
    assert!(
        cluster
            .server(1)
            .told(|event| *event == Event::NextIndexMovedBack { follower: NodeId(3), next_index: LogIndex(2) })
    );
}

/// Goal: leaders 3, entries that were lost are sent until they are stored.
#[test]
fn figure_2_leaders_3_retry_for_ever() {
    let mut cluster = Cluster::new(3);
    cluster.elect(1);
    cluster.propose(1, "x");
    for _ in 0..10 {
        cluster.drop_all(on_link(1, 3));
        cluster.settle();
        cluster.heartbeat(1);
    }
    assert_eq!(cluster.terms(3), [1]);
    cluster.settle();
    cluster.heartbeat(1);
    cluster.settle();
    assert_eq!(cluster.terms(3), [1, 1]);
}

/// Goal: leaders 4, an entry of the own term that a majority holds is committed.
#[test]
fn figure_2_leaders_4_commit_what_a_majority_holds() {
    let mut leader = Server::new(1, 5).without(Rule::PreVote);
    leader.campaign();
    leader.step(vote(2, 1, 1, true));
    leader.step(vote(3, 1, 1, true));
    leader.step(accepted(4, 1, 1, 1));
    assert_eq!(leader.node().commit_index(), LogIndex(0));
    leader.step(accepted(5, 1, 1, 1));
    assert_eq!(leader.node().commit_index(), LogIndex(1));
}

/// Goal: a restarted server has the log and configuration that its disk holds, and nothing else.
#[test]
fn figure_2_state_restart_is_a_function_of_the_disk() {
    let mut server = Server::new(1, 3);
    server.step(append(2, 1, 4, (0, 0), &[3, 4], 2));
    let disk: Persisted = server.disk.clone();
    server.start();
    let first = server.node().clone();
    server.start();
    assert_eq!(&first, server.node());
    assert_eq!(first.log(), &disk.log);
}
