//! Clients: the same as those of Raft, with the same patience and the same three outcomes.

use std::sync::Arc;

use raft_core::NodeId;

use super::{ContrastKind, ContrastWorld};
use crate::action::ReadName;
use crate::client::{ClientsConfig, Operation, OperationKind};
use crate::contrast::node::{Answer, Request};
use crate::contrast::tally::missed_write;
use crate::event::{EventId, OperationId, Outcome};
use crate::world::Status;

impl ContrastWorld {
    pub(super) fn client_write(&mut self, client: &str, key: &str, value: &str, at: Option<NodeId>) -> OperationId {
        let (key, value): (Arc<str>, Arc<str>) = (key.into(), value.into());
        let kind = OperationKind::Put { value: value.clone() };
        let id = self.call(client, &key, kind);
        self.ask(id, Request::Write { key, value }, at);
        id
    }

    pub(super) fn client_read(&mut self, client: &str, key: &str, mode: ReadName, at: Option<NodeId>) -> OperationId {
        let key: Arc<str> = key.into();
        let id = self.call(client, &key, OperationKind::Get { mode, result: None });
        self.ask(id, Request::Read { key, is_local: mode == ReadName::Local }, at);
        id
    }

    /// A client has waited long enough.
    pub(super) fn give_up(&mut self, id: OperationId) {
        self.end(id, Outcome::Unknown, self.trigger);
    }

    /// A node answers. The client may have given up.
    pub(super) fn answer(&mut self, id: OperationId, answer: Answer, cause: Option<EventId>) {
        if !self.pending.contains_key(&id) {
            return;
        }
        if let Answer::Read(value) = answer {
            self.update(id, |operation| {
                if let OperationKind::Get { result, .. } = &mut operation.kind {
                    *result = value;
                }
            });
        }
        let returned = self.end(id, Outcome::Ok, cause);
        if let Some(missed) = missed_write(&self.operations, id) {
            self.stale_reads += 1;
            self.event(None, Some(returned), ContrastKind::StaleRead(id, missed));
        }
    }

    /// The clients of a server that stops lose their connections.
    pub(super) fn desert(&mut self, server: NodeId) {
        let orphans = self.pending.iter().filter(|(_, (at, _))| *at == server).map(|(id, _)| *id);
        for id in orphans.collect::<Vec<_>>() {
            self.give_up(id);
        }
    }

    /// Notes an operation. What follows, follows from its call.
    fn call(&mut self, client: &str, key: &Arc<str>, kind: OperationKind) -> OperationId {
        let id = OperationId(self.operations.len() as u32);
        self.trigger = Some(self.event(None, self.trigger, ContrastKind::Called(id)));
        let earlier = || self.operations.iter().filter(|operation| *operation.client == *client);
        let session = earlier().next().map_or(id.0, |first| first.session);
        let writes = earlier().filter(|operation| operation.is_write()).count() as u64;
        let serial = if kind.is_write() { writes + 1 } else { 0 };
        self.operations.push(Operation {
            client: client.into(),
            key: key.clone(),
            kind,
            serial,
            session,
            called_at: self.now,
            returned: None,
            server: None,
        });
        id
    }

    /// Asks a server, or the one that a client finds. As with Raft, talking to servers takes no time.
    fn ask(&mut self, id: OperationId, request: Request, at: Option<NodeId>) {
        let Some(server) = at.or_else(|| self.server_for_clients()) else {
            return self.refuse(id, None, "no running server takes it; try again later");
        };
        match self.servers[server.0 as usize - 1].status() {
            Status::Crashed => return self.refuse(id, Some(server), "it is crashed"),
            Status::Paused => return self.refuse(id, Some(server), "it is paused"),
            Status::Up => {}
        }
        self.update(id, |operation| operation.server = Some(server));
        self.pending.insert(id, (server, self.now.after(ClientsConfig::default().timeout_ms)));
        let (now, mut refusal) = (self.now, None);
        self.with_node(server, |node, effects| refusal = node.request(id, request, now, effects).err());
        if let Some(why) = refusal {
            self.refuse(id, Some(server), why);
        }
    }

    /// The primary of the latest reign; where there is none, the first server that runs.
    fn server_for_clients(&self) -> Option<NodeId> {
        let mut running = self.servers.iter().filter(|server| server.status() == Status::Up);
        if self.servers.iter().all(|server| server.reign().is_none()) {
            return running.next().map(|server| server.id);
        }
        running.filter(|server| server.is_primary()).max_by_key(|server| server.reign()).map(|server| server.id)
    }

    fn refuse(&mut self, id: OperationId, server: Option<NodeId>, why: &str) {
        self.event(server, self.trigger, ContrastKind::Refused(why.into()));
        self.end(id, Outcome::Fail, self.trigger);
    }

    /// Tells a client how its operation ended. A read that was not answered has failed in any case: it changed nothing.
    fn end(&mut self, id: OperationId, outcome: Outcome, cause: Option<EventId>) -> EventId {
        self.pending.remove(&id);
        let is_read = self.operations.get(id.0 as usize).is_some_and(|operation| !operation.is_write());
        let outcome = if is_read && outcome == Outcome::Unknown { Outcome::Fail } else { outcome };
        let now = self.now;
        self.update(id, |operation| operation.returned = Some((now, outcome)));
        self.event(None, cause, ContrastKind::Returned(id, outcome))
    }

    fn update(&mut self, id: OperationId, update: impl FnOnce(&mut Operation)) {
        if let Some(mut operation) = self.operations.get(id.0 as usize).cloned() {
            update(&mut operation);
            self.operations.set(id.0 as usize, operation);
        }
    }
}
