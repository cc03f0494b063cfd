//! The verbs of the MIT 6.5840 tester on a simulated cluster. One tick is one simulated millisecond.

#![allow(dead_code, reason = "each test file uses some of the verbs")]

use std::collections::BTreeMap;

use raft_core::{EntryKind, LogIndex, MessageKind, NodeId, Rule, Rules, Term};
use raft_sim::{
    Action, ClusterConfig, Event, EventId, EventKind, NetworkConfig, OptionsConfig, Status, Time, Timeline,
};

/// Each test runs with all of these.
pub(crate) const SEEDS: std::ops::Range<u64> = 0..20;
/// The election timeout that the tester assumes, in milliseconds.
pub(crate) const ELECTION_TIMEOUT: u64 = 1_000;
/// After this long `one` gives up.
const PATIENCE: u64 = 10_000;
/// What a message is counted for besides the commands in it: addresses, term, indices and framing.
pub(crate) const HEADER_BYTES: u64 = 64;

/// A cluster as the tester sees it.
pub(crate) struct Tester {
    timeline: Timeline,
    connected: Vec<bool>,
    next_event: EventId,
    /// Commands handed out so far.
    numbers: u64,
    random: u64,
    /// The commands that were seen applied, by index: snapshots swallow them.
    applied: BTreeMap<u64, String>,
}

/// Messages that were sent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Traffic {
    /// Requests: replies belong to them.
    pub(crate) calls: u64,
    /// Bytes of requests and replies.
    pub(crate) bytes: u64,
}

impl Tester {
    /// A reliable network, as fast as the tester's.
    pub(crate) fn new(servers: usize, seed: u64) -> Self {
        Self::on(
            servers,
            seed,
            NetworkConfig { latency_ms: (Time::of_ticks(1), Time::of_ticks(1)), ..NetworkConfig::default() },
        )
    }

    /// The tester's unreliable network: up to 27 ms of delay, a tenth of the requests and of the replies lost.
    pub(crate) fn unreliable(servers: usize, seed: u64) -> Self {
        let latency_ms = (Time(0), Time::of_ticks(27));
        Self::on(servers, seed, NetworkConfig { latency_ms, loss_permille: 100, ..NetworkConfig::default() })
    }

    /// The same cluster, started with servers that take a snapshot whenever their log holds so many applied entries.
    pub(crate) fn compacting(servers: usize, seed: u64, is_reliable: bool, entries: u32) -> Self {
        let ticks = |from, to| (Time::of_ticks(from), Time::of_ticks(to));
        let network = if is_reliable {
            NetworkConfig { latency_ms: ticks(1, 1), ..NetworkConfig::default() }
        } else {
            NetworkConfig { latency_ms: ticks(0, 27), loss_permille: 100, ..NetworkConfig::default() }
        };
        Self::with_snapshots(servers, seed, network, Some(entries))
    }

    fn on(servers: usize, seed: u64, network: NetworkConfig) -> Self {
        Self::with_snapshots(servers, seed, network, None)
    }

    fn with_snapshots(servers: usize, seed: u64, network: NetworkConfig, compact_every: Option<u32>) -> Self {
        let options = OptionsConfig {
            compact_every,
            election_timeout_ms: Some((250, 500)),
            // The tester asks for no more than ten heartbeats a second.
            heartbeat_ms: Some(100),
            ..OptionsConfig::default()
        };
        let mut cluster = ClusterConfig { options, network, ..ClusterConfig::of(servers, seed) };
        // The lab's indices start with the first command: a blank entry would shift them.
        cluster = Rules::SAFE.without(Rule::NoOp).off().fold(cluster, ClusterConfig::without);
        let timeline = Timeline::of_cluster(cluster).expect("a valid cluster");
        Self {
            timeline,
            connected: vec![true; servers],
            next_event: EventId(0),
            numbers: 0,
            random: seed,
            applied: BTreeMap::new(),
        }
    }

    pub(crate) const fn timeline(&self) -> &Timeline {
        &self.timeline
    }

