//! Who finds a bug: bugs are planted one at a time, and random schedules of all styles in turn look for it.

use super::{Chaos, Failure, Sabotage, Style, Trial};
use crate::rules::RuleName;

/// A planted bug: a rule that is switched off, or something wrong in what surrounds the nodes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bug {
    /// A safeguard is missing.
    Rule(RuleName),
    /// The program around a node is wrong.
    #[doc(hidden)]
    Sabotage(Sabotage),
}

impl Bug {
    /// All of them.
    pub fn all() -> impl Iterator<Item = Self> {
        RuleName::ALL.iter().map(|&rule| Self::Rule(rule)).chain(Sabotage::ALL.iter().map(|&bug| Self::Sabotage(bug)))
    }

    /// The name in words joined by hyphens; of a rule, its name after `no:`.
    pub fn name(self) -> String {
        match self {
            Self::Rule(rule) => format!("no:{}", rule.name()),
            Self::Sabotage(sabotage) => sabotage.name().into(),
        }
    }

    /// The bug with a name.
    pub fn named(name: &str) -> Option<Self> {
        Self::all().find(|bug| bug.name() == name)
    }

    /// The trial of a schedule, with this bug in it.
    pub fn trial(self, schedule: u64) -> Trial {
        let (style, seed) = schedule_of(schedule);
        let chaos = Chaos::new(style, seed);
        match self {
            Self::Rule(rule) => Trial::of(chaos, &[rule]),
            Self::Sabotage(sabotage) => Trial::sabotaged(chaos, sabotage),
        }
    }

    /// What a schedule finds of it. Where something goes wrong without the bug as well, nothing is found.
    pub fn found_by(self, schedule: u64) -> Option<Failure> {
        let failure = self.trial(schedule).failure()?;
        let (style, seed) = schedule_of(schedule);
        Trial::new(style, seed).run().is_ok().then_some(failure)
    }
}

/// The style and the seed of a schedule: all styles take turns.
pub const fn schedule_of(schedule: u64) -> (Style, u64) {
    let styles = Style::ALL.len() as u64;
    (Style::ALL[(schedule % styles) as usize], schedule / styles)
}
