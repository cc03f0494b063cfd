//! Events, actions and messages in sentences.

mod actions;
mod conditions;

use std::fmt;

use raft_core::{CommitBlock, Event as NodeEvent, FollowerReason, ProgressState, ReadBlock, TransferBlock};

use crate::client::{Operation, OperationKind};
use crate::event::{Envelope, Event, EventKind, Loss, Outcome};
use crate::world::World;
use actions::CompareAndSet;

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

    /// What happened, in one sentence.
    pub fn sentence(&self, world: &World) -> String {
        let name = self.server().map_or_else(|| "the world".into(), |server| format!("S{server}"));
        match &self.kind {
            EventKind::Node(event) => format!("{name} {}", Sentence(event)),
            EventKind::Sent(envelope) => format!("{name} sends {envelope}"),
            EventKind::Delivered(envelope) => format!("{name} receives {envelope}"),
            EventKind::Duplicated(envelope) => format!("a second copy is on its way: {envelope}"),
            EventKind::Lost(envelope, loss) => {
                let why = match loss {
                    Loss::Chance => "the network lost it",
                    Loss::Cut => "the link is cut",
                    Loss::Crashed => "the receiver is crashed",
                    Loss::Dropped => "it was dropped by hand",
                    Loss::Full => "too many messages are in flight",
                };
                format!("{envelope} does not arrive: {why}")
            }
            EventKind::WriteStarted(number) => format!("{name} starts to write to disk (write {number})"),
            EventKind::WriteDurable(number) => format!("everything up to write {number} is on the disk of {name}"),
            EventKind::Applied(index) => format!("{name} applies entries up to {index}"),
            EventKind::Acted(words) => words.to_string(),
            EventKind::Crashed(0) => format!("{name} is down"),
            EventKind::Crashed(lost) => format!("{name} is down; {lost} unfinished writes are lost"),
            EventKind::Restarted => format!("{name} starts from its disk"),
            EventKind::Called(id) => world.operations().get(id.0 as usize).map_or_else(String::new, called),
            EventKind::Returned(id, outcome) => world
                .operations()
                .get(id.0 as usize)
                .map_or_else(String::new, |operation| returned(operation, *outcome)),
            EventKind::Refused(why) => self
                .server()
                .map_or_else(|| format!("nobody takes it: {why}"), |server| format!("S{server} refuses: {why}")),
            EventKind::SnapshotBegun(index) => format!("{name} begins a snapshot of its state up to {index}"),
            EventKind::Restored(index) => format!("{name} takes over the state of the snapshot up to {index}"),
            EventKind::Asked(id) => world.operations().get(id.0 as usize).map_or_else(String::new, |operation| {
                format!("{name} hears that client {} {}", operation.client, asked(operation))
            }),
            EventKind::Redirected(id, server) => world
                .operations()
                .get(id.0 as usize)
                .map_or_else(String::new, |operation| format!("client {} turns to S{server}", operation.client)),
            EventKind::Resent(id) => world.operations().get(id.0 as usize).map_or_else(String::new, |operation| {
                format!("client {} asks once more: it {}", operation.client, asked(operation))
            }),
            EventKind::Torn(last) => {
                format!("the last write of {name} is torn: its disk holds entries up to {last}")
            }
            EventKind::Forgotten(writes) => {
                format!("the disk of {name} has lied: it has lost {writes} writes that it had called durable")
            }
            EventKind::LinkBroke(to) => format!("the link from {name} to S{to} breaks"),
            EventKind::LinkRecovered(to) => format!("the link from {name} to S{to} works again"),
            EventKind::Expected(_, held) => {
                if *held {
                    "as expected".into()
                } else {
                    "not as expected".into()
                }
            }
            EventKind::Violated(number) => world
                .violations()
                .get(*number as usize)
                .map_or_else(|| "a violation".into(), |found| found.violation.to_string()),
        }
    }
}

/// What a client asks for.
pub(crate) fn called(operation: &Operation) -> String {
    format!("client {} {}", operation.client, asked(operation))
}

