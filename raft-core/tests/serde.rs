//! What is sent and stored can be serialised, and what comes back is what went in.

use std::sync::Arc;

use raft_core::{
    Append, AppendEntries, AppendOutcome, Configuration, Entries, Entry, EntryKind, HardState, InstallSnapshot,
    LogIndex, Message, Node, NodeId, NodeSetup, Payload, Persisted, ReadPosition, RequestVote, Round, Rpc, Snapshot,
    SnapshotOutcome, Term, Write, WriteNumber,
};
use serde::Deserialize as _;
use serde::de::value::{BoolDeserializer, SeqDeserializer};

/// Goal: every kind of message, with every kind of entry in it, survives the way through bytes.
#[test]
fn messages_survive_serialisation() {
    let request =
        RequestVote { last_log_index: LogIndex(7), last_log_term: Term(2), pre_vote: true, leadership_transfer: false };
    let append = AppendEntries {
        prev_log_index: LogIndex(u64::MAX),
        prev_log_term: Term(3),
        leader_commit: LogIndex(6),
        entries: every_kind_of_entry(),
        round: Round(9),
    };
    let conflict = AppendOutcome::Conflict {
        prev_log_index: LogIndex(9),
        conflict_index: LogIndex(4),
        conflict_term: Some(Term(1)),
    };
    let round = Round(3);
    let joint = Configuration::of_voters([1, 2].map(NodeId)).enter_joint(&Configuration::new([NodeId(2)], [NodeId(1)]));
    let install = InstallSnapshot {
        last_included_index: LogIndex(8),
        last_included_term: Term(2),
        configuration: joint.into(),
        offset: 1 << 33,
        data: [0xa5; 100].as_slice().into(),
        done: true,
        round,
    };
    let received = SnapshotOutcome::Received { last_included_index: LogIndex(8), next_offset: 7 };
    for rpc in [
        Rpc::RequestVote(request),
        Rpc::RequestVoteReply { granted: true, pre_vote: false },
        Rpc::AppendEntries(append),
        Rpc::AppendEntriesReply { outcome: AppendOutcome::Accepted { match_index: LogIndex(12) }, round },
        Rpc::AppendEntriesReply { outcome: conflict, round },
        Rpc::AppendEntriesReply { outcome: AppendOutcome::StaleTerm, round },
        Rpc::InstallSnapshot(install),
        Rpc::InstallSnapshotReply { outcome: received, round },
        Rpc::InstallSnapshotReply { outcome: SnapshotOutcome::Installed { match_index: LogIndex(3) }, round },
        Rpc::TimeoutNow,
        Rpc::ReadIndex { upto: ReadPosition(1 << 40) },
        Rpc::ReadIndexReply { upto: ReadPosition(4), read_index: LogIndex(5) },
    ] {
        let message = Message { from: NodeId(1), to: NodeId(2), term: Term(4), rpc };
        assert_eq!(round_trip(&message), message);
    }
}

/// Goal: a write that was stored replays as the write that the node handed out.
#[test]
fn writes_survive_serialisation() {
    let hard_state = HardState { current_term: Term(5), voted_for: Some(NodeId(3)) };
    let append = Append { first_index: LogIndex(8), entries: every_kind_of_entry() };
    let snapshot = Snapshot {
        last_included_index: LogIndex(3),
        last_included_term: Term(2),
        configuration: Configuration::of_voters([NodeId(1)]).into(),
        data: [7; 40].into(),
    };
    for (hard_state, append) in [
        (Some(hard_state), None),
        (None, Some(append.clone())),
        (Some(hard_state), Some(append)),
        (None, Some(Append { first_index: LogIndex(2), entries: Entries::default() })),
    ] {
        for snapshot in [None, Some(snapshot.clone())] {
            let write = Write { number: WriteNumber(11), hard_state, snapshot, append: append.clone() };
            assert_eq!(round_trip(&write), write);
        }
    }
}

