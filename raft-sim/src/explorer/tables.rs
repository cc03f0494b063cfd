//! Everything that occurs in a state, once: servers, messages and pasts get numbers, and what a turn makes of a server is
//! remembered. A node is a function of its state and its input, so each pair of the two runs the real code once.

use raft_core::{LogIndex, MembershipChange, Message, NodeId, ReadMode, Rename};

use super::code::Code;
use super::config::ExplorerConfig;
use super::expand::{add, subtract};
use super::hash::NumberMap;
use super::interned::Interned;
use super::past::Past;
use super::server::{Input, Kind, Server, Turn, flags, is_idle_when_stale};
use super::symmetry::Symmetry;
use crate::action::{Membership, ReadName};
use crate::checker::Invariant;

/// What a server's turn leads to.
#[derive(Clone, Copy)]
pub(super) struct Effect {
    pub(super) server: u32,
    pub(super) flags: u16,
    sent_count: u16,
    sent_from: u32,
    pub(super) told: LogIndex,
    /// The list of the invariants that it breaks by itself.
    pub(super) broken: u32,
}

/// What is known of a turn.
pub(super) enum Lookup<'a> {
    /// Nothing yet.
    Missing,
    /// The server refuses, or nothing would be different.
    Refused,
    /// An effect, by number.
    Known(u32, &'a Effect),
}

/// An effect and its number.
pub(super) struct Known {
    pub(super) number: u32,
    pub(super) effect: Effect,
}

/// A turn of the past: what is remembered now, and the list of what was contradicted.
#[derive(Clone, Copy)]
pub(super) struct Memory {
    pub(super) past: u32,
    pub(super) broken: u32,
}

/// What is asked of the tables often enough to lie ready.
#[derive(Clone, Copy)]
pub(super) struct Summary {
    pub(super) term: u64,
    pub(super) is_up: bool,
    pub(super) is_leader: bool,
    pub(super) is_syncing: bool,
}

/// The same for messages.
#[derive(Clone, Copy)]
pub(super) struct Address {
    pub(super) to: u32,
    pub(super) term: u64,
    is_idle_when_stale: bool,
}

/// A number that stands for a refused turn.
const REFUSED: u32 = u32::MAX;

/// What must be worked out before a state can be left.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Missing {
    /// What an input makes of a server.
    Turn(u32, Code),
    /// What an effect makes of a past.
    Memory(u32, u32),
}

/// The tables.
pub(super) struct Tables {
    pub(super) kind: Kind,
    pub(super) symmetry: Symmetry,
    pub(super) servers: Interned<Server>,
    pub(super) messages: Interned<Message>,
    pub(super) pasts: Interned<Past>,
    pub(super) summaries: Vec<Summary>,
    pub(super) addresses: Vec<Address>,
    changes: Vec<MembershipChange>,
    /// The commands, and whether a client waits for them.
    commands: Vec<(String, bool)>,
    turns: NumberMap,
    effects: Vec<Effect>,
    /// For each effect, what it adds to the sums of a state, if nothing that is sent is idle.
    deltas: Vec<u64>,
    sent: Vec<u32>,
    memories: NumberMap,
    remembered: Vec<Memory>,
    /// Lists of broken invariants; the first one is empty.
    pub(super) broken: Vec<Vec<Invariant>>,
    watched: Vec<Invariant>,
    terms: u64,
    entries: u64,
}

impl Tables {
    pub(super) fn new(config: &ExplorerConfig) -> Self {
        let symmetry = Symmetry::of(config);
        let ways = symmetry.ways();
        Self {
            kind: Kind {
                options: config.cluster().options(),
                rules: config.rule_set().raft,
                slow_disks: config.slow_disks,
                reads: if config.reads == ReadName::Lease { ReadMode::Lease } else { ReadMode::ReadIndex },
            },
            servers: Interned::new(ways),
            messages: Interned::new(ways),
            pasts: Interned::new(ways),
            summaries: Vec::new(),
            addresses: Vec::new(),
            changes: config.changes.iter().map(MembershipChange::from).collect(),
            commands: Vec::new(),
            turns: NumberMap::default(),
            effects: Vec::new(),
            deltas: Vec::new(),
            sent: Vec::new(),
            memories: NumberMap::default(),
            remembered: Vec::new(),
            broken: vec![Vec::new()],
            watched: config.watched(),
            terms: config.bounds.terms.into(),
            entries: config.bounds.entries.into(),
            symmetry,
        }
    }

