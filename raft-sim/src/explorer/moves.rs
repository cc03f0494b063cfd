//! What may happen in a state, in a fixed order.

use raft_core::NodeId;

use super::code::Code;
use super::config::Bounds;
use super::tables::Tables;

/// What is counted. Four bits each, in this order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Count {
    Timeouts,
    Heartbeats,
    Proposals,
    Reads,
    Crashes,
    Drops,
    Duplicates,
    Snapshots,
    Changes,
    Transfers,
}

/// How often what has happened.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Counts(pub(super) u64);

impl Counts {
    pub(super) const fn get(self, count: Count) -> u32 {
        (self.0 >> (4 * count as u32)) as u32 & 15
    }

    pub(super) const fn plus(self, count: Count) -> Self {
        Self(self.0 + (1 << (4 * count as u32)))
    }
}

/// Something that happens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// To a server, numbered from 0.
    Turn(u8, Code),
    /// A message arrives.
    Deliver(u32),
    /// A message is lost.
    Drop(u32),
    /// A message is there twice.
    Duplicate(u32),
}

/// A step with what it takes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Move {
    pub(super) step: Step,
    /// The position of its message among those in flight.
    pub(super) at: u16,
    pub(super) count: Option<Count>,
}

/// A state: one word for each server, one for the past, two for the counts, and one for each message in flight, in the
/// order of their hashes.
#[derive(Clone, Copy)]
pub(super) struct State<'a> {
    pub(super) words: &'a [u32],
    pub(super) total: usize,
}

impl<'a> State<'a> {
    pub(super) fn servers(self) -> &'a [u32] {
        &self.words[..self.total]
    }

    pub(super) const fn past(self) -> u32 {
        self.words[self.total]
    }

    pub(super) const fn counts(self) -> Counts {
        Counts(self.words[self.total + 1] as u64 | (self.words[self.total + 2] as u64) << 32)
    }

    pub(super) fn messages(self) -> &'a [u32] {
        &self.words[self.total + 3..]
    }

    /// Everything that may happen here, in an order that depends on the state alone.
    pub(super) fn moves(self, tables: &Tables, menu: &Menu, moves: &mut Vec<Move>) {
        moves.clear();
        let counts = self.counts();
        let may = |count: Count| counts.get(count) < menu.limits[count as usize];
        let mut turn = |at: usize, code: Code, count: Option<Count>| {
            moves.push(Move { step: Step::Turn(at as u8, code), at: 0, count });
        };
        for (at, &server) in self.servers().iter().enumerate() {
            let summary = tables.summaries[server as usize];
            if !summary.is_up {
                turn(at, Code::RESTART, None);
                continue;
            }
            if summary.is_syncing {
                turn(at, Code::SYNC, None);
            }
            if summary.is_leader {
                let proposal = menu.proposals.get(counts.get(Count::Proposals) as usize);
                if let Some(&proposal) = proposal {
                    turn(at, Code::propose(proposal), Some(Count::Proposals));
                }
                if may(Count::Heartbeats) {
                    turn(at, Code::HEARTBEAT, Some(Count::Heartbeats));
                }
                if may(Count::Reads) {
                    let acknowledged = tables.pasts.get(self.past()).acknowledged;
                    turn(at, Code::read(acknowledged), Some(Count::Reads));
                }
                if may(Count::Changes) {
                    (0..menu.changes).for_each(|change| turn(at, Code::change(change), Some(Count::Changes)));
                }
                if may(Count::Transfers) {
                    let others = (0..self.total).filter(|&other| other != at).map(|other| NodeId(other as u64 + 1));
                    others.for_each(|target| turn(at, Code::transfer(target), Some(Count::Transfers)));
                }
            } else if may(Count::Timeouts) {
                turn(at, Code::TIMEOUT, Some(Count::Timeouts));
            }
            if may(Count::Snapshots) {
                turn(at, Code::SNAPSHOT, Some(Count::Snapshots));
            }
            if may(Count::Crashes) {
                turn(at, Code::CRASH, Some(Count::Crashes));
            }
        }
        let messages = self.messages();
        for (at, &message) in messages.iter().enumerate() {
            // Of equal messages one is enough.
            if at > 0 && messages[at - 1] == message {
                continue;
            }
            let at = at as u16;
            let receiver = self.servers()[tables.addresses[message as usize].to as usize];
            if tables.summaries[receiver as usize].is_up {
                moves.push(Move { step: Step::Deliver(message), at, count: None });
            }
            if may(Count::Drops) {
                moves.push(Move { step: Step::Drop(message), at, count: Some(Count::Drops) });
            }
            if may(Count::Duplicates) {
                moves.push(Move { step: Step::Duplicate(message), at, count: Some(Count::Duplicates) });
            }
        }
    }
}

/// What there is to choose from, the same in all states.
pub(super) struct Menu {
    limits: [u32; 10],
    /// The commands, in the order in which they are proposed.
    proposals: Vec<u32>,
    changes: usize,
    pub(super) messages: usize,
}

impl Menu {
    pub(super) fn of(bounds: &Bounds, changes: usize, proposals: Vec<u32>) -> Self {
        let limits = bounds.counts().map(|(_, limit)| limit);
        Self { limits, proposals, changes, messages: bounds.messages as usize }
    }
}
