//! Looking at a cluster.

use raft_sim::{EventId, Metrics};
use wasm_bindgen::prelude::{JsValue, wasm_bindgen};

use super::{Simulation, frame, views, vocabulary};
use crate::boundary::{JsResult, thrown, time, to_js};

#[wasm_bindgen]
impl Simulation {
    /// The present moment as a flat array; `frameLayout` names its numbers.
    pub fn frame(&self) -> Vec<f64> {
        frame::encode(&self.timeline)
    }

    /// The names of the numbers of a frame, in order.
    #[wasm_bindgen(js_name = frameLayout, unchecked_return_type = "FrameLayout")]
    pub fn frame_layout() -> JsResult<JsValue> {
        to_js(&frame::FrameLayout::default())
    }

    /// A stretch of a server's log; of a crashed server's disk.
    #[wasm_bindgen(unchecked_return_type = "LogWindow")]
    pub fn log(&self, server: u32, first_index: u32, count: u32) -> JsResult<JsValue> {
        to_js(&views::log(self.server(server)?, first_index, count))
    }

    /// Everything about one server.
    #[wasm_bindgen(unchecked_return_type = "ServerRecord")]
    pub fn inspect(&self, server: u32) -> JsResult<JsValue> {
        to_js(&views::server(self.timeline.world(), self.server(server)?))
    }

    /// The messages in flight, oldest first.
    #[wasm_bindgen(unchecked_return_type = "MessageRecord[]")]
    pub fn messages(&self) -> JsResult<JsValue> {
        to_js(&views::messages(self.timeline.world()))
    }

    /// At most `limit` events from one on, up to the present moment.
    #[wasm_bindgen(unchecked_return_type = "EventRecord[]")]
    pub fn events(&self, first_id: u32, limit: u32) -> JsResult<JsValue> {
        let events = self.timeline.events(EventId(first_id), limit as usize);
        let events: Vec<_> = events.map(|(id, event)| views::event(self.timeline.world(), id, &event)).collect();
        to_js(&events)
    }

    /// The chain of causes of an event, the first cause first.
    #[wasm_bindgen(unchecked_return_type = "EventRecord[]")]
    pub fn explain(&self, event: u32) -> JsResult<JsValue> {
        let chain = self.timeline.explain(EventId(event)).map_err(thrown)?;
        let views: Vec<_> = chain
            .into_iter()
            .filter_map(|id| Some(views::event(self.timeline.world(), id, &self.timeline.event(id)?)))
            .collect();
        to_js(&views)
    }

    /// What the checker found, up to the present moment.
    #[wasm_bindgen(unchecked_return_type = "ViolationRecord[]")]
    pub fn violations(&self) -> JsResult<JsValue> {
        to_js(&views::violations(self.timeline.world()))
    }

    /// What a reader may want to jump to, on the whole branch from an event on; commitments only if they are wanted.
    #[wasm_bindgen(unchecked_return_type = "MarkerRecord[]")]
    pub fn markers(&self, since: u32, commits: bool) -> JsResult<JsValue> {
        to_js(&views::markers(&self.timeline, EventId(since), commits))
    }

    /// The expectations of the scenario, as far as they are decided.
    #[wasm_bindgen(unchecked_return_type = "ExpectationView[]")]
    pub fn expectations(&self) -> JsResult<JsValue> {
        to_js(&views::expectations(self.timeline.world()))
    }

    /// All runs of the experiment: with its variants, with and without its rule.
    #[wasm_bindgen(unchecked_return_type = "Run[]")]
    pub fn runs(&self) -> JsResult<JsValue> {
        to_js(&self.timeline.scenario().runs().collect::<Vec<_>>())
    }

    /// What did not go as the scenario says, up to the present moment, for a person to read; without the violations.
    pub fn problems(&self) -> Vec<String> {
        self.timeline.scenario().problems_but_contradictions(self.timeline.world())
    }

    /// Whether violations are among the problems: not where the rule is off that the experiment is about.
    #[wasm_bindgen(js_name = mayNotBreak)]
    pub fn may_not_break(&self) -> bool {
        !self.timeline.scenario().is_rule_off(self.timeline.world())
    }

    /// What is run.
    #[wasm_bindgen(unchecked_return_type = "Scenario")]
    pub fn scenario(&self) -> JsResult<JsValue> {
        to_js(self.timeline.scenario())
    }

    /// How many lines of the script are done.
    #[wasm_bindgen(js_name = scriptPosition)]
    pub fn script_position(&self) -> u32 {
        self.timeline.world().script().position() as u32
    }

    /// What clients asked for, from operation `first_id` on, at most `limit` of them, in the order of their calls.
    #[wasm_bindgen(unchecked_return_type = "OperationView[]")]
    pub fn history(&self, first_id: u32, limit: u32) -> JsResult<JsValue> {
        to_js(&views::history(self.timeline.world(), first_id, limit))
    }

    /// What was measured up to the present position, in windows of this length.
    #[wasm_bindgen(unchecked_return_type = "MetricsReport")]
    pub fn metrics(&self, window_ms: f64) -> JsResult<JsValue> {
        to_js(&Metrics::of(&self.timeline, time(window_ms)?))
    }

    /// The names of what a reader sees, in the words of the paper and in those of etcd.
    #[wasm_bindgen(unchecked_return_type = "Vocabularies")]
    pub fn vocabularies() -> JsResult<JsValue> {
        to_js(&vocabulary::Vocabularies::default())
    }

    /// Every rule and whether it is on.
    #[wasm_bindgen(unchecked_return_type = "RuleView[]")]
    pub fn rules(&self) -> JsResult<JsValue> {
        to_js(&views::rules(self.timeline.world()))
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

impl Simulation {
    fn server(&self, id: u32) -> JsResult<&raft_sim::Server> {
        self.timeline.world().server_with_id(u64::from(id)).map_err(thrown)
    }
}
