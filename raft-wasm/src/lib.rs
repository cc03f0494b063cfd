//! raft-sim for JavaScript: one coarse class, typed boundary structs, one error shape.
//!
//! JavaScript pulls: nothing here calls back into it. What is drawn every frame leaves as one flat array of numbers
//! ([`Simulation::frame`]); everything else as plain objects. Arguments are taken as they come, since wasm turns whatever it
//! gets into a number: `engine.ts` checks them before.

mod contrast;
mod error;
mod export;
mod frame;
mod views;
mod vocabulary;

use raft_sim::{
    Action, BranchId, ClusterConfig, Condition, EventId, Metrics, Recording, Scenario, SimError, Time, Timeline, limits,
};
use wasm_bindgen::prelude::{JsValue, wasm_bindgen};

pub use contrast::{ContrastSimulation, play_scenario, scenario_runs};
use error::{json_of, thrown, to_js};

/// Smaller and, for the many short-lived blocks of a simulation, faster than the default allocator of wasm.
#[cfg(target_arch = "wasm32")]
#[global_allocator]
static ALLOCATOR: talc::wasm::WasmDynamicTalc = talc::wasm::new_wasm_dynamic_allocator();

/// A cluster and its timeline.
#[wasm_bindgen]
pub struct Simulation {
    timeline: Timeline,
}

type JsResult<T> = Result<T, JsValue>;

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
        serde_json::to_string(&self.timeline.record()).map_err(|error| JsValue::from_str(&error.to_string()))
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
        let action = Action::parse(&json_of(action)?).map_err(thrown)?;
        let before = self.timeline.current();
        let outcome = self.timeline.act(&action).map_err(thrown)?;
        let branch = self.timeline.current();
        to_js(&views::ActOutcome {
            branch: branch.0,
            forked: branch != before,
            first_event: outcome.event.0,
            message: outcome.message,
            index: outcome.index,
            operation: outcome.operation.map(|operation| operation.0),
        })
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

/// Looking.
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
    #[wasm_bindgen(unchecked_return_type = "ServerView")]
    pub fn inspect(&self, server: u32) -> JsResult<JsValue> {
        to_js(&views::server(self.timeline.world(), self.server(server)?))
    }

    /// The messages in flight, oldest first.
    #[wasm_bindgen(unchecked_return_type = "MessageView[]")]
    pub fn messages(&self) -> JsResult<JsValue> {
        to_js(&views::messages(self.timeline.world()))
    }

    /// At most `limit` events from one on, up to the present moment.
    #[wasm_bindgen(unchecked_return_type = "EventView[]")]
    pub fn events(&self, first_id: u32, limit: u32) -> JsResult<JsValue> {
        let events = self.timeline.events(EventId(first_id), limit as usize);
        let events: Vec<_> = events.map(|(id, event)| views::event(self.timeline.world(), id, &event)).collect();
        to_js(&events)
    }

    /// The chain of causes of an event, the first cause first.
    #[wasm_bindgen(unchecked_return_type = "EventView[]")]
    pub fn explain(&self, event: u32) -> JsResult<JsValue> {
        let chain = self.timeline.explain(EventId(event)).map_err(thrown)?;
        let views: Vec<_> = chain
            .into_iter()
            .filter_map(|id| Some(views::event(self.timeline.world(), id, &self.timeline.event(id)?)))
            .collect();
        to_js(&views)
    }

    /// What the checker found, up to the present moment.
    #[wasm_bindgen(unchecked_return_type = "ViolationView[]")]
    pub fn violations(&self) -> JsResult<JsValue> {
        to_js(&views::violations(self.timeline.world()))
    }

    /// What a reader may want to jump to, on the whole branch.
    #[wasm_bindgen(unchecked_return_type = "Marker[]")]
    pub fn markers(&self) -> JsResult<JsValue> {
        to_js(&views::markers(&self.timeline))
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

    /// What did not go as the scenario says, up to the present moment, for a person to read.
    pub fn problems(&self) -> Vec<String> {
        self.timeline.scenario().problems(self.timeline.world())
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

/// Stops the module where it stands, as a bug would; for tests of what a page does then.
#[wasm_bindgen(js_name = panicForTest)]
pub fn panic_for_test() {
    panic!("a panic was asked for");
}

/// Reports panics to the console with their place, since a trap alone says nothing.
#[wasm_bindgen(start)]
pub fn start() {
    std::panic::set_hook(Box::new(|info| web_sys::console::error_1(&format!("raft-playground: {info}").into())));
}

fn time(ms: f64) -> JsResult<Time> {
    Time::from_ms(ms).ok_or_else(|| {
        let message = format!("a time is a number of milliseconds from 0 to {}, not {ms}", limits::MAX_TIME_MS);
        thrown(SimError::new(raft_sim::ErrorCode::OutOfRange, message))
    })
}

fn draw_seed() -> JsResult<u64> {
    let seed = getrandom::u64().map_err(|error| JsValue::from_str(&error.to_string()))?;
    Ok(seed & limits::MAX_SEED)
}
