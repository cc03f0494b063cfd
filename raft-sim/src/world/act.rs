//! What a reader, a script or a fault does to the world.

use raft_core::NodeId;

use super::snapshots::knows_cluster;
use super::workload::LOAD_CLIENT;
use super::{Due, Server, World};
use crate::action::{Action, Membership, MessageSelector};
use crate::client::OperationKind;
use crate::disk::Ending;
use crate::error::{ErrorCode, SimError};
use crate::event::{Deed, Envelope, Event, EventId, EventKind, Loss, OperationId};
use crate::limits::MAX_TEXT_BYTES;
use crate::network::{Flap, Slot};
use crate::time::Time;

/// What an action brought about.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ActOutcome {
    /// The event of the action; what follows comes after it.
    pub event: EventId,
    /// The message that it was about or that it made.
    pub message: Option<u32>,
    /// The log index of a proposed command or configuration.
    pub index: Option<u64>,
    /// The operation of a client.
    pub operation: Option<OperationId>,
}

impl World {
    /// Carries out an action as a step of its own, at `time` if that is later than now. A refused action changes nothing.
    pub fn act(&mut self, action: &Action, time: Time, out: &mut Vec<Event>) -> Result<ActOutcome, SimError> {
        self.check(action)?;
        self.now = self.now.max(time);
        self.step += 1;
        self.trigger = None;
        let outcome = self.carry_out_action(action);
        self.finish_step(out);
        Ok(outcome)
    }

    /// Whether an action is possible now.
    pub fn check(&self, action: &Action) -> Result<(), SimError> {
        action.check_ranges()?;
        match action {
            Action::Deliver { message } => {
                let slot = self.find(message)?;
                let to = self.network.get(slot).map(|message| message.message.to);
                to.map_or(Ok(()), |to| self.up(to.0).map(drop))
            }
            Action::Drop { message }
            | Action::Duplicate { message }
            | Action::Delay { message, .. }
            | Action::Hold { message }
            | Action::Release { message } => self.find(message).map(drop),
            Action::Cut { a, b, .. }
            | Action::Mend { a, b, .. }
            | Action::HoldLink { a, b, .. }
            | Action::ReleaseLink { a, b, .. }
            | Action::Flap { a, b, .. } => self.pair(*a, *b),
            Action::Partition { groups } => self.check_groups(groups),
            Action::Heal | Action::SetRule { .. } => Ok(()),
            Action::Crash { server, .. }
            | Action::Tear { server, .. }
            | Action::Pause { server }
            | Action::JumpClock { server, .. } => self.up(*server).map(drop),
            Action::Timeout { server } | Action::Heartbeat { server } => self.running(*server).map(drop),
            Action::Restart { server } => self.check_restart(self.server_with_id(*server)?),
            Action::Resume { server } => {
                if self.server_with_id(*server)?.is_paused {
                    return Ok(());
                }
                Err(SimError::new(ErrorCode::ServerRunning, format!("S{server} is not paused")))
            }
            Action::Propose { server, command } => self.check_proposal(*server, command),
            Action::ClientWrite { client, key, value, server }
            | Action::ClientAppend { client, key, value, server } => self.check_client(*server, client, key, value),
            Action::ClientCas { client, key, expected, value, server } => {
                expected.as_deref().map_or(Ok(()), check_length)?;
                self.check_client(*server, client, key, value)
            }
            Action::ClientRead { client, key, server, .. } | Action::ClientDelete { client, key, server } => {
                self.check_client(*server, client, key, "")
            }
            Action::ClientSync { client, server } => self.check_client_name(*server, client),
            Action::ClientRetry { client, server } => {
                self.check_client_name(*server, client)?;
                self.unanswered_write(client).map(drop)
            }
            Action::Snapshot { server } => self.check_snapshot(*server),
            Action::ChangeMembership { server, change } => {
                server.map_or(Ok(()), |server| self.running(server).map(drop))?;
                change.servers().into_iter().try_for_each(|id| self.server_with_id(id).map(drop))
            }
            Action::TransferLeadership { server, target } => {
                server.map_or(Ok(()), |server| self.running(server).map(drop))?;
                self.server_with_id(*target).map(drop)
            }
            Action::SetClockRate { server, .. }
            | Action::SetDiskLatency { server, .. }
            | Action::SetDiskLies { server, .. }
            | Action::SetApplyLatency { server, .. } => self.server_with_id(*server).map(drop),
            Action::SetLatency { a, b, one_way, .. }
            | Action::SetLoss { a, b, one_way, .. }
            | Action::SetDuplication { a, b, one_way, .. } => self.check_link(*a, *b, *one_way),
            Action::Note { text } => check_length(text),
        }
    }

