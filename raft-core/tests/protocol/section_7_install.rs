//! §7: InstallSnapshot, piece by piece, as its receiver sees it.

use raft_core::{Event, IgnoreReason, LogIndex, MessageKind, NodeId, Role, Rule, Term};

use crate::harness::{
    Server, append, install, installed, matches_to, outcomes, received, request_vote, snapshot_outcomes,
};

/// The state after four entries, in three pieces.
const PIECES: [(u64, &str); 3] = [(0, "1 a\n2 b"), (7, "\n3 c\n"), (12, "4 d\n")];

/// Sends one of the pieces of the snapshot that ends with entry 4 of term 2, in term 3.
fn piece(number: usize) -> raft_core::Message {
    let (offset, data) = PIECES[number];
    install(2, 1, 3, (4, 2), offset, data, number + 1 == PIECES.len())
}

/// Goal: the pieces in order make the snapshot: the state machine takes it over, and log and commit index start after it.
#[test]
fn section_7_install_in_order() {
    let mut follower = Server::new(1, 3);
    assert_eq!(snapshot_outcomes(&follower.step(piece(0))), [received(4, 7)]);
    assert_eq!(snapshot_outcomes(&follower.step(piece(1))), [received(4, 12)]);
    assert!(follower.restored.is_empty() && follower.node().snapshot().is_none());
    assert_eq!(snapshot_outcomes(&follower.step(piece(2))), [installed(4)]);
    assert_eq!(follower.commands(), ["a", "b", "c", "d"]);
    assert_eq!(follower.restored.len(), 1);
    let node = follower.node();
    assert_eq!(
        (node.commit_index(), node.last_applied(), node.durable_index()),
        (LogIndex(4), LogIndex(4), LogIndex(4))
    );
    assert_eq!((node.log().last_index(), node.log().last_term()), (LogIndex(4), Term(2)));
    assert_eq!(follower.disk.log, *node.log());
    assert_eq!(follower.disk.snapshot.as_ref(), node.snapshot());
    let told = Event::SnapshotInstalled { last_included_index: LogIndex(4), kept_suffix: false };
    assert!(follower.told(|event| *event == told));
    // The log goes on after it.
    assert_eq!(outcomes(&follower.step(append(2, 1, 3, (4, 2), &[3], 5))), [matches_to(5)]);
    assert_eq!(follower.commands(), ["a", "b", "c", "d", "t3"]);
}

/// Goal: a piece that comes twice, too early or too late changes nothing, and the answer says what is there.
#[test]
fn section_7_install_duplicated_and_reordered() {
    let mut follower = Server::new(1, 3);
    let steps = [(1, 0), (2, 0), (0, 7), (0, 7), (2, 7), (1, 12), (0, 12), (1, 12)];
    for (number, there) in steps {
        assert_eq!(snapshot_outcomes(&follower.step(piece(number))), [received(4, there)], "piece {number}");
    }
    follower.step(piece(2));
    assert_eq!(follower.commands(), ["a", "b", "c", "d"]);
    // Once installed, every late piece is answered by what matches.
    let before = follower.node().clone();
    for number in 0..3 {
        assert_eq!(snapshot_outcomes(&follower.step(piece(number))), [installed(4)], "late piece {number}");
    }
    assert_eq!(follower.restored.len(), 1);
    assert_eq!((follower.node().log(), follower.node().commit_index()), (before.log(), before.commit_index()));
}

/// Goal: any order of the pieces, with repetition, ends in the same state once each has come after the one before.
#[test]
fn section_7_install_every_sequence_of_pieces() {
    for sequence in 0..3_u32.pow(6) {
        let numbers = (0..6).map(|digit| (sequence / 3_u32.pow(digit) % 3) as usize);
        let mut follower = Server::new(1, 3);
        let mut there = 0;
        for number in numbers {
            follower.step(piece(number));
            there += usize::from(number == there);
        }
        let expected: &[&str] = if there == 3 { &["a", "b", "c", "d"] } else { &[] };
        assert_eq!(follower.commands(), expected, "sequence {sequence}");
        assert_eq!(follower.restored.len(), usize::from(there == 3), "sequence {sequence}");
    }
}

/// Goal: a snapshot without a byte is a snapshot, and a heartbeat in between is not its end.
#[test]
fn section_7_install_an_empty_snapshot() {
    let mut follower = Server::new(1, 3);
    assert_eq!(snapshot_outcomes(&follower.step(install(2, 1, 3, (4, 2), 0, "", false))), [received(4, 0)]);
    assert_eq!(snapshot_outcomes(&follower.step(install(2, 1, 3, (4, 2), 0, "", true))), [installed(4)]);
    assert_eq!(follower.restored.len(), 1);
}

