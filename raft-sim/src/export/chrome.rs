//! `chrome-trace`: the Trace Event Format of Chrome, which Perfetto opens.
//!
//! Each server is a process with two tracks: its role and term as slices, and its messages as slices of a microsecond, joined by
//! flows. The length of its log and its commit index are counters. What clients ask for are asynchronous slices, what the reader
//! does and what the checker finds are instants. Times are simulated microseconds.

use std::collections::BTreeSet;
use std::io::Write;

use raft_core::{Event as NodeEvent, Role};
use serde_json::{Value, json};

use super::cast::one_line;
use super::rerun::Rerun;
use super::{ExportError, json as line_of};
use crate::event::{Envelope, Event, EventKind, OperationId};
use crate::time::Time;
use crate::timeline::Timeline;
use crate::world::{Server, Status, World};

/// The tracks of a server.
const ROLE: u32 = 1;
const MESSAGES: u32 = 2;
/// The processes besides the servers, whose numbers are those of the servers.
const CLIENTS: u64 = 1_000;
const READER: u64 = 1_001;

pub(super) fn write(timeline: &Timeline, out: &mut dyn Write) -> Result<(), ExportError> {
    let world = timeline.world();
    let about = json!({
        "scenario": timeline.scenario().id,
        "seed": world.seed(),
        "traceHash": format!("{:016x}", world.trace_hash()),
    });
    write!(out, "{{\"displayTimeUnit\":\"ms\",\"otherData\":{},\"traceEvents\":[", line_of(&about))?;
    let mut tracks = Tracks { out, is_first: true, calls: BTreeSet::new() };
    tracks.name_all(world)?;
    let recording = timeline.record_present();
    let mut rerun = Rerun::new(recording.route()?)?;
    let mut lanes: Vec<Lane> = rerun.world().servers().iter().map(Lane::of).collect();
    for lane in &lanes {
        tracks.count(lane, Time(0))?;
    }
    while rerun.step()? {
        for (_, event) in rerun.events() {
            // The operations of the end know how they ended.
            tracks.event(event, world)?;
        }
        let now = rerun.world().now();
        for (lane, server) in lanes.iter_mut().zip(rerun.world().servers()) {
            let new = Lane { since: now, ..Lane::of(server) };
            if (new.last_index, new.commit_index) != (lane.last_index, lane.commit_index) {
                tracks.count(&new, now)?;
            }
            if new.label() == lane.label() {
                *lane = Lane { since: lane.since, ..new };
            } else {
                tracks.role(lane, now)?;
                *lane = new;
            }
        }
    }
    let end = timeline.shown();
    for lane in &lanes {
        tracks.role(lane, end)?;
    }
    writeln!(out, "\n]}}")?;
    Ok(())
}

/// What the tracks of a server show at a moment.
struct Lane {
    server: u64,
    status: Status,
    role: Role,
    term: u64,
    last_index: u64,
    commit_index: u64,
    /// Since when the role and the term are these.
    since: Time,
}

impl Lane {
    fn of(server: &Server) -> Self {
        let durable = server.durable();
        let node = server.node();
        Self {
            server: server.id().0,
            status: server.status(),
            role: node.map_or(Role::Follower, raft_core::Node::role),
            term: node.map_or(durable.hard_state.current_term.0, |node| node.current_term().0),
            last_index: node.map_or(durable.log.last_index().0, |node| node.log().last_index().0),
            commit_index: node.map_or(0, |node| node.commit_index().0),
            since: Time(0),
        }
    }

    fn label(&self) -> String {
        let role = match self.role {
            Role::Follower => "follower",
            Role::PreCandidate => "pre-candidate",
            Role::Candidate => "candidate",
            Role::Leader => "leader",
        };
        match self.status {
            Status::Up => format!("{role}, term {}", self.term),
            Status::Paused => format!("paused ({role}, term {})", self.term),
            Status::Crashed => "crashed".into(),
        }
    }
}

struct Tracks<'a> {
    out: &'a mut dyn Write,
    is_first: bool,
    /// The operations that have not returned.
    calls: BTreeSet<OperationId>,
}

