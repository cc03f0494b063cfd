//! The world of Raft as timelines and scripts see it.

use raft_core::Event as NodeEvent;

use super::{ActOutcome, World};
use crate::action::Action;
use crate::breaks::Breaks;
use crate::condition::Condition;
use crate::course::{Course, Landmark};
use crate::error::SimError;
use crate::event::{Event, EventKind, Level};
use crate::rules::RuleSet;
use crate::scenario::Scenario;
use crate::script::Cursor;
use crate::time::Time;

impl Course for World {
    type Kind = EventKind;

    fn begin(scenario: &Scenario) -> Result<Self, SimError> {
        Self::new(scenario)
    }

    fn now(&self) -> Time {
        Self::now(self)
    }

    fn steps(&self) -> u32 {
        Self::steps(self)
    }

    fn events(&self) -> u32 {
        Self::events(self)
    }

    fn next_time(&self) -> Option<Time> {
        Self::next_time(self)
    }

    fn step_until(&mut self, limit: Time, out: &mut Vec<Event>) -> bool {
        Self::step_until(self, limit, out)
    }

    fn check(&self, action: &Action) -> Result<(), SimError> {
        Self::check(self, action)
    }

    fn act(&mut self, action: &Action, time: Time, out: &mut Vec<Event>) -> Result<ActOutcome, SimError> {
        Self::act(self, action, time, out)
    }

    fn carry_out(&mut self, action: &Action) {
        self.carry_out_action(action);
        self.record_violations();
    }

    fn contradictions(&self) -> Vec<String> {
        self.violations().iter().map(|found| found.violation.to_string()).collect()
    }

    fn is_broken(&self, breaks: Breaks) -> bool {
        breaks.is_broken(self)
    }

    fn holds(&self, condition: &Condition) -> bool {
        condition.holds(self)
    }

    fn rules(&self) -> RuleSet {
        Self::rules(self)
    }

    fn script(&self) -> &Cursor {
        Self::script(self)
    }

    fn script_mut(&mut self) -> &mut Cursor {
        &mut self.script
    }

    fn note_expected(&mut self, number: u32, held: bool) {
        self.event(None, None, EventKind::Expected(number, held));
    }

    fn landmark(event: &Event) -> Option<Landmark> {
        let is_commit = matches!(event.kind, EventKind::Node(NodeEvent::CommitAdvanced { .. }));
        let is_one = is_commit || event.level() >= Level::Important || matches!(event.kind, EventKind::Expected(..));
        let term = match event.kind {
            EventKind::Node(NodeEvent::BecameCandidate { term }) => Some(term.0),
            _ => None,
        };
        is_one.then_some(Landmark { is_commit, term })
    }
}
