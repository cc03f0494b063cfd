//! What a run went through, counted.

use std::collections::BTreeMap;

use raft_core::Event as NodeEvent;
use serde::Serialize;

use crate::action::Action;
use crate::event::{Event, EventKind, Loss, MessageId};
use crate::time::Time;
use crate::world::World;

/// The kinds of fault that a run can suffer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[cfg_attr(feature = "ts", derive(tsify::Tsify))]
#[serde(rename_all = "camelCase")]
pub enum FaultKind {
    /// A message is lost, by chance or by hand.
    Drop,
    /// A message comes twice.
    Duplicate,
    /// A message overtakes another one on the same link.
    Reorder,
    /// A message is made late, or a link slow.
    Delay,
    /// One direction of a link breaks.
    OneWayCut,
    /// Servers are separated.
    Partition,
    /// A server stops.
    Crash,
    /// A crash takes writes that were on their way to the disk, or half of one.
    LostWrite,
    /// A disk says that a write is durable when it is not.
    LostFsync,
    /// A server freezes.
    Pause,
    /// A clock jumps.
    ClockJump,
    /// A clock runs faster or slower.
    ClockRate,
    /// The membership changes.
    Membership,
    /// Leadership is handed over.
    Transfer,
}

impl FaultKind {
    /// All of them.
    pub const ALL: &'static [Self] = &[
        Self::Drop,
        Self::Duplicate,
        Self::Reorder,
        Self::Delay,
        Self::OneWayCut,
        Self::Partition,
        Self::Crash,
        Self::LostWrite,
        Self::LostFsync,
        Self::Pause,
        Self::ClockJump,
        Self::ClockRate,
        Self::Membership,
        Self::Transfer,
    ];

    /// The fault that an action is, if it does harm: what mends, or sets something to what it is without any fault, does not.
    /// What chance does to messages, and what a crash takes with it, shows only in the events.
    pub fn of(action: &Action, world: &World) -> Option<Self> {
        let is_slow = |max: Time| max > world.config().network.latency_ms.1;
        Some(match action {
            Action::Delay { .. } | Action::Hold { .. } | Action::HoldLink { .. } => Self::Delay,
            Action::SetLatency { max_ms, .. } if is_slow(*max_ms) => Self::Delay,
            Action::Cut { one_way: true, .. } | Action::Flap { one_way: true, .. } => Self::OneWayCut,
            Action::Cut { .. } | Action::Flap { .. } => Self::Partition,
            Action::Partition { groups } if groups.iter().all(|group| group.len() < world.servers().len()) => {
                Self::Partition
            }
            Action::Crash { .. } => Self::Crash,
            Action::Tear { .. } => Self::LostWrite,
            Action::SetDiskLies { on: true, .. } => Self::LostFsync,
            Action::Pause { .. } => Self::Pause,
            Action::JumpClock { .. } => Self::ClockJump,
            Action::SetClockRate { permille, .. } if *permille != 1_000 => Self::ClockRate,
            Action::ChangeMembership { .. } => Self::Membership,
            Action::TransferLeadership { .. } => Self::Transfer,
            _ => return None,
        })
    }
}

/// Counts what happens.
#[derive(Clone, Debug, Default)]
pub(super) struct Tally {
    /// How often each kind of fault occurred before all was healed.
    pub(super) faults: BTreeMap<FaultKind, u32>,
    /// How much harm was done by an action, not by chance.
    pub(super) harms: u32,
    /// Whether all is healed.
    pub(super) is_over: bool,
    /// How often a leader was watched while others were away, and stayed.
    pub(super) stays: u32,
    /// How often a server became a leader.
    pub(super) elections: u32,
    /// The newest message that was delivered over each link, by its ends.
    newest: BTreeMap<(u64, u64), MessageId>,
}

impl Tally {
    pub(super) fn count_action(&mut self, action: &Action, world: &World) {
        let kind = FaultKind::of(action, world).filter(|_| !self.is_over);
        if let Some(kind) = kind {
            self.count(kind);
        }
        // What becomes of a message shows in the events.
        let harms = kind.is_some() || matches!(action, Action::Drop { .. } | Action::Duplicate { .. });
        self.harms += u32::from(harms && !self.is_over);
    }

    pub(super) fn count_events(&mut self, events: &[Event]) {
        for event in events {
            match &event.kind {
                EventKind::Lost(_, Loss::Chance | Loss::Dropped) => self.count(FaultKind::Drop),
                EventKind::Duplicated(_) => self.count(FaultKind::Duplicate),
                EventKind::Crashed(lost) if *lost > 0 => self.count(FaultKind::LostWrite),
                EventKind::Node(NodeEvent::BecameLeader { .. }) => self.elections += 1,
                EventKind::Delivered(message) => {
                    let newest = self.newest.entry((message.from.0, message.to.0)).or_default();
                    if message.message < *newest {
                        self.count(FaultKind::Reorder);
                    } else {
                        *newest = message.message;
                    }
                }
                _ => {}
            }
        }
    }

    fn count(&mut self, kind: FaultKind) {
        if self.is_over {
            return;
        }
        *self.faults.entry(kind).or_default() += 1;
    }
}
