//! One seed, from the first fault to the verdict.

use std::collections::BTreeMap;

use raft_core::Rules;

use super::course::{Course, Source};
use super::{Case, Chaos, Coverage, Failure, FaultKind, Sabotage, Style, Unhealthy};
use crate::action::Action;
use crate::conduct::Habit;
use crate::rules::RuleName;
use crate::scenario::Scenario;
use crate::script::{ScriptStep, Text};
use crate::time::Time;
use crate::world::World;

/// A cluster under trial.
pub struct Trial {
    course: Course,
    chaos: Chaos,
    habits: Vec<Habit>,
    sabotage: Option<Sabotage>,
}

impl Trial {
    /// The trial that `seed` draws.
    pub fn new(style: Style, seed: u64) -> Self {
        Self::without(style, seed, &[])
    }

    /// The same trial for a modified Raft.
    pub fn with_rules(style: Style, seed: u64, rules: Rules) -> Self {
        Self::without(style, seed, &rules.off().map(RuleName::from).collect::<Vec<_>>())
    }

    /// The same trial with some rules switched off.
    pub fn without(style: Style, seed: u64, rules: &[RuleName]) -> Self {
        Self::of(Chaos::new(style, seed), rules)
    }

    /// The trial that this trouble makes, with some rules switched off.
    pub fn of(chaos: Chaos, rules: &[RuleName]) -> Self {
        let habits = chaos.habits();
        let chaos = chaos.without(rules);
        let world =
            World::new(&Scenario::of_cluster(chaos.cluster().clone())).expect("every mix draws a valid cluster");
        Self { course: Course::new(world, habits.clone()), chaos, habits, sabotage: None }
    }

    /// The trial that this trouble makes, with a bug in what surrounds the nodes.
    #[doc(hidden)]
    pub fn sabotaged(chaos: Chaos, sabotage: Sabotage) -> Self {
        let mut trial = Self::of(chaos, &[]);
        trial.course.plant(sabotage);
        trial.sabotage = Some(sabotage);
        trial
    }

    /// The cluster as it stands.
    pub const fn world(&self) -> &World {
        self.course.world()
    }

    /// Where the trouble comes from.
    pub const fn chaos(&self) -> &Chaos {
        &self.chaos
    }

    /// Everything that was done to the cluster and not refused, and when: before whatever else was due at that moment. The
    /// same actions at the same times are the same run.
    pub fn actions(&self) -> &[(Time, Action)] {
        self.course.actions()
    }

    /// How much harm was done to the cluster by an action, not by chance.
    pub const fn harms(&self) -> u32 {
        self.course.tally().harms
    }

    /// From now on the situations that it comes through are remembered.
    pub fn cover(&mut self) {
        self.course.cover();
    }

    /// The situations that it came through since [`Self::cover`].
    pub const fn coverage(&self) -> Option<&Coverage> {
        self.course.coverage()
    }

    /// Whether a judge could not say in time if what clients saw can be explained.
    pub const fn is_undecided(&self) -> bool {
        self.course.is_undecided()
    }

    /// How often a leader was watched while others were away, and stayed.
    pub const fn stays(&self) -> u32 {
        self.course.tally().stays
    }

    /// How often each kind of fault occurred before all was healed.
    pub const fn faults(&self) -> &BTreeMap<FaultKind, u32> {
        &self.course.tally().faults
    }

    /// How often a server became a leader.
    pub const fn elections(&self) -> u32 {
        self.course.tally().elections
    }

    /// The trial so far as a scenario: every action a line.
    pub fn scenario(&self) -> Scenario {
        let line = |(time, action): &(Time, Action)| ScriptStep {
            at_ms: Some(*time),
            action: Some(action.clone()),
            ..ScriptStep::default()
        };
        Scenario {
            id: format!("seed-{}", self.world().seed()),
            title: Text { en: format!("Seed {}", self.world().seed()), zh: None },
            script: self.actions().iter().map(line).collect(),
            ..Scenario::of_cluster(self.chaos.cluster().clone())
        }
    }

    /// The whole trial: faults, then healing and progress.
    pub fn run(&mut self) -> Result<(), Unhealthy> {
        self.endure()?;
        self.recover()
    }

    /// The whole trial; what went wrong, as something to be had again and to be shrunk.
    pub fn failure(&mut self) -> Option<Failure> {
        let end = Time::of_ticks(self.chaos.mix().span_ms);
        let (cluster, recovery, habits) =
            (self.chaos.cluster().clone(), self.chaos.recovery().clone(), self.habits.clone());
        let mut case = Case { cluster, end, recovers: false, recovery, habits, sabotage: self.sabotage };
        if let Err(problem) = self.endure() {
            return Some(Failure::new(case, &self.course, self.actions().len(), problem));
        }
        case.recovers = true;
        let fault_actions = self.actions().len();
        let problem = self.recover().err()?;
        Some(Failure::new(case, &self.course, fault_actions, problem))
    }

    /// The phase of faults. Ends at the first violation.
    pub fn endure(&mut self) -> Result<(), Unhealthy> {
        let end = Time::of_ticks(self.chaos.mix().span_ms);
        self.course.endure(&mut self.chaos, end)
    }

    /// Heals everything. The cluster must then elect a leader, take a write, agree, and have kept every promise; and what clients
    /// saw all the while must have an explanation.
    pub fn recover(&mut self) -> Result<(), Unhealthy> {
        self.course.recover(self.chaos.recovery())?;
        self.course.judge()
    }
}

impl Source for Chaos {
    fn next_time(&self) -> Option<Time> {
        Some(Self::next_time(self))
    }

    fn strike(&mut self, world: &World) -> Vec<Action> {
        Self::strike(self, world)
    }
}
