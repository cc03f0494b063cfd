//! Events and messages as lines that a person reads and a diff shows.

use raft_core::{
    AppendOutcome, CommitBlock, Event, FollowerReason, InstallSnapshot, Message, NodeId, ProgressState, Rpc,
    SnapshotOutcome,
};

/// One line per event of server `id`.
pub(crate) fn events(id: u64, events: &[Event]) -> String {
    events.iter().flat_map(|event| [format!("S{id} "), describe(event), "\n".to_owned()]).collect()
}

/// The line of a message that arrives, or is lost on the way.
pub(crate) fn delivery(message: &Message, is_lost: bool) -> String {
    let Message { from, to, term, rpc } = message;
    let lost = if is_lost { "  (lost)" } else { "" };
    format!("   S{from} → S{to}  t{term}  {}{lost}\n", rpc_text(rpc))
}

fn rpc_text(rpc: &Rpc) -> String {
    match rpc {
        Rpc::RequestVote(request) => format!(
            "{}, my last entry is {} of t{}",
            if request.pre_vote { "PreVote" } else { "RequestVote" },
            request.last_log_index,
            request.last_log_term,
        ),
        Rpc::RequestVoteReply { granted, pre_vote } => format!(
            "{} {}",
            if *pre_vote { "PreVoteReply" } else { "RequestVoteReply" },
            if *granted { "yes" } else { "no" },
        ),
        Rpc::AppendEntries(append) => {
            let terms: Vec<_> = append.entries.as_slice().iter().map(|entry| format!("t{}", entry.term)).collect();
            format!(
                "AppendEntries [{}] after {} of t{}, commit {}",
                terms.join(" "),
                append.prev_log_index,
                append.prev_log_term,
                append.leader_commit,
            )
        }
        Rpc::AppendEntriesReply { outcome, .. } => match outcome {
            AppendOutcome::Accepted { match_index } => {
                format!("AppendEntriesReply match {match_index}")
            }
            AppendOutcome::Conflict { prev_log_index, conflict_index, conflict_term } => {
                let term = conflict_term.map_or_else(String::new, |term| format!(" of t{term}"));
                format!("AppendEntriesReply conflict at {prev_log_index}, try {conflict_index}{term}")
            }
            AppendOutcome::StaleTerm => "AppendEntriesReply stale term".to_owned(),
        },
        Rpc::InstallSnapshot(install) => {
            let InstallSnapshot { last_included_index, last_included_term, offset, data, done, .. } = install;
            let last = if *done { ", the last" } else { "" };
            format!(
                "InstallSnapshot up to {last_included_index} of t{last_included_term}: {} bytes from {offset}{last}",
                data.len()
            )
        }
        Rpc::InstallSnapshotReply { outcome, .. } => match outcome {
            SnapshotOutcome::Received { last_included_index, next_offset } => {
                format!("InstallSnapshotReply of {last_included_index}, go on at {next_offset}")
            }
            SnapshotOutcome::Installed { match_index } => format!("InstallSnapshotReply match {match_index}"),
            SnapshotOutcome::StaleTerm => "InstallSnapshotReply stale term".to_owned(),
        },
        Rpc::TimeoutNow => "TimeoutNow".to_owned(),
        Rpc::ReadIndex { .. } => "ReadIndex".to_owned(),
        Rpc::ReadIndexReply { read_index, .. } => format!("ReadIndexReply {read_index}"),
    }
}

