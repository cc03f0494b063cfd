//! The search for an order that explains what clients saw.
//!
//! After Wing and Gong (1993), with the memory and the linked list of Lowe (2017): operations whose predecessors are all placed
//! are placed one after the other, and taken back when nothing fits. What keeps it short, and loses no explanation:
//!
//! - An answer that fits the present state is placed at once: it changes nothing, so it stands nowhere better.
//! - Of operations that do the same, the one that must be done first goes first.
//! - A value is not overwritten while an answer still needs it and nobody can write it again.
//! - A value that no answer needs is written just before another one, so nobody has to choose when.
//! - What may have taken effect did so only if that helps: just before an operation that needs it.

use super::memo::{Fingerprint, Memo};
use super::problem::{Kind, Move, NEVER, Problem};
use super::states::{JUNK, State};

/// How a search ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Found {
    /// An order of all operations that took effect, and of those that may have and did. Numbers of operations in the history.
    Order(Vec<u32>),
    /// There is none. The longest order that is legal, and the operations of which one should come next.
    Nothing { prefix: Vec<u32>, stuck: Vec<u32> },
    /// The budget was used up. The longest order so far, and the operations of which one should come next.
    GaveUp { prefix: Vec<u32>, stuck: Vec<u32> },
}

/// Events that are looked at ahead.
const LOOK_AHEAD: usize = 96;

/// Searches for an order in at most `budget` steps, which are counted down. A step places one operation that changes a state.
pub(super) fn search(problem: &mut Problem, budget: &mut u64) -> Found {
    Search::new(problem).run(budget)
}

/// The longest legal order that turns up in at most `budget` steps, and the operations of which one should come next. Unlike
/// [`search`], it goes on where counting tells that it leads nowhere.
pub(super) fn longest(problem: &mut Problem, budget: u64) -> (Vec<u32>, Vec<u32>) {
    let mut search = Search::new(problem);
    search.is_careless = true;
    match search.run(&mut budget.clone()) {
        Found::Order(prefix) => (prefix, Vec::new()),
        Found::Nothing { prefix, stuck } | Found::GaveUp { prefix, stuck } => (prefix, stuck),
    }
}

struct Search<'a> {
    problem: &'a mut Problem,
    /// Whether to go on where counting tells that it leads nowhere.
    is_careless: bool,
    next: Vec<u32>,
    previous: Vec<u32>,
    current: Vec<State>,
    /// The call event of each operation that took effect.
    calls: Vec<u32>,
    left: usize,
    /// How many answers need a state, how many operations of any kind do, and how many make it.
    needed: Vec<u32>,
    wanted: Vec<u32>,
    makers: Vec<u32>,
    /// Of each key: answers of a value to come, how many of the sorted ones are given, and what can overwrite it.
    answers: Vec<u32>,
    answered: Vec<u32>,
    overwriters: Vec<u32>,
    is_placed: Vec<bool>,
    used_maybes: Vec<u32>,
    order: Vec<u32>,
    fingerprint: Fingerprint,
    prints: Vec<Fingerprint>,
    memo: Memo,
    frames: Vec<Frame>,
    candidates: Vec<u32>,
    /// The candidate of each class, and in which round it was found.
    class_found: Vec<(u32, u32)>,
    round: u32,
    frontier: Vec<u32>,
    visits: Vec<Visits>,
    asked: Vec<State>,
    best: Vec<u32>,
    /// How much of the best order stands in the present one.
    shared: usize,
}

/// A configuration on the way: what can be tried in it, and how it is left.
struct Frame {
    start: u32,
    at: u32,
    end: u32,
    /// How long the order was before the move that led here, and what its key held.
    placed: u32,
    key: u32,
    held: State,
}

/// How often a state can and must be reached from here to some return.
#[derive(Clone, Copy, Default)]
struct Visits {
    round: u32,
    /// Operations that were called by then and make it.
    made: u32,
    /// Operations that had to take it and make another one of it.
    taken: u32,
}

