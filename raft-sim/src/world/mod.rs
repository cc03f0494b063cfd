//! A cluster and its world at one moment, and how the next moment follows.
//!
//! The world moves in numbered steps: a delivery, a timer, a disk, a client, a line of the script, or an action from
//! outside. A step is a function of the world alone, so a run is a function of its configuration and the actions.

mod act;
mod blocks;
mod clients;
mod course;
mod faults;
mod requests;
mod sabotage;
mod server;
mod settle;
mod snapshots;
mod workload;

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use raft_core::{Configuration, LogIndex, Node, NodeId, NodeSetup, Options, QuorumRule, Ready, Rules, SharedVec, Term};

use crate::checker::{Checker, Violation};
use crate::client::{ClientTally, ClientsConfig, Operation, Pending, Session, Wait, Workload};
use crate::conduct::{Conduct, Lapse};
use crate::config::ClusterConfig;
use crate::disk::Sync;
use crate::error::{ErrorCode, SimError};
use crate::event::{Event, EventId, EventKind, MessageId, OperationId};
use crate::hash::PortableHasher;
use crate::limits::MAX_VIOLATIONS;
use crate::metrics::Metrics;
use crate::network::{InFlight, Link, Network, Slot};
use crate::random::{Stream, Streams};
use crate::rules::RuleSet;
use crate::scenario::Scenario;
use crate::script::{self, Cursor};
use crate::time::Time;
pub use act::ActOutcome;
pub use sabotage::Sabotage;
pub use server::{Server, Status};

/// A cluster and its world at one moment.
#[derive(Clone)]
pub struct World {
    config: Arc<ClusterConfig>,
    options: Options,
    rules: RuleSet,
    seed: u64,
    now: Time,
    step: u32,
    next_event: u32,
    next_message: u32,
    /// How often a log changed.
    log_version: u32,
    servers: Vec<Server>,
    network: Network,
    streams: Streams,
    agenda: BinaryHeap<Reverse<(Time, u64, Due)>>,
    agenda_number: u64,
    operations: SharedVec<Operation>,
    /// The operations whose clients wait, in the order of their deadlines.
    pending: Vec<Pending>,
    /// Those whose clients rest before they ask again.
    resting: Vec<Pending>,
    /// Requests that reached a server which was paused or busy.
    at_door: Vec<(NodeId, OperationId, u32, EventId)>,
    next_request: u32,
    sessions: Vec<Session>,
    /// How long requests and answers travel; `None` if they arrive at once.
    travel: Option<Stream>,
    /// The clients of the load, unless it is nothing but puts that are called at once.
    workload: Option<Workload>,
    tally: ClientTally,
    load_interval: Option<Time>,
    script: Cursor,
    checker: Checker,
    violations: SharedVec<FoundViolation>,
    /// Watches for broken habits, if the scenario is about one.
    conduct: Option<Box<Conduct>>,
    /// Measures the run, if the scenario has a condition on a metric.
    metrics: Option<Box<Metrics>>,
    /// A bug that was planted.
    spoils: Option<Box<sabotage::Spoils>>,
    trace: PortableHasher,
    /// The event that the present step follows from.
    trigger: Option<EventId>,
    /// Memory for the output of nodes; boxed, for it is taken and put back in every step.
    ready: Option<Box<Ready>>,
    out: Vec<Event>,
}

/// A violation and the event at which it was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FoundViolation {
    /// What contradicts what.
    pub violation: Violation,
    /// The event that reports it.
    pub event: EventId,
    /// The step in which it was found.
    pub step: u32,
    /// When.
    pub time: Time,
}

/// Something that will happen at a known time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Due {
    Deliver(Slot, MessageId),
    Synced(NodeId, u32, u64),
    Load(u32),
    Snapshot(NodeId, u32),
    Applied(NodeId, u32, LogIndex),
    Flap(NodeId, NodeId, EventId),
    Request(NodeId, OperationId, u32, EventId),
    Reply(OperationId, u32, EventId),
    AskAgain(OperationId, u32),
    Call(u32),
}

