//! §7: a server replaces the beginning of its own log by a snapshot, and starts again from it.

use raft_core::{
    CompactError, Event, LogIndex, MembershipChange, MessageKind, NodeId, PersistedError, ProgressState, Rpc,
    SetupError, Term,
};

use crate::harness::{Cluster, Server, append, appends, ids, matches_to, on_link, outcomes, request_vote};

/// A follower that has applied six entries, of terms 1 1 2 2 3 3.
fn follower() -> Server {
    let mut follower = Server::new(1, 3);
    follower.step(append(2, 1, 3, (0, 0), &[1, 1, 2, 2, 3, 3], 6));
    follower
}

/// Goal: compaction keeps the index and the term of the last entry it replaces, and every entry after it.
#[test]
fn section_7_compaction_keeps_the_last_index_and_term() {
    let mut server = follower();
    assert!(server.told(|event| matches!(event, Event::CommitAdvanced { .. })));
    server.compact(4).0.unwrap();
    let log = server.node().log();
    assert_eq!((log.last_included_index(), log.last_included_term()), (LogIndex(4), Term(2)));
    assert_eq!((log.first_index(), log.last_index(), log.last_term()), (LogIndex(5), LogIndex(6), Term(3)));
    assert_eq!((log.term_at(LogIndex(3)), log.term_at(LogIndex(4))), (None, Some(Term(2))));
    assert_eq!(server.terms(), [3, 3]);
    assert!(server.told(|event| *event == Event::LogCompacted { last_included_index: LogIndex(4) }));
    let snapshot = server.disk.snapshot.clone().unwrap();
    assert_eq!((snapshot.last_included_index, snapshot.last_included_term), (LogIndex(4), Term(2)));
    assert_eq!(&*snapshot.data, b"1 t1\n2 t1\n3 t2\n4 t2\n");
    assert_eq!(server.node().log(), &server.disk.log);
}

/// Goal: compaction keeps the configuration as of its last entry, not the one that counts now.
#[test]
fn section_7_compaction_keeps_the_configuration_as_of_its_last_entry() {
    let mut cluster = Cluster::with_spares(3, 2);
    cluster.elect(1);
    let first = cluster.change(1, &MembershipChange::AddLearner(NodeId(4))).0;
    cluster.settle();
    let second = cluster.change(1, &MembershipChange::AddLearner(NodeId(5))).0;
    cluster.settle();
    for (index, learners) in [(first - 1, &[][..]), (first, &[4]), (second, &[4, 5])] {
        cluster.compact(1, index);
        let server = cluster.server(1);
        let snapshot = server.disk.snapshot.as_ref().unwrap();
        assert!(snapshot.configuration.learners().iter().copied().eq(ids(learners.iter().copied())), "at {index}");
        assert!(server.node().configuration().learners().iter().copied().eq(ids([4, 5])), "at {index}");
        // A restart finds both again.
        let mut restarted = server.clone();
        restarted.start();
        assert_eq!(restarted.node().configuration(), server.node().configuration(), "at {index}");
    }
}

/// Goal: only what is applied can be in a snapshot, only what is in the log can be replaced, and there is a limit; what is
/// refused changes nothing.
#[test]
fn section_7_compaction_refusals() {
    let mut server = Server::new(1, 3).options(|options| options.max_snapshot_bytes = 10);
    server.step(append(2, 1, 1, (0, 0), &[1, 1, 1, 1], 3));
    server.compact(1).0.unwrap();
    let before = server.node().clone();
    let refusals = [
        (0, CompactError::AlreadyCompacted { last_included_index: LogIndex(1) }),
        (1, CompactError::AlreadyCompacted { last_included_index: LogIndex(1) }),
        (3, CompactError::TooLarge { bytes: 15, limit: 10 }),
        (4, CompactError::NotApplied { index: LogIndex(4), last_applied: LogIndex(3) }),
        (u64::MAX, CompactError::NotApplied { index: LogIndex(u64::MAX), last_applied: LogIndex(3) }),
    ];
    for (index, refusal) in refusals {
        let (result, sent) = server.compact(index);
        assert_eq!((result, sent.len()), (Err(refusal), 0), "at {index}");
        assert_eq!(server.node(), &before, "at {index}");
    }
    server.compact(2).0.unwrap();
}

/// Goal: a server that does not know the cluster yet takes no snapshot, from which nobody could start.
#[test]
fn section_7_compaction_needs_a_configuration() {
    let mut spare = Server::spare(4);
    spare.step(append(2, 4, 1, (0, 0), &[1, 1], 2));
    let index = LogIndex(2);
    assert_eq!(spare.node().last_applied(), index);
    assert_eq!(spare.compact(2).0, Err(CompactError::NoConfiguration { index }));
    assert_eq!(spare.node().snapshot(), None);
}

