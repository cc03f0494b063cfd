//! Runs of other designs.

use std::collections::BTreeMap;

use raft_sim::contrast::{ContrastKind, MessageName};
use raft_sim::{BranchId, ContrastWorld, Event, EventId, Recording, Scenario, Status, Timeline};
use serde::Serialize;
use tsify::Tsify;
use wasm_bindgen::prelude::{JsValue, wasm_bindgen};

use crate::act;
use crate::boundary::{JsResult, json_text, thrown, time, to_js};

/// Servers of another design and their timeline; like `Simulation`, as far as they have the same.
#[wasm_bindgen]
pub struct ContrastSimulation {
    timeline: Timeline<ContrastWorld>,
}

#[wasm_bindgen]
impl ContrastSimulation {
    /// A scenario, as JSON text.
    #[wasm_bindgen(js_name = fromScenario)]
    pub fn from_scenario(json: &str) -> JsResult<Self> {
        let timeline = Scenario::parse(json).and_then(Timeline::begin).map_err(thrown)?;
        Ok(Self { timeline })
    }

    /// What [`ContrastSimulation::save`] returned.
    pub fn load(json: &str) -> JsResult<Self> {
        let timeline = Recording::parse(json).and_then(|recording| Timeline::repeat(&recording)).map_err(thrown)?;
        Ok(Self { timeline })
    }

    /// The run with all its branches, as JSON text.
    pub fn save(&self) -> JsResult<String> {
        json_text(&self.timeline.record())
    }

    /// Executes the next step; on a recorded stretch the recorded one. `false`: nothing is left to happen.
    pub fn step(&mut self) -> bool {
        self.timeline.step()
    }

    /// Executes every step due up to a time, at most `max_steps`, and shows that time. Returns the number of steps.
    #[wasm_bindgen(js_name = advanceTo)]
    pub fn advance_to(&mut self, time_ms: f64, max_steps: u32) -> JsResult<u32> {
        Ok(self.timeline.advance_to(time(time_ms)?, max_steps as usize) as u32)
    }

    /// Looks at the moment after `step` steps of the current branch.
    pub fn seek(&mut self, step: u32) -> JsResult<()> {
        self.timeline.seek(step).map_err(thrown)
    }

    /// Carries out an action now. In the past it opens a new branch and leaves the old one untouched.
    #[wasm_bindgen(unchecked_return_type = "ActOutcome")]
    pub fn act(&mut self, #[wasm_bindgen(unchecked_param_type = "Action")] action: &JsValue) -> JsResult<JsValue> {
        act::carry_out(&mut self.timeline, action)
    }

    /// Looks at another branch: at its end, or after `step` steps.
    #[wasm_bindgen(js_name = switchBranch)]
    pub fn switch_branch(&mut self, id: u32, step: Option<u32>) -> JsResult<()> {
        self.timeline.switch_branch(BranchId(id as usize), step).map_err(thrown)
    }

    /// The present moment.
    #[wasm_bindgen(unchecked_return_type = "ContrastView")]
    pub fn view(&self) -> JsResult<JsValue> {
        to_js(&view(&self.timeline))
    }

    /// At most `limit` events from one on, up to the present moment.
    #[wasm_bindgen(unchecked_return_type = "ContrastEventView[]")]
    pub fn events(&self, first_id: u32, limit: u32) -> JsResult<JsValue> {
        let events = self.timeline.events(EventId(first_id), limit as usize);
        let events: Vec<_> = events.map(|(id, event)| event_view(self.timeline.world(), id, &event)).collect();
        to_js(&events)
    }

    /// What is run.
    #[wasm_bindgen(unchecked_return_type = "Scenario")]
    pub fn scenario(&self) -> JsResult<JsValue> {
        to_js(self.timeline.scenario())
    }

    /// A hash of everything that can still make a difference, as 16 hex digits; equal on every machine.
    #[wasm_bindgen(js_name = stateHash)]
    pub fn state_hash(&self) -> String {
        format!("{:016x}", self.timeline.world().state_hash())
    }