/// What the next step is.
enum Next {
    Script,
    Agenda,
    Timer(usize),
    GiveUp(OperationId),
}

impl World {
    /// The start of a scenario: a cluster whose servers have never run.
    pub fn new(scenario: &Scenario) -> Result<Self, SimError> {
        let config = Arc::new(scenario.cluster.clone());
        let seed = config.seed.unwrap_or_default();
        config.validate()?;
        if !config.design.is_raft() {
            let message = format!("this world is of Raft; the design {} has one of its own", config.design.name());
            return Err(SimError::new(ErrorCode::UnsupportedByDesign, message).at("design").at("cluster"));
        }
        let options = config.options();
        let rules = config.rules();
        let voters = (1..=config.servers as u64).map(NodeId);
        let configuration = Configuration::of_voters(voters.clone());
        let spares = (config.servers + 1..=config.total()).map(|id| (NodeId(id as u64), Configuration::default()));
        let servers = voters
            .map(|id| (id, configuration.clone()))
            .chain(spares)
            .map(|(id, configuration)| Server::new(id, &configuration, options, rules.raft, seed, config.disk.range()))
            .collect::<Vec<_>>();
        let load = config.load.requests_per_second;
        let is_plain = config.load.is_plain() && config.clients == ClientsConfig::default();
        let needs_workers = config.load.is_any() && !is_plain;
        let mut world = Self {
            options,
            rules,
            seed,
            now: Time(0),
            step: 0,
            next_event: 0,
            next_message: 1,
            log_version: 0,
            network: Network::new(servers.len()),
            streams: Streams::new(seed),
            agenda: BinaryHeap::new(),
            agenda_number: 0,
            operations: SharedVec::new(),
            pending: Vec::new(),
            resting: Vec::new(),
            at_door: Vec::new(),
            next_request: 0,
            sessions: Vec::new(),
            travel: config.clients.is_distant().then(|| Stream::new(seed, 11)),
            workload: needs_workers.then(|| Workload::new(&config.load, seed)),
            tally: ClientTally::default(),
            load_interval: Time::from_ms(1_000.0 / load).filter(|_| load > 0.0),
            script: Cursor::new(scenario.script.clone().into(), scenario.rule),
            checker: Checker::new(servers.len()),
            violations: SharedVec::new(),
            conduct: None,
            metrics: scenario.is_measured().then(|| Box::new(Metrics::new(Metrics::WINDOW))),
            spoils: None,
            trace: PortableHasher::default(),
            trigger: None,
            ready: None,
            out: Vec::new(),
            servers,
            config,
        };
        world.start_load();
        if scenario.is_about_habits() {
            world.conduct = Some(Box::new(Conduct::new(&world)));
        }
        script::update(&mut world);
        Ok(world)
    }

    /// Executes the next step and appends what happened to `out`. `false`: nothing is left to happen.
    pub fn step(&mut self, out: &mut Vec<Event>) -> bool {
        self.step_until(Time(u64::MAX), out)
    }

    /// Executes the next step if it is due by `limit`, like [`World::step`].
    pub(crate) fn step_until(&mut self, limit: Time, out: &mut Vec<Event>) -> bool {
        let Some((time, next)) = self.next() else { return false };
        if time.max(self.now) > limit {
            return false;
        }
        self.now = self.now.max(time);
        self.step += 1;
        self.trigger = None;
        match next {
            Next::Timer(at) => self.fire_timers(at),
            Next::Script => script::run(self),
            Next::GiveUp(operation) => self.give_up(operation),
            Next::Agenda => {
                if let Some(Reverse((_, _, due))) = self.agenda.pop() {
                    self.handle(due);
                }
            }
        }
        self.finish_step(out);
        true
    }

    /// When the next step happens; `None` if nothing is left to happen.
    pub fn next_time(&self) -> Option<Time> {
        self.next().map(|(time, _)| time.max(self.now))
    }

    /// Whether the next step comes before whatever is done at `time`: it is due earlier, or overdue.
    pub(crate) fn has_step_before(&self, time: Time) -> bool {
        self.next().is_some_and(|(next, _)| next < time)
    }

