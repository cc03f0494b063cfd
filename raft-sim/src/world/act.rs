//! What a reader, a script or a fault does to the world.

use raft_core::NodeId;

use super::snapshots::knows_cluster;
use super::{Due, Server, World};
use crate::action::{Action, Membership, MessageSelector};
use crate::error::{ErrorCode, SimError};
use crate::event::{Envelope, Event, EventId, EventKind, Loss, OperationId};
use crate::limits::{CLOCK_RATE_PERMILLE, MAX_TEXT_BYTES};
use crate::network::Slot;
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
            Action::Cut { a, b, .. } | Action::Mend { a, b, .. } => self.pair(*a, *b).map(drop),
            Action::Partition { groups } => self.check_groups(groups),
            Action::Heal | Action::SetRule { .. } => Ok(()),
            Action::Crash { server, .. } | Action::Pause { server } => self.up(*server).map(drop),
            Action::Timeout { server } | Action::Heartbeat { server } => self.running(*server).map(drop),
            Action::Restart { server } => self.check_restart(self.server_with_id(*server)?),
            Action::Resume { server } => {
                if self.server_with_id(*server)?.is_paused {
                    return Ok(());
                }
                Err(SimError::new(ErrorCode::ServerRunning, format!("S{server} is not paused")))
            }
            Action::Propose { server, command } => self.check_proposal(*server, command),
            Action::ClientWrite { client, key, value, server } => self.check_client(*server, client, key, value),
            Action::ClientRead { client, key, server, .. } => self.check_client(*server, client, key, ""),
            Action::ClientRetry { client, server } => {
                server.map_or(Ok(()), |server| self.server_with_id(server).map(drop))?;
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
            Action::SetClockRate { server, permille } => {
                self.server_with_id(*server)?;
                if CLOCK_RATE_PERMILLE.contains(permille) {
                    return Ok(());
                }
                let (low, high) = (CLOCK_RATE_PERMILLE.start(), CLOCK_RATE_PERMILLE.end());
                Err(SimError::new(ErrorCode::OutOfRange, format!("a clock rate is {low} to {high}, not {permille}")))
            }
            Action::SetLatency { a, b, min_ms, max_ms } => {
                self.check_link(*a, *b)?;
                if min_ms > max_ms {
                    return Err(SimError::new(
                        ErrorCode::OutOfRange,
                        "the shortest latency is longer than the longest",
                    ));
                }
                Ok(())
            }
            Action::SetLoss { a, b, permille } => {
                self.check_link(*a, *b)?;
                if *permille > 1_000 {
                    return Err(SimError::new(
                        ErrorCode::OutOfRange,
                        "more than 1000 out of a thousand is more than all",
                    ));
                }
                Ok(())
            }
            Action::SetDiskLatency { server, .. } => self.server_with_id(*server).map(drop),
            Action::Note { text } => check_length(text),
        }
    }

    /// Carries out an action that [`World::check`] allows.
    pub(crate) fn carry_out_action(&mut self, action: &Action) -> ActOutcome {
        let server = action.server().map(NodeId);
        let event = self.event(server, self.trigger, EventKind::Acted(action.to_string().into()));
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
            Action::Heal => self.network.links_mut().for_each(|link| link.is_cut = false),
            Action::Crash { server, lose_unsynced } => self.crash(NodeId(*server), *lose_unsynced),
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
                outcome.operation = Some(self.next_operation());
                outcome.index = self.client_write(client, key, value, server.map(NodeId)).map(|index| index.0);
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
                let now = self.now;
                let server = self.server_mut(NodeId(*server));
                server.catch_up(now);
                server.clock.set_rate(now, *permille);
                let id = server.id();
                self.settle(id);
            }
            Action::SetLatency { a, b, min_ms, max_ms } => {
                self.set_links(*a, *b, |link| link.latency = Some((*min_ms, *max_ms)));
            }
            Action::SetLoss { a, b, permille } => self.set_links(*a, *b, |link| link.loss_permille = Some(*permille)),
            Action::SetDiskLatency { server, ms } => self.server_mut(NodeId(*server)).disk.latency = *ms,
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

    fn crash(&mut self, id: NodeId, lose_unsynced: bool) {
        let server = self.server_mut(id);
        let lost = server.disk.crash(lose_unsynced);
        server.node = None;
        server.is_paused = false;
        server.taking = None;
        server.unheard_write = None;
        server.machine = crate::machine::Machine::default();
        server.timer_at = None;
        self.checker.crashed(id);
        self.log_version += 1;
        self.event(Some(id), self.trigger, EventKind::Crashed(lost as u32));
        // What waited at its door was addressed to a program that is gone.
        let waiting = self.network.in_order().into_iter().filter(|m| m.message.to == id && m.is_at_door);
        let waiting: Vec<_> = waiting.map(|message| MessageSelector::Id(message.id.0.into())).collect();
        for slot in waiting.iter().filter_map(|selector| self.network.find(selector)).collect::<Vec<_>>() {
            if let Some(lost) = self.network.remove(slot) {
                let envelope = Envelope::of(lost.id, &lost.message);
                self.event(Some(id), self.trigger, EventKind::Lost(envelope, Loss::Crashed));
            }
        }
        // Its clients lose their connections and cannot know what became of their commands.
        let orphans: Vec<_> = self.pending.iter().filter(|p| p.server == id).map(|p| p.operation).collect();
        for operation in orphans {
            self.end_operation(operation, crate::event::Outcome::Unknown);
        }
    }

    fn restart(&mut self, id: NodeId) {
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

    fn set_cut(&mut self, a: u64, b: u64, one_way: bool, is_cut: bool) {
        self.network.link_mut(NodeId(a), NodeId(b)).is_cut = is_cut;
        if !one_way {
            self.network.link_mut(NodeId(b), NodeId(a)).is_cut = is_cut;
        }
    }

    fn partition(&mut self, groups: &[Vec<u64>]) {
        let group_of = |id: u64| groups.iter().position(|group| group.contains(&id));
        let ids = 1..=self.servers.len() as u64;
        for (a, b) in ids.clone().flat_map(|a| ids.clone().map(move |b| (a, b))) {
            let (group_a, group_b) = (group_of(a), group_of(b));
            if a != b && (group_a.is_none() || group_a != group_b) {
                self.network.link_mut(NodeId(a), NodeId(b)).is_cut = true;
            }
        }
    }

    fn set_links(&mut self, a: Option<u64>, b: Option<u64>, set: impl Fn(&mut crate::network::Link)) {
        match (a, b) {
            (Some(a), Some(b)) => {
                set(self.network.link_mut(NodeId(a), NodeId(b)));
                set(self.network.link_mut(NodeId(b), NodeId(a)));
            }
            _ => self.network.links_mut().for_each(set),
        }
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

    fn check_link(&self, a: Option<u64>, b: Option<u64>) -> Result<(), SimError> {
        match (a, b) {
            (None, None) => Ok(()),
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
        server.map_or(Ok(()), |server| self.server_with_id(server).map(drop))?;
        [client, key, value].into_iter().try_for_each(check_length)?;
        if client.contains(char::is_control) {
            return Err(SimError::new(ErrorCode::OutOfRange, "a client's name has no control character in it"));
        }
        if key.is_empty() || key.contains('=') {
            return Err(SimError::new(ErrorCode::OutOfRange, "a key has at least one character, none of them ="));
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
            | Self::Restart { server }
            | Self::Pause { server }
            | Self::Resume { server }
            | Self::Timeout { server }
            | Self::Heartbeat { server }
            | Self::Snapshot { server }
            | Self::Propose { server, .. }
            | Self::SetClockRate { server, .. }
            | Self::SetDiskLatency { server, .. } => Some(*server),
            Self::ClientWrite { server, .. }
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
            _ => {}
        }
        named
    }
}
