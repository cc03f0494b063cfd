//! Chaos: faults drawn at random, each seed with a mix of its own, and the trial that a cluster stands under them.
//!
//! [`Chaos`] looks at a world and says what is done to it next; it draws from its own random streams, so the same seed
//! makes the same trouble whatever the cluster's own chance does. [`Trial`] carries it out: a phase of faults, then
//! everything is healed and the cluster must make progress.

mod campaign;
mod course;
mod drill;
mod failure;
mod liveness;
mod mix;
mod rarer;
mod recovery;
mod styles;
mod tally;
mod traps;
mod trial;
mod twins;
mod unhealthy;

use raft_core::{Configuration, Node};

#[doc(hidden)]
pub use crate::world::Sabotage;
pub use campaign::{Bug, schedule_of};
pub use drill::Drill;
pub(crate) use failure::Case;
pub use failure::Failure;
pub use liveness::Liveness;
pub use mix::{Fault, FaultMix, Style};
use recovery::Recovery;
pub use tally::FaultKind;
pub use traps::Trap;
pub use trial::Trial;
pub use unhealthy::Unhealthy;

use crate::action::{Action, KindName, Membership, MessagePattern, MessageSelector, Pick};
use crate::conduct::Habit;
use crate::config::ClusterConfig;
use crate::event::Outcome;
use crate::limits::MAX_CLOCK_JUMP_MS;
use crate::random::Stream;
use crate::rules::{RuleName, WorldRule};
use crate::time::Time;
use crate::world::{Server, Status, World};

/// A source of trouble.
#[derive(Clone, Debug)]
pub struct Chaos {
    mix: FaultMix,
    cluster: ClusterConfig,
    stream: Stream,
    next_time: Time,
    commands: u32,
    /// Harm that waits for its moment, and how long.
    trap: Option<(Trap, Time)>,
    recovery: Recovery,
}

impl Chaos {
    /// The trouble that `seed` makes in a style.
    pub fn new(style: Style, seed: u64) -> Self {
        let mut stream = Stream::new(seed, mix::CONCERN);
        let (mix, cluster) = style.draw(seed, &mut stream);
        let next_time = mix.gap(&mut stream);
        let recovery = Recovery::draw(&mut Stream::new(seed, mix::CONCERN + 2), cluster.rules());
        Self { mix, cluster, stream, next_time, commands: 0, trap: None, recovery }
    }

    /// The same trouble for a cluster with some rules switched off.
    #[must_use]
    pub fn without(mut self, rules: &[RuleName]) -> Self {
        self.cluster.rules.extend(rules.iter().map(|&rule| (rule, false)));
        self
    }

    /// The cluster that it is made for.
    pub const fn cluster(&self) -> &ClusterConfig {
        &self.cluster
    }

    /// What the seed drew.
    pub const fn mix(&self) -> &FaultMix {
        &self.mix
    }

    /// The habits that the cluster must keep under this trouble. What was drawn to be off is not asked for.
    pub(crate) fn habits(&self) -> Vec<Habit> {
        let rules = self.cluster.rules();
        let asked = |habit: &Habit| match habit {
            Habit::Attentive => rules.has(WorldRule::CopyOnWrite),
            Habit::SyncsShared => rules.has(WorldRule::GroupCommit),
            Habit::VotersGrown => true,
            _ => self.mix.is_calm,
        };
        Habit::ALL.iter().copied().filter(asked).collect()
    }

    /// How everything is healed in the end.
    pub(crate) const fn recovery(&self) -> &Recovery {
        &self.recovery
    }

    /// The same trouble, after which some servers stay away for long while the others must work, and then come back.
    #[must_use]
    pub fn with_permanent_outsiders(mut self) -> Self {
        let mut stream = Stream::new(self.cluster.seed.unwrap_or_default(), mix::CONCERN + 3);
        self.recovery = self.recovery.with_permanent_outsiders(&mut stream);
        self
    }

    /// When something is done next.
    pub const fn next_time(&self) -> Time {
        self.next_time
    }

    /// What is done then: nothing, if the fault that was drawn makes no sense in this world, or one action, or a few that
    /// belong together. Some may be refused; that is no harm.
    pub fn strike(&mut self, world: &World) -> Vec<Action> {
        let mut actions = Vec::new();
        if self.trap.is_none() {
            let fault = self.mix.draw_fault(&mut self.stream);
            actions = self.actions(fault, world);
        }
        if let Some((trap, deadline)) = self.trap {
            if let Some(prey) = trap.prey(world).filter(|_| actions.is_empty()) {
                self.trap = None;
                actions = self.spring(trap, &prey, world);
            } else if self.next_time < deadline {
                self.next_time = self.next_time.after(traps::LOOK_EVERY);
                return actions;
            }
            self.trap = None;
        }
        self.next_time = self.next_time.after(self.mix.gap(&mut self.stream));
        for action in &mut actions {
            spare_liars(action, world);
        }
        actions
    }

