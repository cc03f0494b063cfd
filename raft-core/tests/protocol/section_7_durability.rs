//! §7 and a disk: what a server says about a snapshot is true after a power loss.

use raft_core::{Event, LogIndex, MessageKind, ReadMode};

use crate::harness::{
    Cluster, Server, append, install, installed, is, matches_to, on_link, outcomes, snapshot_outcomes,
};

const STATE: &str = "1 a\n2 b\n3 c\n4 d\n";

fn with_slow_disk(mut server: Server) -> Server {
    server.slow_disk = true;
    server
}

fn whole_snapshot() -> raft_core::Message {
    install(2, 1, 3, (4, 2), 0, STATE, true)
}

/// Goal: a snapshot is acknowledged, and the state machine gets it, only when it is durable.
#[test]
fn section_7_a_snapshot_is_acknowledged_when_durable() {
    let mut follower = with_slow_disk(Server::with_log(1, 3, 3, &[]));
    assert!(follower.step(whole_snapshot()).is_empty());
    // Asked again, the node still has nothing it may say.
    assert!(follower.step(install(2, 1, 3, (4, 2), 4, "", false)).is_empty());
    assert!(follower.restored.is_empty());
    assert_eq!(follower.node().durable_index(), LogIndex(0));
    let sent = follower.sync_all();
    assert_eq!(snapshot_outcomes(&sent), [installed(4), installed(4)]);
    assert_eq!((follower.restored.len(), follower.node().durable_index()), (1, LogIndex(4)));
}

/// Goal: a power loss before the snapshot is durable leaves the server as it was, and nothing was promised.
#[test]
fn section_7_power_loss_before_the_snapshot_is_durable() {
    for log in [&[][..], &[1, 1], &[1, 1, 2, 2, 3], &[1, 1, 1, 1, 1]] {
        let mut follower = with_slow_disk(Server::with_log(1, 3, 3, log));
        let before = follower.disk.clone();
        follower.step(whole_snapshot());
        assert!(follower.restored.is_empty(), "{log:?}");
        follower.crash();
        follower.start();
        assert_eq!((&follower.disk, follower.terms()), (&before, log.to_vec()), "{log:?}");
        assert!(follower.commands().is_empty(), "{log:?}");
        follower.slow_disk = false;
        assert_eq!(snapshot_outcomes(&follower.step(whole_snapshot())), [installed(4)], "{log:?}");
        assert_eq!(follower.commands(), ["a", "b", "c", "d"], "{log:?}");
    }
}

/// Goal: also where the log holds the entries anyway: what is acknowledged is durable, and the state machine waits for the
/// snapshot itself.
#[test]
fn section_7_a_snapshot_of_known_entries() {
    let mut follower = with_slow_disk(Server::with_log(1, 3, 3, &[1, 1, 2, 2, 3]));
    let sent = follower.step(whole_snapshot());
    assert_eq!(snapshot_outcomes(&sent), [installed(4)], "the entries up to there are durable");
    assert!(follower.restored.is_empty(), "the snapshot is not");
    follower.sync_all();
    assert_eq!(follower.restored.len(), 1);
    // Entries that are still on their way to the disk are not acknowledged by the snapshot that covers them.
    let mut follower = with_slow_disk(Server::with_log(1, 3, 3, &[]));
    follower.step(append(2, 1, 3, (0, 0), &[1, 1, 2, 2, 3], 0));
    assert!(follower.step(whole_snapshot()).is_empty());
    assert_eq!(follower.unsynced.len(), 2);
    let sent = follower.sync(1);
    assert_eq!(outcomes(&sent), [matches_to(5)]);
    assert!(follower.restored.is_empty());
    follower.sync_all();
    assert_eq!(follower.restored.len(), 1);
    assert_eq!(follower.node().log(), &follower.disk.log);
}

