//! A server made of tikv's `raft`, with a disk that may be slow: its asynchronous mode.

use std::collections::VecDeque;

use raft::eraftpb::{ConfState, HardState, Message, MessageType, Snapshot};
use raft::{Config, RawNode, SnapshotStatus, StateRole};

use crate::server::{Applied, ELECTION_TICKS, Entry, HEARTBEAT_TICKS, Server, Setup, View, Writes, decode, encode};
use crate::storage::Store;

pub(crate) struct Theirs {
    config: Config,
    /// What survives a crash.
    disk: Store,
    /// Handed out and not durable yet, oldest first.
    unsynced: VecDeque<Write>,
    has_slow_disk: bool,
    /// Its storage is what the disk will hold once all is written.
    node: Option<RawNode<Store>>,
    sent: Vec<(u64, Message)>,
    /// The state machine.
    state: Vec<Entry>,
    applied: Vec<Applied>,
}

/// What one `Ready` wants to be made durable, and what it wants to be sent then.
struct Write {
    number: u64,
    hard_state: Option<HardState>,
    snapshot: Snapshot,
    entries: Vec<raft::eraftpb::Entry>,
    messages: Vec<Message>,
    must_sync: bool,
}

impl Write {
    fn apply(&self, store: &mut Store) {
        if let Some(hard_state) = &self.hard_state {
            store.hard_state = hard_state.clone();
        }
        if !self.snapshot.is_empty() {
            store.install(&self.snapshot);
        }
        store.append(&self.entries);
    }
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
        let voters: Vec<u64> = (1..=setup.servers).collect();
        let mut server = Self {
            config,
            disk: Store::new(ConfState::from((voters, vec![]))),
            unsynced: VecDeque::new(),
            has_slow_disk: false,
            node: None,
            sent: Vec::new(),
            state: Vec::new(),
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
        let last_included_index = self.disk.last_included_index();
        self.config.applied = last_included_index;
        // The commit index may have been written before the snapshot.
        self.disk.hard_state.commit = self.disk.hard_state.commit.max(last_included_index);
        self.has_slow_disk = false;
        self.state.clear();
        if last_included_index > 0 {
            self.restore(&self.disk.snapshot.clone());
        }
        let logger = slog::Logger::root(slog::Discard, slog::o!());
        let node = RawNode::new(&self.config, self.disk.clone(), &logger);
        self.node = Some(node.expect("the disk holds what the node wrote"));
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
        let leads = |node: &RawNode<Store>| node.raft.state == StateRole::Leader;
        self.run(|node| leads(node) && node.propose(vec![], command.to_le_bytes().to_vec()).is_ok())
    }

    fn transfer(&mut self, target: u64) {
        // A follower would forward the wish.
        self.run(|node| {
            if node.raft.state == StateRole::Leader {
                node.transfer_leader(target);
            }
        });
    }

    fn compact(&mut self) {
        let index = self.state.len() as u64;
        if let Some(node) = self.node.as_mut().filter(|_| index > 0) {
            self.disk.compact(index, encode(&self.state));
            node.mut_store().compact(index, encode(&self.state));
        }
    }

    fn needs_report(message: &Message) -> bool {
        message.get_msg_type() == MessageType::MsgSnapshot
    }

    fn report(&mut self, to: u64, has_arrived: bool) {
        let status = if has_arrived { SnapshotStatus::Finish } else { SnapshotStatus::Failure };
        self.run(|node| node.report_snapshot(to, status));
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

    fn take_applied(&mut self) -> Vec<Applied> {
        std::mem::take(&mut self.applied)
    }

    fn view(&self) -> View {
        let Some(node) = &self.node else {
            let log = all(&self.disk.snapshot, self.disk.entries());
            let covered = self.disk.last_included_index() as usize;
            return View { term: self.disk.hard_state.term, leads: false, commit_index: 0, log, covered };
        };
        let log = &node.raft.raft_log;
        // A snapshot that has just arrived is written at once, so the storage has it.
        View {
            term: node.raft.term,
            leads: node.raft.state == StateRole::Leader,
            commit_index: log.committed,
            covered: node.store().last_included_index() as usize,
            log: all(&node.store().snapshot, &log.all_entries()),
        }
    }
}

impl Theirs {
    /// Proposes a command wherever it is, which a follower forwards.
    pub(crate) fn propose_or_forward(&mut self, command: u64) {
        let _ = self.run(|node| node.propose(vec![], command.to_le_bytes().to_vec()));
    }

    /// Does something to the node, then carries out all that it asks for.
    fn run<T>(&mut self, input: impl FnOnce(&mut RawNode<Store>) -> T) -> T {
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
            for committed in ready.take_committed_entries() {
                let (index, entry) = (committed.index, seen(&committed));
                self.state.push(entry);
                self.applied.push(Applied::Entry { index, entry });
            }
            let write = Write {
                number: ready.number(),
                hard_state: ready.hs().cloned(),
                snapshot: ready.snapshot().clone(),
                messages: ready.take_persisted_messages(),
                must_sync: ready.must_sync(),
                entries: ready.take_entries(),
            };
            write.apply(node.mut_store());
            node.advance_append_async(ready);
            let snapshot = Some(write.snapshot.clone()).filter(|snapshot| !snapshot.is_empty());
            self.unsynced.push_back(write);
            if let Some(snapshot) = snapshot {
                // It counts as applied, which it must not before it is durable.
                while !self.unsynced.is_empty() {
                    self.sync_oldest();
                }
                self.restore(&snapshot);
            }
            self.node.as_mut().expect("the server is up").advance_apply();
        }
    }

    fn restore(&mut self, snapshot: &Snapshot) {
        self.state = decode(&snapshot.data);
        self.applied.push(Applied::Snapshot(self.state.clone()));
    }

    fn sync_oldest(&mut self) {
        let (Some(write), Some(node)) = (self.unsynced.pop_front(), &mut self.node) else {
            return;
        };
        write.apply(&mut self.disk);
        self.sent.extend(write.messages.into_iter().map(addressed));
        node.on_persist_ready(write.number);
    }
}

fn addressed(message: Message) -> (u64, Message) {
    (message.to, message)
}

fn all(snapshot: &Snapshot, entries: &[raft::eraftpb::Entry]) -> Vec<Entry> {
    decode(&snapshot.data).into_iter().chain(entries.iter().map(seen)).collect()
}

fn seen(entry: &raft::eraftpb::Entry) -> Entry {
    Entry { term: entry.term, command: entry.data.as_ref().try_into().ok().map(u64::from_le_bytes) }
}
