//! Snapshots that meet logs, configurations and messages of another time.

use std::sync::Arc;

use raft_core::{
    AppendEntries, AppendOutcome, Configuration, Entry, EntryKind, Event, LogIndex, MembershipChange, Message,
    MessageKind, NodeId, ProgressState, Round, Rpc, Rule, SnapshotOutcome, Term,
};

use crate::harness::{
    Cluster, Server, accepted, append, append_reply, ids, install, installed, matches_to, message, outcomes, received,
    snapshot_outcomes, vote,
};

/// The leader of term 1 with six committed entries, all of them compacted; server 3 has acknowledged nothing.
fn leader_with_snapshot() -> Server {
    let mut leader = Server::new(1, 3).without(Rule::PreVote).options(|options| options.max_snapshot_chunk_bytes = 4);
    leader.campaign();
    leader.step(vote(2, 1, 1, true));
    for _ in 0..5 {
        leader.propose("x").0.expect("it leads");
    }
    leader.step(accepted(2, 1, 1, 6));
    leader.compact(6).0.expect("six entries are applied");
    assert_eq!(leader.node().progress()[1].state(), ProgressState::Snapshot);
    leader
}

fn snapshot_reply(from: u64, term: u64, outcome: SnapshotOutcome) -> Message {
    message(from, 1, term, Rpc::InstallSnapshotReply { outcome, round: Round(0) })
}

fn refusal(prev: u64, conflict: u64) -> AppendOutcome {
    let (prev_log_index, conflict_index) = (LogIndex(prev), LogIndex(conflict));
    AppendOutcome::Conflict { prev_log_index, conflict_index, conflict_term: None }
}

/// openraft cecb5de8 and fbbf37b1; etcd 57b3274 and 91ff7cd: an answer from before a snapshot was sent reset the leader's
/// idea of the follower.
///
/// Goal: answers to messages that left before the snapshot move nothing back, neither while it travels nor afterwards.
#[test]
fn b7_answers_from_before_a_snapshot_move_nothing_back() {
    let mut leader = leader_with_snapshot();
    let late = [append_reply(3, 1, 1, refusal(0, 1)), accepted(3, 1, 1, 1), append_reply(3, 1, 1, refusal(1, 1))];
    let view = |leader: &Server| {
        let peer = &leader.node().progress()[1];
        (peer.state(), peer.match_index().0, peer.next_index().0)
    };
    leader.step(snapshot_reply(3, 1, received(6, 4)));
    for answer in &late {
        leader.step(answer.clone());
        assert_eq!(leader.node().progress()[1].snapshot_bytes(), Some((4, 20)), "the transfer goes on where it was");
        let (state, match_index, next_index) = view(&leader);
        assert_eq!((state, next_index), (ProgressState::Snapshot, 7), "{answer:?}");
        assert!(match_index <= 1);
    }
    leader.step(snapshot_reply(3, 1, installed(6)));
    assert_eq!(view(&leader), (ProgressState::Replicate, 6, 7));
    for answer in late.into_iter().chain([snapshot_reply(3, 1, received(6, 0)), snapshot_reply(3, 1, installed(3))]) {
        assert!(leader.step(answer.clone()).is_empty(), "{answer:?}");
        assert_eq!(view(&leader), (ProgressState::Replicate, 6, 7), "{answer:?}");
    }
}

/// The leader of `term` sends a single entry that holds a configuration.
fn append_configuration(from: u64, to: u64, term: u64, prev: (u64, u64), configuration: Configuration) -> Message {
    let entry = Entry { term: Term(term), kind: EntryKind::Configuration(Arc::new(configuration)) };
    let append = AppendEntries {
        prev_log_index: LogIndex(prev.0),
        prev_log_term: Term(prev.1),
        leader_commit: LogIndex(0),
        entries: [entry].into_iter().collect(),
        round: Round(0),
    };
    message(from, to, term, Rpc::AppendEntries(append))
}

