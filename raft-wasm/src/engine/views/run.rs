//! The run as a whole: branches, expectations and rules, as plain objects.

use raft_sim::{RuleName, Timeline, World};
use serde::Serialize;
use tsify::Tsify;

/// How a run up to a condition ended.
#[derive(Serialize, Tsify)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RunOutcome {
    /// Whether the condition holds.
    pub(crate) held: bool,
    /// The number of steps.
    pub(crate) steps: u32,
}

/// One branch of the timeline.
#[derive(Serialize, Tsify)]
#[serde(rename_all = "camelCase")]
pub(crate) struct BranchView {
    id: usize,
    #[tsify(type = "number | null")]
    parent: Option<usize>,
    fork_step: u32,
    head_step: u32,
    end_time_ms: f64,
    current: bool,
    name: String,
}

/// How an expectation of the scenario turned out.
#[derive(Serialize, Tsify)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ExpectationView {
    text: String,
    #[tsify(type = "'pending' | 'held' | 'failed'")]
    result: &'static str,
    #[tsify(type = "number | null")]
    step: Option<u32>,
}

/// A rule and whether it is on.
#[derive(Serialize, Tsify)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RuleView {
    name: RuleName,
    /// Without a rule of `raft` the protocol is no longer Raft, and the page says so. The rules of the `world` are about
    /// the servers around it.
    #[tsify(type = "'raft' | 'world'")]
    kind: &'static str,
    on: bool,
    section: &'static str,
    protects: &'static str,
}

pub(crate) fn branches(timeline: &Timeline) -> Vec<BranchView> {
    let views = timeline.branches().iter().enumerate().map(|(id, branch)| BranchView {
        id,
        parent: branch.origin.map(|(parent, _)| parent.0),
        fork_step: branch.origin.map_or(0, |(_, step)| step),
        head_step: branch.head_step(),
        end_time_ms: branch.end_time().ms(),
        current: timeline.current().0 == id,
        name: branch.name.clone(),
    });
    views.collect()
}

pub(crate) fn expectations(world: &World) -> Vec<ExpectationView> {
    let results = world.script().results();
    let lines = world.script().lines().iter().enumerate().filter_map(|(number, line)| {
        let result = results.iter().find(|result| result.line == number);
        let (script, rules) = (world.script(), world.rules());
        let expected = script.expected(line, rules).or_else(|| script.meanwhile(line, rules));
        let text = match (expected, result.and_then(|result| result.problem.as_ref())) {
            (_, Some(problem)) => problem.clone(),
            (Some(expected), None) => expected.to_string(),
            (None, None) => return None,
        };
        Some(ExpectationView {
            text,
            result: result.map_or("pending", |result| if result.held { "held" } else { "failed" }),
            step: result.map(|result| result.step),
        })
    });
    lines.collect()
}

pub(crate) fn rules(world: &World) -> Vec<RuleView> {
    let views = RuleName::ALL.iter().map(|&rule| RuleView {
        name: rule,
        kind: if rule.rule().is_ok() { "raft" } else { "world" },
        on: world.rules().has(rule),
        section: rule.section(),
        protects: rule.protects(),
    });
    views.collect()
}
