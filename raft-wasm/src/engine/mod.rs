//! The engine: a live cluster under the reader's hand.

mod frame;
mod look;
mod views;
mod vocabulary;

use raft_sim::{BranchId, ClusterConfig, Condition, Recording, Scenario, Timeline, limits};
use wasm_bindgen::prelude::{JsValue, wasm_bindgen};

use crate::act;
use crate::boundary::{JsResult, json_of, json_text, thrown, time, to_js};

/// A cluster and its timeline.
#[wasm_bindgen]
pub struct Simulation {
    timeline: Timeline,
}

/// Runs from data.
#[wasm_bindgen]
impl Simulation {
    /// A cluster without a script. Draws a seed if none is given.
    pub fn create(#[wasm_bindgen(unchecked_param_type = "ClusterConfig")] config: &JsValue) -> JsResult<Self> {
        let mut config = ClusterConfig::parse(&json_of(config)?).map_err(thrown)?;
        if config.seed.is_none() {
            config.seed = Some(draw_seed()?);
        }
        Ok(Self { timeline: Timeline::of_cluster(config).map_err(thrown)? })
    }

    /// A scenario, as JSON text.
    #[wasm_bindgen(js_name = fromScenario)]
    pub fn from_scenario(json: &str) -> JsResult<Self> {
        let scenario = Scenario::parse(json).map_err(thrown)?;
        Ok(Self { timeline: Timeline::new(scenario).map_err(thrown)? })
    }

    /// What [`Simulation::save`] returned.
    pub fn load(json: &str) -> JsResult<Self> {
        let timeline = Recording::parse(json).and_then(|recording| Timeline::replay(&recording)).map_err(thrown)?;
        Ok(Self { timeline })
    }

    /// The run with all its branches, as JSON text.
    pub fn save(&self) -> JsResult<String> {
        json_text(&self.timeline.record())
    }
}

/// Time.
#[wasm_bindgen]
impl Simulation {
    /// Executes the next step; on a recorded stretch the recorded one. `false`: nothing is left to happen.
    pub fn step(&mut self) -> bool {
        self.timeline.step()
    }

    /// Executes every step due up to a time, at most `max_steps`, and shows that time. Returns the number of steps.
    #[wasm_bindgen(js_name = advanceTo)]
    pub fn advance_to(&mut self, time_ms: f64, max_steps: u32) -> JsResult<u32> {
        Ok(self.timeline.advance_to(time(time_ms)?, max_steps as usize) as u32)
    }

    /// Executes steps until a condition holds, at most `max_steps`.
    #[wasm_bindgen(js_name = runUntil, unchecked_return_type = "RunOutcome")]
    pub fn run_until(
        &mut self,
        #[wasm_bindgen(unchecked_param_type = "Condition")] condition: &JsValue,
        max_steps: u32,
    ) -> JsResult<JsValue> {
        let condition = Condition::parse(&json_of(condition)?).map_err(thrown)?;
        let before = self.timeline.world().steps();
        let held = self.timeline.run_until(&condition, max_steps as usize);
        to_js(&views::RunOutcome { held, steps: self.timeline.world().steps() - before })
    }

    /// Executes steps until the script is over, at most `max_steps`. Whether it is.
    #[wasm_bindgen(js_name = runScript)]
    pub fn run_script(&mut self, max_steps: u32) -> bool {
        self.timeline.run_script(max_steps as usize)
    }

    /// Looks at the moment after `step` steps of the current branch.
    pub fn seek(&mut self, step: u32) -> JsResult<()> {
        self.timeline.seek(step).map_err(thrown)
    }

    /// Looks at a time of the current branch.
    #[wasm_bindgen(js_name = seekTime)]
    pub fn seek_time(&mut self, time_ms: f64) -> JsResult<()> {
        self.timeline.seek_time(time(time_ms)?).map_err(thrown)
    }

    /// The last recorded step of the current branch at or before a time.
    #[wasm_bindgen(js_name = stepAt)]
    pub fn step_at(&self, time_ms: f64) -> JsResult<u32> {
        Ok(self.timeline.step_at(time(time_ms)?))
    }
}

/// Acting.
#[wasm_bindgen]
impl Simulation {
    /// Carries out an action now. In the past it opens a new branch and leaves the old one untouched.
    #[wasm_bindgen(unchecked_return_type = "ActOutcome")]
    pub fn act(&mut self, #[wasm_bindgen(unchecked_param_type = "Action")] action: &JsValue) -> JsResult<JsValue> {
        act::carry_out(&mut self.timeline, action)
    }

    /// Opens a branch at the present moment; returns its number.
    pub fn fork(&mut self) -> JsResult<u32> {
        Ok(self.timeline.fork().map_err(thrown)?.0 as u32)
    }

    /// All branches.
    #[wasm_bindgen(unchecked_return_type = "BranchView[]")]
    pub fn branches(&self) -> JsResult<JsValue> {
        to_js(&views::branches(&self.timeline))
    }

    /// Looks at another branch: at its end, or after `step` steps.
    #[wasm_bindgen(js_name = switchBranch)]
    pub fn switch_branch(&mut self, id: u32, step: Option<u32>) -> JsResult<()> {
        self.timeline.switch_branch(BranchId(id as usize), step).map_err(thrown)
    }
}

fn draw_seed() -> JsResult<u64> {
    let seed = getrandom::u64().map_err(|error| JsValue::from_str(&error.to_string()))?;
    Ok(seed & limits::MAX_SEED)
}
