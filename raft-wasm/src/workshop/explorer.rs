//! The explorer: every state that a small cluster can reach.

use raft_sim::{Counterexample, Explorer, ExplorerConfig, Invariant, Scenario};
use serde::Serialize;
use tsify::Tsify;
use wasm_bindgen::prelude::{JsValue, wasm_bindgen};

use crate::boundary::{JsResult, thrown, to_js};

/// A search through all states under way.
#[wasm_bindgen]
pub struct Exploring {
    explorer: Explorer,
}

/// The shortest way to a broken invariant.
#[derive(Serialize, Tsify)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CounterexampleView {
    /// What is broken.
    invariants: Vec<InvariantView>,
    /// Number of steps, without those of the configuration's start.
    steps: usize,
    /// What is done, as a scenario that shows the same.
    scenario: Scenario,
}

/// A promise about data.
#[derive(Serialize, Tsify)]
#[serde(rename_all = "camelCase")]
pub(crate) struct InvariantView {
    /// Its number: `I4`.
    id: &'static str,
    name: &'static str,
    statement: &'static str,
}

#[wasm_bindgen]
impl Exploring {
    /// Begins a search through what a configuration, as JSON text, allows; through `max_states` states at most.
    pub fn create(json: &str, max_states: u32) -> JsResult<Self> {
        let mut config = ExplorerConfig::parse(json).map_err(thrown)?;
        config.bounds.states = config.bounds.states.min(max_states);
        Ok(Self { explorer: Explorer::new(config).map_err(thrown)? })
    }

    /// Leaves `states` states, or all that are left.
    #[wasm_bindgen(unchecked_return_type = "ExplorerProgress")]
    pub fn advance(&mut self, states: u32) -> JsResult<JsValue> {
        to_js(&self.explorer.advance(states as usize))
    }

    /// The shortest way to what is broken; `null` if nothing was found.
    #[wasm_bindgen(unchecked_return_type = "CounterexampleView | null")]
    pub fn counterexample(&mut self) -> JsResult<JsValue> {
        to_js(&self.explorer.counterexample().map(CounterexampleView::of))
    }
}

impl CounterexampleView {
    fn of(found: Counterexample) -> Self {
        let Counterexample { invariants, steps, scenario } = found;
        let view = |invariant: Invariant| InvariantView {
            id: invariant.id(),
            name: invariant.name(),
            statement: invariant.statement(),
        };
        Self { invariants: invariants.into_iter().map(view).collect(), steps, scenario }
    }
}
