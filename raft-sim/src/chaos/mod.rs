//! Chaos: faults drawn at random, each seed with a mix of its own, and the trial that a cluster stands under them.
//!
//! [`Chaos`] looks at a world and says what is done to it next; it draws from its own random streams, so the same seed
//! makes the same trouble whatever the cluster's own chance does. [`Trial`] carries it out: a phase of faults, then
//! everything is healed and the cluster must make progress.

mod campaign;
mod clients;
mod course;
mod coverage;
mod drill;
mod failure;
mod fault;
mod judged;
mod liveness;
mod mix;
mod plain;
mod rarer;
mod recovery;
mod strike;
mod style;
mod styles;
mod tally;
mod traps;
mod trial;
mod twins;
mod unhealthy;

#[doc(hidden)]
pub use crate::world::Sabotage;
pub use campaign::{Bug, schedule_of};
pub use coverage::Coverage;
pub use drill::Drill;
pub(crate) use failure::Case;
pub use failure::Failure;
pub use fault::Fault;
pub use liveness::Liveness;
pub use mix::FaultMix;
use recovery::Recovery;
use strike::{leads, spare_liars};
pub use style::Style;
pub use tally::FaultKind;
pub use traps::Trap;
pub use trial::Trial;
pub use unhealthy::Unhealthy;

use crate::action::{Action, MessageSelector};
use crate::conduct::Habit;
use crate::config::ClusterConfig;
use crate::limits::MAX_CLOCK_JUMP_MS;
use crate::random::Stream;
use crate::rules::{RuleName, WorldRule};
use crate::time::Time;
use crate::world::{Status, World};

/// A source of trouble.
#[derive(Clone, Debug)]
pub struct Chaos {
    mix: FaultMix,
    cluster: ClusterConfig,
    stream: Stream,
    /// Draws of what clients write.
    clients: Stream,
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
        let (mut mix, cluster) = style.draw(seed, &mut stream);
        let mut clients = Stream::new(seed, mix::CONCERN + 4);
        mix.operations = clients::draw(&mut clients);
        let next_time = mix.gap(&mut stream);
        let recovery = Recovery::draw(&mut Stream::new(seed, mix::CONCERN + 2), cluster.rules());
        Self { mix, cluster, stream, clients, next_time, commands: 0, trap: None, recovery }
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
            Habit::VotersGrown | Habit::QuickRepair => true,
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
}
