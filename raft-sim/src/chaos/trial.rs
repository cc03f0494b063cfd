//! One seed, from the first fault to the verdict.

use std::collections::BTreeSet;
use std::fmt;

use raft_core::{Entry, EntryKind, LogIndex, Node, NodeSetup, Rules};

use super::{Chaos, Liveness, Style, twins};
use crate::action::Action;
use crate::checker::Violation;
use crate::client::OperationKind;
use crate::condition::Condition;
use crate::config::ClusterConfig;
use crate::event::{Event, EventKind, Outcome};
use crate::scenario::Scenario;
use crate::time::Time;
use crate::world::World;

/// Steps after which a trial is given up: a run without end is a bug too.
const MAX_STEPS: u32 = 2_000_000;

/// A cluster under trial.
pub struct Trial {
    world: World,
    chaos: Chaos,
    /// What was done so far, and when.
    actions: Vec<(Time, Action)>,
    /// The entries that were applied, from index 1 on. Servers forget them when they take snapshots.
    applied: Vec<Entry>,
    scratch: Vec<Event>,
}

/// Why a cluster did not pass.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unhealthy {
    /// The checker found a contradiction.
    Violation(Violation),
    /// Nobody led in time after everything was healed.
    NoLeader,
    /// The logs were not equal in time.
    Diverged,
    /// A new write was not acknowledged in time.
    NoProgress,
    /// A write that a client was told had happened is not in this server's log.
    Forgotten {
        /// The server.
        server: u64,
        /// The command.
        command: String,
    },
    /// A write that a client was told had not happened is in this server's log.
    Undead {
        /// The server.
        server: u64,
        /// The command.
        command: String,
    },
    /// More than one member leads.
    ManyLeaders,
    /// A change of the membership has not ended in time.
    Unsettled,
    /// A client was not answered in time.
    Unresolved,
    /// The checker's memory does not agree with the world, or the run does not end.
    Confused(String),
}

impl Trial {
    /// The trial that `seed` draws.
    pub fn new(style: Style, seed: u64) -> Self {
        Self::with_rules(style, seed, Rules::SAFE)
    }

    /// The same trial for a modified Raft.
    pub fn with_rules(style: Style, seed: u64, rules: Rules) -> Self {
        let chaos = Chaos::new(style, seed);
        let cluster = rules.off().fold(chaos.cluster().clone(), ClusterConfig::without);
        let world = World::new(&Scenario::of_cluster(cluster)).expect("every mix draws a valid cluster");
        Self { world, chaos, actions: Vec::new(), applied: Vec::new(), scratch: Vec::new() }
    }

    /// The cluster as it stands.
    pub const fn world(&self) -> &World {
        &self.world
    }

    /// Where the trouble comes from.
    pub const fn chaos(&self) -> &Chaos {
        &self.chaos
    }

    /// Everything that was done to the cluster, and when. The same actions at the same times give the same run.
    pub fn actions(&self) -> &[(Time, Action)] {
        &self.actions
    }

    /// The whole trial: faults, then healing and progress.
    pub fn run(&mut self) -> Result<(), Unhealthy> {
        self.endure()?;
        self.recover()
    }

    /// The phase of faults. Ends at the first violation.
    pub fn endure(&mut self) -> Result<(), Unhealthy> {
        let end = Time::of_ticks(self.chaos.mix().span_ms);
        while self.chaos.next_time() <= end {
            let time = self.chaos.next_time();
            self.run_to(time)?;
            for action in self.chaos.strike(&self.world) {
                let restarted = if let Action::Restart { server } = action { Some(server) } else { None };
                self.act(action, time);
                restarted.map_or(Ok(()), |server| self.check_restart(server))?;
            }
        }
        self.run_to(end)
    }

