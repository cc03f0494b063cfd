//! Clients call and are answered; others who ask something of a server are refused or not.

use std::sync::Arc;

use raft_core::{LogIndex, Node, NodeId, Read, ReadAbort, ReadId, ReadMode, ReadOutcome};

use super::{World, term_at};
use crate::action::{Membership, ReadName};
use crate::client::{ClientTally, Operation, OperationKind, Reply, Session, Wait};
use crate::error::{ErrorCode, SimError};
use crate::event::{EventKind, OperationId, Outcome, Refusal};
use crate::machine::Answer;
use crate::rules::WorldRule;
use crate::time::Time;

/// Calls.
impl World {
    /// A client writes. Returns the index of the entry if a server took the command there and then.
    pub(super) fn client_write(
        &mut self,
        client: &str,
        key: &str,
        kind: OperationKind,
        at: Option<NodeId>,
    ) -> Option<LogIndex> {
        let session = self.session(client);
        let operation = self.call(session, key.into(), kind);
        self.start(operation, at, false)
    }

    /// A client sends a write again. That nobody takes it now does not tell what became of the first one.
    pub(super) fn client_retry(&mut self, id: OperationId, at: Option<NodeId>) -> Option<LogIndex> {
        self.pending.retain(|pending| pending.operation != id);
        self.resting.retain(|pending| pending.operation != id);
        self.update_operation(id, |operation| operation.returned = None);
        self.start(id, at, true)
    }

    /// A client reads. Returns nothing: the answer may take a while, and stands in the operation.
    pub(super) fn client_read(&mut self, client: &str, key: &str, mode: ReadName, at: Option<NodeId>) {
        let session = self.session(client);
        let operation = self.call(session, key.into(), OperationKind::Get { mode, result: None });
        self.start(operation, at, false);
    }

    /// A client's session catches up with the leader: what is committed now counts as seen.
    pub(super) fn client_sync(&mut self, client: &str, at: Option<NodeId>) {
        let session = self.session(client);
        let operation = self.call(session, "".into(), OperationKind::Sync);
        self.start(operation, at, false);
    }

    /// The last write of a client, if the client does not know what became of it.
    pub(crate) fn unanswered_write(&self, client: &str) -> Result<OperationId, SimError> {
        let mut operations = self.operations.iter().enumerate().rev();
        let last = operations.find(|(_, operation)| &*operation.client == client && operation.is_write());
        let refused = |why: &str| Err(SimError::new(ErrorCode::Refused, format!("client {client} {why}")));
        match last {
            None => refused("has not written anything"),
            Some((_, Operation { returned: Some((_, Outcome::Ok | Outcome::Fail)), .. })) => {
                refused("knows what became of its last write")
            }
            Some((id, _)) => Ok(OperationId(id as u32)),
        }
    }

    /// The number of the operation that a client calls next.
    pub(super) fn next_operation(&self) -> OperationId {
        OperationId(self.operations.len() as u32)
    }

    /// How often clients had to go out of their way so far.
    pub const fn client_tally(&self) -> &ClientTally {
        &self.tally
    }

    /// The number of a client's session, which begins now if it has none.
    pub(super) fn session(&mut self, client: &str) -> u32 {
        let known = self.sessions.iter().position(|session| &*session.client == client);
        known.map_or_else(|| self.begin_session(client.into()), |at| at as u32)
    }

    pub(super) fn begin_session(&mut self, client: Arc<str>) -> u32 {
        self.sessions.push(Session { client, serial: 0, seen: LogIndex(0), leader: None, arrival: Time(0) });
        self.sessions.len() as u32 - 1
    }

    /// Notes an operation. What follows, follows from its call.
    pub(super) fn call(&mut self, session: u32, key: Arc<str>, kind: OperationKind) -> OperationId {
        let id = self.next_operation();
        self.trigger = Some(self.event(None, self.trigger, EventKind::Called(id)));
        let is_linearizable = match kind {
            OperationKind::Get { mode, .. } => matches!(mode, ReadName::ReadIndex | ReadName::Lease),
            _ => kind == OperationKind::Sync,
        };
        if is_linearizable {
            self.checker.read_called(id, self.now);
        }
        let Session { client, serial, .. } = &mut self.sessions[session as usize];
        *serial += u64::from(kind.is_write());
        let serial = if kind.is_write() { *serial } else { 0 };
        let (client, called_at) = (Arc::clone(client), self.now);
        self.operations.push(Operation { client, key, kind, serial, session, called_at, returned: None, server: None });
        id
    }
}

