//! Shrinking: a failing seed becomes a scenario of the few actions that it needs.

use raft_sim::chaos::Trial;
use raft_sim::shrink::Shrinker;
use raft_sim::{ErrorCode, Scenario, SimError, limits};
use serde::Serialize;
use tsify::Tsify;
use wasm_bindgen::prelude::{JsValue, wasm_bindgen};

use super::{rules, style};
use crate::boundary::{JsResult, thrown, to_js};

/// A failure on its way to a smaller one.
#[wasm_bindgen]
pub struct Shrinking {
    shrinker: Shrinker,
    actions_before: usize,
}

/// How far it is. The smallest failure so far is always whole.
#[derive(Serialize, Tsify)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ShrinkProgress {
    /// Runs that were tried.
    runs: u32,
    /// Actions that are left.
    actions: usize,
    /// Actions that there were.
    actions_before: usize,
    /// Whether nothing more can be left out.
    is_over: bool,
}

/// The smallest failure that was found.
#[derive(Serialize, Tsify)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ShrunkFailure {
    /// The property that fails: an invariant (`I4`) or one of liveness (`L1`).
    property: &'static str,
    /// What contradicts what, in words.
    problem: String,
    /// Runs that were tried.
    runs: u32,
    /// Actions that are left.
    actions: usize,
    /// Actions that there were.
    actions_before: usize,
    /// What is left, as a scenario that fails in the same way.
    scenario: Scenario,
}

#[wasm_bindgen]
impl Shrinking {
    /// Repeats the trial of a seed, which must fail.
    #[allow(clippy::needless_pass_by_value, reason = "lists come from JavaScript by value")]
    pub fn create(style_name: &str, seed: f64, without: Vec<String>) -> JsResult<Self> {
        let style = style(style_name).map_err(|error| thrown(error.at("style")))?;
        if !(0.0..=limits::MAX_SEED as f64).contains(&seed) {
            let message = format!("a seed is an integer from 0 to {}", limits::MAX_SEED);
            return Err(thrown(SimError::new(ErrorCode::OutOfRange, message).at("seed")));
        }
        let rules = rules(&without).map_err(thrown)?;
        let failure = Trial::without(style, seed as u64, &rules).failure().ok_or_else(|| {
            thrown(SimError::new(ErrorCode::Refused, format!("nothing fails in {} seed {seed}", style.name())))
        })?;
        Ok(Self { actions_before: failure.len(), shrinker: Shrinker::new(failure) })
    }

    /// Tries at most `runs` smaller runs.
    #[wasm_bindgen(unchecked_return_type = "ShrinkProgress")]
    pub fn advance(&mut self, runs: u32) -> JsResult<JsValue> {
        self.shrinker.advance(runs.into());
        to_js(&ShrinkProgress {
            runs: self.shrinker.attempts() as u32,
            actions: self.shrinker.best().len(),
            actions_before: self.actions_before,
            is_over: self.shrinker.is_over(),
        })
    }

    /// The smallest failure so far.
    #[wasm_bindgen(unchecked_return_type = "ShrunkFailure")]
    pub fn best(&self) -> JsResult<JsValue> {
        let best = self.shrinker.best();
        to_js(&ShrunkFailure {
            property: best.problem().property(),
            problem: best.problem().to_string(),
            runs: self.shrinker.attempts() as u32,
            actions: best.len(),
            actions_before: self.actions_before,
            scenario: best.scenario(),
        })
    }
}
