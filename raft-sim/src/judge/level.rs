//! Levels of consistency, from strong to weak.

use serde::Serialize;
use serde_json::Value;

use super::history::History;
use super::verdict::Verdict;
use super::{linearizable, sequential, sessions};
use crate::document::FromJson;
use crate::error::{ErrorCode, SimError};
use crate::limits::MAX_CONDITION_STEPS;

/// How much a store promises to its clients.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(feature = "ts", derive(tsify::Tsify))]
#[serde(rename_all = "kebab-case")]
pub enum Level {
    /// Each operation takes effect at one moment between its call and its return (Herlihy and Wing 1990).
    Linearizable,
    /// All operations took effect one after the other, and those of each client in the client's order (Lamport 1979).
    Sequential,
    /// What a client reads is never older than what it read before (Terry et al. 1994).
    MonotonicReads,
    /// The writes of a client become visible in the client's order (Terry et al. 1994).
    MonotonicWrites,
    /// What a client reads is never older than what it wrote itself (Terry et al. 1994).
    ReadYourWrites,
    /// What a client writes after a read is newer, for everybody, than what it read (Terry et al. 1994).
    WritesFollowReads,
}

impl Level {
    /// All of them. The first implies all others, and the second all that follow it.
    pub const ALL: [Self; 6] = [
        Self::Linearizable,
        Self::Sequential,
        Self::MonotonicReads,
        Self::MonotonicWrites,
        Self::ReadYourWrites,
        Self::WritesFollowReads,
    ];

    /// Its name on the command line and in documents.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Linearizable => "linearizable",
            Self::Sequential => "sequential",
            Self::MonotonicReads => "monotonic-reads",
            Self::MonotonicWrites => "monotonic-writes",
            Self::ReadYourWrites => "read-your-writes",
            Self::WritesFollowReads => "writes-follow-reads",
        }
    }

    /// The level with this name.
    pub fn named(name: &str) -> Result<Self, SimError> {
        Self::ALL.into_iter().find(|level| level.name() == name).ok_or_else(|| {
            let names: Vec<_> = Self::ALL.iter().map(|level| level.name()).collect();
            SimError::new(ErrorCode::InvalidHistory, format!("{name:?} is none of: {}", names.join(", ")))
        })
    }

    /// Judges a history at this level in at most `budget` steps of a search.
    pub fn judge(self, history: &History, budget: u64) -> Verdict {
        match self {
            Self::Linearizable => linearizable::judge(history, budget),
            Self::Sequential => sequential::judge(history, budget),
            session => sessions::judge(history, session, budget),
        }
    }
}

impl FromJson for Level {
    fn from_json(value: &Value) -> Result<Self, SimError> {
        Self::named(&String::from_json(value)?)
    }
}

impl History {
    /// Whether it holds at a level, as conditions ask; `None` if that takes too long to say.
    pub(crate) fn keeps(&self, level: Level) -> Option<bool> {
        // Documents that ask are refused then: see `needed`.
        if !cfg!(feature = "judges") {
            return None;
        }
        match level.judge(self, MAX_CONDITION_STEPS) {
            Verdict::Holds { .. } => Some(true),
            Verdict::Violated(_) => Some(false),
            Verdict::Exhausted { .. } => None,
        }
    }
}

/// Refuses a document that needs the judges of histories, where there are none.
pub(crate) fn needed() -> Result<(), SimError> {
    if cfg!(feature = "judges") {
        return Ok(());
    }
    Err(SimError::new(ErrorCode::NeedsJudges, "histories are not judged here: this build leaves their judges out"))
}

/// One history at every level.
pub struct Ladder;

impl Ladder {
    /// The verdict of each level, from strong to weak, with at most `budget` steps for each. What holds at one of the first two
    /// levels holds at all that follow, which then are not looked at again.
    pub fn of(history: &History, budget: u64) -> Vec<(Level, Verdict)> {
        let mut verdicts = Vec::new();
        while let Some(next) = Self::next(history, budget, &verdicts) {
            verdicts.push(next);
        }
        verdicts
    }

    /// The verdict of the level that follows those that are decided, for who wants to go on with something else in between.
    pub fn next(history: &History, budget: u64, decided: &[(Level, Verdict)]) -> Option<(Level, Verdict)> {
        let level = *Level::ALL.get(decided.len())?;
        let is_implied = decided.iter().any(|(level, verdict)| verdict.holds() && *level <= Level::Sequential);
        let implied = Verdict::Holds { witness: Vec::new() };
        Some((level, if is_implied { implied } else { level.judge(history, budget) }))
    }
}