/// Goal: a new leader's snapshot of the same index need not be the same bytes: its pieces are not mixed with older ones.
#[test]
fn section_7_install_starts_over_with_a_new_leader() {
    let mut follower = Server::new(1, 3);
    follower.step(piece(0));
    follower.step(piece(1));
    let next = |offset, data, done| install(3, 1, 4, (4, 2), offset, data, done);
    assert_eq!(snapshot_outcomes(&follower.step(next(12, "4 z\n", true))), [received(4, 0)]);
    follower.step(next(0, "1 w\n2 x\n", false));
    follower.step(next(8, "3 y\n4 z\n", true));
    assert_eq!(follower.commands(), ["w", "x", "y", "z"]);
}

/// Goal: the pieces that are there survive a campaign that came to nothing, but not a new term.
#[test]
fn section_7_install_goes_on_after_a_pre_vote_but_not_after_a_term() {
    let mut follower = Server::new(1, 3);
    follower.step(piece(0));
    follower.campaign();
    assert_eq!(follower.node().role(), Role::PreCandidate);
    assert_eq!(snapshot_outcomes(&follower.step(piece(1))), [received(4, 12)]);
    follower.tick(400);
    follower.step(request_vote(3, 1, 4, (9, 3)));
    let again = install(2, 1, 4, (4, 2), 12, "4 d\n", true);
    assert_eq!(snapshot_outcomes(&follower.step(again)), [received(4, 0)]);
}

/// Goal: a newer snapshot supersedes the one on its way, from its own beginning.
#[test]
fn section_7_install_superseded_by_a_newer_snapshot() {
    let mut follower = Server::new(1, 3);
    follower.step(piece(0));
    follower.step(piece(1));
    let newer = |offset, data, done| install(2, 1, 3, (5, 3), offset, data, done);
    assert_eq!(snapshot_outcomes(&follower.step(newer(0, "1 a\n5 e", false))), [received(5, 7)]);
    assert_eq!(snapshot_outcomes(&follower.step(newer(7, "\n", true))), [installed(5)]);
    assert_eq!(follower.commands(), ["a", "e"]);
    assert_eq!(follower.node().commit_index(), LogIndex(5));
}

/// Goal: a late piece of the superseded snapshot does not throw away what is there of the newer one.
#[test]
fn section_7_install_a_late_piece_of_a_superseded_snapshot() {
    let mut follower = Server::new(1, 3);
    let newer = |offset, data, done| install(2, 1, 3, (5, 3), offset, data, done);
    follower.step(newer(0, "1 a\n5 e", false));
    for number in 0..3 {
        follower.step(piece(number));
        assert!(follower.restored.is_empty(), "piece {number}");
    }
    assert_eq!(snapshot_outcomes(&follower.step(newer(7, "\n", true))), [installed(5)]);
    assert_eq!(follower.commands(), ["a", "e"]);
}

/// Goal: a restart in the middle loses the pieces, and the answer says so.
#[test]
fn section_7_install_restart_in_the_middle() {
    let mut follower = Server::new(1, 3);
    follower.step(piece(0));
    follower.step(piece(1));
    follower.crash();
    follower.start();
    assert_eq!(snapshot_outcomes(&follower.step(piece(2))), [received(4, 0)]);
    for number in 0..3 {
        follower.step(piece(number));
    }
    assert_eq!(follower.commands(), ["a", "b", "c", "d"]);
}

/// Goal: a snapshot of a term that is over is refused with the newer term, and leaves no trace.
#[test]
fn section_7_install_of_a_stale_leader_is_refused() {
    let mut follower = Server::with_log(1, 3, 9, &[]);
    let before = follower.node().clone();
    let sent = follower.step(piece(0));
    assert_eq!(snapshot_outcomes(&sent), [raft_core::SnapshotOutcome::StaleTerm]);
    assert_eq!(sent[0].term, Term(9));
    assert_eq!(follower.node(), &before);
}

/// Goal: a snapshot that ends where this server has committed anyway is late: it changes nothing and is answered by what
/// matches.
#[test]
fn section_7_install_of_what_is_committed_is_ignored() {
    let mut follower = Server::new(1, 3);
    follower.step(append(2, 1, 3, (0, 0), &[1, 1, 2, 2, 3, 3], 5));
    let sent = follower.step(install(2, 1, 3, (4, 2), 0, "1 a\n", true));
    assert_eq!(snapshot_outcomes(&sent), [installed(5)]);
    assert_eq!(follower.terms(), [1, 1, 2, 2, 3, 3]);
    assert!(follower.restored.is_empty());
    assert!(follower.told(|event| *event
        == Event::MessageIgnored {
            from: NodeId(2),
            kind: MessageKind::InstallSnapshot,
            reason: IgnoreReason::Outdated
        }));
}

