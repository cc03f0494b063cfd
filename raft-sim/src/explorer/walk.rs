//! One run through explored states: what happens before the search, and how a find is told.
//!
//! It knows the messages in the order in which they were sent, and so can name each one as a script does.

use raft_core::{Configuration, Message, NodeId};

use super::code::Code;
use super::config::{ExplorerConfig, Opening};
use super::moves::{Counts, Step};
use super::past::{CONCERNS_OTHERS, MAKES_HISTORY, Past};
use super::server::Server;
use super::tables::{Known, Tables};
use crate::action::{Action, Membership, MessagePattern, MessageSelector, Pick, ReadName};
use crate::checker::Invariant;
use crate::command::{Change, Command};
use crate::document::invalid;
use crate::error::{ErrorCode, SimError};
use crate::limits::MAX_EXPLORED_START;

/// A run so far.
#[derive(Clone)]
pub(super) struct Walk {
    servers: Vec<u32>,
    past: u32,
    counts: Counts,
    /// What is in flight, oldest first, with the numbers that a world gives.
    in_flight: Vec<(u64, u32)>,
    last_number: u64,
    reads: ReadName,
    /// The changes of membership, first those on the menu.
    changes: Vec<Membership>,
    pub(super) slots: Vec<Slot>,
    pub(super) broken: Vec<Invariant>,
}

/// A moment of a run: one thing that happens, and what the disks make of it.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Slot {
    /// What is done; `None` when a disk finishes.
    pub(super) action: Option<Action>,
    /// The servers whose sync ends, and those whose sync begins.
    pub(super) ended: Option<usize>,
    pub(super) began: Option<usize>,
}

impl Walk {
    /// The beginning: nobody has ever run.
    pub(super) fn new(config: &ExplorerConfig, tables: &mut Tables) -> Result<Self, SimError> {
        let voters = (1..=config.servers as u64).map(NodeId);
        let spares = (config.servers + 1..=config.servers + config.spares).map(|id| NodeId(id as u64));
        let cluster = Configuration::of_voters(voters.clone());
        let all = voters.map(|id| (id, cluster.clone())).chain(spares.map(|id| (id, Configuration::default())));
        let mut servers = Vec::new();
        for (id, configuration) in all {
            let server = Server::new(id, configuration, &tables.kind).ok_or_else(|| invalid("no server can start"))?;
            servers.push(tables.server(server));
        }
        let mut walk = Self {
            servers,
            past: tables.past(Past::default()),
            counts: Counts::default(),
            in_flight: Vec::new(),
            last_number: 0,
            reads: config.reads,
            changes: config.changes.clone(),
            slots: Vec::new(),
            broken: Vec::new(),
        };
        for (number, line) in config.start.iter().enumerate() {
            walk.open(line, tables).map_err(|error| error.at(format!("start[{number}]")))?;
            if let Some(broken) = walk.broken.first() {
                let message = format!("the start breaks {} ({}) already", broken.id(), broken.name());
                return Err(SimError::new(ErrorCode::Refused, message).at(format!("start[{number}]")));
            }
        }
        Ok(walk)
    }

    /// The present as the search writes it.
    pub(super) fn words(&self, tables: &Tables, drops_idle: bool) -> Vec<u32> {
        let mut words = self.servers.clone();
        words.extend([self.past, self.counts.0 as u32, (self.counts.0 >> 32) as u32]);
        let is_idle = |message: u32| drops_idle && tables.is_idle(message, self.receiver(message, tables));
        let mut messages: Vec<_> = self.in_flight.iter().map(|(_, message)| *message).collect();
        messages.retain(|&message| !is_idle(message));
        messages.sort_unstable_by_key(|&message| tables.messages.row(message)[0]);
        words.extend(messages);
        words
    }

    fn receiver(&self, message: u32, tables: &Tables) -> u32 {
        self.servers[tables.addresses[message as usize].to as usize]
    }

