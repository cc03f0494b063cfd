//! What a reader, a script or a fault does to this world.

use raft_core::NodeId;

use super::{ContrastKind, ContrastServer, ContrastWorld};
use crate::action::{Action, MessagePattern, MessageSelector, ReadName};
use crate::contrast::design::Design;
use crate::error::{ErrorCode, SimError};
use crate::event::Loss;
use crate::limits::MAX_TEXT_BYTES;
use crate::network::{Link, Slot};
use crate::world::{ActOutcome, Status};

/// Whether servers of a design can be asked to do this at all, and if not, why.
pub(crate) fn supports(design: &Design, action: &Action) -> Result<(), SimError> {
    let why = match action {
        Action::Deliver { message }
        | Action::Drop { message }
        | Action::Duplicate { message }
        | Action::Delay { message, .. }
        | Action::Hold { message }
        | Action::Release { message } => match message {
            MessageSelector::Fits(MessagePattern { kind: Some(_), .. }) => {
                "its messages have other kinds than those of Raft; name them by sender and receiver"
            }
            _ => return Ok(()),
        },
        Action::Timeout { .. } | Action::Heartbeat { .. } => match design {
            Design::AsyncPrimary { .. } => return Ok(()),
            Design::WriteAll => "its primary is fixed",
            _ => "it has no primary",
        },
        Action::ClientRead { mode: ReadName::Lease | ReadName::Session, .. } => {
            "it knows no leases and no sessions; read in its own way (readIndex) or from a server's own copy (local)"
        }
        Action::Cut { .. }
        | Action::Mend { .. }
        | Action::Partition { .. }
        | Action::Heal
        | Action::Crash { .. }
        | Action::Restart { .. }
        | Action::Pause { .. }
        | Action::Resume { .. }
        | Action::ClientWrite { .. }
        | Action::ClientRead { .. }
        | Action::SetLatency { .. }
        | Action::SetLoss { .. }
        | Action::SetDuplication { .. }
        | Action::Note { .. } => return Ok(()),
        Action::HoldLink { .. } | Action::ReleaseLink { .. } | Action::Flap { .. } => {
            "its links are whole or cut; messages are held one by one"
        }
        Action::ClientAppend { .. } | Action::ClientCas { .. } | Action::ClientDelete { .. } => {
            "its keys are set and read, and nothing else"
        }
        Action::ClientSync { .. } => "it knows no sessions that could catch up",
        Action::ClientRetry { .. } => "it does not recognise a write that is sent again",
        Action::Propose { .. } => "it has no log",
        Action::Snapshot { .. } => "it has no log to be replaced by a snapshot",
        Action::ChangeMembership { .. } => "its servers are always the same",
        Action::TransferLeadership { .. } => "nobody hands over; an operator promotes a backup (timeout)",
        Action::SetClockRate { .. } | Action::JumpClock { .. } => "its clocks are exact",
        Action::SetDiskLatency { .. } | Action::SetDiskLies { .. } | Action::Tear { .. } => "its disks write at once",
        Action::SetRule { .. } => "rules are those of Raft",
        Action::SetApplyLatency { .. } => "its servers keep a value at once",
    };
    let message = format!("the design {} cannot do this: {why}", design.name());
    Err(SimError::new(ErrorCode::UnsupportedByDesign, message))
}