fn describe(event: &Event) -> String {
    let name = |node: NodeId| format!("S{node}");
    let pre = |pre_vote: bool| if pre_vote { "pre-vote" } else { "vote" };
    match *event {
        Event::ElectionTimeout => "times out".to_owned(),
        Event::ElectionTimeoutDrawn { timeout } => format!("will wait {timeout} ticks"),
        Event::BecameFollower { term, leader, reason } => {
            let leader = leader.map_or_else(|| "nobody".to_owned(), name);
            let reason = match reason {
                FollowerReason::HigherTerm { from } => format!("S{from} has a higher term"),
                FollowerReason::LeaderHeard => "the leader was heard".to_owned(),
                FollowerReason::NoQuorum => "no quorum answers".to_owned(),
                FollowerReason::VotesDenied => "a quorum said no".to_owned(),
                FollowerReason::NotAVoter => "it is no voter any more".to_owned(),
            };
            format!("follows {leader} in t{term}: {reason}")
        }
        Event::BecamePreCandidate { term } => format!("asks whether it could win t{term}"),
        Event::BecameCandidate { term } => format!("campaigns in t{term}"),
        Event::BecameLeader { term } => format!("leads t{term}"),
        Event::VoteGranted { candidate, term, pre_vote } => {
            format!("gives S{candidate} its {} for t{term}", pre(pre_vote))
        }
        Event::VoteDenied { candidate, term, pre_vote, reason } => {
            format!("refuses S{candidate} its {} for t{term}: {reason} ({})", pre(pre_vote), reason.section())
        }
        Event::VoteCounted { voter, granted, pre_vote } => {
            format!("counts S{voter}'s {}: {}", pre(pre_vote), if granted { "yes" } else { "no" })
        }
        Event::EntriesAppended { first, last, term } if first == last => {
            format!("appends {first}, of t{term}")
        }
        Event::EntriesAppended { first, last, term } => {
            format!("appends {first} to {last}, the last of t{term}")
        }
        Event::EntriesTruncated { first, last, committed } => {
            format!("removes {first} to {last}{}", if committed { ", COMMITTED ones among them" } else { "" })
        }
        Event::AppendAccepted { leader, match_index } => {
            format!("matches S{leader} up to {match_index}")
        }
        Event::AppendRejected { leader, prev_log_index, prev_log_term, conflict_index, conflict_term } => {
            let mine = conflict_term.map_or_else(|| "nothing".to_owned(), |term| format!("t{term}"));
            format!(
                "refuses S{leader}'s entries: wants t{prev_log_term} at {prev_log_index}, has {mine}; hint {conflict_index}"
            )
        }
        Event::NextIndexMovedBack { follower, next_index } => {
            format!("goes back to {next_index} for S{follower}")
        }
        Event::ProgressChanged { follower, state } => match state {
            ProgressState::Probe => format!("probes S{follower}"),
            ProgressState::Replicate => format!("replicates to S{follower}"),
            ProgressState::Snapshot => format!("sends its snapshot to S{follower}"),
        },
        Event::CommitAdvanced { from, to } => format!("commits {from} → {to}"),
        Event::CommitBlocked(CommitBlock::NoQuorum { index, have, need }) => {
            format!("may not commit {index}: {have} of {need} voters hold it")
        }
        Event::CommitBlocked(CommitBlock::OlderTerm { index, entry_term }) => {
            format!("may not commit {index}: it is of t{entry_term}, not of this term")
        }
        Event::LogCompacted { last_included_index } => format!("compacts its log up to {last_included_index}"),
        Event::SnapshotReceived { last_included_index, bytes } => {
            format!("has {bytes} bytes of the snapshot up to {last_included_index}")
        }
        Event::SnapshotInstalled { last_included_index, kept_suffix } => {
            let suffix = if kept_suffix { ", keeps what follows" } else { "" };
            format!("installs the snapshot up to {last_included_index}{suffix}")
        }
        Event::ConfigurationChanged { index, joint } => {
            format!("goes by the {}configuration at {index}", if joint { "joint " } else { "" })
        }
        Event::CaughtUp { learner, rounds } => format!("finds S{learner} caught up after {rounds} rounds"),
        Event::TransferStarted { target } => format!("will hand over to S{target}"),
        Event::TransferRequested { target } => format!("asks S{target} to campaign"),
        Event::TransferAborted { target } => format!("gives up handing over to S{target}"),
        Event::ReadWaiting(block) => format!("lets a read wait: {block:?}"),
        Event::ReadsConfirmed { read_index, reads } => format!("confirms {reads} reads at {read_index}"),
        Event::MessageIgnored { from, kind, reason } => {
            format!("ignores S{from}'s {}: {reason}", kind.name())
        }
    }
}