    /// Lets two copies of a server that was just restarted hear what is on its way to it.
    fn check_restart(&self, server: u64) -> Result<(), Unhealthy> {
        let Ok(server) = self.world.server_with_id(server) else { return Ok(()) };
        let Some(node) = server.node() else { return Ok(()) };
        let setup = NodeSetup { id: node.id(), options: *node.options(), rules: node.rules(), seed: self.world.seed() };
        let in_flight = self.world.messages();
        let messages: Vec<_> = in_flight.iter().map(|m| &m.message).filter(|m| m.to == node.id()).collect();
        twins::differ(setup, server.durable(), &messages).map_or(Ok(()), |found| Err(Unhealthy::Violation(found)))
    }

    /// Heals everything. The cluster must then elect a leader, take a write, agree, and have kept every promise.
    pub fn recover(&mut self) -> Result<(), Unhealthy> {
        for action in Chaos::healing(&self.world) {
            self.act(action, self.world.now());
        }
        let patience = self.patience();
        let is_led = Condition::Leader { server: None, term: None };
        self.run_until(patience, |world| is_led.holds(world))?.then_some(()).ok_or(Unhealthy::NoLeader)?;
        self.write_until_acknowledged(patience)?;
        let is_agreed = |world: &World| world.leader().is_some() && Condition::Converged.holds(world);
        self.run_until(patience, is_agreed)?.then_some(()).ok_or(Unhealthy::Diverged)?;
        let is_settled = |world: &World| world.furthest().is_some_and(|node| !node.configuration().is_joint());
        let is_over = |world: &World| is_agreed(world) && is_settled(world);
        self.run_until(patience, is_over)?.then_some(()).ok_or(Unhealthy::Unsettled)?;
        let is_alone = |world: &World| is_over(world) && leaders(world) == 1;
        self.run_until(patience, is_alone)?.then_some(()).ok_or(Unhealthy::ManyLeaders)?;
        let is_answered = |world: &World| world.operations().iter().all(|operation| operation.returned.is_some());
        self.run_until(patience, is_answered)?.then_some(()).ok_or(Unhealthy::Unresolved)?;
        self.check_promises()?;
        self.world.audit().map_err(Unhealthy::Confused)
    }

    /// Ten of the longest election timeouts.
    fn patience(&self) -> Time {
        Time::of_ticks(self.world.config().options().election_timeout_max.0 * 10)
    }

    /// A client that tries again, as clients do, because the server that took its write may have been deposed meanwhile.
    fn write_until_acknowledged(&mut self, patience: Time) -> Result<(), Unhealthy> {
        let first = self.world.operations().len();
        // The world's own time stands still while nothing is due, so the client needs a watch.
        let mut time = self.world.now();
        let deadline = time.after(patience);
        let pause = Time(patience.0 / 20);
        while time < deadline {
            let (client, key, value) = ("after".into(), "after".into(), self.world.operations().len().to_string());
            self.act(Action::ClientWrite { client, key, value, server: None }, time);
            let operations = |world: &World| first..world.operations().len();
            let is_acknowledged = |world: &World| {
                world.operations().range(operations(world)).any(|done| matches!(done.returned, Some((_, Outcome::Ok))))
            };
            if self.run_until(pause, is_acknowledged)? {
                return Ok(());
            }
            time = time.max(self.world.now()).after(pause);
            self.run_to(time)?;
        }
        Err(Unhealthy::NoProgress)
    }

