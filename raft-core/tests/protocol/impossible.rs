//! What no correct server can say is set aside before anything is computed with it; what one can say is not.

use std::sync::Arc;

use raft_core::{
    AppendOutcome, Configuration, Entries, Entry, EntryKind, Event, IgnoreReason, LogIndex, Message, ReadPosition, Rpc,
    Term,
};

use crate::harness::{
    Server, append, append_reply, ids, install, installed, message, request_vote, snapshot_replied, voters,
};

const MAX_INDEX: u64 = LogIndex::MAX.0;
const MAX_TERM: u64 = Term::MAX.0;

/// Whether a server that has never run takes the message in.
fn is_possible(message: Message) -> bool {
    let mut server = Server::new(1, 3);
    let before = server.node().clone();
    server.step(message);
    let ignored = |event: &Event| matches!(event, Event::MessageIgnored { reason: IgnoreReason::Impossible, .. });
    let is_ignored = server.told(ignored);
    assert!(!is_ignored || *server.node() == before, "an impossible message leaves no trace");
    !is_ignored
}

/// Entries of the leader of term 5 in place of others.
fn with_entries(entries: impl IntoIterator<Item = Entry>) -> Message {
    let mut message = append(2, 1, 5, (0, 0), &[], 0);
    if let Rpc::AppendEntries(append) = &mut message.rpc {
        append.entries = entries.into_iter().collect::<Entries>();
    }
    message
}

fn configuration(configuration: Configuration) -> Entry {
    Entry { term: Term(5), kind: EntryKind::Configuration(Arc::new(configuration)) }
}

/// Goal: terms and indices up to half of their range are possible, nothing above, in every field of every message.
#[test]
fn numbers_have_their_limits() {
    let conflict = |prev: u64, index: u64| AppendOutcome::Conflict {
        prev_log_index: LogIndex(prev),
        conflict_index: LogIndex(index),
        conflict_term: None,
    };
    let read = |index| Rpc::ReadIndexReply { upto: ReadPosition(1), read_index: LogIndex(index) };
    let accepted = |index| AppendOutcome::Accepted { match_index: LogIndex(index) };
    for (is, over) in [(true, 0), (false, 1)] {
        for message in [
            message(2, 1, MAX_TERM + over, Rpc::TimeoutNow),
            request_vote(2, 1, 7, (MAX_INDEX + over, 7)),
            request_vote(2, 1, 7, (3, 7 + over)),
            append(2, 1, 7, (MAX_INDEX + over, 7), &[], 0),
            append(2, 1, 7, (3, 7 + over), &[], 0),
            append(2, 1, 7, (3, 3), &[], MAX_INDEX + over),
            append(2, 1, 7, (3, 3), &[3, 7 + over], 0),
            append_reply(2, 1, 7, accepted(MAX_INDEX + over)),
            append_reply(2, 1, 7, conflict(MAX_INDEX + over, 1)),
            append_reply(2, 1, 7, conflict(1, MAX_INDEX + over)),
            snapshot_replied(2, 1, 7, installed(MAX_INDEX + over)),
            message(2, 1, 7, read(MAX_INDEX + over)),
            install(2, 1, 7, (MAX_INDEX + over, 7), 0, "x", false),
            install(2, 1, 7, (3, 7 + over), 0, "x", false),
        ] {
            assert_eq!(is_possible(message.clone()), is, "{message:?}");
        }
    }
    assert!(is_possible(append_reply(2, 1, 7, AppendOutcome::StaleTerm)));
}

/// Goal: along a log terms start at 1 and never fall, a snapshot stands for something, and nobody writes to himself.
#[test]
fn logs_and_snapshots_have_their_order() {
    assert!(is_possible(append(2, 1, 7, (3, 3), &[3, 4, 4], 0)));
    assert!(!is_possible(append(2, 1, 7, (3, 3), &[3, 4, 3], 0)));
    assert!(!is_possible(append(2, 1, 7, (3, 3), &[2], 0)));
    assert!(!is_possible(append(2, 1, 7, (0, 0), &[0], 0)));
    assert!(is_possible(install(2, 1, 7, (1, 1), 0, "x", false)));
    assert!(!is_possible(install(2, 1, 7, (0, 1), 0, "x", false)));
    assert!(!is_possible(install(2, 1, 7, (1, 0), 0, "x", false)));
    assert!(!is_possible(message(1, 1, 7, Rpc::TimeoutNow)));
}

/// Goal: a configuration has a voter and at most as many members of a kind as a configuration may have.
#[test]
fn configurations_have_their_form() {
    let most = Configuration::MAX_MEMBERS as u64;
    assert!(is_possible(with_entries([configuration(Configuration::of_voters(voters(most)))])));
    assert!(!is_possible(with_entries([configuration(Configuration::of_voters(voters(most + 1)))])));
    assert!(!is_possible(with_entries([configuration(Configuration::default())])));
    assert!(!is_possible(with_entries([configuration(Configuration::new([], ids([1])))])));
    let mut snapshot = install(2, 1, 7, (3, 3), 0, "x", false);
    if let Rpc::InstallSnapshot(install) = &mut snapshot.rpc {
        install.configuration = Arc::default();
    }
    assert!(!is_possible(snapshot));
}