/// What a client asks for, as the end of a sentence that begins with its name.
fn asked(operation: &Operation) -> String {
    let key = &operation.key;
    match &operation.kind {
        OperationKind::Get { .. } => format!("reads {key}"),
        OperationKind::Put { value } => format!("writes {key} = {value}"),
        OperationKind::Append { value } => format!("appends {value} to {key}"),
        OperationKind::Cas { expected, value, .. } => {
            CompareAndSet { key, expected: expected.as_deref(), value }.to_string()
        }
        OperationKind::Delete => format!("deletes {key}"),
        OperationKind::Sync => "catches up with the leader".into(),
    }
}

/// How a client's operation ended.
pub(crate) fn returned(operation: &Operation, outcome: Outcome) -> String {
    let Operation { client, key, .. } = operation;
    let how = match (&operation.kind, outcome) {
        (OperationKind::Get { result: Some(value), .. }, Outcome::Ok) => {
            return format!("client {client} reads {key} = {value}");
        }
        (OperationKind::Get { .. }, Outcome::Ok) => "is told that the key is not set",
        (OperationKind::Get { .. }, _) => "gets no answer to its read",
        (OperationKind::Sync, Outcome::Ok) => return format!("client {client} has caught up with the leader"),
        (OperationKind::Sync, _) => return format!("client {client} is not told how far the leader is"),
        (OperationKind::Cas { matched: Some(false), .. }, Outcome::Ok) => {
            "is told that the key has another value, and that nothing was changed"
        }
        (_, Outcome::Ok) => "is told that the write was carried out",
        (_, Outcome::Fail) => "is told that the write was refused",
        (_, Outcome::Unknown) => "gets no answer: the write may or may not have been carried out",
    };
    format!("client {client} ({key}) {how}")
}

impl fmt::Display for crate::checker::Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [first, second] = &self.facts;
        write!(f, "{} ({}) does not hold: {first}; {second}", self.invariant.name(), self.invariant.id())
    }
}

/// What a node did, as the end of a sentence that begins with its name.
struct Sentence<'a>(&'a NodeEvent);

