//! `tla`: the vocabulary in which etcd's Raft library traces itself, so that TLC can check a run against its specification.
//!
//! The specification is `tla/etcdraft.tla` of <https://github.com/etcd-io/raft>, the reader `tla/Traceetcdraft.tla`. What it does
//! not know is left out where nothing depends on it (pre-votes, reads, the request of a transfer), told in its own words where
//! those mean the same (a heartbeat is a `MsgApp` without entries, the own vote and the own disk are messages to oneself), and
//! refused otherwise: changes of the membership, snapshots that are sent, doubled messages, lost writes.
//!
//! One thing differs and is not refused: etcd keeps its commit index over a restart, as the paper allows and does not ask. A
//! server that restarts is traced with the one that it had.

use std::collections::BTreeMap;
use std::io::Write;

use raft_core::{AppendEntries, AppendOutcome, Event as NodeEvent, Message, NodeId, Role, Rpc, Vocabulary, VoteDenial};
use serde_json::{Value, json};

use super::rerun::Rerun;
use super::{ExportError, json as line_of};
use crate::error::{ErrorCode, SimError};
use crate::event::{Event, EventId, EventKind, MessageId};
use crate::timeline::Timeline;
use crate::world::{Server, World};

/// The time of the first line. All have as many digits, since etcd's script sorts lines by them as texts.
const FIRST_TS: u64 = 1_000_000_000;

const LOST_WRITES: &str = "writes that are lost: a server's output is written at once";

pub(super) fn write(timeline: &Timeline, out: &mut dyn Write) -> Result<(), ExportError> {
    let recording = timeline.record_present();
    let mut rerun = Rerun::new(recording.route()?)?;
    let mut tracer = Tracer::new(rerun.world(), out)?;
    while rerun.step()? {
        tracer.step(&rerun)?;
    }
    Ok(())
}

/// A server as the specification sees it.
struct Shadow {
    id: NodeId,
    term: u64,
    vote: u64,
    role: Role,
    last_index: u64,
    commit: u64,
    /// The voters that it started with; spares have none.
    voters: Vec<String>,
    /// Whether something waits for the next `Ready`.
    has_output: bool,
    /// Whether the last line of the server is a message that it receives.
    receives: bool,
    /// Entries of its own as leader that its disk has not confirmed.
    unconfirmed: Vec<u64>,
}

struct Tracer<'a> {
    out: &'a mut dyn Write,
    lines: u64,
    servers: Vec<Shadow>,
    /// The messages on their way.
    mail: BTreeMap<MessageId, Message>,
}

impl<'a> Tracer<'a> {
    fn new(world: &World, out: &'a mut dyn Write) -> Result<Self, ExportError> {
        let servers = world.servers().iter().map(Shadow::new).collect();
        let mut tracer = Self { out, lines: 0, servers, mail: BTreeMap::new() };
        for at in 0..tracer.servers.len() {
            tracer.line(at, "InitState", None)?;
        }
        Ok(tracer)
    }

    fn step(&mut self, rerun: &Rerun<'_>) -> Result<(), ExportError> {
        for message in rerun.world().messages() {
            self.mail.entry(message.id).or_insert_with(|| message.message.clone());
        }
        // A candidate that disturbs a leader is not heard at all: to the specification, its message is still on its way.
        let is_unheard = |event: &Event| {
            let unheard = VoteDenial::LeaderAlive { remaining: raft_core::Ticks(0) };
            matches!(event.kind, EventKind::Node(NodeEvent::VoteDenied { pre_vote: false, reason, .. })
                if std::mem::discriminant(&reason) == std::mem::discriminant(&unheard))
        };
        let is_unheard = rerun.events().any(|(_, event)| is_unheard(event));
        for (id, event) in rerun.events() {
            self.event(id, event, rerun.world(), is_unheard)?;
        }
        for at in 0..self.servers.len() {
            if std::mem::take(&mut self.servers[at].has_output) {
                self.line(at, "Ready", None)?;
            }
            self.servers[at].receives = false;
            debug_assert!(self.servers[at].agrees_with(&rerun.world().servers()[at]), "a server has another state");
        }
        Ok(())
    }

