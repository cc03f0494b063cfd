//! Faults that last: links that flap or are held, slow state machines, and disks that do not do what they say.

use std::collections::VecDeque;

use raft_core::{Committed, LogIndex, Node, NodeId};

use super::{Due, World};
use crate::action::Action;
use crate::disk::{Ending, Losses};
use crate::document::out_of_range;
use crate::error::SimError;
use crate::event::{EventId, EventKind, MessageId};
use crate::limits::{CLOCK_RATE_PERMILLE, MAX_CLOCK_JUMP_MS, MIN_FLAP};
use crate::machine::Answer;
use crate::network::{Flap, Link, Slot};
use crate::rules::WorldRule;
use crate::time::Time;

/// Entries that a slow state machine has yet to apply.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Applying {
    /// How long one takes.
    pub(super) latency: Time,
    queue: VecDeque<Committed>,
    /// The event that the queue follows from.
    cause: Option<EventId>,
    /// The first one would be applied if the server were not paused or busy.
    is_overdue: bool,
}

impl Applying {
    /// Whether entries have to wait.
    pub(super) fn is_slow(&self) -> bool {
        self.latency > Time(0) || self.is_busy()
    }

    /// Whether entries wait.
    pub(super) fn is_busy(&self) -> bool {
        !self.queue.is_empty()
    }

    /// Whether this is what is being applied.
    pub(super) fn is_next(&self, index: LogIndex) -> bool {
        self.queue.front().is_some_and(|committed| committed.index == index)
    }

    /// Forgets what waits: the program is gone.
    pub(super) fn clear(&mut self) {
        self.queue.clear();
        self.is_overdue = false;
    }
}

impl Action {
    /// Checks every number against its range; errors name the field.
    pub(crate) fn check_ranges(&self) -> Result<(), SimError> {
        let range = |shortest: Time, longest: Time, field: &'static str| {
            if shortest > longest {
                return out_of_range(field, "the shortest latency is longer than the longest");
            }
            Ok(())
        };
        match self {
            Self::SetClockRate { permille, .. } if !CLOCK_RATE_PERMILLE.contains(permille) => {
                let (low, high) = (CLOCK_RATE_PERMILLE.start(), CLOCK_RATE_PERMILLE.end());
                out_of_range("permille", format!("a clock rate is {low} to {high}, not {permille}"))
            }
            Self::JumpClock { ms, .. } if ms.unsigned_abs() > MAX_CLOCK_JUMP_MS.unsigned_abs() => {
                out_of_range("ms", format!("a clock jumps by -{MAX_CLOCK_JUMP_MS} to {MAX_CLOCK_JUMP_MS} ms, not {ms}"))
            }
            Self::SetLatency { min_ms, max_ms, .. } => range(*min_ms, *max_ms, "maxMs"),
            Self::SetDiskLatency { ms, max_ms: Some(max_ms), .. } => range(*ms, *max_ms, "maxMs"),
            Self::SetLoss { permille, .. } | Self::SetDuplication { permille, .. } if *permille > 1_000 => {
                out_of_range("permille", format!("{permille} out of a thousand is more than all"))
            }
            Self::Flap { up_ms, down_ms, .. } => {
                let mut times = [("upMs", up_ms), ("downMs", down_ms)].into_iter();
                times.find(|(_, time)| **time < MIN_FLAP).map_or(Ok(()), |(field, _)| {
                    out_of_range(field, format!("a flapping link works and is cut for at least {MIN_FLAP} at a time"))
                })
            }
            _ => Ok(()),
        }
    }
}

/// Links.
impl World {
    /// Breaks a link for good, or mends it; it does not flap any more.
    pub(super) fn set_cut(&mut self, a: u64, b: u64, one_way: bool, is_cut: bool) {
        self.set_links(Some(a), Some(b), one_way, |link| {
            link.is_cut = is_cut;
            link.flap = None;
        });
    }

    pub(super) fn partition(&mut self, groups: &[Vec<u64>]) {
        let group_of = |id: u64| groups.iter().position(|group| group.contains(&id));
        let ids = 1..=self.servers.len() as u64;
        for (a, b) in ids.clone().flat_map(|a| ids.clone().map(move |b| (a, b))) {
            let (group_a, group_b) = (group_of(a), group_of(b));
            if a != b && (group_a.is_none() || group_a != group_b) {
                self.set_cut(a, b, true, true);
            }
        }
    }

