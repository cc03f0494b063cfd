//! What a run costs and gives: throughput, latency, messages, syncs, sizes and downtime, over time and in total.
//!
//! [`Metrics`] looks at a world after every step, from outside: what nobody measures costs nothing. A world measures itself
//! only if its scenario has a condition on a metric, because conditions see nothing but the world.

mod column;
mod report;

use std::collections::VecDeque;

use litemap::LiteMap;
use raft_core::{Event as NodeEvent, Log, LogIndex, MessageKind, NodeId, Role, Term};

use crate::client::Operation;
use crate::event::{Event, EventKind, Outcome};
use crate::limits::MAX_METRIC_POINTS;
use crate::time::Time;
use crate::timeline::Timeline;
use crate::world::{Server, Status, World};
use column::{Column, Histogram, Merge};
pub use report::{Amount, MetricName, MetricsReport, Series, Total};

/// Events whose place in a chain of messages is remembered.
const REMEMBERED_HOPS: usize = 1 << 14;

/// Measures a run while it goes on.
#[derive(Clone, Debug)]
pub struct Metrics {
    window: Time,
    now: Time,
    columns: LiteMap<Key, Column>,
    latency: Vec<Histogram>,
    all_latency: Histogram,
    servers: Vec<Seen>,
    /// The last server that was elected.
    leader: Option<NodeId>,
    commit: LogIndex,
    is_able: bool,
    /// Operations that were called and have not ended.
    outstanding: u64,
    /// Since when clients wait for any acknowledgement.
    waiting_since: Option<Time>,
    longest_gap: u64,
    /// For each of the last events, how many messages stand between it and the first cause.
    hops: VecDeque<u16>,
    next_event: u32,
}

/// What a column is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Key {
    Of(MetricName),
    At(MetricName, u64),
    Messages(u8),
    /// Entries that travelled, and the messages that carried them.
    Entries,
    Batches,
}

/// A server's log as it was when last measured.
#[derive(Clone, Copy, Debug, Default)]
struct Seen {
    base: LogIndex,
    last: LogIndex,
    last_term: Term,
    bytes: u64,
    durable: LogIndex,
}

impl Metrics {
    /// The usual length of a window.
    pub const WINDOW: Time = Time(100_000);

    /// Measures in windows of this length, at least a microsecond; longer ones, once there would be more than
    /// [`MAX_METRIC_POINTS`].
    pub fn new(window: Time) -> Self {
        Self {
            window: window.max(Time(1)),
            now: Time(0),
            columns: LiteMap::new(),
            latency: Vec::new(),
            all_latency: Histogram::default(),
            servers: Vec::new(),
            leader: None,
            commit: LogIndex(0),
            is_able: false,
            outstanding: 0,
            waiting_since: None,
            longest_gap: 0,
            hops: VecDeque::new(),
            next_event: 0,
        }
    }

    /// Measures what a timeline shows: its current branch from the beginning up to the moment that is looked at. The run is
    /// repeated for that.
    pub fn of(timeline: &Timeline, window: Time) -> MetricsReport {
        let mut metrics = Self::new(window);
        timeline.retrace(|world, events| metrics.observe(world, events));
        metrics.pass(timeline.shown());
        metrics.report()
    }

    /// Takes in one step: the world after it, and what happened in it. Steps come in order, none left out.
    pub fn observe(&mut self, world: &World, events: &[Event]) {
        self.pass(world.now());
        self.servers.resize(world.servers().len(), Seen::default());
        for event in events {
            self.happened(world, event);
        }
        // What a step did to a server shows in an event of that server.
        for server in world.servers() {
            if events.iter().any(|event| event.server() == Some(server.id())) {
                self.measure(server, events);
            }
        }
        self.is_able = world.servers().iter().any(|server| can_commit(world, server));
    }

