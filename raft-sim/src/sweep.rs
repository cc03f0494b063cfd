//! Sweeps: many trials, one after the other or shared out, and a line about each.
//!
//! ```
//! use raft_sim::sweep::{Sweep, SweepConfig};
//!
//! let config = SweepConfig { seeds: 0..4, ..SweepConfig::default() };
//! let mut sweep = Sweep::new(config)?;
//! while !sweep.is_over() {
//!     for result in sweep.advance(2) {
//!         println!("{}", result.to_json());
//!     }
//!     eprintln!("{} of {}", sweep.done(), sweep.len());
//! }
//! # Ok::<(), raft_sim::SimError>(())
//! ```

mod summary;

use std::collections::BTreeMap;
use std::ops::Range;
use std::str::FromStr;

use serde::Serialize;

pub use summary::SweepSummary;

use crate::chaos::{Chaos, Coverage, FaultKind, Style, Trial, Unhealthy};
use crate::error::{ErrorCode, SimError};
use crate::limits::{MAX_SEED, MAX_SWEEP_TRIALS};
use crate::rules::RuleName;
use crate::scenario::Scenario;
use crate::shrink::Shrinker;
use crate::time::Time;

/// What is tried.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SweepConfig {
    /// The seeds, up to 2^53.
    pub seeds: Range<u64>,
    /// The styles of trouble; each seed is tried in each of them.
    pub styles: Vec<Style>,
    /// The rules that are switched off.
    pub without: Vec<RuleName>,
    /// Which part of it.
    pub shard: Shard,
    /// How many runs may be tried to shrink a failure; 0: none is shrunk.
    pub shrink_runs: u64,
    /// Whether some servers stay away for long after the faults, in every trial.
    pub outsiders: bool,
    /// Whether the situations of the protocol are counted that a trial comes through.
    pub covers: bool,
}

impl Default for SweepConfig {
    fn default() -> Self {
        let (styles, shard) = (vec![Style::Swarm], Shard::default());
        Self { seeds: 0..0, styles, without: Vec::new(), shard, shrink_runs: 0, outsiders: false, covers: false }
    }
}

/// One of several equal parts of a sweep: `0/4` to `3/4`. The results of all parts, one after the other, are those of the
/// whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shard {
    /// The number of the part, from 0.
    pub index: u64,
    /// How many parts there are; at least 1.
    pub count: u64,
}

impl Default for Shard {
    fn default() -> Self {
        Self { index: 0, count: 1 }
    }
}

impl FromStr for Shard {
    type Err = SimError;

    fn from_str(text: &str) -> Result<Self, SimError> {
        let numbers = text.split_once('/').and_then(|(index, count)| Some((index.parse().ok()?, count.parse().ok()?)));
        let shard = numbers.map(|(index, count)| Self { index, count }).filter(|shard| shard.index < shard.count);
        shard.ok_or_else(|| {
            SimError::new(ErrorCode::OutOfRange, format!("{text} is no shard: of four they are 0/4, 1/4, 2/4 and 3/4"))
        })
    }
}

/// What came of one trial. Its JSON is one line of a sweep's output.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "ts", derive(tsify::Tsify))]
#[serde(rename_all = "camelCase")]
pub struct SweepResult {
    /// The seed.
    pub seed: u64,
    /// The style of trouble.
    pub style: Style,
    /// How it ended.
    pub outcome: TrialOutcome,
    /// The property that failed: an invariant (`I4`), a liveness property (`L1`), a habit (`C4`) or what clients are promised
    /// (`linearizable`).
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "ts", tsify(optional))]
    pub property: Option<&'static str>,
    /// What contradicts what, in words.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "ts", tsify(optional))]
    pub problem: Option<String>,
    /// Number of servers, spares included.
    pub servers: u64,
    /// Number of actions that were done to the cluster.
    pub actions: u64,
    /// How much harm was done by an action, not by chance.
    pub harms: u32,
    /// How often each kind of fault occurred before all was healed.
    #[cfg_attr(feature = "ts", tsify(type = "Partial<Record<FaultKind, number>>"))]
    pub faults: BTreeMap<FaultKind, u32>,
    /// How often a server became a leader.
    pub elections: u32,
    /// How many different situations it came through, if they were counted.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "ts", tsify(optional))]
    pub situations: Option<u64>,
    /// Those situations.
    #[serde(skip)]
    pub coverage: Option<Coverage>,
    /// Whether a leader was watched while some servers stayed away, and kept its office.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    #[cfg_attr(feature = "ts", tsify(optional))]
    pub stayed: bool,
    /// Whether the judges could not say in time if what clients saw can be explained.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    #[cfg_attr(feature = "ts", tsify(optional))]
    pub undecided: bool,
    /// Number of events.
    pub events: u32,
    /// Number of steps.
    pub steps: u32,
    /// Simulated time, in milliseconds.
    #[serde(rename = "simMs")]
    #[cfg_attr(feature = "ts", tsify(type = "number"))]
    pub sim_time: Time,
    /// What is left of a failure after shrinking, as a scenario.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "ts", tsify(optional))]
    pub shrunk: Option<Scenario>,
    /// The hash of everything that happened, in hexadecimal digits; equal on every machine.
    pub trace: String,
}

