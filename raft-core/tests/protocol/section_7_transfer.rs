//! §7: a whole cluster in which a follower needs the leader's snapshot, over a network that loses, delays and repeats.

use insta::assert_snapshot;
use raft_core::{Event, LogIndex, Message, MessageKind, NodeId, ProgressState, Rpc};

use crate::harness::{Cluster, is, on_link, snapshot_outcomes};

/// Server 3 of three was away while four commands were committed and compacted away at the leader, server 1. It is back
/// now; the snapshot of 20 bytes travels in pieces of `chunk`.
fn behind(chunk: usize) -> Cluster {
    let mut cluster = Cluster::new(3).options(|options| options.max_snapshot_chunk_bytes = chunk);
    cluster.elect(1);
    cluster.heartbeats(1, 1);
    cluster.isolate(&[3]);
    for command in ["a", "b", "c", "d", "e"] {
        cluster.propose(1, command);
        cluster.settle();
    }
    cluster.compact(1, 6);
    cluster.heal();
    cluster.network.clear();
    cluster.delivered.clear();
    cluster.transcript.clear();
    cluster
}

/// Lets the leader find out that server 3 needs the snapshot, of which the first piece is on its way then.
fn begin(cluster: &mut Cluster) {
    for _ in 0..4 {
        cluster.heartbeat(1);
        while cluster.deliver(|message| message.kind() != MessageKind::InstallSnapshot) {}
        if cluster.network.iter().any(is(MessageKind::InstallSnapshot, 1, 3)) {
            break;
        }
    }
    assert_eq!(cluster.node(1).progress()[1].state(), ProgressState::Snapshot);
    assert!(cluster.network.iter().any(is(MessageKind::InstallSnapshot, 1, 3)));
}

fn assert_caught_up(cluster: &Cluster, case: &str) {
    assert_eq!(cluster.server(3).commands(), cluster.server(1).commands(), "{case}");
    assert_eq!(cluster.node(3).log().last_index(), cluster.node(1).log().last_index(), "{case}");
    assert_eq!(cluster.node(1).progress()[1].state(), ProgressState::Replicate, "{case}");
}

/// Goal: how a follower that fell too far behind gets the snapshot, in pieces, and then the rest of the log.
#[test]
fn transcript_snapshot() {
    let mut cluster = behind(8);
    cluster.say("S3 returns; S1 has compacted what S3 lacks");
    cluster.propose(1, "f");
    cluster.heartbeats(1, 3);
    assert_caught_up(&cluster, "at the end");
    assert_snapshot!(cluster.transcript);
}

/// Goal: any size of piece will do.
#[test]
fn section_7_transfer_in_pieces_of_any_size() {
    for chunk in 1..=21 {
        let mut cluster = behind(chunk);
        cluster.heartbeats(1, 2);
        assert_caught_up(&cluster, &format!("pieces of {chunk}"));
        let pieces = cluster.delivered.iter().filter(|message| is_piece(message)).count();
        assert_eq!(pieces, 20_usize.div_ceil(chunk), "pieces of {chunk}");
    }
}

fn is_piece(message: &Message) -> bool {
    matches!(&message.rpc, Rpc::InstallSnapshot(install) if !install.data.is_empty())
}

/// Runs the transfer for `heartbeats` intervals and loses the messages between server 1 and 3 whose numbers are `lost`.
/// Returns how many there were.
fn run_with_losses(cluster: &mut Cluster, lost: &[usize], heartbeats: usize) -> usize {
    let mut number = 0;
    for _ in 0..heartbeats {
        cluster.heartbeat(1);
        while let Some(message) = cluster.network.front() {
            let is_on_the_link = on_link(1, 3)(message) || on_link(3, 1)(message);
            if is_on_the_link && lost.contains(&number) {
                cluster.network.pop_front();
            } else {
                cluster.deliver(|_| true);
            }
            number += usize::from(is_on_the_link);
        }
    }
    number
}

/// Goal: no single lost message, and no two, keep the follower from catching up within a few heartbeats.
#[test]
fn section_7_transfer_survives_the_loss_of_any_two_messages() {
    let total = run_with_losses(&mut behind(8), &[], 3);
    assert!(total > 10);
    for first in 0..total {
        for second in first..total {
            let mut cluster = behind(8);
            run_with_losses(&mut cluster, &[first, second], 9);
            assert_caught_up(&cluster, &format!("without messages {first} and {second}"));
        }
    }
}

