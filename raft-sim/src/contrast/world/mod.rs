//! Servers of another design and their world at one moment, and how the next moment follows.

mod act;
mod clients;
mod course;
mod event;
mod travel;

use std::collections::{BTreeMap, BTreeSet};
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use raft_core::{NodeId, SharedVec};

use super::node::{Effects, Happening, Node, Reign, Version};
use super::tally::Tally;
use crate::client::Operation;
use crate::config::ClusterConfig;
use crate::error::{ErrorCode, SimError};
use crate::event::{Event, EventId, MessageId, OperationId};
use crate::hash::PortableHasher;
use crate::network::{InFlight, Link, Network, Slot};
use crate::random::Streams;
use crate::scenario::Scenario;
use crate::script::{self, Cursor};
use crate::time::Time;
use crate::world::Status;
pub(crate) use act::supports;
pub use event::{ContrastEnvelope, ContrastKind, ContrastMessage, MessageName};

/// Servers of another design and their world at one moment.
///
/// Disks write at once and lose nothing, and clocks are exact: what these designs get wrong has other reasons.
#[derive(Clone)]
pub struct ContrastWorld {
    config: Arc<ClusterConfig>,
    now: Time,
    step: u32,
    next_event: u32,
    next_message: u32,
    servers: Vec<ContrastServer>,
    network: Network<ContrastMessage>,
    /// Messages by when they arrive.
    arrivals: BTreeMap<(Time, MessageId), Slot>,
    streams: Streams,
    operations: SharedVec<Operation>,
    /// What clients wait for, in the order of their calls: who was asked, and when the client gives up.
    pending: BTreeMap<OperationId, (NodeId, Time)>,
    script: Cursor,
    stale_reads: u32,
    /// Every write that was lost to another one that had not seen it.
    lost_writes: BTreeSet<(Arc<str>, Version)>,
    trace: PortableHasher,
    /// The event that the present step follows from.
    trigger: Option<EventId>,
    out: Vec<Event<ContrastKind>>,
}

/// One server of another design.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ContrastServer {
    id: NodeId,
    node: Node,
    is_crashed: bool,
    is_paused: bool,
}

/// What the next step is.
enum Next {
    Script,
    Arrival(Slot),
    GiveUp(OperationId),
    Timer(NodeId),
}

impl ContrastWorld {
    /// The start of a scenario. Refused if its servers follow Raft.
    pub fn new(scenario: &Scenario) -> Result<Self, SimError> {
        let config = Arc::new(scenario.cluster.clone());
        config.validate()?;
        if config.design.is_raft() {
            let message = "these servers follow Raft, which has a world of its own";
            return Err(SimError::new(ErrorCode::UnsupportedByDesign, message).at("design").at("cluster"));
        }
        let count = config.servers as u64;
        let server =
            |id| ContrastServer { id, node: Node::new(id, count, &config.design), is_crashed: false, is_paused: false };
        let mut world = Self {
            now: Time(0),
            step: 0,
            next_event: 0,
            next_message: 1,
            servers: (1..=count).map(NodeId).map(server).collect(),
            network: Network::new(config.servers),
            arrivals: BTreeMap::new(),
            streams: Streams::new(config.seed.unwrap_or_default()),
            operations: SharedVec::new(),
            pending: BTreeMap::new(),
            script: Cursor::new(scenario.script.clone().into(), scenario.rule),
            stale_reads: 0,
            lost_writes: BTreeSet::new(),
            trace: PortableHasher::default(),
            trigger: None,
            out: Vec::new(),
            config,
        };
        script::update(&mut world);
        Ok(world)
    }

    fn next(&self) -> Option<(Time, Next)> {
        let script = self.script.due().map(|time| (time, Next::Script));
        let arrival = self.arrivals.first_key_value().map(|((time, _), slot)| (*time, Next::Arrival(*slot)));
        // Clients are equally patient, so the one that called first gives up first.
        let give_up = self.pending.first_key_value().map(|(id, (_, deadline))| (*deadline, Next::GiveUp(*id)));
        let timers = self.servers.iter().filter(|server| server.status() == Status::Up);
        let timers = timers.filter_map(|server| Some((server.node.deadline()?, Next::Timer(server.id))));
        // Of several at the same time the first one counts.
        [script, arrival, give_up].into_iter().flatten().chain(timers).min_by_key(|(time, _)| *time)
    }

    fn take_step(&mut self, next: &Next) {
        match *next {
            Next::Script => script::run(self),
            Next::Arrival(slot) => self.deliver(slot),
            Next::GiveUp(id) => self.give_up(id),
            Next::Timer(id) => {
                let now = self.now;
                self.with_node(id, |node, effects| node.tick(now, effects));
            }
        }
    }

    fn begin_step(&mut self, time: Time) {
        self.now = self.now.max(time);
        self.step += 1;
        self.trigger = None;
    }

    fn finish_step(&mut self, out: &mut Vec<Event<ContrastKind>>) {
        if self.script.is_waiting() {
            script::update(self);
        }
        out.append(&mut self.out);
    }

