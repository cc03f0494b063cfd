//! An event as data: the values of the sentence that says what happened.

use raft_core::{CommitBlock, Event as NodeEvent, FollowerReason, IgnoreReason, ReadBlock, TransferBlock, VoteDenial};

use super::{Envelope, Event, EventKind, Loss, OperationId, Outcome};
use crate::client::{Operation, OperationKind};
use crate::told::{self, Fields, Form, Value, Values, optional};
use crate::world::World;

/// Values by name and form, with their numbers.
macro_rules! values {
    ($($name:literal: $form:ident = $number:expr),* $(,)?) => {{
        const FIELDS: &Fields = &[$(($name, Form::$form)),*];
        Values::listed(FIELDS, &[$($number),*])
    }};
}

/// The same for one of several reasons, of which each has its own values.
macro_rules! reason {
    ($kind:literal $(, $name:literal: $form:ident = $number:expr)* $(,)?) => {{
        const FIELDS: &Fields = &[$(($name, Form::$form)),*];
        Values::named($kind, FIELDS, &[$($number),*])
    }};
}

impl Event {
    /// What [`Event::name`] and the server do not say of it. The same kind always has the same values; those of `acted` are
    /// the action.
    pub fn values(&self, world: &World) -> Value {
        Value::Values(match &self.kind {
            EventKind::Node(event) => of_node(event),
            EventKind::Sent(envelope) | EventKind::Delivered(envelope) | EventKind::Duplicated(envelope) => {
                envelope.values()
            }
            EventKind::Lost(envelope, loss) => envelope.values().with("reason", Value::Name(loss_name(*loss))),
            EventKind::WriteStarted(write) | EventKind::WriteDurable(write) => values! { "write": Number = *write },
            EventKind::Applied(index)
            | EventKind::SnapshotBegun(index)
            | EventKind::Restored(index)
            | EventKind::Torn(index) => values! { "index": Number = index.0 },
            EventKind::Acted(deed) => return Value::Action(Box::new(deed.action().clone())),
            EventKind::Crashed(writes) | EventKind::Forgotten(writes) => {
                values! { "writes": Number = u64::from(*writes) }
            }
            EventKind::Restarted => Values::default(),
            EventKind::Called(id) | EventKind::Asked(id) | EventKind::Resent(id) => asked(world, *id),
            EventKind::Redirected(id, to) => asked(world, *id).with("to", Value::Number(to.0)),
            EventKind::Returned(id, outcome) => returned(world, *id, *outcome),
            EventKind::Refused(refusal) => Values::default().with("reason", Value::Values(refusal.values())),
            EventKind::LinkBroke(to) | EventKind::LinkRecovered(to) => values! { "to": Number = to.0 },
            EventKind::Expected(number, held) => {
                values! { "number": Number = u64::from(*number), "held": Flag = u64::from(*held) }
            }
            // The stream of events runs ahead of a moment in the past, which does not know yet what will be found.
            EventKind::Violated(number) => match world.violations().get(*number as usize) {
                Some(found) => found.violation.values(),
                None => Values::default().with("invariant", Value::None),
            },
        })
    }
}

impl Envelope {
    /// What is to be said of the message.
    pub fn values(&self) -> Values {
        let Self { message: _, kind, from, to, term, index, entries, success } = *self;
        values! {
            "kind": Kind = kind as u64,
            "from": Number = from.0,
            "to": Number = to.0,
            "term": Number = term.0,
            "index": Number = index.0,
            "entries": Number = u64::from(entries),
            "success": OptionalFlag = optional(success.map(u64::from)),
        }
    }
}

