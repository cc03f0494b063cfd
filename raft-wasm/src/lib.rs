//! raft-sim for JavaScript.
use wasm_bindgen::prelude::wasm_bindgen;

/// A cluster and its timeline.
#[wasm_bindgen]
#[derive(Debug, Default)]
pub struct Simulation {}

#[wasm_bindgen]
impl Simulation {
    /// A new cluster.
    #[wasm_bindgen(constructor)]
    pub fn new() -> Self {
        Self {}
    }
}