/// How a trial ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "ts", derive(tsify::Tsify))]
#[serde(rename_all = "camelCase")]
pub enum TrialOutcome {
    /// All was well.
    Ok,
    /// Something happened that must not.
    Violation,
    /// Something did not happen that must.
    Liveness,
}

impl SweepResult {
    /// Carries out one trial of a sweep.
    pub fn of(style: Style, seed: u64, config: &SweepConfig) -> Self {
        let chaos = Chaos::new(style, seed);
        let chaos = if config.outsiders { chaos.with_permanent_outsiders() } else { chaos };
        let mut trial = Trial::of(chaos, &config.without);
        if config.covers {
            trial.cover();
        }
        let failure = trial.failure();
        let problem = failure.as_ref().map(|failure| failure.problem().clone());
        let shrunk = failure.filter(|_| config.shrink_runs > 0).map(|failure| {
            let mut shrinker = Shrinker::new(failure);
            shrinker.advance(config.shrink_runs);
            shrinker.best().scenario()
        });
        let world = trial.world();
        let outcome = match &problem {
            None => TrialOutcome::Ok,
            Some(problem) if problem.liveness().is_some() => TrialOutcome::Liveness,
            Some(_) => TrialOutcome::Violation,
        };
        Self {
            seed,
            style,
            outcome,
            property: problem.as_ref().map(Unhealthy::property),
            problem: problem.as_ref().map(ToString::to_string),
            servers: world.config().total() as u64,
            actions: trial.actions().len() as u64,
            harms: trial.harms(),
            faults: trial.faults().clone(),
            elections: trial.elections(),
            situations: trial.coverage().map(|coverage| coverage.situations().count() as u64),
            coverage: trial.coverage().cloned(),
            stayed: trial.stays() > 0,
            undecided: trial.is_undecided(),
            events: world.events(),
            steps: world.steps(),
            sim_time: world.now(),
            shrunk,
            trace: format!("{:016x}", world.trace_hash()),
        }
    }

    /// Whether all was well.
    pub fn is_ok(&self) -> bool {
        self.outcome == TrialOutcome::Ok
    }

    /// One line of JSON, without its end.
    pub fn to_json(&self) -> String {
        serde_json::to_string(self).expect("texts and numbers are JSON")
    }
}

impl std::fmt::Display for SweepResult {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} seed {}", self.style.name(), self.seed)?;
        match (&self.property, &self.problem) {
            (Some(property), Some(problem)) => write!(f, " at {}: {property}: {problem}", self.sim_time),
            _ => f.write_str(": ok"),
        }
    }
}

/// A sweep under way. To stop it, drop it.
#[derive(Clone, Debug)]
pub struct Sweep {
    config: SweepConfig,
    first: u64,
    next: u64,
    end: u64,
}

impl Sweep {
    /// Prepares a sweep; nothing has run yet.
    pub fn new(config: SweepConfig) -> Result<Self, SimError> {
        let SweepConfig { seeds, styles, shard, .. } = &config;
        let out_of_range = |message: String, path| Err(SimError::new(ErrorCode::OutOfRange, message).at(path));
        if seeds.start > seeds.end || seeds.end > MAX_SEED + 1 {
            let message = format!("seeds go up, from 0 to {MAX_SEED}; {}..{} do not", seeds.start, seeds.end);
            return out_of_range(message, "seeds");
        }
        if styles.is_empty() {
            return out_of_range("there must be a style".into(), "styles");
        }
        if shard.index >= shard.count {
            return out_of_range(format!("there is no shard {} of {}", shard.index, shard.count), "shard");
        }
        let trials = u128::from(seeds.end - seeds.start) * styles.len() as u128;
        let bound = |part: u64| (trials * u128::from(part) / u128::from(shard.count)) as u64;
        let (first, end) = (bound(shard.index), bound(shard.index + 1));
        if trials > u128::from(u64::MAX) || end - first > MAX_SWEEP_TRIALS {
            let message = format!("one sweep has at most {MAX_SWEEP_TRIALS} trials; divide it into more shards");
            return out_of_range(message, "seeds");
        }
        Ok(Self { config, first, next: first, end })
    }

    /// What is tried.
    pub const fn config(&self) -> &SweepConfig {
        &self.config
    }

    /// Number of trials.
    pub const fn len(&self) -> u64 {
        self.end - self.first
    }

    /// Whether there is nothing to try.
    pub const fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Number of trials that are done.
    pub const fn done(&self) -> u64 {
        self.next - self.first
    }

    /// Whether all trials are done.
    pub const fn is_over(&self) -> bool {
        self.next == self.end
    }

    /// The style and the seed of a trial, by its number from 0. Sweeps on several threads share out the numbers.
    pub fn trial(&self, number: u64) -> (Style, u64) {
        let (number, styles) = (self.first + number, self.config.styles.len() as u64);
        (self.config.styles[(number % styles) as usize], self.config.seeds.start + number / styles)
    }

    /// Carries out the next trials, at most `count`.
    pub fn advance(&mut self, count: u64) -> Vec<SweepResult> {
        self.take(usize::try_from(count).unwrap_or(usize::MAX)).collect()
    }
}

impl Iterator for Sweep {
    type Item = SweepResult;

    fn next(&mut self) -> Option<SweepResult> {
        if self.is_over() {
            return None;
        }
        let (style, seed) = self.trial(self.done());
        self.next += 1;
        Some(SweepResult::of(style, seed, &self.config))
    }
}
