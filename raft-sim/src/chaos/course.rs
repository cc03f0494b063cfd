//! A run in which every action is written down, so that it can be had again: in full, in part, or as a scenario.

use raft_core::{Entry, EntryKind, LogIndex, Node, NodeSetup};
use std::collections::BTreeSet;

use super::tally::Tally;
use super::{Coverage, Sabotage, Unhealthy, twins};
use crate::action::{Action, KindName, MessagePattern, MessageSelector, Pick};
use crate::conduct::{Conduct, Habit};
use crate::event::{Event, EventKind, Loss};
use crate::time::Time;
use crate::world::World;

/// Steps after which a run is given up: a run without end is a bug too.
const MAX_STEPS: u32 = 2_000_000;

/// Where actions come from.
pub(crate) trait Source {
    /// When something is done next; `None` when it has run dry.
    fn next_time(&self) -> Option<Time>;

    /// What is done then. Some of it may be refused; that is no harm.
    fn strike(&mut self, world: &World) -> Vec<Action>;
}

/// A world, what was done to it, and what it must remember to be judged.
///
/// Actions come before everything else that is due at the same moment, as the lines of a script do. So the same
/// actions at the same times, as a script, are the same run to the bit.
#[derive(Clone)]
pub(crate) struct Course {
    world: World,
    actions: Vec<(Time, Action)>,
    /// The entries that were applied, from index 1 on. Servers forget them when they take snapshots.
    applied: Vec<Entry>,
    tally: Tally,
    conduct: Conduct,
    /// What chance lost, and when it would have arrived.
    lost_by_chance: Vec<(Time, MessageSelector)>,
    /// Whether a judge gave up.
    is_undecided: bool,
    /// The situations it has come through, if somebody wants to know.
    coverage: Option<Coverage>,
    scratch: Vec<Event>,
}

impl Course {
    pub(crate) fn new(world: World, habits: Vec<Habit>) -> Self {
        Self {
            conduct: Conduct::of_habits(&world, habits),
            world,
            actions: Vec::new(),
            applied: Vec::new(),
            tally: Tally::default(),
            lost_by_chance: Vec::new(),
            is_undecided: false,
            coverage: None,
            scratch: Vec::new(),
        }
    }

    /// Plants a bug.
    pub(crate) fn plant(&mut self, sabotage: Sabotage) {
        self.world.plant(sabotage);
    }

    pub(crate) const fn world(&self) -> &World {
        &self.world
    }

    /// What was done and not refused, and when.
    pub(crate) fn actions(&self) -> &[(Time, Action)] {
        &self.actions
    }

    /// What happened so far, counted.
    pub(super) const fn tally(&self) -> &Tally {
        &self.tally
    }

    /// From now on the situations are remembered.
    pub(super) fn cover(&mut self) {
        self.coverage = Some(Coverage::default());
    }

    pub(super) const fn coverage(&self) -> Option<&Coverage> {
        self.coverage.as_ref()
    }

    /// Whether a judge could not say in time if what clients saw can be explained.
    pub(super) const fn is_undecided(&self) -> bool {
        self.is_undecided
    }

    pub(super) const fn leave_undecided(&mut self) {
        self.is_undecided = true;
    }

    /// From now on all is healed: what happens is no fault.
    pub(super) const fn begin_recovery(&mut self) {
        self.tally.is_over = true;
    }

    /// A leader was watched, and stayed.
    pub(super) const fn note_stay(&mut self) {
        self.tally.stays += 1;
    }

    /// What chance lost, and when it would have arrived.
    pub(super) fn lost_by_chance(&self) -> &[(Time, MessageSelector)] {
        &self.lost_by_chance
    }

    /// Does what a source says until `end`, and lets time pass until then. Ends at the first thing that must not be.
    pub(crate) fn endure(&mut self, source: &mut impl Source, end: Time) -> Result<(), Unhealthy> {
        while let Some(time) = source.next_time().filter(|&time| time <= end) {
            self.run_before(time)?;
            if let Some(coverage) = &mut self.coverage {
                coverage.look(&self.world);
            }
            for action in source.strike(&self.world) {
                self.act(&action, time)?;
            }
        }
        self.run_before(end.after(Time(1)))
    }

    /// Does something at a moment to which the run has not come yet, once everything that is due before is done. What makes no
    /// sense any more is refused, and then it is as if it had not been drawn.
    pub(crate) fn act(&mut self, action: &Action, time: Time) -> Result<(), Unhealthy> {
        debug_assert!(time >= self.world.now(), "the past is over");
        // What the action before has brought about may be overdue.
        self.run_before(time)?;
        let action = self.renamed(action);
        self.scratch.clear();
        if self.world.act(&action, time, &mut self.scratch).is_err() {
            return Ok(());
        }
        let restarted = if let Action::Restart { server } = action { Some(server) } else { None };
        if !self.scratch.iter().any(|event| matches!(event.kind, EventKind::Refused(_))) {
            self.tally.count_action(&action, &self.world);
        }
        self.actions.push((time, action));
        self.look()?;
        restarted.map_or(Ok(()), |server| self.check_restart(server))
    }

