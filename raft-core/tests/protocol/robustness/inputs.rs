//! What may come in, sensible more often than not.

use proptest::prelude::*;
use raft_core::{
    AppendEntries, AppendOutcome, Configuration, Entries, Entry, EntryKind, InstallSnapshot, LogIndex,
    MembershipChange, Message, NodeId, ReadMode, ReadPosition, RequestVote, Round, Rpc, Rule, SnapshotOutcome, Term,
};

use super::driven::Input;

/// Small numbers, so that messages often fit together, and all the numbers that are likely to overflow.
pub(super) fn number() -> impl Strategy<Value = u64> {
    let edges = prop::sample::select(vec![
        u64::MAX,
        u64::MAX - 1,
        u64::MAX / 2,
        u64::MAX / 2 + 1,
        u64::MAX / 2 - 1,
        1 << 32,
        (1 << 32) + 1,
        i64::MAX as u64 - 1,
    ]);
    prop_oneof![12 => 0_u64..8, 1 => edges]
}

pub(super) fn id() -> impl Strategy<Value = NodeId> {
    prop_oneof![20 => 1_u64..=4, 1 => Just(0), 1 => Just(9), 1 => Just(u64::MAX)].prop_map(NodeId)
}

fn entry() -> impl Strategy<Value = Entry> {
    let configuration = prop::collection::vec(id(), 0..4)
        .prop_map(|ids| EntryKind::Configuration(Configuration::of_voters(ids).into()));
    let kind = prop_oneof![
        4 => Just(EntryKind::NoOp),
        4 => (0_usize..40).prop_map(|len| EntryKind::Command(vec![7; len].as_slice().into())),
        1 => configuration,
    ];
    (number(), kind).prop_map(|(term, kind)| Entry { term: Term(term), kind })
}

/// Entries whose terms rise, as a correct leader sends them, and entries that nobody would send.
pub(super) fn entries() -> impl Strategy<Value = Entries> {
    (prop::collection::vec(entry(), 0..5), prop::bool::weighted(0.8)).prop_map(|(mut entries, sorted)| {
        if sorted {
            entries.sort_by_key(|entry| entry.term);
        }
        entries.into_iter().collect()
    })
}

fn rpc() -> impl Strategy<Value = Rpc> {
    let request =
        (number(), number(), any::<bool>(), any::<bool>()).prop_map(|(index, term, pre_vote, leadership_transfer)| {
            Rpc::RequestVote(RequestVote {
                last_log_index: LogIndex(index),
                last_log_term: Term(term),
                pre_vote,
                leadership_transfer,
            })
        });
    let reply = any::<(bool, bool)>().prop_map(|(granted, pre_vote)| Rpc::RequestVoteReply { granted, pre_vote });
    let append = (number(), number(), number(), entries()).prop_map(|(index, term, commit, entries)| {
        Rpc::AppendEntries(AppendEntries {
            prev_log_index: LogIndex(index),
            prev_log_term: Term(term),
            leader_commit: LogIndex(commit),
            entries,
            round: Round(index % 5),
        })
    });
    let conflict =
        (number(), number(), prop::option::of(number())).prop_map(|(prev, index, term)| AppendOutcome::Conflict {
            prev_log_index: LogIndex(prev),
            conflict_index: LogIndex(index),
            conflict_term: term.map(Term),
        });
    let accepted = number().prop_map(|index| AppendOutcome::Accepted { match_index: LogIndex(index) });
    let outcome = prop_oneof![4 => accepted, 4 => conflict, 1 => Just(AppendOutcome::StaleTerm)];
    let append_reply =
        (outcome, number()).prop_map(|(outcome, round)| Rpc::AppendEntriesReply { outcome, round: Round(round) });
    let reads = (number(), number(), any::<bool>()).prop_map(|(upto, index, is_reply)| {
        let upto = ReadPosition(upto);
        if is_reply { Rpc::ReadIndexReply { upto, read_index: LogIndex(index) } } else { Rpc::ReadIndex { upto } }
    });
    prop_oneof![
        2 => request,
        2 => reply,
        4 => append,
        3 => append_reply,
        2 => install_snapshot(),
        2 => snapshot_reply(),
        1 => Just(Rpc::TimeoutNow),
        2 => reads,
    ]
}

fn install_snapshot() -> impl Strategy<Value = Rpc> {
    let voters = prop::collection::vec(id(), 0..4);
    (number(), number(), voters, number(), 0_usize..30, any::<bool>()).prop_map(
        |(index, term, voters, offset, bytes, done)| {
            Rpc::InstallSnapshot(InstallSnapshot {
                last_included_index: LogIndex(index),
                last_included_term: Term(term),
                configuration: Configuration::of_voters(voters).into(),
                // Mostly where the first piece begins, or a second one that follows a piece of one byte.
                offset: offset / 4,
                data: vec![9; bytes].as_slice().into(),
                done,
                round: Round(offset),
            })
        },
    )
}

fn snapshot_reply() -> impl Strategy<Value = Rpc> {
    let outcome = prop_oneof![
        2 => (number(), number()).prop_map(|(index, next_offset)| SnapshotOutcome::Received {
            last_included_index: LogIndex(index),
            next_offset,
        }),
        3 => number().prop_map(|index| SnapshotOutcome::Installed { match_index: LogIndex(index) }),
        1 => Just(SnapshotOutcome::StaleTerm),
    ];
    (outcome, number()).prop_map(|(outcome, round)| Rpc::InstallSnapshotReply { outcome, round: Round(round) })
}

fn change() -> impl Strategy<Value = MembershipChange> {
    let ids = || prop::collection::vec(id(), 0..4);
    prop_oneof![
        2 => id().prop_map(MembershipChange::AddLearner),
        2 => id().prop_map(MembershipChange::AddVoter),
        1 => id().prop_map(MembershipChange::Demote),
        2 => id().prop_map(MembershipChange::Remove),
        2 => (ids(), ids()).prop_map(|(voters, learners)| MembershipChange::Replace { voters, learners }),
    ]
}

pub(super) fn input() -> impl Strategy<Value = Input> {
    let to = prop_oneof![30 => Just(NodeId(1)), 1 => id()];
    let message =
        (id(), to, number(), rpc()).prop_map(|(from, to, term, rpc)| Message { from, to, term: Term(term), rpc });
    let rules = prop::collection::vec(prop::sample::select(Rule::ALL), 0..4);
    prop_oneof![
        30 => message.prop_map(Input::Step),
        4 => (0_u64..400).prop_map(Input::Advance),
        2 => Just(Input::Campaign),
        4 => (0_usize..100).prop_map(Input::Propose),
        12 => Just(Input::Answer),
        10 => Just(Input::Drain),
        10 => (0_usize..4).prop_map(Input::Sync),
        1 => number().prop_map(Input::ClaimDurable),
        1 => number().prop_map(Input::ClaimApplied),
        1 => rules.prop_map(Input::SetRules),
        3 => (0_u64..4, 0_usize..200).prop_map(|(back, bytes)| Input::Compact(back, bytes)),
        3 => change().prop_map(Input::ChangeMembership),
        1 => id().prop_map(Input::TransferLeadership),
        3 => prop::sample::select(vec![ReadMode::ReadIndex, ReadMode::Lease]).prop_map(Input::Read),
        1 => Just(Input::Restart),
    ]
}