    /// What makes a world whole again: every server runs at its normal pace, every link works, and nothing is held back.
    pub fn healing(world: &World) -> Vec<Action> {
        let (min_ms, max_ms) = (Time::of_ticks(1), Time::of_ticks(5));
        let mut actions = vec![
            Action::Heal,
            Action::SetLoss { a: None, b: None, permille: 0, one_way: false },
            Action::SetLatency { a: None, b: None, min_ms, max_ms, one_way: false },
        ];
        for at in world.servers() {
            let server = at.id().0;
            match at.status() {
                Status::Crashed => actions.push(Action::Restart { server }),
                Status::Paused => actions.push(Action::Resume { server }),
                Status::Up => {}
            }
            actions.push(Action::SetClockRate { server, permille: 1_000 });
            actions.push(Action::SetDiskLatency { server, ms: Time(0), max_ms: None });
            // What follows is done where there is something to undo, so that other runs are as they were.
            let behind = at.clock_behind(world.now());
            let mut behind_ms = behind.0.div_ceil(Time::TICK_US) as i64;
            while behind_ms > 0 && at.status() != Status::Crashed {
                let ms = behind_ms.min(MAX_CLOCK_JUMP_MS);
                actions.push(Action::JumpClock { server, ms });
                behind_ms -= ms;
            }
            if at.disk_lies() {
                actions.push(Action::SetDiskLies { server, on: false });
            }
            if at.apply_latency() > Time(0) {
                actions.push(Action::SetApplyLatency { server, ms: Time(0) });
            }
        }
        if world.links().any(|link| link.duplicate_permille.is_some()) {
            actions.push(Action::SetDuplication { a: None, b: None, permille: 0, one_way: false });
        }
        for message in world.messages().into_iter().filter(|message| message.arrives_at.is_none()) {
            actions.push(Action::Release { message: MessageSelector::Id(message.id.0.into()) });
        }
        actions
    }