/// Goal: entries after the snapshot stay where the log holds the snapshot's last entry.
#[test]
fn section_7_install_keeps_a_matching_suffix() {
    let mut follower = Server::with_log(1, 3, 3, &[1, 1, 2, 2, 3, 3]);
    let sent = follower.step(install(2, 1, 3, (4, 2), 0, "1 a\n2 b\n3 c\n4 d\n", true));
    assert_eq!(snapshot_outcomes(&sent), [installed(4)]);
    assert_eq!(follower.terms(), [3, 3]);
    assert_eq!(follower.node().log(), &follower.disk.log);
    assert_eq!(follower.commands(), ["a", "b", "c", "d"]);
    let told = Event::SnapshotInstalled { last_included_index: LogIndex(4), kept_suffix: true };
    assert!(follower.told(|event| *event == told));
    // What was kept is what was acknowledged.
    assert_eq!(outcomes(&follower.step(append(2, 1, 3, (6, 3), &[], 6))), [matches_to(6)]);
    assert_eq!(follower.commands().len(), 6);
}

/// Goal: a log that does not hold the snapshot's last entry goes as a whole, also what comes after it.
#[test]
fn section_7_install_drops_a_log_that_does_not_match() {
    for log in [&[1, 1, 1, 1, 1, 1][..], &[1, 1], &[1, 1, 2, 3, 3]] {
        let mut follower = Server::with_log(1, 3, 3, log);
        let sent = follower.step(install(2, 1, 3, (4, 2), 0, "1 a\n", true));
        assert_eq!(snapshot_outcomes(&sent), [installed(4)], "{log:?}");
        assert_eq!(follower.terms(), [0_u64; 0], "{log:?}");
        assert_eq!(follower.node().log(), &follower.disk.log, "{log:?}");
        follower.start();
        assert_eq!(follower.node().log().last_index(), LogIndex(4), "{log:?}");
    }
}

/// Goal: without the rule a late snapshot removes entries that were acknowledged.
#[test]
fn rule_retain_suffix_off_drops_acknowledged_entries() {
    for (rule_off, kept) in [(false, &[3, 3][..]), (true, &[])] {
        let mut follower = Server::new(1, 3);
        if rule_off {
            follower = follower.without(Rule::RetainSuffix);
        }
        let sent = follower.step(append(2, 1, 3, (0, 0), &[1, 1, 2, 2, 3, 3], 0));
        assert_eq!(outcomes(&sent), [matches_to(6)], "the leader may count on six entries now");
        follower.step(install(2, 1, 3, (4, 2), 0, "1 a\n", true));
        assert_eq!(follower.terms(), kept);
        follower.start();
        assert_eq!(follower.terms(), kept, "nor are they on the disk");
    }
}

/// Goal: without the rule a committed entry is lost: two servers hold it, one forgets it, and the third leads.
#[test]
fn rule_retain_suffix_off_loses_a_committed_entry() {
    for rule_off in [false, true] {
        let mut follower = Server::new(1, 3).without(Rule::PreVote);
        if rule_off {
            follower = follower.without(Rule::RetainSuffix);
        }
        // Server 2 leads term 3, and has entry 5 committed when this acknowledgement arrives.
        follower.step(append(2, 1, 3, (0, 0), &[1, 1, 2, 2, 3], 0));
        follower.step(install(2, 1, 3, (4, 2), 0, "1 a\n", true));
        follower.tick(150);
        // Server 3 was away all the time and knows no entry of term 3.
        let vote = follower.step(request_vote(3, 1, 4, (4, 2)));
        assert_eq!(crate::harness::granted(&vote), Some(rule_off));
    }
}

/// Goal: pieces keep a follower from campaigning just as heartbeats do (§5.2).
#[test]
fn section_7_install_is_a_sign_of_life() {
    let mut follower = Server::new(1, 3);
    follower.step(piece(0));
    for _ in 0..20 {
        let almost = follower.node().ticks_until_deadline().0 - 1;
        follower.tick(almost);
        follower.step(install(2, 1, 3, (4, 2), 7, "", false));
    }
    assert_eq!(follower.node().leader(), Some(NodeId(2)));
    assert!(!follower.told(|event| *event == Event::ElectionTimeout));
    // And a candidate of the term steps back.
    let mut candidate = Server::with_log(1, 3, 2, &[]).without(Rule::PreVote);
    candidate.campaign();
    candidate.step(piece(0));
    assert_eq!((candidate.node().role(), candidate.node().leader()), (Role::Follower, Some(NodeId(2))));
}

/// Goal: the configuration comes with the snapshot and counts from then on.
#[test]
fn section_7_install_brings_the_configuration() {
    let mut spare = Server::spare(1);
    assert!(spare.node().configuration().voters().is_empty());
    spare.step(install(2, 1, 3, (4, 2), 0, "1 a\n", true));
    assert_eq!(spare.node().configuration().voters().len(), 3);
    assert!(spare.told(|event| matches!(event, Event::ConfigurationChanged { index: LogIndex(4), joint: false })));
    spare.start();
    assert_eq!(spare.node().configuration().voters().len(), 3);
}

/// Goal: a snapshot that brings the configuration that counts anyway changes no configuration.
#[test]
fn section_7_install_of_the_same_configuration_is_no_change() {
    let mut follower = Server::new(1, 3);
    follower.step(install(2, 1, 3, (4, 2), 0, "1 a\n", true));
    assert!(!follower.told(|event| matches!(event, Event::ConfigurationChanged { .. })));
}