    /// Does one line of what comes before the search.
    fn open(&mut self, line: &Opening, tables: &mut Tables) -> Result<(), SimError> {
        let Opening::Do(action) = line else { return self.settle(tables) };
        let at = |server: u64| server as u8 - 1;
        let unnamed = || invalid("name the server here").at("server");
        let step = match action {
            Action::Timeout { server } => Step::Turn(at(*server), Code::TIMEOUT),
            Action::Heartbeat { server } => Step::Turn(at(*server), Code::HEARTBEAT),
            Action::Crash { server, lose_unsynced: true } => Step::Turn(at(*server), Code::CRASH),
            Action::Restart { server } => Step::Turn(at(*server), Code::RESTART),
            Action::Snapshot { server } => Step::Turn(at(*server), Code::SNAPSHOT),
            Action::Propose { server, command } => {
                Step::Turn(at(*server), Code::propose(tables.command(command.clone(), false)))
            }
            Action::ClientWrite { client, key, value, server } => {
                let command = Command { session: Some((client, 1)), change: Change::Put { key, value } }.encode();
                Step::Turn(at(server.ok_or_else(unnamed)?), Code::propose(tables.command(command, true)))
            }
            Action::ClientRead { server, mode, .. } if *mode == self.reads => {
                let acknowledged = tables.pasts.get(self.past).acknowledged;
                Step::Turn(at(server.ok_or_else(unnamed)?), Code::read(acknowledged))
            }
            Action::ChangeMembership { server, change } => {
                self.changes.push(change.clone());
                Step::Turn(at(server.ok_or_else(unnamed)?), Code::change(tables.change(change)))
            }
            Action::TransferLeadership { server, target } => {
                Step::Turn(at(server.ok_or_else(unnamed)?), Code::transfer(NodeId(*target)))
            }
            Action::Deliver { message } => Step::Deliver(self.find(message, tables)?),
            Action::Drop { message } => Step::Drop(self.find(message, tables)?),
            Action::Duplicate { message } => Step::Duplicate(self.find(message, tables)?),
            other => return Err(invalid(format!("no exploration can begin with this: {other}"))),
        };
        self.take(step, tables)
    }

    fn find(&self, selector: &MessageSelector, tables: &Tables) -> Result<u32, SimError> {
        let mut fitting = self.in_flight.iter().filter(|(number, message)| match selector {
            MessageSelector::Id(id) => number == id,
            MessageSelector::Fits(pattern) => pattern.fits(tables.messages.get(*message)),
        });
        let newest = matches!(selector, MessageSelector::Fits(MessagePattern { pick: Some(Pick::Newest), .. }));
        let found = if newest { fitting.next_back() } else { fitting.next() };
        let refusal = || SimError::new(ErrorCode::UnknownMessage, format!("no message in flight is {selector}"));
        found.map(|(_, message)| *message).ok_or_else(refusal)
    }

    /// Delivers everything, oldest first, and lets the disks finish.
    fn settle(&mut self, tables: &mut Tables) -> Result<(), SimError> {
        for _ in 0..MAX_EXPLORED_START {
            let is_syncing = |server: &u32| tables.summaries[*server as usize].is_syncing;
            let step = if let Some(at) = self.servers.iter().position(is_syncing) {
                Step::Turn(at as u8, Code::SYNC)
            } else {
                let Some(&(_, message)) = self.in_flight.first() else { return Ok(()) };
                let is_up = tables.summaries[self.receiver(message, tables) as usize].is_up;
                if is_up { Step::Deliver(message) } else { Step::Drop(message) }
            };
            self.take(step, tables)?;
        }
        Err(SimError::new(ErrorCode::TooLarge, "the messages do not come to an end"))
    }

