//! Events, actions and messages in sentences.

mod actions;
mod conditions;

use std::fmt;

use raft_core::{CommitBlock, Event as NodeEvent, FollowerReason, ProgressState, ReadBlock};

use crate::client::{Operation, OperationKind};
use crate::event::{Envelope, Event, EventKind, Loss, Outcome};
use crate::world::World;
use actions::CompareAndSet;

impl Event {
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
            EventKind::Acted(deed) => deed.to_string(),
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
        let [first, second] = &*self.facts;
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