    /// Carries out an action that [`World::check`] allows.
    pub(crate) fn carry_out_action(&mut self, action: &Action) -> ActOutcome {
        let server = action.server().map(NodeId);
        let event = self.event(server, self.trigger, EventKind::Acted(Deed::of(action)));
        self.trigger = Some(event);
        let mut outcome = ActOutcome { event, ..ActOutcome::default() };
        match action {
            Action::Deliver { message }
            | Action::Drop { message }
            | Action::Duplicate { message }
            | Action::Delay { message, .. }
            | Action::Hold { message }
            | Action::Release { message } => {
                if let Ok(slot) = self.find(message) {
                    outcome.message = self.act_on_message(action, slot);
                }
            }
            Action::Cut { a, b, one_way } => self.set_cut(*a, *b, *one_way, true),
            Action::Mend { a, b, one_way } => self.set_cut(*a, *b, *one_way, false),
            Action::Partition { groups } => self.partition(groups),
            Action::Heal => self.heal(),
            Action::HoldLink { a, b, one_way } => self.hold_link(*a, *b, *one_way),
            Action::ReleaseLink { a, b, one_way } => self.release_link(*a, *b, *one_way),
            Action::Flap { a, b, up_ms, down_ms, one_way } => {
                self.begin_flap(*a, *b, *one_way, Flap { up: *up_ms, down: *down_ms, since: event });
            }
            Action::Crash { server, lose_unsynced } => {
                self.crash(NodeId(*server), if *lose_unsynced { Ending::PowerLoss } else { Ending::Finish });
            }
            Action::Tear { server, entries } => self.crash(NodeId(*server), Ending::Torn(*entries)),
            Action::Restart { server } => self.restart(NodeId(*server)),
            Action::Pause { server } => self.set_paused(NodeId(*server), true),
            Action::Resume { server } => self.set_paused(NodeId(*server), false),
            Action::Timeout { server } => self.with_node(NodeId(*server), raft_core::Node::campaign),
            Action::Heartbeat { server } => self.with_node(NodeId(*server), raft_core::Node::fire_heartbeat),
            Action::Propose { server, command } => {
                outcome.index = self.propose_at(NodeId(*server), command.as_bytes()).map(|index| index.0);
                self.settle(NodeId(*server));
            }
            Action::ClientWrite { client, key, value, server } => {
                let kind = OperationKind::Put { value: value.as_str().into() };
                self.act_write(&mut outcome, client, key, kind, *server);
            }
            Action::ClientAppend { client, key, value, server } => {
                let kind = OperationKind::Append { value: value.as_str().into() };
                self.act_write(&mut outcome, client, key, kind, *server);
            }
            Action::ClientCas { client, key, expected, value, server } => {
                let (expected, value) = (expected.as_deref().map(Into::into), value.as_str().into());
                let kind = OperationKind::Cas { expected, value, matched: None };
                self.act_write(&mut outcome, client, key, kind, *server);
            }
            Action::ClientDelete { client, key, server } => {
                self.act_write(&mut outcome, client, key, OperationKind::Delete, *server);
            }
            Action::ClientSync { client, server } => {
                outcome.operation = Some(self.next_operation());
                self.client_sync(client, server.map(NodeId));
            }
            Action::ClientRetry { client, server } => {
                if let Ok(operation) = self.unanswered_write(client) {
                    outcome.operation = Some(operation);
                    outcome.index = self.client_retry(operation, server.map(NodeId)).map(|index| index.0);
                }
            }
            Action::ClientRead { client, key, server, mode } => {
                outcome.operation = Some(self.next_operation());
                self.client_read(client, key, *mode, server.map(NodeId));
            }
            Action::Snapshot { server } => self.take_snapshot(NodeId(*server)),
            Action::ChangeMembership { server, change } => {
                outcome.index = self.change_membership(server.map(NodeId), change).map(|index| index.0);
            }
            Action::TransferLeadership { server, target } => {
                self.transfer_leadership(server.map(NodeId), NodeId(*target));
            }
            Action::SetClockRate { server, permille } => {
                self.set_clock(NodeId(*server), |clock, now| clock.set_rate(now, *permille));
            }
            Action::JumpClock { server, ms } => self.set_clock(NodeId(*server), |clock, now| clock.jump(now, *ms)),
            Action::SetLatency { a, b, min_ms, max_ms, one_way } => {
                self.set_links(*a, *b, *one_way, |link| link.latency = Some((*min_ms, *max_ms)));
            }
            Action::SetLoss { a, b, permille, one_way } => {
                self.set_links(*a, *b, *one_way, |link| link.loss_permille = Some(*permille));
            }
            Action::SetDuplication { a, b, permille, one_way } => {
                self.set_links(*a, *b, *one_way, |link| link.duplicate_permille = Some(*permille));
            }
            Action::SetDiskLatency { server, ms, max_ms } => {
                self.server_mut(NodeId(*server)).disk.set_latency((*ms, max_ms.unwrap_or(*ms)));
            }
            Action::SetDiskLies { server, on } => self.server_mut(NodeId(*server)).disk.set_lying(*on),
            Action::SetApplyLatency { server, ms } => self.server_mut(NodeId(*server)).applying.latency = *ms,
            Action::SetRule { rule, on } => {
                self.rules = self.rules.set(*rule, *on);
                let rules = self.rules.raft;
                self.servers
                    .iter_mut()
                    .filter_map(|server| server.node.as_mut())
                    .for_each(|node| node.set_rules(rules));
                self.servers.iter_mut().for_each(Server::plan_timer);
            }
            Action::Note { .. } => {}
        }
        outcome
    }