impl<'a> Search<'a> {
    fn new(problem: &'a mut Problem) -> Self {
        let (events, lanes, moves) = (problem.events.len(), problem.lanes, problem.moves.len());
        // The lists of all lanes are closed in one circle: the next head ends a lane.
        let next =
            (0..events as u32).map(|at| if at < lanes as u32 { problem.events[at as usize].move_at } else { at + 1 });
        let mut next: Vec<_> = next.collect();
        let mut previous: Vec<_> = (0..events as u32).map(|at| at.wrapping_sub(1)).collect();
        for lane in 0..lanes {
            let start = problem.events[lane].move_at;
            let end =
                problem.events.get(lane + 1).filter(|_| lane + 1 < lanes).map_or(events as u32, |head| head.move_at);
            if start == end {
                next[lane] = NEVER;
                continue;
            }
            previous[start as usize] = lane as u32;
            next[end as usize - 1] = NEVER;
        }
        let mut calls = vec![NEVER; moves];
        for (at, event) in problem.events.iter().enumerate().skip(lanes) {
            if !event.is_return {
                calls[event.move_at as usize] = at as u32;
            }
        }
        let (states, keys) = (problem.states.count(), problem.keys.len());
        let (definite, classes) = (problem.definite, problem.classes);
        let current: Vec<_> = problem.keys.iter().map(|key| key.initial).collect();
        let maybes = problem.maybes.len();
        let mut search = Self {
            next,
            previous,
            current,
            calls,
            left: definite,
            needed: vec![0; states],
            wanted: vec![0; states],
            makers: vec![0; states],
            answers: vec![0; keys],
            answered: vec![0; keys],
            overwriters: vec![0; keys],
            is_placed: vec![false; moves],
            used_maybes: vec![0; maybes],
            order: Vec::new(),
            fingerprint: Fingerprint::default(),
            prints: (0..moves as u32).map(|at| Fingerprint::of(1, at)).collect(),
            memo: Memo::new(),
            frames: Vec::new(),
            candidates: Vec::new(),
            class_found: vec![(0, 0); classes],
            round: 0,
            frontier: vec![NEVER; lanes],
            visits: vec![Visits::default(); states],
            is_careless: false,
            asked: Vec::new(),
            best: Vec::new(),
            shared: 0,
            problem,
        };
        for at in 0..moves {
            search.count(at as u32, u32::wrapping_add);
        }
        search
    }

    fn run(mut self, budget: &mut u64) -> Found {
        self.place_answers();
        if self.left == 0 {
            return Found::Order(self.sources(&self.order));
        }
        self.open(0, 0, JUNK);
        while let Some(frame) = self.frames.last_mut() {
            if frame.at == frame.end {
                let Frame { start, placed, key, held, .. } = *frame;
                self.frames.pop();
                self.candidates.truncate(start as usize);
                if self.frames.is_empty() {
                    break;
                }
                self.take_back(placed, key, held);
                continue;
            }
            let candidate = self.candidates[frame.at as usize];
            frame.at += 1;
            if *budget == 0 {
                self.note_best();
                let stuck = self.stuck();
                return Found::GaveUp { prefix: self.sources(&self.best), stuck: self.sources(&stuck) };
            }
            *budget -= 1;
            let placed = self.order.len() as u32;
            let key = self.problem.moves[candidate as usize].key;
            let held = self.current[key as usize];
            self.place_move(candidate);
            if self.left == 0 {
                return Found::Order(self.sources(&self.order));
            }
            if self.memo.insert(self.fingerprint) {
                self.open(placed, key, held);
            } else {
                self.take_back(placed, key, held);
            }
        }
        self.note_best();
        let stuck = self.stuck();
        Found::Nothing { prefix: self.sources(&self.best), stuck: self.sources(&stuck) }
    }

    /// Notes a configuration and what can be tried in it.
    fn open(&mut self, placed: u32, key: u32, held: State) {
        let start = self.candidates.len() as u32;
        self.collect();
        self.frames.push(Frame { start, at: start, end: self.candidates.len() as u32, placed, key, held });
    }

    /// Appends everything that can be placed next and makes sense, in the order in which it is tried.
    fn collect(&mut self) {
        self.round += 1;
        if !self.is_careless && !self.has_enough_makers() {
            return;
        }
        let start = self.candidates.len();
        self.asked.clear();
        for lane in 0..self.problem.lanes {
            let mut at = self.next[lane];
            self.frontier[lane] = NEVER;
            while at != NEVER {
                let event = self.problem.events[at as usize];
                if event.is_return {
                    self.frontier[lane] = at;
                    break;
                }
                self.consider(event.move_at);
                at = self.next[at as usize];
            }
        }
        let moves = &self.problem.moves;
        self.candidates[start..].sort_unstable_by_key(|at| moves[*at as usize].rank);
        if !self.problem.maybes.is_empty() {
            self.collect_maybes();
        }
    }

