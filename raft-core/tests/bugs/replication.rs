//! Messages between leader and follower: what they do to logs, windows and accounts.

use raft_core::{
    AppendOutcome, Event, LogIndex, Message, MessageKind, NodeId, Options, ProgressState, ProposeError, Rpc, Rule, Term,
};

use crate::harness::{Cluster, Server, accepted, append, append_reply, granted, outcomes, request_vote, vote};

/// little_raft: a follower did not take over the term of an `AppendEntries`, so the leader before still found it in its own
/// term, and could rewrite its log.
///
/// Goal: after the message of a leader, those of every older term are refused, also after a restart, and the refusal names
/// the new term.
#[test]
fn b28_a_leader_that_was_followed_ends_all_older_ones() {
    for restarts in [false, true] {
        let mut follower = Server::with_log(1, 3, 1, &[1]);
        follower.step(append(3, 1, 5, (1, 1), &[5], 0));
        if restarts {
            follower.crash();
            follower.start();
        }
        for term in 1..5 {
            let sent = follower.step(append(2, 1, term, (1, 1), &[1, 1, 1], 4));
            assert_eq!((outcomes(&sent), sent[0].term), (vec![AppendOutcome::StaleTerm], Term(5)), "term {term}");
            assert_eq!(granted(&follower.step(request_vote(2, 1, term, (9, term)))), Some(false));
        }
        assert_eq!(follower.terms(), [1, 5]);
        assert_eq!(follower.node().commit_index(), LogIndex(0));
        assert_eq!((follower.node().current_term(), follower.disk.hard_state.current_term), (Term(5), Term(5)));
    }
}

/// The same bug: a heartbeat carries a term, too.
///
/// Goal: an empty message, and one that fails the consistency check, end an older leadership just as well.
#[test]
fn b28_a_refused_message_and_a_heartbeat_carry_the_term() {
    for newer in [append(3, 1, 5, (0, 0), &[], 0), append(3, 1, 5, (7, 5), &[5], 0)] {
        let mut leader = Server::new(1, 3).without(Rule::PreVote);
        leader.campaign();
        leader.step(vote(2, 1, 1, true));
        leader.step(newer);
        assert_eq!((leader.node().leader(), leader.node().current_term()), (Some(NodeId(3)), Term(5)));
        assert!(matches!(leader.propose("x").0, Err(ProposeError::NotLeader { leader_hint: Some(NodeId(3)) })));
        let sent = leader.step(append(2, 1, 4, (0, 0), &[4], 1));
        assert_eq!(outcomes(&sent), [AppendOutcome::StaleTerm]);
    }
}

/// etcd a370b6f: the account of uncommitted bytes was not cleared when a leader stepped down, so that after some elections
/// every proposal was refused.
///
/// Goal: in each of twenty leaderships of one server the same number of proposals is accepted, although none of the former
/// was ever committed by it, and again after a commitment.
#[test]
fn b37_uncommitted_bytes_do_not_leak() {
    let fill = |server: &mut Server| (0..100).take_while(|_| server.propose("0123456789abcdef").0.is_ok()).count();
    let limit = |options: &mut Options| options.max_uncommitted_bytes = 100;
    let mut server = Server::new(1, 3).without(Rule::PreVote).options(limit);
    for _ in 0..20 {
        server.campaign();
        let term = server.node().current_term().0;
        server.step(vote(2, 1, term, true));
        assert_eq!(fill(&mut server), 3, "32 bytes each, and a blank entry of 16");
        assert!(matches!(server.propose("x").0, Err(ProposeError::Busy { .. })));
        if term % 4 == 1 {
            let last = server.node().log().last_index().0;
            server.step(accepted(2, 1, term, last));
            assert_eq!(fill(&mut server), 4, "what is committed makes room");
        }
        // Another leader replaces what is not committed.
        let commit = server.node().commit_index();
        let at = (commit.0, server.node().log().term_at(commit).unwrap().0);
        server.step(append(3, 1, term + 1, at, &[term + 1], commit.0 + 1));
        assert!(!server.node().role().is_leader());
    }
}