    fn next(&self) -> Option<(Time, Next)> {
        let mut best = self.script.due().map(|time| (time, Next::Script));
        let mut consider = |time: Time, next: Next| {
            if best.as_ref().is_none_or(|(earliest, _)| time < *earliest) {
                best = Some((time, next));
            }
        };
        if let Some(Reverse((time, _, _))) = self.agenda.peek() {
            consider(*time, Next::Agenda);
        }
        if let Some(first) = self.pending.first() {
            consider(first.deadline, Next::GiveUp(first.operation));
        }
        for (at, server) in self.servers.iter().enumerate() {
            if let Some(time) = server.timer_at() {
                consider(time, Next::Timer(at));
            }
        }
        best
    }

    fn finish_step(&mut self, out: &mut Vec<Event>) {
        self.record_violations();
        if let Some(mut conduct) = self.conduct.take() {
            conduct.observe(self, &self.out);
            self.conduct = Some(conduct);
        }
        if let Some(mut metrics) = self.metrics.take() {
            metrics.observe(self, &self.out);
            self.metrics = Some(metrics);
        }
        if self.script.is_waiting() {
            script::update(self);
        }
        self.prune_agenda();
        if out.is_empty() {
            std::mem::swap(out, &mut self.out);
        } else {
            out.append(&mut self.out);
        }
    }

    fn handle(&mut self, due: Due) {
        match due {
            Due::Deliver(slot, _) => self.arrive(slot),
            Due::Synced(server, epoch, upto) => {
                self.end_sync(server, Sync { epoch, upto: raft_core::WriteNumber(upto) });
            }
            Due::Load(number) => self.load(number),
            Due::Snapshot(server, _) => self.end_snapshot(server),
            Due::Applied(server, ..) => self.end_apply(server),
            Due::Flap(from, to, _) => self.flap(from, to),
            Due::Request(server, operation, request, sent) => self.request_arrives(server, operation, request, sent),
            Due::Reply(operation, request, cause) => self.reply_arrives(operation, request, cause),
            Due::AskAgain(operation, request) => self.ends_rest(operation, request),
            Due::Call(worker) => self.work(worker),
        }
    }

    /// Removes entries of the agenda that no longer mean anything, so that the first one always does.
    fn prune_agenda(&mut self) {
        while self.agenda.peek().is_some_and(|Reverse(first)| !self.is_live(first)) {
            self.agenda.pop();
        }
    }

    fn is_live(&self, (time, _, due): &(Time, u64, Due)) -> bool {
        match *due {
            Due::Deliver(slot, id) => {
                self.network.get(slot).is_some_and(|message| message.id == id && message.arrives_at == Some(*time))
            }
            Due::Synced(server, epoch, _) => self.server(server).is_syncing(epoch),
            Due::Load(_) | Due::Call(_) | Due::Request(..) => true,
            Due::Reply(operation, request, _) => is_among(&self.pending, operation, request),
            Due::AskAgain(operation, request) => is_among(&self.resting, operation, request),
            Due::Snapshot(server, life) => {
                let server = self.server(server);
                server.taking.is_some() && server.life == life
            }
            Due::Applied(server, life, index) => {
                let server = self.server(server);
                server.life == life && server.applying.is_next(index)
            }
            Due::Flap(from, to, since) => self.network.link(from, to).flap.is_some_and(|flap| flap.since == since),
        }
    }

    fn schedule(&mut self, time: Time, due: Due) {
        self.agenda_number += 1;
        self.agenda.push(Reverse((time, self.agenda_number, due)));
    }

    /// Appends to the event stream; returns the id of the new event.
    fn event(&mut self, server: Option<NodeId>, cause: Option<EventId>, kind: EventKind) -> EventId {
        // Hashed where it lies, which spares a copy.
        self.out.push(Event::new(self.now, self.step, cause, server, kind));
        self.out.last().expect("an event was just pushed").hash(&mut self.trace);
        let id = EventId(self.next_event);
        self.next_event += 1;
        id
    }

