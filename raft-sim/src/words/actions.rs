//! What a person does, in sentences.

use std::fmt;

use crate::action::{Action, Membership, MessagePattern, MessageSelector, Pick, ReadName};

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let link = |a: &Option<u64>, b: &Option<u64>, one_way: &bool| match (a, b) {
            (Some(a), Some(b)) if *one_way => format!("from S{a} to S{b}"),
            (Some(a), Some(b)) => format!("between S{a} and S{b}"),
            _ => "everywhere".into(),
        };
        let both = |a: &u64, b: &u64, one_way: &bool| link(&Some(*a), &Some(*b), one_way);
        match self {
            Self::Deliver { message } => write!(f, "deliver {message}"),
            Self::Drop { message } => write!(f, "drop {message}"),
            Self::Duplicate { message } => write!(f, "duplicate {message}"),
            Self::Delay { message, ms } => write!(f, "delay {message} by {ms}"),
            Self::Hold { message } => write!(f, "hold {message}"),
            Self::Release { message } => write!(f, "release {message}"),
            Self::Cut { a, b, one_way } => write!(f, "cut the link {}", both(a, b, one_way)),
            Self::Mend { a, b, one_way } => write!(f, "mend the link {}", both(a, b, one_way)),
            Self::HoldLink { a, b, one_way } => write!(f, "keep the messages {}", both(a, b, one_way)),
            Self::ReleaseLink { a, b, one_way } => write!(f, "let the messages {} go", both(a, b, one_way)),
            Self::Flap { a, b, up_ms, down_ms, one_way } => {
                write!(
                    f,
                    "let the link {} work for {up_ms} and be cut for {down_ms}, again and again",
                    both(a, b, one_way)
                )
            }
            Self::Partition { groups } => {
                let groups: Vec<_> = groups
                    .iter()
                    .map(|group| group.iter().map(|id| format!("S{id}")).collect::<Vec<_>>().join(" "))
                    .collect();
                write!(f, "partition: {}", groups.join(" | "))
            }
            Self::Heal => write!(f, "mend all links"),
            Self::Crash { server, lose_unsynced: true } => write!(f, "crash S{server}"),
            Self::Crash { server, .. } => write!(f, "crash S{server}, its disk finishes"),
            Self::Tear { server, entries } => {
                write!(f, "crash S{server} in the middle of a write, of which {entries} entries reach the disk")
            }
            Self::Restart { server } => write!(f, "restart S{server}"),
            Self::Pause { server } => write!(f, "pause S{server}"),
            Self::Resume { server } => write!(f, "resume S{server}"),
            Self::Timeout { server } => write!(f, "fire the election timer of S{server}"),
            Self::Heartbeat { server } => write!(f, "fire the heartbeat timer of S{server}"),
            Self::Propose { server, command } => write!(f, "propose {command:?} at S{server}"),
            Self::ClientWrite { client, key, value, server } => {
                write!(f, "client {client} writes {key} = {value}{}", At("at", server))
            }
            Self::ClientAppend { client, key, value, server } => {
                write!(f, "client {client} appends {value} to {key}{}", At("at", server))
            }
            Self::ClientCas { client, key, expected, value, server } => {
                let expected = expected.as_deref();
                write!(f, "client {client} {}{}", CompareAndSet { key, expected, value }, At(", at", server))
            }
            Self::ClientDelete { client, key, server } => {
                write!(f, "client {client} deletes {key}{}", At("at", server))
            }
            Self::ClientSync { client, server } => {
                write!(f, "client {client} catches up with the leader{}", At(", asking", server))
            }
            Self::ClientRetry { client, server } => {
                write!(f, "client {client} sends its last write again{}", At("at", server))
            }
            Self::ClientRead { client, key, server, mode } => {
                write!(f, "client {client} reads {key}{}", At("at", server))?;
                f.write_str(match mode {
                    ReadName::ReadIndex => "",
                    ReadName::Lease => " under a lease",
                    ReadName::Local => " without asking who leads",
                    ReadName::Session => ", not older than what it has seen",
                })
            }
            Self::Snapshot { server } => write!(f, "let S{server} take a snapshot"),
            Self::ChangeMembership { server, change } => write!(f, "{change}{}", At(", at", server)),
            Self::TransferLeadership { server, target } => {
                write!(f, "hand leadership{} to S{target}", At("from", server))
            }
            Self::SetClockRate { server, permille } => write!(f, "let the clock of S{server} run at {permille} ‰"),
            Self::JumpClock { server, ms } if *ms < 0 => {
                write!(f, "set the clock of S{server} back by {} ms: it stands still for so long", ms.unsigned_abs())
            }
            Self::JumpClock { server, ms } => write!(f, "set the clock of S{server} forward by {ms} ms"),
            Self::SetLatency { a, b, min_ms, max_ms, one_way } => {
                write!(f, "latency {min_ms} to {max_ms} {}", link(a, b, one_way))
            }
            Self::SetLoss { a, b, permille, one_way } => {
                write!(f, "lose {permille} ‰ of the messages {}", link(a, b, one_way))
            }
            Self::SetDuplication { a, b, permille, one_way } => {
                write!(f, "deliver {permille} ‰ of the messages {} twice", link(a, b, one_way))
            }
            Self::SetDiskLatency { server, ms, max_ms: None } => write!(f, "let the disk of S{server} take {ms}"),
            Self::SetDiskLatency { server, ms, max_ms: Some(max_ms) } => {
                write!(f, "let the disk of S{server} take {ms} to {max_ms}")
            }
            Self::SetDiskLies { server, on: true } => write!(f, "let the disk of S{server} lie about what is durable"),
            Self::SetDiskLies { server, .. } => write!(f, "let the disk of S{server} keep what it says"),
            Self::SetApplyLatency { server, ms } => write!(f, "let S{server} take {ms} to apply an entry"),
            Self::SetRule { rule, on } => {
                write!(f, "switch the rule {} {}", rule.name(), if *on { "on" } else { "off" })
            }
            Self::Note { text } => f.write_str(text),
        }
    }
}

