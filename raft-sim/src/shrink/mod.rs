//! Shrinking: a failing run loses everything that it does not need in order to fail.
//!
//! Delta debugging over the actions, then over the cluster, the actions' details and the times. Every candidate is run for
//! real; one is taken if the same property fails. Nothing is random, so the same failure shrinks to the same run.
//!
//! ```
//! use raft_sim::chaos::{Style, Trial};
//! use raft_sim::shrink::Shrinker;
//! use raft_sim::RuleName;
//!
//! let mut trial = Trial::without(Style::Swarm, 1, &[RuleName::Majority]);
//! let failure = trial.failure().expect("half is not a majority");
//! let mut shrinker = Shrinker::new(failure);
//! while !shrinker.is_over() && shrinker.attempts() < 400 {
//!     shrinker.advance(50);
//! }
//! println!("{} actions", shrinker.best().len());
//! ```

mod details;
mod surroundings;

use crate::action::Action;
use crate::chaos::{Case, Failure};
use crate::time::Time;

/// A failure on its way to a smaller one. To stop, drop it: the best so far is always whole.
#[derive(Clone)]
pub struct Shrinker {
    best: Failure,
    property: &'static str,
    pass: Pass,
    /// The number of the next candidate of this pass.
    position: usize,
    /// How many actions are taken out at once.
    chunk: usize,
    /// Whether something became smaller since the first pass began.
    has_gained: bool,
    attempts: u64,
}

/// What is tried, one after the other, until a whole round brings nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Pass {
    /// Runs of actions are left out, long ones first.
    Actions,
    /// The cluster and its world become simpler.
    Surroundings,
    /// Actions are left out one by one, with another seed.
    Seeds,
    /// Actions do less.
    Details,
    /// Time passes more quickly.
    Times,
    Over,
}

/// Other seeds that are tried for each action.
const SEEDS: usize = 6;

type Actions = Vec<(Time, Action)>;

impl Shrinker {
    /// Begins with a failure.
    pub fn new(failure: Failure) -> Self {
        let (property, chunk) = (failure.problem().property(), failure.len());
        Self { best: failure, property, pass: Pass::Actions, position: 0, chunk, has_gained: false, attempts: 0 }
    }

    /// The smallest failure so far.
    pub const fn best(&self) -> &Failure {
        &self.best
    }

    /// How many runs it took.
    pub const fn attempts(&self) -> u64 {
        self.attempts
    }

    /// Whether nothing more can be left out.
    pub fn is_over(&self) -> bool {
        self.pass == Pass::Over
    }

    /// Tries at most `attempts` smaller runs. Returns how many were tried.
    pub fn advance(&mut self, attempts: u64) -> u64 {
        let before = self.attempts;
        while self.attempts - before < attempts && !self.is_over() {
            match self.candidate() {
                Some((case, actions)) => self.attempt(&case, &actions),
                None => self.next_pass(),
            }
        }
        self.attempts - before
    }

    fn attempt(&mut self, case: &Case, actions: &[(Time, Action)]) {
        self.attempts += 1;
        let found = case.fails(actions).filter(|found| found.problem().property() == self.property);
        // Healing afterwards is worth leaving out, too.
        let found = found.filter(|found| self.best.case.recovers || !found.case.recovers);
        match found {
            Some(found) => {
                self.best = found;
                self.has_gained = true;
                // What comes next has moved to this place. Details and surroundings may go on getting smaller.
            }
            None => self.position += if self.pass == Pass::Actions { self.chunk } else { 1 },
        }
    }

    /// What is tried next in this pass, if anything is left.
    fn candidate(&mut self) -> Option<(Case, Actions)> {
        let (case, actions) = (&self.best.case, &self.best.actions);
        match self.pass {
            Pass::Actions => {
                while self.position >= actions.len() {
                    if self.chunk <= 1 {
                        return None;
                    }
                    (self.chunk, self.position) = (self.chunk.div_ceil(2).min(actions.len().max(1)), 0);
                    if actions.is_empty() {
                        return None;
                    }
                }
                Some((case.clone(), without(actions, self.position, self.chunk)))
            }
            Pass::Surroundings => loop {
                match surroundings::simpler(&self.best, self.position)? {
                    Some(simpler) => return Some(simpler),
                    None => self.position += 1,
                }
            },
            Pass::Seeds => {
                let (at, step) = (self.position / SEEDS, self.position % SEEDS);
                (at < actions.len()).then(|| {
                    let mut case = case.clone();
                    case.cluster.seed = Some(case.cluster.seed.unwrap_or_default() % 1_000_003 + 1 + step as u64);
                    (case, without(actions, at, 1))
                })
            }
            Pass::Details => loop {
                match details::simpler(actions, self.position)? {
                    Some(simpler) => return Some((case.clone(), simpler)),
                    None => self.position += 1,
                }
            },
            Pass::Times => loop {
                match details::quicker(&self.best, self.position)? {
                    Some(quicker) => return Some(quicker),
                    None => self.position += 1,
                }
            },
            Pass::Over => None,
        }
    }

    fn next_pass(&mut self) {
        self.position = 0;
        self.pass = match self.pass {
            Pass::Actions => Pass::Surroundings,
            Pass::Surroundings => Pass::Seeds,
            Pass::Seeds => Pass::Details,
            Pass::Details => Pass::Times,
            Pass::Times if self.has_gained => {
                self.has_gained = false;
                self.chunk = (self.best.len() / 2).max(1);
                Pass::Actions
            }
            Pass::Times | Pass::Over => Pass::Over,
        };
    }
}

/// The actions without `count` of them from `at` on.
fn without(actions: &[(Time, Action)], at: usize, count: usize) -> Actions {
    let end = (at + count).min(actions.len());
    [&actions[..at], &actions[end..]].concat()
}
