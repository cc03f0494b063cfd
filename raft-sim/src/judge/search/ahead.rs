//! What counting tells before anything is tried.

use super::Search;
use crate::judge::problem::{Kind, Move, NEVER};
use crate::judge::states::State;

/// Events that are looked at ahead.
const LOOK_AHEAD: usize = 96;

/// How often a state can and must be reached from here to some return.
#[derive(Clone, Copy, Default)]
pub(super) struct Visits {
    round: u32,
    /// Operations that were called by then and make it.
    made: u32,
    /// Operations that had to take it and make another one of it.
    taken: u32,
}

impl Search<'_> {
    /// Looks a little ahead: whether each state that something needs before it returns can be made until then, as often as it
    /// is taken away. For keys without appends, and one lane.
    pub(super) fn has_enough_makers(&mut self) -> bool {
        if self.problem.lanes > 1 {
            // Other lanes can make what one needs at any time.
            return true;
        }
        for lane in 0..self.problem.lanes as u32 {
            let mut at = self.lists.next(lane);
            for _ in 0..LOOK_AHEAD {
                if at == NEVER {
                    break;
                }
                let event = self.problem.events[at as usize];
                let one = self.problem.moves[event.move_at as usize];
                if !self.problem.keys[one.key as usize].has_appends {
                    if event.is_return {
                        if !self.can_be_made(one, lane, at) {
                            return false;
                        }
                    } else if matches!(one.kind, Kind::Write | Kind::Cas) {
                        self.visits(one.makes).made += 1;
                    }
                }
                at = self.lists.next(at);
            }
        }
        true
    }

    fn visits(&mut self, state: State) -> &mut Visits {
        let visits = &mut self.visits[state as usize];
        if visits.round != self.round {
            *visits = Visits { round: self.round, made: 0, taken: 0 };
        }
        visits
    }

    /// Whether what an operation needs is there or can be made before it returns at an event.
    fn can_be_made(&mut self, one: Move, lane: u32, end: u32) -> bool {
        let needed = match one.kind {
            Kind::Read => 1,
            Kind::Cas if one.makes != one.needs => {
                self.visits(one.needs).taken += 1;
                self.visits(one.needs).taken
            }
            _ => return true,
        };
        let is_there = u32::from(self.current[one.key as usize] == one.needs);
        let made = self.visits(one.needs).made + is_there;
        made >= needed || made + self.maybes_until(one.needs, lane, end) >= needed
    }

    /// How many operations that may have taken effect make a state and were called before an event.
    fn maybes_until(&self, state: State, lane: u32, end: u32) -> u32 {
        let unused = |class: &u32| {
            let maybes = &self.problem.maybes[*class as usize];
            let called = maybes.members.partition_point(|(after, _)| *after <= end) as u32;
            if maybes.lane == lane { called.saturating_sub(self.used_maybes[*class as usize]) } else { 0 }
        };
        self.problem.makers[state as usize].iter().map(unused).sum()
    }
}
