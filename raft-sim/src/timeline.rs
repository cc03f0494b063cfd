//! Any moment of a run, and every branch of it.
//!
//! A run is kept as its actions, a stream of events and a few checkpoints. A past moment is the nearest checkpoint before it,
//! run forward. Acting in the past opens a branch; the old one stays as it was.

mod recording;
mod trace;

use std::sync::Arc;

use crate::action::Action;
use crate::condition::Condition;
use crate::config::ClusterConfig;
use crate::course::{Course, Landmark};
use crate::error::{ErrorCode, SimError};
use crate::event::{Event, EventId};
use crate::limits::MAX_BRANCHES;
use crate::scenario::Scenario;
use crate::time::Time;
use crate::world::{ActOutcome, World};
pub use recording::Recording;
pub(crate) use recording::Route;
use trace::Trace;
pub(crate) use trace::{pack_any, unpack_any};

/// Steps between checkpoints of a short run; the distance doubles whenever there are [`MAX_CHECKPOINTS`].
const FIRST_SPACING: u32 = 1_024;
/// Most checkpoints of a branch.
const MAX_CHECKPOINTS: usize = 128;

/// A run with all its branches, and the moment of it that is looked at.
pub struct Timeline<W: Course = World> {
    scenario: Arc<Scenario>,
    branches: Vec<Branch<W>>,
    current: BranchId,
    world: W,
    /// The moment that is shown: at or after the last step, before the next.
    shown: Time,
    scratch: Vec<Event<W::Kind>>,
}

/// The number of a branch, from 0.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BranchId(pub usize);

/// One course of events, from the start of the run.
#[derive(Clone)]
pub struct Branch<W: Course = World> {
    /// The branch it left, and the step at which it did.
    pub origin: Option<(BranchId, u32)>,
    /// What a person calls it.
    pub name: String,
    interventions: Vec<Intervention>,
    events: Trace<W::Kind>,
    landmarks: Vec<Mark>,
    checkpoints: Vec<Arc<W>>,
    spacing: u32,
    head_step: u32,
    end_time: Time,
}

/// A landmark of a branch.
#[derive(Clone, Copy, Debug)]
struct Mark {
    event: EventId,
    is_commit: bool,
    /// The highest term that anybody has begun by then.
    term: u64,
}

/// An action from outside, and where in the run it happened.
#[derive(Clone, Debug, PartialEq)]
struct Intervention {
    /// The number of steps before it.
    step: u32,
    time: Time,
    action: Action,
}

impl Timeline {
    /// A run of a scenario with all rules as it says.
    pub fn new(scenario: Scenario) -> Result<Self, SimError> {
        Self::begin(scenario)
    }

    /// A run without a script.
    pub fn of_cluster(cluster: ClusterConfig) -> Result<Self, SimError> {
        Self::new(Scenario::of_cluster(cluster))
    }
}

impl<W: Course> Timeline<W> {
    /// A run of a scenario in the world that its servers' design asks for.
    pub fn begin(scenario: Scenario) -> Result<Self, SimError> {
        scenario.validate()?;
        let scenario = Arc::new(scenario);
        let world = W::begin(&scenario)?;
        let trunk = Branch {
            origin: None,
            name: "main".into(),
            interventions: Vec::new(),
            events: Trace::default(),
            landmarks: Vec::new(),
            checkpoints: vec![Arc::new(world.clone())],
            spacing: FIRST_SPACING,
            head_step: 0,
            end_time: Time(0),
        };
        let branches = vec![trunk];
        Ok(Self { scenario, branches, current: BranchId(0), world, shown: Time(0), scratch: Vec::new() })
    }

    /// What is run.
    pub fn scenario(&self) -> &Scenario {
        &self.scenario
    }

    /// The moment that is looked at.
    pub const fn world(&self) -> &W {
        &self.world
    }

    /// The simulated time that is shown.
    pub const fn shown(&self) -> Time {
        self.shown
    }

    /// The branch that is looked at.
    pub fn branch(&self) -> &Branch<W> {
        &self.branches[self.current.0]
    }

    /// The number of the branch that is looked at.
    pub const fn current(&self) -> BranchId {
        self.current
    }

    /// All branches, the first one first.
    pub fn branches(&self) -> &[Branch<W>] {
        &self.branches
    }

    /// The events up to the moment that is looked at.
    pub fn events(&self, from: EventId, limit: usize) -> impl Iterator<Item = (EventId, Event<W::Kind>)> {
        let end = (from.0 as usize).saturating_add(limit).min(self.world.events() as usize);
        self.branch().events.range(from.0 as usize..end)
    }

    /// An event of the branch, even one that is still to come.
    pub fn event(&self, id: EventId) -> Option<Event<W::Kind>> {
        self.branch().events.get(id)
    }