impl fmt::Display for Membership {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::AddLearner { add_learner } => write!(f, "let S{add_learner} learn the log"),
            Self::AddVoter { add_voter } => write!(f, "make S{add_voter} a voter"),
            Self::Demote { demote } => write!(f, "take the vote from S{demote}"),
            Self::Remove { remove } => write!(f, "remove S{remove}"),
            Self::Replace { voters, learners } if learners.is_empty() => {
                write!(f, "change the configuration to voters {}", Ids(voters))
            }
            Self::Replace { voters, learners } => {
                write!(f, "change the configuration to voters {} and learners {}", Ids(voters), Ids(learners))
            }
        }
    }
}

/// What a client does that compares and sets.
pub(super) struct CompareAndSet<'a> {
    pub(super) key: &'a str,
    pub(super) expected: Option<&'a str>,
    pub(super) value: &'a str,
}

impl fmt::Display for CompareAndSet<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { key, expected, value } = self;
        match expected {
            Some(expected) => write!(f, "sets {key} to {value} if it is {expected}"),
            None => write!(f, "sets {key} to {value} if it is not set"),
        }
    }
}

/// A server, if one is named, after a word.
struct At<'a>(&'static str, &'a Option<u64>);

impl fmt::Display for At<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.1.map_or(Ok(()), |server| {
            let space = if self.0.starts_with(',') { "" } else { " " };
            write!(f, "{space}{} S{server}", self.0)
        })
    }
}

/// Some servers, in the order in which they are named.
pub(super) struct Ids<'a>(pub(super) &'a [u64]);

impl fmt::Display for Ids<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() {
            return f.write_str("nobody");
        }
        let ids: Vec<_> = self.0.iter().map(|id| format!("S{id}")).collect();
        f.write_str(&ids.join(" "))
    }
}

impl fmt::Display for MessageSelector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Id(id) => write!(f, "message {id}"),
            Self::Fits(pattern) => pattern.fmt(f),
        }
    }
}

impl fmt::Display for MessagePattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let pick = if self.pick == Some(Pick::Newest) { "newest" } else { "oldest" };
        match self.kind {
            Some(kind) => write!(f, "the {pick} {kind:?}")?,
            None => write!(f, "the {pick} message")?,
        }
        if let Some(from) = self.from {
            write!(f, " from S{from}")?;
        }
        if let Some(to) = self.to {
            write!(f, " to S{to}")?;
        }
        Ok(())
    }
}