impl ContrastWorld {
    /// Whether an action is possible now.
    pub(super) fn check_action(&self, action: &Action) -> Result<(), SimError> {
        supports(&self.config.design, action)?;
        let out_of_range = |message: &str| Err(SimError::new(ErrorCode::OutOfRange, message));
        match action {
            Action::Deliver { message } => {
                let to = self.network.get(self.find(message)?).map(|message| message.message.to);
                to.map_or(Ok(()), |to| self.up(to.0).map(drop))
            }
            Action::Drop { message }
            | Action::Duplicate { message }
            | Action::Delay { message, .. }
            | Action::Hold { message }
            | Action::Release { message } => self.find(message).map(drop),
            Action::Cut { a, b, .. } | Action::Mend { a, b, .. } => self.check_pair(*a, *b),
            Action::Partition { groups } => {
                let mut seen = vec![false; self.servers.len()];
                for &id in groups.iter().flatten() {
                    self.server_with_id(id)?;
                    if std::mem::replace(&mut seen[id as usize - 1], true) {
                        return Err(SimError::new(ErrorCode::InvalidLink, format!("S{id} stands in two groups")));
                    }
                }
                Ok(())
            }
            Action::Crash { server, .. } | Action::Pause { server } => self.up(*server).map(drop),
            Action::Timeout { server } => {
                if self.running(*server)?.is_primary() {
                    return Err(SimError::new(ErrorCode::Refused, format!("S{server} is primary already")));
                }
                Ok(())
            }
            Action::Heartbeat { server } => {
                if self.running(*server)?.is_primary() {
                    return Ok(());
                }
                Err(SimError::new(ErrorCode::Refused, format!("S{server} is a backup; the primary copies")))
            }
            Action::Restart { server } => match self.server_with_id(*server)?.status() {
                Status::Crashed => Ok(()),
                _ => Err(SimError::new(ErrorCode::ServerRunning, format!("S{server} is not crashed"))),
            },
            Action::Resume { server } => match self.server_with_id(*server)?.status() {
                Status::Paused => Ok(()),
                _ => Err(SimError::new(ErrorCode::ServerRunning, format!("S{server} is not paused"))),
            },
            Action::ClientWrite { client, key, value, server } => self.check_client(*server, client, key, value),
            Action::ClientRead { client, key, server, .. } => self.check_client(*server, client, key, ""),
            Action::SetLatency { a, b, min_ms, max_ms, .. } => {
                self.check_link(*a, *b)?;
                if min_ms > max_ms {
                    return out_of_range("the shortest latency is longer than the longest");
                }
                Ok(())
            }
            Action::SetLoss { a, b, permille, .. } | Action::SetDuplication { a, b, permille, .. } => {
                self.check_link(*a, *b)?;
                if *permille > 1_000 {
                    return out_of_range("more than 1000 out of a thousand is more than all");
                }
                Ok(())
            }
            Action::Note { text } => check_length(text),
            // What `supports` refuses never comes here.
            _ => Ok(()),
        }
    }