    fn actions(&mut self, fault: Fault, world: &World) -> Vec<Action> {
        let one = |action: Action| vec![action];
        match fault {
            Fault::Crash => {
                let lose_unsynced = !self.stream.happens(self.mix.gentle_crash_permille);
                self.victim(world).map_or_else(Vec::new, |server| one(Action::Crash { server, lose_unsynced }))
            }
            Fault::Bounce => {
                let victim = self.victim(world);
                let bounce = |server| vec![Action::Crash { server, lose_unsynced: true }, Action::Restart { server }];
                victim.map_or_else(Vec::new, bounce)
            }
            Fault::Restart => {
                let crashed = self.pick(world, |server| server.status() == Status::Crashed);
                crashed.map_or_else(Vec::new, |server| one(Action::Restart { server }))
            }
            Fault::Pause => self.victim(world).map_or_else(Vec::new, |server| one(Action::Pause { server })),
            Fault::Resume => {
                let paused = self.pick(world, |server| server.status() == Status::Paused);
                paused.map_or_else(Vec::new, |server| one(Action::Resume { server }))
            }
            Fault::Partition => vec![Action::Heal, Action::Partition { groups: self.groups(world) }],
            Fault::Isolate => {
                let Some(alone) = self.victim(world) else { return Vec::new() };
                let others = world.servers().iter().map(|server| server.id().0).filter(|&id| id != alone).collect();
                one(Action::Partition { groups: vec![others] })
            }
            Fault::Heal => one(Action::Heal),
            Fault::Cut | Fault::CutOneWay | Fault::Mend => {
                let Some((a, b)) = self.pair(world) else { return Vec::new() };
                let one_way = fault == Fault::CutOneWay;
                one(if fault == Fault::Mend { Action::Mend { a, b, one_way } } else { Action::Cut { a, b, one_way } })
            }
            Fault::ClockRate => {
                let at = self.below(self.mix.clock_rates.len());
                let permille = self.mix.clock_rates[at];
                self.pick(world, |_| true)
                    .map_or_else(Vec::new, |server| one(Action::SetClockRate { server, permille }))
            }
            Fault::DiskLatency => {
                let ms = Time::of_ticks([0, 0, 1, 5, 20, 80][self.below(6)]);
                self.pick(world, |_| true)
                    .map_or_else(Vec::new, |server| one(Action::SetDiskLatency { server, ms, max_ms: None }))
            }
            Fault::Loss => {
                let permille = [0, 0, 50, 200, 500][self.below(5)];
                let (a, b) = self.pair(world).unzip();
                one(Action::SetLoss { a, b, permille, one_way: false })
            }
            Fault::Latency => {
                let (min, max) = [(1, 1), (1, 20), (5, 15), (1, 100), (50, 90)][self.below(5)];
                let (a, b) = self.pair(world).unzip();
                one(Action::SetLatency {
                    a,
                    b,
                    min_ms: Time::of_ticks(min),
                    max_ms: Time::of_ticks(max),
                    one_way: false,
                })
            }
            Fault::Timeout => {
                let up = self.pick(world, |server| server.status() == Status::Up);
                up.map_or_else(Vec::new, |server| one(Action::Timeout { server }))
            }
            Fault::Heartbeat => {
                let up = self.pick(world, leads);
                up.map_or_else(Vec::new, |server| one(Action::Heartbeat { server }))
            }
            Fault::Write => one(self.write(world, None)),
            Fault::WriteSomewhere => {
                let leader = self.pick(world, leads);
                leader.map_or_else(Vec::new, |server| one(self.write(world, Some(server))))
            }
            Fault::Drop => self.message(world).map_or_else(Vec::new, |message| one(Action::Drop { message })),
            Fault::Hold => self.message(world).map_or_else(Vec::new, |message| one(Action::Hold { message })),
            Fault::Release => {
                let held = world.messages().into_iter().find(|message| message.arrives_at.is_none());
                held.map_or_else(Vec::new, |held| {
                    one(Action::Release { message: MessageSelector::Id(held.id.0.into()) })
                })
            }
            Fault::Delay => {
                let ms = Time::of_ticks(self.stream.between(1, self.mix.late_ms));
                self.message(world).map_or_else(Vec::new, |message| one(Action::Delay { message, ms }))
            }
            Fault::LateDuplicate => self.late_duplicate(world),
            Fault::Snapshot => {
                let up = self.pick(world, |server| server.status() == Status::Up);
                up.map_or_else(Vec::new, |server| one(Action::Snapshot { server }))
            }
            Fault::Learn | Fault::Promote | Fault::Demote | Fault::Remove | Fault::Replace => {
                self.change(fault, world).map_or_else(Vec::new, one)
            }
            Fault::CutOffChange => {
                let fault =
                    [Fault::Promote, Fault::Promote, Fault::Remove, Fault::Replace, Fault::Replace][self.below(5)];
                let Some(change) = self.change(fault, world) else { return Vec::new() };
                let cut_off = change.server();
                let others = world.servers().iter().map(|server| server.id().0).filter(|&id| Some(id) != cut_off);
                vec![change, Action::Partition { groups: vec![others.collect()] }]
            }
            Fault::Transfer => {
                let Some(server) = self.pick(world, leads) else { return Vec::new() };
                let voters = configuration_at(world, server).voters().to_vec();
                let at = self.below(voters.len().max(1));
                voters.get(at).map_or_else(Vec::new, |target| {
                    one(Action::TransferLeadership { server: Some(server), target: target.0 })
                })
            }
            Fault::Read => one(self.read(None)),
            Fault::ReadSomewhere => {
                let up = self.victim(world);
                up.map_or_else(Vec::new, |server| one(self.read(Some(server))))
            }
            fault => self.rarer_actions(fault, world),
        }
    }

    /// A change of the membership that some server that believes to lead may take.
    fn change(&mut self, fault: Fault, world: &World) -> Option<Action> {
        let server = self.pick(world, leads)?;
        let configuration = configuration_at(world, server);
        let (voters, learners) = (configuration.voters(), configuration.learners());
        let everybody = world.servers().iter().map(Server::id);
        let candidates: Vec<_> = match fault {
            Fault::Learn => everybody.filter(|&id| !configuration.is_member(id)).collect(),
            Fault::Promote => learners.iter().copied().filter(|&id| !lies(world, id)).collect(),
            Fault::Demote => voters.to_vec(),
            Fault::Remove => voters.iter().chain(learners).copied().collect(),
            _ => everybody.collect(),
        };
        let at = self.below(candidates.len().max(1));
        let id = candidates.get(at)?.0;
        let change = match fault {
            Fault::Learn => Membership::AddLearner { add_learner: id },
            Fault::Promote => Membership::AddVoter { add_voter: id },
            Fault::Demote => Membership::Demote { demote: id },
            Fault::Remove => Membership::Remove { remove: id },
            // Only members: others would have to catch up first.
            _ => {
                let (mut voters, mut learners) = (Vec::new(), Vec::new());
                for member in configuration.members() {
                    match self.below(4) {
                        0 | 1 if lies(world, member) => learners.push(member.0),
                        0 | 1 => voters.push(member.0),
                        2 => learners.push(member.0),
                        _ => {}
                    }
                }
                Membership::Replace { voters, learners }
            }
        };
        Some(Action::ChangeMembership { server: Some(server), change })
    }

