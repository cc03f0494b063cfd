//! Placing operations, and taking them back.

use super::Search;
use crate::judge::memo::Fingerprint;
use crate::judge::problem::{Kind, NEVER};
use crate::judge::states::{JUNK, State};

impl Search<'_> {
    /// Places an operation that changes a state, and every answer that fits then.
    pub(super) fn place_move(&mut self, at: u32) {
        let one = self.problem.moves[at as usize];
        let key = &self.problem.keys[one.key as usize];
        if one.kind == Kind::Write && !key.has_appends && !key.has_refutes {
            self.place_unwanted(at, one.key);
        }
        let held = self.current[one.key as usize];
        let state = self.result(one, held);
        self.place(at);
        self.hold(one.key, state);
        self.place_answers();
    }

    /// Places the writes that nobody will see before one that overwrites them.
    fn place_unwanted(&mut self, except: u32, key: u32) {
        for lane in 0..self.problem.lanes as u32 {
            let mut at = self.lists.next(lane);
            while at != NEVER {
                let event = self.problem.events[at as usize];
                if event.is_return {
                    break;
                }
                let one = self.problem.moves[event.move_at as usize];
                let before = self.lists.previous(at);
                if one.kind == Kind::Write && one.key == key && self.is_unwanted(one.makes) && event.move_at != except {
                    self.place(event.move_at);
                    at = self.lists.next(before);
                } else {
                    at = self.lists.next(at);
                }
            }
        }
    }

    /// Whether no operation needs a state of a key without appends.
    fn is_unwanted(&self, state: State) -> bool {
        state == JUNK || self.wanted[state as usize] == 0
    }

    /// Places every answer that fits what the keys hold.
    pub(super) fn place_answers(&mut self) {
        for lane in 0..self.problem.lanes as u32 {
            let mut at = self.lists.next(lane);
            while at != NEVER {
                let event = self.problem.events[at as usize];
                if event.is_return {
                    break;
                }
                let one = &self.problem.moves[event.move_at as usize];
                let held = self.current[one.key as usize];
                let fits = match one.kind {
                    // What was read is never junk.
                    Kind::Read => one.needs == held,
                    Kind::Refute => one.needs != held,
                    _ => false,
                };
                let before = self.lists.previous(at);
                if fits {
                    self.place(event.move_at);
                    at = self.lists.next(before);
                } else {
                    at = self.lists.next(at);
                }
            }
        }
    }

    fn place(&mut self, at: u32) {
        self.order.push(at);
        self.is_placed[at as usize] = true;
        self.fingerprint.toggle(self.prints[at as usize]);
        self.count(at, u32::wrapping_sub);
        let one = self.problem.moves[at as usize];
        if one.end == NEVER {
            self.used_maybes[one.class as usize] += 1;
            return;
        }
        self.left -= 1;
        self.lists.unlink(self.calls[at as usize]);
        self.lists.unlink(one.end);
        if one.kind == Kind::Read && self.problem.keys[one.key as usize].only_grows {
            let answers = &self.problem.keys[one.key as usize].answers;
            let answered = &mut self.answered[one.key as usize];
            while answers.get(*answered as usize).is_some_and(|answer| self.is_placed[*answer as usize]) {
                *answered += 1;
            }
        }
    }

    /// Takes back everything after `placed`: the last move, and what was placed with it.
    pub(super) fn take_back(&mut self, placed: u32, key: u32, held: State) {
        self.note_best();
        self.shared = self.shared.min(placed as usize);
        while self.order.len() > placed as usize
            && let Some(at) = self.order.pop()
        {
            let one = self.problem.moves[at as usize];
            self.is_placed[at as usize] = false;
            self.fingerprint.toggle(self.prints[at as usize]);
            self.count(at, u32::wrapping_add);
            if one.end == NEVER {
                self.used_maybes[one.class as usize] -= 1;
                continue;
            }
            self.left += 1;
            self.lists.link(one.end);
            self.lists.link(self.calls[at as usize]);
            if one.kind == Kind::Read && self.problem.keys[one.key as usize].only_grows {
                self.recount_answers(one.key as usize, at);
            }
        }
        self.hold(key, held);
    }

    /// An answer is open again, and with it what is longer.
    fn recount_answers(&mut self, key: usize, at: u32) {
        let states = &self.problem.states;
        let length = states.length(key, self.problem.moves[at as usize].needs);
        let is_shorter = |answer: &u32| states.length(key, self.problem.moves[*answer as usize].needs) < length;
        let first = self.problem.keys[key].answers.partition_point(is_shorter) as u32;
        self.answered[key] = self.answered[key].min(first);
        let answers = &self.problem.keys[key].answers;
        while answers.get(self.answered[key] as usize).is_some_and(|answer| self.is_placed[*answer as usize]) {
            self.answered[key] += 1;
        }
    }

    fn hold(&mut self, key: u32, state: State) {
        let held = std::mem::replace(&mut self.current[key as usize], state);
        // States have numbers of their own, but for junk, which every key can hold.
        let print = |state| Fingerprint::of(2 + u64::from(if state == JUNK { key } else { 0 }), state);
        self.fingerprint.toggle(print(held));
        self.fingerprint.toggle(print(state));
    }

    /// Keeps the counts of what is still needed, wanted and made.
    pub(super) fn count(&mut self, at: u32, change: fn(u32, u32) -> u32) {
        let one = self.problem.moves[at as usize];
        let update = |counts: &mut Vec<u32>, at: u32| {
            if let Some(count) = counts.get_mut(at as usize) {
                *count = change(*count, 1);
            }
        };
        match one.kind {
            Kind::Read => {
                update(&mut self.needed, one.needs);
                update(&mut self.wanted, one.needs);
                update(&mut self.answers, one.key);
            }
            Kind::Refute | Kind::Append => {}
            Kind::Write | Kind::Cas => {
                update(&mut self.makers, one.makes);
                update(&mut self.overwriters, one.key);
                if one.kind == Kind::Cas {
                    update(&mut self.wanted, one.needs);
                    if one.end != NEVER {
                        update(&mut self.needed, one.needs);
                        update(&mut self.answers, one.key);
                    }
                }
            }
        }
    }
}