    pub(super) fn set_links(&mut self, a: Option<u64>, b: Option<u64>, one_way: bool, mut set: impl FnMut(&mut Link)) {
        match (a, b) {
            (Some(a), Some(b)) => {
                for (from, to) in directions(a, b, one_way) {
                    set(self.network.link_mut(from, to));
                }
            }
            _ => self.network.links_mut().for_each(set),
        }
    }

    /// Mends everything that can be wrong with links, but for latency, loss and duplication.
    pub(super) fn heal(&mut self) {
        let mut kept = Vec::new();
        for link in self.network.links_mut() {
            link.is_cut = false;
            link.flap = None;
            kept.extend(link.held.take().unwrap_or_default());
        }
        self.release_all(&kept);
    }

    pub(super) fn hold_link(&mut self, a: u64, b: u64, one_way: bool) {
        self.set_links(Some(a), Some(b), one_way, |link| {
            link.held.get_or_insert_default();
        });
    }

    pub(super) fn release_link(&mut self, a: u64, b: u64, one_way: bool) {
        let mut kept = Vec::new();
        self.set_links(Some(a), Some(b), one_way, |link| kept.extend(link.held.take().unwrap_or_default()));
        self.release_all(&kept);
    }

    /// Lets messages that links have kept arrive now, in this order.
    fn release_all(&mut self, kept: &[MessageId]) {
        if kept.is_empty() {
            return;
        }
        let mut slots: Vec<_> = self.network.slots().map(|(slot, message)| (message.id, slot)).collect();
        slots.sort_unstable_by_key(|(id, _)| *id);
        let now = self.now;
        for id in kept {
            let Ok(found) = slots.binary_search_by_key(id, |(id, _)| *id) else { continue };
            let slot = slots[found].1;
            // Somebody may have given it another time meanwhile.
            let waits =
                self.network.get_mut(slot).filter(|message| message.arrives_at.is_none() && !message.is_at_door);
            if let Some(message) = waits {
                message.arrives_at = Some(now);
                self.schedule(now, Due::Deliver(slot, *id));
            }
        }
    }

    /// A message has come to the end of its link, which may keep it.
    pub(super) fn arrive(&mut self, slot: Slot) {
        let Some(message) = self.network.get(slot) else { return };
        let (id, from, to) = (message.id, message.message.from, message.message.to);
        let Some(held) = &mut self.network.link_mut(from, to).held else { return self.deliver(slot) };
        held.push(id);
        if let Some(message) = self.network.get_mut(slot) {
            message.arrives_at = None;
        }
    }

    /// A link begins to flap: it works first.
    pub(super) fn begin_flap(&mut self, a: u64, b: u64, one_way: bool, flap: Flap) {
        for (from, to) in directions(a, b, one_way) {
            let link = self.network.link_mut(from, to);
            link.is_cut = false;
            link.flap = Some(flap);
            self.schedule(self.now.after(flap.up), Due::Flap(from, to, flap.since));
        }
    }

    pub(super) fn flap(&mut self, from: NodeId, to: NodeId) {
        let link = self.network.link_mut(from, to);
        let Some(Flap { up, down, since }) = link.flap else { return };
        link.is_cut = !link.is_cut;
        let is_cut = link.is_cut;
        let kind = if is_cut { EventKind::LinkBroke(to) } else { EventKind::LinkRecovered(to) };
        self.event(Some(from), Some(since), kind);
        self.schedule(self.now.after(if is_cut { down } else { up }), Due::Flap(from, to, since));
    }
}

fn directions(a: u64, b: u64, one_way: bool) -> impl Iterator<Item = (NodeId, NodeId)> {
    let (a, b) = (NodeId(a), NodeId(b));
    [(a, b), (b, a)].into_iter().take(if one_way { 1 } else { 2 })
}