    fn record_violations(&mut self) {
        if !self.checker.has_found() {
            return;
        }
        for violation in self.checker.take_found() {
            if self.violations.len() >= MAX_VIOLATIONS {
                return;
            }
            let server = violation.servers.last().copied();
            let number = self.violations.len() as u32;
            let cause = EventId(self.next_event.saturating_sub(1));
            let event = self.event(server, Some(cause), EventKind::Violated(number));
            self.violations.push(FoundViolation { violation, event, step: self.step, time: self.now });
        }
    }

    fn server(&self, id: NodeId) -> &Server {
        &self.servers[id.0 as usize - 1]
    }

    fn server_mut(&mut self, id: NodeId) -> &mut Server {
        &mut self.servers[id.0 as usize - 1]
    }
}

/// What can be seen of a world.
impl World {
    /// What the run started from.
    pub const fn config(&self) -> &Arc<ClusterConfig> {
        &self.config
    }

    /// The seed of everything random.
    pub const fn seed(&self) -> u64 {
        self.seed
    }

    /// The rules that are on.
    pub const fn rules(&self) -> RuleSet {
        self.rules
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

    /// A number that changes whenever a log does.
    pub const fn log_version(&self) -> u32 {
        self.log_version
    }

    /// The servers, in the order of their ids.
    pub fn servers(&self) -> &[Server] {
        &self.servers
    }

    /// The server with an id.
    pub fn server_with_id(&self, id: u64) -> Result<&Server, SimError> {
        let count = self.servers.len();
        let at = usize::try_from(id).ok().and_then(|id| id.checked_sub(1));
        at.and_then(|at| self.servers.get(at)).ok_or_else(|| {
            SimError::new(ErrorCode::UnknownServer, format!("there is no server {id}; they are 1 to {count}"))
        })
    }

    /// The nodes that are not crashed.
    pub fn nodes(&self) -> impl Iterator<Item = &Node> {
        self.servers.iter().filter_map(Server::node)
    }

    /// The messages in flight, oldest first.
    pub fn messages(&self) -> Vec<&InFlight> {
        self.network.in_order()
    }

    /// Number of messages in flight.
    pub const fn messages_in_flight(&self) -> usize {
        self.network.len()
    }

    /// The state of the link from one server to another.
    pub fn link(&self, from: NodeId, to: NodeId) -> &Link {
        self.network.link(from, to)
    }

    /// The state of every link, those from a server to itself included, which nothing ever travels over.
    pub(crate) fn links(&self) -> impl Iterator<Item = &Link> {
        self.network.links()
    }

    /// The operations of all clients, in the order of their calls.
    pub const fn operations(&self) -> &SharedVec<Operation> {
        &self.operations
    }

    /// The contradictions that the checker found, first one first.
    pub const fn violations(&self) -> &SharedVec<FoundViolation> {
        &self.violations
    }

    /// The habits that were broken, each the first time. Watched for only if the scenario is about habits.
    pub fn lapses(&self) -> &[Lapse] {
        self.conduct.as_ref().map_or(&[], |conduct| conduct.lapses())
    }

    /// What was measured up to the last step, if the scenario has a condition on a metric.
    pub fn metrics(&self) -> Option<&Metrics> {
        self.metrics.as_deref()
    }

    /// The script and how far it is.
    pub const fn script(&self) -> &Cursor {
        &self.script
    }

    /// The highest-term leader that runs.
    pub fn leader(&self) -> Option<&Node> {
        self.nodes().filter(|node| node.role().is_leader()).max_by_key(|node| node.current_term())
    }

    /// Who belongs to the cluster, as far as an onlooker can tell: what the leader says, or else the server that knows most to
    /// be committed.
    pub fn configuration(&self) -> Option<&Configuration> {
        self.leader().or_else(|| self.furthest()).map(|node| &**node.configuration())
    }

    /// How many clients wait for an answer of a server to a read.
    pub fn waiting_reads(&self, server: NodeId) -> usize {
        let reads = self.pending.iter().filter(|pending| pending.server == Some(server) && pending.wait == Wait::Node);
        reads.count()
    }

    /// The entry that a majority of the voters, crashed ones included, know to be committed. Who votes is what the server
    /// says that knows most to be committed.
    pub fn committed_by_majority(&self) -> LogIndex {
        let Some(configuration) = self.furthest().map(Node::configuration) else { return LogIndex(0) };
        let commit_of = |id: NodeId| self.servers.get(id.0 as usize - 1).and_then(Server::node).map(Node::commit_index);
        LogIndex(configuration.reached(QuorumRule::Majority, |id| commit_of(id).unwrap_or_default().0))
    }

    /// The running member that knows most to be committed.
    pub(crate) fn furthest(&self) -> Option<&Node> {
        let members = self.nodes().filter(|node| !node.configuration().voters().is_empty());
        members.max_by_key(|node| (node.commit_index(), node.current_term()))
    }

    /// A hash of everything that happened; equal on every machine.
    pub fn trace_hash(&self) -> u64 {
        self.trace.finish()
    }

    /// A hash of everything that can still make a difference; equal on every machine.
    pub fn state_hash(&self) -> u64 {
        let mut hasher = PortableHasher::default();
        (self.now, self.step, self.next_event, self.next_message, self.rules).hash(&mut hasher);
        self.servers.hash(&mut hasher);
        for message in self.network.in_order() {
            message.hash(&mut hasher);
        }
        self.servers.iter().flat_map(|a| self.servers.iter().map(move |b| (a.id(), b.id()))).for_each(|(a, b)| {
            self.network.link(a, b).hash(&mut hasher);
        });
        self.streams.hash(&mut hasher);
        let mut agenda: Vec<_> = self.agenda.iter().map(|Reverse(entry)| entry).filter(|e| self.is_live(e)).collect();
        agenda.sort_unstable();
        for (time, _, due) in agenda {
            match due {
                // The slot is only where it lies.
                Due::Deliver(_, id) => (time, 0_u8, id).hash(&mut hasher),
                Due::Synced(server, epoch, upto) => (time, 1_u8, server, epoch, upto).hash(&mut hasher),
                Due::Load(number) => (time, 3_u8, number).hash(&mut hasher),
                Due::Snapshot(server, life) => (time, 4_u8, server, life).hash(&mut hasher),
                Due::Applied(server, life, index) => (time, 5_u8, server, life, index).hash(&mut hasher),
                Due::Flap(from, to, since) => (time, 6_u8, from, to, since.0).hash(&mut hasher),
                Due::Request(server, operation, request, _) => {
                    (time, 7_u8, server, operation, request).hash(&mut hasher);
                }
                Due::Reply(operation, request, _) => (time, 8_u8, operation, request).hash(&mut hasher),
                Due::AskAgain(operation, request) => (time, 9_u8, operation, request).hash(&mut hasher),
                Due::Call(worker) => (time, 10_u8, worker).hash(&mut hasher),
            }
        }
        self.operations.hash(&mut hasher);
        self.pending.hash(&mut hasher);
        self.sessions.hash(&mut hasher);
        if !self.sessions.is_empty() {
            (self.next_request, &self.resting, &self.at_door).hash(&mut hasher);
            (&self.travel, &self.workload).hash(&mut hasher);
        }
        self.script.position().hash(&mut hasher);
        self.violations.len().hash(&mut hasher);
        hasher.finish()
    }

    /// Compares what the checker remembers with what is there. Expensive; for tests.
    pub fn audit(&self) -> Result<(), String> {
        self.checker.audit(&self.servers)
    }
}

/// The setup of a server's node. Each life of a server draws its timeouts from a seed of its own.
fn setup(id: NodeId, options: Options, rules: Rules, seed: u64, life: u32) -> NodeSetup {
    NodeSetup { id, options, rules, seed: seed ^ (u64::from(life) << 40) }
}

/// Whether a request is among some operations.
fn is_among(operations: &[Pending], operation: OperationId, request: u32) -> bool {
    operations.iter().any(|pending| pending.operation == operation && pending.request == request)
}

/// The term of the entry at `index` in a node's log.
fn term_at(node: &Node, index: LogIndex) -> Option<Term> {
    node.log().term_at(index)
}
