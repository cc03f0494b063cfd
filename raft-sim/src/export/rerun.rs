//! A run once more, step by step, so that every state on the way can be seen.

use crate::error::{ErrorCode, SimError};
use crate::event::{Event, EventId};
use crate::limits::MAX_TRACE_STEPS;
use crate::timeline::Route;
use crate::world::World;

/// A run on its way.
pub(super) struct Rerun<'a> {
    route: Route<'a>,
    /// The number of actions that are done.
    acted: usize,
    world: World,
    events: Vec<Event>,
}

impl<'a> Rerun<'a> {
    pub(super) fn new(route: Route<'a>) -> Result<Self, SimError> {
        if route.steps > MAX_TRACE_STEPS {
            let message = format!("a run of {} steps is too long, at most {MAX_TRACE_STEPS} are allowed", route.steps);
            return Err(SimError::new(ErrorCode::OutOfRange, message).at("branches[0].headStep"));
        }
        route.scenario.validate().map_err(|error| error.at("scenario"))?;
        let world = World::new(route.scenario).map_err(|error| error.at("scenario"))?;
        Ok(Self { route, acted: 0, world, events: Vec::new() })
    }

    /// Executes the next step. `false`: the end is reached. It is an error if the run cannot go on as it was recorded.
    pub(super) fn step(&mut self) -> Result<bool, SimError> {
        self.events.clear();
        let step = self.world.steps();
        if step >= self.route.steps {
            return Ok(false);
        }
        match self.route.actions.get(self.acted) {
            Some((at, time, action)) if *at == step => {
                let path = format!("branches[0].actions[{}]", self.acted);
                self.acted += 1;
                self.world.act(action, *time, &mut self.events).map_err(|error| error.at(path))?;
            }
            _ if self.world.step(&mut self.events) => {}
            _ => {
                let message = format!("nothing is left to happen after step {step} of {}", self.route.steps);
                return Err(SimError::new(ErrorCode::UnknownMoment, message).at("branches[0].headStep"));
            }
        }
        Ok(true)
    }

    /// The state after the last step.
    pub(super) const fn world(&self) -> &World {
        &self.world
    }

    /// What happened in the last step.
    pub(super) fn events(&self) -> impl Iterator<Item = (EventId, &Event)> {
        let first = self.world.events() - self.events.len() as u32;
        (first..).map(EventId).zip(&self.events)
    }
}