/// Goal: the same when messages come twice, or the newest first.
#[test]
fn section_7_transfer_survives_repetition_and_reversal() {
    for (twice, reversed) in [(true, false), (false, true), (true, true)] {
        let mut cluster = behind(3);
        for _ in 0..12 {
            cluster.heartbeat(1);
            while !cluster.network.is_empty() {
                let mut wave: Vec<_> = cluster.network.drain(..).collect();
                if reversed {
                    wave.reverse();
                }
                let copies = if twice { 2 } else { 1 };
                for message in wave.iter().flat_map(|message| std::iter::repeat_n(message, copies)) {
                    let to = message.to.0;
                    cluster.act(to, |server| server.step(message.clone()));
                }
            }
        }
        assert_caught_up(&cluster, &format!("twice: {twice}, reversed: {reversed}"));
        assert_eq!(cluster.server(3).restored.len(), 1);
    }
}

/// Goal: when only answers were lost, the transfer goes on where it was, not from the beginning.
#[test]
fn section_7_transfer_is_resumed_after_lost_answers() {
    let mut cluster = behind(4);
    begin(&mut cluster);
    cluster.deliver_one(MessageKind::InstallSnapshot, 1, 3);
    cluster.deliver_one(MessageKind::InstallSnapshotReply, 3, 1);
    cluster.deliver_one(MessageKind::InstallSnapshot, 1, 3);
    assert_eq!(cluster.drop_all(on_link(3, 1)), 1, "the answer to the second piece");
    assert_eq!(cluster.node(1).progress()[1].snapshot_bytes(), Some((4, 20)));
    // The answer to the next heartbeat says how much is there.
    cluster.heartbeat(1);
    cluster.deliver_one(MessageKind::InstallSnapshot, 1, 3);
    cluster.deliver_one(MessageKind::InstallSnapshotReply, 3, 1);
    assert_eq!(cluster.node(1).progress()[1].snapshot_bytes(), Some((8, 20)));
    cluster.settle();
    assert_caught_up(&cluster, "in the end");
    assert_eq!(cluster.delivered.iter().filter(|message| is_piece(message)).count(), 5, "no piece came twice");
}

/// Goal: a follower that restarts in the middle has lost all pieces: the leader notices and begins again.
#[test]
fn section_7_transfer_begins_again_when_the_follower_restarts() {
    for delivered in 0..5 {
        let mut cluster = behind(4);
        begin(&mut cluster);
        for _ in 0..delivered {
            cluster.deliver_one(MessageKind::InstallSnapshot, 1, 3);
            cluster.deliver_one(MessageKind::InstallSnapshotReply, 3, 1);
        }
        cluster.crash(3);
        cluster.network.clear();
        cluster.heartbeats(1, 2);
        cluster.restart(3);
        cluster.heartbeats(1, 4);
        assert_caught_up(&cluster, &format!("after {delivered} pieces"));
    }
}

/// Goal: a new leader begins with its own snapshot, and late pieces of the old one do no harm.
#[test]
fn section_7_transfer_begins_again_with_a_new_leader() {
    for delivered in 0..5 {
        let mut cluster = behind(4);
        cluster.heartbeats(1, 0);
        begin(&mut cluster);
        for _ in 0..delivered {
            cluster.deliver_one(MessageKind::InstallSnapshot, 1, 3);
            cluster.deliver_one(MessageKind::InstallSnapshotReply, 3, 1);
        }
        let late: Vec<_> = cluster.network.drain(..).collect();
        cluster.act(2, |server| server.tick(1));
        cluster.elect(2);
        cluster.heartbeats(2, 1);
        let applied = cluster.node(2).last_applied().0;
        cluster.compact(2, applied);
        cluster.network.extend(late);
        cluster.heartbeats(2, 4);
        assert_eq!(cluster.server(3).commands(), ["a", "b", "c", "d", "e"], "after {delivered} pieces");
        assert_eq!(cluster.commit(3), cluster.commit(2), "after {delivered} pieces");
    }
}

/// Goal: a snapshot that is answered goes on to its end though the leader has compacted further, and the newer one follows.
#[test]
fn section_7_transfer_of_a_superseded_snapshot_goes_on() {
    let mut cluster = behind(4);
    begin(&mut cluster);
    cluster.deliver_one(MessageKind::InstallSnapshot, 1, 3);
    cluster.propose(1, "f");
    while cluster.deliver(on_link(1, 2)) || cluster.deliver(on_link(2, 1)) {}
    cluster.compact(1, 7);
    cluster.settle();
    cluster.heartbeats(1, 2);
    let restored: Vec<_> = cluster.server(3).restored.iter().map(|snapshot| snapshot.last_included_index.0).collect();
    assert_eq!(restored, [6, 7]);
    assert_caught_up(&cluster, "in the end");
}

