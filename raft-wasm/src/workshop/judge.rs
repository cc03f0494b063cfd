//! The judges of what clients saw.

#![allow(clippy::needless_pass_by_value, reason = "a text that may be missing comes from JavaScript by value")]

use raft_sim::judge::{DEFAULT_BUDGET, Expected, History, Ladder, Level, Verdict, clients_of};
use raft_sim::{ContrastWorld, Operation, Recording, Timeline};
use serde::Serialize;
use tsify::Tsify;
use wasm_bindgen::prelude::{JsValue, wasm_bindgen};

use crate::boundary::{JsResult, thrown, to_js};

/// What the judges say about a history of clients.
#[derive(Serialize, Tsify)]
#[serde(rename_all = "camelCase")]
pub(crate) struct HistoryReport {
    /// What the history is called.
    name: String,
    /// The number of operations.
    operations: usize,
    /// The names of the clients, by number; empty if they have none.
    clients: Vec<String>,
    /// What the author of the history says: whether it is linearizable.
    #[serde(skip_serializing_if = "Option::is_none")]
    expected: Option<bool>,
    /// The verdict of each level that was asked for, from strong to weak.
    levels: Vec<LevelReport>,
}

/// Whether a history can be explained at a level of consistency.
#[derive(Serialize, Tsify)]
#[serde(rename_all = "camelCase")]
struct LevelReport {
    level: Level,
    /// It can, it cannot, or the budget was used up first.
    #[tsify(type = "'holds' | 'violated' | 'exhausted'")]
    verdict: &'static str,
    /// About which key, if it is about one.
    #[serde(skip_serializing_if = "Option::is_none")]
    key: Option<String>,
    /// The numbers of the operations that contradict each other, or of which none can come next.
    operations: Vec<u64>,
    /// The longest legal order that was found, as numbers of operations. Empty if none was looked for.
    prefix: Vec<u64>,
    /// What is wrong, in sentences. Empty if nothing is.
    words: String,
    /// In which order the operations took effect. Empty if the judge needed none.
    witness: Vec<OrderReport>,
}

/// An order of operations that explains what clients saw.
#[derive(Serialize, Tsify)]
struct OrderReport {
    /// Of which key; without one, of all.
    #[serde(skip_serializing_if = "Option::is_none")]
    key: Option<String>,
    /// The numbers of the operations.
    operations: Vec<u64>,
}

/// A history on its way through the levels of consistency.
#[wasm_bindgen]
pub struct Judging {
    history: History,
    clients: Vec<String>,
    /// The only level that was asked for.
    only: Option<Level>,
    budget: u64,
    verdicts: Vec<(Level, Verdict)>,
}

#[wasm_bindgen]
impl Judging {
    /// A history of clients, as JSON lines or Jepsen's EDN: at one level, by its name, or at all of them. At most `budget` steps
    /// are spent on each level.
    #[wasm_bindgen(js_name = ofHistory)]
    pub fn of_history(text: &str, level: Option<String>, budget: Option<f64>) -> JsResult<Self> {
        Self::begin(History::parse(text).map_err(thrown)?, Vec::new(), level.as_deref(), budget)
    }

    /// What clients saw in a recording up to the moment that it shows, whatever design its servers follow. An operation has the
    /// number of its place in the history.
    #[wasm_bindgen(js_name = ofRecording)]
    pub fn of_recording(json: &str, level: Option<String>, budget: Option<f64>) -> JsResult<Self> {
        let recording = Recording::parse(json).map_err(thrown)?;
        let (history, clients) = if recording.scenario().cluster.design.is_raft() {
            let timeline = Timeline::replay(&recording).map_err(thrown)?;
            (timeline.world().history(), names(timeline.world().operations().iter()))
        } else {
            let timeline = Timeline::<ContrastWorld>::repeat(&recording).map_err(thrown)?;
            (timeline.world().history(), names(timeline.world().operations().iter()))
        };
        Self::begin(history, clients, level.as_deref(), budget)
    }

    /// Judges at the next level. `false`: there was none left.
    pub fn advance(&mut self) -> bool {
        let next = match self.only {
            None => Ladder::next(&self.history, self.budget, &self.verdicts),
            Some(level) if self.verdicts.is_empty() => Some((level, level.judge(&self.history, self.budget))),
            Some(_) => None,
        };
        let is_one = next.is_some();
        self.verdicts.extend(next);
        is_one
    }

    /// What was found so far.
    #[wasm_bindgen(unchecked_return_type = "HistoryReport")]
    pub fn report(&self) -> JsResult<JsValue> {
        to_js(&HistoryReport {
            name: self.history.name.clone(),
            operations: self.history.operations.len(),
            clients: self.clients.clone(),
            expected: self.history.expected.map(|expected| expected == Expected::Ok),
            levels: self.verdicts.iter().map(|(level, verdict)| LevelReport::of(*level, verdict.clone())).collect(),
        })
    }
}

impl Judging {
    fn begin(history: History, clients: Vec<String>, level: Option<&str>, budget: Option<f64>) -> JsResult<Self> {
        let only = level.map(Level::named).transpose().map_err(thrown)?;
        // What is no number of steps counts as none; `workshop.ts` says so before.
        let budget = budget.map_or(DEFAULT_BUDGET, |budget| budget as u64);
        Ok(Self { history, clients, only, budget, verdicts: Vec::new() })
    }
}

fn names<'a>(operations: impl Iterator<Item = &'a Operation>) -> Vec<String> {
    clients_of(operations).iter().map(ToString::to_string).collect()
}

impl LevelReport {
    fn of(level: Level, verdict: Verdict) -> Self {
        let text = |key: &std::sync::Arc<str>| key.to_string();
        let mut report = Self {
            level,
            verdict: "holds",
            key: None,
            operations: Vec::new(),
            prefix: Vec::new(),
            words: String::new(),
            witness: Vec::new(),
        };
        match verdict {
            Verdict::Holds { witness } => {
                let orders = witness.into_iter();
                let orders =
                    orders.map(|order| OrderReport { key: order.key.as_ref().map(text), operations: order.operations });
                report.witness = orders.collect();
            }
            Verdict::Violated(conflict) => {
                report.verdict = "violated";
                report.key = conflict.key.as_ref().map(text);
                (report.operations, report.prefix, report.words) =
                    (conflict.operations, conflict.prefix, conflict.words);
            }
            Verdict::Exhausted { steps, key } => {
                report.verdict = "exhausted";
                report.key = key.as_ref().map(text);
                report.words = format!("undecided after {steps} steps");
            }
        }
        report
    }
}