/// State machines.
impl World {
    /// Gives committed entries to the state machine of a server, now or one after the other. Whether that was now.
    pub(super) fn take_committed(
        &mut self,
        id: NodeId,
        cause: Option<EventId>,
        committed: &mut Vec<Committed>,
    ) -> bool {
        let Some(last) = committed.last().map(|committed| committed.index) else { return false };
        let applying = &mut self.server_mut(id).applying;
        if applying.is_slow() {
            let was_idle = applying.queue.is_empty();
            applying.queue.extend(committed.drain(..));
            applying.cause = cause;
            if was_idle {
                self.schedule_apply(id);
            }
            return false;
        }
        self.event(Some(id), cause, EventKind::Applied(last));
        self.apply(id, committed, last);
        true
    }

    fn apply(&mut self, id: NodeId, committed: &mut Vec<Committed>, last: LogIndex) {
        if !self.config.unchecked {
            self.checker.applies(id, committed);
        }
        self.spoil_committed(id, committed);
        let has_sessions = self.rules.has(WorldRule::ClientSessions);
        let server = &mut self.servers[id.0 as usize - 1];
        // Only what a client does not expect to hear is kept, so that this is nearly always empty.
        let mut answers = Vec::new();
        for committed in committed.drain(..) {
            let Some(applied) = server.machine.apply(&committed.entry, has_sessions) else { continue };
            if applied.answer != Answer::Done {
                answers.push((committed.index, applied.answer));
            }
            if let Some((client, serial)) = applied.session.filter(|_| applied.is_new && !self.config.unchecked) {
                self.checker.executed(id, committed.index, client, serial);
            }
        }
        if let Some(node) = &mut server.node {
            node.on_applied(last);
        }
        if !self.pending.is_empty() {
            self.answer_clients(id, &answers);
        }
    }

    fn schedule_apply(&mut self, id: NodeId) {
        let server = self.server(id);
        let Some(first) = server.applying.queue.front().map(|committed| committed.index) else { return };
        let time = self.now.after(server.applying.latency);
        self.schedule(time, Due::Applied(id, server.life, first));
    }

    /// The next entry is applied.
    pub(super) fn end_apply(&mut self, id: NodeId) {
        let now = self.now;
        let server = self.server_mut(id);
        if !server.is_attentive() {
            server.applying.is_overdue = true;
            return;
        }
        server.catch_up(now);
        let before = server.node.as_ref().map(Node::last_applied);
        let Some(committed) = server.applying.queue.pop_front() else { return };
        let (index, cause) = (committed.index, server.applying.cause);
        self.trigger = Some(self.event(Some(id), cause, EventKind::Applied(index)));
        self.apply(id, &mut vec![committed], index);
        self.schedule_apply(id);
        self.settle(id);
        self.compact_if_due(id, before);
    }

    /// Applies what was ready while the server was paused or busy.
    pub(super) fn end_overdue_apply(&mut self, id: NodeId) {
        if core::mem::take(&mut self.server_mut(id).applying.is_overdue) {
            self.end_apply(id);
        }
    }
}

/// Disks and clocks.
impl World {
    /// Ends the work of a server's disk and says what was lost. Returns the number of writes that nobody was told of.
    pub(super) fn end_disk(&mut self, id: NodeId, ending: Ending) -> Losses {
        let losses = self.server_mut(id).disk.crash(ending);
        if losses.durable > 0 && !self.config.unchecked {
            self.checker.lost_power(id, &self.servers);
        }
        losses
    }

    /// Says what a crash has done to the disk besides losing what waited.
    pub(super) fn tell_losses(&mut self, id: NodeId, crashed: EventId, losses: Losses) {
        if let Some(last) = losses.torn {
            self.event(Some(id), Some(crashed), EventKind::Torn(last));
        }
        if losses.durable > 0 {
            self.event(Some(id), Some(crashed), EventKind::Forgotten(losses.durable));
        }
    }

    /// Changes something about a server's clock; its node hears of it at once.
    pub(super) fn set_clock(&mut self, id: NodeId, set: impl FnOnce(&mut crate::clock::Clock, Time)) {
        let now = self.now;
        let server = self.server_mut(id);
        server.catch_up(now);
        set(&mut server.clock, now);
        // A jump forward brings ticks.
        server.catch_up(now);
        self.settle(id);
    }
}