    fn event(&mut self, id: EventId, event: &Event, world: &World, is_unheard: bool) -> Result<(), ExportError> {
        let at = event.server().map_or(0, |server| server.0 as usize - 1);
        match &event.kind {
            EventKind::Node(node) => self.node(id, at, node, world),
            EventKind::Sent(envelope) => {
                let Some(message) = self.mail.get(&envelope.message).cloned() else { return Ok(()) };
                self.sends(id, at, &message)
            }
            EventKind::Delivered(envelope) => {
                let Some(message) = self.mail.remove(&envelope.message) else { return Ok(()) };
                if is_unheard { Ok(()) } else { self.receives(id, at, &message) }
            }
            EventKind::Lost(envelope, _) => {
                self.mail.remove(&envelope.message);
                Ok(())
            }
            EventKind::WriteDurable(_) => self.confirm(at, world),
            EventKind::Crashed(0) => {
                self.servers[at].unconfirmed.clear();
                Ok(())
            }
            EventKind::Restarted => {
                self.servers[at].restart(&world.servers()[at]);
                self.line(at, "InitState", None)
            }
            EventKind::Duplicated(_) => Err(unknown(id, "messages that arrive twice")),
            EventKind::Crashed(_) | EventKind::Torn(_) | EventKind::Forgotten(_) => Err(unknown(id, LOST_WRITES)),
            EventKind::Restored(_) => Err(unknown(id, "snapshots in pieces")),
            EventKind::WriteStarted(_)
            | EventKind::LinkBroke(_)
            | EventKind::LinkRecovered(_)
            | EventKind::Applied(_)
            | EventKind::Acted(_)
            | EventKind::Called(_)
            | EventKind::Asked(_)
            | EventKind::Redirected(..)
            | EventKind::Resent(_)
            | EventKind::Returned(..)
            | EventKind::Expected(..)
            | EventKind::Violated(_)
            | EventKind::Refused(_)
            | EventKind::SnapshotBegun(_) => Ok(()),
        }
    }

    fn node(&mut self, id: EventId, at: usize, event: &NodeEvent, world: &World) -> Result<(), ExportError> {
        let server = &mut self.servers[at];
        match *event {
            NodeEvent::BecameCandidate { term } => {
                (server.term, server.vote, server.role) = (term.0, server.id.0, Role::Candidate);
                self.line(at, "BecomeCandidate", None)
            }
            // Asking first is no state of the specification, but giving up a campaign is.
            NodeEvent::BecamePreCandidate { .. } if server.role == Role::Candidate => {
                server.role = Role::Follower;
                self.line(at, "BecomeFollower", None)
            }
            NodeEvent::VoteCounted { voter, pre_vote: false, granted } if voter == server.id => {
                let vote = own(server, "MsgVoteResp", 0, !granted);
                self.tells_itself(at, ["SendRequestVoteResponse", "ReceiveRequestVoteResponse"], &vote)
            }
            NodeEvent::BecameLeader { .. } => {
                server.role = Role::Leader;
                server.unconfirmed.clear();
                self.line(at, "BecomeLeader", None)
            }
            NodeEvent::BecameFollower { term, .. } => {
                let (is_raised, was) = (term.0 > server.term, server.role);
                if is_raised && !server.receives {
                    let what = "higher terms that come with pre-votes, reads or transfers; without the rule preVote there are fewer";
                    return Err(unknown(id, what));
                }
                if is_raised {
                    (server.term, server.vote) = (term.0, 0);
                }
                server.role = Role::Follower;
                if is_raised || was != Role::Follower { self.line(at, "BecomeFollower", None) } else { Ok(()) }
            }
            NodeEvent::VoteGranted { candidate, pre_vote: false, .. } => {
                server.vote = candidate.0;
                Ok(())
            }
            NodeEvent::EntriesAppended { first, last, .. } if server.role == Role::Leader => {
                for index in first.0..=last.0 {
                    self.line(at, "Replicate", None)?;
                    self.servers[at].last_index = index;
                    self.servers[at].unconfirmed.push(index);
                    let own = own(&self.servers[at], "MsgAppResp", index, false);
                    self.line(at, "SendAppendEntriesResponse", Some(&own))?;
                    self.servers[at].has_output = true;
                }
                self.confirm(at, world)
            }
            NodeEvent::EntriesAppended { last, .. } => {
                server.last_index = last.0;
                Ok(())
            }
            NodeEvent::EntriesTruncated { first, .. } => {
                server.last_index = first.0 - 1;
                Ok(())
            }
            NodeEvent::CommitAdvanced { to, .. } if to.0 > server.commit => {
                server.commit = to.0;
                if server.role == Role::Leader { self.line(at, "Commit", None) } else { Ok(()) }
            }
            NodeEvent::ConfigurationChanged { .. } => {
                Err(unknown(id, "configurations that count before they are committed (dissertation §4.1)"))
            }
            NodeEvent::SnapshotReceived { .. } | NodeEvent::SnapshotInstalled { .. } => {
                Err(unknown(id, "snapshots in pieces"))
            }
            NodeEvent::ElectionTimeout
            | NodeEvent::ElectionTimeoutDrawn { .. }
            | NodeEvent::BecamePreCandidate { .. }
            | NodeEvent::VoteGranted { .. }
            | NodeEvent::VoteDenied { .. }
            | NodeEvent::VoteCounted { .. }
            | NodeEvent::AppendAccepted { .. }
            | NodeEvent::AppendRejected { .. }
            | NodeEvent::NextIndexMovedBack { .. }
            | NodeEvent::ProgressChanged { .. }
            | NodeEvent::CommitAdvanced { .. }
            | NodeEvent::CommitBlocked(_)
            | NodeEvent::LogCompacted { .. }
            | NodeEvent::CaughtUp { .. }
            | NodeEvent::TransferStarted { .. }
            | NodeEvent::TransferRequested { .. }
            | NodeEvent::TransferAborted { .. }
            | NodeEvent::ReadWaiting(_)
            | NodeEvent::ReadsConfirmed { .. }
            | NodeEvent::MessageIgnored { .. } => Ok(()),
        }
    }

