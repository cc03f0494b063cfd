//! What an experiment breaks when its rule is off, by name.

use raft_core::{EntryKind, LogIndex, Node};
use serde::{Serialize, Serializer};
use serde_json::Value;

use crate::chaos::Liveness;
use crate::checker::Invariant;
use crate::client::Operation;
use crate::condition::Condition;
use crate::conduct::Habit;
use crate::document::{FromJson, invalid};
use crate::error::SimError;
use crate::event::Outcome;
use crate::judge::{self, Level};
use crate::world::World;

/// What goes wrong without a rule, and who says so.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Breaks {
    /// A promise about data, by the checker: `I1` to `I36`.
    Invariant(Invariant),
    /// What must come true in the end, judged when the script is over: `L1` to `L5`.
    Liveness(Liveness),
    /// What a healthy cluster does, by the monitor of [`crate::conduct`]: `C1` to `C9`.
    Habit(Habit),
    /// What clients see, by the judges of their history: `linearizable`, `sequential`, `monotonic-reads` and so on.
    Level(Level),
    /// What the conditions under `expectOff` state, in their own words: `expectation`.
    Expectation,
}

impl Breaks {
    /// Everything that can be named.
    pub fn all() -> impl Iterator<Item = Self> {
        let invariants = Invariant::ALL.iter().copied().map(Self::Invariant);
        // Whether a leader stays is judged while others come back, not by how a script ends.
        let judged = |property: &Liveness| *property != Liveness::LeaderStays;
        let liveness = Liveness::ALL.iter().copied().filter(judged).map(Self::Liveness);
        let habits = Habit::ALL.iter().copied().map(Self::Habit);
        let levels = Level::ALL.map(Self::Level);
        invariants.chain(liveness).chain(habits).chain(levels).chain([Self::Expectation])
    }

    /// What has this name.
    pub fn parse(name: &str) -> Result<Self, SimError> {
        Self::all().find(|known| known.id() == name).ok_or_else(|| Self::unknown(name))
    }

    /// That nothing that would make sense here has this name.
    pub(crate) fn unknown(name: &str) -> SimError {
        let known = "I1 to I36 (invariants), L1 to L5 (liveness), C1 to C9 (habits), linearizable and the other levels of histories, expectation";
        invalid(format!("{name:?} is no name of what can break here; there are {known}"))
    }

    /// The name: `I4`.
    pub const fn id(self) -> &'static str {
        match self {
            Self::Invariant(invariant) => invariant.id(),
            Self::Liveness(property) => property.id(),
            Self::Habit(habit) => habit.id(),
            Self::Level(level) => level.name(),
            Self::Expectation => "expectation",
        }
    }

    /// Whether it is broken in a world whose script is over.
    pub fn is_broken(self, world: &World) -> bool {
        match self {
            Self::Invariant(invariant) => world.violations().iter().any(|found| found.violation.invariant == invariant),
            Self::Liveness(property) => !has_come_true(property, world),
            Self::Habit(habit) => world.lapses().iter().any(|lapse| lapse.habit == habit),
            Self::Level(level) => world.history().keeps(level) == Some(false),
            // The expectations of the run are judged with all others.
            Self::Expectation => {
                world.script().lines().iter().any(|line| line.expect_off.is_some() || line.meanwhile_off.is_some())
            }
        }
    }
}

/// Whether a liveness property holds at the end of a run.
fn has_come_true(property: Liveness, world: &World) -> bool {
    let mut writes = world.operations().iter().filter(|operation| operation.is_write());
    let is_ok = |operation: &Operation| matches!(operation.returned, Some((_, Outcome::Ok)));
    match property {
        Liveness::OneLeader => world.nodes().filter(|node| node.role().is_leader()).count() == 1,
        Liveness::AcknowledgedEverywhere => writes.filter(|write| is_ok(write)).all(|write| {
            let command = write.command().unwrap_or_default();
            world.nodes().all(|node| node.log().last_included_index() > LogIndex(0) || holds(node, command.as_bytes()))
        }),
        Liveness::LogsEqual => Condition::Converged.holds(world),
        Liveness::ProposalsResolved => {
            let is_resolved = world.operations().iter().all(|operation| operation.returned.is_some());
            is_resolved && writes.next_back().is_none_or(is_ok)
        }
        Liveness::ReconfigurationEnds => {
            let is_joint = |node: &Node| node.configuration().is_joint();
            !world.nodes().any(is_joint) && Condition::Converged.holds(world)
        }
        // The end of a script does not tell; `Breaks::all` leaves it out.
        Liveness::LeaderStays => true,
    }
}

/// Whether a command stands in the log of a node. What a snapshot stands for cannot be told.
fn holds(node: &Node, command: &[u8]) -> bool {
    let mut entries = node.log().iter_from(LogIndex(1));
    entries.any(|(_, entry)| matches!(&entry.kind, EntryKind::Command(payload) if payload.as_bytes() == command))
}

impl Serialize for Breaks {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.id())
    }
}

impl FromJson for Breaks {
    fn from_json(value: &Value) -> Result<Self, SimError> {
        let breaks = Self::parse(&String::from_json(value)?)?;
        if let Self::Level(_) = breaks {
            judge::needed()?;
        }
        Ok(breaks)
    }
}
