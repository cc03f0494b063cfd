//! Any scenario, played to its end.

use raft_sim::{Expected, Lab, Scenario};
use serde::Serialize;
use tsify::Tsify;
use wasm_bindgen::prelude::{JsValue, wasm_bindgen};

use crate::boundary::{JsResult, thrown, to_js};

/// Any scenario on its way to the end of its script, whatever design its servers follow.
#[wasm_bindgen]
pub struct Playing {
    lab: Lab,
}

#[wasm_bindgen]
impl Playing {
    /// The start of a scenario, as JSON text.
    pub fn create(json: &str) -> JsResult<Self> {
        Ok(Self { lab: Scenario::parse(json).and_then(Lab::new).map_err(thrown)? })
    }

    /// Executes at most `steps` steps. `false`: the script is over, or nothing is left to happen.
    pub fn advance(&mut self, steps: u32) -> bool {
        let before = self.lab.steps();
        !self.lab.run_script(steps as usize) && self.lab.steps() > before
    }

    /// Number of steps so far.
    pub fn steps(&self) -> u32 {
        self.lab.steps()
    }

    /// How it went.
    #[wasm_bindgen(unchecked_return_type = "PlayedScenario")]
    pub fn report(&self) -> JsResult<JsValue> {
        let lab = &self.lab;
        to_js(&PlayedScenario {
            steps: lab.steps(),
            events: lab.events(),
            time_ms: lab.now().ms(),
            is_over: lab.script().is_over(),
            problems: lab.problems(),
            expectations: lab.script().results().iter().map(outcome_view).collect(),
            trace_hash: format!("{:016x}", lab.trace_hash()),
            state_hash: format!("{:016x}", lab.state_hash()),
        })
    }
}

/// All runs of an experiment, whatever design its servers follow: with its variants, with and without its rule.
#[wasm_bindgen(js_name = scenarioRuns, unchecked_return_type = "Run[]")]
pub fn scenario_runs(json: &str) -> JsResult<JsValue> {
    to_js(&Scenario::parse(json).map_err(thrown)?.runs().collect::<Vec<_>>())
}

/// How a scenario ended.
#[derive(Serialize, Tsify)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PlayedScenario {
    steps: u32,
    events: u32,
    time_ms: f64,
    /// Whether every line of the script was done.
    is_over: bool,
    /// What did not go as the scenario says; empty if all went well.
    problems: Vec<String>,
    expectations: Vec<ExpectationOutcome>,
    trace_hash: String,
    state_hash: String,
}

/// How an expectation of a scenario turned out.
#[derive(Serialize, Tsify)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ExpectationOutcome {
    /// The line of the script, from 0.
    line: usize,
    held: bool,
    step: u32,
    /// What stood in the way, if not the condition itself.
    #[tsify(type = "string | null")]
    problem: Option<String>,
}

fn outcome_view(result: &Expected) -> ExpectationOutcome {
    let Expected { line, held, step, problem } = result.clone();
    ExpectationOutcome { line, held, step, problem }
}