/// Servers.
impl World {
    /// Changes who belongs to the cluster. Returns the index of the configuration if the change was taken.
    pub(super) fn change_membership(&mut self, at: Option<NodeId>, change: &Membership) -> Option<LogIndex> {
        let (server, index) = self.ask(at, |node| node.propose_membership(&change.into()))?;
        self.settle(server);
        Some(index)
    }

    pub(super) fn transfer_leadership(&mut self, at: Option<NodeId>, target: NodeId) {
        if let Some((server, ())) = self.ask(at, |node| node.transfer_leadership(target)) {
            self.note_transfer(server);
            self.settle(server);
        }
    }

    pub(super) fn propose_at(&mut self, id: NodeId, command: &[u8]) -> Option<LogIndex> {
        self.ask(Some(id), |node| node.propose(command.into())).map(|(_, index)| index)
    }

    /// Asks a server, or the leader that a client finds, for something. If it was refused, an event says why; otherwise the
    /// caller settles the server.
    fn ask<T, E: Into<Refusal>>(
        &mut self,
        at: Option<NodeId>,
        request: impl FnOnce(&mut Node) -> Result<T, E>,
    ) -> Option<(NodeId, T)> {
        let id = at.or_else(|| self.leader_for_clients())?;
        let now = self.now;
        let server = self.server_mut(id);
        let refusal = match server.awake(now) {
            Err(silence) => silence.into(),
            Ok(node) => match request(node) {
                Ok(answer) => return Some((id, answer)),
                Err(error) => error.into(),
            },
        };
        self.refuse(Some(id), refusal);
        self.settle(id);
        None
    }

    /// Says why something that was asked of a server is not done.
    pub(super) fn refuse(&mut self, server: Option<NodeId>, why: impl Into<Refusal>) {
        self.event(server, self.trigger, EventKind::Refused(why.into()));
    }

    /// The server that a client ends up at: it asks one after the other and follows hints.
    pub(super) fn leader_for_clients(&mut self) -> Option<NodeId> {
        let is_leader = |id: &NodeId| {
            let server = self.server(*id);
            !server.is_paused && server.node.as_ref().is_some_and(|node| node.role().is_leader())
        };
        let hint = self.servers.iter().filter(|server| !server.is_paused).find_map(|server| server.node()?.leader());
        let found = hint.filter(is_leader).or_else(|| self.servers.iter().map(super::Server::id).find(is_leader));
        if found.is_none() {
            self.refuse(None, Refusal::no_leader());
        }
        found
    }

    /// A server takes a client's request, or refuses it. Returns the index of the entry that a write became.
    pub(super) fn take_request(&mut self, id: NodeId, operation: OperationId, request: u32) -> Option<LogIndex> {
        let asked = self.operations.get(operation.0 as usize)?;
        let mode = match asked.kind {
            OperationKind::Get { mode: ReadName::ReadIndex, .. } | OperationKind::Sync => ReadMode::ReadIndex,
            OperationKind::Get { mode: ReadName::Lease, .. } => ReadMode::Lease,
            OperationKind::Get { mode: ReadName::Local | ReadName::Session, .. } => {
                self.take_own_read(id, operation, request);
                return None;
            }
            _ => return self.take_write(id, operation, request),
        };
        if self.spoil_read(id, operation, request, mode) {
            return None;
        }
        let read = ReadId(u64::from(request) << 32 | u64::from(operation.0));
        if self.ask(Some(id), |node| node.read_index(read, mode)).is_none() {
            self.turn_away(id, operation, request);
            return None;
        }
        self.wait_for(id, operation, request, Wait::Node);
        self.settle(id);
        None
    }