impl fmt::Display for Sentence<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let vote = |pre_vote: bool| if pre_vote { "pre-vote" } else { "vote" };
        match self.0 {
            NodeEvent::ElectionTimeout => write!(f, "has waited long enough: its election timer ran out"),
            NodeEvent::ElectionTimeoutDrawn { timeout } => write!(f, "will wait {timeout} ticks"),
            NodeEvent::BecameFollower { term, leader, reason } => {
                write!(f, "is a follower in term {term}")?;
                if let Some(leader) = leader {
                    write!(f, " of leader S{leader}")?;
                }
                match reason {
                    FollowerReason::HigherTerm { from } => write!(f, ": S{from} knows this higher term"),
                    FollowerReason::LeaderHeard => write!(f, ": it heard the leader"),
                    FollowerReason::NoQuorum => write!(f, ": as leader it heard no quorum for an election timeout"),
                    FollowerReason::VotesDenied => write!(f, ": a quorum refused its vote"),
                    FollowerReason::NotAVoter => write!(f, ": it has committed a configuration without its own vote"),
                }
            }
            NodeEvent::BecamePreCandidate { term } => write!(f, "asks who would vote for it in term {term}"),
            NodeEvent::BecameCandidate { term } => write!(f, "is a candidate in term {term} and votes for itself"),
            NodeEvent::BecameLeader { term } => write!(f, "has a quorum of votes: it leads term {term}"),
            NodeEvent::VoteGranted { candidate, term, pre_vote } => {
                write!(f, "gives S{candidate} its {} for term {term}", vote(*pre_vote))
            }
            NodeEvent::VoteDenied { candidate, term, pre_vote, reason } => {
                write!(f, "refuses S{candidate} its {} for term {term}: {reason}", vote(*pre_vote))
            }
            NodeEvent::VoteCounted { voter, granted: true, pre_vote } => {
                write!(f, "counts the {} of S{voter}", vote(*pre_vote))
            }
            NodeEvent::VoteCounted { voter, pre_vote, .. } => {
                write!(f, "learns that S{voter} refuses its {}", vote(*pre_vote))
            }
            NodeEvent::EntriesAppended { first, last, term } if first == last => {
                write!(f, "appends entry {first} of term {term}")
            }
            NodeEvent::EntriesAppended { first, last, term } => {
                write!(f, "appends entries {first} to {last}, the last of term {term}")
            }
            NodeEvent::EntriesTruncated { first, last, committed } => {
                let committed = if *committed { " although they were committed" } else { "" };
                write!(f, "removes its entries {first} to {last}, which conflict with the leader's{committed}")
            }
            NodeEvent::AppendAccepted { leader, match_index } => {
                write!(f, "has the same log as leader S{leader} up to {match_index}")
            }
            NodeEvent::AppendRejected { prev_log_index, prev_log_term, conflict_term, conflict_index, .. } => {
                write!(
                    f,
                    "refuses the entries: it needs entry {prev_log_index} of term {prev_log_term} before them, "
                )?;
                match conflict_term {
                    Some(term) => write!(f, "but has one of term {term}, which starts at {conflict_index}"),
                    None => write!(f, "but its log ends at {}", conflict_index.prev()),
                }
            }
            NodeEvent::NextIndexMovedBack { follower, next_index } => {
                write!(f, "goes back in the log of S{follower}: next index {next_index}")
            }
            NodeEvent::ProgressChanged { follower, state: ProgressState::Probe } => {
                write!(f, "sends to S{follower} one message at a time")
            }
            NodeEvent::ProgressChanged { follower, state: ProgressState::Replicate } => {
                write!(f, "sends to S{follower} without waiting")
            }
            NodeEvent::ProgressChanged { follower, state: ProgressState::Snapshot } => {
                write!(f, "sends its snapshot to S{follower}: what S{follower} needs is no longer in the log")
            }
            NodeEvent::LogCompacted { last_included_index } => {
                write!(f, "replaces its log up to {last_included_index} by a snapshot")
            }
            NodeEvent::SnapshotReceived { last_included_index, bytes } => {
                write!(f, "has received {bytes} bytes of the snapshot up to {last_included_index}")
            }
            NodeEvent::SnapshotInstalled { last_included_index, kept_suffix } => {
                let rest =
                    if *kept_suffix { "and keeps what follows in its log" } else { "and nothing of its log is left" };
                write!(f, "installs the leader's snapshot up to {last_included_index}, {rest}")
            }
            NodeEvent::ConfigurationChanged { index, joint } => {
                let joint = if *joint { "joint " } else { "" };
                write!(f, "goes by the {joint}configuration at {index} from now on, committed or not")
            }
            NodeEvent::CaughtUp { learner, rounds } => {
                write!(f, "finds that S{learner} has caught up, in {rounds} {}", plural(*rounds, "round"))
            }
            NodeEvent::TransferStarted { target } => {
                write!(f, "prepares to hand over to S{target} and takes no commands meanwhile")
            }
            NodeEvent::TransferRequested { target } => {
                write!(f, "asks S{target}, whose log is complete, to campaign at once")
            }
            NodeEvent::TransferAborted { target } => {
                write!(f, "gives up handing over to S{target} and takes commands again")
            }
            NodeEvent::ReadWaiting(block) => write!(f, "{}", Waiting(*block)),
            NodeEvent::ReadsConfirmed { read_index, reads } => {
                write!(f, "may serve {reads} {} once entry {read_index} is applied", plural(*reads, "read"))
            }
            NodeEvent::CommitAdvanced { from, to } => write!(f, "commits up to {to} (before: {from})"),
            NodeEvent::CommitBlocked(block) => write!(f, "{}", Blocked(*block)),
            NodeEvent::MessageIgnored { from, kind, reason } => {
                write!(f, "ignores {} from S{from}: {reason}", kind.name())
            }
        }
    }
}

fn plural(count: u32, noun: &str) -> String {
    if count == 1 { noun.into() } else { format!("{noun}s") }
}

/// Why a read waits, as the end of a sentence that begins with the server's name.
pub(crate) struct Waiting(pub(crate) ReadBlock);