impl Tracks<'_> {
    fn put(&mut self, event: &Value) -> Result<(), ExportError> {
        let separator = if std::mem::take(&mut self.is_first) { "\n" } else { ",\n" };
        write!(self.out, "{separator}{}", line_of(event))?;
        Ok(())
    }

    fn name_all(&mut self, world: &World) -> Result<(), ExportError> {
        let servers = world.servers().iter().map(|server| (server.id().0, format!("S{}", server.id())));
        for (pid, name) in servers.chain([(CLIENTS, "clients".into()), (READER, "reader and checker".into())]) {
            self.put(&json!({ "ph": "M", "name": "process_name", "pid": pid, "tid": 0, "args": { "name": name } }))?;
            let order = json!({ "sort_index": pid });
            self.put(&json!({ "ph": "M", "name": "process_sort_index", "pid": pid, "tid": 0, "args": order }))?;
            if pid < CLIENTS {
                for (tid, name) in [(ROLE, "role and term"), (MESSAGES, "messages")] {
                    let args = json!({ "name": name });
                    self.put(&json!({ "ph": "M", "name": "thread_name", "pid": pid, "tid": tid, "args": args }))?;
                }
            }
        }
        Ok(())
    }

    fn role(&mut self, lane: &Lane, until: Time) -> Result<(), ExportError> {
        self.put(&json!({
            "ph": "X", "cat": "role", "name": lane.label(), "pid": lane.server, "tid": ROLE,
            "ts": lane.since.0, "dur": until.since(lane.since).0, "args": { "term": lane.term },
        }))
    }

    fn count(&mut self, lane: &Lane, now: Time) -> Result<(), ExportError> {
        for (name, count) in [("log length", lane.last_index), ("commit index", lane.commit_index)] {
            self.put(
                &json!({ "ph": "C", "name": name, "pid": lane.server, "ts": now.0, "args": { "entries": count } }),
            )?;
        }
        Ok(())
    }

    fn event(&mut self, event: &Event, world: &World) -> Result<(), ExportError> {
        let words = || one_line(&event.sentence(world));
        let server = event.server().map_or(READER, |server| server.0);
        match &event.kind {
            EventKind::Sent(envelope) => self.leaves(event, envelope, ""),
            EventKind::Duplicated(envelope) => self.leaves(event, envelope, "copy of "),
            EventKind::Delivered(envelope) => self.arrives(event, envelope),
            EventKind::Lost(envelope, _) => self.instant(event.time, "t", "lost", &words(), (envelope.to.0, MESSAGES)),
            EventKind::Called(id) => self.called(event.time, *id, world),
            EventKind::Redirected(..) | EventKind::Resent(_) => {
                self.instant(event.time, "t", "operation", &words(), (CLIENTS, 1))
            }
            EventKind::Returned(id, _) => self.returned(event, *id, &words()),
            EventKind::Crashed(_)
            | EventKind::Restarted
            | EventKind::Torn(_)
            | EventKind::Forgotten(_)
            | EventKind::LinkBroke(_)
            | EventKind::LinkRecovered(_)
            | EventKind::Restored(_)
            | EventKind::SnapshotBegun(_) => self.instant(event.time, "p", "server", &words(), (server, ROLE)),
            EventKind::Node(NodeEvent::CommitAdvanced { to, .. }) => {
                self.instant(event.time, "t", "commit", &format!("commits up to {to}"), (server, ROLE))
            }
            EventKind::Violated(_) => self.instant(event.time, "g", "violation", &words(), (READER, ROLE)),
            EventKind::Acted(_) => self.instant(event.time, "g", "action", &words(), (READER, ROLE)),
            EventKind::Expected(_, held) => {
                let name = if *held { "as expected" } else { "not as expected" };
                self.instant(event.time, "p", "expectation", name, (READER, ROLE))
            }
            EventKind::Refused(_) => self.instant(event.time, "t", "refused", &words(), (server, ROLE)),
            EventKind::Node(_)
            | EventKind::Asked(_)
            | EventKind::WriteStarted(_)
            | EventKind::WriteDurable(_)
            | EventKind::Applied(_) => Ok(()),
        }
    }

    /// A message leaves its sender: a slice, and the flow that starts in it.
    fn leaves(&mut self, event: &Event, envelope: &Envelope, how: &str) -> Result<(), ExportError> {
        let Envelope { kind, from, to, .. } = envelope;
        let name = format!("{how}{} to S{to}", kind.name());
        self.message(event.time, from.0, &name, envelope)?;
        self.flow(event.time, "s", from.0, envelope)
    }

    fn arrives(&mut self, event: &Event, envelope: &Envelope) -> Result<(), ExportError> {
        let Envelope { kind, from, to, .. } = envelope;
        self.message(event.time, to.0, &format!("{} from S{from}", kind.name()), envelope)?;
        self.flow(event.time, "f", to.0, envelope)
    }

    fn message(&mut self, time: Time, pid: u64, name: &str, envelope: &Envelope) -> Result<(), ExportError> {
        let Envelope { message, term, index, entries, success, .. } = envelope;
        self.put(&json!({
            "ph": "X", "cat": "message", "name": name, "pid": pid, "tid": MESSAGES, "ts": time.0, "dur": 1,
            "args": { "id": message.0, "term": term.0, "index": index.0, "entries": entries, "success": success },
        }))
    }

    fn flow(&mut self, time: Time, phase: &str, pid: u64, envelope: &Envelope) -> Result<(), ExportError> {
        let mut flow = json!({
            "ph": phase, "cat": "message", "name": envelope.kind.name(), "id": envelope.message.0,
            "pid": pid, "tid": MESSAGES, "ts": time.0,
        });
        if phase == "f" {
            // It ends in the slice around it, not in the next one.
            flow["bp"] = "e".into();
        }
        self.put(&flow)
    }

    fn instant(
        &mut self,
        time: Time,
        scope: &str,
        category: &str,
        name: &str,
        (pid, tid): (u64, u32),
    ) -> Result<(), ExportError> {
        self.put(&json!({
            "ph": "i", "s": scope, "cat": category, "name": name, "pid": pid, "tid": tid, "ts": time.0,
        }))
    }

    fn called(&mut self, time: Time, id: OperationId, world: &World) -> Result<(), ExportError> {
        let Some(operation) = world.operations().get(id.0 as usize) else { return Ok(()) };
        self.calls.insert(id);
        let verb = operation.kind.name();
        let name = one_line(&format!("{}: {verb} {}", operation.client, operation.key));
        self.put(&json!({
            "ph": "b", "cat": "operation", "name": name, "id": id.0, "pid": CLIENTS, "tid": 1, "ts": time.0,
        }))
    }

    /// A repeated write can return more than once; its slice ends with the first return.
    fn returned(&mut self, event: &Event, id: OperationId, words: &str) -> Result<(), ExportError> {
        if !self.calls.remove(&id) {
            return self.instant(event.time, "t", "operation", words, (CLIENTS, 1));
        }
        self.put(&json!({
            "ph": "e", "cat": "operation", "name": words, "id": id.0, "pid": CLIENTS, "tid": 1, "ts": event.time.0,
        }))
    }
}