    fn sends(&mut self, id: EventId, at: usize, message: &Message) -> Result<(), ExportError> {
        let Some((kind, is_request)) = kind(message) else { return Ok(()) };
        let server = &mut self.servers[at];
        server.has_output = true;
        let role = if kind == "RequestVote" { Role::Candidate } else { Role::Leader };
        // A slow disk can hold a message back until its sender is something else.
        if is_request && (server.role != role || server.term != message.term.0) {
            return Err(unknown(id, "messages that leave when their sender's term or role is over"));
        }
        let name = format!("Send{kind}{}", if is_request { "Request" } else { "Response" });
        self.line(at, &name, Some(&content(id, message)?))
    }

    fn receives(&mut self, id: EventId, at: usize, message: &Message) -> Result<(), ExportError> {
        let Some((kind, is_request)) = kind(message) else { return Ok(()) };
        let server = &mut self.servers[at];
        if let Rpc::AppendEntries(append) = &message.rpc {
            let last = last_index(append);
            let is_old = append.prev_log_index.0 < server.commit && message.term.0 >= server.term;
            if is_old && last != server.commit {
                return Err(unknown(
                    id,
                    "answers to entries before the commit index that name any other index than that",
                ));
            }
        }
        (server.receives, server.has_output) = (true, true);
        let name = format!("Receive{kind}{}", if is_request { "Request" } else { "Response" });
        self.line(at, &name, Some(&content(id, message)?))
    }

    /// Delivers what the leader's disk has confirmed since, as messages to itself.
    fn confirm(&mut self, at: usize, world: &World) -> Result<(), ExportError> {
        let durable = world.servers()[at].node().map_or(0, |node| node.durable_index().0);
        let is_confirmed = |index: &mut u64| *index <= durable;
        let confirmed: Vec<_> = self.servers[at].unconfirmed.extract_if(.., is_confirmed).collect();
        if !confirmed.is_empty() && std::mem::take(&mut self.servers[at].has_output) {
            self.line(at, "Ready", None)?;
        }
        for index in confirmed {
            let own = own(&self.servers[at], "MsgAppResp", index, false);
            self.line(at, "ReceiveAppendEntriesResponse", Some(&own))?;
        }
        Ok(())
    }

    fn tells_itself(&mut self, at: usize, [send, receive]: [&str; 2], message: &Value) -> Result<(), ExportError> {
        self.line(at, send, Some(message))?;
        self.line(at, "Ready", None)?;
        self.servers[at].has_output = false;
        self.line(at, receive, Some(message))
    }

    fn line(&mut self, at: usize, name: &str, message: Option<&Value>) -> Result<(), ExportError> {
        let Shadow { id, term, vote, role, last_index, commit, voters, .. } = &self.servers[at];
        let mut event = json!({
            "name": name,
            "nid": id.to_string(),
            "state": { "term": term, "vote": vote.to_string(), "commit": commit },
            "role": Vocabulary::Etcd.role(*role),
            "log": last_index,
            "conf": [voters, []],
        });
        if let Some(message) = message {
            event["msg"] = message.clone();
        }
        let ts = FIRST_TS + self.lines;
        self.lines += 1;
        writeln!(self.out, "{{\"tag\":\"trace\",\"ts\":{ts},\"event\":{}}}", line_of(&event))?;
        Ok(())
    }
}