/// Goal: an entry that was handed out but not applied yet cannot be in a snapshot.
#[test]
fn section_7_compaction_waits_for_the_state_machine() {
    let mut server = Server::new(1, 3);
    server.slow_machine = true;
    server.step(append(2, 1, 1, (0, 0), &[1, 1], 2));
    assert_eq!(server.applied.len(), 2);
    let refusal = CompactError::NotApplied { index: LogIndex(1), last_applied: LogIndex(0) };
    assert_eq!(server.compact(1).0, Err(refusal));
    server.catch_up();
    server.compact(2).0.unwrap();
}

/// Goal: a server restarts from its snapshot and the log after it; commit index and state machine begin at the snapshot.
#[test]
fn section_7_restart_from_snapshot_and_log() {
    let mut server = follower();
    server.compact(4).0.unwrap();
    server.crash();
    server.start();
    let node = server.node();
    assert_eq!((node.commit_index(), node.last_applied()), (LogIndex(4), LogIndex(4)));
    assert_eq!(server.terms(), [3, 3]);
    assert_eq!(server.commands(), ["t1", "t1", "t2", "t2"]);
    assert!(server.restored.is_empty(), "the driver restores what its own disk holds before the node starts");
    // It goes on as if nothing had been.
    let sent = server.step(append(2, 1, 4, (6, 3), &[4], 7));
    assert_eq!(outcomes(&sent), [matches_to(7)]);
    assert_eq!(server.commands(), ["t1", "t1", "t2", "t2", "t3", "t3", "t4"]);
}

/// Goal: a crash before the snapshot is durable finds the whole log.
#[test]
fn section_7_restart_before_the_snapshot_is_durable() {
    let mut server = follower();
    server.slow_disk = true;
    server.compact(4).0.unwrap();
    assert_eq!(server.node().durable_index(), LogIndex(6), "what is durable stays so");
    server.crash();
    server.start();
    assert_eq!(server.terms(), [1, 1, 2, 2, 3, 3]);
    assert_eq!(server.node().snapshot(), None);
}

/// Goal: a disk whose snapshot and log do not fit together is refused.
#[test]
fn section_7_restart_refuses_a_gap_between_snapshot_and_log() {
    let mut server = follower();
    server.compact(4).0.unwrap();
    let mut disk = server.disk.clone();
    disk.snapshot = None;
    let refusal = SetupError::Persisted(PersistedError::SnapshotMismatch { snapshot: LogIndex(0), log: LogIndex(4) });
    assert_eq!(raft_core::Node::new(server.setup, disk).err(), Some(refusal));
}

/// Goal: a log that is all snapshot counts for what it was in an election (§5.4.1).
#[test]
fn section_7_a_compacted_log_is_as_up_to_date_as_before() {
    for compacted in [0, 4, 6] {
        let mut voter = follower();
        if compacted > 0 {
            voter.compact(compacted).0.unwrap();
        }
        voter.tick(150);
        assert_eq!(crate::harness::granted(&voter.step(request_vote(3, 1, 4, (5, 3)))), Some(false));
        assert_eq!(crate::harness::granted(&voter.step(request_vote(3, 1, 5, (6, 3)))), Some(true));
    }
}

/// Goal: entries that reach into the snapshot match there, for it holds only what is committed; what comes after them is
/// stored.
#[test]
fn section_7_entries_that_overlap_the_snapshot() {
    let all = [1, 1, 2, 2, 3, 3, 3, 3];
    for prev in 0..=6_usize {
        let mut server = follower();
        server.compact(4).0.unwrap();
        let prev_term = if prev == 0 { 0 } else { all[prev - 1] };
        let sent = server.step(append(2, 1, 3, (prev as u64, prev_term), &all[prev..], 0));
        assert_eq!(outcomes(&sent), [matches_to(8)], "after {prev}");
        assert_eq!(server.terms(), [3, 3, 3, 3], "after {prev}");
        assert!(!server.told(|event| matches!(event, Event::EntriesTruncated { .. })), "after {prev}");
    }
    // Entries that end inside it are known.
    let mut server = follower();
    server.compact(4).0.unwrap();
    assert_eq!(outcomes(&server.step(append(2, 1, 3, (0, 0), &[1, 1], 0))), [matches_to(2)]);
    assert_eq!(server.terms(), [3, 3]);
}

/// Goal: compaction while entries are on their way: nothing is lost, and no snapshot is sent to who needs none.
#[test]
fn section_7_compaction_while_entries_are_in_flight() {
    let mut cluster = Cluster::new(3);
    cluster.elect(1);
    cluster.heartbeats(1, 1);
    let index = (0..4).map(|i| cluster.propose(1, &format!("x{i}")).0).last().unwrap();
    while cluster.deliver(on_link(1, 2)) || cluster.deliver(on_link(2, 1)) {}
    assert_eq!(cluster.commit(1), index);
    cluster.compact(1, index);
    assert_eq!(cluster.node(1).log().first_index(), LogIndex(index + 1));
    cluster.settle();
    cluster.heartbeats(1, 2);
    assert_eq!(cluster.server(3).commands(), ["x0", "x1", "x2", "x3"]);
    assert!(!cluster.delivered.iter().any(|message| message.kind() == MessageKind::InstallSnapshot));
}

