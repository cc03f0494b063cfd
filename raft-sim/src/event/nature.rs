//! What kind of event it is, how much it matters, and what it is about.

use raft_core::{CommitBlock, Event as NodeEvent, FollowerReason, ReadBlock};

use super::{Envelope, Event, EventKind};

/// How much an event matters to a reader.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// Only when one looks closely.
    Detail,
    /// Part of the story.
    Normal,
    /// A turn of the story.
    Important,
    /// Something that must not be.
    Violation,
}

impl Event {
    /// A short, stable name of what happened: `voteDenied`.
    pub const fn name(&self) -> &'static str {
        match &self.kind {
            EventKind::Node(event) => match event {
                NodeEvent::ElectionTimeout => "electionTimeout",
                NodeEvent::ElectionTimeoutDrawn { .. } => "electionTimeoutDrawn",
                NodeEvent::BecameFollower { .. } => "becomeFollower",
                NodeEvent::BecamePreCandidate { .. } => "becomePreCandidate",
                NodeEvent::BecameCandidate { .. } => "becomeCandidate",
                NodeEvent::BecameLeader { .. } => "becomeLeader",
                NodeEvent::VoteGranted { .. } => "voteGranted",
                NodeEvent::VoteDenied { .. } => "voteDenied",
                NodeEvent::VoteCounted { .. } => "voteCounted",
                NodeEvent::EntriesAppended { .. } => "entriesAppended",
                NodeEvent::EntriesTruncated { .. } => "entriesTruncated",
                NodeEvent::AppendAccepted { .. } => "appendAccepted",
                NodeEvent::AppendRejected { .. } => "appendRejected",
                NodeEvent::NextIndexMovedBack { .. } => "nextIndexMovedBack",
                NodeEvent::ProgressChanged { .. } => "progressChanged",
                NodeEvent::CommitAdvanced { .. } => "commitAdvanced",
                NodeEvent::CommitBlocked(_) => "commitBlocked",
                NodeEvent::LogCompacted { .. } => "logCompacted",
                NodeEvent::SnapshotReceived { .. } => "snapshotReceived",
                NodeEvent::SnapshotInstalled { .. } => "snapshotInstalled",
                NodeEvent::ConfigurationChanged { .. } => "configurationChanged",
                NodeEvent::CaughtUp { .. } => "caughtUp",
                NodeEvent::TransferStarted { .. } => "transferStarted",
                NodeEvent::TransferRequested { .. } => "transferRequested",
                NodeEvent::TransferAborted { .. } => "transferAborted",
                NodeEvent::ReadWaiting(_) => "readWaiting",
                NodeEvent::ReadsConfirmed { .. } => "readsConfirmed",
                NodeEvent::MessageIgnored { .. } => "messageIgnored",
            },
            EventKind::Sent(_) => "sent",
            EventKind::Delivered(_) => "delivered",
            EventKind::Lost(..) => "lost",
            EventKind::Duplicated(_) => "duplicated",
            EventKind::WriteStarted(_) => "writeStarted",
            EventKind::WriteDurable(_) => "writeDurable",
            EventKind::Applied(_) => "applied",
            EventKind::Acted(_) => "acted",
            EventKind::Crashed(_) => "crashed",
            EventKind::Restarted => "restarted",
            EventKind::Called(_) => "called",
            EventKind::Returned(..) => "returned",
            EventKind::Expected(..) => "expected",
            EventKind::Violated(_) => "violated",
            EventKind::Refused(_) => "refused",
            EventKind::SnapshotBegun(_) => "snapshotBegun",
            EventKind::Restored(_) => "restored",
            EventKind::Asked(_) => "asked",
            EventKind::Redirected(..) => "redirected",
            EventKind::Resent(_) => "resent",
            EventKind::Torn(_) => "torn",
            EventKind::Forgotten(_) => "forgotten",
            EventKind::LinkBroke(_) => "linkBroke",
            EventKind::LinkRecovered(_) => "linkRecovered",
        }
    }

    /// How much it matters.
    pub const fn level(&self) -> Level {
        match &self.kind {
            EventKind::Violated(_)
            | EventKind::Expected(_, false)
            | EventKind::Node(NodeEvent::EntriesTruncated { committed: true, .. }) => Level::Violation,
            EventKind::Node(
                NodeEvent::BecameLeader { .. }
                | NodeEvent::BecameCandidate { .. }
                | NodeEvent::EntriesTruncated { .. }
                | NodeEvent::CommitBlocked(_)
                | NodeEvent::SnapshotInstalled { .. }
                | NodeEvent::ConfigurationChanged { .. }
                | NodeEvent::TransferStarted { .. }
                | NodeEvent::TransferAborted { .. }
                | NodeEvent::BecameFollower { reason: FollowerReason::NoQuorum | FollowerReason::NotAVoter, .. },
            )
            | EventKind::Acted(_)
            | EventKind::Crashed(_)
            | EventKind::Forgotten(_)
            | EventKind::Restarted => Level::Important,
            EventKind::Node(
                NodeEvent::ElectionTimeoutDrawn { .. }
                | NodeEvent::AppendAccepted { .. }
                | NodeEvent::SnapshotReceived { .. }
                | NodeEvent::ProgressChanged { .. },
            )
            | EventKind::Sent(_)
            | EventKind::WriteStarted(_)
            | EventKind::WriteDurable(_)
            | EventKind::Asked(_)
            | EventKind::Applied(_)
            | EventKind::LinkBroke(_)
            | EventKind::LinkRecovered(_) => Level::Detail,
            _ => Level::Normal,
        }
    }

    /// Where the rule behind it comes from.
    pub const fn section(&self) -> Option<&'static str> {
        let event = match &self.kind {
            EventKind::Node(event) => event,
            EventKind::SnapshotBegun(_) | EventKind::Restored(_) => return Some("§7"),
            _ => return None,
        };
        Some(match event {
            NodeEvent::ElectionTimeout
            | NodeEvent::ElectionTimeoutDrawn { .. }
            | NodeEvent::BecameCandidate { .. }
            | NodeEvent::BecameLeader { .. }
            | NodeEvent::VoteGranted { .. }
            | NodeEvent::VoteCounted { .. } => "§5.2",
            NodeEvent::BecamePreCandidate { .. } => "dissertation §9.6",
            NodeEvent::BecameFollower { reason, .. } => match reason {
                FollowerReason::HigherTerm { .. } => "§5.1",
                FollowerReason::NoQuorum => "dissertation §6.2",
                FollowerReason::NotAVoter => "dissertation §4.2.2",
                FollowerReason::LeaderHeard | FollowerReason::VotesDenied => "§5.2",
            },
            NodeEvent::VoteDenied { reason, .. } => reason.section(),
            NodeEvent::CommitBlocked(_) => "§5.4.2",
            NodeEvent::LogCompacted { .. }
            | NodeEvent::SnapshotReceived { .. }
            | NodeEvent::SnapshotInstalled { .. } => "§7",
            NodeEvent::ConfigurationChanged { .. } => "dissertation §4.1",
            NodeEvent::CaughtUp { .. } => "dissertation §4.2.1",
            NodeEvent::TransferStarted { .. }
            | NodeEvent::TransferRequested { .. }
            | NodeEvent::TransferAborted { .. } => "dissertation §3.10",
            NodeEvent::ReadWaiting(ReadBlock::NothingCommitted { .. }) => "§8",
            NodeEvent::ReadWaiting(_) | NodeEvent::ReadsConfirmed { .. } => "dissertation §6.4",
            NodeEvent::MessageIgnored { .. } => "§5.1",
            NodeEvent::EntriesAppended { .. }
            | NodeEvent::EntriesTruncated { .. }
            | NodeEvent::AppendAccepted { .. }
            | NodeEvent::AppendRejected { .. }
            | NodeEvent::NextIndexMovedBack { .. }
            | NodeEvent::ProgressChanged { .. }
            | NodeEvent::CommitAdvanced { .. } => "§5.3",
        })
    }

    /// The message it is about.
    pub const fn envelope(&self) -> Option<&Envelope> {
        match &self.kind {
            EventKind::Sent(envelope)
            | EventKind::Delivered(envelope)
            | EventKind::Lost(envelope, _)
            | EventKind::Duplicated(envelope) => Some(envelope),
            _ => None,
        }
    }

    /// The term and the log index it is about, as far as it is.
    pub const fn term_and_index(&self) -> (Option<u64>, Option<u64>) {
        match &self.kind {
            EventKind::Node(event) => match event {
                NodeEvent::BecameFollower { term, .. }
                | NodeEvent::BecamePreCandidate { term }
                | NodeEvent::BecameCandidate { term }
                | NodeEvent::BecameLeader { term }
                | NodeEvent::VoteGranted { term, .. }
                | NodeEvent::VoteDenied { term, .. } => (Some(term.0), None),
                NodeEvent::EntriesAppended { last, term, .. } => (Some(term.0), Some(last.0)),
                NodeEvent::EntriesTruncated { first, .. } => (None, Some(first.0)),
                NodeEvent::AppendAccepted { match_index, .. } => (None, Some(match_index.0)),
                NodeEvent::AppendRejected { prev_log_index, .. } => (None, Some(prev_log_index.0)),
                NodeEvent::NextIndexMovedBack { next_index, .. } => (None, Some(next_index.0)),
                NodeEvent::CommitAdvanced { to, .. } => (None, Some(to.0)),
                NodeEvent::CommitBlocked(CommitBlock::OlderTerm { index, entry_term }) => {
                    (Some(entry_term.0), Some(index.0))
                }
                NodeEvent::CommitBlocked(CommitBlock::NoQuorum { index, .. }) => (None, Some(index.0)),
                _ => (None, None),
            },
            EventKind::Applied(index) | EventKind::SnapshotBegun(index) | EventKind::Restored(index) => {
                (None, Some(index.0))
            }
            _ => match self.envelope() {
                Some(envelope) => (Some(envelope.term.0), None),
                None => (None, None),
            },
        }
    }
}