    fn act_write(
        &mut self,
        outcome: &mut ActOutcome,
        client: &str,
        key: &str,
        kind: OperationKind,
        server: Option<u64>,
    ) {
        outcome.operation = Some(self.next_operation());
        outcome.index = self.client_write(client, key, kind, server.map(NodeId)).map(|index| index.0);
    }

    fn act_on_message(&mut self, action: &Action, slot: Slot) -> Option<u32> {
        let now = self.now;
        let message = self.network.get_mut(slot)?;
        let id = message.id;
        match action {
            // By hand means: no matter what chance had decided.
            Action::Deliver { .. } => {
                message.is_doomed = false;
                self.deliver(slot);
            }
            Action::Drop { .. } => {
                let message = self.network.remove(slot)?;
                let envelope = Envelope::of(id, &message.message);
                let cause = Some(message.sent_event);
                self.event(Some(message.message.to), cause, EventKind::Lost(envelope, Loss::Dropped));
            }
            Action::Duplicate { .. } => {
                let (copy, sent_event) = (message.message.clone(), message.sent_event);
                let arrives_at = if message.is_at_door { Some(now) } else { message.arrives_at };
                return Some(self.duplicate(copy, sent_event, arrives_at).0);
            }
            Action::Delay { ms, .. } => {
                let time = message.arrives_at.unwrap_or(now).after(*ms);
                message.arrives_at = Some(time);
                message.is_at_door = false;
                self.schedule(time, Due::Deliver(slot, id));
            }
            Action::Hold { .. } => {
                message.arrives_at = None;
                message.is_at_door = false;
            }
            _ => {
                message.arrives_at = Some(now);
                message.is_at_door = false;
                self.schedule(now, Due::Deliver(slot, id));
            }
        }
        Some(id.0)
    }