/// Goal: when those entries are lost, the follower gets the snapshot instead.
#[test]
fn section_7_compaction_while_entries_are_in_flight_and_lost() {
    let mut cluster = Cluster::new(3);
    cluster.elect(1);
    cluster.heartbeats(1, 1);
    let index = (0..4).map(|i| cluster.propose(1, &format!("x{i}")).0).last().unwrap();
    cluster.drop_all(on_link(1, 3));
    cluster.settle();
    cluster.compact(1, index);
    cluster.heartbeats(1, 3);
    assert_eq!(cluster.server(3).commands(), ["x0", "x1", "x2", "x3"]);
    assert_eq!(cluster.server(3).restored.len(), 1);
}

/// Goal: a leader turns to its snapshot exactly when the entry before the next one is gone: at the border it still sends
/// entries.
#[test]
fn section_7_the_border_between_log_and_snapshot() {
    for (compacted, expected) in [(3, ProgressState::Probe), (4, ProgressState::Snapshot)] {
        let mut cluster = Cluster::with_logs(1, &[&[1, 1, 1, 1, 1], &[1, 1, 1, 1, 1], &[1, 1, 1]]);
        cluster.isolate(&[3]);
        cluster.elect(1);
        cluster.compact(1, compacted);
        cluster.heal();
        cluster.heartbeat(1);
        // The probe that server 3 refuses says that it holds three entries.
        cluster.deliver_one(MessageKind::AppendEntries, 1, 3);
        cluster.deliver_one(MessageKind::AppendEntriesReply, 3, 1);
        let progress = &cluster.node(1).progress()[1];
        assert_eq!(progress.state(), expected, "compacted up to {compacted}");
        assert_eq!(progress.next_index(), LogIndex(if compacted == 3 { 4 } else { 5 }));
        cluster.settle();
        assert_eq!(cluster.server(3).commands().len(), 5);
    }
}

/// Goal: hints of the fast backup that point into the snapshot lead to the snapshot, not into a loop.
#[test]
fn section_7_fast_backup_into_the_snapshot() {
    let leader: &[u64] = &[1, 1, 3, 3, 5, 5];
    for follower in [&[][..], &[1], &[1, 1, 2, 2, 2, 2, 2], &[1, 1, 3, 4, 4, 4], &[1, 2, 2, 2, 2, 2, 2, 2]] {
        for compacted in 1..=6 {
            let mut cluster = Cluster::with_logs(5, &[leader, leader, follower]);
            cluster.isolate(&[3]);
            cluster.elect(1);
            cluster.compact(1, compacted);
            cluster.heal();
            cluster.heartbeats(1, 3);
            let case = format!("{follower:?}, compacted up to {compacted}");
            assert_eq!(cluster.node(3).log().last_index(), LogIndex(7), "{case}");
            assert_eq!(cluster.server(3).commands(), cluster.server(1).commands(), "{case}");
            assert_eq!(cluster.commit(3), 7, "{case}");
        }
    }
}

/// Goal: heartbeats of a leader with a compacted log ask nothing that a correct follower must refuse.
#[test]
fn section_7_heartbeats_after_compaction() {
    let mut cluster = Cluster::new(3);
    cluster.elect(1);
    cluster.propose(1, "x");
    cluster.settle();
    cluster.heartbeats(1, 1);
    cluster.compact(1, 2);
    cluster.heartbeat(1);
    let heartbeats: Vec<_> = cluster.network.iter().cloned().collect();
    assert_eq!(appends(&heartbeats).len(), 2);
    cluster.settle();
    let is_refusal = |message: &raft_core::Message| {
        matches!(message.rpc, Rpc::AppendEntriesReply { outcome: raft_core::AppendOutcome::Conflict { .. }, .. })
    };
    assert!(!cluster.delivered.iter().any(is_refusal));
}

/// Goal: every server compacts for itself, at its own time, and may do so again and again.
#[test]
fn section_7_servers_compact_independently() {
    let mut cluster = Cluster::new(3);
    cluster.elect(1);
    for i in 0..30 {
        cluster.propose(1, &format!("x{i}"));
        cluster.settle();
        cluster.heartbeats(1, 1);
        let id = i % 3 + 1;
        let applied = cluster.node(id).last_applied().0;
        cluster.compact(id, applied - i % 2);
    }
    let expected: Vec<_> = (0..30).map(|i| format!("x{i}")).collect();
    for id in cluster.ids() {
        assert_eq!(cluster.server(id).commands(), expected, "at {id}");
        cluster.crash(id);
        cluster.restart(id);
    }
    cluster.elect(2);
    cluster.heartbeats(2, 2);
    for id in cluster.ids() {
        assert_eq!(cluster.server(id).commands(), expected, "at {id} after a restart");
    }
    assert!(!cluster.delivered.iter().any(|message| message.kind() == MessageKind::InstallSnapshot));
}