/// openraft#1808: a snapshot replaced the log, but the configuration of a discarded, uncommitted entry went on counting, so
/// that two disjoint quorums could decide.
///
/// Goal: after a snapshot the configuration is the latest that the log and the snapshot really hold, in memory and after a
/// restart, and a campaign asks exactly its voters. Method: an uncommitted joint configuration at index 3; a snapshot that
/// contradicts it, one that covers it, and one that it follows.
#[test]
fn b11_a_snapshot_discards_the_configurations_of_discarded_entries() {
    let old = Configuration::of_voters(ids(1..=3));
    let joint = old.enter_joint(&Configuration::of_voters(ids(3..=5)));
    for (last, expected) in [((5, 3), &old), ((3, 3), &old), ((3, 2), &old), ((2, 1), &joint)] {
        let mut server = Server::with_log(1, 3, 1, &[1, 1]);
        server.step(append_configuration(2, 1, 2, (2, 1), joint.clone()));
        assert_eq!(**server.node().configuration(), joint);
        server.step(install(3, 1, 3, last, 0, "", true));
        for restarts in [false, true] {
            if restarts {
                server.crash();
                server.start();
            }
            assert_eq!(&**server.node().configuration(), expected, "{last:?}");
            let asked: Vec<u64> = server.campaign().iter().map(|question| question.to.0).collect();
            let others = expected.members().into_iter().map(|id| id.0).filter(|&id| id != 1);
            assert!(others.eq(asked.iter().copied()), "{last:?}: asked {asked:?}");
        }
    }
}

/// camunda#6092, etcd 80615be, RedisLabs/raft#49: a snapshot that came late cut off newer entries, or replaced a newer
/// snapshot.
///
/// Goal: a snapshot of what is committed here already changes nothing, however often and late it comes, and is answered
/// with what is there.
#[test]
fn b13_a_late_snapshot_does_not_regress() {
    let mut follower = Server::with_log(1, 3, 1, &[1]);
    follower.step(install(2, 1, 1, (5, 1), 0, "2 x\n", true));
    follower.step(append(2, 1, 1, (5, 1), &[1, 1, 1], 7));
    let view = |server: &Server| {
        let node = server.node();
        (node.log().clone(), node.snapshot().cloned(), node.commit_index(), node.last_applied(), node.durable_index())
    };
    let before = view(&follower);
    for last in 1..=7 {
        let sent = follower.step(install(2, 1, 1, (last, 1), 0, "", true));
        assert_eq!(snapshot_outcomes(&sent), [installed(7)]);
        assert_eq!(before, view(&follower), "after the snapshot of {last}");
        assert!(follower.unsynced.is_empty());
    }
    assert_eq!((follower.terms(), follower.node().log().last_included_index()), (vec![1; 3], LogIndex(5)));
    assert_eq!(follower.restored.len(), 1);
}

/// The same bugs: entries after the snapshot were acknowledged already.
///
/// Goal: entries that follow the snapshot in a log that holds its last entry stay. Without the rule they are gone, with the
/// acknowledgement given.
#[test]
fn b13_a_snapshot_keeps_newer_matching_entries() {
    for (rule, is_kept) in [(None, true), (Some(Rule::RetainSuffix), false)] {
        let mut follower = Server::with_log(1, 3, 1, &[1]);
        if let Some(rule) = rule {
            follower = follower.without(rule);
        }
        let sent = follower.step(append(2, 1, 1, (1, 1), &[1; 5], 1));
        assert_eq!(outcomes(&sent), [matches_to(6)]);
        follower.step(install(2, 1, 1, (4, 1), 0, "", true));
        for restarts in [false, true] {
            if restarts {
                follower.crash();
                follower.start();
            }
            let last_index = follower.node().log().last_index();
            assert_eq!(last_index == LogIndex(6), is_kept, "without {rule:?}: the log ends at {last_index}");
        }
    }
}

/// The same bugs, to their end: what the leader committed is lost.
///
/// Goal: a late snapshot does not take a committed entry from the only other server that holds it. Without the rule the
/// third server leads without the entry, and the old leader's is overwritten.
#[test]
fn b13_and_without_the_rule_a_committed_entry_is_lost() {
    for (rule, is_lost) in [(None, false), (Some(Rule::RetainSuffix), true)] {
        let mut cluster = Cluster::new(3);
        if let Some(rule) = rule {
            cluster = cluster.without(rule);
        }
        cluster.elect(1);
        cluster.heartbeats(1, 1);
        cluster.isolate(&[3]);
        cluster.propose(1, "kept");
        cluster.settle();
        assert_eq!((cluster.commit(1), cluster.commit(2)), (2, 1));
        let late = install(1, 2, 1, (1, 1), 0, "", true);
        // The follower does not know yet that entry 1 is committed: it restarted, and has heard nothing since.
        cluster.crash(2);
        cluster.restart(2);
        cluster.network.push_back(late);
        cluster.settle();
        cluster.heal();
        cluster.isolate(&[1]);
        cluster.run(2_000);
        cluster.heal();
        cluster.run(1_000);
        let overwrote = |event: &Event| matches!(event, Event::EntriesTruncated { committed: true, .. });
        assert_eq!(cluster.server(1).told(overwrote), is_lost, "without {rule:?}");
    }
}

