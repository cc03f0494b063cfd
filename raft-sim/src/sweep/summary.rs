//! What came of a whole sweep, in numbers.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Serialize, Serializer};

use super::{SweepResult, TrialOutcome};
use crate::chaos::{Coverage, FaultKind, Liveness};

/// Sums over the results of a sweep.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SweepSummary {
    /// Number of trials.
    pub trials: u64,
    /// Those in which something happened that must not.
    pub violations: u64,
    /// Those in which something did not happen that must.
    pub liveness_failures: u64,
    /// Those in which nobody led in time after all was healed.
    pub leaderless: u64,
    /// Those in which a leader was watched while some servers stayed away, and kept its office.
    pub stayed: u64,
    /// Those of which the judges could not say in time if what clients saw can be explained.
    pub undecided: u64,
    /// How much harm was done by an action, not by chance.
    pub harms: u64,
    /// In how many trials each kind of fault occurred.
    pub trials_with: BTreeMap<FaultKind, u64>,
    /// The situations of the protocol that the trials came through, if they were counted; of JSON their number.
    #[serde(serialize_with = "count", skip_serializing_if = "Option::is_none")]
    pub situations: Option<Coverage>,
    /// Number of events.
    pub events: u64,
    /// Simulated time, in whole seconds of each trial.
    pub sim_seconds: u64,
}

impl SweepSummary {
    /// Takes in one result.
    pub fn add(&mut self, result: &SweepResult) {
        self.trials += 1;
        self.violations += u64::from(result.outcome == TrialOutcome::Violation);
        self.liveness_failures += u64::from(result.outcome == TrialOutcome::Liveness);
        self.leaderless += u64::from(result.property == Some(Liveness::OneLeader.id()));
        self.stayed += u64::from(result.stayed);
        self.undecided += u64::from(result.undecided);
        self.harms += u64::from(result.harms);
        for &kind in result.faults.keys() {
            *self.trials_with.entry(kind).or_default() += 1;
        }
        if let Some(coverage) = &result.coverage {
            self.situations.get_or_insert_default().extend(coverage);
        }
        self.events += u64::from(result.events);
        self.sim_seconds += result.sim_time.0 / 1_000_000;
    }

    /// Number of trials that failed.
    pub const fn failures(&self) -> u64 {
        self.violations + self.liveness_failures
    }

    /// The kind of fault that occurred in the fewest trials, and in how many.
    pub fn rarest(&self) -> Option<(FaultKind, u64)> {
        let trials_with = |kind: &FaultKind| self.trials_with.get(kind).copied().unwrap_or_default();
        FaultKind::ALL.iter().map(|kind| (*kind, trials_with(kind))).min_by_key(|(_, trials)| *trials)
    }
}

#[allow(clippy::ref_option, reason = "serde asks for it")]
fn count<S: Serializer>(situations: &Option<Coverage>, serializer: S) -> Result<S::Ok, S::Error> {
    situations.as_ref().map(|situations| situations.situations().count()).serialize(serializer)
}

impl fmt::Display for SweepSummary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { trials, harms, events, sim_seconds, .. } = self;
        write!(f, "{} failed; {harms} faults, {events} events, {sim_seconds} simulated seconds", self.failures())?;
        if let Some((kind, rare)) = self.rarest().filter(|_| *trials > 0) {
            write!(f, "; the rarest kind of fault, {kind:?}, in {rare}")?;
        }
        if let Some(situations) = &self.situations {
            write!(f, "; {} situations", situations.situations().count())?;
        }
        if self.undecided > 0 {
            write!(f, "; {} undecided", self.undecided)?;
        }
        Ok(())
    }
}
