//! Runs in the formats of other tools.

use raft_sim::export::Format;
use wasm_bindgen::prelude::wasm_bindgen;

use crate::error::thrown;
use crate::{JsResult, Simulation};

#[wasm_bindgen]
impl Simulation {
    /// The present branch, from its start to the present moment, in the format with this name.
    pub fn export(&self, format: &str) -> JsResult<String> {
        let format = Format::parse(format).map_err(thrown)?;
        self.timeline.export_text(format).map_err(thrown)
    }
}
