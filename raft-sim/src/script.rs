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
#[cfg_attr(test, derive(schemars::JsonSchema))]
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
#[cfg_attr(test, derive(schemars::JsonSchema))]
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
    /// What must be true then, while the scenario's rule is on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expect: Option<Condition>,
    /// What must be true then, with the scenario's rule switched off. Without it nothing is asked of that run.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expect_off: Option<Condition>,
    /// What must be true all the while, from the end of the line before on, while the scenario's rule is on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub meanwhile: Option<Condition>,
    /// What must be true all the while, with the scenario's rule switched off.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub meanwhile_off: Option<Condition>,
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

impl ScriptStep {
    /// Its conditions, with the names of their fields.
    pub(crate) fn conditions(&self) -> impl Iterator<Item = (&'static str, &Condition)> {
        let named = [
            ("when", &self.when),
            ("expect", &self.expect),
            ("expectOff", &self.expect_off),
            ("meanwhile", &self.meanwhile),
            ("meanwhileOff", &self.meanwhile_off),
        ];
        named.into_iter().filter_map(|(name, condition)| Some((name, condition.as_ref()?)))
    }
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
        if self.is_off(rules) { line.expect_off.as_ref() } else { line.expect.as_ref() }
    }

    /// What must be true while a line waits, given the rules that are on.
    pub fn meanwhile<'a>(&self, line: &'a ScriptStep, rules: RuleSet) -> Option<&'a Condition> {
        if self.is_off(rules) { line.meanwhile_off.as_ref() } else { line.meanwhile.as_ref() }
    }

    /// Whether the rule that the script is about is off.
    fn is_off(&self, rules: RuleSet) -> bool {
        self.rule.is_some_and(|rule| !rules.has(rule))
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
        if is_disappointed(world, line) {
            return world.now();
        }
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
    if is_disappointed(world, &line) {
        decide(world, false, Some("what must be true all the while was not".into()));
        return end(world);
    }
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
    let (cursor, rules) = (world.script(), world.rules());
    let expected = cursor.expected(&line, rules);
    if expected.is_some() || cursor.meanwhile(&line, rules).is_some() {
        let held = expected.is_none_or(|expected| world.holds(expected));
        decide(world, held, None);
    }
    let now = world.now();
    let cursor = world.script_mut();
    cursor.position += 1;
    cursor.since = now;
    update(world);
}

/// Whether something is not true that a line needs all the while that it waits.
fn is_disappointed(world: &impl Course, line: &ScriptStep) -> bool {
    world.script().meanwhile(line, world.rules()).is_some_and(|condition| !world.holds(condition))
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
            meanwhile: object.optional("meanwhile")?,
            meanwhile_off: object.optional("meanwhileOff")?,
            caption: object.optional("caption")?,
        };
        object.finish()?;
        Ok(line)
    }
}
