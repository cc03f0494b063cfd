//! What happens by itself: time, deliveries, disks, and the consequences until every node is quiet.

use raft_core::{LogIndex, Message, NodeId, Ready};

use super::{Due, World};
use crate::disk::Sync;
use crate::event::{Envelope, EventId, EventKind, Loss, MessageId};
use crate::limits::MAX_MESSAGES;
use crate::network::{InFlight, Slot};
use crate::rules::WorldRule;
use crate::time::Time;

impl World {
    pub(super) fn fire_timers(&mut self, at: usize) {
        let now = self.now;
        self.servers[at].catch_up(now);
        let id = self.servers[at].id();
        self.settle(id);
    }

    pub(super) fn deliver(&mut self, slot: Slot) {
        let Some(in_flight) = self.network.remove(slot) else { return };
        let InFlight { id, ref message, sent_event, is_doomed, .. } = in_flight;
        let envelope = Envelope::of(id, message);
        let (from, to) = (message.from, message.to);
        let loss = if is_doomed {
            Some(Loss::Chance)
        } else if self.network.link(from, to).is_cut {
            Some(Loss::Cut)
        } else if self.server(to).node.is_none() {
            Some(Loss::Crashed)
        } else {
            None
        };
        if let Some(loss) = loss {
            self.event(Some(to), Some(sent_event), EventKind::Lost(envelope, loss));
            return;
        }
        if !self.server(to).is_attentive() {
            // It waits at the door until the server goes on, see `wake`.
            self.network.insert(InFlight { arrives_at: None, is_at_door: true, ..in_flight });
            return;
        }
        self.trigger = Some(self.event(Some(to), Some(sent_event), EventKind::Delivered(envelope)));
        if !self.config.unchecked {
            self.checker.delivered(&in_flight.message, &self.servers[to.0 as usize - 1]);
        }
        let mut message = in_flight.message;
        self.spoil_message(&mut message);
        let now = self.now;
        let server = self.server_mut(to);
        server.catch_up(now);
        if let Some(node) = &mut server.node {
            node.step(message);
        }
        self.settle(to);
    }

    pub(super) fn end_sync(&mut self, id: NodeId, sync: Sync) {
        let Sync { upto, .. } = sync;
        let now = self.now;
        let server = self.server_mut(id);
        if !server.disk.end_sync(sync) {
            return;
        }
        let started = server.disk.sync_event.take();
        server.catch_up(now);
        if !server.is_attentive() {
            // The disk goes on without the server, which will hear of it later.
            server.unheard_write = Some(upto);
        } else if let Some(node) = &mut server.node {
            node.on_persisted(upto);
        }
        self.trigger = Some(self.event(Some(id), started, EventKind::WriteDurable(upto.0)));
        self.settle(id);
        // What was written meanwhile shares the next sync.
        self.start_sync(id);
    }

    /// Carries out everything that a node asks for, until it asks for nothing.
    pub(super) fn settle(&mut self, id: NodeId) {
        let at = id.0 as usize - 1;
        let mut ready = self.ready.take().unwrap_or_default();
        let mut changed_from: Option<LogIndex> = None;
        let compacts = self.config.options.compact_every.is_some();
        let applied_before = self.servers[at].node.as_ref().filter(|_| compacts).map(raft_core::Node::last_applied);
        while let Some(node) = &mut self.servers[at].node {
            node.drain_into(&mut ready);
            if ready.is_empty() {
                break;
            }
            if let Some(append) = ready.write.as_ref().and_then(|write| write.append.as_ref()) {
                changed_from = Some(changed_from.map_or(append.first_index, |first| first.min(append.first_index)));
            }
            if !self.carry_out(id, &mut ready) {
                debug_assert!(self.is_quiet(at), "a node that was told nothing has nothing more to say");
                break;
            }
        }
        self.ready = Some(ready);
        self.log_version += u32::from(changed_from.is_some());
        self.servers[at].plan_timer();
        if !self.config.unchecked {
            self.checker.look(&self.servers[at], changed_from, &self.servers);
        }
        if compacts {
            self.compact_if_due(id, applied_before);
        }
    }

