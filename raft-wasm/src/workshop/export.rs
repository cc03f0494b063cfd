//! Runs in the formats of other tools, and traces that come back.

use raft_sim::export::{Divergence, Format, Trace};
use raft_sim::{Recording, Timeline};
use serde::Serialize;
use tsify::Tsify;
use wasm_bindgen::prelude::{JsValue, wasm_bindgen};

use crate::boundary::{JsResult, json_text, thrown, to_js};

/// A recording in the format with this name: its present branch, from its start to the moment that it shows.
#[wasm_bindgen(js_name = exportRecording)]
pub fn export_recording(json: &str, format: &str) -> JsResult<String> {
    let format = Format::parse(format).map_err(thrown)?;
    let timeline = Recording::parse(json).and_then(|recording| Timeline::replay(&recording)).map_err(thrown)?;
    timeline.export_text(format).map_err(thrown)
}

/// Runs a trace again, from its scenario and its actions, and compares everything that happens.
#[wasm_bindgen(js_name = replayTrace, unchecked_return_type = "ReplayReport")]
pub fn replay_trace(json: &str) -> JsResult<JsValue> {
    let trace = Trace::parse(json).map_err(thrown)?;
    let report = trace.replay().map_err(thrown)?;
    to_js(&ReplayReport {
        steps: report.steps,
        events: report.events,
        divergence: report.divergence.map(DivergenceView::of),
        recording: json_text(trace.recording())?,
    })
}

/// What came of running a trace again.
#[derive(Serialize, Tsify)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ReplayReport {
    /// Steps that were run.
    steps: u32,
    /// Events that were compared and agree.
    events: u32,
    /// Where the trace and the run first differ; `null` if they are the same.
    #[tsify(type = "DivergenceView | null")]
    divergence: Option<DivergenceView>,
    /// The run that the trace is of, as `Cluster.load` takes it.
    recording: String,
}

/// Where a trace and the run of it first differ.
#[derive(Serialize, Tsify)]
#[serde(rename_all = "camelCase")]
pub(crate) struct DivergenceView {
    /// The number of the event; the number of all events if the difference is in what is said of the end.
    event: u32,
    /// What the trace says.
    expected: String,
    /// What happens.
    got: String,
}

impl DivergenceView {
    fn of(divergence: Divergence) -> Self {
        let Divergence { event, expected, got } = divergence;
        Self { event, expected, got }
    }
}