impl fmt::Display for Waiting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            ReadBlock::NothingCommitted { term } => {
                write!(f, "lets a read wait: it has committed nothing in its term {term} and so cannot know what is")
            }
            ReadBlock::NoQuorum { have, need } => {
                write!(f, "lets a read wait: {have} of the {need} voters needed have confirmed that it still leads")
            }
            ReadBlock::NoAnswer { leader } => write!(f, "lets a read wait for an answer from leader S{leader}"),
            ReadBlock::NotApplied { read_index, last_applied } => {
                write!(f, "lets a read wait: entry {read_index} must be applied, {last_applied} is")
            }
        }
    }
}

/// Why a leader does not commit, as the end of a sentence that begins with its name.
pub(crate) struct Blocked(pub(crate) CommitBlock);

impl fmt::Display for Blocked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            CommitBlock::NoQuorum { index, have, need } => {
                write!(f, "may not commit entry {index} yet: {have} of the {need} voters needed hold it")
            }
            CommitBlock::OlderTerm { index, entry_term } => {
                write!(f, "may not commit entry {index} by counting: it is of older term {entry_term}")
            }
        }
    }
}

impl World {
    /// Why a leader does not commit its next entry, in one sentence; `None` if nothing waits or the server does not lead.
    pub fn commit_blocked(&self, server: raft_core::NodeId) -> Option<String> {
        let node = self.nodes().find(|node| node.id() == server)?;
        let block = node.commit_block()?;
        let missing = match block {
            CommitBlock::NoQuorum { index, .. } => node.voters_lacking(index),
            CommitBlock::OlderTerm { .. } => Vec::new(),
        };
        let missing: Vec<_> = missing.iter().map(|id| format!("S{id}")).collect();
        let lack = if missing.is_empty() { "" } else { "; not known to hold it: " };
        Some(format!("S{server} {}{lack}{}", Blocked(block), missing.join(", ")))
    }
}

impl World {
    /// What the transfer of leadership under way at a server waits for, in one sentence; `None` without one.
    pub fn transfer_blocked(&self, server: raft_core::NodeId) -> Option<String> {
        let block = self.nodes().find(|node| node.id() == server)?.transfer_block()?;
        Some(match block {
            TransferBlock::LogBehind { target, match_index, last_index, left } => format!(
                "S{server} hands over to S{target} once its log is complete: it is known to hold {match_index} of \
                 {last_index}; {left} ticks are left"
            ),
            TransferBlock::NoElection { target, left } => {
                format!("S{server} has asked S{target} to campaign and waits for it; {left} ticks are left")
            }
        })
    }

    /// What the oldest read at a server waits for, in one sentence; `None` if none waits.
    pub fn read_blocked(&self, server: raft_core::NodeId) -> Option<String> {
        let block = self.nodes().find(|node| node.id() == server)?.read_block()?;
        Some(format!("S{server} {}", Waiting(block)))
    }
}

impl fmt::Display for Envelope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        use raft_core::MessageKind as Kind;
        let Self { kind, from, to, term, index, entries, success, .. } = self;
        write!(f, "{} S{from}→S{to} term {term}", kind.name())?;
        match (kind, success) {
            (Kind::AppendEntries, _) if *entries == 0 => write!(f, " heartbeat after {index}"),
            (Kind::AppendEntries, _) => {
                write!(f, " with {entries} {} after {index}", if *entries == 1 { "entry" } else { "entries" })
            }
            (Kind::AppendEntriesReply, Some(true)) => write!(f, " accepted up to {index}"),
            (Kind::AppendEntriesReply, _) => write!(f, " refused"),
            (Kind::RequestVote | Kind::PreVote, _) => write!(f, " last index {index}"),
            (Kind::InstallSnapshot, _) => write!(f, " up to {index}"),
            (Kind::InstallSnapshotReply, Some(true)) => write!(f, " installed up to {index}"),
            (Kind::InstallSnapshotReply, None) => write!(f, " received a piece"),
            (Kind::ReadIndexReply, _) => write!(f, " read index {index}"),
            (Kind::TimeoutNow | Kind::ReadIndex, _) => Ok(()),
            (_, Some(true)) => write!(f, " granted"),
            (_, _) => write!(f, " denied"),
        }
    }
}
