//! The events that are still to come.

use crate::judge::problem::{NEVER, Problem};

/// The events of each lane in order, as linked lists: what is placed is taken out, and put back at no cost (Lowe 2017). The
/// number of a lane is that of its head.
pub(super) struct Lists {
    next: Vec<u32>,
    previous: Vec<u32>,
}

impl Lists {
    pub(super) fn new(problem: &Problem) -> Self {
        let (events, lanes) = (problem.events.len() as u32, problem.lanes);
        let mut next: Vec<_> = (1..=events).collect();
        let mut previous: Vec<_> = (0..events).map(|at| at.wrapping_sub(1)).collect();
        for lane in 0..lanes {
            let start = problem.events[lane].move_at;
            let end = problem.events[..lanes].get(lane + 1).map_or(events, |head| head.move_at);
            if start == end {
                next[lane] = NEVER;
                continue;
            }
            next[lane] = start;
            previous[start as usize] = lane as u32;
            next[end as usize - 1] = NEVER;
        }
        Self { next, previous }
    }

    /// What follows an event or the head of a lane; [`NEVER`]: nothing.
    pub(super) fn next(&self, at: u32) -> u32 {
        self.next[at as usize]
    }

    /// What stands before an event.
    pub(super) fn previous(&self, at: u32) -> u32 {
        self.previous[at as usize]
    }

    pub(super) fn unlink(&mut self, at: u32) {
        let (previous, next) = (self.previous(at), self.next(at));
        self.next[previous as usize] = next;
        if next != NEVER {
            self.previous[next as usize] = previous;
        }
    }

    /// Puts back what was taken out last.
    pub(super) fn link(&mut self, at: u32) {
        let (previous, next) = (self.previous(at), self.next(at));
        self.next[previous as usize] = at;
        if next != NEVER {
            self.previous[next as usize] = at;
        }
    }
}