/// Goal: one that is not answered any more gives way to the newer one.
#[test]
fn section_7_transfer_of_a_lost_snapshot_gives_way_to_a_newer_one() {
    let mut cluster = behind(4);
    begin(&mut cluster);
    cluster.deliver_one(MessageKind::InstallSnapshot, 1, 3);
    cluster.network.clear();
    cluster.isolate(&[3]);
    cluster.propose(1, "f");
    cluster.settle();
    cluster.compact(1, 7);
    cluster.heartbeats(1, 3);
    cluster.heal();
    cluster.heartbeats(1, 3);
    let restored: Vec<_> = cluster.server(3).restored.iter().map(|snapshot| snapshot.last_included_index.0).collect();
    assert_eq!(restored, [7]);
    assert_caught_up(&cluster, "in the end");
}

/// Goal: a follower that catches up in another way, by entries that were only late, gets entries again at once.
#[test]
fn section_7_transfer_ends_when_the_follower_catches_up_otherwise() {
    let mut cluster = Cluster::new(3);
    cluster.elect(1);
    cluster.heartbeats(1, 1);
    for command in ["a", "b", "c"] {
        cluster.propose(1, command);
    }
    let late: Vec<_> = cluster.network.iter().filter(|message| on_link(1, 3)(message)).cloned().collect();
    assert_eq!(cluster.drop_all(on_link(1, 3)), 3);
    cluster.settle();
    cluster.compact(1, 4);
    begin(&mut cluster);
    cluster.network.clear();
    cluster.network.extend(late);
    cluster.settle();
    assert_eq!(cluster.node(1).progress()[1].state(), ProgressState::Replicate);
    cluster.heartbeats(1, 1);
    assert_caught_up(&cluster, "in the end");
    assert!(cluster.server(3).restored.is_empty());
}

/// Goal: while a snapshot travels, heartbeats keep the follower from campaigning (§5.2), however slow it is.
#[test]
fn section_7_transfer_keeps_the_follower_quiet() {
    let mut cluster = behind(1);
    for _ in 0..30 {
        // One piece for each heartbeat interval; everything else gets through.
        for _ in 0..50 {
            for id in [1, 2, 3] {
                cluster.tick(id, 1);
            }
            while cluster.deliver(|message| !is_piece(message)) {}
        }
        cluster.deliver(is_piece);
    }
    assert!(!cluster.server(3).told(|event| *event == Event::ElectionTimeout));
    assert_eq!(cluster.leaders(), [1]);
    cluster.settle();
    assert_caught_up(&cluster, "in the end");
}

/// Goal: the leader counts a follower that only gets a snapshot as alive, and commits with it once it has it.
#[test]
fn section_7_transfer_counts_for_the_quorum() {
    let mut cluster = behind(8);
    cluster.crash(2);
    cluster.run(2_000);
    assert_eq!(cluster.leaders(), [1]);
    let index = cluster.propose(1, "f").0;
    cluster.settle();
    assert_eq!(cluster.commit(1), index);
    assert_eq!(cluster.server(1).commands().last().map(String::as_str), Some("f"));
}

/// Goal: proposals go on while a snapshot travels, and the follower has them afterwards.
#[test]
fn section_7_transfer_does_not_hold_up_proposals() {
    let mut cluster = behind(4);
    begin(&mut cluster);
    for i in 0..5 {
        let index = cluster.propose(1, &format!("x{i}")).0;
        while cluster.deliver(on_link(1, 2)) || cluster.deliver(on_link(2, 1)) {}
        assert_eq!(cluster.commit(1), index);
    }
    assert_eq!(cluster.node(1).progress()[1].next_index(), LogIndex(7), "nothing but the snapshot goes there");
    cluster.settle();
    cluster.heartbeats(1, 1);
    assert_caught_up(&cluster, "in the end");
}

/// Goal: a follower answers a heartbeat of the transfer with what is there, also when that is nothing.
#[test]
fn section_7_transfer_heartbeats_carry_no_data() {
    let mut cluster = behind(8);
    begin(&mut cluster);
    cluster.network.clear();
    cluster.heartbeat(1);
    let heartbeat = cluster.network.iter().find(|message| is(MessageKind::InstallSnapshot, 1, 3)(message)).cloned();
    let Some(Message { rpc: Rpc::InstallSnapshot(install), .. }) = heartbeat.clone() else {
        panic!("a heartbeat to a follower that gets a snapshot is an empty piece")
    };
    assert!(install.data.is_empty() && !install.done);
    let sent = cluster.server_mut(3).step(heartbeat.unwrap());
    assert_eq!(snapshot_outcomes(&sent), [crate::harness::received(6, 0)]);
    assert_eq!(cluster.node(3).leader(), Some(NodeId(1)));
}