/// Goal: a command can also be read from formats that know numbers but no bytes, such as JSON.
#[test]
fn a_command_can_be_a_sequence_of_numbers() {
    let numbers = SeqDeserializer::<_, serde::de::value::Error>::new(b"x=1".iter().copied());
    assert_eq!(Payload::deserialize(numbers).unwrap(), Payload::from("x=1"));
    let refusal = Payload::deserialize(BoolDeserializer::<serde::de::value::Error>::new(true)).unwrap_err();
    assert_eq!(refusal.to_string(), "invalid type: boolean `true`, expected the bytes of a command");
}

/// Goal: a configuration from outside keeps the promise of order that quorum counting relies on: no server counts twice.
#[test]
fn a_configuration_from_outside_is_sorted_and_has_no_member_twice() {
    let nodes = |ids: &[u64]| ids.iter().copied().map(NodeId).collect::<Vec<_>>();
    let bytes =
        postcard::to_allocvec(&(nodes(&[3, 1, 3, 2]), nodes(&[2, 2, 1]), nodes(&[5, 4, 4]), nodes(&[]))).unwrap();
    let configuration: Configuration = postcard::from_bytes(&bytes).unwrap();
    assert_eq!(configuration.voters(), nodes(&[1, 2, 3]));
    assert_eq!(configuration.voters_outgoing(), nodes(&[1, 2]));
    assert_eq!(configuration.learners(), nodes(&[4, 5]));
    assert_eq!(round_trip(&configuration), configuration);
}

/// Goal: a configuration from outside whose lists contradict each other is set aside with the message that brings it.
#[test]
fn a_configuration_from_outside_that_contradicts_itself_is_set_aside() {
    let nodes = |ids: &[u64]| ids.iter().copied().map(NodeId).collect::<Vec<_>>();
    let is_possible = |lists: [&[u64]; 4]| {
        let bytes = postcard::to_allocvec(&lists.map(nodes)).unwrap();
        // Lists of a struct lie one after the other, as those of an array do.
        let configuration: Configuration = postcard::from_bytes(&bytes).unwrap();
        let entry = Entry { term: Term(1), kind: EntryKind::Configuration(configuration.into()) };
        let append = AppendEntries {
            prev_log_index: LogIndex(0),
            prev_log_term: Term(0),
            leader_commit: LogIndex(0),
            entries: entry.into(),
            round: Round(1),
        };
        let disk = Persisted::bootstrap(Configuration::of_voters([1, 2].map(NodeId)));
        let mut node = Node::new(NodeSetup::new(NodeId(1)), disk).unwrap();
        node.step(Message { from: NodeId(2), to: NodeId(1), term: Term(1), rpc: Rpc::AppendEntries(append) });
        node.log().last_index() == LogIndex(1)
    };
    // In order: voters, voters of the old half, learners, learners to be.
    assert!(is_possible([&[1, 2], &[], &[3], &[]]));
    assert!(is_possible([&[1, 2], &[1, 3], &[4], &[3]]));
    assert!(!is_possible([&[1, 2], &[], &[2], &[]]), "a voter that is a learner");
    assert!(!is_possible([&[1, 2], &[1, 3], &[3], &[]]), "a voter of the old half that is a learner");
    assert!(!is_possible([&[1, 2], &[1, 3], &[], &[4]]), "a learner to be that was no voter");
    assert!(!is_possible([&[1, 2], &[1, 2], &[], &[2]]), "a learner to be that stays a voter");
}

/// A blank entry, a short and a long command, and a configuration.
fn every_kind_of_entry() -> Entries {
    let configuration = Arc::new(Configuration::of_voters([1, 2, 3].map(NodeId)));
    [
        EntryKind::NoOp,
        EntryKind::Command("short".into()),
        EntryKind::Command([0xa5; 1_000].as_slice().into()),
        EntryKind::Configuration(configuration),
    ]
    .into_iter()
    .map(|kind| Entry { term: Term(4), kind })
    .collect()
}

fn round_trip<T: serde::Serialize + serde::de::DeserializeOwned>(value: &T) -> T {
    let bytes = postcard::to_allocvec(value).expect("memory has room for every value");
    postcard::from_bytes(&bytes).expect("the bytes were just made from such a value")
}