/// Goal: entries after a snapshot are acknowledged only after it: alone on the disk they would mean nothing.
#[test]
fn section_7_entries_after_the_snapshot_wait_for_it() {
    let mut follower = with_slow_disk(Server::with_log(1, 3, 3, &[1, 1, 1]));
    follower.step(whole_snapshot());
    assert!(follower.step(append(2, 1, 3, (4, 2), &[3, 3], 6)).is_empty());
    assert_eq!(follower.node().durable_index(), LogIndex(0));
    assert_eq!(snapshot_outcomes(&follower.sync(1)), [installed(4)]);
    assert_eq!(follower.commands(), ["a", "b", "c", "d"], "entries come after the state they build on");
    assert_eq!(outcomes(&follower.sync(1)), [matches_to(6)]);
    assert_eq!(follower.commands(), ["a", "b", "c", "d", "t3", "t3"]);
    assert_eq!(follower.node().log(), &follower.disk.log);
}

/// Goal: whatever write the power loss hits, the disk holds a state to start from, and no acknowledgement was too early.
#[test]
fn section_7_power_loss_between_any_two_writes() {
    for log in [&[][..], &[1, 1], &[1, 1, 1, 1, 1, 1, 1], &[1, 1, 2, 2, 3, 3]] {
        for durable in 0..5 {
            let mut follower = with_slow_disk(Server::with_log(1, 3, 3, log));
            follower.step(append(2, 1, 3, (1, 1), &[1, 2], 0));
            follower.step(append(2, 1, 3, (3, 2), &[2], 0));
            follower.step(whole_snapshot());
            follower.step(append(2, 1, 3, (4, 2), &[3, 3, 3], 7));
            let count = durable.min(follower.unsynced.len());
            let sent = follower.sync(count);
            let promised_append = outcomes(&sent).into_iter().filter_map(|outcome| match outcome {
                raft_core::AppendOutcome::Accepted { match_index } => Some(match_index),
                _ => None,
            });
            let promised_snapshot = snapshot_outcomes(&sent).into_iter().filter_map(|outcome| match outcome {
                raft_core::SnapshotOutcome::Installed { match_index } => Some(match_index),
                _ => None,
            });
            let promised = promised_append.chain(promised_snapshot).max().unwrap_or_default();
            follower.crash();
            follower.start();
            assert!(follower.node().log().last_index() >= promised, "{log:?}, {durable} writes durable");
            follower.slow_disk = false;
            follower.step(whole_snapshot());
            follower.step(append(2, 1, 3, (4, 2), &[3, 3, 3], 7));
            assert_eq!(follower.node().commit_index(), LogIndex(7), "{log:?}, {durable} writes durable");
            assert_eq!(follower.commands().len(), 7, "{log:?}, {durable} writes durable");
        }
    }
}

/// Goal: the state machine takes a snapshot over once, after what it was given before, and before what comes after.
#[test]
fn section_7_a_snapshot_is_restored_once_and_in_order() {
    let mut follower = Server::new(1, 3);
    follower.slow_machine = true;
    follower.step(append(2, 1, 3, (0, 0), &[1, 1], 2));
    assert_eq!(follower.applied.len(), 2);
    follower.step(whole_snapshot());
    follower.step(append(2, 1, 3, (4, 2), &[3], 5));
    assert!(follower.restored.is_empty(), "two entries are still being applied");
    follower.catch_up();
    assert_eq!((follower.restored.len(), follower.applied.len()), (1, 2));
    // While the state is being restored, nothing else comes, whatever happens.
    follower.step(append(2, 1, 3, (5, 3), &[3], 6));
    follower.tick(1);
    assert_eq!((follower.restored.len(), follower.applied.len()), (1, 2));
    follower.catch_up();
    assert_eq!((follower.restored.len(), follower.applied.len()), (1, 4));
    assert_eq!(follower.commands(), ["a", "b", "c", "d", "t3", "t3"]);
}