    /// Adds a command. Returns its number.
    pub(super) fn command(&mut self, command: String, is_awaited: bool) -> u32 {
        self.commands.push((command, is_awaited));
        self.commands.len() as u32 - 1
    }

    pub(super) fn command_at(&self, number: u32) -> Option<(&str, bool)> {
        self.commands.get(number as usize).map(|(command, is_awaited)| (command.as_str(), *is_awaited))
    }

    /// Adds a change of membership that is not on the menu. Returns its number.
    pub(super) fn change(&mut self, change: &Membership) -> usize {
        self.changes.push(change.into());
        self.changes.len() - 1
    }

    pub(super) fn server(&mut self, server: Server) -> u32 {
        let summary = Summary {
            term: server.term().0,
            is_up: server.node.is_some(),
            is_leader: server.is_leader(),
            is_syncing: server.is_syncing(),
        };
        let number = self.servers.intern(server, &self.symmetry, |server, name| server.renamed(name));
        if number as usize == self.summaries.len() {
            self.summaries.push(summary);
        }
        number
    }

    pub(super) fn message(&mut self, message: Message) -> u32 {
        let address = Address {
            to: message.to.0 as u32 - 1,
            term: message.term.0,
            is_idle_when_stale: is_idle_when_stale(&message),
        };
        let number = self.messages.intern(message, &self.symmetry, |message, name| message.renamed(name));
        if number as usize == self.addresses.len() {
            self.addresses.push(address);
        }
        number
    }

    pub(super) fn past(&mut self, past: Past) -> u32 {
        self.pasts.intern(past, &self.symmetry, |past, name| past.renamed(name))
    }

    /// Whether a message can do nothing any more at a receiver whose term never goes back.
    pub(super) fn is_idle(&self, message: u32, receiver: u32) -> bool {
        let address = self.addresses[message as usize];
        address.is_idle_when_stale && address.term < self.summaries[receiver as usize].term
    }

