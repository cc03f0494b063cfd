//! One server: a node, the disk it writes to, and the state machine it feeds.

use std::collections::VecDeque;

use raft_core::{
    Append, Committed, CompactError, Configuration, Entries, EntryKind, Event, LogIndex, MembershipChange,
    MembershipError, Message, Node, NodeId, NodeSetup, Options, Persisted, ProposeError, Read, ReadError, ReadId,
    ReadMode, ReadOutcome, Ready, Rule, Snapshot, Write, WriteNumber,
};

use super::{entry, voters};

/// A server whose disk the test holds in its hands.
#[derive(Clone)]
pub(crate) struct Server {
    pub(crate) setup: NodeSetup,
    /// What survives a crash.
    pub(crate) disk: Persisted,
    /// Writes that were handed out and are not durable yet, oldest first.
    pub(crate) unsynced: VecDeque<Write>,
    /// While set, writes stay in `unsynced` until the test calls [`Server::sync`].
    pub(crate) slow_disk: bool,
    /// Committed entries, in the order of being applied.
    pub(crate) applied: Vec<Committed>,
    /// Snapshots of a leader that the state machine took over, in that order.
    pub(crate) restored: Vec<Snapshot>,
    /// While set, the state machine keeps the node waiting until the test calls [`Server::catch_up`].
    pub(crate) slow_machine: bool,
    /// Reads that ended, in that order.
    pub(crate) reads: Vec<Read>,
    // The state machine: the commands that it knows, with their indices.
    machine: Vec<(LogIndex, String)>,
    // What the state machine has reached, whether the node was told or not.
    machine_index: LogIndex,
    /// Everything the node told since it started.
    pub(crate) events: Vec<Event>,
    node: Option<Node>,
    ready: Ready,
}

impl Server {
    /// Server `id` of a cluster of `1..=size` that has never run.
    pub(crate) fn new(id: u64, size: u64) -> Self {
        Self::from_disk(id, Persisted::bootstrap(Configuration::of_voters(voters(size))))
    }

    /// Server `id` that knows nobody: it waits to be added to a cluster.
    pub(crate) fn spare(id: u64) -> Self {
        Self::from_disk(id, Persisted::bootstrap(Configuration::default()))
    }

    /// Server `id` whose log holds entries of these terms, and whose current term is `term`.
    pub(crate) fn with_log(id: u64, size: u64, term: u64, terms: &[u64]) -> Self {
        let mut disk = Persisted::bootstrap(Configuration::of_voters(voters(size)));
        disk.hard_state.current_term = raft_core::Term(term);
        disk.apply(&Write {
            number: WriteNumber(1),
            hard_state: None,
            snapshot: None,
            append: Some(Append { first_index: LogIndex(1), entries: terms.iter().map(|&term| entry(term)).collect() }),
        });
        Self::from_disk(id, disk)
    }

    /// Server `id` that starts from this disk.
    pub(crate) fn from_disk(id: u64, disk: Persisted) -> Self {
        let mut server = Self {
            setup: NodeSetup::new(NodeId(id)),
            disk,
            unsynced: VecDeque::new(),
            slow_disk: false,
            applied: Vec::new(),
            restored: Vec::new(),
            slow_machine: false,
            reads: Vec::new(),
            machine: Vec::new(),
            machine_index: LogIndex(0),
            events: Vec::new(),
            node: None,
            ready: Ready::default(),
        };
        server.start();
        server
    }

    /// The same server started with other options.
    pub(crate) fn options(mut self, change: impl FnOnce(&mut Options)) -> Self {
        change(&mut self.setup.options);
        self.start();
        self
    }

    /// The same server started without a safeguard.
    pub(crate) fn without(mut self, rule: Rule) -> Self {
        self.setup.rules = self.setup.rules.without(rule);
        self.start();
        self
    }

    /// Starts, or restarts, from what the disk holds.
    pub(crate) fn start(&mut self) {
        self.events.clear();
        self.applied.clear();
        self.restored.clear();
        self.reads.clear();
        self.unsynced.clear();
        self.machine.clear();
        self.machine_index = LogIndex(0);
        if let Some(snapshot) = self.disk.snapshot.clone() {
            self.restore_machine(&snapshot);
        }
        self.node = Some(Node::new(self.setup, self.disk.clone()).expect("the disk holds a valid state"));
    }

    /// Stops. What was not durable is gone.
    pub(crate) fn crash(&mut self) {
        self.node = None;
        self.unsynced.clear();
    }

    pub(crate) fn is_up(&self) -> bool {
        self.node.is_some()
    }

    /// The running node.
    pub(crate) fn node(&self) -> &Node {
        self.node.as_ref().expect("the server is up")
    }

    /// Does something to the node, then carries out all that it asks for. Returns what it sends.
    pub(crate) fn run(&mut self, input: impl FnOnce(&mut Node)) -> Vec<Message> {
        input(self.node.as_mut().expect("the server is up"));
        self.drain()
    }

    pub(crate) fn step(&mut self, message: Message) -> Vec<Message> {
        self.run(|node| node.step(message))
    }

    pub(crate) fn campaign(&mut self) -> Vec<Message> {
        self.run(Node::campaign)
    }

    pub(crate) fn tick(&mut self, ticks: u64) -> Vec<Message> {
        self.run(|node| node.advance(raft_core::Ticks(ticks)))
    }

