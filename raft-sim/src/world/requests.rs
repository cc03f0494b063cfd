//! How requests find a server, and what clients do when they do not.
//!
//! An operation fails only if no copy of it was carried out or ever will be: every copy that was sent has been refused, or
//! another entry stands where its entry stood. A copy of which nothing was heard makes the outcome unknown.

use raft_core::{LogIndex, NodeId};

use super::{Due, World};
use crate::client::{Pending, Reply, Wait};
use crate::event::{EventId, EventKind, OperationId, Outcome};
use crate::time::Time;

impl World {
    /// A client sends its operation. `is_open`: an earlier copy may have been taken.
    pub(super) fn start(&mut self, operation: OperationId, named: Option<NodeId>, is_open: bool) -> Option<LogIndex> {
        let pending = Pending {
            operation,
            request: 0,
            named,
            server: None,
            wait: Wait::Request,
            deadline: self.now.after(self.config.clients.timeout_ms),
            retries: 0,
            hops: 0,
            is_open,
            sent: self.trigger.unwrap_or_default(),
        };
        self.send_request(pending)
    }

    /// Sends a request to the server that was named, or the one that its client believes to lead.
    fn send_request(&mut self, mut pending: Pending) -> Option<LogIndex> {
        let (operation, request, named, sent) = (pending.operation, self.next_request, pending.named, pending.sent);
        self.next_request += 1;
        pending.request = request;
        pending.wait = Wait::Request;
        if self.travel.is_none() {
            self.await_answer(pending);
            let Some(server) = named.or_else(|| self.leader_for_clients()) else {
                self.hear(operation, Reply::Refused { leader: None });
                return None;
            };
            return self.take_request(server, operation, request);
        }
        let server = named.unwrap_or_else(|| self.believed_leader(operation));
        pending.server = Some(server);
        self.await_answer(pending);
        let travel = self.travel_time();
        let now = self.now;
        if let Some(session) = self.session_of(operation) {
            session.arrival = session.arrival.max(now.after(travel));
            let arrival = session.arrival;
            self.schedule(arrival, Due::Request(server, operation, request, sent));
        }
        None
    }

    /// Keeps those who wait in the order of their deadlines.
    fn await_answer(&mut self, pending: Pending) {
        let at = self.pending.partition_point(|other| other.deadline <= pending.deadline);
        self.pending.insert(at, pending);
    }

    /// The client that waits for the answer to a request.
    pub(super) fn waiting(&mut self, operation: OperationId, request: u32) -> Option<&mut Pending> {
        self.pending.iter_mut().find(|pending| pending.operation == operation && pending.request == request)
    }

    /// A request reaches a server. It does so even if its client has given up.
    pub(super) fn request_arrives(&mut self, server: NodeId, operation: OperationId, request: u32, sent: EventId) {
        if self.server(server).node.is_some() && !self.server(server).is_attentive() {
            // It waits at the door until the server goes on, see `wake`.
            self.at_door.push((server, operation, request, sent));
            return;
        }
        self.trigger = Some(if self.server(server).node.is_some() {
            self.event(Some(server), Some(sent), EventKind::Asked(operation))
        } else {
            sent
        });
        self.take_request(server, operation, request);
    }

    /// Requests that waited at the door of a server come in.
    pub(super) fn open_door(&mut self, server: NodeId) {
        let at_door = core::mem::take(&mut self.at_door);
        let (come, stay): (Vec<_>, Vec<_>) = at_door.into_iter().partition(|(at, ..)| *at == server);
        self.at_door = stay;
        for (server, operation, request, sent) in come {
            self.schedule(self.now, Due::Request(server, operation, request, sent));
        }
    }

    /// Clients lose their connections to a server that stops, and cannot know what became of their requests.
    pub(super) fn disconnect(&mut self, server: NodeId) {
        let is_at_door = |pending: &Pending, at_door: &[(NodeId, OperationId, u32, EventId)]| {
            at_door.iter().any(|(at, _, request, _)| *at == server && *request == pending.request)
        };
        let orphans = self.pending.iter().filter(|pending| {
            pending.server == Some(server) && pending.wait.is_at_server() || is_at_door(pending, &self.at_door)
        });
        let orphans: Vec<_> = orphans.map(|pending| (pending.operation, pending.request)).collect();
        self.at_door.retain(|(at, ..)| *at != server);
        for (operation, request) in orphans {
            self.reply(operation, request, Reply::Lost);
        }
    }

