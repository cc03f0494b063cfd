//! This world as timelines and scripts see it.

use super::{ContrastKind, ContrastWorld};
use crate::action::Action;
use crate::breaks::Breaks;
use crate::condition::Condition;
use crate::course::{Course, Landmark};
use crate::error::SimError;
use crate::event::{Event, Level};
use crate::rules::RuleSet;
use crate::scenario::Scenario;
use crate::script::Cursor;
use crate::time::Time;
use crate::world::ActOutcome;

impl Course for ContrastWorld {
    type Kind = ContrastKind;

    fn begin(scenario: &Scenario) -> Result<Self, SimError> {
        Self::new(scenario)
    }

    fn now(&self) -> Time {
        self.now
    }

    fn steps(&self) -> u32 {
        self.step
    }

    fn events(&self) -> u32 {
        self.next_event
    }

    fn next_time(&self) -> Option<Time> {
        self.next().map(|(time, _)| time.max(self.now))
    }

    fn step_until(&mut self, limit: Time, out: &mut Vec<Event<ContrastKind>>) -> bool {
        let Some((time, next)) = self.next() else { return false };
        if time.max(self.now) > limit {
            return false;
        }
        self.begin_step(time);
        self.take_step(&next);
        self.finish_step(out);
        true
    }

    fn check(&self, action: &Action) -> Result<(), SimError> {
        self.check_action(action)
    }

    fn act(&mut self, action: &Action, time: Time, out: &mut Vec<Event<ContrastKind>>) -> Result<ActOutcome, SimError> {
        self.check_action(action)?;
        self.begin_step(time);
        let outcome = self.carry_out_action(action);
        self.finish_step(out);
        Ok(outcome)
    }

    fn carry_out(&mut self, action: &Action) {
        self.carry_out_action(action);
    }

    fn contradictions(&self) -> Vec<String> {
        Vec::new()
    }

    fn is_broken(&self, breaks: Breaks) -> bool {
        // The rules are those of Raft; without one, only what clients see and the expectations of a run can be wrong.
        match breaks {
            Breaks::Level(level) => self.history().keeps(level) == Some(false),
            other => other == Breaks::Expectation,
        }
    }

    fn holds(&self, condition: &Condition) -> bool {
        super::super::conditions::holds(condition, self)
    }

    fn rules(&self) -> RuleSet {
        RuleSet::default()
    }

    fn script(&self) -> &Cursor {
        &self.script
    }

    fn script_mut(&mut self) -> &mut Cursor {
        &mut self.script
    }

    fn note_expected(&mut self, number: u32, held: bool) {
        self.event(None, None, ContrastKind::Expected(number, held));
    }

    fn landmark(event: &Event<ContrastKind>) -> Option<Landmark> {
        let is_one = event.kind.level() >= Level::Important || matches!(event.kind, ContrastKind::Expected(..));
        is_one.then(Landmark::default)
    }
}
