//! Sweeps: many clusters under random trouble.

use raft_sim::limits;
use raft_sim::sweep::{Sweep, SweepConfig, SweepResult};
use wasm_bindgen::prelude::{JsValue, wasm_bindgen};

use super::{rules, style};
use crate::boundary::{JsResult, thrown, to_js};

/// A sweep under way.
#[wasm_bindgen]
pub struct Sweeping {
    sweep: Sweep,
}

#[wasm_bindgen]
impl Sweeping {
    /// Prepares the seeds from `first` on, before `end`, each in every one of the styles, with some rules switched off.
    #[allow(clippy::needless_pass_by_value, reason = "lists come from JavaScript by value")]
    pub fn create(first: f64, end: f64, styles: Vec<String>, without: Vec<String>) -> JsResult<Self> {
        let styles =
            styles.iter().enumerate().map(|(at, name)| style(name).map_err(|error| error.at(format!("styles[{at}]"))));
        let config = SweepConfig {
            seeds: seed(first)..seed(end),
            styles: styles.collect::<Result<_, _>>().map_err(thrown)?,
            without: rules(&without).map_err(thrown)?,
            ..SweepConfig::default()
        };
        Ok(Self { sweep: Sweep::new(config).map_err(thrown)? })
    }

    /// Carries out the next trials, at most `count`.
    #[wasm_bindgen(unchecked_return_type = "SweepResult[]")]
    pub fn advance(&mut self, count: u32) -> JsResult<JsValue> {
        let results: Vec<SweepResult> = self.sweep.advance(count.into());
        to_js(&results)
    }

    /// Number of trials.
    pub fn total(&self) -> f64 {
        self.sweep.len() as f64
    }

    /// Number of trials that are done.
    pub fn done(&self) -> f64 {
        self.sweep.done() as f64
    }
}

/// A seed, or the end of a range of them. What is no such number becomes one that is refused.
fn seed(number: f64) -> u64 {
    if number >= 0.0 { number as u64 } else { limits::MAX_SEED + 2 }
}