    fn read(&mut self, server: Option<u64>) -> Action {
        let client = format!("r{}", self.below(2));
        let key = format!("k{}", self.below(3));
        Action::ClientRead { client, key, server, mode: self.mix.reads }
    }

    /// A copy of a message that arrives long after it.
    fn late_duplicate(&mut self, world: &World) -> Vec<Action> {
        let messages = world.messages();
        if messages.is_empty() {
            return Vec::new();
        }
        let chosen = messages[self.below(messages.len())];
        let (kind, from, to) = (KindName::from(chosen.message.kind()), chosen.message.from.0, chosen.message.to.0);
        let newest = MessagePattern { kind: Some(kind), from: Some(from), to: Some(to), pick: Some(Pick::Newest) };
        let ms = Time::of_ticks(self.stream.between(1, self.mix.late_ms));
        vec![
            Action::Duplicate { message: MessageSelector::Id(chosen.id.0.into()) },
            // The copy is the newest of its kind on this link.
            Action::Delay { message: MessageSelector::Fits(newest), ms },
        ]
    }

    /// Every value is written once, so that it can be told what became of each write. A client that does not know what
    /// became of its last one sends that again.
    fn write(&mut self, world: &World, server: Option<u64>) -> Action {
        self.commands += 1;
        let client = format!("c{}", self.below(3));
        let key = format!("k{}", self.below(3));
        let last = world.unanswered_write(&client).ok();
        let last = last.and_then(|id| world.operations().get(id.0 as usize));
        if last.is_some_and(|operation| matches!(operation.returned, Some((_, Outcome::Unknown)))) {
            return Action::ClientRetry { client, server };
        }
        Action::ClientWrite { client, key, value: self.commands.to_string(), server }
    }

    /// A running server, a leader as often as the mix says.
    fn victim(&mut self, world: &World) -> Option<u64> {
        let leader = self.pick(world, leads);
        let any = self.pick(world, |server| server.status() != Status::Crashed);
        if self.stream.happens(self.mix.leader_permille) { leader.or(any) } else { any }
    }

    fn pick(&mut self, world: &World, fits: impl Fn(&Server) -> bool) -> Option<u64> {
        let fitting: Vec<_> =
            world.servers().iter().filter(|server| fits(server)).map(|server| server.id().0).collect();
        // Drawn even if there is nobody, so that what follows depends on the world as little as can be.
        let at = self.below(fitting.len().max(1));
        fitting.get(at).copied()
    }

    fn pair(&mut self, world: &World) -> Option<(u64, u64)> {
        let count = world.servers().len() as u64;
        let (a, step) = (self.stream.between(1, count), self.stream.between(1, count.max(2) - 1));
        (count > 1).then(|| (a, (a - 1 + step) % count + 1))
    }

    /// Two groups, of which now and then neither is a majority because some servers stand alone.
    fn groups(&mut self, world: &World) -> Vec<Vec<u64>> {
        let mut groups = vec![Vec::new(), Vec::new()];
        for server in world.servers() {
            match self.below(7) {
                0..=2 => groups[0].push(server.id().0),
                3..=5 => groups[1].push(server.id().0),
                _ => {}
            }
        }
        groups
    }

    fn message(&mut self, world: &World) -> Option<MessageSelector> {
        let messages = world.messages();
        let at = self.below(messages.len().max(1));
        messages.get(at).map(|message| MessageSelector::Id(message.id.0.into()))
    }

    fn below(&mut self, count: usize) -> usize {
        self.stream.between(0, count as u64 - 1) as usize
    }
}

/// The configuration that a running server goes by.
fn configuration_at(world: &World, server: u64) -> Configuration {
    let node = world.nodes().find(|node| node.id().0 == server);
    node.map_or_else(Configuration::default, |node| Configuration::clone(node.configuration()))
}

fn lies(world: &World, id: raft_core::NodeId) -> bool {
    world.server_with_id(id.0).is_ok_and(Server::disk_lies)
}

fn leads(server: &Server) -> bool {
    server.status() == Status::Up && server.node().is_some_and(|node: &Node| node.role().is_leader())
}

/// A server whose disk lies must not lose power: so its crashes leave the disk alone.
fn spare_liars(action: &mut Action, world: &World) {
    if let Action::Crash { server, .. } | Action::Tear { server, .. } = *action
        && world.server_with_id(server).is_ok_and(Server::disk_lies)
    {
        *action = Action::Crash { server, lose_unsynced: false };
    }
}
