//! Acting, in any world.

use raft_sim::{Action, Course, Timeline};
use serde::Serialize;
use tsify::Tsify;
use wasm_bindgen::prelude::JsValue;

use crate::boundary::{JsResult, json_of, thrown, to_js};

/// What an action brought about.
#[derive(Serialize, Tsify)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ActOutcome {
    /// The branch on which it happened.
    branch: usize,
    /// Whether that branch is new.
    forked: bool,
    /// The event of the action; what follows comes after it.
    first_event: u32,
    /// The message that it was about or that it made.
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<u32>,
    /// The log index of a proposed command or configuration.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[tsify(optional, type = "number")]
    index: Option<u64>,
    /// The operation of a client: its place in the history.
    #[serde(skip_serializing_if = "Option::is_none")]
    operation: Option<u32>,
}

/// Carries out an action now. In the past it opens a new branch and leaves the old one untouched.
pub(crate) fn carry_out<W: Course>(timeline: &mut Timeline<W>, action: &JsValue) -> JsResult<JsValue> {
    let action = Action::parse(&json_of(action)?).map_err(thrown)?;
    let before = timeline.current();
    let outcome = timeline.act(&action).map_err(thrown)?;
    let branch = timeline.current();
    to_js(&ActOutcome {
        branch: branch.0,
        forked: branch != before,
        first_event: outcome.event.0,
        message: outcome.message,
        index: outcome.index,
        operation: outcome.operation.map(|operation| operation.0),
    })
}