    /// A server answers, if anybody still waits for it.
    pub(super) fn reply(&mut self, operation: OperationId, request: u32, reply: Reply) {
        let is_distant = self.travel.is_some();
        let Some(pending) = self.waiting(operation, request) else { return };
        if !is_distant {
            return self.hear(operation, reply);
        }
        pending.wait = Wait::Reply(reply);
        let sent = pending.sent;
        let cause = self.trigger.unwrap_or(sent);
        let time = self.now.after(self.travel_time());
        self.schedule(time, Due::Reply(operation, request, cause));
    }

    /// An answer reaches its client.
    pub(super) fn reply_arrives(&mut self, operation: OperationId, request: u32, cause: EventId) {
        let Some(pending) = self.waiting(operation, request) else { return };
        if let Wait::Reply(reply) = &pending.wait {
            let reply = reply.clone();
            self.trigger = Some(cause);
            self.hear(operation, reply);
        }
    }

    /// A client has waited long enough.
    pub(super) fn give_up(&mut self, operation: OperationId) {
        self.tally.timeouts += 1;
        self.ask_again(operation, None, true);
    }

    /// A request was in vain: its client follows the hint, turns to the next server, sends it again, or ends the operation.
    /// `may_be_taken`: for all that the client knows, a server has taken it.
    pub(super) fn ask_again(&mut self, operation: OperationId, hint: Option<NodeId>, may_be_taken: bool) {
        let Some(at) = self.pending.iter().position(|pending| pending.operation == operation) else { return };
        let mut pending = self.pending.remove(at);
        pending.is_open |= may_be_taken;
        let is_free = self.travel.is_some() && pending.named.is_none();
        if let Some(leader) = hint.filter(|hint| is_free && Some(*hint) != pending.server)
            && pending.hops < self.servers.len() as u32
        {
            pending.hops += 1;
            self.redirect(&mut pending, leader);
            self.send_request(pending);
            return;
        }
        if is_free {
            let next = pending.server.map_or(1, |server| server.0 % self.servers.len() as u64 + 1);
            self.believe(operation, NodeId(next));
        }
        let rest = self.config.clients.rest(pending.retries);
        let goes_on = is_free && !may_be_taken && self.now.after(rest) < pending.deadline;
        if !goes_on && pending.retries == self.config.clients.retries {
            let outcome = if pending.is_open { Outcome::Unknown } else { Outcome::Fail };
            return self.end_operation(operation, outcome);
        }
        pending.retries += u32::from(!goes_on);
        pending.hops = 0;
        pending.wait = Wait::Rest { is_retry: !goes_on };
        pending.sent = self.trigger.unwrap_or(pending.sent);
        self.schedule(self.now.after(rest), Due::AskAgain(operation, pending.request));
        self.resting.push(pending);
    }

    /// A client has rested and asks again.
    pub(super) fn ends_rest(&mut self, operation: OperationId, request: u32) {
        let rests = |pending: &Pending| pending.operation == operation && pending.request == request;
        let Some(at) = self.resting.iter().position(rests) else { return };
        let mut pending = self.resting.remove(at);
        if pending.wait == (Wait::Rest { is_retry: true }) {
            pending.deadline = self.now.after(self.config.clients.timeout_ms);
            self.tally.retries += 1;
            pending.sent = self.event(None, Some(pending.sent), EventKind::Resent(operation));
            self.trigger = Some(pending.sent);
        } else {
            self.trigger = Some(pending.sent);
            let next = self.believed_leader(operation);
            self.redirect(&mut pending, next);
        }
        self.send_request(pending);
    }

    fn redirect(&mut self, pending: &mut Pending, server: NodeId) {
        self.tally.redirects += 1;
        self.believe(pending.operation, server);
        let cause = self.trigger.unwrap_or(pending.sent);
        pending.sent = self.event(None, Some(cause), EventKind::Redirected(pending.operation, server));
        self.trigger = Some(pending.sent);
    }

    fn believe(&mut self, operation: OperationId, leader: NodeId) {
        if let Some(session) = self.session_of(operation) {
            session.leader = Some(leader);
        }
    }

    /// The server that a client believes to lead; the first time a guess.
    fn believed_leader(&mut self, operation: OperationId) -> NodeId {
        let known = self.session_of(operation).and_then(|session| session.leader);
        known.unwrap_or_else(|| {
            let last = self.servers.len() as u64;
            let guess = NodeId(self.travel.as_mut().map_or(1, |stream| stream.between(1, last)));
            self.believe(operation, guess);
            guess
        })
    }

    fn session_of(&mut self, operation: OperationId) -> Option<&mut crate::client::Session> {
        let session = self.operations.get(operation.0 as usize)?.session;
        self.sessions.get_mut(session as usize)
    }

    fn travel_time(&mut self) -> Time {
        let (shortest, longest) = self.config.clients.latency_ms;
        self.travel.as_mut().map_or(Time(0), |stream| Time(stream.between(shortest.0, longest.0)))
    }
}
