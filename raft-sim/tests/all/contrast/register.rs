//! What clients saw, before the judge.

use raft_sim::judge::{DEFAULT_BUDGET, History, Verdict};

/// The judge's verdict on the operations of a run, whose numbers are their places.
pub(crate) fn verdict<'a>(operations: impl Iterator<Item = &'a raft_sim::Operation>) -> Verdict {
    let history = History::of("a run", operations);
    history.validate().unwrap();
    history.linearizable(DEFAULT_BUDGET)
}

/// Whether a history is linearizable.
pub(crate) fn is_linearizable<'a>(operations: impl Iterator<Item = &'a raft_sim::Operation>) -> bool {
    match verdict(operations) {
        Verdict::Exhausted { steps, .. } => panic!("undecided after {steps} steps"),
        verdict => verdict.holds(),
    }
}