    /// The chain of causes of an event, the first cause first and the event itself last.
    pub fn explain(&self, id: EventId) -> Result<Vec<EventId>, SimError> {
        let unknown = || SimError::new(ErrorCode::UnknownMoment, format!("this branch has no event {}", id.0));
        let mut chain = vec![id];
        let mut event = self.event(id).ok_or_else(unknown)?;
        // Causes come before their effects, so this ends.
        while let Some(cause) = event.cause().filter(|cause| *cause < chain[chain.len() - 1]) {
            chain.push(cause);
            event = self.event(cause).ok_or_else(unknown)?;
        }
        chain.reverse();
        Ok(chain)
    }

    /// The events of the branch, from one on, that a reader may want to jump to, each with the highest term that anybody has
    /// begun by then. Commitments, of which there are many, only if they are wanted.
    pub fn landmarks(&self, since: EventId, commits: bool) -> impl Iterator<Item = (EventId, u64, Event<W::Kind>)> {
        let branch = self.branch();
        let first = branch.landmarks.partition_point(|mark| mark.event < since);
        let marks = branch.landmarks[first..].iter().filter(move |mark| commits || !mark.is_commit).copied();
        branch
            .events
            .pick(marks.clone().map(|mark| mark.event))
            .zip(marks)
            .map(|((id, event), mark)| (id, mark.term, event))
    }

    /// Executes the next step; on a recorded stretch the recorded one. `false`: nothing is left to happen.
    pub fn step(&mut self) -> bool {
        self.step_until(Time(u64::MAX))
    }

    fn step_until(&mut self, limit: Time) -> bool {
        let branch = &mut self.branches[self.current.0];
        self.scratch.clear();
        let is_replay = self.world.steps() < branch.head_step;
        let intervention = if is_replay { branch.intervention_at(self.world.steps()) } else { None };
        let did = match intervention {
            Some(Intervention { time, .. }) if *time > limit => false,
            Some(intervention) => self.world.act(&intervention.action, intervention.time, &mut self.scratch).is_ok(),
            None => self.world.step_until(limit, &mut self.scratch),
        };
        if did && !is_replay {
            branch.record(&self.scratch, &self.world);
        }
        self.shown = self.shown.max(self.world.now());
        did
    }

    /// Executes every step that is due up to `time`, at most `max_steps`, and then shows that time. Returns the number of
    /// steps.
    pub fn advance_to(&mut self, time: Time, max_steps: usize) -> usize {
        for steps in 0..max_steps {
            if !self.step_until(time) {
                self.show(time);
                return steps;
            }
        }
        max_steps
    }

    /// Executes steps until the condition holds, at most `max_steps`. Whether it holds.
    pub fn run_until(&mut self, condition: &Condition, max_steps: usize) -> bool {
        for _ in 0..max_steps {
            if self.world.holds(condition) {
                return true;
            }
            if !self.step() {
                break;
            }
        }
        self.world.holds(condition)
    }

    /// Executes steps until the script is over, at most `max_steps`. Whether it is.
    pub fn run_script(&mut self, max_steps: usize) -> bool {
        for _ in 0..max_steps {
            if self.world.script().is_over() || !self.step() {
                break;
            }
        }
        self.world.script().is_over()
    }

    /// When the next step happens.
    pub fn next_time(&self) -> Option<Time> {
        let branch = self.branch();
        let is_replay = self.world.steps() < branch.head_step;
        let intervention = branch.intervention_at(self.world.steps()).filter(|_| is_replay);
        intervention.map(|intervention| intervention.time).or_else(|| self.world.next_time())
    }

    /// Repeats the current branch from its beginning up to the moment that is looked at, and shows the world after every
    /// step with what happened in it.
    pub fn retrace(&self, mut visit: impl FnMut(&W, &[Event<W::Kind>])) {
        let branch = self.branch();
        let mut world = W::clone(&branch.checkpoints[0]);
        let mut events = Vec::new();
        while world.steps() < self.world.steps() {
            events.clear();
            let did = match branch.intervention_at(world.steps()) {
                Some(Intervention { time, action, .. }) => world.act(action, *time, &mut events).is_ok(),
                None => world.step_until(Time(u64::MAX), &mut events),
            };
            if !did {
                break;
            }
            visit(&world, &events);
        }
    }

    /// Looks at the moment after `step` steps of the current branch.
    pub fn seek(&mut self, step: u32) -> Result<(), SimError> {
        let branch = &self.branches[self.current.0];
        if step > branch.head_step {
            let message = format!("this branch has {} steps, there is no step {step}", branch.head_step);
            return Err(SimError::new(ErrorCode::UnknownMoment, message));
        }
        let nearest = branch.checkpoint_before(step);
        if step < self.world.steps() || nearest.steps() > self.world.steps() {
            self.world = W::clone(nearest);
        }
        while self.world.steps() < step && self.step() {}
        self.shown = self.world.now();
        Ok(())
    }