    /// A hash of everything that happened, as 16 hex digits; equal on every machine.
    #[wasm_bindgen(js_name = traceHash)]
    pub fn trace_hash(&self) -> String {
        format!("{:016x}", self.timeline.world().trace_hash())
    }
}

/// Servers of another design at one moment.
#[derive(Serialize, Tsify)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ContrastView {
    time_ms: f64,
    step: u32,
    head_step: u32,
    branch: usize,
    servers: Vec<ContrastServerView>,
    /// In flight, oldest first.
    messages: Vec<ContrastMessageView>,
    /// How many lines of the script are done.
    script_position: usize,
    stale_reads: u32,
    conflicts: u32,
}

/// One server of another design.
#[derive(Serialize, Tsify)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ContrastServerView {
    id: f64,
    #[tsify(type = "'up' | 'crashed' | 'paused'")]
    status: &'static str,
    is_primary: bool,
    /// Under which primary it lives, by number; `null` where there is no primary.
    #[tsify(type = "number | null")]
    epoch: Option<f64>,
    /// Its own copies.
    state: BTreeMap<String, String>,
}

/// A message between servers of another design.
#[derive(Serialize, Tsify)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ContrastMessageView {
    id: u32,
    kind: &'static str,
    from: f64,
    to: f64,
    about: String,
    sent_ms: f64,
    /// `null` while it is held.
    #[tsify(type = "number | null")]
    arrives_ms: Option<f64>,
}

/// Something that happened.
#[derive(Serialize, Tsify)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ContrastEventView {
    id: u32,
    time_ms: f64,
    step: u32,
    name: &'static str,
    #[tsify(type = "number | null")]
    cause: Option<u32>,
    #[tsify(type = "number | null")]
    server: Option<f64>,
    sentence: String,
}

fn view(timeline: &Timeline<ContrastWorld>) -> ContrastView {
    let world = timeline.world();
    let servers = world.servers().iter().map(|server| ContrastServerView {
        id: server.id().0 as f64,
        status: match server.status() {
            Status::Up => "up",
            Status::Crashed => "crashed",
            Status::Paused => "paused",
        },
        is_primary: server.is_primary(),
        epoch: server.reign().map(|reign| reign.epoch as f64),
        state: server.state().map(|(key, value)| (key.to_string(), value.to_string())).collect(),
    });
    let messages = world.messages().into_iter().map(|in_flight| ContrastMessageView {
        id: in_flight.id.0,
        kind: match in_flight.message.name() {
            MessageName::Store => "Store",
            MessageName::Stored => "Stored",
            MessageName::Fetch => "Fetch",
            MessageName::Fetched => "Fetched",
            MessageName::Mirror => "Mirror",
        },
        from: in_flight.message.from.0 as f64,
        to: in_flight.message.to.0 as f64,
        about: in_flight.message.about(),
        sent_ms: in_flight.sent_at.ms(),
        arrives_ms: in_flight.arrives_at.map(raft_sim::Time::ms),
    });
    let tally = world.tally();
    ContrastView {
        time_ms: timeline.shown().ms(),
        step: world.steps(),
        head_step: timeline.branch().head_step(),
        branch: timeline.current().0,
        servers: servers.collect(),
        messages: messages.collect(),
        script_position: world.script().position(),
        stale_reads: tally.stale_reads,
        conflicts: tally.conflicts,
    }
}

fn event_view(world: &ContrastWorld, id: EventId, event: &Event<ContrastKind>) -> ContrastEventView {
    ContrastEventView {
        id: id.0,
        time_ms: event.time.ms(),
        step: event.step,
        name: event.kind.name(),
        cause: event.cause().map(|cause| cause.0),
        server: event.server().map(|server| server.0 as f64),
        sentence: world.sentence(event),
    }
}