    /// The first moment at which nothing has happened yet.
    pub(crate) const fn fresh_moment(&self) -> Time {
        self.world.now().after(Time(1))
    }

    /// Executes every step that is due before `time`.
    pub(crate) fn run_before(&mut self, time: Time) -> Result<(), Unhealthy> {
        while self.world.has_step_before(time) {
            self.step()?;
        }
        Ok(())
    }

    /// Runs until something is true, but not to `deadline`; whether it is.
    pub(crate) fn run_until(&mut self, deadline: Time, is_true: impl Fn(&World) -> bool) -> Result<bool, Unhealthy> {
        while !is_true(&self.world) {
            if !self.world.has_step_before(deadline) {
                return Ok(false);
            }
            self.step()?;
        }
        Ok(true)
    }

    /// The commands in a node's log, those included that its snapshot stands for.
    pub(crate) fn commands<'a>(&'a self, node: &'a Node) -> BTreeSet<&'a [u8]> {
        let covered = node.log().last_included_index().0 as usize;
        let present = node.log().iter_from(LogIndex(1)).map(|(_, entry)| entry);
        let entries = self.applied.iter().take(covered).chain(present);
        entries.filter_map(command_of).collect()
    }

    fn step(&mut self) -> Result<(), Unhealthy> {
        self.scratch.clear();
        self.world.step(&mut self.scratch);
        if self.world.steps() > MAX_STEPS {
            return Err(Unhealthy::Confused(format!("the run has not ended after {MAX_STEPS} steps")));
        }
        self.look()
    }

    /// Takes in what just happened.
    fn look(&mut self) -> Result<(), Unhealthy> {
        self.tally.count_events(&self.scratch);
        self.remember();
        self.conduct.observe(&self.world, &self.scratch);
        if let Some(found) = self.world.violations().get(0) {
            return Err(Unhealthy::Violation(found.violation.clone()));
        }
        self.conduct.lapses().first().map_or(Ok(()), |lapse| Err(Unhealthy::Lapse(lapse.clone())))
    }

    /// Remembers what was just applied, and what was lost.
    fn remember(&mut self) {
        for event in &self.scratch {
            if let EventKind::Lost(lost, Loss::Chance) = event.kind {
                self.lost_by_chance.push((event.time, MessageSelector::Id(lost.message.0.into())));
            }
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

    /// Lets two copies of a server that was just restarted hear what is on its way to it.
    fn check_restart(&self, server: u64) -> Result<(), Unhealthy> {
        let Ok(server) = self.world.server_with_id(server) else { return Ok(()) };
        let Some(node) = server.node() else { return Ok(()) };
        let setup = NodeSetup { id: node.id(), options: *node.options(), rules: node.rules(), seed: self.world.seed() };
        let in_flight = self.world.messages();
        let messages: Vec<_> = in_flight.iter().map(|m| &m.message).filter(|m| m.to == node.id()).collect();
        twins::differ(setup, server.durable(), &messages).map_or(Ok(()), |found| Err(Unhealthy::Violation(found)))
    }

    /// The same action, with its message named by what it is instead of by its number where that is enough: numbers change
    /// with everything that was sent before.
    fn renamed(&self, action: &Action) -> Action {
        let mut action = action.clone();
        if let Action::Deliver { message }
        | Action::Drop { message }
        | Action::Duplicate { message }
        | Action::Delay { message, .. }
        | Action::Hold { message }
        | Action::Release { message } = &mut action
            && let MessageSelector::Id(id) = *message
            && let Some(pattern) = self.pattern_of(id)
        {
            *message = MessageSelector::Fits(pattern);
        }
        action
    }

    fn pattern_of(&self, id: u64) -> Option<MessagePattern> {
        let messages = self.world.messages();
        let wanted = messages.iter().find(|message| u64::from(message.id.0) == id)?;
        let kind = KindName::from(wanted.message.kind());
        let (from, to) = (Some(wanted.message.from.0), Some(wanted.message.to.0));
        let oldest = MessagePattern { kind: Some(kind), from, to, pick: None };
        let mut alike = messages.iter().filter(|message| oldest.fits(&message.message));
        if alike.next()?.id == wanted.id {
            return Some(oldest);
        }
        (alike.next_back()?.id == wanted.id).then_some(MessagePattern { pick: Some(Pick::Newest), ..oldest })
    }
}

fn command_of(entry: &Entry) -> Option<&[u8]> {
    match &entry.kind {
        EntryKind::Command(payload) => Some(payload.as_bytes()),
        _ => None,
    }
}