fn of_node(event: &NodeEvent) -> Values {
    let because = |values: Values, reason: Values| values.with("reason", Value::Values(reason));
    match *event {
        NodeEvent::ElectionTimeout => Values::default(),
        NodeEvent::ElectionTimeoutDrawn { timeout } => values! { "ticks": Number = timeout.0 },
        NodeEvent::BecameFollower { term, leader, reason } => {
            let leader = optional(leader.map(|leader| leader.0));
            because(values! { "term": Number = term.0, "leader": Optional = leader }, follower(reason))
        }
        NodeEvent::BecamePreCandidate { term }
        | NodeEvent::BecameCandidate { term }
        | NodeEvent::BecameLeader { term } => values! { "term": Number = term.0 },
        NodeEvent::VoteGranted { candidate, term, pre_vote } => vote(candidate.0, term.0, pre_vote),
        NodeEvent::VoteDenied { candidate, term, pre_vote, reason } => {
            because(vote(candidate.0, term.0, pre_vote), denial(reason))
        }
        NodeEvent::VoteCounted { voter, granted, pre_vote } => values! {
            "voter": Number = voter.0, "granted": Flag = u64::from(granted), "preVote": Flag = u64::from(pre_vote),
        },
        NodeEvent::EntriesAppended { first, last, term } => {
            values! { "first": Number = first.0, "last": Number = last.0, "term": Number = term.0 }
        }
        NodeEvent::EntriesTruncated { first, last, committed } => {
            values! { "first": Number = first.0, "last": Number = last.0, "committed": Flag = u64::from(committed) }
        }
        NodeEvent::AppendAccepted { leader, match_index } => {
            values! { "leader": Number = leader.0, "matchIndex": Number = match_index.0 }
        }
        NodeEvent::AppendRejected { leader, prev_log_index, prev_log_term, conflict_index, conflict_term } => values! {
            "leader": Number = leader.0,
            "prevLogIndex": Number = prev_log_index.0,
            "prevLogTerm": Number = prev_log_term.0,
            "conflictIndex": Number = conflict_index.0,
            "conflictTerm": Optional = optional(conflict_term.map(|term| term.0)),
        },
        NodeEvent::NextIndexMovedBack { follower, next_index } => {
            values! { "follower": Number = follower.0, "nextIndex": Number = next_index.0 }
        }
        NodeEvent::ProgressChanged { follower, state } => {
            values! { "follower": Number = follower.0, "state": State = told::state(state) }
        }
        NodeEvent::CommitAdvanced { from, to } => values! { "from": Number = from.0, "to": Number = to.0 },
        NodeEvent::CommitBlocked(block) => because(Values::default(), commit(block)),
        NodeEvent::LogCompacted { last_included_index } => values! { "index": Number = last_included_index.0 },
        NodeEvent::SnapshotReceived { last_included_index, bytes } => {
            values! { "index": Number = last_included_index.0, "bytes": Number = bytes }
        }
        NodeEvent::SnapshotInstalled { last_included_index, kept_suffix } => {
            values! { "index": Number = last_included_index.0, "keptSuffix": Flag = u64::from(kept_suffix) }
        }
        NodeEvent::ConfigurationChanged { index, joint } => {
            values! { "index": Number = index.0, "joint": Flag = u64::from(joint) }
        }
        NodeEvent::CaughtUp { learner, rounds } => {
            values! { "learner": Number = learner.0, "rounds": Number = u64::from(rounds) }
        }
        NodeEvent::TransferStarted { target }
        | NodeEvent::TransferRequested { target }
        | NodeEvent::TransferAborted { target } => values! { "target": Number = target.0 },
        NodeEvent::ReadWaiting(block) => because(Values::default(), read(block)),
        NodeEvent::ReadsConfirmed { read_index, reads } => {
            values! { "readIndex": Number = read_index.0, "reads": Number = u64::from(reads) }
        }
        NodeEvent::MessageIgnored { from, kind, reason } => {
            values! { "from": Number = from.0, "kind": Kind = kind as u64 }.with("reason", Value::Name(ignored(reason)))
        }
    }
}

fn vote(candidate: u64, term: u64, pre_vote: bool) -> Values {
    values! { "candidate": Number = candidate, "term": Number = term, "preVote": Flag = u64::from(pre_vote) }
}

fn follower(reason: FollowerReason) -> Values {
    match reason {
        FollowerReason::HigherTerm { from } => reason!("higherTerm", "from": Number = from.0),
        FollowerReason::LeaderHeard => Values::of("leaderHeard"),
        FollowerReason::NoQuorum => Values::of("noQuorum"),
        FollowerReason::VotesDenied => Values::of("votesDenied"),
        FollowerReason::NotAVoter => Values::of("notAVoter"),
    }
}

