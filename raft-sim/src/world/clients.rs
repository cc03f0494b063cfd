//! Clients, and others who ask something of a server: it takes the request, or says why not.

use raft_core::{LogIndex, Node, NodeId, Read, ReadAbort, ReadId, ReadMode, ReadOutcome, Term};

use super::{Due, Server, World, term_at};
use crate::action::{Membership, ReadName};
use crate::client::{Operation, OperationKind, PATIENCE, Pending, Session, Wait};
use crate::error::{ErrorCode, SimError};
use crate::event::{EventKind, OperationId, Outcome};
use crate::rules::WorldRule;

/// Why nobody was asked.
const NO_LEADER: &str = "no running server leads; try again after an election";

impl World {
    pub(super) fn load(&mut self, number: u32) {
        if let Some(interval) = self.load_interval {
            self.schedule(self.now.after(interval), Due::Load(number.wrapping_add(1)));
        }
        let key = ["a", "b", "c", "d", "e", "f", "g", "h"][number as usize % 8];
        self.client_write("load", key, &number.to_string(), None);
    }

    /// A client writes. It finds the leader as a client does: it asks a server, and follows the hint. Talking to servers
    /// takes no time; returns the index of the entry if a server took the command.
    pub(super) fn client_write(
        &mut self,
        client: &str,
        key: &str,
        value: &str,
        at: Option<NodeId>,
    ) -> Option<LogIndex> {
        let session = self.session(client);
        session.serial += 1;
        let serial = session.serial;
        let operation = self.call(client, key, OperationKind::Write { value: value.into(), serial });
        let taken = self.send_write(operation, at, false);
        if taken.is_none() {
            self.end_operation(operation, Outcome::Fail);
        }
        taken
    }

    /// A client sends a write again. That nobody takes it now does not tell what became of the first one.
    pub(super) fn client_retry(&mut self, id: OperationId, at: Option<NodeId>) -> Option<LogIndex> {
        self.pending.retain(|pending| pending.operation != id);
        self.update_operation(id, |operation| operation.returned = None);
        let taken = self.send_write(id, at, true);
        if taken.is_none() {
            self.end_operation(id, Outcome::Unknown);
        }
        taken
    }

    /// The last write of a client, if the client does not know what became of it.
    pub(crate) fn unanswered_write(&self, client: &str) -> Result<OperationId, SimError> {
        let mut operations = self.operations.iter().enumerate().rev();
        let last = operations.find(|(_, operation)| &*operation.client == client && !operation.is_read());
        let refused = |why: &str| Err(SimError::new(ErrorCode::Refused, format!("client {client} {why}")));
        match last {
            None => refused("has not written anything"),
            Some((_, Operation { returned: Some((_, Outcome::Ok | Outcome::Fail)), .. })) => {
                refused("knows what became of its last write")
            }
            Some((id, _)) => Ok(OperationId(id as u32)),
        }
    }

    fn session(&mut self, client: &str) -> &mut Session {
        let known = self.sessions.iter().position(|session| &*session.client == client);
        let at = known.unwrap_or_else(|| {
            self.sessions.push(Session { client: client.into(), serial: 0, seen: LogIndex(0) });
            self.sessions.len() - 1
        });
        &mut self.sessions[at]
    }

    /// A client has seen the state after an entry.
    fn saw(&mut self, id: OperationId, index: LogIndex) {
        let Some(client) = self.operations.get(id.0 as usize).map(|operation| operation.client.clone()) else { return };
        let session = self.session(&client);
        session.seen = session.seen.max(index);
    }

    fn send_write(&mut self, operation: OperationId, at: Option<NodeId>, is_retry: bool) -> Option<LogIndex> {
        let command = self.operations.get(operation.0 as usize)?.command()?;
        let (server, index) = self.ask(at, |node| node.propose(command.as_bytes().into()))?;
        let term = self.server(server).node.as_ref().map(Node::current_term).unwrap_or_default();
        self.wait_for(operation, server, Wait::Entry { index, term, is_retry });
        self.settle(server);
        self.answer_clients(server);
        Some(index)
    }