    /// A number below `count`, the same in every run.
    pub(crate) fn below(&mut self, count: u64) -> u64 {
        self.random = self.random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.random >> 33) % count
    }

    /// A command that was not used before.
    pub(crate) fn command(&mut self) -> String {
        self.numbers += 1;
        self.numbers.to_string()
    }

    pub(crate) fn sleep(&mut self, ms: u64) {
        let until = self.timeline.shown().after(Time::of_ticks(ms));
        self.timeline.advance_to(until, usize::MAX);
        let violations = self.timeline.world().violations();
        assert!(violations.is_empty(), "{:?}", violations.get(0));
    }

    pub(crate) fn act(&mut self, action: &Action) {
        self.timeline.act(action).unwrap_or_else(|error| panic!("{action}: {error}"));
    }

    pub(crate) fn disconnect(&mut self, server: u64) {
        self.set_connected(server, false);
    }

    pub(crate) fn connect(&mut self, server: u64) {
        self.set_connected(server, true);
    }

    pub(crate) fn is_connected(&self, server: u64) -> bool {
        self.connected[server as usize - 1]
    }

    fn set_connected(&mut self, server: u64, is_connected: bool) {
        self.connected[server as usize - 1] = is_connected;
        // A link works if both of its ends are connected.
        let count = self.connected.len() as u64;
        let group = (1..=count).filter(|&id| self.is_connected(id)).collect();
        self.act(&Action::Heal);
        self.act(&Action::Partition { groups: vec![group] });
    }

    /// Stops a server and takes it off the network.
    pub(crate) fn crash(&mut self, server: u64) {
        if self.status(server) != Status::Crashed {
            self.act(&Action::Crash { server, lose_unsynced: true });
        }
        self.disconnect(server);
    }

    /// Starts a server again, still off the network.
    pub(crate) fn start(&mut self, server: u64) {
        if self.status(server) != Status::Crashed {
            self.crash(server);
        }
        self.act(&Action::Restart { server });
    }

    pub(crate) fn status(&self, server: u64) -> Status {
        self.timeline.world().server_with_id(server).expect("a server").status()
    }

    /// Proposes at a server: index and term, if it leads.
    pub(crate) fn propose(&mut self, server: u64, command: &str) -> Option<(u64, u64)> {
        let outcome = self.timeline.act(&Action::Propose { server, command: command.into() }).ok()?;
        let node = self.timeline.world().nodes().find(|node| node.id() == NodeId(server))?;
        Some((outcome.index?, node.current_term().0))
    }

    /// The one leader among the connected servers, for which the tester waits up to ten times half a second.
    pub(crate) fn check_one_leader(&mut self) -> u64 {
        for _ in 0..10 {
            let wait = 450 + self.below(100);
            self.sleep(wait);
            let leaders = self.leaders();
            for (term, ids) in &leaders {
                assert_eq!(ids.len(), 1, "term {term} has the leaders {ids:?}");
            }
            if let Some((_, ids)) = leaders.last_key_value() {
                return ids[0];
            }
        }
        panic!("no leader");
    }

    fn leaders(&self) -> BTreeMap<Term, Vec<u64>> {
        let mut leaders = BTreeMap::<_, Vec<_>>::new();
        for node in self.timeline.world().nodes().filter(|node| self.is_connected(node.id().0)) {
            if node.role().is_leader() {
                leaders.entry(node.current_term()).or_default().push(node.id().0);
            }
        }
        leaders
    }

    pub(crate) fn check_no_leader(&self) {
        assert!(self.leaders().is_empty(), "a leader without a quorum");
    }

    /// The term that all connected servers agree on.
    pub(crate) fn check_terms(&self) -> u64 {
        let nodes = self.timeline.world().nodes().filter(|node| self.is_connected(node.id().0));
        let terms: std::collections::BTreeSet<_> = nodes.map(raft_core::Node::current_term).collect();
        assert_eq!(terms.len(), 1, "servers disagree on the term: {terms:?}");
        terms.first().expect("one").0
    }

    /// How many servers have applied an entry at an index, and what it says.
    pub(crate) fn n_committed(&mut self, index: u64) -> (usize, Option<String>) {
        let nodes = self.timeline.world().nodes().filter(|node| node.last_applied() >= LogIndex(index));
        let (compacted, kept): (Vec<_>, Vec<_>) =
            nodes.partition(|node| node.log().last_included_index() >= LogIndex(index));
        let count = compacted.len() + kept.len();
        let commands: Vec<_> = kept.into_iter().map(|node| command_at(node, index)).collect();
        assert!(commands.windows(2).all(|pair| pair[0] == pair[1]), "different entries at {index}: {commands:?}");
        if let Some(Some(command)) = commands.into_iter().next() {
            let known = self.applied.entry(index).or_insert_with(|| command.clone());
            assert_eq!(*known, command, "entry {index} was applied and then became another one");
        }
        (count, self.applied.get(&index).cloned())
    }

    /// How often a snapshot from the leader was installed so far.
    pub(crate) fn snapshots_installed(&self) -> usize {
        let events = self.timeline.events(EventId(0), usize::MAX);
        let is_install = |kind: &EventKind| matches!(kind, EventKind::Node(raft_core::Event::SnapshotInstalled { .. }));
        events.filter(|(_, event)| is_install(&event.kind)).count()
    }

    /// Bytes of the log that a server has on its disk.
    pub(crate) fn log_bytes(&self, server: u64) -> usize {
        let server = self.timeline.world().server_with_id(server).expect("a server");
        server.durable().log.iter_from(LogIndex(0)).map(|(_, entry)| entry.size()).sum()
    }

    /// Has a command agreed on by at least so many servers; its index.
    pub(crate) fn one(&mut self, command: &str, expected_servers: usize, retry: bool) -> u64 {
        let deadline = self.timeline.shown().after(Time::of_ticks(PATIENCE));
        while self.timeline.shown() < deadline {
            let servers = 1..=self.connected.len() as u64;
            let candidates: Vec<_> = servers.filter(|&id| self.is_connected(id)).collect();
            let taken = candidates.into_iter().find_map(|id| self.propose(id, command));
            let Some((index, _)) = taken else {
                self.sleep(50);
                continue;
            };
            for _ in 0..100 {
                let (count, agreed) = self.n_committed(index);
                if count >= expected_servers && agreed.as_deref() == Some(command) {
                    return index;
                }
                self.sleep(20);
            }
            assert!(retry, "{command} was not agreed on");
        }
        panic!("{command} was not agreed on");
    }

    /// The command at an index once enough servers have applied it; `None` if the term moved on.
    pub(crate) fn wait(&mut self, index: u64, count: usize, start_term: u64) -> Option<String> {
        for _ in 0..200 {
            if self.n_committed(index).0 >= count {
                break;
            }
            self.sleep(20);
            if self.timeline.world().nodes().any(|node| node.current_term().0 > start_term) {
                return None;
            }
        }
        let (reached, command) = self.n_committed(index);
        assert!(reached >= count, "only {reached} servers have entry {index}");
        command
    }

    /// What was sent since the last call.
    pub(crate) fn traffic(&mut self) -> Traffic {
        let mut traffic = Traffic::default();
        let events: Vec<_> = self.timeline.events(self.next_event, usize::MAX).map(|(_, event)| event).collect();
        self.next_event = EventId(self.next_event.0 + events.len() as u32);
        for event in &events {
            let EventKind::Sent(sent) = &event.kind else { continue };
            let is_call = matches!(
                sent.kind,
                MessageKind::RequestVote
                    | MessageKind::PreVote
                    | MessageKind::AppendEntries
                    | MessageKind::InstallSnapshot
            );
            traffic.calls += u64::from(is_call);
            traffic.bytes += HEADER_BYTES + self.payload(event);
        }
        traffic
    }

    /// Bytes of the commands in a message. Entries keep their place in these tests, so the log tells what it carried.
    fn payload(&self, event: &Event) -> u64 {
        let EventKind::Sent(sent) = &event.kind else { return 0 };
        let Some(node) = self.timeline.world().nodes().find(|node| node.id() == sent.from) else { return 0 };
        let entries = (1..=u64::from(sent.entries)).map(|offset| LogIndex(sent.index.0 + offset));
        entries.filter_map(|index| node.log().entry(index)).map(|entry| entry.size() as u64).sum()
    }
}

/// The command that a node's log has at an index.
pub(crate) fn command_at(node: &raft_core::Node, index: u64) -> Option<String> {
    match &node.log().entry(LogIndex(index))?.kind {
        EntryKind::Command(command) => String::from_utf8(command.as_bytes().to_vec()).ok(),
        _ => None,
    }
}
