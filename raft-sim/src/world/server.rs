//! One server: a node, its disk, its clock and its state machine.

use std::hash::{Hash, Hasher};

use raft_core::{Configuration, Node, NodeId, Options, Persisted, Rules, SetupError, WriteNumber};

use super::faults::Applying;
use super::snapshots::Taking;
use crate::clock::Clock;
use crate::disk::Disk;
use crate::event::Silence;
use crate::hash::hash_if_unusual;
use crate::machine::Machine;
use crate::time::Time;

/// One server of the cluster.
#[derive(Clone, PartialEq, Eq)]
pub struct Server {
    id: NodeId,
    pub(super) node: Option<Node>,
    pub(super) is_paused: bool,
    /// The snapshot that it is taking.
    pub(super) taking: Option<Taking>,
    /// The last write that became durable while it was paused or busy.
    pub(super) unheard_write: Option<WriteNumber>,
    pub(super) disk: Disk,
    pub(super) clock: Clock,
    pub(super) machine: Machine,
    pub(super) applying: Applying,
    /// How often it was started.
    pub(super) life: u32,
    /// When its node wants to be told that time has passed.
    pub(super) timer_at: Option<Time>,
}

/// Whether a server runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Status {
    /// It runs.
    Up,
    /// It is stopped; only its disk remains.
    Crashed,
    /// It is frozen.
    Paused,
}

impl Server {
    pub(super) fn new(
        id: NodeId,
        configuration: &Configuration,
        options: Options,
        rules: Rules,
        seed: u64,
        disk_latency: (Time, Time),
    ) -> Self {
        let mut server = Self {
            id,
            node: None,
            is_paused: false,
            taking: None,
            unheard_write: None,
            disk: Disk::new(Persisted::bootstrap(configuration.clone()), disk_latency),
            clock: Clock::new(Time(0)),
            machine: Machine::default(),
            applying: Applying::default(),
            life: 0,
            timer_at: None,
        };
        server.start(Time(0), options, rules, seed);
        server
    }

    /// Starts the node from what the disk holds. The state machine starts from the snapshot; the log
    /// brings back the rest.
    /// A disk that a modified Raft has damaged starts nothing: see [`Server::boot`].
    pub(super) fn start(&mut self, now: Time, options: Options, rules: Rules, seed: u64) {
        let Ok(node) = self.boot(options, rules, seed) else { return };
        let rate = self.clock.rate_permille();
        self.life += 1;
        self.clock = Clock::new(now);
        self.clock.set_rate(now, rate);
        let snapshot = self.disk.durable.snapshot.as_ref();
        self.machine = snapshot.map_or_else(Machine::default, |snapshot| Machine::from_bytes(&snapshot.data));
        self.is_paused = false;
        self.node = Some(node);
        self.plan_timer();
    }

    /// The node that a start would give, or why there is none.
    pub(super) fn boot(&self, options: Options, rules: Rules, seed: u64) -> Result<Node, SetupError> {
        Node::new(super::setup(self.id, options, rules, seed, self.life), self.disk.durable.clone())
    }

    /// A server with a node and a disk that need not belong together.
    #[cfg(test)]
    pub(crate) fn forged(node: Node, durable: Persisted) -> Self {
        let mut server =
            Self::new(node.id(), node.configuration(), *node.options(), node.rules(), 0, (Time(0), Time(0)));
        server.node = Some(node);
        server.disk.durable = durable;
        server
    }

    /// Notes when the node next wants to be told that time has passed.
    pub(super) fn plan_timer(&mut self) {
        let node = self.node.as_ref().filter(|_| !self.is_busy());
        self.timer_at = node.and_then(|node| self.clock.when(node.ticks_until_deadline()));
    }

    /// Whether it does nothing but take a snapshot.
    fn is_busy(&self) -> bool {
        self.taking.as_ref().is_some_and(|taking| taking.is_blocking)
    }

    /// Whether it listens to the network, its disk and its clock.
    pub(super) fn is_attentive(&self) -> bool {
        !self.is_paused && !self.is_busy()
    }