    /// A client reads. Returns nothing: the answer may take a while, and stands in the operation.
    pub(super) fn client_read(&mut self, client: &str, key: &str, mode: ReadName, at: Option<NodeId>) {
        let operation = self.call(client, key, OperationKind::Read { mode, result: None });
        let mode = match mode {
            ReadName::ReadIndex => ReadMode::ReadIndex,
            ReadName::Lease => ReadMode::Lease,
            ReadName::Local | ReadName::Session => {
                match self.ask(at, |_| Ok::<_, &str>(())) {
                    Some((server, ())) if mode == ReadName::Session => self.read_in_session(operation, client, server),
                    Some((server, ())) => self.answer_read(operation, server),
                    None => self.end_operation(operation, Outcome::Fail),
                }
                return;
            }
        };
        self.checker.read_called(operation, self.now);
        let id = ReadId(operation.0.into());
        let Some((server, ())) = self.ask(at, |node| node.read_index(id, mode)) else {
            return self.end_operation(operation, Outcome::Fail);
        };
        self.wait_for(operation, server, Wait::Node);
        self.settle(server);
    }

    /// Answers a session read once the server has applied what the client has seen.
    fn read_in_session(&mut self, operation: OperationId, client: &str, server: NodeId) {
        let seen = self.session(client).seen;
        let index = if self.rules.has(WorldRule::SessionGuarantee) { seen } else { LogIndex(0) };
        self.wait_for(operation, server, Wait::Applied { index });
        self.answer_clients(server);
    }

    /// Changes who belongs to the cluster. Returns the index of the configuration if the change was taken.
    pub(super) fn change_membership(&mut self, at: Option<NodeId>, change: &Membership) -> Option<LogIndex> {
        let (server, index) = self.ask(at, |node| node.propose_membership(&change.into()))?;
        self.settle(server);
        Some(index)
    }

    pub(super) fn transfer_leadership(&mut self, at: Option<NodeId>, target: NodeId) {
        if let Some((server, ())) = self.ask(at, |node| node.transfer_leadership(target)) {
            self.settle(server);
        }
    }

    /// Asks a server, or the leader that a client finds, for something. If it was refused, an event says why; otherwise the
    /// caller settles the server.
    fn ask<T, E: ToString>(
        &mut self,
        at: Option<NodeId>,
        request: impl FnOnce(&mut Node) -> Result<T, E>,
    ) -> Option<(NodeId, T)> {
        let Some(id) = at.or_else(|| self.leader_for_clients()) else {
            self.refuse(None, NO_LEADER);
            return None;
        };
        let now = self.now;
        let server = self.server_mut(id);
        let refusal = match server.awake(now) {
            Err(silence) => silence.to_owned(),
            Ok(node) => match request(node) {
                Ok(answer) => return Some((id, answer)),
                Err(error) => error.to_string(),
            },
        };
        self.refuse(Some(id), &refusal);
        self.settle(id);
        None
    }

    /// Says why something that was asked of a server is not done.
    pub(super) fn refuse(&mut self, server: Option<NodeId>, why: &str) {
        self.event(server, self.trigger, EventKind::Refused(why.into()));
    }

    /// The server that a client ends up at: it asks one after the other and follows hints.
    fn leader_for_clients(&self) -> Option<NodeId> {
        let is_leader = |id: &NodeId| {
            let server = self.server(*id);
            !server.is_paused && server.node.as_ref().is_some_and(|node| node.role().is_leader())
        };
        let hint = self.servers.iter().filter(|server| !server.is_paused).find_map(|server| server.node()?.leader());
        hint.filter(is_leader).or_else(|| self.servers.iter().map(Server::id).find(is_leader))
    }

    pub(super) fn propose_at(&mut self, id: NodeId, command: &[u8]) -> Option<LogIndex> {
        self.ask(Some(id), |node| node.propose(command.into())).map(|(_, index)| index)
    }

    /// The number of the operation that a client calls next.
    pub(super) fn next_operation(&self) -> OperationId {
        OperationId(self.operations.len() as u32)
    }

    /// Notes an operation. What follows, follows from its call.
    fn call(&mut self, client: &str, key: &str, kind: OperationKind) -> OperationId {
        let id = self.next_operation();
        self.trigger = Some(self.event(None, self.trigger, EventKind::Called(id)));
        self.operations.push(Operation {
            client: client.into(),
            key: key.into(),
            kind,
            called_at: self.now,
            returned: None,
            server: None,
        });
        id
    }