/// logcabin#160: entries from both sides of a compaction were packed into one `AppendEntries`, as if nothing lay between.
///
/// Goal: every `AppendEntries` says of every index what the log says that was never compacted. Method: a follower falls
/// behind by some messages, the leader compacts up to every possible index meanwhile, in messages of every size.
#[test]
fn b23_messages_across_the_edge_of_a_compaction_have_no_gap() {
    const COUNT: u64 = 8;
    for max_append_entries in [1, 3, 100] {
        for edge in 1..=COUNT {
            for lost_from in 1..=COUNT {
                let mut cluster = Cluster::new(3).options(|options| options.max_append_entries = max_append_entries);
                cluster.elect(1);
                cluster.heartbeats(1, 1);
                for number in 2..=COUNT {
                    cluster.propose(1, &format!("x{number}"));
                    if number >= lost_from {
                        cluster.drop_all(|message| message.to == NodeId(3));
                    }
                    cluster.settle();
                }
                assert_eq!(cluster.commit(1), COUNT);
                cluster.compact(1, edge);
                cluster.heartbeats(1, 4);
                assert_eq!(cluster.node(3).log().last_index(), LogIndex(COUNT), "{edge} {lost_from}");
                assert_eq!(cluster.server(3).commands(), cluster.server(2).commands());
                let whole = cluster.server(2).entries();
                for message in &cluster.delivered {
                    let Rpc::AppendEntries(append) = &message.rpc else { continue };
                    let at = append.prev_log_index.0 as usize;
                    let expected = &whole.as_slice()[at..at + append.entries.len()];
                    assert_eq!(append.entries.as_slice(), expected, "{edge} {lost_from}: {message:?}");
                }
            }
        }
    }
}

/// dragonboat f6b92a2, matrixone#24966 (PR#23281): after a restart from a snapshot and a log, the commit index was lower
/// than before the snapshot, or the configuration was another one.
///
/// Goal: wherever the log was compacted, a restarted server has the configuration that it had, knows everything in the
/// snapshot to be committed, and only moves forward from there. Method: a learner is added in the middle of the log.
#[test]
fn b25_a_restart_from_snapshot_and_log_changes_nothing() {
    for edge in 1..=7 {
        let mut cluster = Cluster::with_spares(3, 1);
        cluster.elect(1);
        cluster.heartbeats(1, 1);
        for command in ["a", "b"] {
            cluster.propose(1, command);
        }
        cluster.change_and_settle(1, &MembershipChange::AddLearner(NodeId(4)));
        for command in ["c", "d", "e"] {
            cluster.propose(1, command);
        }
        cluster.settle();
        cluster.heartbeats(1, 1);
        assert_eq!(cluster.commit(2), 7);
        let (configuration, commands) = (cluster.node(2).configuration().clone(), cluster.server(2).commands());
        cluster.compact(2, edge);
        cluster.crash(2);
        cluster.restart(2);
        let node = cluster.node(2);
        assert_eq!(node.configuration(), &configuration, "compacted up to {edge}");
        assert_eq!((node.commit_index(), node.last_applied()), (LogIndex(edge), LogIndex(edge)));
        assert_eq!((node.log().first_index(), node.log().last_index()), (LogIndex(edge + 1), LogIndex(7)));
        cluster.heartbeats(1, 2);
        assert_eq!((cluster.commit(2), cluster.server(2).commands()), (7, commands));
        // The configuration in the snapshot is the one as of its last entry.
        let in_snapshot = cluster.node(2).snapshot().map(|snapshot| snapshot.configuration.is_member(NodeId(4)));
        assert_eq!(in_snapshot, Some(edge >= 4), "compacted up to {edge}");
    }
}

/// etcd 49bac48, PR#10308, d87942f: a follower that had caught up in another way stayed in snapshot state for ever, and got
/// nothing more.
///
/// Goal: an acknowledgement of entries that reach the leader's log ends the transfer at once; one that does not reach it
/// does not.
#[test]
fn b38_a_follower_that_caught_up_otherwise_gets_entries_again() {
    for matched in 1..=6 {
        let mut leader = leader_with_snapshot();
        leader.step(accepted(3, 1, 1, matched));
        let peer = &leader.node().progress()[1];
        let expected = if matched == 6 { ProgressState::Replicate } else { ProgressState::Snapshot };
        assert_eq!((peer.state(), peer.next_index()), (expected, LogIndex(7)), "matches up to {matched}");
        let (index, sent) = leader.propose("y");
        index.unwrap();
        let gets_it =
            sent.iter().any(|message| message.to == NodeId(3) && message.kind() == MessageKind::AppendEntries);
        assert_eq!(gets_it, matched == 6);
    }
}

