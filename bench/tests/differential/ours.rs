//! A server made of raft-core.

use std::collections::VecDeque;

use raft_core::{
    Configuration, EntryKind, LogIndex, Message, Node, NodeId, NodeSetup, Options, Payload, Persisted, Ready, Rules,
    Snapshot, Ticks, Write,
};

use crate::server::{Applied, ELECTION_TICKS, Entry, HEARTBEAT_TICKS, Server, Setup, View, Writes, decode, encode};

pub(crate) struct Ours {
    setup: NodeSetup,
    disk: Persisted,
    /// Handed out and not durable yet, oldest first.
    unsynced: VecDeque<Write>,
    has_slow_disk: bool,
    node: Option<Node>,
    sent: Vec<(u64, Message)>,
    /// The state machine.
    state: Vec<Entry>,
    applied: Vec<Applied>,
    ready: Ready,
}

impl Server for Ours {
    const NAME: &'static str = "raft-core";

    type Message = Message;

    fn new(id: u64, setup: Setup) -> Self {
        let mut options = Options {
            election_timeout_min: Ticks(ELECTION_TICKS),
            election_timeout_max: Options::MAX_TIMEOUT,
            heartbeat_interval: Ticks(HEARTBEAT_TICKS),
            max_inflight_messages: setup.inflight,
            max_snapshot_chunk_bytes: setup.snapshot_piece,
            ..Options::default()
        };
        if setup.one_entry_per_message {
            options.max_append_entries = 1;
        }
        let rules = setup.without.map_or(Rules::SAFE, |rule| Rules::SAFE.without(rule));
        let mut server = Self {
            setup: NodeSetup { options, rules, ..NodeSetup::new(NodeId(id)) },
            disk: Persisted::bootstrap(Configuration::of_voters((1..=setup.servers).map(NodeId))),
            unsynced: VecDeque::new(),
            has_slow_disk: false,
            node: None,
            sent: Vec::new(),
            state: Vec::new(),
            applied: Vec::new(),
            ready: Ready::default(),
        };
        server.restart();
        server
    }

    fn is_up(&self) -> bool {
        self.node.is_some()
    }

    fn crash(&mut self) {
        self.node = None;
        self.unsynced.clear();
    }

    fn restart(&mut self) {
        self.setup.seed += 1;
        self.has_slow_disk = false;
        self.state.clear();
        if let Some(snapshot) = &self.disk.snapshot {
            restore(snapshot, &mut self.state, &mut self.applied);
        }
        self.node = Some(Node::new(self.setup, self.disk.clone()).expect("the disk holds what the node wrote"));
    }

    fn tick(&mut self) {
        self.run(Node::tick);
    }

    fn step(&mut self, message: Message) {
        self.run(|node| node.step(message));
    }

    fn campaign(&mut self) {
        self.run(Node::campaign);
    }

    fn propose(&mut self, command: u64) -> bool {
        self.run(|node| node.propose(Payload::from(command.to_le_bytes().as_slice())).is_ok())
    }

    fn transfer(&mut self, target: u64) {
        // Refused by all but the leader.
        let _ = self.run(|node| node.transfer_leadership(NodeId(target)));
    }

    fn compact(&mut self) {
        let (index, data) = (LogIndex(self.state.len() as u64), encode(&self.state));
        // Refused when there is nothing new to compact.
        let _ = self.run(|node| node.compact(index, data));
    }

    fn slow_disk(&mut self) {
        self.has_slow_disk = true;
    }

    fn sync(&mut self, writes: Writes) {
        match writes {
            Writes::All => self.has_slow_disk = false,
            Writes::Oldest => self.sync_oldest(),
        }
        self.run(|_| ());
    }

    fn take_sent(&mut self) -> Vec<(u64, Message)> {
        std::mem::take(&mut self.sent)
    }

    fn take_applied(&mut self) -> Vec<Applied> {
        std::mem::take(&mut self.applied)
    }

    fn view(&self) -> View {
        let node = self.node.as_ref();
        let log = node.map_or(&self.disk.log, Node::log);
        let snapshot = node.map_or(self.disk.snapshot.as_ref(), Node::snapshot);
        let covered = snapshot.map_or(Vec::new(), |snapshot| decode(&snapshot.data));
        View {
            term: node.map_or(self.disk.hard_state.current_term, Node::current_term).0,
            leads: node.is_some_and(|node| node.role().is_leader()),
            commit_index: node.map_or(0, |node| node.commit_index().0),
            covered: covered.len(),
            log: covered.into_iter().chain(log.iter_from(log.first_index()).map(|(_, entry)| seen(entry))).collect(),
        }
    }
}

impl Ours {
    /// Does something to the node, then carries out all that it asks for.
    fn run<T>(&mut self, input: impl FnOnce(&mut Node) -> T) -> T {
        let result = input(self.node.as_mut().expect("the server is up"));
        self.drain();
        result
    }

    fn drain(&mut self) {
        loop {
            if !self.has_slow_disk {
                while !self.unsynced.is_empty() {
                    self.sync_oldest();
                }
            }
            let node = self.node.as_mut().expect("the server is up");
            node.drain_into(&mut self.ready);
            if self.ready.is_empty() {
                return;
            }
            self.sent.extend(self.ready.messages.drain(..).map(|message| (message.to.0, message)));
            self.unsynced.extend(self.ready.write.take());
            if let Some(snapshot) = self.ready.restore.take() {
                restore(&snapshot, &mut self.state, &mut self.applied);
                node.on_applied(snapshot.last_included_index);
            }
            if let Some(last) = self.ready.committed.last() {
                node.on_applied(last.index);
            }
            for committed in self.ready.committed.drain(..) {
                let (index, entry) = (committed.index.0, seen(&committed.entry));
                self.state.push(entry);
                self.applied.push(Applied::Entry { index, entry });
            }
        }
    }

    fn sync_oldest(&mut self) {
        if let (Some(write), Some(node)) = (self.unsynced.pop_front(), &mut self.node) {
            self.disk.apply(&write);
            node.on_persisted(write.number);
        }
    }
}

fn restore(snapshot: &Snapshot, state: &mut Vec<Entry>, applied: &mut Vec<Applied>) {
    *state = decode(&snapshot.data);
    applied.push(Applied::Snapshot(state.clone()));
}

fn seen(entry: &raft_core::Entry) -> Entry {
    let command = match &entry.kind {
        EntryKind::Command(payload) => payload.as_bytes().try_into().ok().map(u64::from_le_bytes),
        _ => None,
    };
    Entry { term: entry.term.0, command }
}
