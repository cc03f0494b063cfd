//! The network: messages in flight and the state of every link.

use std::hash::{Hash, Hasher};

use raft_core::{Message, NodeId};

use crate::action::{KindName, MessagePattern, MessageSelector, Pick};
use crate::event::{EventId, MessageId};
use crate::time::Time;

/// What a network must know of a message to carry it.
pub(crate) trait Addressed {
    /// Who sent it.
    fn from(&self) -> NodeId;
    /// Who shall have it.
    fn to(&self) -> NodeId;
    /// Whether it is of this kind. Kinds are those of Raft.
    fn is_of(&self, kind: KindName) -> bool;
}

impl Addressed for Message {
    fn from(&self) -> NodeId {
        self.from
    }

    fn to(&self) -> NodeId {
        self.to
    }

    fn is_of(&self, kind: KindName) -> bool {
        kind == self.kind().into()
    }
}

/// A message on its way.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct InFlight<M = Message> {
    /// Its number.
    pub id: MessageId,
    /// What it says.
    pub message: M,
    /// When it was sent.
    pub sent_at: Time,
    /// When it will arrive; `None` while it is held.
    pub arrives_at: Option<Time>,
    /// It has arrived at a paused server and comes in when that goes on.
    pub is_at_door: bool,
    /// The event of its sending.
    pub sent_event: EventId,
    /// Chance has decided that it will be lost on arrival.
    pub is_doomed: bool,
}

/// One direction between two servers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Link {
    /// Whether messages that arrive over it are lost.
    pub is_cut: bool,
    /// Shortest and longest travel time, when it is not that of the network.
    pub latency: Option<(Time, Time)>,
    /// Loss out of a thousand, when it is not that of the network.
    pub loss_permille: Option<u32>,
    /// Messages out of a thousand that arrive twice, when it is not that of the network.
    pub duplicate_permille: Option<u32>,
    /// How it breaks and recovers by itself, if it does.
    pub flap: Option<Flap>,
    /// While it is held: the messages that would have arrived, in the order in which they would.
    pub held: Option<Vec<MessageId>>,
}

/// A link that breaks and recovers again and again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Flap {
    /// How long it works.
    pub up: Time,
    /// How long it is cut.
    pub down: Time,
    /// The event of the action that made it so; the changes follow from it.
    pub since: EventId,
}

impl Hash for Link {
    fn hash<H: Hasher>(&self, state: &mut H) {
        let Self { is_cut, latency, loss_permille, duplicate_permille, flap, held } = self;
        (is_cut, latency, loss_permille).hash(state);
        // A link without these faults has the hash that it has where they are unknown.
        if duplicate_permille.is_some() || flap.is_some() || held.is_some() {
            (duplicate_permille, flap, held).hash(state);
        }
    }
}

/// Where a message lies. Slots are used again; the message's id tells whether it is still the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Slot(u32);

/// All messages in flight and all links.
#[derive(Clone, Debug)]
pub(crate) struct Network<M = Message> {
    servers: usize,
    links: Vec<Link>,
    slots: Vec<Option<InFlight<M>>>,
    free: Vec<Slot>,
    count: usize,
}

impl<M: Addressed> Network<M> {
    pub(crate) fn new(servers: usize) -> Self {
        Self { servers, links: vec![Link::default(); servers * servers], slots: Vec::new(), free: Vec::new(), count: 0 }
    }

    /// Number of messages in flight.
    pub(crate) const fn len(&self) -> usize {
        self.count
    }

    pub(crate) fn link(&self, from: NodeId, to: NodeId) -> &Link {
        &self.links[self.position(from, to)]
    }

    pub(crate) fn link_mut(&mut self, from: NodeId, to: NodeId) -> &mut Link {
        let position = self.position(from, to);
        &mut self.links[position]
    }

    pub(crate) fn links_mut(&mut self) -> impl Iterator<Item = &mut Link> {
        self.links.iter_mut()
    }

    pub(crate) fn links(&self) -> impl Iterator<Item = &Link> {
        self.links.iter()
    }

    pub(crate) fn insert(&mut self, message: InFlight<M>) -> Slot {
        self.count += 1;
        if let Some(slot) = self.free.pop() {
            self.slots[slot.0 as usize] = Some(message);
            return slot;
        }
        self.slots.push(Some(message));
        Slot(self.slots.len() as u32 - 1)
    }

    pub(crate) fn get(&self, slot: Slot) -> Option<&InFlight<M>> {
        self.slots.get(slot.0 as usize)?.as_ref()
    }

    pub(crate) fn get_mut(&mut self, slot: Slot) -> Option<&mut InFlight<M>> {
        self.slots.get_mut(slot.0 as usize)?.as_mut()
    }

    pub(crate) fn remove(&mut self, slot: Slot) -> Option<InFlight<M>> {
        let message = self.slots.get_mut(slot.0 as usize)?.take()?;
        self.free.push(slot);
        self.count -= 1;
        Some(message)
    }

    /// The messages in flight, in the order of their slots, which means nothing.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &InFlight<M>> {
        self.slots.iter().flatten()
    }

    /// Where the messages in flight lie.
    pub(crate) fn slots(&self) -> impl Iterator<Item = (Slot, &InFlight<M>)> {
        let slots = self.slots.iter().enumerate();
        slots.filter_map(|(at, message)| message.as_ref().map(|message| (Slot(at as u32), message)))
    }

    /// The messages in flight, oldest first.
    pub(crate) fn in_order(&self) -> Vec<&InFlight<M>> {
        let mut messages: Vec<_> = self.iter().collect();
        messages.sort_unstable_by_key(|message| message.id);
        messages
    }

    pub(crate) fn find(&self, selector: &MessageSelector) -> Option<Slot> {
        let fitting = self.slots.iter().enumerate().filter_map(|(at, message)| {
            let message = message.as_ref()?;
            let fits = match selector {
                MessageSelector::Id(id) => u64::from(message.id.0) == *id,
                MessageSelector::Fits(pattern) => pattern.fits(&message.message),
            };
            fits.then_some((message.id, Slot(at as u32)))
        });
        let newest = matches!(selector, MessageSelector::Fits(MessagePattern { pick: Some(Pick::Newest), .. }));
        let found = if newest { fitting.max() } else { fitting.min() };
        found.map(|(_, slot)| slot)
    }

    fn position(&self, from: NodeId, to: NodeId) -> usize {
        (from.0 as usize - 1) * self.servers + (to.0 as usize - 1)
    }
}

impl MessagePattern {
    /// Whether a message is like this.
    pub(crate) fn fits(&self, message: &impl Addressed) -> bool {
        self.kind.is_none_or(|kind| message.is_of(kind))
            && self.from.is_none_or(|from| from == message.from().0)
            && self.to.is_none_or(|to| to == message.to().0)
    }
}
