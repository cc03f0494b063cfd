//! What can be placed next, and makes sense.

use super::Search;
use crate::judge::problem::{Kind, Move, NEVER};
use crate::judge::states::{JUNK, State};

impl Search<'_> {
    /// Appends everything that can be placed next and makes sense, in the order in which it is tried.
    pub(super) fn collect(&mut self) {
        self.round += 1;
        if !self.is_careless && !self.has_enough_makers() {
            return;
        }
        let start = self.candidates.len();
        self.asked.clear();
        for lane in 0..self.problem.lanes {
            let mut at = self.lists.next(lane as u32);
            self.frontier[lane] = NEVER;
            while at != NEVER {
                let event = self.problem.events[at as usize];
                if event.is_return {
                    self.frontier[lane] = at;
                    break;
                }
                self.consider(event.move_at);
                at = self.lists.next(at);
            }
        }
        let moves = &self.problem.moves;
        self.candidates[start..].sort_unstable_by_key(|at| moves[*at as usize].rank);
        if !self.problem.maybes.is_empty() {
            self.collect_maybes();
        }
    }

    fn consider(&mut self, at: u32) {
        let one = self.problem.moves[at as usize];
        let held = self.current[one.key as usize];
        match one.kind {
            Kind::Read => self.asked.push(one.needs),
            // It needs anything but what there is.
            Kind::Refute => self.asked.push(NEVER),
            Kind::Cas if held != one.needs => self.asked.push(one.needs),
            _ => {
                if !self.is_viable(one, held) {
                    return;
                }
                let (round, place) = self.class_found[one.class as usize];
                if round != self.round {
                    self.class_found[one.class as usize] = (self.round, self.candidates.len() as u32);
                    self.candidates.push(at);
                } else if one.end < self.problem.moves[self.candidates[place as usize] as usize].end {
                    self.candidates[place as usize] = at;
                }
            }
        }
    }

    /// Appends what may have taken effect, where that helps.
    fn collect_maybes(&mut self) {
        let from = self.candidates.len();
        // What is asked for may be made by a cas, which asks for something itself: the list grows while it is read.
        let mut place = 0;
        let mut any = false;
        while let Some(state) = self.asked.get(place).copied() {
            place += 1;
            any |= state == NEVER;
            if self.asked[..place - 1].contains(&state) {
                continue;
            }
            for number in 0..self.problem.makers.get(state as usize).map_or(0, Vec::len) {
                let class = self.problem.makers[state as usize][number];
                if let Some(at) = self.next_maybe(class)
                    && self.consider_maybe(at, from)
                {
                    self.asked.push(self.problem.moves[at as usize].needs);
                }
            }
        }
        for key in 0..self.problem.keys.len() {
            // Whether an append helps cannot be told from what is asked for now.
            if !self.problem.keys[key].has_appends && !any {
                continue;
            }
            for number in 0..self.problem.keys[key].maybes.len() {
                let class = self.problem.keys[key].maybes[number];
                if let Some(at) = self.next_maybe(class) {
                    self.consider_maybe(at, from);
                }
            }
        }
    }

    /// Adds a candidate unless it is there already. `true`: it first needs another state.
    fn consider_maybe(&mut self, at: u32, from: usize) -> bool {
        let one = self.problem.moves[at as usize];
        let held = self.current[one.key as usize];
        if one.kind == Kind::Cas && held != one.needs {
            return true;
        }
        let key = &self.problem.keys[one.key as usize];
        let must_show = key.has_appends && !key.has_refutes;
        let is_new = !self.candidates[from..].contains(&at);
        if is_new && !(must_show && self.result(one, held) == JUNK) && self.is_viable(one, held) {
            self.candidates.push(at);
        }
        false
    }

    /// The next operation of a class that may have taken effect, if it was called by now.
    fn next_maybe(&self, class: u32) -> Option<u32> {
        let maybes = &self.problem.maybes[class as usize];
        let (after, at) = *maybes.members.get(self.used_maybes[class as usize] as usize)?;
        (self.frontier[maybes.lane as usize] >= after).then_some(at)
    }

    pub(super) fn result(&mut self, one: Move, held: State) -> State {
        match one.kind {
            Kind::Append => self.problem.states.append(one.key as usize, held, one.makes),
            _ => one.makes,
        }
    }

    /// Whether everything that must still be answered can be after a move, as far as counting tells.
    fn is_viable(&mut self, one: Move, held: State) -> bool {
        if self.is_careless {
            return true;
        }
        let at = one.key as usize;
        if !self.problem.keys[at].has_appends {
            let makes_it = one.makes == held;
            let is_own = one.kind == Kind::Cas && one.end != NEVER && one.needs == held;
            let needed = self.needed[held as usize] - u32::from(is_own);
            return makes_it || needed == 0 || held == JUNK || self.makers[held as usize] > 0;
        }
        let result = self.result(one, held);
        let key = &self.problem.keys[at];
        if key.only_grows {
            let next = key.answers.get(self.answered[at] as usize);
            return next.is_none_or(|next| {
                let wanted = self.problem.moves[*next as usize].needs;
                result != JUNK && self.problem.states.length(at, result) <= self.problem.states.length(at, wanted)
            });
        }
        let is_own = u32::from(one.kind == Kind::Cas && one.end != NEVER);
        let is_overwriter = u32::from(one.kind != Kind::Append);
        result != JUNK || self.answers[at] == is_own || self.overwriters[at] > is_overwriter
    }
}