    fn crash(&mut self, id: NodeId, ending: Ending) {
        let losses = self.end_disk(id, ending);
        let server = self.server_mut(id);
        server.node = None;
        server.is_paused = false;
        server.taking = None;
        server.applying.clear();
        server.unheard_write = None;
        server.machine = crate::machine::Machine::default();
        server.timer_at = None;
        self.checker.crashed(id);
        self.log_version += 1;
        let crashed = self.event(Some(id), self.trigger, EventKind::Crashed(losses.waiting));
        self.tell_losses(id, crashed, losses);
        // What waited at its door was addressed to a program that is gone.
        let waiting = self.network.in_order().into_iter().filter(|m| m.message.to == id && m.is_at_door);
        let waiting: Vec<_> = waiting.map(|message| MessageSelector::Id(message.id.0.into())).collect();
        for slot in waiting.iter().filter_map(|selector| self.network.find(selector)).collect::<Vec<_>>() {
            if let Some(lost) = self.network.remove(slot) {
                let envelope = Envelope::of(lost.id, &lost.message);
                self.event(Some(id), self.trigger, EventKind::Lost(envelope, Loss::Crashed));
            }
        }
        self.disconnect(id);
    }

    fn restart(&mut self, id: NodeId) {
        self.spoil_disk(id);
        let (now, options, rules, seed) = (self.now, self.options, self.rules.raft, self.seed);
        self.server_mut(id).start(now, options, rules, seed);
        self.event(Some(id), self.trigger, EventKind::Restarted);
        if self.config.unchecked {
            return;
        }
        let in_flight = self.network.iter().map(|message| &message.message);
        self.checker.restarted(&self.servers[id.0 as usize - 1], in_flight, &self.servers);
    }

    fn set_paused(&mut self, id: NodeId, is_paused: bool) {
        let now = self.now;
        let server = self.server_mut(id);
        server.catch_up(now);
        server.clock.set_stopped(now, is_paused);
        server.is_paused = is_paused;
        if self.server(id).is_attentive() {
            self.wake(id);
        } else {
            self.settle(id);
        }
        if !is_paused {
            self.end_overdue_snapshot(id);
        }
    }

    /// Lets a server that was paused or busy take in what has happened meanwhile.
    pub(super) fn wake(&mut self, id: NodeId) {
        let now = self.now;
        let server = self.server_mut(id);
        server.catch_up(now);
        if let (Some(number), Some(node)) = (server.unheard_write.take(), &mut server.node) {
            node.on_persisted(number);
        }
        self.settle(id);
        self.end_overdue_apply(id);
        self.open_door(id);
        if self.config.network.manual {
            return;
        }
        // What waited at the door comes in.
        let waiting = self.network.in_order().into_iter().filter(|m| m.message.to == id && m.is_at_door);
        let waiting: Vec<_> = waiting.map(|message| MessageSelector::Id(message.id.0.into())).collect();
        for selector in waiting {
            if let Ok(slot) = self.find(&selector) {
                self.act_on_message(&Action::Release { message: selector }, slot);
            }
        }
    }

    fn with_node(&mut self, id: NodeId, call: impl FnOnce(&mut raft_core::Node)) {
        let now = self.now;
        let server = self.server_mut(id);
        server.catch_up(now);
        if let Some(node) = &mut server.node {
            call(node);
        }
        self.settle(id);
    }