impl Shadow {
    fn new(server: &Server) -> Self {
        let configuration = server.node().map(|node| node.configuration().voters().to_vec()).unwrap_or_default();
        Self {
            id: server.id(),
            term: 0,
            vote: 0,
            role: Role::Follower,
            last_index: 0,
            commit: 0,
            voters: configuration.iter().map(ToString::to_string).collect(),
            has_output: false,
            receives: false,
            unconfirmed: Vec::new(),
        }
    }

    fn restart(&mut self, server: &Server) {
        let Some(node) = server.node() else { return };
        self.term = node.current_term().0;
        self.vote = node.voted_for().map_or(0, |vote| vote.0);
        self.last_index = node.log().last_index().0;
        self.role = Role::Follower;
    }

    /// Whether the node is what its events have told.
    fn agrees_with(&self, server: &Server) -> bool {
        server.node().is_none_or(|node| {
            let role = if node.role() == Role::PreCandidate { Role::Follower } else { node.role() };
            let vote = node.voted_for().map_or(0, |vote| vote.0);
            (self.term, self.vote, self.role) == (node.current_term().0, vote, role)
                && self.last_index == node.log().last_index().0
                && self.commit >= node.commit_index().0
        })
    }
}

/// What a message is to the specification, and whether it asks; `None` for those that it does not know and need not know.
fn kind(message: &Message) -> Option<(&'static str, bool)> {
    match &message.rpc {
        Rpc::RequestVote(request) => (!request.pre_vote).then_some(("RequestVote", true)),
        Rpc::RequestVoteReply { pre_vote, .. } => (!pre_vote).then_some(("RequestVote", false)),
        Rpc::AppendEntries(_) | Rpc::InstallSnapshot(_) => Some(("AppendEntries", true)),
        Rpc::AppendEntriesReply { .. } | Rpc::InstallSnapshotReply { .. } => Some(("AppendEntries", false)),
        Rpc::TimeoutNow | Rpc::ReadIndex { .. } | Rpc::ReadIndexReply { .. } => None,
    }
}

fn content(id: EventId, message: &Message) -> Result<Value, ExportError> {
    let (index, log_term, entries, commit, reject, hint) = match &message.rpc {
        Rpc::RequestVote(request) => (request.last_log_index.0, request.last_log_term.0, 0, 0, false, 0),
        Rpc::RequestVoteReply { granted, .. } => (0, 0, 0, 0, !granted, 0),
        Rpc::AppendEntries(append) => {
            // A follower goes no further than what the message lets it verify; etcd says so in the message.
            let commit = append.leader_commit.0.min(last_index(append));
            let AppendEntries { prev_log_index, prev_log_term, entries, .. } = append;
            (prev_log_index.0, prev_log_term.0, entries.len(), commit, false, 0)
        }
        Rpc::AppendEntriesReply { outcome, .. } => match outcome {
            AppendOutcome::Accepted { match_index } => (match_index.0, 0, 0, 0, false, 0),
            AppendOutcome::Conflict { prev_log_index, conflict_index, conflict_term } => {
                (prev_log_index.0, conflict_term.unwrap_or_default().0, 0, 0, true, conflict_index.prev().0)
            }
            AppendOutcome::StaleTerm => (0, 0, 0, 0, true, 0),
        },
        _ => return Err(unknown(id, "snapshots in pieces")),
    };
    Ok(json!({
        "type": Vocabulary::Etcd.message(message.kind()), "term": message.term.0,
        "from": message.from.to_string(), "to": message.to.to_string(),
        "entries": entries, "logTerm": log_term, "index": index, "commit": commit,
        "vote": "0", "reject": reject, "rejectHint": hint,
    }))
}

/// What a server tells itself: its vote, or that its disk has an entry.
fn own(server: &Shadow, kind: &str, index: u64, reject: bool) -> Value {
    let id = server.id.to_string();
    json!({
        "type": kind, "term": server.term, "from": id, "to": id, "entries": 0, "logTerm": 0, "index": index,
        "commit": 0, "vote": "0", "reject": reject, "rejectHint": 0,
    })
}

/// The last index that a message lets its receiver verify.
fn last_index(append: &AppendEntries) -> u64 {
    append.prev_log_index.plus(append.entries.len()).0
}

fn unknown(id: EventId, what: &str) -> ExportError {
    let message = format!("event {} cannot be told to TLC: etcd's specification knows no {what}", id.0);
    SimError::new(ErrorCode::Refused, message).into()
}