    /// What was measured so far.
    pub fn report(&self) -> MetricsReport {
        let last = self.window_now();
        let times: Vec<_> = (0..=last as u64).map(|window| Time(window * self.window.0)).collect();
        let dots = |values: Vec<Amount>| times.iter().copied().zip(values).collect::<Vec<_>>();
        let mut series = Vec::new();
        let mut push = |name: String, unit: String, server, points| {
            series.push(Series { name, unit, server, points });
        };
        let rate = |value: u64| Amount::ratio(value.saturating_mul(1_000_000), self.window.0);
        for &name in MetricName::ALL {
            let unit = if name.is_rate() && name != MetricName::Throughput {
                format!("{}/s", name.unit())
            } else {
                name.unit().into()
            };
            let ratio = |part: Key, whole: Key| {
                let (part, whole) = (self.values(part, last), self.values(whole, last));
                let shares = times.iter().zip(part.into_iter().zip(whole)).filter(|(_, (_, whole))| *whole > 0);
                shares.map(|(time, (part, whole))| (*time, Amount::ratio(part, whole))).collect::<Vec<_>>()
            };
            let points = match name {
                MetricName::LatencyP50 | MetricName::LatencyP90 | MetricName::LatencyP99 | MetricName::LatencyMax => {
                    let latency = self.latency.iter().zip(&times);
                    latency.filter_map(|(latency, time)| Some((*time, Amount(quantile(latency, name)?)))).collect()
                }
                MetricName::MessagesPerCommit => ratio(Key::Of(MetricName::Messages), Key::Of(MetricName::Commits)),
                MetricName::MeanBatch => ratio(Key::Entries, Key::Batches),
                // In microseconds, which are thousandths of the unit.
                MetricName::Downtime => dots(self.values(Key::Of(name), last).into_iter().map(Amount).collect()),
                MetricName::LongestGap => continue,
                _ if name.is_of_server() => {
                    for server in 1..=self.servers.len() as u64 {
                        let values = self.values(Key::At(name, server), last).into_iter().map(Amount::of).collect();
                        push(name.name().into(), unit.clone(), Some(server), dots(values));
                    }
                    continue;
                }
                _ => {
                    let of = |value| if name.is_rate() { rate(value) } else { Amount::of(value) };
                    dots(self.values(Key::Of(name), last).into_iter().map(of).collect())
                }
            };
            push(name.name().into(), unit, None, points);
        }
        for (at, kind) in MessageKind::ALL.iter().enumerate() {
            let key = Key::Messages(at as u8);
            if self.columns.contains_key(&key) {
                let values = self.values(key, last).into_iter().map(rate).collect();
                push(format!("messages.{}", kind.name()), "messages/s".into(), None, dots(values));
            }
        }
        MetricsReport { window_ms: self.window, span_ms: self.now, series, totals: self.totals() }
    }

    /// A total so far; `None` for a server where servers have none of their own, or the other way round, and before there was
    /// anything to measure.
    pub fn total(&self, name: MetricName, server: Option<u64>) -> Option<Amount> {
        if name.is_of_server() != server.is_some() {
            return None;
        }
        let sum = |key| self.columns.get(&key).map_or(0, |column| column.total);
        Some(match name {
            MetricName::Throughput => Amount::ratio(sum(Key::Of(name)).saturating_mul(1_000_000), self.now.0),
            MetricName::LatencyP50 | MetricName::LatencyP90 | MetricName::LatencyP99 | MetricName::LatencyMax => {
                Amount(quantile(&self.all_latency, name)?)
            }
            MetricName::MessagesPerCommit => {
                Amount::ratio(sum(Key::Of(MetricName::Messages)), sum(Key::Of(MetricName::Commits)))
            }
            MetricName::MeanBatch => Amount::ratio(sum(Key::Entries), sum(Key::Batches)),
            MetricName::Downtime => Amount(sum(Key::Of(name))),
            MetricName::LongestGap => {
                let open = self.waiting_since.map_or(0, |since| self.now.since(since).0);
                Amount(self.longest_gap.max(open))
            }
            _ => Amount::of(sum(server.map_or(Key::Of(name), |server| Key::At(name, server)))),
        })
    }

    fn totals(&self) -> Vec<Total> {
        let mut totals = Vec::new();
        for &name in MetricName::ALL {
            let servers: Vec<_> =
                if name.is_of_server() { (1..=self.servers.len() as u64).map(Some).collect() } else { vec![None] };
            for server in servers {
                let value = self.total(name, server);
                totals.extend(value.map(|value| Total { name, unit: name.unit().into(), server, value }));
            }
        }
        totals
    }

    fn values(&self, key: Key, last: usize) -> Vec<u64> {
        self.columns.get(&key).map_or_else(|| vec![0; last + 1], |column| column.values(last))
    }

    fn window_now(&self) -> usize {
        (self.now.0 / self.window.0) as usize
    }

