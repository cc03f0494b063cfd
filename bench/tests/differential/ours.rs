//! A server made of raft-core.

use std::collections::VecDeque;

use raft_core::{
    Configuration, EntryKind, Message, Node, NodeId, NodeSetup, Options, Payload, Persisted, Ready, Rules, Ticks, Write,
};

use crate::server::{ELECTION_TICKS, Entry, HEARTBEAT_TICKS, Server, Setup, View, Writes};

pub(crate) struct Ours {
    setup: NodeSetup,
    disk: Persisted,
    /// Handed out and not durable yet, oldest first.
    unsynced: VecDeque<Write>,
    has_slow_disk: bool,
    node: Option<Node>,
    sent: Vec<(u64, Message)>,
    applied: Vec<(u64, Entry)>,
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

    fn take_applied(&mut self) -> Vec<(u64, Entry)> {
        std::mem::take(&mut self.applied)
    }

    fn view(&self) -> View {
        let node = self.node.as_ref();
        let log = node.map_or(&self.disk.log, Node::log);
        View {
            term: node.map_or(self.disk.hard_state.current_term, Node::current_term).0,
            leads: node.is_some_and(|node| node.role().is_leader()),
            commit_index: node.map_or(0, |node| node.commit_index().0),
            log: log.iter_from(log.first_index()).map(|(_, entry)| seen(entry)).collect(),
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
            if let Some(last) = self.ready.committed.last() {
                node.on_applied(last.index);
            }
            self.applied.extend(self.ready.committed.drain(..).map(|it| (it.index.0, seen(&it.entry))));
        }
    }

    fn sync_oldest(&mut self) {
        if let (Some(write), Some(node)) = (self.unsynced.pop_front(), &mut self.node) {
            self.disk.apply(&write);
            node.on_persisted(write.number);
        }
    }
}

fn seen(entry: &raft_core::Entry) -> Entry {
    let command = match &entry.kind {
        EntryKind::Command(payload) => payload.as_bytes().try_into().ok().map(u64::from_le_bytes),
        _ => None,
    };
    Entry { term: entry.term.0, command }
}