/// The same bugs: the report of the installation was lost.
///
/// Goal: whatever message of a transfer is lost, and all that come in the two heartbeat intervals after it, the follower has
/// everything within ten heartbeats.
#[test]
fn b38_no_lost_answer_stops_a_transfer() {
    for lost_from in 0..12 {
        let mut cluster = Cluster::new(3).options(|options| options.max_snapshot_chunk_bytes = 8);
        cluster.elect(1);
        cluster.heartbeats(1, 1);
        cluster.isolate(&[3]);
        for number in 0..6 {
            cluster.propose(1, &format!("x{number}"));
        }
        cluster.settle();
        cluster.compact(1, 7);
        cluster.heal();
        cluster.heartbeat(1);
        cluster.heartbeat(1);
        let transfer = |message: &Message| message.to == NodeId(3) || message.from == NodeId(3);
        for _ in 0..lost_from {
            cluster.deliver(transfer);
        }
        for _ in 0..2 {
            cluster.drop_all(transfer);
            cluster.settle();
            cluster.heartbeat(1);
        }
        cluster.settle();
        cluster.heartbeats(1, 10);
        assert_eq!(cluster.server(3).commands(), cluster.server(1).commands(), "lost from message {lost_from} on");
        let peer = &cluster.node(1).progress()[1];
        assert_eq!((peer.state(), peer.match_index()), (ProgressState::Replicate, LogIndex(7)));
    }
}

/// openraft 6d53aa12, yugabyte#32876, hashicorp/raft#704: a snapshot that met a conflicting log was installed and undone, or
/// refused, again and again.
///
/// Goal: a follower with sixty entries of its own takes a snapshot that ends before, in or after them, and has the leader's
/// log within a bounded number of messages of one entry or eight bytes each.
#[test]
fn b40_a_snapshot_that_meets_a_conflicting_log_is_installed_once() {
    let mine: Vec<u64> = [vec![1; 2], vec![5; 40]].concat();
    let theirs: Vec<u64> = [vec![1; 2], vec![2; 60]].concat();
    for edge in [1, 2, 3, 20, 42] {
        let mut cluster = Cluster::with_logs(5, &[&mine, &theirs, &mine]).options(|options| {
            options.max_append_entries = 1;
            options.max_snapshot_chunk_bytes = 8;
        });
        cluster.isolate(&[2]);
        cluster.elect(1);
        cluster.heartbeats(1, 1);
        cluster.compact(1, edge);
        cluster.heal();
        cluster.heartbeat(1);
        cluster.heartbeat(1);
        let messages = (0..2_000).take_while(|_| cluster.deliver(|_| true)).count();
        assert!(messages < 2_000, "edge {edge}: leader and follower go in circles");
        cluster.heartbeats(1, 1);
        let last = |id| (cluster.node(id).log().last_index(), cluster.node(id).log().last_term());
        assert_eq!((last(2), cluster.commit(2)), (last(1), 43), "edge {edge}");
        assert_eq!(cluster.server(2).commands(), cluster.server(3).commands());
        assert!(cluster.server(2).restored.len() <= 1);
    }
}

/// openraft#1828: when everything was purged from the log, a lagging or new follower never got a snapshot: the last index of
/// the log and that of the snapshot were equal, so there seemed to be nothing to send.
///
/// Goal: with a log that is all snapshot, a follower that lags by everything or by one entry, and a server that is added,
/// catch up, and what comes after is committed.
#[test]
fn b41_a_log_that_is_all_snapshot_serves_everybody() {
    for lags_by in [0, 1, 4] {
        let mut cluster = Cluster::with_spares(3, 1);
        cluster.elect(1);
        cluster.heartbeats(1, 1);
        for number in 0..4 {
            if number + lags_by == 4 {
                cluster.isolate(&[3]);
            }
            cluster.propose(1, &format!("x{number}"));
            cluster.settle();
        }
        cluster.heartbeats(1, 1);
        for id in [1, 2] {
            cluster.compact(id, 5);
            assert_eq!(cluster.node(id).log().first_index(), LogIndex(6));
        }
        cluster.heal();
        cluster.heartbeats(1, 4);
        assert_eq!(cluster.server(3).commands(), ["x0", "x1", "x2", "x3"], "lags by {lags_by}");
        cluster.change_and_settle(1, &MembershipChange::AddLearner(NodeId(4)));
        cluster.heartbeats(1, 4);
        assert_eq!(cluster.server(4).commands(), ["x0", "x1", "x2", "x3"]);
        let index = cluster.propose(1, "y").0;
        cluster.settle();
        assert_eq!(cluster.commit(1), index);
    }
}
