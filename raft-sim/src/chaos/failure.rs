//! A trial that went wrong, as data: what was done, to what, and which property failed.

use super::course::{Course, Source};
use super::recovery::Recovery;
use super::{Sabotage, Unhealthy};
use crate::action::{Action, MessageSelector};
use crate::breaks::Breaks;
use crate::condition::Condition;
use crate::conduct::Habit;
use crate::config::ClusterConfig;
use crate::scenario::Scenario;
use crate::script::{ScriptStep, Text};
use crate::time::Time;
use crate::world::World;

/// A run that goes wrong, and can be had again.
#[derive(Clone)]
pub struct Failure {
    pub(crate) case: Case,
    /// What is done in the phase of faults, and when.
    pub(crate) actions: Vec<(Time, Action)>,
    /// What went wrong.
    pub(crate) problem: Unhealthy,
    /// Everything that was done, healing included.
    all_actions: Vec<(Time, Action)>,
    /// What chance lost, and when it would have arrived.
    pub(crate) lost_by_chance: Vec<(Time, MessageSelector)>,
    /// When it went wrong.
    pub(crate) time: Time,
}

/// What a list of actions is done to, and how that is judged.
#[derive(Clone, Debug)]
pub(crate) struct Case {
    pub(crate) cluster: ClusterConfig,
    /// When the phase of faults ends.
    pub(crate) end: Time,
    /// Whether it is healed afterwards and must make progress.
    pub(crate) recovers: bool,
    /// How it is healed.
    pub(crate) recovery: Recovery,
    /// The habits that it must keep meanwhile.
    pub(crate) habits: Vec<Habit>,
    /// A bug that was planted.
    pub(crate) sabotage: Option<Sabotage>,
}

/// Actions from a list.
struct Listed<'a>(&'a [(Time, Action)]);

impl Source for Listed<'_> {
    fn next_time(&self) -> Option<Time> {
        self.0.first().map(|(time, _)| *time)
    }

    fn strike(&mut self, _: &World) -> Vec<Action> {
        let Some((first, _)) = self.0.first() else { return Vec::new() };
        let (now, later) = self.0.split_at(self.0.partition_point(|(time, _)| time <= first));
        self.0 = later;
        now.iter().map(|(_, action)| action.clone()).collect()
    }
}

impl Case {
    /// Does these actions; what went wrong then, if anything. Actions that are refused are left out.
    pub(crate) fn fails(&self, actions: &[(Time, Action)]) -> Option<Failure> {
        let world = World::new(&Scenario::of_cluster(self.cluster.clone())).ok()?;
        let mut course = Course::new(world, self.habits.clone());
        if let Some(sabotage) = self.sabotage {
            course.plant(sabotage);
        }
        let mut result = course.endure(&mut Listed(actions), self.end);
        let mut fault_actions = course.actions().len();
        let mut recovers = false;
        if result.is_ok() && self.recovers {
            recovers = true;
            fault_actions = course.actions().len();
            result = course.recover(&self.recovery);
        }
        let result = result.and_then(|()| course.judge());
        let case = Self { recovers, ..self.clone() };
        result.err().map(|problem| Failure::new(case, &course, fault_actions, problem))
    }
}

impl Failure {
    pub(crate) fn new(case: Case, course: &Course, fault_actions: usize, problem: Unhealthy) -> Self {
        let all_actions = course.actions().to_vec();
        let actions = all_actions[..fault_actions].to_vec();
        let lost_by_chance = course.lost_by_chance().to_vec();
        Self { case, actions, problem, all_actions, lost_by_chance, time: course.world().now() }
    }

    /// What went wrong.
    pub const fn problem(&self) -> &Unhealthy {
        &self.problem
    }

    /// Number of actions in the phase of faults; healing, if that comes after it, is not counted.
    pub const fn len(&self) -> usize {
        self.actions.len()
    }

    /// Whether it goes wrong by itself.
    pub const fn is_empty(&self) -> bool {
        self.actions.is_empty()
    }

    /// The run as a scenario: every action a line, and in the end what must not be. If one rule is off, it is about that one.
    pub fn scenario(&self) -> Scenario {
        let mut lines: Vec<_> = self
            .all_actions
            .iter()
            .map(|(time, action)| ScriptStep {
                at_ms: Some(*time),
                action: Some(action.clone()),
                ..ScriptStep::default()
            })
            .collect();
        let mut off = self.case.cluster.rules.iter().filter(|(_, on)| !**on).map(|(rule, _)| *rule);
        let rule = off.next().filter(|_| off.next().is_none());
        let mut last = ScriptStep {
            // The moment at which it shows is over then.
            at_ms: Some(Time(self.time.0 / Time::TICK_US * Time::TICK_US).after(Time(Time::TICK_US))),
            caption: Some(Text { en: self.problem.to_string(), zh: None }),
            ..ScriptStep::default()
        };
        if let Unhealthy::Violation(found) = &self.problem {
            let seen = Condition::Violation { invariant: Some(found.invariant.id().into()) };
            last.expect = Some(Condition::Not { condition: Box::new(seen.clone()) });
            last.expect_off = Some(seen);
        } else if let Unhealthy::Unexplained { level, .. } = self.problem {
            last.expect = Some(Condition::History { level, holds: true });
            last.expect_off = Some(Condition::History { level, holds: false });
        } else if let Some(wanted) = self.problem.wanted() {
            last.expect = Some(wanted.clone());
            last.expect_off = Some(Condition::Not { condition: Box::new(wanted) });
        }
        lines.push(last);
        let property = self.problem.property();
        Scenario {
            id: format!("{}-{}", property.to_lowercase(), self.case.cluster.seed.unwrap_or_default()),
            title: Text { en: format!("{property} fails"), zh: None },
            rule,
            breaks: rule.and(match &self.problem {
                Unhealthy::Violation(found) => Some(Breaks::Invariant(found.invariant)),
                Unhealthy::Unexplained { level, .. } => Some(Breaks::Level(*level)),
                _ => None,
            }),
            script: lines,
            ..Scenario::of_cluster(self.case.cluster.clone())
        }
    }
}