fn denial(reason: VoteDenial) -> Values {
    match reason {
        VoteDenial::StaleTerm { current_term } => reason!("staleTerm", "currentTerm": Number = current_term.0),
        VoteDenial::AlreadyVoted { voted_for } => reason!("alreadyVoted", "votedFor": Number = voted_for.0),
        VoteDenial::LogBehind { mine, theirs } => reason!(
            "logBehind",
            "myTerm": Number = mine.0.0,
            "myIndex": Number = mine.1.0,
            "theirTerm": Number = theirs.0.0,
            "theirIndex": Number = theirs.1.0,
        ),
        VoteDenial::LeaderAlive { remaining } => reason!("leaderAlive", "ticks": Number = remaining.0),
    }
}

/// Why a leader does not commit.
pub(crate) fn commit(block: CommitBlock) -> Values {
    match block {
        CommitBlock::NoQuorum { index, have, need } => reason!(
            "noQuorum", "index": Number = index.0, "have": Number = have as u64, "need": Number = need as u64,
        ),
        CommitBlock::OlderTerm { index, entry_term } => {
            reason!("olderTerm", "index": Number = index.0, "entryTerm": Number = entry_term.0)
        }
    }
}

/// Why a read waits.
pub(crate) fn read(block: ReadBlock) -> Values {
    match block {
        ReadBlock::NothingCommitted { term } => reason!("nothingCommitted", "term": Number = term.0),
        ReadBlock::NoQuorum { have, need } => {
            reason!("noQuorum", "have": Number = have as u64, "need": Number = need as u64)
        }
        ReadBlock::NoAnswer { leader } => reason!("noAnswer", "leader": Number = leader.0),
        ReadBlock::NotApplied { read_index, last_applied } => {
            reason!("notApplied", "readIndex": Number = read_index.0, "lastApplied": Number = last_applied.0)
        }
    }
}

/// What a transfer of leadership waits for.
pub(crate) fn transfer(block: TransferBlock) -> Values {
    match block {
        TransferBlock::LogBehind { target, match_index, last_index, left } => reason!(
            "logBehind",
            "target": Number = target.0,
            "matchIndex": Number = match_index.0,
            "lastIndex": Number = last_index.0,
            "ticks": Number = left.0,
        ),
        TransferBlock::NoElection { target, left } => {
            reason!("noElection", "target": Number = target.0, "ticks": Number = left.0)
        }
    }
}

const fn ignored(reason: IgnoreReason) -> &'static str {
    match reason {
        IgnoreReason::NotForMe => "notForMe",
        IgnoreReason::StaleTerm => "staleTerm",
        IgnoreReason::NotAsked => "notAsked",
        IgnoreReason::Outdated => "outdated",
        IgnoreReason::NotAMember => "notAMember",
        IgnoreReason::NotAVoter => "notAVoter",
        IgnoreReason::NotLeader => "notLeader",
        IgnoreReason::Impossible => "impossible",
    }
}

const fn loss_name(loss: Loss) -> &'static str {
    match loss {
        Loss::Chance => "chance",
        Loss::Cut => "cut",
        Loss::Crashed => "crashed",
        Loss::Dropped => "dropped",
        Loss::Full => "full",
    }
}

/// What a client asks for. In the past an operation may be unknown whose events are known: it has no client then.
fn asked(world: &World, id: OperationId) -> Values {
    let none = values! { "operation": Number = u64::from(id.0) };
    let Some(Operation { client, key, kind, .. }) = world.operations().get(id.0 as usize) else {
        return none.with("client", Value::None);
    };
    let expected = match kind {
        OperationKind::Cas { expected, .. } => expected.as_deref(),
        _ => None,
    };
    none.with("client", text(Some(client)))
        .with("key", text(Some(key)))
        .with("ask", Value::Name(kind.name()))
        .with("value", text(kind.value()))
        .with("expected", text(expected))
}

fn returned(world: &World, id: OperationId, outcome: Outcome) -> Values {
    let kind = world.operations().get(id.0 as usize).map(|operation| &operation.kind);
    let (result, matched) = match kind {
        Some(OperationKind::Get { result, .. }) => (result.as_deref(), None),
        Some(OperationKind::Cas { matched, .. }) => (None, *matched),
        _ => (None, None),
    };
    let outcome = match outcome {
        Outcome::Ok => "ok",
        Outcome::Fail => "fail",
        Outcome::Unknown => "unknown",
    };
    let matched = matched.map_or(Value::None, Value::Flag);
    asked(world, id).with("outcome", Value::Name(outcome)).with("result", text(result)).with("matched", matched)
}

fn text(text: Option<&str>) -> Value {
    text.map_or(Value::None, |text| Value::Text(text.into()))
}