    fn find(&self, selector: &MessageSelector) -> Result<Slot, SimError> {
        self.network.find(selector).ok_or_else(|| {
            let message = match selector {
                MessageSelector::Id(id) => {
                    format!("message {id} is not in flight: it was delivered or lost, or never sent")
                }
                MessageSelector::Fits(pattern) => format!("no message in flight is {pattern}"),
            };
            SimError::new(ErrorCode::UnknownMessage, message)
        })
    }

    fn up(&self, id: u64) -> Result<&Server, SimError> {
        let server = self.server_with_id(id)?;
        if server.node.is_none() {
            return Err(SimError::new(ErrorCode::ServerCrashed, format!("S{id} is crashed; restart it first")));
        }
        Ok(server)
    }

    fn running(&self, id: u64) -> Result<&Server, SimError> {
        let server = self.up(id)?;
        if server.is_paused {
            return Err(SimError::new(ErrorCode::Refused, format!("S{id} is paused; resume it first")));
        }
        if !server.is_attentive() {
            let message = format!("S{id} does nothing but take a snapshot; wait until it is taken");
            return Err(SimError::new(ErrorCode::Refused, message));
        }
        Ok(server)
    }

    fn check_restart(&self, server: &Server) -> Result<(), SimError> {
        let id = server.id();
        if server.node.is_some() {
            return Err(SimError::new(ErrorCode::ServerRunning, format!("S{id} is not crashed")));
        }
        let refused = |error| SimError::new(ErrorCode::Refused, format!("S{id} does not start: {error}"));
        server.boot(self.options, self.rules.raft, self.seed).map(drop).map_err(refused)
    }

    fn pair(&self, a: u64, b: u64) -> Result<(), SimError> {
        self.server_with_id(a)?;
        self.server_with_id(b)?;
        if a == b {
            return Err(SimError::new(ErrorCode::InvalidLink, format!("a link joins two servers, not S{a} to itself")));
        }
        Ok(())
    }

    fn check_link(&self, a: Option<u64>, b: Option<u64>, one_way: bool) -> Result<(), SimError> {
        match (a, b) {
            (None, None) if !one_way => Ok(()),
            (Some(a), Some(b)) => self.pair(a, b),
            _ => Err(SimError::new(ErrorCode::InvalidLink, "name both ends of the link, or none for all links")),
        }
    }

    fn check_groups(&self, groups: &[Vec<u64>]) -> Result<(), SimError> {
        let mut seen = vec![false; self.servers.len()];
        for &id in groups.iter().flatten() {
            self.server_with_id(id)?;
            if core::mem::replace(&mut seen[id as usize - 1], true) {
                return Err(SimError::new(ErrorCode::InvalidLink, format!("S{id} stands in two groups")));
            }
        }
        Ok(())
    }

    fn check_client(&self, server: Option<u64>, client: &str, key: &str, value: &str) -> Result<(), SimError> {
        self.check_client_name(server, client)?;
        [key, value].into_iter().try_for_each(check_length)?;
        // What a key may not hold gives commands their form.
        if key.is_empty() || key.contains(|character: char| character == '=' || character.is_control()) {
            let message = "a key has at least one character, none of them = or a control character";
            return Err(SimError::new(ErrorCode::OutOfRange, message));
        }
        Ok(())
    }

    fn check_client_name(&self, server: Option<u64>, client: &str) -> Result<(), SimError> {
        server.map_or(Ok(()), |server| self.server_with_id(server).map(drop))?;
        check_length(client)?;
        if client.contains(char::is_control) {
            return Err(SimError::new(ErrorCode::OutOfRange, "a client's name has no control character in it"));
        }
        if self.workload.is_some() && client.starts_with(LOAD_CLIENT) {
            let message = format!("client {client} belongs to the load and asks by itself; choose another name");
            return Err(SimError::new(ErrorCode::Refused, message));
        }
        Ok(())
    }