    /// Carries out what a node asked for. Whether the node was told something in turn.
    fn carry_out(&mut self, id: NodeId, ready: &mut Ready) -> bool {
        let mut cause = self.trigger;
        let mut was_told = false;
        for event in ready.events.drain(..) {
            if !self.config.unchecked {
                self.checker.happened(id, &event);
            }
            let event = self.event(Some(id), self.trigger, EventKind::Node(event));
            // What a node says follows from the last thing that it did.
            cause = Some(event);
        }
        if let Some(write) = ready.write.take() {
            let number = write.number;
            let is_spoilt = self.spoils_durability(&write);
            self.note_truncation(id, &write);
            let server = self.server_mut(id);
            if server.disk.write(write, cause) {
                if let Some(node) = &mut server.node {
                    node.on_persisted(number);
                    was_told = true;
                }
            } else {
                self.start_sync(id);
                if let Some(node) = self.server_mut(id).node.as_mut().filter(|_| is_spoilt) {
                    node.on_persisted(number);
                    was_told = true;
                }
            }
        }
        for message in ready.messages.drain(..) {
            self.send(message, cause);
        }
        // They are servable by what was applied before; what comes now may be in the answer or not.
        for read in ready.reads.drain(..) {
            self.end_read(id, read);
        }
        if let Some(snapshot) = ready.restore.take() {
            let index = snapshot.last_included_index;
            self.event(Some(id), cause, EventKind::Restored(index));
            if !self.config.unchecked {
                self.checker.restores(id, index);
            }
            let restores = self.restores();
            let server = self.server_mut(id);
            if restores {
                server.machine = crate::machine::Machine::from_bytes(&snapshot.data);
            }
            if let Some(node) = &mut server.node {
                node.on_applied(index);
                was_told = true;
            }
            self.answer_clients(id, &[]);
        }
        self.take_committed(id, cause, &mut ready.committed) || was_told
    }

    /// Whether a node asks for nothing. Expensive; for debug builds.
    fn is_quiet(&self, at: usize) -> bool {
        let mut ready = Ready::default();
        if let Some(mut node) = self.servers[at].node.clone() {
            node.drain_into(&mut ready);
        }
        ready.is_empty()
    }

    pub(super) fn start_sync(&mut self, id: NodeId) {
        let (now, is_shared) = (self.now, self.rules.has(WorldRule::GroupCommit));
        let server = self.server_mut(id);
        if let Some((sync, cause)) = server.disk.start_sync(is_shared) {
            let latency = self.servers[id.0 as usize - 1].disk.draw_latency(self.streams.disk());
            let started = self.event(Some(id), cause, EventKind::WriteStarted(sync.upto.0));
            self.server_mut(id).disk.sync_event = Some(started);
            self.schedule(now.after(latency), Due::Synced(id, sync.epoch, sync.upto.0));
        }
    }

    fn send(&mut self, message: Message, cause: Option<EventId>) {
        if !self.config.unchecked {
            self.checker.sent(&message, &self.servers[message.from.0 as usize - 1]);
        }
        let id = self.next_message_id();
        let envelope = Envelope::of(id, &message);
        let sent_event = self.event(Some(message.from), cause, EventKind::Sent(envelope));
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

    pub(super) fn duplicate(&mut self, message: Message, sent_event: EventId, arrives_at: Option<Time>) -> MessageId {
        let id = self.next_message_id();
        let envelope = Envelope::of(id, &message);
        // What the copy brings about follows from its having been made.
        let sent_event = self.event(Some(message.from), Some(sent_event), EventKind::Duplicated(envelope));
        self.put_in_flight(InFlight {
            id,
            message,
            sent_at: self.now,
            arrives_at,
            is_at_door: false,
            sent_event,
            is_doomed: false,
        });
        id
    }

    fn put_in_flight(&mut self, message: InFlight) {
        let (id, arrives_at) = (message.id, message.arrives_at);
        if self.network.len() >= MAX_MESSAGES {
            let envelope = Envelope::of(id, &message.message);
            self.event(Some(message.message.to), Some(message.sent_event), EventKind::Lost(envelope, Loss::Full));
            return;
        }
        let slot = self.network.insert(message);
        if let Some(time) = arrives_at {
            self.schedule(time, Due::Deliver(slot, id));
        }
    }

    fn next_message_id(&mut self) -> MessageId {
        let id = MessageId(self.next_message);
        self.next_message += 1;
        id
    }
}