    pub(crate) fn propose(&mut self, command: &str) -> (Result<LogIndex, ProposeError>, Vec<Message>) {
        let mut result = Ok(LogIndex(0));
        let sent = self.run(|node| result = node.propose(command.into()));
        (result, sent)
    }

    /// Replaces the log up to `index` by the state of the state machine right after it.
    pub(crate) fn compact(&mut self, index: u64) -> (Result<(), CompactError>, Vec<Message>) {
        let data = self.state_at(LogIndex(index));
        let mut result = Ok(());
        let sent = self.run(|node| result = node.compact(LogIndex(index), data.into_bytes()));
        (result, sent)
    }

    pub(crate) fn change(&mut self, change: &MembershipChange) -> (Result<LogIndex, MembershipError>, Vec<Message>) {
        let mut result = Ok(LogIndex(0));
        let sent = self.run(|node| result = node.propose_membership(change));
        (result, sent)
    }

    pub(crate) fn read(&mut self, id: u64, mode: ReadMode) -> (Result<(), ReadError>, Vec<Message>) {
        let mut result = Ok(());
        let sent = self.run(|node| result = node.read_index(ReadId(id), mode));
        (result, sent)
    }

    /// Tells the node that the state machine has done everything that it was given.
    pub(crate) fn catch_up(&mut self) -> Vec<Message> {
        let index = self.machine_index;
        self.run(|node| node.on_applied(index))
    }

    /// Makes the oldest `count` unsynced writes durable.
    pub(crate) fn sync(&mut self, count: usize) -> Vec<Message> {
        let mut newest = None;
        for write in self.unsynced.drain(..count) {
            self.disk.apply(&write);
            newest = Some(write.number);
        }
        let node = self.node.as_mut().expect("the server is up");
        if let Some(number) = newest {
            node.on_persisted(number);
        }
        self.drain()
    }

    /// Makes everything durable.
    pub(crate) fn sync_all(&mut self) -> Vec<Message> {
        self.sync(self.unsynced.len())
    }

    fn drain(&mut self) -> Vec<Message> {
        let mut sent = Vec::new();
        loop {
            let node = self.node.as_mut().expect("the server is up");
            node.drain_into(&mut self.ready);
            if self.ready.is_empty() {
                return sent;
            }
            sent.append(&mut self.ready.messages);
            self.events.append(&mut self.ready.events);
            if let Some(write) = self.ready.write.take() {
                if self.slow_disk {
                    self.unsynced.push_back(write);
                } else {
                    self.disk.apply(&write);
                    node.on_persisted(write.number);
                }
            }
            self.reads.append(&mut self.ready.reads);
            if let Some(snapshot) = self.ready.restore.take() {
                self.restore_machine(&snapshot);
                self.restored.push(snapshot);
            }
            for committed in &self.ready.committed {
                assert_eq!(committed.index, self.machine_index.next(), "no gap and nothing twice");
                self.machine_index = committed.index;
                if let EntryKind::Command(payload) = &committed.entry.kind {
                    let command = String::from_utf8_lossy(payload.as_bytes()).into_owned();
                    self.machine.push((committed.index, command));
                }
            }
            self.applied.append(&mut self.ready.committed);
            if !self.slow_machine {
                let node = self.node.as_mut().expect("the server is up");
                node.on_applied(self.machine_index);
            }
        }
    }

    /// What a snapshot of the state machine right after `index` holds.
    fn state_at(&self, index: LogIndex) -> String {
        let known = self.machine.iter().filter(|(at, _)| *at <= index);
        known.flat_map(|(at, command)| [at.to_string(), format!(" {command}\n")]).collect()
    }

    fn restore_machine(&mut self, snapshot: &Snapshot) {
        let parse = |line: &str| {
            let (index, command) = line.split_once(' ').expect("a line is an index and a command");
            (LogIndex(index.parse().expect("an index is a number")), command.to_owned())
        };
        let text = std::str::from_utf8(&snapshot.data).expect("the harness writes text");
        self.machine = text.lines().map(parse).collect();
        self.machine_index = snapshot.last_included_index;
    }

    /// The terms of the log's entries, first index first.
    pub(crate) fn terms(&self) -> Vec<u64> {
        let log = self.node().log();
        log.iter_from(log.first_index()).map(|(_, entry)| entry.term.0).collect()
    }

    /// The entries of the log from index 1 on.
    pub(crate) fn entries(&self) -> Entries {
        self.node().log().run(LogIndex(1), usize::MAX, usize::MAX)
    }

    /// The commands that the state machine knows, as text.
    pub(crate) fn commands(&self) -> Vec<String> {
        self.machine.iter().map(|(_, command)| command.clone()).collect()
    }

    /// The indices at which reads ended servable, with the names of the reads, in that order.
    pub(crate) fn servable(&self) -> Vec<(u64, u64)> {
        let index = |read: &Read| match read.outcome {
            ReadOutcome::Servable { read_index } => Some((read.id.0, read_index.0)),
            ReadOutcome::Aborted(_) => None,
        };
        self.reads.iter().filter_map(index).collect()
    }

    /// Whether the node told such an event.
    pub(crate) fn told(&self, is_it: impl Fn(&Event) -> bool) -> bool {
        self.events.iter().any(is_it)
    }
}
