//! What the tests stand on: servers with a disk in the open, a network in the hand, messages in short words.

mod cluster;
mod server;
mod transcript;

pub(crate) use cluster::{Cluster, ids, is, on_link};
pub(crate) use server::Server;

use std::sync::Arc;

use raft_core::{
    AppendEntries, AppendOutcome, Configuration, Entry, EntryKind, InstallSnapshot, LogIndex, Message, NodeId,
    RequestVote, Round, Rpc, SnapshotOutcome, Term,
};

pub(crate) fn voters(size: u64) -> impl Iterator<Item = NodeId> {
    (1..=size).map(NodeId)
}

/// An entry of a term. Equal terms give equal entries, as log matching demands of entries at the same index.
pub(crate) fn entry(term: u64) -> Entry {
    Entry { term: Term(term), kind: EntryKind::Command(format!("t{term}").as_str().into()) }
}

pub(crate) fn message(from: u64, to: u64, term: u64, rpc: Rpc) -> Message {
    Message { from: NodeId(from), to: NodeId(to), term: Term(term), rpc }
}

/// A candidate in `term` whose log ends at `last` = (index, term) asks for a vote.
pub(crate) fn request_vote(from: u64, to: u64, term: u64, last: (u64, u64)) -> Message {
    ask(from, to, term, last, false)
}

/// The same question as a pre-vote for `term`.
pub(crate) fn request_pre_vote(from: u64, to: u64, term: u64, last: (u64, u64)) -> Message {
    ask(from, to, term, last, true)
}

fn ask(from: u64, to: u64, term: u64, last: (u64, u64), pre_vote: bool) -> Message {
    let request = RequestVote {
        last_log_index: LogIndex(last.0),
        last_log_term: Term(last.1),
        pre_vote,
        leadership_transfer: false,
    };
    message(from, to, term, Rpc::RequestVote(request))
}

pub(crate) fn vote(from: u64, to: u64, term: u64, granted: bool) -> Message {
    let pre_vote = false;
    message(from, to, term, Rpc::RequestVoteReply { granted, pre_vote })
}

pub(crate) fn pre_vote(from: u64, to: u64, term: u64, granted: bool) -> Message {
    let pre_vote = true;
    message(from, to, term, Rpc::RequestVoteReply { granted, pre_vote })
}

/// The leader of `term` sends entries of `terms` to follow `prev` = (index, term).
pub(crate) fn append(from: u64, to: u64, term: u64, prev: (u64, u64), terms: &[u64], leader_commit: u64) -> Message {
    let append = AppendEntries {
        prev_log_index: LogIndex(prev.0),
        prev_log_term: Term(prev.1),
        leader_commit: LogIndex(leader_commit),
        entries: terms.iter().map(|&term| entry(term)).collect(),
        round: Round(0),
    };
    message(from, to, term, Rpc::AppendEntries(append))
}

pub(crate) fn append_reply(from: u64, to: u64, term: u64, outcome: AppendOutcome) -> Message {
    message(from, to, term, Rpc::AppendEntriesReply { outcome, round: Round(0) })
}

pub(crate) fn accepted(from: u64, to: u64, term: u64, match_index: u64) -> Message {
    let match_index = LogIndex(match_index);
    append_reply(from, to, term, AppendOutcome::Accepted { match_index })
}

/// Whether a single message went out, and it says whether the vote is given.
pub(crate) fn granted(sent: &[Message]) -> Option<bool> {
    match sent {
        [Message { rpc: Rpc::RequestVoteReply { granted, .. }, .. }] => Some(*granted),
        _ => None,
    }
}

/// The outcomes of the `AppendEntries` that are answered in `sent`.
pub(crate) fn outcomes(sent: &[Message]) -> Vec<AppendOutcome> {
    let outcome = |message: &Message| match message.rpc {
        Rpc::AppendEntriesReply { outcome, .. } => Some(outcome),
        _ => None,
    };
    sent.iter().filter_map(outcome).collect()
}

/// The `AppendEntries` in `sent`.
pub(crate) fn appends(sent: &[Message]) -> Vec<&AppendEntries> {
    let append = |message| match message {
        &Message { rpc: Rpc::AppendEntries(ref append), .. } => Some(append),
        _ => None,
    };
    sent.iter().filter_map(append).collect()
}

/// The outcome of a success up to `match_index`.
pub(crate) const fn matches_to(match_index: u64) -> AppendOutcome {
    AppendOutcome::Accepted { match_index: LogIndex(match_index) }
}

/// The leader of `term` sends `data` from `offset` on, of a snapshot that ends with `last` = (index, term), in a cluster of
/// three voters.
pub(crate) fn install(from: u64, to: u64, term: u64, last: (u64, u64), offset: u64, data: &str, done: bool) -> Message {
    let install = InstallSnapshot {
        last_included_index: LogIndex(last.0),
        last_included_term: Term(last.1),
        configuration: Arc::new(Configuration::of_voters(voters(3))),
        offset,
        data: data.into(),
        done,
        round: Round(0),
    };
    message(from, to, term, Rpc::InstallSnapshot(install))
}

/// The answer to a piece of a snapshot.
pub(crate) fn snapshot_replied(from: u64, to: u64, term: u64, outcome: SnapshotOutcome) -> Message {
    message(from, to, term, Rpc::InstallSnapshotReply { outcome, round: Round(0) })
}

/// The outcomes of the `InstallSnapshot` that are answered in `sent`.
pub(crate) fn snapshot_outcomes(sent: &[Message]) -> Vec<SnapshotOutcome> {
    let outcome = |message: &Message| match message.rpc {
        Rpc::InstallSnapshotReply { outcome, .. } => Some(outcome),
        _ => None,
    };
    sent.iter().filter_map(outcome).collect()
}

/// The answer that the bytes of snapshot `index` up to `next_offset` are there.
pub(crate) const fn received(index: u64, next_offset: u64) -> SnapshotOutcome {
    SnapshotOutcome::Received { last_included_index: LogIndex(index), next_offset }
}

/// The answer that a snapshot is installed, and the log matches up to `match_index`.
pub(crate) const fn installed(match_index: u64) -> SnapshotOutcome {
    SnapshotOutcome::Installed { match_index: LogIndex(match_index) }
}