    /// Lets a node do something and carries out what it wants done.
    fn with_node(&mut self, id: NodeId, call: impl FnOnce(&mut Node, &mut Effects)) {
        let mut effects = Effects::default();
        call(&mut self.servers[id.0 as usize - 1].node, &mut effects);
        let mut cause = self.trigger;
        for happening in effects.happenings {
            if let Happening::Conflict { key, lost, .. } = &happening
                && !self.lost_writes.insert((key.clone(), *lost))
            {
                // Others came upon it before.
                continue;
            }
            cause = Some(self.event(Some(id), self.trigger, ContrastKind::Happened(happening)));
        }
        for (to, body) in effects.messages {
            self.send(ContrastMessage { from: id, to, body }, cause);
        }
        for (operation, answer) in effects.answers {
            self.answer(operation, answer, cause);
        }
    }

    /// Appends to the event stream; returns the id of the new event.
    fn event(&mut self, server: Option<NodeId>, cause: Option<EventId>, kind: ContrastKind) -> EventId {
        let event = Event::new(self.now, self.step, cause, server, kind);
        event.hash(&mut self.trace);
        self.out.push(event);
        let id = EventId(self.next_event);
        self.next_event += 1;
        id
    }
}

/// What can be seen of it.
impl ContrastWorld {
    /// What the run started from.
    pub const fn config(&self) -> &Arc<ClusterConfig> {
        &self.config
    }

    /// The present moment.
    pub const fn now(&self) -> Time {
        self.now
    }

    /// Number of steps so far.
    pub const fn steps(&self) -> u32 {
        self.step
    }

    /// Number of events so far.
    pub const fn events(&self) -> u32 {
        self.next_event
    }

    /// The servers, in the order of their ids.
    pub fn servers(&self) -> &[ContrastServer] {
        &self.servers
    }

    /// The server with an id.
    pub fn server_with_id(&self, id: u64) -> Result<&ContrastServer, SimError> {
        let at = usize::try_from(id).ok().and_then(|id| id.checked_sub(1));
        at.and_then(|at| self.servers.get(at)).ok_or_else(|| {
            let count = self.servers.len();
            SimError::new(ErrorCode::UnknownServer, format!("there is no server {id}; they are 1 to {count}"))
        })
    }

    /// The messages in flight, oldest first.
    pub fn messages(&self) -> Vec<&InFlight<ContrastMessage>> {
        self.network.in_order()
    }

    /// The state of the link from one server to another.
    pub fn link(&self, from: NodeId, to: NodeId) -> &Link {
        self.network.link(from, to)
    }

    /// The operations of all clients, in the order of their calls.
    pub const fn operations(&self) -> &SharedVec<Operation> {
        &self.operations
    }

    /// What went wrong so far, in numbers.
    pub fn tally(&self) -> Tally {
        Tally { stale_reads: self.stale_reads, conflicts: self.lost_writes.len() as u32 }
    }

    /// The script and how far it is.
    pub const fn script(&self) -> &Cursor {
        &self.script
    }

    /// A hash of everything that happened; equal on every machine.
    pub fn trace_hash(&self) -> u64 {
        self.trace.finish()
    }

    /// A hash of everything that can still make a difference; equal on every machine.
    pub fn state_hash(&self) -> u64 {
        let mut hasher = PortableHasher::default();
        (self.now, self.step, self.next_event, self.next_message).hash(&mut hasher);
        self.servers.hash(&mut hasher);
        for message in self.network.in_order() {
            message.hash(&mut hasher);
        }
        let ids = || self.servers.iter().map(|server| server.id);
        ids().flat_map(|a| ids().map(move |b| (a, b))).for_each(|(a, b)| self.network.link(a, b).hash(&mut hasher));
        self.streams.hash(&mut hasher);
        self.operations.hash(&mut hasher);
        self.pending.hash(&mut hasher);
        (self.script.position(), self.stale_reads).hash(&mut hasher);
        self.lost_writes.hash(&mut hasher);
        hasher.finish()
    }
}

impl ContrastServer {
    /// The identity of the server.
    pub const fn id(&self) -> NodeId {
        self.id
    }

    /// Whether it runs.
    pub const fn status(&self) -> Status {
        match (self.is_crashed, self.is_paused) {
            (true, _) => Status::Crashed,
            (_, true) => Status::Paused,
            _ => Status::Up,
        }
    }

    /// The keys and values that it has, in order.
    pub fn state(&self) -> impl Iterator<Item = (Arc<str>, Arc<str>)> {
        self.node.values().into_iter()
    }

    /// The value that it has of a key.
    pub fn value(&self, key: &str) -> Option<Arc<str>> {
        self.node.values().remove(key)
    }

    /// Who it takes for the primary; none where there is no such thing.
    pub const fn reign(&self) -> Option<Reign> {
        self.node.reign()
    }

    /// Whether it runs and takes itself for the primary.
    pub fn is_primary(&self) -> bool {
        !self.is_crashed && self.reign().is_some_and(|reign| reign.primary == self.id)
    }
}