    /// Carries out an action that [`ContrastWorld::check_action`] allows.
    pub(super) fn carry_out_action(&mut self, action: &Action) -> ActOutcome {
        let server = action.server().map(NodeId);
        let event = self.event(server, self.trigger, ContrastKind::Acted(action.to_string().into()));
        self.trigger = Some(event);
        let now = self.now;
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
            Action::Crash { server, .. } => self.crash(NodeId(*server)),
            Action::Restart { server } => {
                let id = NodeId(*server);
                self.server_mut(id).is_crashed = false;
                self.server_mut(id).node.restart(now);
                self.event(Some(id), self.trigger, ContrastKind::Restarted);
            }
            Action::Pause { server } => self.server_mut(NodeId(*server)).is_paused = true,
            Action::Resume { server } => {
                self.server_mut(NodeId(*server)).is_paused = false;
                if !self.config.network.manual {
                    for slot in self.at_door(NodeId(*server)) {
                        self.reschedule(slot, Some(now));
                    }
                }
            }
            Action::Timeout { server } => self.with_node(NodeId(*server), |node, out| node.promote(now, out)),
            Action::Heartbeat { server } => self.with_node(NodeId(*server), |node, out| node.copy(now, out)),
            Action::ClientWrite { client, key, value, server } => {
                outcome.operation = Some(self.client_write(client, key, value, server.map(NodeId)));
            }
            Action::ClientRead { client, key, server, mode } => {
                outcome.operation = Some(self.client_read(client, key, *mode, server.map(NodeId)));
            }
            Action::SetLatency { a, b, min_ms, max_ms, one_way } => {
                self.set_links(*a, *b, *one_way, |link| link.latency = Some((*min_ms, *max_ms)));
            }
            Action::SetLoss { a, b, permille, one_way } => {
                self.set_links(*a, *b, *one_way, |link| link.loss_permille = Some(*permille));
            }
            Action::SetDuplication { a, b, permille, one_way } => {
                self.set_links(*a, *b, *one_way, |link| link.duplicate_permille = Some(*permille));
            }
            _ => {}
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
                let lost = self.take_out(slot)?;
                let kind = ContrastKind::Lost(lost.message.envelope(id), Loss::Dropped);
                self.event(Some(lost.message.to), Some(lost.sent_event), kind);
            }
            Action::Duplicate { .. } => {
                let (copy, sent_event) = (message.message.clone(), message.sent_event);
                let arrives_at = if message.is_at_door { Some(now) } else { message.arrives_at };
                return Some(self.duplicate(copy, sent_event, arrives_at).0);
            }
            Action::Delay { ms, .. } => {
                let time = message.arrives_at.unwrap_or(now).after(*ms);
                self.reschedule(slot, Some(time));
            }
            Action::Hold { .. } => self.reschedule(slot, None),
            _ => self.reschedule(slot, Some(now)),
        }
        Some(id.0)
    }

    fn crash(&mut self, id: NodeId) {
        let server = self.server_mut(id);
        server.is_crashed = true;
        server.is_paused = false;
        server.node.crash();
        self.event(Some(id), self.trigger, ContrastKind::Crashed);
        // What waited at its door was addressed to a program that is gone.
        for slot in self.at_door(id) {
            if let Some(lost) = self.take_out(slot) {
                let kind = ContrastKind::Lost(lost.message.envelope(lost.id), Loss::Crashed);
                self.event(Some(id), self.trigger, kind);
            }
        }
        self.desert(id);
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
            if a != b && (group_of(a).is_none() || group_of(a) != group_of(b)) {
                self.network.link_mut(NodeId(a), NodeId(b)).is_cut = true;
            }
        }
    }

    fn set_links(&mut self, a: Option<u64>, b: Option<u64>, one_way: bool, set: impl Fn(&mut Link)) {
        match (a, b) {
            (Some(a), Some(b)) => {
                set(self.network.link_mut(NodeId(a), NodeId(b)));
                if !one_way {
                    set(self.network.link_mut(NodeId(b), NodeId(a)));
                }
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

    fn server_mut(&mut self, id: NodeId) -> &mut ContrastServer {
        &mut self.servers[id.0 as usize - 1]
    }

    fn up(&self, id: u64) -> Result<&ContrastServer, SimError> {
        let server = self.server_with_id(id)?;
        if server.is_crashed {
            return Err(SimError::new(ErrorCode::ServerCrashed, format!("S{id} is crashed; restart it first")));
        }
        Ok(server)
    }

    fn running(&self, id: u64) -> Result<&ContrastServer, SimError> {
        let server = self.up(id)?;
        if server.is_paused {
            return Err(SimError::new(ErrorCode::Refused, format!("S{id} is paused; resume it first")));
        }
        Ok(server)
    }

    fn check_pair(&self, a: u64, b: u64) -> Result<(), SimError> {
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
            (Some(a), Some(b)) => self.check_pair(a, b),
            _ => Err(SimError::new(ErrorCode::InvalidLink, "name both ends of the link, or none for all links")),
        }
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
}

fn check_length(text: &str) -> Result<(), SimError> {
    if text.len() > MAX_TEXT_BYTES {
        let message = format!("the text has {} bytes, at most {MAX_TEXT_BYTES} are allowed", text.len());
        return Err(SimError::new(ErrorCode::TooLarge, message));
    }
    Ok(())
}