    /// Takes a step; refuses one that is not possible.
    pub(super) fn take(&mut self, step: Step, tables: &mut Tables) -> Result<(), SimError> {
        let action = self.action(step, tables);
        let (at, code) = match step {
            Step::Turn(at, code) => (usize::from(at), code),
            Step::Deliver(message) => {
                self.remove(message);
                (tables.addresses[message as usize].to as usize, Code::deliver(message))
            }
            Step::Drop(message) => {
                self.remove(message);
                self.slots.push(Slot { action, ended: None, began: None });
                return Ok(());
            }
            Step::Duplicate(message) => {
                self.last_number += 1;
                self.in_flight.push((self.last_number, message));
                self.slots.push(Slot { action, ended: None, began: None });
                return Ok(());
            }
        };
        let server = self.servers[at];
        let Known { effect, number } = tables.work_out(server, code).ok_or_else(|| {
            let what = action.as_ref().map_or_else(|| "finish a sync".into(), ToString::to_string);
            SimError::new(ErrorCode::Refused, format!("S{} refuses: {what}", at + 1))
        })?;
        self.broken.extend_from_slice(&tables.broken[effect.broken as usize]);
        if effect.flags & MAKES_HISTORY != 0 {
            let memory = tables.recall(self.past, number);
            self.broken.extend_from_slice(&tables.broken[memory.broken as usize]);
            self.past = memory.past;
        }
        let (was, is) = (tables.summaries[server as usize], tables.summaries[effect.server as usize]);
        let is_sync = code == Code::SYNC;
        self.servers[at] = effect.server;
        for &message in tables.sent(&effect) {
            self.last_number += 1;
            self.in_flight.push((self.last_number, message));
        }
        if effect.flags & CONCERNS_OTHERS != 0 {
            let servers: Vec<_> = self.servers.iter().map(|&server| tables.servers.get(server)).collect();
            let mut found = Vec::new();
            tables.pasts.get(self.past).judge(&servers, at, effect.flags, &mut found);
            self.broken.extend(found.into_iter().filter(|&invariant| tables.is_watched(invariant)));
        }
        let began = is.is_syncing && (!was.is_syncing || is_sync);
        self.slots.push(Slot { action, ended: is_sync.then_some(at), began: began.then_some(at) });
        Ok(())
    }

    fn remove(&mut self, message: u32) {
        if let Some(at) = self.in_flight.iter().position(|(_, other)| *other == message) {
            self.in_flight.remove(at);
        }
    }

    /// A step as a script does it.
    fn action(&self, step: Step, tables: &Tables) -> Option<Action> {
        let (at, code) = match step {
            Step::Turn(at, code) => (usize::from(at), code),
            Step::Deliver(message) => return Some(Action::Deliver { message: self.select(message, tables) }),
            Step::Drop(message) => return Some(Action::Drop { message: self.select(message, tables) }),
            Step::Duplicate(message) => return Some(Action::Duplicate { message: self.select(message, tables) }),
        };
        let server = at as u64 + 1;
        let number = code.number();
        Some(match code {
            Code::TIMEOUT => Action::Timeout { server },
            Code::HEARTBEAT => Action::Heartbeat { server },
            Code::CRASH => Action::Crash { server, lose_unsynced: true },
            Code::RESTART => Action::Restart { server },
            Code::SNAPSHOT => Action::Snapshot { server },
            Code::SYNC => return None,
            _ if code.is_propose() => {
                let (command, _) = tables.command_at(number)?;
                match Command::parse(command.as_bytes()) {
                    Some(Command { session: Some((client, _)), change: Change::Put { key, value } }) => {
                        Action::ClientWrite {
                            client: client.into(),
                            key: key.into(),
                            value: value.into(),
                            server: Some(server),
                        }
                    }
                    _ => Action::Propose { server, command: command.into() },
                }
            }
            _ if code.is_change() => {
                let change = self.changes.get(number as usize)?.clone();
                Action::ChangeMembership { server: Some(server), change }
            }
            _ if code.is_transfer() => Action::TransferLeadership { server: Some(server), target: number.into() },
            _ => {
                let reads = self.slots.iter().filter(|slot| matches!(slot.action, Some(Action::ClientRead { .. })));
                let client = format!("r{}", reads.count() + 1);
                Action::ClientRead { client, key: "x".into(), server: Some(server), mode: self.reads }
            }
        })
    }

    fn select(&self, message: u32, tables: &Tables) -> MessageSelector {
        let Message { from, to, .. } = *tables.messages.get(message);
        let kind = tables.messages.get(message).kind().into();
        let mut pattern = MessagePattern { kind: Some(kind), from: Some(from.0), to: Some(to.0), pick: None };
        let fitting = || self.in_flight.iter().filter(|(_, other)| pattern.fits(tables.messages.get(*other)));
        let wanted = self.in_flight.iter().find(|(_, other)| *other == message);
        if fitting().next() == wanted {
            return MessageSelector::Fits(pattern);
        }
        if fitting().next_back().map(|(_, other)| *other) == Some(message) {
            pattern.pick = Some(Pick::Newest);
            return MessageSelector::Fits(pattern);
        }
        MessageSelector::Id(wanted.map_or(0, |(number, _)| *number))
    }
}