    /// Looks at a time of the current branch, or at its end if that is earlier.
    pub fn seek_time(&mut self, time: Time) -> Result<(), SimError> {
        self.seek(self.step_at(time))?;
        self.show(time.min(self.branch().end_time));
        Ok(())
    }

    /// The last recorded step of the current branch at or before a time.
    pub fn step_at(&self, time: Time) -> u32 {
        let branch = self.branch();
        branch.events.last_step_at(time).unwrap_or(branch.head_step)
    }

    /// Carries out an action now. In the past, or when the branch is not at its end, it opens a new branch.
    pub fn act(&mut self, action: &Action) -> Result<ActOutcome, SimError> {
        self.world.check(action)?;
        if self.world.steps() < self.branch().head_step {
            self.fork()?;
        }
        self.branches[self.current.0].interventions.push(Intervention {
            step: self.world.steps(),
            time: self.shown,
            action: action.clone(),
        });
        self.scratch.clear();
        let outcome = self.world.act(action, self.shown, &mut self.scratch)?;
        self.branches[self.current.0].record(&self.scratch, &self.world);
        Ok(outcome)
    }

    /// Opens a branch at the present moment and looks at it.
    pub fn fork(&mut self) -> Result<BranchId, SimError> {
        if self.branches.len() >= MAX_BRANCHES {
            let message = format!("a run has at most {MAX_BRANCHES} branches");
            return Err(SimError::new(ErrorCode::TooManyBranches, message));
        }
        let id = BranchId(self.branches.len());
        let branch = self.branch().forked(self.current, &self.world, self.shown, format!("branch {}", id.0));
        self.branches.push(branch);
        self.current = id;
        Ok(id)
    }

    /// Looks at another branch, at its end or after `step` steps.
    pub fn switch_branch(&mut self, id: BranchId, step: Option<u32>) -> Result<(), SimError> {
        let unknown = || SimError::new(ErrorCode::UnknownMoment, format!("there is no branch {}", id.0));
        let branch = self.branches.get(id.0).ok_or_else(unknown)?;
        let step = step.unwrap_or(branch.head_step);
        if step > branch.head_step {
            return Err(unknown());
        }
        let end_time = branch.end_time;
        self.world = W::clone(branch.checkpoint_before(step));
        self.current = id;
        self.seek(step)?;
        if step == self.branch().head_step {
            self.show(end_time);
        }
        Ok(())
    }

    fn show(&mut self, time: Time) {
        self.shown = self.shown.max(time);
        let branch = &mut self.branches[self.current.0];
        if self.world.steps() == branch.head_step {
            branch.end_time = branch.end_time.max(self.shown);
        }
    }
}

impl<W: Course> Branch<W> {
    /// Number of steps.
    pub const fn head_step(&self) -> u32 {
        self.head_step
    }

    /// The latest time that was shown.
    pub const fn end_time(&self) -> Time {
        self.end_time
    }

    /// Number of events.
    pub const fn event_count(&self) -> usize {
        self.events.len()
    }

    fn record(&mut self, events: &[Event<W::Kind>], world: &W) {
        for event in events {
            if let Some(Landmark { is_commit, term }) = W::landmark(event) {
                let before = self.landmarks.last().map_or(0, |mark| mark.term);
                let event = EventId(self.events.len() as u32);
                self.landmarks.push(Mark { event, is_commit, term: term.unwrap_or(0).max(before) });
            }
            self.events.push(event);
        }
        self.head_step = world.steps();
        self.end_time = self.end_time.max(world.now());
        if self.head_step.is_multiple_of(self.spacing) {
            self.checkpoints.push(Arc::new(world.clone()));
            if self.checkpoints.len() > MAX_CHECKPOINTS {
                self.spacing *= 2;
                let spacing = self.spacing;
                self.checkpoints.retain(|checkpoint| checkpoint.steps().is_multiple_of(spacing));
            }
        }
    }

    fn checkpoint_before(&self, step: u32) -> &Arc<W> {
        let after = self.checkpoints.partition_point(|checkpoint| checkpoint.steps() <= step);
        &self.checkpoints[after - 1]
    }

    fn intervention_at(&self, step: u32) -> Option<&Intervention> {
        let at = self.interventions.binary_search_by_key(&step, |intervention| intervention.step).ok()?;
        self.interventions.get(at)
    }

    fn forked(&self, parent: BranchId, world: &W, shown: Time, name: String) -> Self {
        let step = world.steps();
        let mut fork = self.clone();
        fork.origin = Some((parent, step));
        fork.name = name;
        fork.interventions.retain(|intervention| intervention.step < step);
        fork.events.truncate(world.events() as usize);
        fork.landmarks.retain(|mark| mark.event.0 < world.events());
        fork.checkpoints.retain(|checkpoint| checkpoint.steps() <= step);
        fork.head_step = step;
        fork.end_time = shown;
        fork
    }
}