    fn add(&mut self, key: Key, merge: Merge, value: u64) {
        let window = self.window_now();
        self.columns.entry(key).or_insert_with(|| Column::new(merge)).add(window, value);
    }

    fn count(&mut self, name: MetricName) {
        self.add(Key::Of(name), Merge::Sum, 1);
    }

    /// Lets time pass. A window of downtime after the other gets its share.
    fn pass(&mut self, now: Time) {
        while now.0 / self.window.0 >= MAX_METRIC_POINTS as u64 {
            self.widen();
        }
        while self.now < now {
            let next = Time((self.window_now() as u64 + 1) * self.window.0).min(now);
            if !self.is_able {
                self.add(Key::Of(MetricName::Downtime), Merge::Sum, next.since(self.now).0);
            }
            self.now = next;
        }
    }

    fn widen(&mut self) {
        self.window = Time(self.window.0 * 2);
        self.columns.iter_mut().for_each(|(_, column)| column.halve());
        let mut wide = Vec::new();
        let mut narrow = core::mem::take(&mut self.latency).into_iter();
        while let Some(mut first) = narrow.next() {
            if let Some(second) = narrow.next() {
                first.merge(second);
            }
            wide.push(first);
        }
        self.latency = wide;
    }

    fn happened(&mut self, world: &World, event: &Event) {
        let before = event.cause().map_or(0, |cause| self.hops_of(cause.0));
        let is_arrival = matches!(event.kind, EventKind::Delivered(_));
        let is_beginning = matches!(event.kind, EventKind::Called(_));
        let hops = if is_beginning { 0 } else { before.saturating_add(u16::from(is_arrival)) };
        self.hops.push_back(hops);
        self.next_event += 1;
        if self.hops.len() > REMEMBERED_HOPS {
            self.hops.pop_front();
        }
        match &event.kind {
            EventKind::Node(NodeEvent::BecameCandidate { .. }) => self.count(MetricName::Elections),
            EventKind::Node(NodeEvent::BecameLeader { .. }) => {
                self.count(MetricName::ElectionsWon);
                if self.leader.is_some() && self.leader != event.server() {
                    self.count(MetricName::LeaderChanges);
                }
                self.leader = event.server();
            }
            EventKind::Node(NodeEvent::CommitAdvanced { to, .. }) if *to > self.commit => {
                self.add(Key::Of(MetricName::Commits), Merge::Sum, to.0 - self.commit.0);
                self.commit = *to;
            }
            EventKind::Sent(envelope) => {
                self.count(MetricName::Messages);
                self.add(Key::Messages(envelope.kind as u8), Merge::Sum, 1);
                if envelope.kind == MessageKind::AppendEntries && envelope.entries > 0 {
                    let entries = envelope.entries.into();
                    self.add(Key::Of(MetricName::MaxBatch), Merge::Max, entries);
                    self.add(Key::Entries, Merge::Sum, entries);
                    self.add(Key::Batches, Merge::Sum, 1);
                }
            }
            EventKind::WriteDurable(_) => self.count(MetricName::Syncs),
            EventKind::Resent(_) => self.count(MetricName::Retries),
            EventKind::Redirected(..) => self.count(MetricName::Redirects),
            EventKind::Called(_) => {
                self.outstanding += 1;
                self.waiting_since.get_or_insert(self.now);
            }
            EventKind::Returned(id, outcome) => {
                self.outstanding = self.outstanding.saturating_sub(1);
                let operation = world.operations().get(id.0 as usize);
                if let Some(operation) = operation.filter(|_| *outcome == Outcome::Ok) {
                    self.acknowledged(operation, hops);
                }
            }
            _ => {}
        }
    }

    fn acknowledged(&mut self, operation: &Operation, hops: u16) {
        self.count(MetricName::Throughput);
        self.count(if operation.is_write() { MetricName::Writes } else { MetricName::Reads });
        if operation.is_write() {
            self.add(Key::Of(MetricName::MaxHops), Merge::Max, hops.into());
        }
        let latency = self.now.since(operation.called_at).0;
        let window = self.window_now();
        if self.latency.len() <= window {
            self.latency.resize_with(window + 1, Histogram::default);
        }
        self.latency[window].add(latency);
        self.all_latency.add(latency);
        if let Some(since) = self.waiting_since {
            self.longest_gap = self.longest_gap.max(self.now.since(since).0);
        }
        self.waiting_since = (self.outstanding > 0).then_some(self.now);
    }