    fn check_promises(&self) -> Result<(), Unhealthy> {
        let Some(latest) = self.world.furthest().map(Node::configuration) else { return Ok(()) };
        for node in self.world.nodes().filter(|node| latest.is_member(node.id())) {
            let commands = self.commands(node);
            for operation in self.world.operations().iter() {
                let OperationKind::Write { value } = &operation.kind else { continue };
                let command = format!("{}={value}", operation.key);
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

    /// The commands in a node's log, those included that its snapshot stands for.
    fn commands<'a>(&'a self, node: &'a Node) -> BTreeSet<&'a [u8]> {
        let covered = node.log().last_included_index().0 as usize;
        let present = node.log().iter_from(LogIndex(1)).map(|(_, entry)| entry);
        let entries = self.applied.iter().take(covered).chain(present);
        entries.filter_map(command_of).collect()
    }

    /// Remembers what was just applied.
    fn remember(&mut self) {
        for event in &self.scratch {
            let EventKind::Applied(last) = event.kind else { continue };
            let node = event.server().and_then(|id| self.world.nodes().find(|node| node.id() == id));
            let next = LogIndex(self.applied.len() as u64 + 1);
            let news = node.into_iter().flat_map(|node| node.log().iter_from(next));
            for (index, entry) in news.take_while(|(index, _)| *index <= last) {
                if index.0 as usize == self.applied.len() + 1 {
                    self.applied.push(entry.clone());
                }
            }
        }
    }

    fn act(&mut self, action: Action, time: Time) {
        self.scratch.clear();
        // What makes no sense any more is refused, and then it is as if it had not been drawn.
        if self.world.act(&action, time, &mut self.scratch).is_ok() {
            self.actions.push((time, action));
            self.remember();
        }
    }

    fn run_to(&mut self, time: Time) -> Result<(), Unhealthy> {
        while self.world.next_time().is_some_and(|next| next <= time) {
            self.step()?;
        }
        Ok(())
    }

    /// Runs until something is true, at most for a while; whether it is.
    fn run_until(&mut self, patience: Time, is_true: impl Fn(&World) -> bool) -> Result<bool, Unhealthy> {
        let deadline = self.world.now().after(patience);
        while !is_true(&self.world) {
            if self.world.next_time().is_none_or(|next| next > deadline) {
                return Ok(false);
            }
            self.step()?;
        }
        Ok(true)
    }

    fn step(&mut self) -> Result<(), Unhealthy> {
        self.scratch.clear();
        self.world.step(&mut self.scratch);
        self.remember();
        if self.world.steps() > MAX_STEPS {
            return Err(Unhealthy::Confused(format!("the run has not ended after {MAX_STEPS} steps")));
        }
        match self.world.violations().get(0) {
            Some(found) => Err(Unhealthy::Violation(found.violation.clone())),
            None => Ok(()),
        }
    }
}

impl Unhealthy {
    /// The liveness property that failed, if it is one.
    pub const fn liveness(&self) -> Option<Liveness> {
        match self {
            Self::NoLeader | Self::ManyLeaders => Some(Liveness::OneLeader),
            Self::Forgotten { .. } | Self::Undead { .. } => Some(Liveness::AcknowledgedEverywhere),
            Self::Diverged => Some(Liveness::LogsEqual),
            Self::NoProgress | Self::Unresolved => Some(Liveness::ProposalsResolved),
            Self::Unsettled => Some(Liveness::ReconfigurationEnds),
            Self::Violation(_) | Self::Confused(_) => None,
        }
    }
}

impl fmt::Display for Unhealthy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Violation(violation) => violation.fmt(f),
            Self::NoLeader => f.write_str("no leader within ten election timeouts after everything was healed"),
            Self::Diverged => f.write_str("the logs are not equal ten election timeouts after a write succeeded"),
            Self::NoProgress => f.write_str("no write succeeds within ten election timeouts"),
            Self::Forgotten { server, command } => write!(f, "S{server} lacks {command}, which was acknowledged"),
            Self::Undead { server, command } => write!(f, "S{server} has {command}, which was said to have failed"),
            Self::ManyLeaders => {
                f.write_str("more than one member leads ten election timeouts after all logs were equal")
            }
            Self::Unsettled => {
                f.write_str("the configuration is still joint ten election timeouts after a write succeeded")
            }
            Self::Unresolved => f.write_str("a client has no answer ten election timeouts after all logs were equal"),
            Self::Confused(problem) => f.write_str(problem),
        }
    }
}

/// The members that lead.
fn leaders(world: &World) -> usize {
    let Some(latest) = world.furthest().map(Node::configuration) else { return 0 };
    world.nodes().filter(|node| node.role().is_leader() && latest.is_member(node.id())).count()
}

fn command_of(entry: &Entry) -> Option<&[u8]> {
    match &entry.kind {
        EntryKind::Command(payload) => Some(payload.as_bytes()),
        _ => None,
    }
}
