//! A server made of tikv's `raft`, with a disk that may be slow: its asynchronous mode.

use std::collections::VecDeque;

use raft::eraftpb::{ConfState, HardState, Message};
use raft::storage::MemStorage;
use raft::{Config, RawNode, StateRole};

use crate::server::{ELECTION_TICKS, Entry, HEARTBEAT_TICKS, Server, Setup, View, Writes};

pub(crate) struct Theirs {
    config: Config,
    servers: u64,
    disk: Disk,
    /// Handed out and not durable yet, oldest first.
    unsynced: VecDeque<Write>,
    has_slow_disk: bool,
    /// Its storage is what the disk will hold once all is written.
    node: Option<RawNode<MemStorage>>,
    sent: Vec<(u64, Message)>,
    applied: Vec<(u64, Entry)>,
}

/// What survives a crash.
#[derive(Default)]
struct Disk {
    hard_state: HardState,
    /// From index 1 on.
    log: Vec<raft::eraftpb::Entry>,
}

/// What one `Ready` wants to be made durable, and what it wants to be sent then.
struct Write {
    number: u64,
    hard_state: Option<HardState>,
    entries: Vec<raft::eraftpb::Entry>,
    messages: Vec<Message>,
    must_sync: bool,
}

impl Server for Theirs {
    const NAME: &'static str = "tikv raft";

    type Message = Message;

    fn new(id: u64, setup: Setup) -> Self {
        // The lease and check-quorum count `election_tick`, the wait for an election is drawn from the range.
        let config = Config {
            id,
            election_tick: ELECTION_TICKS as usize,
            heartbeat_tick: HEARTBEAT_TICKS as usize,
            min_election_tick: 1 << 30,
            max_election_tick: 1 << 31,
            // 0 stands for one entry in each message.
            max_size_per_msg: if setup.one_entry_per_message { 0 } else { 1 << 20 },
            max_inflight_msgs: setup.inflight,
            check_quorum: true,
            pre_vote: true,
            ..Config::default()
        };
        let mut server = Self {
            config,
            servers: setup.servers,
            disk: Disk::default(),
            unsynced: VecDeque::new(),
            has_slow_disk: false,
            node: None,
            sent: Vec::new(),
            applied: Vec::new(),
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
        let voters: Vec<u64> = (1..=self.servers).collect();
        let storage = MemStorage::new_with_conf_state(ConfState::from((voters, vec![])));
        storage.wl().append(&self.disk.log).expect("entries are contiguous");
        storage.wl().set_hardstate(self.disk.hard_state.clone());
        let logger = slog::Logger::root(slog::Discard, slog::o!());
        self.has_slow_disk = false;
        self.node = Some(RawNode::new(&self.config, storage, &logger).expect("the disk holds what the node wrote"));
        self.drain();
    }

    fn tick(&mut self) {
        self.run(RawNode::tick);
    }

    fn step(&mut self, message: Message) {
        // An error says that the message is of no use, which is nothing special here.
        let _ = self.run(|node| node.step(message));
    }

    fn campaign(&mut self) {
        self.run(RawNode::campaign).expect("anybody may campaign");
    }

    fn propose(&mut self, command: u64) -> bool {
        // A follower would forward the command, see `propose_or_forward`.
        let leads = |node: &RawNode<MemStorage>| node.raft.state == StateRole::Leader;
        self.run(|node| leads(node) && node.propose(vec![], command.to_le_bytes().to_vec()).is_ok())
    }

    fn slow_disk(&mut self) {
        self.has_slow_disk = true;
    }

    fn sync(&mut self, writes: Writes) {
        match writes {
            Writes::All => self.has_slow_disk = false,
            Writes::Oldest => self.sync_oldest(),
        }
        self.drain();
    }

    fn take_sent(&mut self) -> Vec<(u64, Message)> {
        std::mem::take(&mut self.sent)
    }

    fn take_applied(&mut self) -> Vec<(u64, Entry)> {
        std::mem::take(&mut self.applied)
    }

    fn view(&self) -> View {
        let Some(node) = &self.node else {
            return View {
                term: self.disk.hard_state.term,
                leads: false,
                commit_index: 0,
                log: self.disk.log.iter().map(seen).collect(),
            };
        };
        View {
            term: node.raft.term,
            leads: node.raft.state == StateRole::Leader,
            commit_index: node.raft.raft_log.committed,
            log: node.raft.raft_log.all_entries().iter().map(seen).collect(),
        }
    }
}

impl Theirs {
    /// Proposes a command wherever it is, which a follower forwards.
    pub(crate) fn propose_or_forward(&mut self, command: u64) {
        let _ = self.run(|node| node.propose(vec![], command.to_le_bytes().to_vec()));
    }

    /// Does something to the node, then carries out all that it asks for.
    fn run<T>(&mut self, input: impl FnOnce(&mut RawNode<MemStorage>) -> T) -> T {
        let result = input(self.node.as_mut().expect("the server is up"));
        self.drain();
        result
    }

    fn drain(&mut self) {
        loop {
            // What needs no durability waits only for what does.
            while self.unsynced.front().is_some_and(|write| !self.has_slow_disk || !write.must_sync) {
                self.sync_oldest();
            }
            let node = self.node.as_mut().expect("the server is up");
            if !node.has_ready() {
                return;
            }
            let mut ready = node.ready();
            self.sent.extend(ready.take_messages().into_iter().map(addressed));
            self.applied.extend(ready.take_committed_entries().iter().map(|entry| (entry.index, seen(entry))));
            let write = Write {
                number: ready.number(),
                hard_state: ready.hs().cloned(),
                messages: ready.take_persisted_messages(),
                must_sync: ready.must_sync(),
                entries: ready.take_entries(),
            };
            node.mut_store().wl().append(&write.entries).expect("entries are contiguous");
            if let Some(hard_state) = &write.hard_state {
                node.mut_store().wl().set_hardstate(hard_state.clone());
            }
            self.unsynced.push_back(write);
            node.advance_append_async(ready);
            node.advance_apply();
        }
    }

    fn sync_oldest(&mut self) {
        let (Some(write), Some(node)) = (self.unsynced.pop_front(), &mut self.node) else {
            return;
        };
        if let Some(hard_state) = write.hard_state {
            self.disk.hard_state = hard_state;
        }
        if let Some(first) = write.entries.first() {
            self.disk.log.truncate(first.index as usize - 1);
            self.disk.log.extend(write.entries);
        }
        self.sent.extend(write.messages.into_iter().map(addressed));
        node.on_persist_ready(write.number);
    }
}

fn addressed(message: Message) -> (u64, Message) {
    (message.to, message)
}

fn seen(entry: &raft::eraftpb::Entry) -> Entry {
    Entry { term: entry.term, command: entry.data.as_ref().try_into().ok().map(u64::from_le_bytes) }
}
