//! Whether a run went as its scenario says.

use crate::breaks::Breaks;
use crate::course::Course;
use crate::scenario::Scenario;

impl Scenario {
    /// What did not go as the scenario says in a run of it, for a person to read; nothing if all went well.
    ///
    /// Every expectation must hold. With the rule that the experiment is about, no invariant may be violated, and what would
    /// break without the rule must not be broken; without the rule it must be. A run that is about no rule but says what
    /// breaks leaves the bounds within which Raft promises anything, and breaks it.
    pub fn problems(&self, world: &impl Course) -> Vec<String> {
        let mut problems = self.problems_but_contradictions(world);
        if !self.is_rule_off(world) {
            problems.extend(world.contradictions());
        }
        problems
    }

    /// Whether this run is without the rule that the experiment is about, so that invariants may be violated.
    pub fn is_rule_off(&self, world: &impl Course) -> bool {
        self.rule.map_or(self.breaks.is_some(), |rule| !world.rules().has(rule))
    }

    /// The same without the violations, for who has these as data.
    pub fn problems_but_contradictions(&self, world: &impl Course) -> Vec<String> {
        let mut problems = Vec::new();
        let script = world.script();
        if !script.is_over() {
            problems.push(format!("the script is not over after line {}", script.position()));
        }
        for result in script.results().iter().filter(|result| !result.held) {
            let expected = script.lines().get(result.line).and_then(|line| script.expected(line, world.rules()));
            let expected = expected.map_or_else(String::new, ToString::to_string);
            problems.push(format!("line {}: {}", result.line, result.problem.as_ref().unwrap_or(&expected)));
        }
        let is_off = self.is_rule_off(world);
        match self.breaks {
            None if is_off => problems.push("the scenario does not say what breaks without the rule".into()),
            Some(breaks) if is_off && !world.is_broken(breaks) => {
                problems.push(format!("{} is not broken without the rule", breaks.id()));
            }
            Some(breaks @ (Breaks::Liveness(_) | Breaks::Habit(_) | Breaks::Level(_)))
                if !is_off && world.is_broken(breaks) =>
            {
                problems.push(format!("{} is broken in spite of the rule", breaks.id()));
            }
            _ => {}
        }
        problems
    }
}
