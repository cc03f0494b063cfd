//! Messages on their way: as in the world of Raft, draw by draw.

use raft_core::NodeId;

use super::{ContrastKind, ContrastMessage, ContrastWorld};
use crate::event::{EventId, Loss, MessageId};
use crate::limits::MAX_MESSAGES;
use crate::network::{InFlight, Slot};
use crate::time::Time;

impl ContrastWorld {
    pub(super) fn send(&mut self, message: ContrastMessage, cause: Option<EventId>) {
        let id = self.next_message_id();
        let sent_event = self.event(Some(message.from), cause, ContrastKind::Sent(message.envelope(id)));
        // Every message draws the same numbers, whatever the settings.
        let network = &self.config.network;
        let link = self.network.link(message.from, message.to);
        let (shortest, longest) = link.latency.unwrap_or(network.latency_ms);
        let travel = Time(self.streams.latency.between(shortest.0, longest.0));
        let is_doomed = self.streams.loss.happens(link.loss_permille.unwrap_or(network.loss_permille));
        let is_doubled = self.streams.duplicate.happens(link.duplicate_permille.unwrap_or(network.duplicate_permille));
        let arrives_at = (!network.manual).then(|| self.now.after(travel));
        let copy = is_doubled.then(|| message.clone());
        self.put_in_flight(InFlight {
            id,
            message,
            sent_at: self.now,
            arrives_at,
            is_at_door: false,
            sent_event,
            is_doomed,
        });
        if let Some(message) = copy {
            self.duplicate(message, sent_event, arrives_at.map(|time| time.after(Time(travel.0 / 2))));
        }
    }

    pub(super) fn duplicate(
        &mut self,
        message: ContrastMessage,
        sent_event: EventId,
        arrives_at: Option<Time>,
    ) -> MessageId {
        let id = self.next_message_id();
        let kind = ContrastKind::Duplicated(message.envelope(id));
        let sent_event = self.event(Some(message.from), Some(sent_event), kind);
        let (sent_at, is_at_door, is_doomed) = (self.now, false, false);
        self.put_in_flight(InFlight { id, message, sent_at, arrives_at, is_at_door, sent_event, is_doomed });
        id
    }

    pub(super) fn deliver(&mut self, slot: Slot) {
        let Some(in_flight) = self.take_out(slot) else { return };
        let InFlight { id, ref message, sent_event, is_doomed, .. } = in_flight;
        let (from, to) = (message.from, message.to);
        let receiver = &self.servers[to.0 as usize - 1];
        let loss = if is_doomed {
            Some(Loss::Chance)
        } else if self.network.link(from, to).is_cut {
            Some(Loss::Cut)
        } else {
            receiver.is_crashed.then_some(Loss::Crashed)
        };
        if let Some(loss) = loss {
            let kind = ContrastKind::Lost(message.envelope(id), loss);
            self.event(Some(to), Some(sent_event), kind);
            return;
        }
        if receiver.is_paused {
            // It waits at the door until the server goes on.
            self.network.insert(InFlight { arrives_at: None, is_at_door: true, ..in_flight });
            return;
        }
        let kind = ContrastKind::Delivered(message.envelope(id));
        self.trigger = Some(self.event(Some(to), Some(sent_event), kind));
        let now = self.now;
        self.with_node(to, |node, effects| node.receive(from, in_flight.message.body, now, effects));
    }

    /// Takes a message out of the network.
    pub(super) fn take_out(&mut self, slot: Slot) -> Option<InFlight<ContrastMessage>> {
        let message = self.network.remove(slot)?;
        if let Some(time) = message.arrives_at {
            self.arrivals.remove(&(time, message.id));
        }
        Some(message)
    }

    /// Changes when a message arrives; `None` holds it.
    pub(super) fn reschedule(&mut self, slot: Slot, arrives_at: Option<Time>) {
        let Some(message) = self.network.get_mut(slot) else { return };
        message.is_at_door = false;
        let (id, planned) = (message.id, std::mem::replace(&mut message.arrives_at, arrives_at));
        if let Some(time) = planned {
            self.arrivals.remove(&(time, id));
        }
        if let Some(time) = arrives_at {
            self.arrivals.insert((time, id), slot);
        }
    }

    /// Where the messages lie that wait at the door of a server, oldest first.
    pub(super) fn at_door(&self, server: NodeId) -> Vec<Slot> {
        let waiting = self.network.in_order().into_iter().filter(|m| m.message.to == server && m.is_at_door);
        let ids = waiting.map(|message| crate::action::MessageSelector::Id(message.id.0.into()));
        ids.filter_map(|selector| self.network.find(&selector)).collect()
    }

    fn put_in_flight(&mut self, message: InFlight<ContrastMessage>) {
        if self.network.len() >= MAX_MESSAGES {
            let kind = ContrastKind::Lost(message.message.envelope(message.id), Loss::Full);
            self.event(Some(message.message.to), Some(message.sent_event), kind);
            return;
        }
        let (id, arrives_at) = (message.id, message.arrives_at);
        let slot = self.network.insert(message);
        if let Some(time) = arrives_at {
            self.arrivals.insert((time, id), slot);
        }
    }

    fn next_message_id(&mut self) -> MessageId {
        let id = MessageId(self.next_message);
        self.next_message += 1;
        id
    }
}
