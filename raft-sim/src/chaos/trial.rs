//! One seed, from the first fault to the verdict.

use std::collections::BTreeMap;

use raft_core::{Node, Rules};

use super::course::{Course, Source};
use super::{Case, Chaos, Failure, FaultKind, Style, Unhealthy};
use crate::action::Action;
use crate::condition::Condition;
use crate::event::Outcome;
use crate::rules::RuleName;
use crate::scenario::Scenario;
use crate::script::{ScriptStep, Text};
use crate::time::Time;
use crate::world::World;

/// A cluster under trial.
pub struct Trial {
    course: Course,
    chaos: Chaos,
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
        let chaos = Chaos::new(style, seed).without(rules);
        let world =
            World::new(&Scenario::of_cluster(chaos.cluster().clone())).expect("every mix draws a valid cluster");
        Self { course: Course::new(world), chaos }
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

    /// How often each kind of fault occurred.
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
        let mut case = Case { cluster: self.chaos.cluster().clone(), end, recovers: false };
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

    /// Heals everything. The cluster must then elect a leader, take a write, agree, and have kept every promise.
    pub fn recover(&mut self) -> Result<(), Unhealthy> {
        self.course.recover()
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

impl Course {
    /// Heals everything. The cluster must then elect a leader, take a write, agree, and have kept every promise.
    pub(crate) fn recover(&mut self) -> Result<(), Unhealthy> {
        let time = self.fresh_moment();
        self.run_before(time)?;
        for action in Chaos::healing(self.world()) {
            self.act(&action, time)?;
        }
        let is_led = Condition::Leader { server: None, term: None };
        self.expect(|world| is_led.holds(world), Unhealthy::NoLeader)?;
        self.write_until_acknowledged()?;
        let is_agreed = |world: &World| world.leader().is_some() && Condition::Converged.holds(world);
        self.expect(is_agreed, Unhealthy::Diverged)?;
        let is_settled = |world: &World| world.furthest().is_some_and(|node| !node.configuration().is_joint());
        let is_over = |world: &World| is_agreed(world) && is_settled(world);
        self.expect(is_over, Unhealthy::Unsettled)?;
        self.expect(|world| is_over(world) && leaders(world) == 1, Unhealthy::ManyLeaders)?;
        let is_answered = |world: &World| world.operations().iter().all(|operation| operation.returned.is_some());
        self.expect(is_answered, Unhealthy::Unresolved)?;
        self.check_promises()?;
        self.world().audit().map_err(Unhealthy::Confused)
    }

    /// Something must come true within ten of the longest election timeouts.
    fn expect(&mut self, is_true: impl Fn(&World) -> bool, otherwise: Unhealthy) -> Result<(), Unhealthy> {
        let deadline = self.world().now().after(self.patience());
        self.run_until(deadline, is_true)?.then_some(()).ok_or(otherwise)
    }

    fn patience(&self) -> Time {
        Time::of_ticks(self.world().config().options().election_timeout_max.0 * 10)
    }

    /// A client that tries again, as clients do, because the server that took its write may have been deposed meanwhile.
    fn write_until_acknowledged(&mut self) -> Result<(), Unhealthy> {
        let patience = self.patience();
        let first = self.world().operations().len();
        let is_acknowledged = |world: &World| {
            let mut own = world.operations().range(first..world.operations().len());
            own.any(|done| matches!(done.returned, Some((_, Outcome::Ok))))
        };
        let mut time = self.fresh_moment();
        let deadline = time.after(patience);
        while time < deadline {
            let (client, key) = ("after".into(), "after".into());
            let value = self.world().operations().len().to_string();
            self.act(&Action::ClientWrite { client, key, value, server: None }, time)?;
            // The world's own time stands still while nothing is due, so the client needs a watch.
            time = time.after(Time(patience.0 / 20));
            if self.run_until(time, is_acknowledged)? {
                return Ok(());
            }
        }
        Err(Unhealthy::NoProgress)
    }

    fn check_promises(&self) -> Result<(), Unhealthy> {
        let Some(latest) = self.world().furthest().map(Node::configuration) else { return Ok(()) };
        for node in self.world().nodes().filter(|node| latest.is_member(node.id())) {
            let commands = self.commands(node);
            for operation in self.world().operations().iter() {
                let Some(command) = operation.command() else { continue };
                let server = node.id().0;
                match operation.returned {
                    Some((_, Outcome::Ok)) if !commands.contains(command.as_bytes()) => {
                        return Err(Unhealthy::Forgotten { server, command });
                    }
                    Some((_, Outcome::Fail)) if commands.contains(command.as_bytes()) => {
                        return Err(Unhealthy::Undead { server, command });
                    }
                    _ => {}
                }
            }
        }
        Ok(())
    }
}

/// The members that lead.
fn leaders(world: &World) -> usize {
    let Some(latest) = world.furthest().map(Node::configuration) else { return 0 };
    world.nodes().filter(|node| node.role().is_leader() && latest.is_member(node.id())).count()
}
