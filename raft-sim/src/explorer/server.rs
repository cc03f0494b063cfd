//! One server of an explored cluster, and what one thing that happens makes of it.

use raft_core::{
    Configuration, LogIndex, MembershipChange, Message, Node, NodeId, NodeSetup, Options, Persisted, ReadId, ReadMode,
    ReadOutcome, Ready, Rename, Role, Rpc, Rules, Term, Write,
};

use super::own::{self, Look};
use crate::checker::Invariant;
use crate::machine::Machine;

/// A server between two things that happen to it: quiet, with nothing left to send or to apply.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(super) struct Server {
    pub(super) id: NodeId,
    /// `None` while it is crashed.
    pub(super) node: Option<Node>,
    pub(super) disk: Persisted,
    /// Writes that are not durable, oldest first, and how many of them the running sync covers.
    waiting: Vec<Write>,
    syncing: usize,
    /// The last vote that it spoke of, in this life or an earlier one, until its disk knows of a later term.
    pub(super) spoken: Option<(Term, NodeId)>,
    /// The clients' writes that it took and has not answered.
    clients: Vec<(LogIndex, Term)>,
}

/// What happens to a server.
pub(super) enum Input<'a> {
    Timeout,
    Heartbeat,
    Deliver(&'a Message),
    /// A command, which a client may wait for.
    Propose {
        command: &'a str,
        is_awaited: bool,
    },
    /// A read that must show everything up to an index.
    Read(LogIndex),
    Sync,
    Crash,
    Restart,
    Snapshot,
    Change(&'a MembershipChange),
    Transfer(NodeId),
}

/// How servers are made and asked, the same for all.
#[derive(Clone, Copy)]
pub(super) struct Kind {
    pub(super) options: Options,
    pub(super) rules: Rules,
    pub(super) slow_disks: bool,
    pub(super) reads: ReadMode,
}

/// What one thing that happens to a server brings about.
pub(super) struct Turn {
    pub(super) server: Server,
    pub(super) sent: Vec<Message>,
    /// What others, or the past, must agree with: see [`flags`].
    pub(super) flags: u16,
    /// The highest index that a client now knows of; 0 for none.
    pub(super) told: LogIndex,
    /// The invariants that the server breaks by itself.
    pub(super) broken: Vec<Invariant>,
}

/// What a turn touches that a server does not decide alone.
pub(super) mod flags {
    /// Its log changed.
    pub(in super::super) const LOG: u16 = 1;
    /// It won an election.
    pub(in super::super) const LED: u16 = 2;
    /// It knows more to be committed.
    pub(in super::super) const COMMIT: u16 = 4;
    /// It knows more of a follower's log.
    pub(in super::super) const MATCH: u16 = 8;
    /// It follows another leader than before.
    pub(in super::super) const FOLLOWS: u16 = 16;
    /// Its log starts after another snapshot.
    pub(in super::super) const BASE: u16 = 32;
    /// It started again.
    pub(in super::super) const RESTARTED: u16 = 64;
    /// It told a client of a write, or answered a read.
    pub(in super::super) const TOLD: u16 = 128;
    /// Its term is another one.
    pub(in super::super) const TERM: u16 = 256;
    /// It is beyond a bound.
    pub(in super::super) const BEYOND: u16 = 512;
}

impl Server {
    /// A server that has never run.
    pub(super) fn new(id: NodeId, configuration: Configuration, kind: &Kind) -> Option<Self> {
        let disk = Persisted::bootstrap(configuration);
        let (waiting, clients) = (Vec::new(), Vec::new());
        let mut server = Self { id, node: None, disk, waiting, syncing: 0, spoken: None, clients };
        server.start(kind).then_some(server)
    }

    /// Whether a sync runs.
    pub(super) const fn is_syncing(&self) -> bool {
        self.syncing > 0
    }

    /// The log that counts: the node's, or what is left of it on the disk.
    pub(super) fn log(&self) -> &raft_core::Log {
        self.node.as_ref().map_or(&self.disk.log, Node::log)
    }

    fn start(&mut self, kind: &Kind) -> bool {
        let setup = NodeSetup { id: self.id, options: kind.options, rules: kind.rules, seed: 0 };
        self.node = Node::new(setup, self.disk.clone()).ok();
        self.forget();
        self.node.is_some()
    }

    fn forget(&mut self) {
        let shift = self.node.as_mut().map_or(0, Node::forget_history);
        self.waiting.iter_mut().for_each(|write| write.number.0 -= shift.min(write.number.0));
        self.spoken = self.spoken.filter(|(term, _)| *term >= self.disk.hard_state.current_term);
    }

    /// Lets something happen. `None`: the server refuses, or nothing would be different.
    pub(super) fn turn(&self, input: &Input<'_>, kind: &Kind) -> Option<Turn> {
        let mut server = self.clone();
        let mut look = Look::default();
        match input {
            Input::Crash => {
                server.node.take()?;
                server.waiting.clear();
                server.syncing = 0;
                server.clients.clear();
                return Some(Turn { server, sent: Vec::new(), flags: 0, told: LogIndex(0), broken: Vec::new() });
            }
            Input::Restart => {
                if server.node.is_some() || !server.start(kind) {
                    return None;
                }
                let flags = flags::RESTARTED | flags::TERM | flags::LOG;
                return Some(Turn { server, sent: Vec::new(), flags, told: LogIndex(0), broken: Vec::new() });
            }
            Input::Deliver(message) => {
                let node = server.node.as_mut()?;
                look.hears(message, node);
                node.step((*message).clone());
            }
            Input::Sync => server.end_sync()?,
            Input::Timeout => server.node.as_mut().filter(|node| !node.role().is_leader())?.campaign(),
            Input::Heartbeat => server.node.as_mut().filter(|node| node.role().is_leader())?.fire_heartbeat(),
            Input::Propose { command, is_awaited } => {
                let node = server.node.as_mut()?;
                let index = node.propose((*command).into()).ok()?;
                if *is_awaited {
                    server.clients.push((index, node.current_term()));
                }
            }
            Input::Read(acknowledged) => {
                server.node.as_mut()?.read_index(ReadId(acknowledged.0), kind.reads).ok()?;
            }
            Input::Snapshot => server.compact()?,
            Input::Change(change) => drop(server.node.as_mut()?.propose_membership(change).ok()?),
            Input::Transfer(target) => server.node.as_mut()?.transfer_leadership(*target).ok()?,
        }
        let mut sent = Vec::new();
        server.settle(&mut sent, &mut look, kind);
        if server.syncing == 0 {
            // What was written during a sync shares the next one.
            server.syncing = server.waiting.len();
        }
        server.forget();
        let is_same = sent.is_empty() && look.told == LogIndex(0) && server == *self;
        if is_same && !matches!(input, Input::Deliver(_)) {
            return None;
        }
        own::judge(self, &server, &mut look);
        Some(Turn { server, sent, flags: look.flags, told: look.told, broken: look.broken })
    }

    /// Carries out everything that the node asks for, in the order in which a [`crate::World`] does.
    fn settle(&mut self, sent: &mut Vec<Message>, look: &mut Look, kind: &Kind) {
        let mut ready = Ready::default();
        while let Some(node) = &mut self.node {
            node.drain_into(&mut ready);
            if ready.is_empty() {
                return;
            }
            look.happened(&ready.events);
            let mut was_told = false;
            if let Some(write) = ready.write.take() {
                if kind.slow_disks {
                    self.waiting.push(write);
                    if self.syncing == 0 {
                        self.syncing = self.waiting.len();
                    }
                } else {
                    self.disk.apply(&write);
                    node.on_persisted(write.number);
                    was_told = true;
                }
            }
            for message in ready.messages.drain(..) {
                look.says(&message, node, &self.disk, &mut self.spoken);
                sent.push(message);
            }
            for read in ready.reads.drain(..).filter(|read| matches!(read.outcome, ReadOutcome::Servable { .. })) {
                let shown = node.last_applied();
                look.answers_read(LogIndex(read.id.0), shown);
            }
            if let Some(snapshot) = ready.restore.take() {
                look.applies(node.last_applied(), snapshot.last_included_index, snapshot.last_included_index);
                node.on_applied(snapshot.last_included_index);
                was_told = true;
            }
            if let (Some(first), Some(last)) = (ready.committed.first(), ready.committed.last()) {
                let is_run = last.index.0 - first.index.0 + 1 == ready.committed.len() as u64;
                let given = if is_run { node.last_applied().next() } else { LogIndex(0) };
                look.applies(first.index.prev(), given, first.index);
                node.on_applied(last.index);
                was_told = true;
            }
            let (applied, log) = (node.last_applied(), node.log());
            self.clients.retain(|&(index, term)| {
                if index <= applied && log.term_at(index) == Some(term) {
                    look.tells(index, term);
                }
                index > applied
            });
            if !was_told {
                return;
            }
        }
    }

    fn end_sync(&mut self) -> Option<()> {
        let node = self.node.as_mut()?;
        let last = self.waiting.get(self.syncing.checked_sub(1)?)?.number;
        for write in self.waiting.drain(..self.syncing) {
            self.disk.apply(&write);
        }
        self.syncing = 0;
        node.on_persisted(last);
        Some(())
    }

    fn compact(&mut self) -> Option<()> {
        let node = self.node.as_mut()?;
        let mut machine = node.snapshot().map_or_else(Machine::default, |known| Machine::from_bytes(&known.data));
        let index = node.last_applied();
        for (_, entry) in node.log().iter_from(LogIndex(1)).take_while(|(at, _)| *at <= index) {
            machine.apply(entry, true);
        }
        node.compact(index, machine.to_bytes()).ok()
    }

    /// The same under other names.
    pub(super) fn renamed(&self, name: &dyn Fn(NodeId) -> NodeId) -> Self {
        Self {
            id: name(self.id),
            node: self.node.as_ref().map(|node| node.renamed(name)),
            disk: self.disk.renamed(name),
            waiting: self.waiting.iter().map(|write| write.renamed(name)).collect(),
            syncing: self.syncing,
            spoken: self.spoken.map(|(term, vote)| (term, name(vote))),
            clients: self.clients.clone(),
        }
    }

    pub(super) fn is_leader(&self) -> bool {
        self.node.as_ref().is_some_and(|node| node.role() == Role::Leader)
    }

    /// The term that it would say it is in.
    pub(super) fn term(&self) -> Term {
        self.node.as_ref().map_or(self.disk.hard_state.current_term, Node::current_term)
    }
}

/// Whether a message that is older than its receiver's term can do nothing any more.
pub(super) const fn is_idle_when_stale(message: &Message) -> bool {
    match message.rpc {
        Rpc::RequestVoteReply { pre_vote, .. } => !pre_vote,
        Rpc::AppendEntriesReply { .. }
        | Rpc::InstallSnapshotReply { .. }
        | Rpc::TimeoutNow
        | Rpc::ReadIndex { .. }
        | Rpc::ReadIndexReply { .. } => true,
        Rpc::RequestVote(_) | Rpc::AppendEntries(_) | Rpc::InstallSnapshot(_) => false,
    }
}