    /// The node, told of the time, if the server would answer now; else why not.
    pub(super) fn awake(&mut self, now: Time) -> Result<&mut Node, Silence> {
        if self.is_paused {
            return Err(Silence::Paused);
        }
        if self.is_busy() {
            return Err(Silence::TakingSnapshot);
        }
        self.catch_up(now);
        self.node.as_mut().ok_or(Silence::Crashed)
    }

    /// Tells the node how much time has passed. A busy one hears of it later.
    pub(super) fn catch_up(&mut self, now: Time) {
        if self.is_busy() {
            return;
        }
        let ticks = self.clock.take_ticks(now);
        if let Some(node) = &mut self.node {
            node.advance(ticks);
        }
    }

    pub(super) fn is_syncing(&self, epoch: u32) -> bool {
        self.disk.is_syncing(epoch)
    }

    /// The identity of the server.
    pub const fn id(&self) -> NodeId {
        self.id
    }

    /// The node; `None` while the server is crashed.
    pub const fn node(&self) -> Option<&Node> {
        self.node.as_ref()
    }

    /// What its disk holds.
    pub const fn durable(&self) -> &Persisted {
        &self.disk.durable
    }

    /// What would be left of that after a power loss: less, if the disk lies.
    pub(crate) fn held(&self) -> &Persisted {
        self.disk.held()
    }

    /// Shortest and longest time that its disk takes from a write to its being durable.
    pub const fn disk_latency(&self) -> (Time, Time) {
        self.disk.latency()
    }

    /// Whether its disk says that writes are durable when they are not.
    pub const fn disk_lies(&self) -> bool {
        self.disk.is_lying()
    }

    /// How long it takes to apply an entry.
    pub const fn apply_latency(&self) -> Time {
        self.applying.latency
    }

    /// Whether entries that it was given wait for its state machine.
    pub(crate) fn is_applying(&self) -> bool {
        self.applying.is_busy()
    }

    /// Number of entries that it knows to be committed and has not applied.
    pub fn unapplied(&self) -> u64 {
        self.node.as_ref().map_or(0, |node| node.commit_index().0.saturating_sub(node.last_applied().0))
    }

    /// Number of writes that its disk has not finished.
    pub fn waiting_writes(&self) -> usize {
        self.disk.waiting()
    }

    /// Whether it runs.
    pub const fn status(&self) -> Status {
        match (&self.node, self.is_paused) {
            (None, _) => Status::Crashed,
            (Some(_), true) => Status::Paused,
            (Some(_), false) => Status::Up,
        }
    }

    /// The rate of its clock, in thousandths of real time.
    pub const fn clock_rate_permille(&self) -> u32 {
        self.clock.rate_permille()
    }

    /// How much time its clock must show to pass before the node hears of any, because it was set back.
    pub fn clock_behind(&self, now: Time) -> Time {
        self.clock.behind(now)
    }

    /// When the timer that a reader watches runs out, and how long it was set for, in simulated time. `None` while the
    /// server is crashed or paused.
    pub fn timer(&self) -> Option<(Time, Time)> {
        let (raft_core::Timer::Election { left, total } | raft_core::Timer::Heartbeat { left, total }) =
            self.node.as_ref()?.timer();
        let rate = u64::from(self.clock.rate_permille());
        Some((self.clock.when(left)?, Time(total.0 * Time::TICK_US * 1_000 / rate)))
    }

    /// The last entry that the snapshot covers which it is taking.
    pub fn snapshot_begun(&self) -> Option<raft_core::LogIndex> {
        self.taking.as_ref().map(Taking::index)
    }

    /// The keys and values of its state machine, in order.
    pub fn state(&self) -> impl Iterator<Item = (&str, &str)> {
        self.machine.iter()
    }

    pub(super) const fn timer_at(&self) -> Option<Time> {
        self.timer_at
    }
}

impl Hash for Server {
    fn hash<H: Hasher>(&self, state: &mut H) {
        let Self { id, node, is_paused, taking, unheard_write, disk, clock, machine, applying, life, timer_at } = self;
        (id, node, is_paused, taking, unheard_write, disk, clock, machine, life, timer_at).hash(state);
        hash_if_unusual(applying, state);
    }
}