    fn check_snapshot(&self, id: u64) -> Result<(), SimError> {
        let server = self.running(id)?;
        let refused = |why: String| Err(SimError::new(ErrorCode::Refused, format!("S{id}: {why}")));
        if let Some(index) = server.snapshot_begun() {
            return refused(format!("it is taking a snapshot up to {index} already"));
        }
        if !server.node().is_some_and(knows_cluster) {
            return refused("it does not know yet who belongs to the cluster".into());
        }
        // The node itself knows best; ask a copy.
        let refusal = server.node.clone().and_then(|mut node| node.compact(node.last_applied(), Vec::new()).err());
        refusal.map_or(Ok(()), |error| refused(error.to_string()))
    }

    fn check_proposal(&self, id: u64, command: &str) -> Result<(), SimError> {
        check_length(command)?;
        let server = self.running(id)?;
        // The node itself knows best whether it would take the command; ask a copy.
        let refusal = server.node.clone().and_then(|mut node| node.propose(command.into()).err());
        refusal.map_or(Ok(()), |error| Err(SimError::new(ErrorCode::Refused, format!("S{id}: {error}"))))
    }
}

fn check_length(text: &str) -> Result<(), SimError> {
    if text.len() > MAX_TEXT_BYTES {
        let message = format!("the text has {} bytes, at most {MAX_TEXT_BYTES} are allowed", text.len());
        return Err(SimError::new(ErrorCode::TooLarge, message));
    }
    Ok(())
}

impl Action {
    /// The server that the action is about, if it is about one.
    pub(crate) const fn server(&self) -> Option<u64> {
        match self {
            Self::Crash { server, .. }
            | Self::Tear { server, .. }
            | Self::Restart { server }
            | Self::Pause { server }
            | Self::Resume { server }
            | Self::Timeout { server }
            | Self::Heartbeat { server }
            | Self::Snapshot { server }
            | Self::Propose { server, .. }
            | Self::SetClockRate { server, .. }
            | Self::JumpClock { server, .. }
            | Self::SetDiskLatency { server, .. }
            | Self::SetDiskLies { server, .. }
            | Self::SetApplyLatency { server, .. } => Some(*server),
            Self::ClientWrite { server, .. }
            | Self::ClientAppend { server, .. }
            | Self::ClientCas { server, .. }
            | Self::ClientDelete { server, .. }
            | Self::ClientSync { server, .. }
            | Self::ClientRetry { server, .. }
            | Self::ClientRead { server, .. }
            | Self::ChangeMembership { server, .. }
            | Self::TransferLeadership { server, .. } => *server,
            _ => None,
        }
    }

    /// Every server that it names, and in which field.
    pub(crate) fn named_servers(&self) -> Vec<(&'static str, u64)> {
        let mut named: Vec<_> = self.server().map(|server| ("server", server)).into_iter().collect();
        match self {
            Self::TransferLeadership { target, .. } => named.push(("target", *target)),
            Self::ChangeMembership { change, .. } => {
                let field = match change {
                    Membership::AddLearner { .. } => "addLearner",
                    Membership::AddVoter { .. } => "addVoter",
                    Membership::Demote { .. } => "demote",
                    Membership::Remove { .. } => "remove",
                    Membership::Replace { .. } => "voters",
                };
                named.extend(change.servers().into_iter().map(|id| (field, id)));
            }
            Self::Cut { a, b, .. }
            | Self::Mend { a, b, .. }
            | Self::HoldLink { a, b, .. }
            | Self::ReleaseLink { a, b, .. }
            | Self::Flap { a, b, .. } => named.extend([("a", *a), ("b", *b)]),
            Self::SetLatency { a, b, .. } | Self::SetLoss { a, b, .. } | Self::SetDuplication { a, b, .. } => {
                named.extend(a.map(|a| ("a", a)).into_iter().chain(b.map(|b| ("b", b))));
            }
            Self::Partition { groups } => named.extend(groups.iter().flatten().map(|&id| ("groups", id))),
            _ => {}
        }
        named
    }
}