    fn hops_of(&self, event: u32) -> u16 {
        let first = self.next_event - self.hops.len() as u32;
        event.checked_sub(first).and_then(|at| self.hops.get(at as usize)).copied().unwrap_or_default()
    }

    fn measure(&mut self, server: &Server, events: &[Event]) {
        let (id, at) = (server.id().0, server.id().0 as usize - 1);
        let log = server.node().map_or(&server.durable().log, |node| node.log());
        let seen = self.servers[at].follow(log);
        let durable = server.durable().log.last_index();
        let was_synced =
            |event: &Event| event.server() == Some(server.id()) && matches!(event.kind, EventKind::WriteDurable(_));
        if durable > seen.durable && events.iter().any(was_synced) {
            self.add(Key::Of(MetricName::MaxSyncBatch), Merge::Max, durable.0 - seen.durable.0);
        }
        let seen = Seen { durable, ..seen };
        self.servers[at] = seen;
        let snapshot = server.node().map_or(server.durable().snapshot.as_ref(), |node| node.snapshot());
        let commit = server.node().map(raft_core::Node::commit_index);
        let mut set = |name, merge, value| self.add(Key::At(name, id), merge, value);
        set(MetricName::LogEntries, Merge::Last, seen.last.0 - seen.base.0);
        set(MetricName::LogBytes, Merge::Last, seen.bytes);
        set(MetricName::SnapshotBytes, Merge::Last, snapshot.map_or(0, |snapshot| snapshot.data.len() as u64));
        set(MetricName::MaxUnapplied, Merge::Max, server.unapplied());
        set(MetricName::MaxUncommitted, Merge::Max, commit.map_or(0, |commit| seen.last.0.saturating_sub(commit.0)));
        let changes_state = |event: &Event| {
            use EventKind::{Applied, Crashed, Restarted, Restored};
            let is_change = matches!(event.kind, Applied(_) | Restored(_) | Restarted | Crashed(_));
            is_change && event.server() == Some(server.id())
        };
        if events.iter().any(changes_state) {
            let bytes = server.state().map(|(key, value)| (key.len() + value.len()) as u64).sum();
            self.add(Key::At(MetricName::StateBytes, id), Merge::Last, bytes);
        }
    }
}

impl Seen {
    /// Measures a log anew, only what came after what was seen if that is still there: a log that has the same entry at the
    /// same index is the same up to there.
    fn follow(self, log: &Log) -> Self {
        let (base, last) = (log.last_included_index(), log.last_index());
        let is_longer = base == self.base && last >= self.last && log.term_at(self.last) == Some(self.last_term);
        let (first, known) = if is_longer { (self.last.next(), self.bytes) } else { (log.first_index(), 0) };
        let bytes = log.iter_from(first).fold(known, |bytes, (_, entry)| bytes + entry.size() as u64);
        Self { base, last, last_term: log.last_term(), bytes, ..self }
    }
}

/// Whether a server leads and could commit: in each half of the configuration a majority runs and has links that work.
fn can_commit(world: &World, server: &Server) -> bool {
    let leads =
        |server: &Server| server.status() == Status::Up && server.node().is_some_and(|n| n.role() == Role::Leader);
    let Some(node) = server.node().filter(|_| leads(server)) else { return false };
    let id = server.id();
    let reaches = |voter: &NodeId| {
        let is_linked = || !world.link(id, *voter).is_cut && !world.link(*voter, id).is_cut;
        let is_up = || world.server_with_id(voter.0).is_ok_and(|server| server.status() == Status::Up);
        *voter == id || (is_up() && is_linked())
    };
    let configuration = node.configuration();
    [configuration.voters(), configuration.voters_outgoing()]
        .into_iter()
        .all(|voters| voters.is_empty() || voters.iter().filter(|voter| reaches(voter)).count() > voters.len() / 2)
}

fn quantile(latency: &Histogram, name: MetricName) -> Option<u64> {
    match name {
        MetricName::LatencyP50 => latency.quantile(50),
        MetricName::LatencyP90 => latency.quantile(90),
        MetricName::LatencyP99 => latency.quantile(99),
        _ => latency.quantile(100).map(|_| latency.max()),
    }
}
