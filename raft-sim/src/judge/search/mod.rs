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

mod ahead;
mod best;
mod candidates;
mod lists;
mod placing;

use super::memo::{Fingerprint, Memo};
use super::problem::{NEVER, Problem};
use super::states::{JUNK, State};
use ahead::Visits;
use lists::Lists;

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
    lists: Lists,
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

impl<'a> Search<'a> {
    fn new(problem: &'a mut Problem) -> Self {
        let (lanes, moves) = (problem.lanes, problem.moves.len());
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
            lists: Lists::new(problem),
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
}