    fn take_write(&mut self, id: NodeId, operation: OperationId, request: u32) -> Option<LogIndex> {
        let command = self.operations.get(operation.0 as usize)?.command()?;
        let Some((_, index)) = self.ask(Some(id), |node| node.propose(command.as_bytes().into())) else {
            self.turn_away(id, operation, request);
            return None;
        };
        let term = self.server(id).node.as_ref().map(Node::current_term).unwrap_or_default();
        self.wait_for(id, operation, request, Wait::Entry { index, term });
        self.settle(id);
        self.answer_clients(id, &[]);
        Some(index)
    }

    /// A read that a server answers from its own state: at once, or once it has applied what the client has seen.
    fn take_own_read(&mut self, id: NodeId, operation: OperationId, request: u32) {
        let Some(asked) = self.operations.get(operation.0 as usize) else { return };
        let is_in_session = matches!(asked.kind, OperationKind::Get { mode: ReadName::Session, .. });
        let seen = self.sessions[asked.session as usize].seen;
        if self.ask(Some(id), |_| Ok::<_, Refusal>(())).is_none() {
            return self.turn_away(id, operation, request);
        }
        let waits = is_in_session && self.rules.has(WorldRule::SessionGuarantee);
        self.wait_for(id, operation, request, Wait::Applied { index: if waits { seen } else { LogIndex(0) } });
        self.answer_clients(id, &[]);
    }

    fn turn_away(&mut self, id: NodeId, operation: OperationId, request: u32) {
        let leader = self.server(id).node().and_then(Node::leader);
        self.reply(operation, request, Reply::Refused { leader });
    }

    /// A server has taken a request and will answer it, if its client still waits.
    pub(super) fn wait_for(&mut self, server: NodeId, operation: OperationId, request: u32, wait: Wait) {
        if let Some(pending) = self.waiting(operation, request) {
            pending.server = Some(server);
            pending.wait = wait;
            self.update_operation(operation, |operation| operation.server = Some(server));
        }
    }

    /// Answers the clients of a server whose commands were applied or overwritten there. `answers` are those of the commands
    /// applied just now that are more than "done", by index.
    pub(super) fn answer_clients(&mut self, id: NodeId, answers: &[(LogIndex, Answer)]) {
        let Some(node) = self.server(id).node() else { return };
        let last_applied = node.last_applied();
        let decided: Vec<_> = self
            .pending
            .iter()
            .filter(|pending| pending.server == Some(id))
            .filter_map(|pending| {
                let told = match pending.wait {
                    Wait::Applied { index } if index <= last_applied => None,
                    Wait::Entry { index, term } if index <= last_applied || self.answers_early() => {
                        let answer = answers.binary_search_by_key(&index, |(index, _)| *index);
                        let answer = answer.map_or(Answer::Done, |at| answers[at].1);
                        // A snapshot that came from the leader does not tell which entries it stands for.
                        let reply = match term_at(node, index) {
                            Some(found) if found == term => Reply::Written { index, answer },
                            Some(_) => Reply::Overwritten,
                            None => Reply::Lost,
                        };
                        Some((term, self.spoil_reply(index, reply)))
                    }
                    _ => return None,
                };
                Some((pending.operation, pending.request, told))
            })
            .collect();
        for (operation, request, told) in decided {
            let Some((term, reply)) = told else {
                self.answer_read(id, operation, request);
                continue;
            };
            if let Reply::Written { index, answer: Answer::Done | Answer::Mismatch } = reply
                && !self.config.unchecked
            {
                self.checker.write_acknowledged(id, index, term);
            }
            self.reply(operation, request, reply);
        }
    }

    /// A node says how a read ended.
    pub(super) fn end_read(&mut self, server: NodeId, read: Read) {
        let (operation, request) = (OperationId(read.id.0 as u32), (read.id.0 >> 32) as u32);
        // The client may have given up.
        if self.waiting(operation, request).is_none() {
            return;
        }
        match read.outcome {
            ReadOutcome::Servable { read_index } => {
                let asked = self.operations.get(operation.0 as usize);
                let shown = if asked.is_some_and(|asked| asked.kind == OperationKind::Sync) {
                    self.reply(operation, request, Reply::Synced { seen: read_index });
                    read_index
                } else {
                    self.answer_read(server, operation, request)
                };
                self.checker.read_returned(operation, server, shown, self.now);
            }
            ReadOutcome::Aborted(why) => {
                let why = match why {
                    ReadAbort::LeadershipLost => Refusal::leadership_lost(),
                    ReadAbort::LeaderChanged => Refusal::leader_changed(),
                };
                self.refuse(Some(server), why);
                self.turn_away(server, operation, request);
            }
        }
    }

