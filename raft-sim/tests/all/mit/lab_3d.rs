//! The tests of MIT 6.5840, part 3D: log compaction.

use super::tester::{SEEDS, Tester};
use raft_core::LogIndex;

/// Every server takes a snapshot when its log holds so many applied entries.
const SNAPSHOT_INTERVAL: u64 = 10;
/// No log may be longer on its disk, in bytes.
const MAX_LOG_BYTES: usize = 2_000;
const SERVERS: u64 = 3;

/// What happens to the victim of a round.
#[derive(Clone, Copy, PartialEq)]
enum Trouble {
    None,
    Disconnect,
    Crash,
}

/// Thirty rounds, in each of which a victim misses enough commands to need a snapshot afterwards.
fn snapshots_under(trouble: Trouble, is_reliable: bool) {
    let mut snapshots_sent = 0;
    for seed in SEEDS {
        let mut tester = Tester::compacting(SERVERS as usize, seed, is_reliable, SNAPSHOT_INTERVAL as u32);
        say(&mut tester, SERVERS);
        let mut leader = tester.check_one_leader();
        for round in 0..30 {
            let next = leader % SERVERS + 1;
            let (sender, victim) = if round % 3 == 1 { (next, leader) } else { (leader, next) };
            match trouble {
                Trouble::None => {}
                Trouble::Disconnect => tester.disconnect(victim),
                Trouble::Crash => tester.crash(victim),
            }
            if trouble != Trouble::None {
                say(&mut tester, SERVERS - 1);
            }
            for _ in 0..SNAPSHOT_INTERVAL / 2 + tester.below(SNAPSHOT_INTERVAL) {
                let command = tester.command();
                tester.propose(sender, &command);
            }
            // Where nobody is in trouble, everybody keeps up, and no snapshot need be sent.
            say(&mut tester, if trouble == Trouble::None { SERVERS } else { SERVERS - 1 });
            for server in 1..=SERVERS {
                assert!(tester.log_bytes(server) < MAX_LOG_BYTES, "the log of {server} is too long");
            }
            match trouble {
                Trouble::None => continue,
                Trouble::Disconnect => {}
                Trouble::Crash => tester.start(victim),
            }
            tester.connect(victim);
            say(&mut tester, SERVERS);
            leader = tester.check_one_leader();
        }
        snapshots_sent += tester.snapshots_installed();
    }
    assert_eq!(snapshots_sent > 0, trouble != Trouble::None, "{snapshots_sent} snapshots were sent");
}

fn say(tester: &mut Tester, servers: u64) {
    let command = tester.command();
    tester.one(&command, servers as usize, true);
}

/// Goal (SnapshotBasic): logs stay short, and who keeps up needs no snapshot from the leader.
#[test]
fn snapshots_keep_logs_short() {
    snapshots_under(Trouble::None, true);
}

/// Goal (SnapshotInstall): a server that was cut off catches up by a snapshot.
#[test]
fn install_snapshots_after_disconnection() {
    snapshots_under(Trouble::Disconnect, true);
}

/// Goal (SnapshotInstallUnreliable): the same while a tenth of the messages is lost.
#[test]
fn install_snapshots_after_disconnection_on_an_unreliable_network() {
    snapshots_under(Trouble::Disconnect, false);
}

/// Goal (SnapshotInstallCrash): a server that was down catches up by a snapshot.
#[test]
fn install_snapshots_after_a_crash() {
    snapshots_under(Trouble::Crash, true);
}

/// Goal (SnapshotInstallUnCrash): the same while a tenth of the messages is lost.
#[test]
fn install_snapshots_after_a_crash_on_an_unreliable_network() {
    snapshots_under(Trouble::Crash, false);
}

/// Goal (SnapshotAllCrash): when all servers crash and restart from their snapshots, indices do not go back.
#[test]
fn indices_do_not_decrease_when_all_servers_crash() {
    for seed in SEEDS {
        let mut tester = Tester::compacting(SERVERS as usize, seed, true, SNAPSHOT_INTERVAL as u32);
        say(&mut tester, SERVERS);
        for _ in 0..5 {
            for _ in 0..SNAPSHOT_INTERVAL / 2 + tester.below(SNAPSHOT_INTERVAL) {
                say(&mut tester, SERVERS);
            }
            let command = tester.command();
            let before = tester.one(&command, SERVERS as usize, true);
            restart_all(&mut tester);
            let command = tester.command();
            let after = tester.one(&command, SERVERS as usize, true);
            assert!(after > before, "the index went from {before} to {after}");
        }
    }
}

/// Goal (SnapshotInit): right after a restart the log starts where the snapshot ends, and little traffic does not hurt it.
#[test]
fn a_log_in_memory_is_right_after_a_restart_from_a_snapshot() {
    for seed in SEEDS {
        let mut tester = Tester::compacting(SERVERS as usize, seed, true, SNAPSHOT_INTERVAL as u32);
        // Enough for a snapshot.
        (0..=SNAPSHOT_INTERVAL).for_each(|_| say(&mut tester, SERVERS));
        restart_all(&mut tester);
        for node in tester.timeline().world().nodes() {
            let snapshot = node.snapshot().expect("a snapshot was taken");
            assert_eq!(node.log().first_index(), snapshot.last_included_index.next());
            assert_eq!(node.last_applied(), snapshot.last_included_index);
            assert!(node.log().last_index() >= LogIndex(SNAPSHOT_INTERVAL));
        }
        // One command, so that something is written again; then another one, which would stumble over what was.
        say(&mut tester, SERVERS);
        restart_all(&mut tester);
        say(&mut tester, SERVERS);
    }
}

fn restart_all(tester: &mut Tester) {
    (1..=SERVERS).for_each(|server| tester.crash(server));
    (1..=SERVERS).for_each(|server| tester.start(server));
    (1..=SERVERS).for_each(|server| tester.connect(server));
}