/// Goal: a snapshot that comes while an older one is being restored is restored after it, and one that was never handed out
/// is skipped.
#[test]
fn section_7_a_newer_snapshot_while_one_is_being_restored() {
    let mut follower = Server::new(1, 3);
    follower.slow_machine = true;
    follower.step(whole_snapshot());
    assert_eq!(follower.restored.len(), 1);
    follower.step(install(2, 1, 3, (6, 3), 0, "6 f\n", true));
    follower.step(install(2, 1, 3, (8, 3), 0, "8 h\n", true));
    assert_eq!(follower.restored.len(), 1);
    follower.catch_up();
    let restored: Vec<_> = follower.restored.iter().map(|snapshot| snapshot.last_included_index.0).collect();
    assert_eq!(restored, [4, 8]);
    follower.catch_up();
    assert_eq!(follower.node().last_applied(), LogIndex(8));
    assert_eq!(follower.commands(), ["h"]);
}

/// Goal: a leader commits nothing on the word of a follower whose snapshot is not durable.
#[test]
fn section_7_a_slow_disk_holds_up_commitment() {
    let mut cluster = Cluster::new(3);
    cluster.elect(1);
    cluster.isolate(&[3]);
    for i in 0..3 {
        cluster.propose(1, &format!("x{i}"));
        cluster.settle();
    }
    let applied = cluster.commit(1);
    cluster.compact(1, applied);
    cluster.heal();
    cluster.isolate(&[2]);
    cluster.server_mut(3).slow_disk = true;
    let index = cluster.propose(1, "y").0;
    cluster.heartbeats(1, 2);
    assert!(cluster.server(3).told(|event| matches!(event, Event::SnapshotInstalled { .. })));
    assert!(cluster.commit(1) < index);
    for _ in 0..4 {
        cluster.act(3, Server::sync_all);
        cluster.settle();
    }
    assert_eq!(cluster.commit(1), index);
    assert_eq!(cluster.server(3).restored.len(), 1);
}

/// Goal: a follower whose disk needs many heartbeats for a snapshot is neither sent it again nor does it campaign.
#[test]
fn section_7_a_slow_disk_does_not_repeat_the_snapshot() {
    let mut cluster = Cluster::new(3);
    cluster.elect(1);
    cluster.isolate(&[3]);
    cluster.propose(1, "x");
    cluster.settle();
    cluster.compact(1, 2);
    cluster.heal();
    cluster.server_mut(3).slow_disk = true;
    cluster.run(1_000);
    let installs = cluster.server(3).events.iter().filter(|event| matches!(event, Event::SnapshotInstalled { .. }));
    assert_eq!(installs.count(), 1);
    assert_eq!(cluster.leaders(), [1]);
    // The leader asks again from time to time, for it cannot know that the answer is only late.
    let is_full = |message: &&raft_core::Message| match &message.rpc {
        raft_core::Rpc::InstallSnapshot(install) => install.done,
        _ => false,
    };
    assert!(cluster.delivered.iter().filter(is_full).count() < 20);
    assert!(!cluster.server(3).told(|event| *event == Event::ElectionTimeout));
    cluster.act(3, Server::sync_all);
    cluster.server_mut(3).slow_disk = false;
    cluster.settle();
    cluster.heartbeats(1, 2);
    assert_eq!(cluster.server(3).commands(), ["x"]);
}

/// Goal: reads at a follower wait for the state that it is restoring.
#[test]
fn section_7_reads_wait_for_the_restore() {
    let mut cluster = Cluster::new(3);
    cluster.elect(1);
    cluster.isolate(&[3]);
    cluster.propose(1, "x");
    cluster.settle();
    cluster.compact(1, 2);
    cluster.heal();
    cluster.server_mut(3).slow_machine = true;
    cluster.heartbeats(1, 2);
    assert_eq!(cluster.server(3).restored.len(), 1);
    cluster.read(3, 7, ReadMode::ReadIndex);
    cluster.settle();
    assert!(cluster.delivered.iter().any(is(MessageKind::ReadIndexReply, 1, 3)));
    assert!(cluster.server(3).reads.is_empty());
    cluster.act(3, Server::catch_up);
    assert_eq!(cluster.server(3).servable(), [(7, 2)]);
    assert!(!cluster.deliver(on_link(1, 3)));
}