    /// Answers a read from the state machine of a server as it is now. Returns the entry up to which that goes.
    fn answer_read(&mut self, id: NodeId, operation: OperationId, request: u32) -> LogIndex {
        let server = self.server(id);
        let seen = server.node().map(Node::last_applied).unwrap_or_default();
        let asked = self.operations.get(operation.0 as usize);
        let value = asked.and_then(|asked| server.machine.get(&asked.key)).map(Into::into);
        self.reply(operation, request, Reply::Value { value, seen });
        seen
    }
}

/// Answers.
impl World {
    /// A client hears the answer to its request.
    pub(super) fn hear(&mut self, id: OperationId, reply: Reply) {
        let has_sessions = self.rules.has(WorldRule::ClientSessions);
        let is_open = self.pending.iter().find(|p| p.operation == id).is_some_and(|p| p.is_open);
        match reply {
            Reply::Written { index, answer: answer @ (Answer::Done | Answer::Mismatch) } => {
                self.saw(id, index);
                self.tell_match(id, answer == Answer::Done);
                self.end_operation(id, Outcome::Ok);
            }
            // An earlier copy got the same answer, unless nobody remembers.
            Reply::Written { answer, .. } => {
                let is_certain = !is_open || has_sessions && answer == Answer::TooLong;
                self.end_operation(id, if is_certain { Outcome::Fail } else { Outcome::Unknown });
            }
            Reply::Value { value, seen } => {
                self.saw(id, seen);
                self.update_operation(id, |operation| {
                    if let OperationKind::Get { result, .. } = &mut operation.kind {
                        *result = value;
                    }
                });
                self.end_operation(id, Outcome::Ok);
            }
            Reply::Synced { seen } => {
                self.saw(id, seen);
                self.end_operation(id, Outcome::Ok);
            }
            Reply::Overwritten => self.ask_again(id, None, false),
            Reply::Refused { leader } => self.ask_again(id, leader, false),
            Reply::Lost => self.ask_again(id, None, true),
        }
    }

    /// Tells a client how its operation ended. A read that was not answered has failed in any case: it changed nothing.
    pub(super) fn end_operation(&mut self, id: OperationId, outcome: Outcome) {
        if let Some(at) = self.pending.iter().position(|pending| pending.operation == id) {
            self.pending.remove(at);
        }
        let is_read = self.operations.get(id.0 as usize).is_some_and(|operation| !operation.is_write());
        if is_read && outcome != Outcome::Ok {
            self.checker.read_failed(id);
        }
        let outcome = if is_read && outcome == Outcome::Unknown { Outcome::Fail } else { outcome };
        let now = self.now;
        self.update_operation(id, |operation| operation.returned = Some((now, outcome)));
        self.event(None, self.trigger, EventKind::Returned(id, outcome));
        self.goes_on(id, outcome);
    }

    /// A client has seen the state after an entry.
    fn saw(&mut self, id: OperationId, index: LogIndex) {
        if let Some(operation) = self.operations.get(id.0 as usize) {
            let session = &mut self.sessions[operation.session as usize];
            session.seen = session.seen.max(index);
        }
    }

    /// Tells a client whether its compare-and-set found what it expected.
    fn tell_match(&mut self, id: OperationId, has_matched: bool) {
        let is_cas = |operation: &Operation| matches!(operation.kind, OperationKind::Cas { .. });
        // Nearly all writes are others, and a change of an operation costs a copy.
        if self.operations.get(id.0 as usize).is_some_and(is_cas) {
            self.update_operation(id, |operation| {
                if let OperationKind::Cas { matched, .. } = &mut operation.kind {
                    *matched = Some(has_matched);
                }
            });
        }
    }

    fn update_operation(&mut self, id: OperationId, update: impl FnOnce(&mut Operation)) {
        if let Some(mut operation) = self.operations.get(id.0 as usize).cloned() {
            update(&mut operation);
            self.operations.set(id.0 as usize, operation);
        }
    }
}
