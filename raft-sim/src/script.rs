//! The script of a scenario: what is done when, what is waited for, and what must be true.

use std::sync::Arc;

use serde::Serialize;
use serde_json::Value;

use crate::action::Action;
use crate::condition::Condition;
use crate::course::Course;
use crate::document::{FromJson, Object};
use crate::error::SimError;
use crate::rules::{RuleName, RuleSet};
use crate::time::Time;

/// How long a line waits for its condition unless it says otherwise.
const DEFAULT_PATIENCE: Time = Time(10_000_000);

/// A text in English and, if translated, in Simplified Chinese.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "ts", derive(tsify::Tsify))]
pub struct Text {
    /// English.
    pub en: String,
    /// 简体中文.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub zh: Option<String>,
}

/// One line of a script. Lines run one after the other.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[cfg_attr(feature = "ts", derive(tsify::Tsify))]
#[serde(rename_all = "camelCase")]
pub struct ScriptStep {
    /// Not before this time of the run.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "ts", tsify(optional, type = "number"))]
    pub at_ms: Option<Time>,
    /// Not before this long after the line before.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "ts", tsify(optional, type = "number"))]
    pub after_ms: Option<Time>,
    /// Not before this is true.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub when: Option<Condition>,
    /// If it is not true after this long, the run has failed. Default 10,000.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "ts", tsify(optional, type = "number"))]
    pub within_ms: Option<Time>,
    /// What is done.
    #[serde(rename = "do", skip_serializing_if = "Option::is_none")]
    pub action: Option<Action>,
    /// What must be true then, while all rules are on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expect: Option<Condition>,
    /// What must be true then, with the scenario's rule switched off. Without it nothing is asked of that run.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expect_off: Option<Condition>,
    /// What the reader should notice.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub caption: Option<Text>,
}

/// A script and how far it is.
#[derive(Clone, Debug)]
pub struct Cursor {
    lines: Arc<[ScriptStep]>,
    /// The rule that the script is about.
    rule: Option<RuleName>,
    position: usize,
    /// When the line before was done.
    since: Time,
    due: Option<Time>,
    results: Vec<Expected>,
}

/// How an expectation turned out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expected {
    /// The line of the script, from 0.
    pub line: usize,
    /// Whether it held.
    pub held: bool,
    /// In which step it was decided.
    pub step: u32,
    /// What stood in the way, for a person to read.
    pub problem: Option<String>,
}

impl Cursor {
    pub(crate) const fn new(lines: Arc<[ScriptStep]>, rule: Option<RuleName>) -> Self {
        Self { lines, rule, position: 0, since: Time(0), due: None, results: Vec::new() }
    }

    /// The lines.
    pub fn lines(&self) -> &[ScriptStep] {
        &self.lines
    }

    /// The number of lines that are done.
    pub const fn position(&self) -> usize {
        self.position
    }

    /// Whether every line is done.
    pub fn is_over(&self) -> bool {
        self.position == self.lines.len()
    }

    /// How the expectations so far turned out.
    pub fn results(&self) -> &[Expected] {
        &self.results
    }

    /// What a line expects, given the rules that are on.
    pub fn expected<'a>(&self, line: &'a ScriptStep, rules: RuleSet) -> Option<&'a Condition> {
        let is_off = self.rule.is_some_and(|rule| !rules.has(rule));
        if is_off { line.expect_off.as_ref() } else { line.expect.as_ref() }
    }

    pub(crate) const fn due(&self) -> Option<Time> {
        self.due
    }

    pub(crate) fn is_waiting(&self) -> bool {
        !self.is_over()
    }

    fn line(&self) -> Option<&ScriptStep> {
        self.lines.get(self.position)
    }

    fn not_before(&self, line: &ScriptStep) -> Time {
        let after = line.after_ms.map_or(self.since, |span| self.since.after(span));
        line.at_ms.map_or(after, |at| at.max(after))
    }

    fn deadline(&self, line: &ScriptStep) -> Time {
        self.not_before(line).after(line.within_ms.unwrap_or(DEFAULT_PATIENCE))
    }
}

/// Works out when the next line of the script is due. Called when something changed.
pub(crate) fn update(world: &mut impl Course) {
    let cursor = world.script();
    let due = cursor.line().map(|line| {
        let earliest = cursor.not_before(line);
        match &line.when {
            None => earliest,
            Some(_) if world.now() < earliest => earliest,
            Some(condition) if world.holds(condition) => world.now(),
            // Nothing but an event can make it true; then this is worked out again.
            Some(_) => cursor.deadline(line),
        }
    });
    world.script_mut().due = due;
}

/// Does the line of the script that is due.
pub(crate) fn run(world: &mut impl Course) {
    let cursor = world.script();
    let Some(line) = cursor.line().cloned() else { return };
    if let Some(condition) = &line.when
        && !world.holds(condition)
    {
        if world.now() < cursor.deadline(&line) {
            return update(world);
        }
        decide(world, false, Some("what the line waits for did not come true in time".into()));
        return end(world);
    }
    if let Some(action) = &line.action {
        if let Err(error) = world.check(action) {
            decide(world, false, Some(error.to_string()));
            return end(world);
        }
        // An expectation of this line sees what the line brought about.
        world.carry_out(action);
    }
    if let Some(expected) = world.script().expected(&line, world.rules()) {
        let held = world.holds(expected);
        decide(world, held, None);
    }
    let now = world.now();
    let cursor = world.script_mut();
    cursor.position += 1;
    cursor.since = now;
    update(world);
}

fn decide(world: &mut impl Course, held: bool, problem: Option<String>) {
    let (line, step) = (world.script().position, world.steps());
    let number = world.script().results.len() as u32;
    world.note_expected(number, held);
    world.script_mut().results.push(Expected { line, held, step, problem });
}

fn end(world: &mut impl Course) {
    let cursor = world.script_mut();
    cursor.position = cursor.lines.len();
    cursor.due = None;
}

impl FromJson for Text {
    fn from_json(value: &Value) -> Result<Self, SimError> {
        let mut object = Object::new(value)?;
        let text = Self { en: object.required("en")?, zh: object.optional("zh")? };
        object.finish()?;
        Ok(text)
    }
}

impl FromJson for ScriptStep {
    fn from_json(value: &Value) -> Result<Self, SimError> {
        let mut object = Object::new(value)?;
        let line = Self {
            at_ms: object.optional("atMs")?,
            after_ms: object.optional("afterMs")?,
            when: object.optional("when")?,
            within_ms: object.optional("withinMs")?,
            action: object.optional("do")?,
            expect: object.optional("expect")?,
            expect_off: object.optional("expectOff")?,
            caption: object.optional("caption")?,
        };
        object.finish()?;
        Ok(line)
    }
}