    fn wait_for(&mut self, operation: OperationId, server: NodeId, wait: Wait) {
        self.update_operation(operation, |operation| operation.server = Some(server));
        let deadline = self.now.after(PATIENCE);
        self.pending.push(Pending { operation, server, wait, deadline });
    }

    /// Answers the clients of a server whose commands were applied or overwritten there.
    pub(super) fn answer_clients(&mut self, id: NodeId) {
        let Some(node) = self.server(id).node() else { return };
        let decided: Vec<_> = self
            .pending
            .iter()
            .filter(|pending| pending.server == id)
            .filter_map(|pending| {
                let (index, term, is_retry) = match pending.wait {
                    Wait::Entry { index, term, is_retry } => (index, term, is_retry),
                    Wait::Applied { index } => (index, Term(0), false),
                    Wait::Node => return None,
                };
                if index > node.last_applied() {
                    return None;
                }
                if matches!(pending.wait, Wait::Applied { .. }) {
                    return Some((pending.operation, Outcome::Ok, index, None));
                }
                // A snapshot that came from the leader does not tell which entries it stands for.
                let outcome = match term_at(node, index) {
                    Some(found) if found == term => Outcome::Ok,
                    // An earlier copy may have been carried out.
                    Some(_) if !is_retry => Outcome::Fail,
                    _ => Outcome::Unknown,
                };
                Some((pending.operation, outcome, index, Some(term)))
            })
            .collect();
        for (operation, outcome, index, term) in decided {
            let Some(term) = term else {
                self.answer_read(operation, id);
                continue;
            };
            if outcome == Outcome::Ok {
                self.saw(operation, index);
                if !self.config.unchecked {
                    self.checker.write_acknowledged(id, index, term);
                }
            }
            self.end_operation(operation, outcome);
        }
    }

    /// A node says how a read ended.
    pub(super) fn end_read(&mut self, server: NodeId, read: Read) {
        let operation = OperationId(read.id.0 as u32);
        // The client may have given up.
        if !self.pending.iter().any(|pending| pending.operation == operation) {
            return;
        }
        match read.outcome {
            ReadOutcome::Servable { .. } => {
                self.answer_read(operation, server);
                let shown = self.server(server).node().map(Node::last_applied).unwrap_or_default();
                self.checker.read_returned(operation, server, shown, self.now);
            }
            ReadOutcome::Aborted(why) => {
                let why = match why {
                    ReadAbort::LeadershipLost => "it no longer leads, so nobody knows whether its state is up to date",
                    ReadAbort::LeaderChanged => "the leader that it asked about the read is gone",
                };
                self.refuse(Some(server), why);
                self.end_operation(operation, Outcome::Fail);
            }
        }
    }

    /// Answers a read from the state machine of a server as it is now.
    fn answer_read(&mut self, id: OperationId, server: NodeId) {
        let shown = self.server(server).node().map(Node::last_applied).unwrap_or_default();
        self.saw(id, shown);
        let operation = self.operations.get(id.0 as usize);
        let value = operation.and_then(|operation| self.server(server).machine.get(&operation.key)).map(Into::into);
        self.update_operation(id, |operation| {
            operation.server = Some(server);
            if let OperationKind::Read { result, .. } = &mut operation.kind {
                *result = value;
            }
        });
        self.end_operation(id, Outcome::Ok);
    }

    /// Tells a client how its operation ended. A read that was not answered has failed in any case: it changed nothing.
    pub(super) fn end_operation(&mut self, id: OperationId, outcome: Outcome) {
        self.pending.retain(|pending| pending.operation != id);
        let is_read = self.operations.get(id.0 as usize).is_some_and(Operation::is_read);
        if is_read && outcome != Outcome::Ok {
            self.checker.read_failed(id);
        }
        let outcome = if is_read && outcome == Outcome::Unknown { Outcome::Fail } else { outcome };
        let now = self.now;
        self.update_operation(id, |operation| operation.returned = Some((now, outcome)));
        self.event(None, self.trigger, EventKind::Returned(id, outcome));
    }

    fn update_operation(&mut self, id: OperationId, update: impl FnOnce(&mut Operation)) {
        if let Some(mut operation) = self.operations.get(id.0 as usize).cloned() {
            update(&mut operation);
            self.operations.set(id.0 as usize, operation);
        }
    }
}