    /// What an input makes of a server, if that is known.
    pub(super) fn effect(&self, server: u32, code: Code) -> Lookup<'_> {
        match self.turns.get(key(server, code.0)) {
            None => Lookup::Missing,
            Some(REFUSED) => Lookup::Refused,
            Some(number) => Lookup::Known(number, &self.effects[number as usize]),
        }
    }

    /// What an effect adds to the sums of a state: see [`super::search::Search::weigh`].
    pub(super) fn delta(&self, effect: u32) -> &[u64] {
        let first = effect as usize * self.symmetry.ways();
        &self.deltas[first..first + self.symmetry.ways()]
    }

    /// What an effect makes of a past, if that is known.
    pub(super) fn memory(&self, past: u32, effect: u32) -> Option<Memory> {
        self.memories.get(key(past, effect)).map(|number| self.remembered[number as usize])
    }

    pub(super) fn sent(&self, effect: &Effect) -> &[u32] {
        let first = effect.sent_from as usize;
        &self.sent[first..first + usize::from(effect.sent_count)]
    }

    /// Runs the node of a server. This is the costly part, and changes nothing.
    pub(super) fn run(&self, server: u32, code: Code) -> Option<Turn> {
        let (kind, number) = (code.0 >> 28, code.0 & 0x0FFF_FFFF);
        let input = match kind {
            1 => Input::Deliver(self.messages.get(number)),
            2 => {
                let (command, is_awaited) = self.commands.get(number as usize)?;
                Input::Propose { command, is_awaited: *is_awaited }
            }
            3 => Input::Read(LogIndex(number.into())),
            4 => Input::Change(self.changes.get(number as usize)?),
            5 => Input::Transfer(NodeId(number.into())),
            _ => match code {
                Code::TIMEOUT => Input::Timeout,
                Code::HEARTBEAT => Input::Heartbeat,
                Code::SYNC => Input::Sync,
                Code::CRASH => Input::Crash,
                Code::RESTART => Input::Restart,
                _ => Input::Snapshot,
            },
        };
        self.servers.get(server).turn(&input, &self.kind)
    }

    /// What an input makes of a server, worked out if need be. `None`: the server refuses.
    pub(super) fn work_out(&mut self, server: u32, code: Code) -> Option<Known> {
        if matches!(self.effect(server, code), Lookup::Missing) {
            let turn = self.run(server, code);
            self.learn(server, code, turn);
        }
        let Lookup::Known(number, effect) = self.effect(server, code) else { return None };
        Some(Known { number, effect: *effect })
    }

    /// What an effect makes of a past, worked out if need be.
    pub(super) fn recall(&mut self, past: u32, effect: u32) -> Memory {
        self.remember(past, effect);
        self.memory(past, effect).unwrap_or(Memory { past, broken: 0 })
    }

    /// Remembers what an input makes of a server.
    pub(super) fn learn(&mut self, before: u32, code: Code, turn: Option<Turn>) {
        if self.turns.get(key(before, code.0)).is_some() {
            return;
        }
        let number = turn.map_or(REFUSED, |turn| {
            let is_beyond = turn.server.term().0 > self.terms || turn.server.log().last_index().0 > self.entries;
            let beyond = if is_beyond { flags::BEYOND } else { 0 };
            let (sent_from, sent_count) = (self.sent.len() as u32, turn.sent.len() as u16);
            for message in turn.sent {
                let message = self.message(message);
                self.sent.push(message);
            }
            let broken = self.list(turn.broken);
            let server = self.server(turn.server);
            let flags = turn.flags | beyond;
            self.note_delta(code, before, server, sent_from);
            self.effects.push(Effect { server, flags, sent_count, sent_from, told: turn.told, broken });
            self.effects.len() as u32 - 1
        });
        self.turns.insert(key(before, code.0), number);
    }

    fn note_delta(&mut self, code: Code, before: u32, after: u32, sent_from: u32) {
        let first = self.deltas.len();
        self.deltas.extend_from_slice(self.servers.row(after));
        let delta = &mut self.deltas[first..];
        subtract(delta, self.servers.row(before));
        if code.is_deliver() {
            subtract(delta, self.messages.row(code.number()));
        }
        self.sent[sent_from as usize..].iter().for_each(|&message| add(delta, self.messages.row(message)));
    }

    /// Works out what an effect makes of a past.
    pub(super) fn remember(&mut self, past: u32, effect: u32) {
        if self.memories.get(key(past, effect)).is_some() {
            return;
        }
        let Effect { server, flags, told, .. } = self.effects[effect as usize];
        let (next, broken) = self.pasts.get(past).after(self.servers.get(server), flags, told);
        let memory = Memory { past: self.past(next), broken: self.list(broken) };
        self.remembered.push(memory);
        self.memories.insert(key(past, effect), self.remembered.len() as u32 - 1);
    }

    /// Only what is looked at counts.
    pub(super) fn is_watched(&self, invariant: Invariant) -> bool {
        self.watched.contains(&invariant)
    }

    fn list(&mut self, mut broken: Vec<Invariant>) -> u32 {
        broken.retain(|invariant| self.watched.contains(invariant));
        if broken.is_empty() {
            return 0;
        }
        self.broken.push(broken);
        self.broken.len() as u32 - 1
    }

    /// Bytes of the tables, without what nodes and messages have on the heap.
    pub(super) fn bytes(&self) -> usize {
        let turns = self.turns.bytes() + self.effects.capacity() * size_of::<Effect>();
        let turns = turns + self.deltas.capacity() * size_of::<u64>() + self.sent.capacity() * size_of::<u32>();
        let pasts = self.memories.bytes() + self.remembered.capacity() * size_of::<Memory>();
        self.servers.bytes() + self.messages.bytes() + self.pasts.bytes() + turns + pasts
    }
}

const fn key(a: u32, b: u32) -> u64 {
    (a as u64 + 1) << 32 | b as u64
}