    /// Looks a little ahead: whether each state that something needs before it returns can be made until then, as often as it
    /// is taken away. For keys without appends, and one lane.
    fn has_enough_makers(&mut self) -> bool {
        if self.problem.lanes > 1 {
            // Other lanes can make what one needs at any time.
            return true;
        }
        for lane in 0..self.problem.lanes {
            let mut at = self.next[lane];
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
                at = self.next[at as usize];
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
    fn can_be_made(&mut self, one: Move, lane: usize, end: u32) -> bool {
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
    fn maybes_until(&self, state: State, lane: usize, end: u32) -> u32 {
        let unused = |class: &u32| {
            let maybes = &self.problem.maybes[*class as usize];
            let called = maybes.members.partition_point(|(after, _)| *after <= end) as u32;
            if maybes.lane as usize == lane { called.saturating_sub(self.used_maybes[*class as usize]) } else { 0 }
        };
        self.problem.makers[state as usize].iter().map(unused).sum()
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

    fn result(&mut self, one: Move, held: State) -> State {
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

    /// Places an operation that changes a state, and every answer that fits then.
    fn place_move(&mut self, at: u32) {
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
        for lane in 0..self.problem.lanes {
            let mut at = self.next[lane];
            while at != NEVER {
                let event = self.problem.events[at as usize];
                if event.is_return {
                    break;
                }
                let one = self.problem.moves[event.move_at as usize];
                let before = self.previous[at as usize];
                if one.kind == Kind::Write && one.key == key && self.is_unwanted(one.makes) && event.move_at != except {
                    self.place(event.move_at);
                    at = self.next[before as usize];
                } else {
                    at = self.next[at as usize];
                }
            }
        }
    }

    /// Whether no operation needs a state of a key without appends.
    fn is_unwanted(&self, state: State) -> bool {
        state == JUNK || self.wanted[state as usize] == 0
    }

    /// Places every answer that fits what the keys hold.
    fn place_answers(&mut self) {
        for lane in 0..self.problem.lanes {
            let mut at = self.next[lane];
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
                let before = self.previous[at as usize];
                if fits {
                    self.place(event.move_at);
                    at = self.next[before as usize];
                } else {
                    at = self.next[at as usize];
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
        self.unlink(self.calls[at as usize]);
        self.unlink(one.end);
        if one.kind == Kind::Read && self.problem.keys[one.key as usize].only_grows {
            let answers = &self.problem.keys[one.key as usize].answers;
            let answered = &mut self.answered[one.key as usize];
            while answers.get(*answered as usize).is_some_and(|answer| self.is_placed[*answer as usize]) {
                *answered += 1;
            }
        }
    }

    /// Takes back everything after `placed`: the last move, and what was placed with it.
    fn take_back(&mut self, placed: u32, key: u32, held: State) {
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
            self.link(one.end);
            self.link(self.calls[at as usize]);
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
    fn count(&mut self, at: u32, change: fn(u32, u32) -> u32) {
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

    fn unlink(&mut self, at: u32) {
        let (previous, next) = (self.previous[at as usize], self.next[at as usize]);
        self.next[previous as usize] = next;
        if next != NEVER {
            self.previous[next as usize] = previous;
        }
    }

    fn link(&mut self, at: u32) {
        let (previous, next) = (self.previous[at as usize], self.next[at as usize]);
        self.next[previous as usize] = at;
        if next != NEVER {
            self.previous[next as usize] = at;
        }
    }

    /// Keeps the longest order. Only what differs from the last one is copied.
    fn note_best(&mut self) {
        if self.order.len() > self.best.len() {
            self.best.truncate(self.shared);
            self.best.extend_from_slice(&self.order[self.shared..]);
            self.shared = self.order.len();
        }
    }

    /// What should have come after the longest order: what took effect and has no predecessor left.
    fn stuck(&self) -> Vec<u32> {
        let mut is_placed = vec![false; self.problem.moves.len()];
        for at in &self.best {
            is_placed[*at as usize] = true;
        }
        let mut stuck = Vec::new();
        let mut is_open = true;
        for (at, event) in self.problem.events.iter().enumerate().skip(self.problem.lanes) {
            is_open |= (0..self.problem.lanes).any(|lane| self.problem.events[lane].move_at as usize == at);
            if is_placed[event.move_at as usize] || !is_open {
                continue;
            }
            if event.is_return {
                is_open = false;
            } else {
                stuck.push(event.move_at);
            }
        }
        stuck
    }

    fn sources(&self, order: &[u32]) -> Vec<u32> {
        order.iter().map(|at| self.problem.moves[*at as usize].source).collect()
    }
}