/// openraft 6d53aa12, yugabyte#32876, hashicorp/raft#697: more conflicting entries than fit into one message sent leader and
/// follower round in circles.
///
/// Goal: a follower with eighty entries of its own is repaired with messages of one entry each, in a number of messages that
/// the number of divergent entries bounds, with the skipping of whole terms and without.
#[test]
fn b40_more_conflicting_entries_than_a_message_holds_are_repaired() {
    let few_terms: Vec<u64> = [vec![1; 3], vec![2; 80]].concat();
    let many_terms: Vec<u64> = [vec![1; 3], (2..82).collect()].concat();
    let leaders: Vec<u64> = [vec![1; 3], vec![90; 70]].concat();
    let longer: Vec<u64> = [vec![1; 3], vec![90; 120]].concat();
    for skips_terms in [true, false] {
        for theirs in [&few_terms, &many_terms] {
            for mine in [&leaders, &longer] {
                let mut cluster = Cluster::with_logs(91, &[mine, theirs, mine]);
                for id in 1..=3 {
                    let server = cluster.server_mut(id);
                    server.setup.options.max_append_entries = 1;
                    if !skips_terms {
                        server.setup.rules = server.setup.rules.without(Rule::FastBackup);
                    }
                    server.start();
                }
                cluster.outwait_leader(1);
                cluster.campaign(1);
                let messages = (0..2_000).take_while(|_| cluster.deliver(|_| true)).count();
                assert!(messages < 2_000, "leader and follower go in circles");
                cluster.heartbeat(1);
                cluster.settle();
                assert_eq!(cluster.terms(2), cluster.terms(1));
                assert_eq!(cluster.commit(2), mine.len() as u64 + 1);
                let to_follower =
                    |message: &&Message| message.kind() == MessageKind::AppendEntries && message.to == NodeId(2);
                let count = cluster.delivered.iter().filter(to_follower).count();
                assert!(count <= mine.len().max(theirs.len()) + mine.len() + 10, "{count} messages");
            }
        }
    }
}

/// openraft#1500: a heartbeat built on the leader's commit index met a follower that was behind it; the answer looked like a
/// conflict below the committed entries, and the leader panicked.
///
/// Goal: a follower that is far behind what is committed is neither harmed by heartbeats nor harms the leader, and catches
/// up. Method: a network that loses all entries for a while, but no heartbeat.
#[test]
fn b52_a_heartbeat_to_a_follower_behind_the_commit_index_is_harmless() {
    let mut cluster = Cluster::new(3);
    cluster.elect(1);
    cluster.heartbeat(1);
    cluster.settle();
    let brings_entries = |message: &Message| {
        message.to == NodeId(3) && matches!(&message.rpc, Rpc::AppendEntries(append) if !append.entries.is_empty())
    };
    for number in 0..8 {
        cluster.propose(1, &format!("x{number}"));
        // Entries for server 3 are lost.
        cluster.drop_all(brings_entries);
        cluster.settle();
        cluster.heartbeat(1);
        cluster.drop_all(brings_entries);
        cluster.settle();
        assert!(cluster.commit(3) <= 1);
    }
    assert_eq!((cluster.commit(1), cluster.commit(3)), (9, 1));
    assert!(!cluster.server(3).told(|event| matches!(event, Event::EntriesTruncated { .. })));
    cluster.heartbeat(1);
    cluster.settle();
    cluster.heartbeat(1);
    cluster.settle();
    assert_eq!(cluster.commit(3), 9);
    assert_eq!(cluster.server(3).commands(), cluster.server(1).commands());
}

/// The same bug, message by message.
///
/// Goal: a heartbeat that is built past the follower's log is refused with the end of that log, and the leader goes there, if
/// the refusal is news, and never below what is known to match.
#[test]
fn b52_a_refusal_below_what_is_committed_is_no_contradiction() {
    let mut follower = Server::with_log(1, 3, 1, &[1, 1]);
    let sent = follower.step(append(2, 1, 1, (5, 1), &[], 5));
    let refusal =
        AppendOutcome::Conflict { prev_log_index: LogIndex(5), conflict_index: LogIndex(3), conflict_term: None };
    assert_eq!(outcomes(&sent), [refusal]);
    assert_eq!((follower.terms(), follower.node().commit_index()), (vec![1, 1], LogIndex(0)));

    let mut leader = Server::new(1, 3).without(Rule::PreVote);
    leader.campaign();
    leader.step(vote(2, 1, 1, true));
    for _ in 0..5 {
        leader.propose("x").0.unwrap();
    }
    leader.step(accepted(2, 1, 1, 1));
    leader.step(accepted(2, 1, 1, 6));
    let state = |leader: &Server| {
        let peer = &leader.node().progress()[0];
        (peer.state(), peer.match_index(), leader.node().commit_index())
    };
    assert_eq!(state(&leader), (ProgressState::Replicate, LogIndex(6), LogIndex(6)));
    for prev in 0..=6 {
        let refusal = AppendOutcome::Conflict {
            prev_log_index: LogIndex(prev),
            conflict_index: LogIndex(prev.min(3)),
            conflict_term: None,
        };
        leader.step(append_reply(2, 1, 1, refusal));
        assert_eq!(state(&leader), (ProgressState::Replicate, LogIndex(6), LogIndex(6)), "refused at {prev}");
    }
    // The follower itself is fine with the next entry. A refusal of it that points far back is not believed that far.
    leader.propose("y").0.unwrap();
    let refusal =
        AppendOutcome::Conflict { prev_log_index: LogIndex(7), conflict_index: LogIndex(1), conflict_term: None };
    leader.step(append_reply(2, 1, 1, refusal));
    assert_eq!(leader.node().progress()[0].next_index(), LogIndex(7));
    leader.step(accepted(2, 1, 1, 7));
    assert_eq!(leader.node().commit_index(), LogIndex(7));
}
